"""The numbers of a text, whether in digits or in words, with the keys by which one is found in another text.

The number 38 has the key `n38`, with a unit `n38 cm`; the third is `o3`, the 1990s are `n1990s`, the year 2026 is
`y2026`, and "dozens" are `mdozens`. What is none of these, as 9e5, 4,7 or 3:30, has to be found as it stands: `g4,7`.
"""

import re
import unicodedata
from collections.abc import Iterator
from decimal import Decimal
from typing import NamedTuple

from qa.units import carried, unit_at

_ONES = """zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen
    seventeen eighteen nineteen""".split()
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()
_ORDINALS = "zeroth first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth".split()
_BIG = {"hundred": 100, "thousand": 10**3, "million": 10**6, "billion": 10**9, "trillion": 10**12, "dozen": 12}
_SCALES = _BIG | {"k": 10**3, "mn": 10**6, "m": 10**6, "bn": 10**9}
_VALUES = {w: n for n, w in enumerate(_ONES)} | {w: 20 + 10 * n for n, w in enumerate(_TENS)}
_WORD_NUMBER = rf"(?:{'|'.join(_TENS)})(?:[- ](?:{'|'.join(_ONES[1:10])}))?|{'|'.join(reversed(_ONES))}"
_DIGITS = r"\d{1,3}(?:[ \u00a0\u2009\u202f]\d{3})++(?!\d)|(?:(?<![\w.])\.)?\d++(?:[.,:/'’_]\d++)*+"
_NUMBER = re.compile(
    rf"(?<![^\W_])(?:(?P<digits>{_DIGITS})(?:(?P<mark>st|nd|rd|th|s)(?![^\W_]))?|(?P<word>{_WORD_NUMBER})(?![^\W_]))"
    rf"(?:[ -]?(?P<scale>{'|'.join(_SCALES)})(?![^\W_]))?(?=[^\W\d_]*+(?![^\W_]))"
    r"(?P<percent>[ -]?%|[ -]per ?cent\b|[ -]percentage\b(?! points?\b))?",
    re.IGNORECASE,
)
_GROUPED = re.compile(r"\d{1,3}(?:,\d{2,3})*,\d{3}(?:\.\d+)?")
_YEAR = re.compile(r"1\d{3}|20\d\d")
_IN_A_YEAR = re.compile(r"\b(?:in|since|until|during|year) \Z", re.IGNORECASE)
_THE = re.compile(r"\b(?:the|this|its|their|our|his|her|of) \Z", re.IGNORECASE)
_PLURAL = re.compile(r" [a-z]+s\b")
_ORDINAL = re.compile(rf"\b(?:{'|'.join(_ORDINALS[3:])})\b", re.IGNORECASE)
_BARE = re.compile(
    rf"\b(?P<some>(?:several|many|some|a few|few) )?(?P<part>half|quarter)?(?:[ -](?:of )?(?:an? )?)?"
    rf"\b(?P<scale>{'|'.join(_BIG)})\b",
    re.IGNORECASE,
)
_MAGNITUDES = {
    "half": "mhalf", "halves": "mhalf", "quarter": "mquarter", "quarters": "mquarters", "thirds": "mthirds",
    **dict.fromkeys(("twice", "double", "doubles", "doubled"), "mtwice"),
    **dict.fromkeys(("thrice", "triple", "triples", "tripled"), "mthrice"),
    **{f"{name}s": f"m{name}s" for name in ("ten", *_BIG)},
}  # fmt: skip
_EQUAL = {"n50 %": "mhalf", "n25 %": "mquarter"}
_MAGNITUDE = re.compile(rf"\b(?:{'|'.join(_MAGNITUDES)})\b", re.IGNORECASE)
_TOKEN = re.compile(r"(?<![^\W_])(?!k?m[²³]\b)[^\W_]+")


class Number(NamedTuple):
    """A number as it is written, and its keys."""

    text: str
    keys: frozenset[str]


def numbers(text: str) -> tuple[list[Number], str]:
    """The numbers of a text, and the text with blanks in the place of those that no other reading is left for."""
    matches = list(_NUMBER.finditer(text))
    units = [unit_at(text, m.start(), m.end()) if not m["percent"] else "%" for m in matches]
    for n in reversed(range(len(matches) - 1)):
        if not units[n] and carried(text[matches[n].end() : matches[n + 1].start()]) and not _year(matches[n]):
            units[n] = units[n + 1]
    found = [Number(m.group().strip(" ."), frozenset(_keys(m, unit))) for m, unit in zip(matches, units, strict=True)]
    rest = _blanked(text, [m for m, number in zip(matches, found, strict=True) if number.keys])
    bare = list(_BARE.finditer(rest))
    found += (Number(m.group(), frozenset([_bare_key(m, unit_at(rest, m.start(), m.end()))])) for m in bare)
    rest = _blanked(rest, bare)
    found += (Number(m.group(), frozenset([_MAGNITUDES[m.group().lower()]])) for m in _MAGNITUDE.finditer(rest))
    found += (Number(m.group(), frozenset([f"o{_ORDINALS.index(m.group().lower())}"])) for m in _ORDINAL.finditer(rest))
    glued = (m.group() for m in _TOKEN.finditer(rest) if any(unicodedata.category(c)[0] == "N" for c in m.group()))
    found += (Number(token, frozenset([f"g{token.lower()}", *implied(f"g{token.lower()}")])) for token in glued)
    return [number for number in found if number.keys], rest


def implied(key: str) -> Iterator[str]:
    """What is held together with a number: 12 % is also 12, half is also 50 %, and A380 is also 380."""
    if key[0] in "ng" and " " in key:
        yield key.partition(" ")[0]
    yield from (other for pair in _EQUAL.items() if key in pair for other in pair)
    if match := re.fullmatch(r"g[^\W\d_]+(\d+)", key):
        yield f"n{match[1]}"


def _keys(match: re.Match[str], unit: str | None) -> list[str]:
    """Of 400m both readings, metres and millions; of 2026 too, a year and a number; "one" alone counts nothing."""
    digits, word, scale = match["digits"], match["word"], (match["scale"] or "").lower()
    mark = (match["mark"] or "").lower()
    if word and word.lower() == "one" and not scale and not match["percent"]:
        return []  # "one of them"
    written = re.sub(r"\s", "", digits or "").replace("’", "'")
    behind = f" {unit}" if unit else ""
    if mark:
        return [f"n{written}s" if mark == "s" else f"o{written}"]
    if word:
        value = Decimal(sum(_VALUES[part] for part in re.split("[- ]", word.lower())))
    elif unit in ("am", "pm") and (clock := re.fullmatch(r"(\d{1,2})[.:](\d\d)", written)):
        return [f"n{clock[1]} {unit}" if clock[2] == "00" else f"g{clock[1]}:{clock[2]} {unit}"]
    elif re.fullmatch(r"\d+(?:\.\d+)?|\.\d+", written) or _GROUPED.fullmatch(written):
        value = Decimal(written.replace(",", ""))
    else:
        return [f"g{written} {scale}".strip() + behind]
    if _year(match) and not unit:
        return _year_keys(match)
    keys = [f"n{(value * _SCALES.get(scale, 1)).normalize():f}{behind}"]
    if scale in ("m", "k") and not unit:
        keys.append(f"n{value.normalize():f}{' m' if scale == 'm' else ''}")
    return keys


def _year(match: re.Match[str]) -> bool:
    return not (match["mark"] or match["scale"] or match["percent"]) and bool(_YEAR.fullmatch(match["digits"] or ""))


def _year_keys(match: re.Match[str]) -> list[str]:
    """`y2026` "in 2026", `n2026` of "2026 nurses", and both where it may be either."""
    before, digits = match.string[max(0, match.start() - 8) : match.start()], match["digits"]
    if digits.startswith(("19", "20")) and _IN_A_YEAR.search(before):
        return [f"y{digits}"]
    if _PLURAL.match(match.string, match.end()) and not _THE.search(before):
        return [f"n{digits}"]
    return [f"n{digits}", f"y{digits}"]


def _bare_key(match: re.Match[str], unit: str | None) -> str:
    """The key of a scale without a number: a million, half a million, several million."""
    name, part = match["scale"].lower(), (match["part"] or "").lower()
    if match["some"]:
        return f"m{name}s"
    value = Decimal(_BIG[name]) * {"half": Decimal("0.5"), "quarter": Decimal("0.25")}.get(part, Decimal(1))
    return f"n{value.normalize():f}" + (f" {unit}" if unit else "")


def _blanked(text: str, matches: list[re.Match[str]]) -> str:
    """The text with blanks where something was found."""
    rest, at = [], 0
    for match in matches:
        rest += [text[at : match.start()], " " * (match.end() - match.start())]
        at = match.end()
    return "".join([*rest, text[at:]])
