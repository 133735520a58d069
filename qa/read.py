"""The sentences of the hits, read by the cross-encoder one by one: what answers, and which hits hold it."""

import math
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from functools import partial

from index import keywords
from index.chunk import Sentence, sentences
from index.snapshot import Snapshot
from index.types import Article, Chunk, Hit, Span
from qa.rerank import Reranker

DEPTH = 20
"""Hits whose sentences are read. The gold passage of squad2 is among 20 in all of 62 questions, among 10 in 95 %."""
READ = 24
"""Sentences that are read: with 16, 24, 32, 48 the MRR of the first hit on the evidence is .934 to .937 on 150
questions of squad2 and .883 to .886 on 118 of onestopqa (halves fitted to); the sentence on top is the evidence's
for .893, .900, .900, .907 of squad2. With 32 a question takes a quarter longer."""
READ_EACH = 4
"""Sentences that are read for each that is to be shown, where several are: all READ for a survey, half for each side of
a comparison."""
READ_IN_CONTEXT = 4
"""Sentences that are read again behind the one before them; more gain nothing."""
TITLED = 0.7
"""What the logit behind the title counts where the title alone scores above 0, beside that without it.

A headline that answers makes every sentence behind it seem to. Of 50 questions on news written for this, the answer is
in what would be shown, by logits kept from one reading, for 38 where sentences are read without titles, for 43 with
titles, for 44 so; asked through `ask`, it is shown for 46.
"""
UNRELATED = -10.5
"""A title that scores less is left out: it has nothing to do with the question. Makes no difference on the sets."""
CHECKED = 8
"""The best sentences, which are read without their title too where their score is within CLOSE of the best one."""
CLOSE = 4.0
"""Three of eight are, on average over 60 questions of squad2."""
MORE_CHECKED = 2
"""Where several are to be shown, so many more than those are, however far from the best."""
UNTITLED = -4.0
"""What the others are taken to lose without it."""
_OF_A_CORRECTION = re.compile(
    r"\b(?:earlier|previous|original|prior|first) versions? (?:of (?:this|the|our) \w+ |incorrectly |wrongly |had )?"
    r"(?:said|stated|gave|misstated|misspelled|misidentified|reported|claimed|referred|named|put|described|quoted)\b"
    r"|\b(?:this|the) (?:article|story|report|headline|post|page|piece) (?:was|has been) (?:later )?"
    r"(?:amended|corrected|updated|edited)\b",
    re.IGNORECASE,
)
"""A sentence that tells what an article said before it was corrected answers only who asks for that."""
_ASKS_FOR_ONE = re.compile(r"\b(?:correct\w*|amend\w*|version|mistake\w*|error\w*|wrong\w*)\b", re.IGNORECASE)
TAKES_BACK = re.compile(
    r"\s*(?:but |however, )?(?:"
    r"[^.!?]*\b(?:none|nothing|not a word) of (?:this|that|it) (?:is|was|has been) (?:true|correct)\b"
    r"|(?:this|that|it|the (?:claim|rumou?r|report)) (?:is|was|has been)"
    r" (?:not true|untrue|false|fake|a (?:joke|hoax|lie))\b"
    r"|(?:it|that) (?:is|was|did|does|has)(?: not|n['’]t)\s*[.:;]"
    r"|verdict: *(?:false|fake|untrue)\b)",
    re.IGNORECASE,
)
"""How a sentence begins that takes back what the one before it says: that one answers nothing."""
Logits = Callable[[Sequence[str]], list[float]]
"""The logit of each text for one question."""
NEARNESS = 0.25
"""What the hit's own score counts beside the coverage, when sentences are chosen to be read."""
OWN = 0.5
"""What the sentence's own share of the terms counts besides, in that choice: behind a title that holds them all, every
sentence covers them. With 0, 0.5 and 1 the MRR of the first hit on the evidence is .928, .939 and .939 on 150 questions
of squad2 and .864, .870 and .870 on 120 of onestopqa (halves fitted to)."""
SENTENCE = 0.5
"""What the best sentence's logit counts beside a hit's fused score (0 to 2).

MRR@10 of the first hit on the evidence, 150 questions of squad2 and 118 of onestopqa, halves fitted to: 0 (fused
alone) .838 | .790, 0.3 .941 | .880, 0.5 .937 | .885, 0.8 .937 | .889; where sentences were read without their title,
.938 | .868 at best. The cross-encoder over whole passages, which this replaces, had .905 | .817 and took longer.
"""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A sentence that may answer, with the one before it. Scores are cross-encoder logits.

    Both stand behind the article's title: "Turnout was 71.4 per cent" answers only for the election that the title
    names. `alone` is the logit of the sentence, `in_context` that of the two together: "Homs, which is 25 miles
    farther south" answers only behind the sentence that speaks of Hama. `coverage` is the share of the question's terms
    that the two and the title hold, weighted by how rare each is, and `own` of those that it holds itself; `nearness`
    the fused score of its hit, 0 to 2, and `dense` the cosine of that. `untitled` is the higher logit of the two
    without the title.
    """

    article: Article
    start: int
    end: int
    before: tuple[int, int] | None
    coverage: float
    own: float = 0.0
    nearness: float = 0.0
    dense: float = 0.0
    alone: float = -11.0
    in_context: float = -11.0
    untitled: float = -11.0

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


def read(
    snapshot: Snapshot, reranker: Reranker, question: str, hits: Sequence[Hit], *, several: int = 0
) -> list[Candidate]:
    """The sentences of the hits, scored, best first. Headings and questions are never candidates, and what an article
    says of its earlier versions only for a question about that; nor is what the next sentence takes back.

    `several` is how many are to be shown side by side, as in a survey; 0 where one answer is wanted.
    """
    found = [
        c
        for c in _sentences(hits, _rarities(snapshot, question, hits))
        if not TAKES_BACK.match(c.article.text, c.end)
        if not _OF_A_CORRECTION.search(c.text) or _ASKS_FOR_ONE.search(question)
    ]
    found = sorted(found, key=lambda c: -(c.coverage + OWN * c.own + NEARNESS * c.nearness / 2))
    found = _of_each(found, READ_EACH)[: READ_EACH * several] if several else found[:READ]
    titles = sorted({c.article.title for c in found})
    logits = partial(_logits, reranker, question)
    shares = {t: _share(score) for t, score in zip(titles, logits(titles), strict=True)}
    alone = _behind_titles(logits, [(c, c.text) for c in found], shares)
    found = [replace(c, alone=s, in_context=s) for c, s in zip(found, alone, strict=True)]
    # a sentence that needs the one before it scores low alone, but holds the question's rare words
    promising = sorted(found, key=lambda c: -(c.alone / 4 + 2 * c.coverage))
    again, rest = promising[:READ_IN_CONTEXT], promising[READ_IN_CONTEXT:]
    together = _behind_titles(logits, [(c, c.context) for c in again], shares)
    again = [replace(c, in_context=s) for c, s in zip(again, together, strict=True)]
    rest = [replace(c, in_context=min(c.alone, 0.0)) for c in rest]
    best = sorted([*again, *rest], key=lambda c: -c.score)
    close = sum(best[0].score - c.score <= CLOSE for c in best[:CHECKED])
    checked = several + MORE_CHECKED if several else close
    return [
        *_checked(logits, best[:checked]),
        *(replace(c, untitled=c.logit + UNTITLED) for c in best[checked:]),
    ]


def _of_each(candidates: Sequence[Candidate], most: int) -> list[Candidate]:
    """The first few of each article, in their order; behind them the others."""
    counts = Counter[str]()
    place = []
    for candidate in candidates:
        place.append(counts[candidate.article.id] >= most)
        counts[candidate.article.id] += 1
    return [c for late in (False, True) for c, behind in zip(candidates, place, strict=True) if behind == late]


def _logits(reranker: Reranker, question: str, texts: Sequence[str]) -> list[float]:
    return list(map(float, reranker.scores(question, texts)))


def _share(title: float) -> float:
    """What the logit behind a title counts, by that of the title alone; the rest is for that without it."""
    return TITLED if title > 0 else 0.0 if title < UNRELATED else 1.0


def _behind_titles(logits: Logits, texts: Sequence[tuple[Candidate, str]], shares: Mapping[str, float]) -> list[float]:
    """The logits of texts behind their titles, without them, or of both, as `shares` says of each title."""
    parts = [shares[c.article.title] for c, _ in texts]
    read = list(zip(texts, parts, strict=True))
    titled = iter(logits([f"{c.article.title}. {text}" for (c, text), part in read if part > 0]))
    plain = iter(logits([text for (_, text), part in read if part < 1]))
    return [
        float((part * next(titled) if part > 0 else 0.0) + ((1 - part) * next(plain) if part < 1 else 0.0))
        for part in parts
    ]


def _checked(logits: Logits, candidates: Sequence[Candidate]) -> list[Candidate]:
    """The candidates with their logits without the title."""
    alone, in_context = (logits([getattr(c, name) for c in candidates]) for name in ("text", "context"))
    return [replace(c, untitled=max(pair)) for c, *pair in zip(candidates, alone, in_context, strict=True)]


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


def _rarities(snapshot: Snapshot, question: str, hits: Sequence[Hit]) -> dict[str | None, dict[str, float]]:
    """How rare each term of the question is, in the language of each hit's article."""
    languages = {hit.chunk.article.language for hit in hits}
    asked_in = keywords.spoken(question, snapshot.languages())
    terms = {language: keywords.query_terms(question, [language], asked_in=asked_in) for language in languages}
    counts = snapshot.term_counts([term for each in terms.values() for term in each])
    total = snapshot.count("chunk")
    rarity = {n: math.log(1 + (total - n + 0.5) / (n + 0.5)) for n in {0, *counts.values()}}
    return {language: {t: rarity[counts.get(t, 0)] for t in each} for language, each in terms.items()}


def _sentences(hits: Sequence[Hit], rarities: Mapping[str | None, Mapping[str, float]]) -> list[Candidate]:
    """Every sentence of the hits once, in the order of the hits, with its coverage."""
    found: dict[tuple[str, int], Candidate] = {}
    for hit in hits:
        article = hit.chunk.article
        language, rarity = article.language, rarities[article.language]
        parts = _around(hit.chunk)
        title = set(keywords.analyse(article.title, language))
        previous: tuple[int, int] | None = None
        for part in parts:
            if part.heading or article.text[part.start : part.end].endswith("?"):
                continue  # neither answers anything
            # a sentence longer than a chunk was cut, and its pieces are read
            start, end = max(part.start, hit.chunk.start), min(part.end, hit.chunk.end)
            if start < end and (article.id, start) not in found:
                own = set(keywords.analyse(article.text[start:end], language))
                around = set(keywords.analyse(article.text[slice(*previous)], language)) if previous else set()
                near, dense = hit.score, hit.parts.get("dense", 0.0)
                found[article.id, start] = Candidate(
                    article, start, end, previous, _held(rarity, own | around | title), _held(rarity, own), near, dense
                )
            previous = (part.start, part.end)
    return list(found.values())


def _held(rarity: Mapping[str, float], words: Set[str]) -> float:
    """The share of a question's terms, weighted by their rarity, that are among some words."""
    return sum(weight for term, weight in rarity.items() if term in words) / (sum(rarity.values()) or 1.0)


def _around(chunk: Chunk) -> list[Sentence]:
    """The sentences of a chunk and of the paragraph before it; splitting a whole book for each hit takes seconds."""
    article = chunk.article
    begin = article.text.rfind("\n\n", 0, max(chunk.start - 2, 0))
    begin = 0 if begin < 0 else begin + 2
    headings = [Span(h.start - begin, h.end - begin) for h in article.headings if begin <= h.start < chunk.end]
    found = sentences(article.text[begin : chunk.end], headings, article.language)
    return [part._replace(start=part.start + begin, end=part.end + begin) for part in found]
