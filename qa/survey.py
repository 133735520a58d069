"""An answer put together from several articles: what they say about something, how they compare, the latest on it."""

from collections.abc import Sequence

from index.types import Hit
from qa.confidence import ANSWERS, confidence
from qa.copies import same_words
from qa.read import Candidate
from qa.types import Draft, DraftSentence, Quote

MOST = 6
"""Sentences of an answer: about a hundred and fifty words."""
ALONE = 3
"""Sentences of one article, when no other says anything."""
PER_ARTICLE = 2
"""Hits of one article that are read: with more, one long article fills the list."""


def spread(hits: Sequence[Hit], k: int) -> tuple[Hit, ...]:
    """The k best hits of which no article has more than PER_ARTICLE, in their order."""
    counts: dict[str, int] = {}
    kept = []
    for hit in hits:
        article = hit.chunk.article.id
        counts[article] = counts.get(article, 0) + 1
        if counts[article] <= PER_ARTICLE:
            kept.append(hit)
    return tuple(kept[:k])


def compose_survey(topic: str, candidates: Sequence[Candidate], hits: Sequence[Hit]) -> Draft:
    """The best sentence of each article, the newest article first; several of one, if only one says anything.

    `candidates` are best first. What another article has already said in nearly the same words is left out.
    """
    if not candidates:
        return Draft((), tuple(hits), 0.0)
    sure = confidence(topic, candidates[0])
    good = [c for c in candidates if confidence(topic, c) >= ANSWERS]
    chosen = _different(good, one_each=True)
    if len(chosen) == 1:
        chosen = sorted(_different(good, one_each=False)[:ALONE], key=lambda c: c.start)
    newest = sorted(chosen[:MOST], key=lambda c: c.article.published or "", reverse=True)
    quotes = [Quote(c.article, c.start, c.end) for c in newest]
    return Draft(tuple(map(DraftSentence.verbatim, quotes)), tuple(hits), sure)


def _different(candidates: Sequence[Candidate], *, one_each: bool) -> list[Candidate]:
    chosen: list[Candidate] = []
    for candidate in candidates:
        said = any(same_words(candidate.text, other.text) for other in chosen)
        if not said and not (one_each and any(candidate.article.id == other.article.id for other in chosen)):
            chosen.append(candidate)
    return chosen
