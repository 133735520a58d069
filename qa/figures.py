"""The number, date or name that a question asks for, and where a sentence states one."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from index import keywords
from qa.followup import names
from qa.terms import Term, terms

Hedge = Literal["", "least", "most", "about"]

_MONEY = frozenset(keywords.analyse("euros dollars pounds yen yuan rupees francs crowns rubles cents"))
_TIME = frozenset(keywords.analyse("seconds minutes hours days weeks months years decades centuries"))
_LENGTH = frozenset(
    keywords.analyse("millimetres centimetres metres kilometres meters kilometers miles feet inches yards")
)
_MASS = frozenset(keywords.analyse("grams kilograms kilos tons tonnes litres liters gallons barrels pounds ounces"))
_AREA = frozenset(keywords.analyse("acres hectares square"))
_PERCENT = frozenset("%")
_PEOPLE = frozenset(keywords.analyse("people persons residents inhabitants"))
_ANYBODY = _PEOPLE | frozenset(keywords.analyse("passengers victims visitors"))
_MEASURES = tuple(
    frozenset(keywords.analyse(words))
    for words in ("costs bill price pays paid spent", "damage loss", "profit", "budget")
)
_KILLED = frozenset(keywords.analyse("people persons dead deaths victims"))

_UNITS: tuple[tuple[re.Pattern[str], frozenset[str]], ...] = tuple(
    (re.compile(form, re.IGNORECASE), units)
    for form, units in (  # the first that fits
        (r"\b(?:what|which) (?:percent|per cent|share|proportion)|\bturnout\b|\bwhat rate\b", _PERCENT),
        (r"^how (?:much|high|big|large)\b.*\b(?:costs?|damage|price|bill|pay|paid|spent|worth|loss|profit)\b", _MONEY),
        (r"^what (?:is|was|were|are|do|does|did|will)\b.*\b(?:costs?|damage|price|bill|loss|profit|budget)\b", _MONEY),
        (r"^how (?:long did|long does|long do|long has|long had|long will|long was|long is|old|many years)\b", _TIME),
        (r"^how (?:long|tall|high|far|deep|wide)\b", _LENGTH),
        (r"^how (?:heavy|much)\b", _MASS | _MONEY),
        (r"^how (?:big|large)\b", _AREA | _MONEY | _LENGTH),
        (r"\bdeath toll\b|^how many (?:people )?(?:died|were killed|have died|lost their lives)", _KILLED),
    )
)  # fmt: skip
_HOW_MANY = re.compile(r"\b(?:how many|(?:the )?number of) (?P<noun>(?:[\w'’-]+ ?){1,4})", re.IGNORECASE)
_WHEN = re.compile(r"^(?:when\b|(?:on |in )?(?:what|which) (?:day|date|month)\b)", re.IGNORECASE)
_WHO = re.compile(r"^who (?:is|was|are|were) (?:the )?(?P<role>[a-z][\w -]*)", re.IGNORECASE)
_HEDGES: tuple[tuple[Hedge, re.Pattern[str]], ...] = (
    ("least", re.compile(r"(?:more than|over|at least|above|upwards of)$", re.IGNORECASE)),
    ("most", re.compile(r"(?:nearly|almost|up to|at most|less than|fewer than|under|below)$", re.IGNORECASE)),
    ("about", re.compile(r"(?:about|around|some|roughly|approximately|an estimated|circa)$", re.IGNORECASE)),
)
_AFTER = re.compile(r"[^\w.,;:()]*((?:[^\W\d_][\w'’-]*[ ]?){1,4})")
_NUMBER_OF = re.compile(r"\bnumber of (?P<noun>(?:[\w'’-]+ ){1,3})[^.;\d]*(?:from [\d.,]+ to )?$", re.IGNORECASE)
_FROM_BEFORE = re.compile(
    r"\b(?:rises?|rose|risen|falls?|fell|fallen|drops?|dropped|cuts?|raise[sd]?|increase[sd]?|reduce[sd]?|gr[eo]wn?|shr[aiu]nk"
    r"|lower(?:ed|s)?|up|down|chang\w+|go(?:es)?|went|gone|correct\w*|revis\w*)\b[^.;\d]* from $",
    re.IGNORECASE,
)
_TO_BEHIND = re.compile(r"(?: [\w'’]+){0,3}? to (?:\w+ )?[\d€$£]")
_DIFFERENCE = frozenset("more fewer less later earlier longer older ago higher lower".split())
_FROM = frozenset(["after", "before"])
"""What makes a number a difference, and what makes a time one: 130 more nurses, 11 minutes after the alarm."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a question asks for: index terms of the units that a number may have, or of the role of a name.

    `measure` are the words for what a sum of money is: cost, bill, price.
    """

    what: Literal["number", "date", "name"]
    words: frozenset[str]
    measure: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Value:
    """A number, date or name as a sentence has it. `key` is the same however it is written.

    Of a number `amount` is its size, and `hedge` says how it may be meant: "more than", "nearly", "about".
    """

    text: str
    key: str
    amount: Decimal = Decimal(0)
    hedge: Hedge = ""


def asked(question: str) -> Asked | None:
    """What single value a question asks for; None when it asks for something else."""
    question = " ".join(question.split())
    for form, units in _UNITS:
        if form.search(question):
            stems = set(keywords.analyse(question))
            return Asked("number", units, next((m for m in _MEASURES if m & stems), frozenset()))
    if match := _HOW_MANY.search(question):
        return Asked("number", _nouns(match["noun"].split()))
    if _WHEN.search(question):
        return Asked("date", frozenset())
    if match := _WHO.search(question):
        role = frozenset(keywords.query_terms(match["role"]))
        return Asked("name", role) if role else None
    return None


def values(sentence: str, wanted: Asked, year: str | None) -> list[Value]:
    """The values of the wanted kind that a sentence states. `year` goes with a date that has none."""
    sentence = " ".join(sentence.split())
    if wanted.what == "number":
        return list(_numbers(sentence, wanted.words))
    if wanted.what == "date":
        return list(_dates(sentence, year))
    return list(_people(sentence, wanted.words))


def amounts(sentence: str) -> set[Decimal]:
    """Every number in a sentence, whatever it counts."""
    return {amount for term in terms(sentence) for amount in _amounts(term)}


def _amounts(term: Term) -> list[Decimal]:
    return [Decimal(m[1]) for key in term.keys if (m := re.fullmatch(r"n([\d.]+)(?: .+)?", key))]


def _nouns(words: list[str]) -> frozenset[str]:
    """The thing counted: the first plural after "how many", and what else people are called if it is they."""
    plural = next((w for w in words if re.search(r"(?:s|people|men|women|children)$", w.lower())), words[0])
    (stem, *_) = keywords.analyse(plural) or [""]
    return _PEOPLE | {stem} if stem in _ANYBODY else frozenset([stem])


def _numbers(sentence: str, units: frozenset[str]) -> Iterator[Value]:
    at = 0
    for term in terms(sentence):
        sizes = _amounts(term)
        start = sentence.find(term.text, at)
        if not sizes or start < 0:
            continue
        at = start + len(term.text)
        amount = max(sizes)  # $4.2m, which may be metres elsewhere
        after = _AFTER.match(sentence, at)
        words = keywords.words(after[1])[:3] if after else []
        place = next((n for n, word in enumerate(words) if keywords.stem(word) in units), None)
        if place is None and _number_of(sentence[:start], units):
            place = 0
        if _FROM_BEFORE.search(sentence[:start]) and _TO_BEHIND.match(sentence, at):
            continue  # "fell from 62 to 48": what was is stated by other articles
        percent = "%" in units and any(key.endswith("%") for key in term.keys)
        symbol = bool(units & _MONEY) and sentence[:start].rstrip().endswith(("€", "$", "£"))
        if (place is not None or percent or symbol) and not _is_difference(words[: (place or 0) + 2], units):
            yield Value(
                _written(sentence, start, at, bool(words) and place == 0),
                f"n{amount.normalize():f}",
                amount,
                _hedge(sentence[:start]),
            )


def _number_of(before: str, units: frozenset[str]) -> bool:
    """Whether the unit stands before a number: "the number of flats would fall to 48"."""
    counted = _NUMBER_OF.search(before)
    return counted is not None and not units.isdisjoint(keywords.analyse(counted["noun"]))


def _is_difference(words: list[str], units: frozenset[str]) -> bool:
    return not (_DIFFERENCE | (_FROM if units & _TIME else frozenset())).isdisjoint(words)


def _hedge(before: str) -> Hedge:
    before = before.rstrip("€$£ ")
    return next((name for name, form in _HEDGES if form.search(before)), "")


def _written(sentence: str, start: int, end: int, unit_next: bool) -> str:
    """A number with its currency sign before it or its unit, if that is the next word: "$4.2m", "1,200 people"."""
    start -= sentence[:start].endswith(("€", "$", "£"))
    unit = re.compile(r" [\w'’]+").match(sentence, end) if unit_next else None
    return sentence[start : unit.end() if unit else end]


def _dates(sentence: str, year: str | None) -> Iterator[Value]:
    """The days and months that a sentence names."""
    for term in terms(sentence):
        for key in term.keys:
            if key.startswith("d"):
                yield Value(term.text, key.replace("d----", f"d{year}") if year else key)


def _people(sentence: str, role: frozenset[str]) -> Iterator[Value]:
    """The names that stand beside a role: "fire chief Astrid Nyquist", "Astrid Nyquist, the fire chief"."""
    for name in names(sentence):
        if " " not in name or role.intersection(keywords.analyse(name)):
            continue
        at = sentence.find(name)
        before = keywords.analyse(sentence[max(0, at - 60) : at])[-len(role) :]
        beyond = re.match(r", ((?:[\w'’-]+ ?){1,8})", sentence[at + len(name) :])
        after = keywords.analyse(beyond[1]) if beyond else []
        if role <= set(before) or role <= set(after):
            yield Value(name, keywords.analyse(name)[-1])
