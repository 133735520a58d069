"""From a question that stands alone to a draft: which articles it may rest on, and which composer makes it."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Literal

from index import keywords
from index.snapshot import Snapshot
from index.types import Filters, Hit
from qa import dates, extract
from qa.conflict import Disagreement, disagreement
from qa.conflict import note as disagreement_note
from qa.count import compose_count, how_many
from qa.kinds import UNCOUNTED, kind, of_articles, sides
from qa.newer import newer_article, newest_quoted
from qa.outlets import authors_asked, publishers_asked
from qa.read import Candidate
from qa.rerank import Reranker
from qa.sources import source
from qa.survey import MOST, compose_comparison, compose_news
from qa.types import Draft, DraftSentence, Period, Quote

Find = Callable[[str, Filters | None, int], tuple[tuple[Hit, ...], list[Candidate]]]
"""The hits for a question within filters and the sentences in them, best first. The number is that of the sentences to
show of several articles; 0 where one answer is wanted."""
Lap = Callable[[str], None]
"""Told which stage has just ended."""

DISAGREEING = 4
"""Sentences shown of articles that disagree: the newest ones."""


def compose(
    snapshot: Snapshot,
    reranker: Reranker,
    find: Find,
    write: Callable[[Draft], Draft],
    question: str,
    filters: Filters | None,
    *,
    today: date,
    lap: Lap,
) -> tuple[Draft, Period | None]:
    """A draft, and the period if it rests on the articles of one alone. `write` may put a draft that answers in words.

    | the question                                     | what is looked at                                    |
    |--------------------------------------------------|------------------------------------------------------|
    | names a publisher ("What did the Courier say …") | its articles, and of those:                          |
    | names an author ("articles by Nina Holt")        | that author's articles, and of those:                |
    | asks for a count, a list or the news             | every article, or every one published in its period  |
    | has a strict period ("last week")                | the articles of the period                           |
    | has another period ("in May"), or names an event | the articles of the period; if they don't answer it, |
    |                                                  | or there are none, all                               |
    | has none                                         | all articles                                         |
    """
    notes = dates.no_days(question, today=today)
    if not (filters and filters.publishers):
        question, outlets = publishers_asked(question, snapshot.publishers())
        if outlets:
            filters = replace(filters or Filters(), publishers=outlets)
            notes = (*notes, f"Looked at the articles of {' and '.join(outlets)} only.")
    question, authors = authors_asked(question, snapshot.authors)
    if authors:
        filters = replace(filters or Filters(), authors=authors)
        notes = (*notes, f"Looked at the articles by {authors[0]} only.")
    period = dates.period(question, today=today)
    asked_for, topic = kind(dates.without(question, period) if period else question)
    if asked_for in ("news", "count", "list"):
        period = dates.period(question, today=today, published=True)
        _, topic = kind(dates.without(question, period) if period else question)
        where = within(filters, period)
        counted = _over_all(snapshot, asked_for, topic, where)
        lap("compose")
        return replace(counted, notes=(*notes, *counted.notes, *_undated(snapshot, where))), period
    taken: tuple[str, ...] = ()
    if period is None and (event := dates.event(question)):
        period, taken = _around(find, event)

    def draft_in(period: Period | None) -> Draft:
        where, now = within(filters, period), dates.is_now(question, period)
        if asked_for in ("survey", "compare"):
            topics = sides(topic) if asked_for == "compare" else (topic,)
            draft = compose_comparison(topics, lambda side, most: find(side, where, most))
        else:
            wanted = dates.without(question, period) if period else question
            draft = _fact(reranker, wanted, *find(wanted, where, MOST if asked_for == "which" else 0), now=now)
        lap("compose")
        return _dated(draft, today) if now else draft

    draft: Draft | None = None
    if period and not period.strict:
        draft = draft_in(period) if snapshot.count_articles(within(filters, period)) else None
        if draft is None or not draft.sentences:
            draft, period, taken = None, None, ()
    draft = draft or draft_in(period)
    if not draft.sentences and of_articles(question):
        taken = (UNCOUNTED, *taken)
    draft = replace(draft, notes=(*notes, *taken, *draft.notes, *_undated(snapshot, within(filters, period))))
    return (write(draft) if draft.sentences else draft), period


def within(filters: Filters | None, period: Period | None) -> Filters | None:
    """The filters narrowed to a period; where the two leave no day, the filters as they were given."""
    if period is None:
        return filters
    filters = filters or Filters()
    since = max(filter(None, (filters.since, period.since)), default=None)
    until = min(filter(None, (filters.until, period.until)), default=None)
    return filters if since and until and since > until else replace(filters, since=since, until=until)


def _undated(snapshot: Snapshot, where: Filters | None) -> tuple[str, ...]:
    """A sentence on the articles that have no date, where only those of some days were looked at."""
    if where is None or not (where.since or where.until):
        return ()
    of_any_day = replace(where, since=None, until=None)
    dated = snapshot.count_articles(replace(of_any_day, since=date.min.isoformat()))
    undated = snapshot.count_articles(of_any_day) - dated
    if not undated:
        return ()
    has, was = ("article has", "was") if undated == 1 else ("articles have", "were")
    return (f"{undated:,} {has} no date and {was} not looked at.",)


def _around(find: Find, event: dates.Event) -> tuple[Period | None, tuple[str, ...]]:
    """The period that an event bounds: the day of the best article that holds all its words, and which that is."""
    hits, _ = find(event.words, None, 0)
    for hit in hits:
        article = hit.chunk.article
        wanted = keywords.query_terms(event.words, [article.language])
        held = keywords.analyse(f"{article.title} {hit.chunk.text}", article.language)
        if article.published and set(wanted) <= set(held):
            day = article.published[:10]
            eve = (max(date.fromisoformat(day), date(1, 1, 2)) - timedelta(days=1)).isoformat()
            since = None if event.relation in ("before", "until") else day
            until = None if since else eve if event.relation == "before" else day
            taken = f"“{event.words}” was taken to be what this tells: {source(article)}."
            return Period(since, until, f"{event.relation} the {event.words}", strict=False), (taken,)
    return None, ()


def _over_all(
    snapshot: Snapshot, asked_for: Literal["news", "count", "list"], topic: str, filters: Filters | None
) -> Draft:
    """What is told of every article that passes the filters, not only of the hits."""
    if asked_for == "news" or not topic:
        news = compose_news(snapshot, filters)
        return news if asked_for == "news" else replace(news, notes=(how_many(snapshot, filters), *news.notes))
    count = compose_count(snapshot, topic, filters=filters, kind=asked_for)
    return replace(count.draft, notes=count.notes)


def _fact(
    reranker: Reranker, question: str, hits: Sequence[Hit], candidates: Sequence[Candidate], *, now: bool
) -> Draft:
    """What answers a question, or all that the articles say where they disagree; and what is newer, if anything is."""
    draft = extract.compose(question, candidates, hits, newest=now)
    if not draft.sentences:
        return draft
    if found := disagreement(reranker, question, [Quote(c.article, c.start, c.end) for c in candidates]):
        return _both(draft, found)
    newer = newer_article(draft, question, now=now)
    return replace(draft, notes=(*draft.notes, newer)) if newer else draft


def _dated(draft: Draft, today: date) -> Draft:
    """An answer about now, with a note when it is old."""
    newest = newest_quoted(draft)
    old = dates.staleness(date.fromisoformat(newest), today) if newest else None
    return replace(draft, notes=(*draft.notes, old)) if old else draft


def _both(draft: Draft, found: Disagreement) -> Draft:
    """The draft with what each of the articles that disagree says, the newest first."""
    quotes = [quote for _, quote in found.values[:DISAGREEING]]
    return replace(
        draft,
        sentences=tuple(map(DraftSentence.verbatim, quotes)),
        notes=(*draft.notes, disagreement_note(found)),
    )
