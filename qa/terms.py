"""What a sentence states that can be looked up word for word: its names, numbers, dates and addresses.

A term has one or more keys, and a text holds the term when it has one of them. Keys are the same however a thing is
written: 1,200 and 1200, two and 2, 12 % and 12 percent, 6.8 million and 6,800,000, Sept. 14 and 2026-09-14. A number
with a unit has the unit in its key: 38 cm is held by 38 centimetres and not by 38 or 38 km.
"""

import re
import unicodedata
from collections.abc import Iterator, Set
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from index import keywords
from qa.numbers import implied, numbers

_MONTHS = "January February March April May June July August September October November December".split()
_MONTH = rf"({'|'.join(f'{name}|{name[:3]}' for name in _MONTHS)}|Sept)\b\.?"
_YEAR = r"((?:1\d|20)\d\d)\b"
_DATES = (
    re.compile(rf"\b{_YEAR}-(\d\d)-(\d\d)\b"),
    re.compile(rf"\b(\d{{1,2}})(?:st|nd|rd|th)?(?: of)? {_MONTH}(?:,? {_YEAR})?"),
    re.compile(rf"\b{_MONTH} (\d{{1,2}})(?:st|nd|rd|th)?\b(?:,? {_YEAR})?"),
    re.compile(rf"\b{_MONTH}(?:,? {_YEAR})?"),
)
_ADDRESS = re.compile(
    r"(?:https?|ftp|file)://\S+|(?:javascript|vbscript|data|mailto):\S+|www\.\S+"
    r"|[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,4}"
    r"|\b[\w-]{1,63}(?:\.[\w-]{1,63}){0,4}\.(?:com|org|net|info|io)\b",
    re.IGNORECASE,
)
_NAME = re.compile(r"(?:[A-Z]\.){2,}|[^\W\d_](?:[\w’']|[.&](?=[^\W\d_]))*")
_INITIALS = re.compile(r"(?<![\w’'])(?:[A-Z][\w’']*+(?:[ -](?:of|for|the|and|on|in)(?: the)?)?[ -]){1,6}[A-Z][\w’']*+")
_PLAIN = keywords.STOPWORDS | frozenset(
    """according although among another around away back both despite earlier following however including instead it’s
    later like meanwhile mr mrs ms dr nearly never none nothing overall since still there’s therefore thus today unlike
    unless upon whereas whether within without yes yet additionally""".split()
)
"""Words that state nothing, wherever they stand."""
_ENDINGS = frozenset(["s", "n", "y", "i", "an", "ian", "ish", "es"])
"""What one word may have that the other lacks: America and American, German and Germany, Pakistan and Pakistani."""


@dataclass(frozen=True, slots=True)
class Term:
    """Something that a sentence states, as it is written there, and the keys of which one has to be found."""

    text: str
    keys: frozenset[str]


@lru_cache(maxsize=256)
def terms(text: str) -> tuple[Term, ...]:
    """The names, numbers, dates and addresses of a text."""
    found: list[Term] = []
    for pattern, keys in ((_ADDRESS, _address_keys), *((p, _date_keys) for p in _DATES)):
        rest = []
        at = 0
        for match in pattern.finditer(text):
            if stated := keys(match):
                found.append(Term(match.group().strip(" ."), frozenset(stated)))
                rest += [text[at : match.start()], " " * (match.end() - match.start())]
                at = match.end()
        text = "".join([*rest, text[at:]])
    stated_numbers, text = numbers(text)
    found += (Term(number.text, number.keys) for number in stated_numbers)
    found += (Term(name, frozenset([f"w{keywords.stem(word)}"])) for name, word in _names(text))
    found += (Term(word, frozenset([f"w{keywords.stem(word)}"])) for word in keywords.words(text) if _mixed(word))
    return tuple(found)


@lru_cache(maxsize=1024)
def keys(text: str, *, year: int | None = None) -> frozenset[str]:
    """All that a text holds; a day or month in it that has no year is also held with `year`."""
    held = {f"w{stem}" for stem in keywords.analyse(text)}
    for term in terms(text):
        for key in term.keys:
            held.add(key)
            held |= _implied(key, year)
    held |= {"n1" for word in ("one", "single") if f"w{word}" in held}
    for match in _INITIALS.finditer(text):
        capitals = "".join(re.findall(r"\b[A-Z]", match.group())).lower()
        held |= {f"w{capitals[a:b]}" for a in range(len(capitals)) for b in range(a + 2, len(capitals) + 1)}
    return frozenset(held)


def day_keys(day: date) -> set[str]:
    """All that a day holds: its date, its parts and the name of its weekday."""
    key = f"d{day.isoformat()}"
    return {key, f"w{keywords.stem(day.strftime('%A').lower())}"} | _implied(key, None)


def holds(held: Set[str], term: Term) -> bool:
    """Whether a text that holds some keys holds a term."""
    if term.keys & held:
        return True
    words = [key for key in term.keys if key[0] == "w" and len(key) > 4]
    return any(_akin(word, other) for word in words for other in held)


def _akin(one: str, other: str) -> bool:
    short, long = sorted((one, other), key=len)
    return len(short) > 4 and long.startswith(short) and long[len(short) :] in _ENDINGS


def _address_keys(match: re.Match[str]) -> list[str]:
    return ["a" + match.group().lower().rstrip(".,;:!?)”’\"'")]


def _date_keys(match: re.Match[str]) -> list[str]:
    """`d2026-09-14`, `d----09-14` (no year), `d2026-09` or `d----09` (no day)."""
    year, month, day = "----", "", ""
    for group in filter(None, match.groups()):
        if not group.isdigit():
            month = f"{next(n for n, name in enumerate(_MONTHS, 1) if name.startswith(group[:3])):02}"
        elif len(group) == 4:
            year = group
        elif match.re is _DATES[0] and not month:
            month = group
        else:
            day = f"{int(group):02}"
    if match.group() in ("May", "March") and not re.search(r"[\w,] $", match.string[: match.start()]):
        return []  # a verb that begins a sentence
    return [f"d{year}-{month}" + (f"-{day}" if day else "")]


def _implied(key: str, year: int | None) -> set[str]:
    """What is held together with a key: 12 % is also 12, and a date its month, its year and the same without year."""
    if key[0] != "d":
        return set(implied(key))
    stated, rest = key[1:5], key[5:]
    also = {f"d----{rest}", f"d----{rest[:3]}"}
    for known in (stated if stated != "----" else None, None if stated != "----" or year is None else f"{year:04}"):
        if known:
            also |= {f"d{known}{rest}", f"d{known}{rest[:3]}", f"y{known}"}
    return also


def _names(text: str) -> Iterator[tuple[str, str]]:
    """The capitalised words of a text, as written and as an index word."""
    for match in _NAME.finditer(text):
        written = match.group()
        shouted = len(written) > 1 and written.isupper()  # the US, the WHO
        if written != written.lower() and (shouted or written.lower() not in _PLAIN):
            for word in keywords.words(written):
                if shouted or word not in _PLAIN:
                    yield written, word


def _mixed(word: str) -> bool:
    """Whether a word has letters of two scripts, as a "nοt" with a Greek o has: it is not what it looks like."""
    if word.isascii():
        return False
    return len({unicodedata.name(c, "").startswith("LATIN") for c in word if c.isalpha()}) > 1
