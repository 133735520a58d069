"""The lines between a headline and its article: who wrote it, and when."""

import re
from typing import NamedTuple

from index.publication import DAY, MONTH, full_date, says_a_day

LONGEST = 160
PARTICLES = re.compile(r"de|da|di|dos?|la|le|du|del|della|van|von|der|den|ten|bin|ibn|al|el|y|e")
NO_NAME = re.compile(
    r"the|an?|and|of|in|on|for|to|is|are|was|this|that|what|why|how|who|when|where|new|news|sports?|world|read|more|"
    r"live|"
    r"breaking|video|updated|published|opinion|politics|business|analysis|exclusive|watch|listen|home|search|menu|"
    r"\w+day|january|february|march|april|june|july|august|september|october|november|december|middle|east|north|south|"
    r"west|europe|africa|asia|america|american|british|united|states|kingdom|review|guide|summary|introduction|"
    r"conclusion|"
    r"background|about|contact|copyright|press|health|science|culture|climate|site|map|service|services|center|"
    r"centre|show|archives?|\w+\.(?:com|org|net)",
    re.IGNORECASE,
)
"""Words of headlines and menus that are in nobody's name."""
AGENCY = re.compile(
    r"(?:the )?associated press|reuters|ap|afp|agence france-presse|bbc(?: news)?|pa media|press association|bloomberg|"
    r"xinhua|tass|dpa|ani|pti|upi|staff|agenc(?:y|ies)|staff and agencies|our correspondents?|"
    r"(?:(?:our|own|staff|agency|special|senior|chief|news|web|city|foreign|political|editorial|guest) )+"
    r"(?:staff|writers?|reporters?|correspondents?|contributors?|desk)(?: and agencies)?",
    re.IGNORECASE,
)
"""Who is nobody: an agency, or a role without a name ("Staff Reporter")."""
PICTURES = r"(?:photos|photographs|photography|pictures|images)"
WRITTEN = r"(?:words|written|reported|reporting|story|report|text)"
OPENING = re.compile(
    rf"(?:(?:{WRITTEN}(?: and {PICTURES})?|{PICTURES} and {WRITTEN}|interview) )?by\b\s?:?\s+|author\s?:\s+",
    re.IGNORECASE,
)
MAIL = re.compile(r"[\s,|•·–—-]*[<(]?\b[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,4}[>)]?")
"""An e-mail address, with what parts it from what is before it."""
PLACE = re.compile(r"[A-Z][\w .]{1,30}")
LETTERS = re.compile(r"(?:[^\W\d_]|[.'’-])+")
ROLES = (
    r"(?:reporter|correspondent|editor|writer|journalist|columnist|contributor|staff|bbc (?:news|sport)|press|agency|"
    r"reuters|producer|critic|analyst|bureau chief)"
)
ROLE = re.compile(rf"\b{ROLES}\b", re.IGNORECASE)
STANDS_ALONE = re.compile(
    rf"\b{ROLES}s?(?=$|\s*[,|/&(@–—-]|\s+(?:at|for|of|in|with|and)\s+(?:the\s+)?(?-i:[A-Z@]))", re.IGNORECASE
)
"""A role with nothing behind it, or where: no "Chief editor arrested in raid"."""
CUT = re.compile(r"\s?[|•·]\s?|\s[–—-]\s|\s+(?=(?:first |last )?(?:published|updated|posted)\b)", re.IGNORECASE)
LABELS = r"first published|originally published|published|posted|last updated|updated|last modified|modified|filed|date"
SPLIT = re.compile(rf"(?<!first )(?<!last )(?<!originally )(?=\b(?:{LABELS})\b)", re.IGNORECASE)
LABELLED = re.compile(rf"(?:{LABELS})\b(?: (?:on|at))?\s?[:|–—-]?\s*(.*)", re.IGNORECASE)
RELATIVE = re.compile(
    r"(?:(?:about |over )?(?:\d{1,3}|an?|one|two|three) (?:second|minute|min|hour|hr|day|week|month|year)s? ago|"
    r"just now|"
    r"today|yesterday)\b(?:[\s,|·•–—-]*(?:(?:at|on|updated|by) )?\d.{0,20})?",
    re.IGNORECASE,
)
NUMBERS = re.compile(r"\d{1,4}[/.-]\d{1,2}[/.-]\d{1,4}\b.{0,30}")
WEEKDAY = re.compile(
    r"(?:(?:[A-Z][a-z]{2,8}day|Mon|Tue|Wed|Thu|Fri|Sat|Sun)\.?,?\s*)?(?:\d{1,2}[:.]\d\d[^\d]{0,12}[,\s])?"
)
TIME = re.compile(
    r"[\s,|–—-]*(?:(?:at |@ ?)?\d{1,2}(?:(?:[:.h]\d\d){1,2}\s*(?:[ap]\.?m\.?)?|\s?[ap]\.?m\.?)\s*(?:\(?[A-Z]{1,5}\)?|"
    r"local time)?"
    r"(?:\s?[+-]\d\d:?\d\d)?)?[\s,.)]*",
    re.IGNORECASE,
)
SHORT_DAY = re.compile(rf"(?:\w+day,? )?(?:{MONTH}\s?{DAY}|{DAY}\s{MONTH})(?!\d){TIME.pattern}", re.IGNORECASE)
CLOCK = re.compile(r"\d{1,2}[:.]\d\d\b.{0,20}")


class Dated(NamedTuple):
    """A day that a line claims, whether it is the day of an update, and whether a label ("Published") says so."""

    value: str
    updated: bool
    labelled: bool


def signed(line: str) -> tuple[str | None, str] | None:
    """The author that a byline names, with what follows the name ("5 December 2024"); None when it is no byline."""
    opening = OPENING.match(line)
    line = MAIL.sub("", line[: LONGEST + 1])
    if not opening or len(line) > LONGEST or line.endswith((".", "!", "?", ":")):
        return None
    parts = CUT.split(line[opening.end() :], maxsplit=1)
    who, rest = parts[0], parts[1] if len(parts) > 1 else ""
    if date := full_date(who):
        who, rest = who[: date.start()].strip(" ,"), who[date.start() :]
    author = people(who)
    return (author, rest) if author or AGENCY.fullmatch(who.strip()) else None


def people(text: str) -> str | None:
    """The people whom a line names and nobody else, as "Jane Roe, John Poe"; None when it is not a list of names."""
    parts = re.split(r"\s*,\s*|\s+(?:and|AND|&)\s+|\s+in\s+(?=[A-Z])", text.strip(" ,"))
    names = []
    for number, part in enumerate(parts):
        if AGENCY.fullmatch(part):
            continue
        if is_name(part) and not (number and ROLE.search(part)):
            names.append(part.title() if part.isupper() else part)
        elif number == 0 or not (ROLE.search(part) or PLACE.fullmatch(part)):
            return None
    return ", ".join(dict.fromkeys(names)) or None


def is_name(text: str) -> bool:
    """Whether a line could be one person's name: two to five words with capitals, none of them a common word."""
    words = text.split()
    return (
        2 <= len(words) <= 5
        and len(text) <= 60
        and words[0][0].isupper()
        and words[-1][0].isupper()
        and all(PARTICLES.fullmatch(word) or (word[0].isupper() and LETTERS.fullmatch(word)) for word in words)
        and not any(NO_NAME.fullmatch(word) for word in words)
    )


def is_role(line: str) -> bool:
    """Whether a line under a byline says what the author does or for whom: "Health correspondent, Example News"."""
    return (
        len(line) <= 60
        and len(line.split()) <= 7
        and not line.endswith((".", "?", "!"))
        and bool(STANDS_ALONE.search(line))
    )


def dated(line: str) -> list[Dated] | None:
    """The days that a dateline such as "Published 5 December 2024, updated 6 December 2024" claims.

    Empty when it is a dateline without a full day ("Updated:", "3 hours ago"); None when it is something else.
    """
    if len(line) > LONGEST or (line.endswith((".", "!")) and not line.endswith(".m.")):
        return None
    found = []
    for part in SPLIT.split(line):
        part = part.strip(" ,;|•·–—-()")
        if not part:
            continue
        labelled = LABELLED.match(part)
        value = (labelled[1] if labelled else part).strip(" ,;|•·")
        if _is_day(value):
            updated = labelled is not None and re.match("last|up|mod", part, re.IGNORECASE) is not None
            found.append(Dated(_day_of(value), updated=updated, labelled=labelled is not None))
        elif not (_is_vague(value) or (labelled and (not value or CLOCK.match(value)))):
            return None
    return found


def _is_vague(value: str) -> bool:
    """Whether `value` is a day that can't be told: "3 hours ago", "Dec. 5"."""
    return bool(RELATIVE.fullmatch(value) or SHORT_DAY.fullmatch(value))


def _is_day(value: str) -> bool:
    """Whether `value` is a day, with a weekday, a time and a zone at most."""
    if says_a_day(value) or NUMBERS.fullmatch(value):
        return True
    found = full_date(value)
    return bool(found and WEEKDAY.fullmatch(value[: found.start()]) and TIME.fullmatch(value[found.end() :]))


def _day_of(value: str) -> str:
    """The part of `value` that can be read as a day, with its time if that can be read too."""
    found = full_date(value)
    if found is None or says_a_day(value):
        return value
    whole = value[found.start() :]
    return whole if says_a_day(whole) else found[0]
