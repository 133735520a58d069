"""The sentences of the hits, read by the cross-encoder one by one: what answers, and which hits hold it."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from index import keywords
from index.chunk import Sentence, sentences
from index.snapshot import Snapshot
from index.types import Article, Chunk, Hit, Span
from qa.rerank import Reranker

DEPTH = 20
"""Hits whose sentences are read. The gold passage of squad2 is among 20 in all of 62 questions, among 10 in 95 %."""
READ = 48
"""Sentences that are read alone: with 24, 40, 60 the first hit on the evidence has MRR .926, .927, .940 (squad2)."""
READ_IN_CONTEXT = 8
"""Sentences that are read again behind the one before them; 16 gain nothing."""
NEARNESS = 0.25
"""What the hit's own score counts beside the coverage, when sentences are chosen to be read."""
SENTENCE = 0.3
"""What the best sentence's logit counts beside a hit's fused score (0 to 2).

MRR@10 of the first hit on the evidence, 150 questions of squad2 and 118 of onestopqa, halves fitted to: 0 (fused
alone) .838 | .790, 0.1 .925 | .852, 0.3 .941 | .864, 1 .944 | .854. The cross-encoder over whole passages, which this
replaces, had .905 | .817 and took longer.
"""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A sentence that may answer, with the one before it. Scores are cross-encoder logits.

    `alone` is the sentence's own, `in_context` that of the two together: "Homs, which is 25 miles farther south"
    answers only behind the sentence that speaks of Hama. `coverage` is the share of the question's terms that the two
    and the title hold, weighted by how rare each is; `nearness` the fused score of its hit, 0 to 2, and `dense` the
    cosine of that.
    """

    article: Article
    start: int
    end: int
    before: tuple[int, int] | None
    coverage: float
    nearness: float = 0.0
    dense: float = 0.0
    alone: float = -11.0
    in_context: float = -11.0

    @property
    def logit(self) -> float:
        return (self.alone + self.in_context) / 2

    @property
    def score(self) -> float:
        """What candidates are ranked by."""
        return self.logit + self.nearness

    @property
    def text(self) -> str:
        return self.article.text[self.start : self.end]

    @property
    def context(self) -> str:
        return self.article.text[self.before[0] : self.before[1]] + " " + self.text if self.before else self.text


def read(snapshot: Snapshot, reranker: Reranker, question: str, hits: Sequence[Hit]) -> list[Candidate]:
    """The sentences of the hits, scored, best first. Headings and questions are never candidates."""
    terms = keywords.query_terms(question)
    counts, total = snapshot.term_counts(terms), snapshot.count("chunk")
    rarity = {t: math.log(1 + (total - counts.get(t, 0) + 0.5) / (counts.get(t, 0) + 0.5)) for t in terms}
    found = sorted(_sentences(hits, rarity), key=lambda c: -(c.coverage + NEARNESS * c.nearness / 2))[:READ]
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


def ranked(hits: Sequence[Hit], candidates: Sequence[Candidate]) -> tuple[Hit, ...]:
    """The hits by their fused score and the logit of the best sentence in them, which `parts` gains as "rerank"."""
    scored = []
    for hit in hits:
        chunk = hit.chunk
        inside = [
            c.logit
            for c in candidates
            if c.article.id == chunk.article.id and chunk.start <= c.start and c.end <= chunk.end
        ]
        best = max(inside, default=-11.0)
        scored.append(Hit(chunk, hit.score + SENTENCE * best, {**hit.parts, "rerank": best}))
    return tuple(sorted(scored, key=lambda hit: -hit.score))


def inside(candidates: Sequence[Candidate], hits: Sequence[Hit]) -> list[Candidate]:
    """The candidates that lie in one of the hits."""
    return [
        c
        for c in candidates
        if any(c.article.id == h.chunk.article.id and h.chunk.start <= c.start and c.end <= h.chunk.end for h in hits)
    ]


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
                found[article.id, start] = Candidate(
                    article, start, end, previous, coverage, hit.score, hit.parts.get("dense", 0.0)
                )
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
