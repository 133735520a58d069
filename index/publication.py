"""When an article was published: read from claims, from URLs, or inferred from its text. Never guessed.

A day counts only when its year, month and day are all there and cannot be read in two ways.
"""

import calendar
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo

OLDEST, LATEST = 1600, 2100
"""Years in which something is published. They refuse years that stand for "never", such as 9999; no clock does, as it
may be set back."""
AHEAD_OF = timedelta(days=2)
"""By how much a day may lie after today and be today's: elsewhere it is tomorrow, and clocks differ."""
NEAR = timedelta(days=31)
"""How far a day without a year may lie from the full date that gives it one. An anniversary is a year away."""

NEWS_YEARS = 40
"""Text whose latest full date is older than this is about history, and gets no date."""

MONTHS = {name.lower(): n for n, name in enumerate(calendar.month_abbr) if n}
MONTH = (
    r"(?:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|Sept?(?:ember)?|Oct(?:ober)?|"
    r"Nov(?:ember)?|Dec(?:ember)?|JAN(?:UARY)?|FEB(?:RUARY)?|MAR(?:CH)?|APR(?:IL)?|MAY|JUNE?|JULY?|AUG(?:UST)?|"
    r"SEPT?(?:EMBER)?|OCT(?:OBER)?|NOV(?:EMBER)?|DEC(?:EMBER)?)\b\.?"
)
DAY = r"(?:0?[1-9]|[12]\d|3[01])(?:st|nd|rd|th)?"
FULL = re.compile(
    rf"\b(?P<d1>{DAY})(?:\s+of)?[\s-]+(?P<m1>{MONTH}),?[\s-]+(?P<y1>\d{{4}})\b"
    rf"|\b(?P<m2>{MONTH})\s*(?P<d2>{DAY}),?\s+(?P<y2>\d{{4}})\b"
    r"|\b(?P<y3>\d{4})-(?P<m3>0[1-9]|1[0-2])-(?P<d3>0[1-9]|[12]\d|3[01])(?!\d)"
)
YEARLESS = re.compile(
    r"\b(?:[Oo]n|[A-Z][a-z]{2,5}day,?)\s+(?:the\s+)?"
    rf"(?:(?P<m1>{MONTH})\s*(?P<d1>{DAY})\b(?!,\d|\s?[–-])|(?P<d2>{DAY})(?:\s+of)?\s+(?P<m2>{MONTH}))|"
    rf"^[^\w\n]{{0,5}}[A-Z][\w .,/]{{2,40}},\s(?P<m3>{MONTH})\s*(?P<d3>{DAY})\s?(?:\(|[–—-]\s)",
    re.MULTILINE,
)
"""As news writes the days of its events: "on Dec. 5", "Thursday, 5 December", "LONDON, Dec 5 (Agency)"."""
OPENING = re.compile(rf"\s*(?:{FULL.pattern})\s*(?:--|[–—-])\s")
"""As some agencies begin: "Feb. 23, 2015 -- Peanut allergies have …"."""
YEAR = re.compile(r"\b(?:19|20)\d\d\b")
AHEAD = re.compile(
    r"\b(?:will|scheduled|due|until|before|deadline|upcoming|set to|next (?:week|month|year)|ahead of|planned|"
    r"anniversary|years? (?:ago|after|since|before|on|later)|(?:by|from|starting|beginning|in) (?:on )?"
    rf"(?:{MONTH}\s?{DAY}|{DAY}\s{MONTH}))",
    re.IGNORECASE,
)
"""A sentence with one of these may speak of a day to come or of one long past."""

IN_URL = re.compile(
    r"[/=_-]((?:19|20)\d\d)[/_-](0?[1-9]|1[0-2]|jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[/_-]"
    r"(0[1-9]|[12]\d|3[01]|[1-9])(?![\d])|/((?:19|20)\d\d)(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])(?=[/_.-]|$)",
    re.IGNORECASE,
)
LABEL = re.compile(
    r"^\W*(?:first |last |originally |date )?(?:published|posted|updated|modified|released|filed|created|issued|date)?"
    r"(?: on| at)?\s*[:|–—-]*\s*",
    re.IGNORECASE,
)
NOISE = re.compile(r"\s+(?:at|on)\s+|[|•·@]|\s[–—-]\s|\blocal time\b|(?<=\d)(?=[ap]\.?m\b)|\bof\b", re.IGNORECASE)
ZONES = {
    **{"EST": -5, "EDT": -4, "CDT": -5, "MST": -7, "MDT": -6, "PST": -8, "PDT": -7, "GMT": 0, "UTC": 0, "Z": 0},
    **{"BST": 1, "CET": 1, "CEST": 2, "EET": 2, "EEST": 3, "MSK": 3, "JST": 9, "AEST": 10, "AEDT": 11},
}


def read(value: str) -> str:
    """The ISO 8601 date or date-time that `value` says, as a publisher, a feed or a clock in seconds writes it.

    Raises ValueError when no full day is there, when it can be read in two ways, or when it lies before 1600 or after
    2100.
    """
    found = _read(value)
    if not OLDEST <= int(found[:4]) <= LATEST:
        raise ValueError(f"lies before {OLDEST} or after {LATEST}")
    return found


def is_ahead(day: str, *, today: date) -> bool:
    """Whether what `read` gave lies in the future."""
    return date.fromisoformat(day[:10]) > today + AHEAD_OF


def says_a_day(value: str) -> bool:
    """Whether `value` is a date that can be read."""
    try:
        return bool(read(value))
    except ValueError:
        return False


def in_url(url: str) -> str | None:
    """The day in a URL such as https://example.org/2024/12/05/title, as an ISO date."""
    for match in IN_URL.finditer(url[:2000]):
        year, month, day = (part for part in match.groups() if part)
        if found := _day(year, month, day):
            return found.isoformat()
    return None


def full_date(text: str) -> re.Match[str] | None:
    """Where `text` names a full day with its month's name or as YYYY-MM-DD."""
    return FULL.search(text)


def is_printed(day: str, text: str) -> bool:
    """Whether `text` has an ISO day, in words or in digits that can't be read as another day."""
    wanted = date.fromisoformat(day)
    month, number = rf"0?{wanted.month}", rf"0?{wanted.day}"
    year = rf"(?:{wanted.year}|{wanted.year % 100:02})"
    digits = rf"(?<!\d)(?:{month}[/.-]{number}|{number}[/.-]{month})[/.-]{year}(?!\d)"
    plain = wanted.day > 12 or wanted.day == wanted.month
    return wanted in _full_days(text) or (plain and re.search(digits, text) is not None)


def infer(text: str, *, today: date) -> str | None:
    """The day on which `text`, which never says so, was most likely written: the latest that it speaks of.

    It may open with it, under its headline. News names days without their year. When a full date lies near such a day,
    it gives the year. Texts with historical dates only, with later years than the full date's, or with plans instead of
    events yield None.
    """
    if opening := next(filter(None, map(OPENING.match, text.split("\n", 3)[:3])), None):
        return next((day.isoformat() for day in _full_days(opening[0]) if day <= today), None)
    full, bare = [], []
    for sentence in _sentences(text):
        if AHEAD.search(sentence):
            continue
        full += [day for day in _full_days(sentence) if day <= today]
        bare += list(_yearless(sentence))
    anchor = max(full, default=None)
    if anchor is None or today.year - anchor.year > NEWS_YEARS:
        return None
    if any(anchor.year < int(year) <= today.year for year in YEAR.findall(text)):
        return None
    near = [day for month, n in bare if (day := _nearest(month, n, anchor)) and abs(day - anchor) <= NEAR]
    near = [day for day in near if day <= today]
    return max(anchor, *near).isoformat() if near else None


def _read(value: str) -> str:
    value = value.strip()
    if len(value) > 120:
        raise ValueError("is too long for a date")
    if re.fullmatch(r"-?\d+(?:\.\d+)?", value) and (found := _clock(value)):
        return found
    if iso := re.fullmatch(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:[T ]+(.+))?", value):
        year, month, day, time = iso.groups()
        value = f"{year}-{month:0>2}-{day:0>2}"
        if time is None:
            return date.fromisoformat(value).isoformat()
        try:
            return datetime.fromisoformat(f"{value}T{re.sub(r' ?(?:UTC|GMT|Z)$', '+00:00', time.strip())}").isoformat()
        except ValueError:
            return _written(f"{value} {time}", ymd=True)
    return _written(NOISE.sub(" ", LABEL.sub("", value, count=1)))


def _clock(number: str) -> str | None:
    """Seconds or milliseconds since 1970, or a day or a moment written as one number."""
    for length, form in ((8, "%Y%m%d"), (14, "%Y%m%d%H%M%S")):
        if len(number) == length and number.isdecimal() and OLDEST <= int(number[:4]) <= LATEST:
            found = datetime.strptime(number, form)
            return found.date().isoformat() if length == 8 else found.isoformat()
    seconds = float(number)
    if 1e11 < seconds < 1e13:
        seconds /= 1000
    # From 1973 on: what is smaller is a year or a count.
    return datetime.fromtimestamp(int(seconds), UTC).isoformat() if 1e8 < seconds < 1e11 else None


def _written(value: str, *, ymd: bool = False) -> str:
    """A date in words or with slashes. Read under two defaults and two orders: a part that is missing or that could be
    another one shows as a difference.
    """
    from dateutil import parser  # type: ignore[import-untyped]

    value = re.sub(r"(?<=\s)(\d{1,2})\.(\d\d)(?![\d.])", r"\1:\2", value)  # a British time, 10.15
    if not re.search(r"(?<!\d)\d{4}(?!\d)", value):
        raise ValueError("has no year")
    dotted = re.match(r"\d{1,2}\.\s?\d{1,2}\.\s?\d{4}", value) is not None  # written so where the day comes first
    orders = (True,) if dotted else (False,) if ymd else (False, True)
    try:
        readings = [
            [parser.parse(value, default=start, dayfirst=order, tzinfos=_zone) for order in orders]
            for start in (datetime(1904, 1, 1), datetime(1908, 2, 2))
        ]
    except (ValueError, OverflowError, TypeError, AttributeError, IndexError) as error:
        raise ValueError("is not a date") from error
    if readings[0] != readings[1]:
        raise ValueError("lacks its day, month or year")
    if len({reading.date() for reading in readings[0]}) > 1:
        raise ValueError("can be read as day/month or month/day")
    found: datetime = readings[0][0]
    timed = re.search(r"\d:\d\d|\d\s*[ap]\.?m\b", value, re.IGNORECASE)
    return found.isoformat() if timed else found.date().isoformat()


def _zone(name: str | None, offset: int | None) -> tzinfo | None:
    if offset is not None:
        return timezone(timedelta(seconds=offset)) if abs(offset) < 86_400 else None
    hours = ZONES.get((name or "").upper())
    return None if hours is None else timezone(timedelta(hours=hours))


def _day(year: str, month: str, day: str) -> date | None:
    try:
        number = int(month) if month.isdecimal() else MONTHS[month[:3].lower()]
        return date(int(year), number, int(re.sub(r"\D", "", day)))
    except (ValueError, KeyError):
        return None


def _full_days(text: str) -> Iterator[date]:
    for match in FULL.finditer(text):
        part = match.groupdict()
        at = next(n for n in "123" if part[f"y{n}"])
        if found := _day(part[f"y{at}"], part[f"m{at}"], part[f"d{at}"]):
            yield found


def _yearless(text: str) -> Iterator[tuple[int, int]]:
    """Month and day of each day without a year."""
    for match in YEARLESS.finditer(FULL.sub("·", text)):
        part = match.groupdict()
        at = next(n for n in "123" if part[f"m{n}"])
        yield MONTHS[part[f"m{at}"][:3].lower()], int(re.sub(r"\D", "", part[f"d{at}"]))


def _nearest(month: int, day: int, anchor: date) -> date | None:
    near = (_day(str(year), str(month), str(day)) for year in (anchor.year - 1, anchor.year, anchor.year + 1))
    return min((found for found in near if found), key=lambda found: abs(found - anchor), default=None)


def _sentences(text: str) -> list[str]:
    """Rough sentences: a full stop after a month's short name ends none."""
    return re.split(r"(?<=[.!?”\"])(?<!\b[A-Z][a-z]{2}\.)(?<!\bSept\.)\s+(?=[A-Z“\"])|\n+", text)
