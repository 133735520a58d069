"""The days that an article's words mean: "on Friday" in an article of Sunday is two days before it."""

import re
from collections.abc import Iterator
from datetime import date, timedelta

_WEEKDAYS = "monday tuesday wednesday thursday friday saturday sunday".split()
_WEEKDAY = re.compile(rf"\b(?:{'|'.join(_WEEKDAYS)})\b", re.IGNORECASE)
_NEAR = (
    (re.compile(r"\b(?:today|tonight|this (?:morning|afternoon|evening)|earlier in the day)\b", re.IGNORECASE), 0),
    (re.compile(r"\b(?:yesterday|last night)\b", re.IGNORECASE), -1),
    (re.compile(r"\btomorrow\b", re.IGNORECASE), 1),
)
_AHEAD = re.compile(r"\b(?:will|would|next|coming|due|plan\w*|expect\w*|schedul\w*)\b", re.IGNORECASE)


def meant(words: str, published: date) -> Iterator[date]:
    """The days that weekdays, "today" and "yesterday" mean in words that were published on a day.

    A weekday is the last one up to that day; where the words speak of what is to come, it may be the next one too.
    """
    yield from (published + timedelta(days=step) for form, step in _NEAR if form.search(words))
    for match in _WEEKDAY.finditer(words):
        back = (published.weekday() - _WEEKDAYS.index(match.group().lower())) % 7
        yield published - timedelta(days=back)
        if _AHEAD.search(words):
            yield published + timedelta(days=7 - back)
