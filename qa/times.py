"""Where a question's words speak of a time, and which days they mean."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache

Days = tuple[date, date]
"""A first and a last day, both included."""

# What a time expression says

_DECADE = r"(?:1[5-9]|20|21)\d"
YEAR = rf"{_DECADE}\d"
_DAY = r"(?:3[01]|[12]\d|0?[1-9])(?:st|nd|rd|th)?"
_MONTH = (
    r"(?:January|February|March|April|May|June|July|August|September|October|November|December"
    r"|(?:Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)\b\.?)"
)
_NAME = (
    r"(?:January|February|(?-i:March|May)|April|June|July|August|September|October|November|December"
    r"|(?-i:Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)\b\.?)"
)
"""A month that can be nothing else: "may" and "march" are verbs."""
ARTICLES = r"(?:articles?|stories|news|headlines|coverage)"
_FREE = (
    r"(?=\W*$|['’]s\b|[,;:?!)]|\. | \(| [-–—] | (?-i:[A-Z])| \w+ly\b| (?:and|or|but|to|until|through|when|what|where"
    r"|were|who|whom|which|why|how|did|do|does|was|is|are|has|have|had|in|on|at|by|for|from|with|about|as|that|according|of|the"
    rf"|an?|after|before|because|under|compared|than|if|night|morning|afternoon|evening|say|{ARTICLES})\b)"
)
"""What stands behind a year, a month or a day: nothing that a number could count or that "May" could do."""
_NUMERIC = rf"{YEAR}[-/]\d\d?[-/]\d\d?\b|\d\d?[./]\d\d?[./]{YEAR}\b"
_WEEKDAY = r"(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day"
_SEASON = r"(?:spring|summer|autumn|fall|winter)"
_UNIT = r"(?:hour|day|week|fortnight|month|year|decade)"
_NTH = ("first", "second", "third", "fourth")
_NUMBERS = "one two three four five six seven eight nine ten eleven twelve".split()
_VAGUE = {"couple": 3, "few": 5, "recent": 5, "several": 7}
_COUNT = rf"(?:\d{{1,4}}|{'|'.join(_NUMBERS)})"
_SOME = r"(?:(?:a )?(?:few|couple(?: of)?)|several)"


@lru_cache(maxsize=1024)
def _read(text: str, today: date) -> tuple[date, str] | None:
    """A day within what an expression says, and what that is: a "day", "week", "month", "quarter" or "year"."""
    from dateparser.date import DateDataParser  # type: ignore[import-untyped]  # takes 0.2 s

    base = datetime(today.year, today.month, today.day)
    settings = {"RELATIVE_BASE": base, "PREFER_DATES_FROM": "past", "DATE_ORDER": "DMY", "TIMEZONE": "UTC"}
    found = DateDataParser(languages=["en"], settings=settings).get_date_data(text)
    return (found.date_obj.date(), found.period) if found.date_obj else None


def _whole(day: date, unit: str) -> Days:
    """The week, month, season, quarter, year or decade around a day; the day itself for "day"."""
    if unit == "day":
        return day, day
    if unit == "week":
        monday = day - timedelta(days=day.weekday())
        return monday, monday + timedelta(days=6)
    months = {"month": 1, "season": 3, "quarter": 3, "year": 12, "decade": 120}[unit]
    start = day.year * 12 + day.month - 1
    start -= (start + (unit == "season")) % months
    end = start + months
    return date(start // 12, start % 12 + 1, 1), date(end // 12, end % 12 + 1, 1) - timedelta(days=1)


def _absolute(text: str, today: date) -> Days | None:
    """ "December 2024", "3 May", "Sunday", "third quarter of 2025"."""
    text = re.sub("^(?:last|past) ", "", text)
    for n, word in enumerate(_NTH, 1):
        text = re.sub(rf"{word} quarter(?: of)?", f"q{n}", text)
    found = _read(text, today)
    return _whole(*found) if found else None


def _decade(text: str, today: date) -> Days:
    return _whole(date(int(text[:4]), 1, 1), "decade")


def _season(text: str, today: date) -> Days:
    """ "last summer" is over, "this winter" may have begun last year, "winter 2025" ends in 2026."""
    month = next(
        n for n, name in ((3, "spring"), (6, "summer"), (9, "autumn"), (9, "fall"), (12, "winter")) if name in text
    )
    if year := re.search(YEAR, text):
        return _whole(date(int(year.group()), month, 1), "season")
    this = _whole(date(today.year - (month == 12 and today.month < 3), month, 1), "season")
    over = text.startswith("this") or this[1] < today
    return this if over else _whole(this[0].replace(year=this[0].year - 1), "season")


def _near(text: str, today: date) -> Days:
    """ "the day before yesterday", "last night", "this morning", "today"."""
    day = today - timedelta(days=2 if "before" in text else 1 if text.startswith(("yesterday", "last")) else 0)
    return day, day


def _weekend(text: str, today: date) -> Days:
    """ "last weekend" is over; "the weekend" may be today."""
    saturday = today - timedelta(days=(today.weekday() + 2) % 7)
    if text.startswith("last") and saturday + timedelta(days=1) >= today:
        saturday -= timedelta(days=7)
    return saturday, saturday + timedelta(days=1)


def _calendar(text: str, today: date) -> Days:
    """ "this month", "last week"."""
    which, unit = text.split()
    this = _whole(today, unit)
    return this if which == "this" else _whole(this[0] - timedelta(days=1), unit)


def _week_of_month(text: str, today: date) -> Days | None:
    """ "first week of May"."""
    which, month = re.split(" week (?:of|in) ", text)
    if (found := _absolute(month, today)) is None:
        return None
    if which == "last":
        return found[1] - timedelta(days=6), found[1]
    start = found[0] + timedelta(days=7 * _NTH.index(which))
    return start, start + timedelta(days=6)


def _count(text: str) -> int:
    """The number in an expression; one when it says none."""
    if digits := re.search(r"\d+", text):
        return int(digits.group())
    numbers = {**{word: n for n, word in enumerate(_NUMBERS, 1)}, **_VAGUE}
    return next((numbers[word] for word in text.split() if word in numbers), 1)


def _back(text: str, today: date) -> tuple[date, str] | None:
    unit = re.findall(_UNIT, text)[-1]
    return _read(f"{_count(text)} {unit} ago", today)


def _rolling(text: str, today: date) -> Days | None:
    """ "past 30 days", "recent weeks", "a few days ago": up to today."""
    found = _back(text, today)
    return (found[0], today) if found else None


def _ago(text: str, today: date) -> Days | None:
    """ "two weeks ago" is any of the seven days around it."""
    if (found := _back(text, today)) is None:
        return None
    day, unit = found
    return (day - timedelta(days=3), day + timedelta(days=3)) if unit == "week" else _whole(day, unit)


@dataclass(frozen=True, slots=True)
class _Form:
    """A way to write a time. `relative` ones count from today; `bare` ones are a time only behind a preposition."""

    pattern: str
    days: Callable[[str, date], Days | None]
    relative: bool = False
    bare: bool = False


_FORMS = (
    _Form(_NUMERIC, _absolute),
    _Form(rf"(?:{'|'.join(_NTH)}|last) week (?:of|in) {_MONTH}(?: {YEAR})?", _week_of_month),
    _Form(
        rf"day before yesterday|yesterday|last night|this (?:morning|afternoon|evening)|earlier today"
        rf"|(?:(?<=happened )|(?<=new )|(?<=news )|(?<=from ))today|today(?=['’]s {ARTICLES})",
        _near,
        relative=True,
    ),
    _Form(r"(?:last|this past|past) weekend", _weekend, relative=True),
    _Form(r"the weekend(?! of)", _weekend, relative=True, bare=True),
    _Form(
        rf"(?:last|past) (?:{_COUNT}|{_SOME}) {_UNIT}s?(?! of)|past {_UNIT}(?! of)|(?<=the )last {_UNIT}(?! of)"
        rf"|recent {_UNIT}s|{_SOME} {_UNIT}s ago",
        _rolling,
        relative=True,
    ),
    _Form(rf"(?:a|an|{_COUNT}) (?:day|week|fortnight)s? ago", _ago, relative=True),
    _Form(rf"(?:a|an|{_COUNT}) {_UNIT}s? ago", _ago),
    _Form(rf"(?:last|past) {_WEEKDAY}", _absolute, relative=True),
    _Form(rf"last {_NAME}(?! \d)", _absolute),
    _Form(r"(?:last|this) (?:week|month)(?! of)", _calendar, relative=True),
    _Form(r"(?:last|this) (?:quarter|year|decade)(?! of)", _calendar),
    _Form(rf"{_SEASON}(?: of)? {YEAR}|(?:last|this) {_SEASON}", _season),
    _Form(rf"(?:Q[1-4]|(?:{'|'.join(_NTH)}) quarter)(?: of)? {YEAR}", _absolute),
    _Form(rf"{_DECADE}0['’]?s", _decade),
    _Form(rf"{_DAY}(?: of)? {_MONTH},? {YEAR}|{_MONTH} {_DAY},? {YEAR}", _absolute),
    _Form(rf"{_DAY}(?: of)? {_NAME}|(?<=the ){_NAME} {_DAY}|{_NAME} {_DAY}{_FREE}", _absolute),
    _Form(rf"{_MONTH},?(?: of)? {YEAR}{_FREE}", _absolute),
    _Form(rf"{_WEEKDAY}(?=['’]s\b)", _absolute),
    _Form(rf"(?:{_WEEKDAY}|{_NAME}|(?<=in )(?:may|march)|{YEAR}){_FREE}", _absolute, bare=True),
)

# Where a question has one

_SIDES = {
    **dict.fromkeys(("since", "starting"), "since"),
    **dict.fromkeys(("after", "following"), "after"),
    **dict.fromkeys(("before", "prior", "ahead"), "before"),
    **dict.fromkeys(("until", "till", "up", "by", "through"), "until"),
}
"""The side of a time that the first word of a preposition means; any other means the time itself."""
OPENER = (
    r"(?:since|starting (?:in|on|from)|after|following|before|prior to|ahead of|until|till|up to|by|through|in|on"
    r"|during|of|for|from|as of|around|throughout|within|over|at)"
)
_PARTS = r"(?:(?P<early>early|early in|beginning of|start of)|(?P<mid>mid|middle of)|(?P<late>late|late in|end of))[ -]"
ONE = re.compile(
    rf"\b(?:(?P<opener>{OPENER}) )?(?:the )?(?:year )?(?:{_PARTS}(?:the )?)?"
    rf"\b(?:{'|'.join(rf'(?P<f{n}>{form.pattern})' for n, form in enumerate(_FORMS))})(?!\w)(?:['’]s\b)?",
    re.IGNORECASE | re.ASCII,
)
_END = (
    rf"(?:{_NUMERIC}|{_DAY}\b(?:(?: of)? {_MONTH})?(?:,? {YEAR}\b)?|{_MONTH}(?: {_DAY}\b)?(?:,? {YEAR}\b)?|{YEAR}\b"
    rf"|{_WEEKDAY}\b)"
)
_RANGE = re.compile(
    rf"\b(?:(?P<opener>between|from) (?:the )?)?(?P<first>{_END})(?: ?[-–/] ?| (?:and|to|until|till|through) )"
    rf"(?P<last>{_END}){_FREE}",
    re.IGNORECASE | re.ASCII,
)
_ONWARDS = re.compile(r" (?:on(?:wards?)?|to (?:now|today|the present))\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Time:
    """A time in a question, `question[start:end]`; `at` is where it begins behind its preposition."""

    start: int
    at: int
    end: int
    side: str
    days: Days
    relative: bool


def times(question: str, today: date) -> list[Time]:
    """The times in a question in their order; a range is one."""
    found = [time for match in _RANGE.finditer(question) if (time := _range_time(match, today))]
    for match in ONE.finditer(question):
        if all(match.end() <= time.start or time.end <= match.start() for time in found):
            found += [time] if (time := _one_time(match, today)) else []
    return sorted(found, key=lambda time: time.start)


def undated(question: str, today: date) -> list[str]:
    """The words of each date in a question that is no day: "31 February", "2026-13-45"."""
    found = []
    for match in ONE.finditer(question):
        name = str(match.lastgroup)
        if _FORMS[int(name[1:])].days is _absolute and re.match(rf"{_NUMERIC}|\d\d?\D|\w+\.? \d\d?\b", match[name]):
            found += [] if _absolute(match[name].lower(), today) else [match[name]]
    return found


def _one_time(match: re.Match[str], today: date) -> Time | None:
    name = str(match.lastgroup)
    form = _FORMS[int(name[1:])]
    opener, part = (match["opener"] or "").lower(), _part(match)
    if form.bare and (not (opener or part) or match.string[: match.start(name)].lower().endswith(" the ")):
        return None
    days = form.days(match[name].lower(), today)
    onwards = _ONWARDS.match(match.string, match.end()) if opener == "from" else None
    side = "since" if onwards else _SIDES.get(opener.split(" ")[0], "in")
    at = match.end("opener") + 1 if opener else match.start()
    end = onwards.end() if onwards else match.end()
    return Time(match.start(), at, end, side, _third(days, part), form.relative) if days else None


def _part(match: re.Match[str]) -> str | None:
    return next((name for name in ("early", "mid", "late") if match[name]), None)


def _third(days: Days, part: str | None) -> Days:
    """The early, the middle or the late third of a month or of anything longer."""
    first, last = days
    third = timedelta(days=((last - first).days + 1) // 3)
    if part is None or third < timedelta(days=9):
        return days
    one = timedelta(days=1)
    thirds = {
        "early": (first, first + third - one),
        "mid": (first + third, last - third),
        "late": (last - third + one, last),
    }
    return thirds[part]


def _range_time(match: re.Match[str], today: date) -> Time | None:
    words, first, last = match.group().lower(), match["first"], match["last"]
    opener = (match["opener"] or "").lower()
    weekdays = all(re.fullmatch(_WEEKDAY, end, re.IGNORECASE) for end in (first, last))
    dated = re.search(_MONTH, words, re.IGNORECASE) or len(re.findall(YEAR, words)) == 2 or (weekdays and opener)
    if not dated or (" and " in words and opener != "between"):
        return None
    days = _weekdays(first, last, today) if weekdays else _range(first, last, today)
    return Time(match.start(), match.start("first"), match.end(), "in", days, relative=False) if days else None


def _weekdays(first: str, last: str, today: date) -> Days | None:
    """ "from Monday to Friday": up to the last Friday that has begun."""
    start, end = _absolute(first.lower(), today), _absolute(last.lower(), today)
    return (end[1] - (end[1] - start[0]) % timedelta(days=7), end[1]) if start and end else None


def _range(first: str, last: str, today: date) -> Days | None:
    """From one end of a range to the other, or back; the month or the year that one leaves out is the other's."""
    if re.fullmatch(_NUMERIC, first) or re.fullmatch(_NUMERIC, last):
        return _between(_absolute(first, today), _absolute(last, today))
    (day1, month1, year1), (day2, month2, year2) = _written(first), _written(last)
    end = _absolute(f"{day2} {month2 or (day2 and month1)} {year2 or year1}".strip(), today)
    if end is None:
        return None
    start = _absolute(f"{day1} {month1 or (day1 and month2)} {year1 or end[0].year}".strip(), today)
    if start and start[0] > end[1] and month1 and not year1:  # "between December and February 2026"
        start = _absolute(f"{day1} {month1} {end[0].year - 1}".strip(), today)
    return _between(start, end)


def _between(one: Days | None, other: Days | None) -> Days | None:
    """From the first day of either to the last day of either."""
    return (min(one[0], other[0]), max(one[1], other[1])) if one and other else None


def _written(text: str) -> tuple[str, str, str]:
    """Day, month and year of one end of a range, "" where it has none."""
    found = (re.search(rf"\b{pattern}(?!\w)", text, re.IGNORECASE) for pattern in (_DAY, _MONTH, YEAR))
    day, month, year = (match.group() if match else "" for match in found)
    return day, month, year
