"""From a question that stands alone to a draft: which articles it may rest on, and which composer makes it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

from index import keywords
from index.snapshot import Snapshot
from index.types import Filters, Hit
from qa import dates, extract
from qa.conflict import Disagreement, disagreement
from qa.conflict import note as disagreement_note
from qa.count import compose_count
from qa.kinds import kind
from qa.read import Candidate
from qa.rerank import Reranker
from qa.sources import source
from qa.survey import compose_survey
from qa.types import Draft, DraftSentence, Period, Quote

Find = Callable[[str, Filters | None, bool], tuple[tuple[Hit, ...], list[Candidate]]]
"""The hits for a question within filters and the sentences in them, best first; of several articles, if asked for."""
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
    | asks for a count or a list                       | every article, or every one of its period            |
    | has a strict period ("last week")                | the articles of the period                           |
    | has another period ("in May"), or names an event | the articles of the period; if they don't answer it, |
    |                                                  | or there are none, all                               |
    | has none                                         | all articles                                         |
    """
    notes: tuple[str, ...] = ()
    period = dates.period(question, today=today)
    asked_for, topic = kind(dates.without(question, period) if period else question)
    if asked_for in ("count", "list"):
        count = compose_count(snapshot, topic, filters=within(filters, period), kind=asked_for)
        lap("compose")
        return replace(count.draft, notes=count.notes), period
    if period is None and (event := dates.event(question)):
        period, notes = _around(find, event)

    def draft_in(period: Period | None) -> Draft:
        wanted = dates.without(question, period) if period else question
        wanted = topic if asked_for == "survey" else wanted
        now = dates.is_now(question, period)
        several = asked_for in ("survey", "compare")
        draft = _draft(reranker, find, wanted, within(filters, period), several=several, now=now, today=today)
        lap("compose")
        return draft

    draft: Draft | None = None
    if period and not period.strict:
        draft = draft_in(period) if snapshot.count_articles(within(filters, period)) else None
        if draft is None or not draft.sentences:
            draft, period, notes = None, None, ()
    draft = draft or draft_in(period)
    draft = replace(draft, notes=(*notes, *draft.notes))
    return (write(draft) if draft.sentences else draft), period


def within(filters: Filters | None, period: Period | None) -> Filters | None:
    """The filters narrowed to a period; where the two leave no day, the filters as they were given."""
    if period is None:
        return filters
    filters = filters or Filters()
    since = max(filter(None, (filters.since, period.since)), default=None)
    until = min(filter(None, (filters.until, period.until)), default=None)
    return filters if since and until and since > until else replace(filters, since=since, until=until)


def _around(find: Find, event: dates.Event) -> tuple[Period | None, tuple[str, ...]]:
    """The period that an event bounds: the day of the best article that holds all its words, and which that is."""
    wanted = set(keywords.query_terms(event.words))
    hits, _ = find(event.words, None, False)
    for hit in hits:
        article = hit.chunk.article
        if article.published and wanted <= set(keywords.analyse(f"{article.title} {hit.chunk.text}")):
            day = article.published[:10]
            eve = (date.fromisoformat(day) - timedelta(days=1)).isoformat()
            since = None if event.relation in ("before", "until") else day
            until = None if since else eve if event.relation == "before" else day
            taken = f"“{event.words}” was taken to be what this tells: {source(article)}."
            return Period(since, until, f"{event.relation} the {event.words}", strict=False), (taken,)
    return None, ()


def _draft(
    reranker: Reranker, find: Find, wanted: str, filters: Filters | None, *, several: bool, now: bool, today: date
) -> Draft:
    hits, candidates = find(wanted, filters, several)
    if several:
        draft = compose_survey(wanted, candidates, hits)
    else:
        draft = extract.compose(wanted, candidates, hits, newest=now)
        quotes = [Quote(c.article, c.start, c.end) for c in candidates]
        if draft.sentences and (found := disagreement(reranker, wanted, quotes)):
            draft = _both(draft, found)
    days = [q.article.published[:10] for s in draft.sentences for q in s.quotes if q.article.published]
    old = dates.staleness(date.fromisoformat(max(days)), today) if now and days else None
    return replace(draft, notes=(*draft.notes, old)) if old else draft


def _both(draft: Draft, found: Disagreement) -> Draft:
    """The draft with what each of the articles that disagree says, the newest first."""
    quotes = [quote for _, quote in found.values[:DISAGREEING]]
    return replace(
        draft,
        sentences=tuple(map(DraftSentence.verbatim, quotes)),
        notes=(*draft.notes, disagreement_note(found)),
    )
