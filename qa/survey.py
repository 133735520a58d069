"""An answer put together from several articles: what they say about something, how they compare, the latest on it."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import islice

from index.chunk import sentences
from index.snapshot import Snapshot
from index.types import Filters, Hit
from qa.confidence import ANSWERS, confidence
from qa.copies import same_words
from qa.read import Candidate
from qa.types import Draft, DraftSentence, Quote

MOST = 6
"""Sentences of an answer: about a hundred and fifty words."""
ALONE = 3
"""Sentences of one article, when no other says anything."""
LOOKED_AT = 4 * MOST
"""Articles that are looked at for what differs, when the news is asked for."""
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


def compose_survey(topic: str, candidates: Sequence[Candidate], hits: Sequence[Hit], *, most: int = MOST) -> Draft:
    """The best sentence of each article, the newest article first; several of one, if only one says anything.

    `candidates` are best first. What another article has already said in nearly the same words is left out.
    """
    if not candidates:
        return Draft((), tuple(hits), 0.0)
    sure = confidence(topic, candidates[0])
    good = [c for c in candidates if confidence(topic, c) >= ANSWERS]
    chosen = _different(good, one_each=True)
    if len(chosen) == 1:
        chosen = sorted(_different(good, one_each=False)[: min(ALONE, most)], key=lambda c: c.start)
    newest = sorted(chosen[:most], key=lambda c: c.article.published or "", reverse=True)
    quotes = [Quote(c.article, c.start, c.end) for c in newest]
    return Draft(tuple(map(DraftSentence.verbatim, quotes)), tuple(hits), sure)


def compose_comparison(
    topics: Sequence[str], find: Callable[[str, int], tuple[Sequence[Hit], Sequence[Candidate]]]
) -> Draft:
    """What the articles say about each topic, one behind the other, and of which they say nothing.

    `find` is given how many sentences on a topic are shown at most.
    """
    drafts = []
    most = MOST // len(topics)
    for topic in topics:
        hits, candidates = find(topic, most)
        drafts.append(compose_survey(topic, candidates, hits, most=most))
    told = [draft for draft in drafts if draft.sentences]
    sides: dict[DraftSentence, str] = {}
    for topic, draft in zip(topics, drafts, strict=True):
        for sentence in draft.sentences:
            sides.setdefault(sentence, f"{topic[0].upper()}{topic[1:]}" if len(topics) > 1 else "")
    silent = [topic for topic, draft in zip(topics, drafts, strict=True) if not draft.sentences]
    return Draft(
        tuple(replace(sentence, about=side) for sentence, side in sides.items()),
        tuple({hit.chunk.id: hit for draft in drafts for hit in draft.hits}.values()),
        min((draft.confidence for draft in told), default=max(draft.confidence for draft in drafts)),
        tuple(f"The articles say nothing about {topic}." for topic in silent) if told else (),
    )


def compose_news(snapshot: Snapshot, filters: Filters | None) -> Draft:
    """How the newest articles begin, of those that differ; nothing when none passes the filters."""
    quotes: list[Quote] = []
    for article in islice(snapshot.articles(filters), LOOKED_AT):
        own = next((s for s in sentences(article.text, article.headings, article.language) if not s.heading), None)
        quote = Quote(article, own.start, own.end) if own else None
        if quote and len(quotes) < MOST and not any(same_words(quote.line, other.line) for other in quotes):
            quotes.append(quote)
    total = snapshot.count_articles(filters)
    note = f"This is how the newest {len(quotes)} of {total:,} articles begin." if total > len(quotes) else ""
    return Draft(tuple(map(DraftSentence.verbatim, quotes)), (), float(bool(quotes)), (note,) if note else ())


def _different(candidates: Sequence[Candidate], *, one_each: bool) -> list[Candidate]:
    chosen: list[Candidate] = []
    for candidate in candidates:
        said = any(same_words(candidate.text, other.text) for other in chosen)
        if not said and not (one_each and any(candidate.article.id == other.article.id for other in chosen)):
            chosen.append(candidate)
    return chosen
