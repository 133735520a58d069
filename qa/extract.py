"""The composer that needs no language model: it picks the fewest sentences of the hits that answer the question."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from index import keywords
from index.chunk import Sentence, sentences
from index.snapshot import Snapshot
from index.types import Article, Chunk, Hit, Span
from qa.copies import same_words
from qa.rerank import Reranker
from qa.types import Draft, DraftSentence, Quote

READ = 40
"""Sentences that the cross-encoder reads alone, chosen by the question's terms; 34 take about 0.25 s on two cores."""
READ_IN_CONTEXT = 12
"""Sentences that it reads again behind the sentence before them."""
SLOPE, OFFSET = 0.93, 2.29
"""Confidence is 1 / (1 + exp(-(SLOPE * score + OFFSET))), fitted by logistic regression to the best sentence's score.

Fitted by `tests/bench/refusal.py --questions 100` to 50 questions each of squad2 and onestopqa, asked of an index that
has their articles and of one that has not. A score of -1.0, the least of an answer, was chosen on an earlier sample of
100 so that it refuses 97 % of what cannot be answered. Here, on the halves fitted to | not fitted to: squad2 98 % |
100 % answered, onestopqa 92 % | 82 %; asked of the other set's articles 1 % | 1 %.
"""
ANSWERS = 1 / (1 + math.exp(-(SLOPE * -1.0 + OFFSET)))
"""The least confidence with which an answer is given: that of a score of -1.0."""
SECOND = 0.0
NEAR = 0.5
"""A second sentence is shown when its own logit is at least SECOND and its score is within NEAR of the best one's.

On 100 squad2 questions the answer stands in what is shown for 86 % with 0.5 (one answer in nine has two sentences), for
87 % with 2 (three in ten).
"""
AS_WELL = 2.0
"""For a question about now, a sentence within this of the best score is as good, and may be newer."""
LEANS = 3.0
"""A sentence whose logit grows by more than this behind the one before it is shown behind that one."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A sentence that may answer, with the one before it. Scores are cross-encoder logits.

    `alone` is the sentence's own, `in_context` that of the two together: "Homs, which is 25 miles farther south"
    answers only behind the sentence that speaks of Hama. `coverage` is the share of the question's terms that the two
    hold, weighted by how rare each is.
    """

    article: Article
    start: int
    end: int
    before: tuple[int, int] | None
    coverage: float
    alone: float = -11.0
    in_context: float = -11.0

    @property
    def score(self) -> float:
        return (self.alone + self.in_context) / 2

    @property
    def text(self) -> str:
        return self.article.text[self.start : self.end]

    @property
    def context(self) -> str:
        return self.article.text[self.before[0] : self.before[1]] + " " + self.text if self.before else self.text


def compose(candidates: Sequence[Candidate], hits: Sequence[Hit], *, newest: bool = False) -> Draft:
    """Choose the sentences that answer from the candidates, best first; none, when nothing in them does.

    Every sentence is the article's own words, and its one quote is itself. `newest` prefers, of those that answer about
    as well, the sentence of the newest article.
    """
    if not candidates:
        return Draft((), tuple(hits), 0.0)
    sure = confidence(candidates[0])
    if sure < ANSWERS:
        return Draft((), tuple(hits), sure)
    if newest:
        near = [c for c in candidates if candidates[0].score - c.score <= AS_WELL]
        first = max(near, key=lambda c: (c.article.published or "")[:10])  # of one day, the best
        candidates = [first, *(c for c in candidates if c is not first)]
    quotes = _choose(candidates)
    return Draft(tuple(DraftSentence(shown(q), (q,)) for q in quotes), tuple(hits), sure)


def confidence(best: Candidate) -> float:
    """How sure it is, in 0..1, that the best candidate answers."""
    return 1 / (1 + math.exp(-(SLOPE * best.score + OFFSET)))


def shown(quote: Quote) -> str:
    """The words of a quote on one line."""
    return " ".join(quote.article.text[quote.start : quote.end].split())


def read(snapshot: Snapshot, reranker: Reranker, question: str, hits: Sequence[Hit]) -> list[Candidate]:
    """The sentences of the hits, scored, best first. Headings and questions are never candidates."""
    terms = keywords.query_terms(question)
    counts, total = snapshot.term_counts(terms), snapshot.count("chunk")
    rarity = {t: math.log(1 + (total - counts.get(t, 0) + 0.5) / (counts.get(t, 0) + 0.5)) for t in terms}
    found = sorted(_sentences(hits, rarity), key=lambda c: -c.coverage)[:READ]
    alone = reranker.scores(question, [c.text for c in found])
    found = [replace(c, alone=float(s), in_context=float(s)) for c, s in zip(found, alone, strict=True)]
    # a sentence that needs the one before it scores low alone, but holds the question's rare words
    promising = sorted(found, key=lambda c: -(c.alone / 4 + 4 * c.coverage))
    again, rest = promising[:READ_IN_CONTEXT], promising[READ_IN_CONTEXT:]
    with_before = [c for c in again if c.before]
    together = reranker.scores(question, [c.context for c in with_before])
    scored = {id(c): float(s) for c, s in zip(with_before, together, strict=True)}
    again = [replace(c, in_context=scored.get(id(c), c.alone)) for c in again]
    rest = [replace(c, in_context=min(c.alone, 0.0)) for c in rest]
    return sorted([*again, *rest], key=lambda c: -c.score)


def _sentences(hits: Sequence[Hit], rarity: dict[str, float]) -> list[Candidate]:
    """Every sentence of the hits once, in the order of the hits, with its coverage."""
    found: dict[tuple[str, int], Candidate] = {}
    whole = sum(rarity.values()) or 1.0
    for hit in hits:
        article = hit.chunk.article
        parts = _around(hit.chunk)
        title = set(keywords.analyse(article.title))
        previous: tuple[int, int] | None = None
        for part in parts:
            if part.heading or article.text[part.start : part.end].endswith("?"):
                continue  # neither answers anything
            # a sentence longer than a chunk was cut, and its pieces are read
            start, end = max(part.start, hit.chunk.start), min(part.end, hit.chunk.end)
            if start < end and (article.id, start) not in found:
                words = title | set(keywords.analyse(article.text[start:end]))
                if previous:
                    words |= set(keywords.analyse(article.text[slice(*previous)]))
                coverage = sum(weight for term, weight in rarity.items() if term in words) / whole
                found[article.id, start] = Candidate(article, start, end, previous, coverage)
            previous = (part.start, part.end)
    return list(found.values())


def _around(chunk: Chunk) -> list[Sentence]:
    """The sentences of a chunk and of the paragraph before it; splitting a whole book for each hit takes seconds."""
    article = chunk.article
    begin = article.text.rfind("\n\n", 0, max(chunk.start - 2, 0))
    begin = 0 if begin < 0 else begin + 2
    headings = [Span(h.start - begin, h.end - begin) for h in article.headings if begin <= h.start < chunk.end]
    found = sentences(article.text[begin : chunk.end], headings, article.language)
    return [part._replace(start=part.start + begin, end=part.end + begin) for part in found]


def _choose(ranked: Sequence[Candidate]) -> list[Quote]:
    """The best sentence; before it the one that it leans on, or after it a second one that is nearly as good."""
    best = ranked[0]
    own = Quote(best.article, best.start, best.end)
    if best.before and best.in_context - best.alone > LEANS:
        return [Quote(best.article, *best.before), own]
    for other in ranked[1:]:
        if other.alone >= SECOND and best.score - other.score <= NEAR and not same_words(best.text, other.text):
            return [own, Quote(other.article, other.start, other.end)]
    return [own]
