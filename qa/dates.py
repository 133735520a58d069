"""The time of a question: the days of publication it asks for, whether it is about now, which event it names.

An article's day is not the day of what it tells: "the bridge built in 1974" stands in articles of any day. So a period
is strict only where leaving the other articles out loses nothing that was asked for:

| the question says | period | strict |
|---|---|---|
| "articles from December 2024", "the news of 3 May 2026", "last year's headlines" | those days | yes |
| "yesterday", "last week", "this month", "two weeks ago", "in the past 30 days" | those days and the slack | yes |
| "since March", "since Monday", when that is within a year of today | from its first day on | yes |
| "in December 2024", "on Sunday", "last year", "spring 2025", "three months ago" | those days and the slack | no |
| "before 2020", "until 4 October", "after September 11", "since 1990" | what lies on that side | no |
| "next week", "spring 2028", "what will happen in May": articles come before what they announce | none | |
| "the 2008 crisis", "2000 metres", "the 19th century", "it may" | none | |

"Last year" only prefers, since a year's figures are told after it; so does "three months ago", which may be four. A
month, a day or a weekday without a year is the last that has begun. Weeks start on Monday; seasons are the northern.
A count, a list and the news ("How many articles mention the fire last week?") ask when articles were published, in
whatever words: their period is strict and has no slack. "Last week" is the one from Monday to Sunday before this one.
5/6/2026 is 5 June, as most of the world writes it, and never strict; 9/14/2026 can only be 14 September. "A couple" is
three, "few" five, "several" seven: too wide loses less than too narrow.
"""

import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal, get_args

from qa.times import ARTICLES, ONE, OPENER, YEAR, Time, times, undated
from qa.types import Period

SLACK = timedelta(days=3)
"""What happened in a period is reported within this after its end: in the next issue, over a weekend too."""
FAR = timedelta(days=366)
"""A period that begins longer ago is strict only when the question speaks of articles: it may be history."""
STALE = timedelta(days=30)
"""A source older than this may not speak of now: by then a weekly has moved on, and a monthly has its next issue."""

LONGEST = 500
"""Characters of a question that are read for times and events."""
FIRST_DAY, LAST_DAY = date(1000, 1, 1), date(3000, 1, 1)
"""Today is taken to lie between them, whatever the clock says: "last decade" has to be one of the calendar."""

Relation = Literal["before", "after", "since", "until", "during"]


@dataclass(frozen=True, slots=True)
class Event:
    """Something that a question dates by; `words` are the question's own ("strike ended", "2008 crisis")."""

    relation: Relation
    words: str


_AHEAD = re.compile(
    r"\b(?:will|won['’]t|shall|going to|upcoming|scheduled|plan(?:s|ned)?|expected|due(?! to))\b", re.IGNORECASE
)
_COMPARED = re.compile(r"\b(?:than|compared (?:to|with)|versus|vs\.?) $", re.IGNORECASE)
_OF_ARTICLES = re.compile(
    rf"\b{ARTICLES}(?: (?:about|on) [^?.!]{{1,80}}? (?=from|published|dated|written)| )"
    rf"(?:(?:(?:that |which )?were )?(?:published|dated|written|printed) )?(?:(?:{OPENER}|between) )?$"
    r"|^what (?:was|is being|has been) reported\b",
    re.IGNORECASE,
)
_ARTICLES_BEHIND = re.compile(rf" {ARTICLES}\b")


def period(question: str, *, today: date, published: bool = False) -> Period | None:
    """The days of publication that a question's words ask about, or None: its first strict period, else its first.

    `words` are the question's own, their white space made single spaces. The period is open at its end when it, or its
    slack, runs up to today. `published` says that its time is known to be one of publication.
    """
    question, today = _head(question), min(max(today, FIRST_DAY), LAST_DAY)
    found = [p for time in times(question, today) if (p := _asked(question, time, today, published=published))]
    return next((p for p in found if p.strict), found[0] if found else None)


def no_days(question: str, *, today: date) -> tuple[str, ...]:
    """A sentence on each date in a question that no calendar has: 31 February."""
    today = min(max(today, FIRST_DAY), LAST_DAY)
    return tuple(f"{words} is no day; it was not used." for words in undated(_head(question), today))


def _head(question: str) -> str:
    """What is read of a question, its white space made single spaces."""
    return " ".join(question[:LONGEST].split())


def without(question: str, period: Period) -> str:
    """The question less the words of its period, for searching; as it is when they are not in it."""
    before, _, behind = " ".join(question.split()).partition(period.words)
    if not before.strip() and not re.search(r"\w", behind):
        return question
    return re.sub(r"\s+(?=[?.!,;]|['’]s\b)", "", f"{before.rstrip()} {behind.lstrip()}").strip(" ,;:")


def _asked(question: str, time: Time, today: date, *, published: bool) -> Period | None:
    """The articles that a time asks for."""
    (first, last), side = time.days, time.side
    words, before = question[time.start : time.end], question[: time.at]
    of_articles = bool(published or _OF_ARTICLES.search(before) or _ARTICLES_BEHIND.match(question, time.end))
    yearless = not re.search(YEAR, words)
    may_come = yearless and side != "since" and (not time.relative or "this" in words.lower())
    if may_come and not of_articles and _AHEAD.search(question):
        return None
    since = {"before": None, "until": None, "after": last + timedelta(days=1)}.get(side, first)
    until = {"since": None, "after": None, "before": first - timedelta(days=1)}.get(side, last)
    if until and side == "in" and not of_articles:
        until += SLACK
    if until and until >= today:
        until = None
    if (since is None and until is None) or (since and since > today):
        return None
    to_now = side == "since" or (side == "in" and time.relative)
    recent = to_now and first >= today - FAR and not _COMPARED.search(before)
    strict = (of_articles or recent) and not _two_ways(words)
    return Period(since.isoformat() if since else None, until.isoformat() if until else None, words, strict)


def _two_ways(words: str) -> bool:
    """Whether a date could be day/month or month/day."""
    found = re.search(r"\b(\d\d?)/(\d\d?)/\d{4}", words)
    return found is not None and found[1] != found[2] and max(int(found[1]), int(found[2])) <= 12


# Now, events, and what an answer says

_NOW = re.compile(
    r"\b(?:latest|newest|most recent(?:ly)?|recent(?:ly)?|now|nowadays|currently|presently|at present|at the moment"
    r"|today|tonight(?! show)|these days|so far|to date|still|any (?:more|longer)|anymore|yet(?=\W*$)"
    r"|(?<!direct )(?<!alternating )(?<!electric )current (?!in\b|of\b|and\b|is\b|flow))\b"
    r"|^(?:is|are) there (?!.*\b(?:difference|reason|relation|relationship|way|word)\b)|^(?:has|have)\b"
    r"|^(?:is|are)\b.*\b(?:open|closed|shut|running|working|available|over|missing|on strike)\W*$",
    re.IGNORECASE,
)
_HAPPENING = (
    r"(?:attacks?|battle|blackout|blast|bombings?|boycott|ceasefire|collapse|collision|coup|crash|crisis|cyclone|derailment"
    r"|disaster|drought|earthquake|elections?|epidemic|evacuation|explosion|festival|final|fire|floods?|game|hurricane"
    r"|inauguration|invasion|landslide|lockdown|match|merger|murder|outage|outbreak|pandemic|parade|protests?|raid|referendum"
    r"|resignation|revolution|riots?|robbery|scandal|shooting|shutdown|storm|strike|summit|takeover|talks|tournament|trial"
    r"|tsunami|uprising|verdict|vote|walkout|war|wedding|wildfires?"
    r"|began|burst|closed|collapsed|died|ended|opened|reopened|resigned|started|broke out)"
)
"""What happens at a time. Other words ("before the court", "until the end", "named after the river") date nothing."""
_EVENT = re.compile(
    r"\b(?<!named )(?P<relation>before|after|since|until|during|following|prior to|ahead of)"
    r" (?:the|(?:last )?(?:week|month|year|\w+day)['’]s|last|his|her|its|their)"
    rf" (?P<words>(?:[\w’'-]+ ){{0,4}}?{_HAPPENING}\b[^,;:?!.]*)",
    re.IGNORECASE,
)
_REST = re.compile(
    r" (?:about|regarding|according|and|but|what|who|whom|how|why|where|when|which|did|do|does|is|are|was|were|has|have"
    r"|had|will|would|can|could|should)\b.*"
)
"""What goes on behind the words of an event."""
_RELATIONS: dict[str, Relation] = {
    **{name: name for name in get_args(Relation)},
    **{"following": "after", "prior to": "before", "ahead of": "before"},
}


def is_now(question: str, period: Period | None) -> bool:
    """Whether a question is about the present: it says so, and its period, if it has one, is open at its end."""
    return (period is None or period.until is None) and _NOW.search(question[:LONGEST].strip()) is not None


def event(question: str) -> Event | None:
    """The event that a question dates by, or None. A date in its words is cut off, with what follows it.

    A year that only names it stays: "2008 financial crisis".
    """
    match = _EVENT.search(_head(question))
    if match is None:
        return None
    words = _REST.sub("", match["words"])
    if time := ONE.search(words):
        words = words[: time.start()].rstrip()
    return Event(_RELATIONS[match["relation"].lower()], words) if words else None


def staleness(newest: date, today: date) -> str | None:
    """The sentence that says how old the newest source is; None while it is at most `STALE` old."""
    days = (today - newest).days
    if days <= STALE.days:
        return None
    months = (today.year - newest.year) * 12 + today.month - newest.month - (today.day < newest.day)
    count, unit = (days // 7, "weeks") if months < 2 else (months, "months") if months < 24 else (months // 12, "years")
    return f"The newest source is from {_day(newest)}, {count} {unit} ago."


def span_words(period: Period) -> str:
    """The articles of a period in words: "articles published from 1 to 31 December 2024"."""
    since, until = (date.fromisoformat(day) if day else None for day in (period.since, period.until))
    if until is None:
        return f"articles published since {_day(since)}" if since else "articles of any day"
    if since is None:
        return f"articles published until {_day(until)}"
    if since == until:
        return f"articles published on {_day(until)}"
    shared = 2 if since.year == until.year and since.month == until.month else 1 if since.year == until.year else 0
    start = " ".join(_day(since).split()[: 3 - shared])
    return f"articles published from {start} to {_day(until)}"


def _day(day: date) -> str:
    return f"{day.day} {day:%B %Y}"
