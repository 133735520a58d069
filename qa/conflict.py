"""Articles that disagree: to one question another number, date or name."""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from index import keywords
from index.types import Article
from qa.figures import Asked, Value, amounts, asked, values
from qa.rerank import Reranker
from qa.sources import source
from qa.terms import holds, keys, terms
from qa.types import Quote

FIRST = 3
"""The value that the others are held against is in one of the FIRST quotes."""
AKIN = {"number": -2.5, "date": 3.0, "name": -2.5}
"""The least logit of the cross-encoder, given one sentence as the question, for the other to speak of the same.

The figures that differ in the samples have -2.2 or more, those of other things -3.3 or less but for what the other
rules tell apart. Two dates of one thing have 3.9 or more, of Apple's two launches 1.4: the one false disagreement
that -2.5 for dates made, in 47 questions of mtrag; 150 of squad2 had none. The limit for dates was set on that case.
"""
BEGINNING = 300
ALIKE = 4
"""Words that two articles share at least in their titles and first BEGINNING characters if they tell of the same: those
of the samples that do share 4 to 19, others 0 to 3."""
TIMES = 4
"""Numbers further apart are no two figures for one thing: the 64 hangers of a bridge and the 5 that were replaced."""
DAYS = 400
"""Days further apart are no two dates of one thing."""
DISAGREE = "The articles disagree:"
"""How a note on a disagreement begins."""
WEEK = 6
"""Days between two articles from which "this week" and "on Sunday" are not the same in both."""
_RELATIVE = re.compile(
    r"\b(?:today|yesterday|tonight|this (?:morning|afternoon|evening|week|weekend|month)"
    r"|last (?:night|week|weekend|month)|(?<!said )(?<!said on )(?:mon|tues|wednes|thurs|fri|satur|sun)day)\b",
    re.IGNORECASE,
)
_POLL = re.compile(r"\b(?:polls?|pollsters?|survey\w*)\b", re.IGNORECASE)
"""What people say they will do is no other account of what they did."""
_SO_FAR = re.compile(r"\b(?:so far|to date|as yet|up to now|until now|since)\b", re.IGNORECASE)
"""What a count has that goes on: of articles that give one, a later one gives more."""
_DUE = re.compile(r"\b(?:instead of|rather than) ([^,;:.]{1,30})", re.IGNORECASE)
_SIZES = frozenset(keywords.analyse("hundred thousand million billion trillion dozen half per cent percent"))
_MONTHS = "January February March April May June July August September October November December"
_MONTH = re.compile(rf"\b(?:{_MONTHS.replace(' ', '|')})\b")
_YEAR = re.compile(r"\b(?:1[5-9]|20)\d\d\b(?![.,]\d)")


@dataclass(frozen=True, slots=True)
class Disagreement:
    """What articles say differently: each value and the sentence that states it, those of the newest article first."""

    values: tuple[tuple[str, Quote], ...]


def disagreement(reranker: Reranker, question: str, quotes: Sequence[Quote]) -> Disagreement | None:
    """Where the articles quoted state different values for what a question asks; None where they don't.

    `quotes` are sentences that may answer, best first. A value differs from that of the first quote that states one
    when it is of the same unit and size, of the same time, and stands in a sentence of another article on the same
    story that the cross-encoder finds akin. It errs on the side of None: of two figures that are told apart by a word
    only, or of which one sentence has both ("ten instead of eleven"), it says nothing.
    """
    wanted = asked(question)
    stated = [(quote, _values(quote, wanted)) for quote in quotes] if wanted else []
    first = next(((quote, found) for quote, found in stated[:FIRST] if found), None)
    if wanted is None or first is None or not _holds_names(first[0].article, question):
        return None
    best, own = first
    others = [
        (quote, found)
        for quote, found in stated
        if found and quote.article.id != best.article.id and _differ(own, found, wanted)
        if _holds_names(quote.article, question)
        if wanted.what == "date" or _same_time(best, quote, question)
        if wanted.what != "number" or _same_story(best, quote, wanted)
        if bool(_POLL.search(best.line)) == bool(_POLL.search(quote.line))
        if not (_instead(best, found) or _instead(quote, own))
        if not (_outgrown(best, own, quote, found) or _outgrown(quote, found, best, own))
    ]
    if not others:
        return None
    akin = [_akin(reranker, best.line, quote.line, wanted) for quote, _ in others]
    kept = {best.article.id: (own[0], best)}
    for logit, (quote, found) in sorted(zip(akin, others, strict=True), key=lambda pair: -pair[0]):
        known = [value for value, _ in kept.values()]
        if (
            logit >= AKIN[wanted.what]
            and quote.article.id not in kept
            and all(_differ([value], found, wanted) for value in known)
        ):
            kept[quote.article.id] = (found[0], quote)
    newest = sorted(kept.values(), key=lambda pair: pair[1].article.published or "", reverse=True)
    return Disagreement(tuple((value.text, quote) for value, quote in newest)) if len(newest) > 1 else None


def note(found: Disagreement) -> str:
    """A disagreement in a sentence: 'The articles disagree: “1,950” (Gazette, 15 September 2026), “1,200” (…).'"""
    return f"{DISAGREE} {', '.join(f'“{text}” ({source(q.article)})' for text, q in found.values)}."


def _holds_names(article: Article, question: str) -> bool:
    """Whether an article holds the names of a question: another ferry's passengers contradict nobody."""
    held = keys(f"{article.title}\n{article.publisher or ''}\n{article.text}")
    return all(holds(held, term) for term in terms(question) if not any(c.isdigit() for c in term.text))


def _akin(reranker: Reranker, one: str, other: str, wanted: Asked) -> float:
    """How sure the cross-encoder is that two sentences speak of the same: the lower logit of each asked of the other.

    Where both name the measure that is asked for, the cost or the damage, how the other answers the one is enough;
    where only one does, they speak of different things.
    """
    named = [bool(wanted.measure.intersection(keywords.analyse(text))) for text in (one, other)]
    if named[0] != named[1]:
        return -math.inf
    forth = float(reranker.scores(one, [other])[0])
    return forth if all(named) else min(forth, float(reranker.scores(other, [one])[0]))


def _same_story(one: Quote, other: Quote, wanted: Asked) -> bool:
    """Whether the articles quoted begin with enough of the same words.

    What the rebuilding of a mill and that of a tunnel share is a cost and its unit.
    """
    first, second = (_beginning(quote) - wanted.words - wanted.measure for quote in (one, other))
    return len(first & second) >= min(ALIKE, len(first) / 2, len(second) / 2)


def _beginning(quote: Quote) -> set[str]:
    """The index terms of an article's title and beginning, and of what is quoted of it, without numbers."""
    words = keywords.query_terms(f"{quote.article.title} {quote.article.text[:BEGINNING]} {quote.line}")
    return {term for term in words if term not in _SIZES and not term[0].isdigit()}


def _instead(quote: Quote, stated: Sequence[Value]) -> bool:
    """Whether a sentence says of one of the values that it is what should be: "ten sailings instead of eleven"."""
    due = {amount for match in _DUE.finditer(quote.line) for amount in amounts(match[1])}
    return not due.isdisjoint(value.amount for value in stated)


def _outgrown(old: Quote, counted: Sequence[Value], new: Quote, found: Sequence[Value]) -> bool:
    """Whether an older article counts what there was so far, and the newer one more: "200,000 have come since June"."""
    later = (old.article.published or "")[:10] < (new.article.published or "")[:10]
    return later and counted[0].amount < found[0].amount and bool(_SO_FAR.search(old.line))


def _values(quote: Quote, wanted: Asked) -> list[Value]:
    published = quote.article.published
    return values(quote.line, wanted, published[:4] if published else None)


def _differ(own: Sequence[Value], others: Sequence[Value], wanted: Asked) -> bool:
    """Whether no value of the one may be meant by one of the other, and the first of each could be of one thing."""
    if wanted.what == "number":
        small, large = sorted((own[0].amount, others[0].amount))
        near = small > 0 and large <= TIMES * small
        return near and not any(_compatible(a, b) or _compatible(b, a) for a in own for b in others)
    if wanted.what == "date":
        return len(own) == len(others) == 1 and _other_day(own[0].key, others[0].key)
    return {value.key for value in own}.isdisjoint(value.key for value in others)


def _compatible(one: Value, other: Value) -> bool:
    """Whether one number may be a rounder way to say the other: 6.8 million for 6,830,000, "nearly 2,000" for 1,950."""
    if one.hedge == "least":
        return other.amount >= one.amount
    if one.hedge == "most":
        return other.amount <= one.amount
    if one.hedge == "about" and abs(one.amount - other.amount) <= one.amount / 10:
        return True
    digits = one.amount.normalize().as_tuple()
    step = Decimal(10) ** int(digits.exponent)
    return (abs(one.amount - other.amount) * 2 <= step and len(digits.digits) > 1) or one.amount == other.amount


def _other_day(one: str, other: str) -> bool:
    """Whether two date keys of the same kind name different days, or months, less than DAYS apart."""
    if len(one) != len(other) or "--" in one + other or one == other:
        return False
    try:
        days = [date.fromisoformat(key[1:] if len(key) > 8 else f"{key[1:]}-01") for key in (one, other)]
    except ValueError:
        return False
    return abs((days[0] - days[1]).days) < DAYS


def _same_time(one: Quote, other: Quote, question: str) -> bool:
    """Whether two sentences may speak of the same time: 5,000 in 2009 and 6,000 in 2011 are both right, and so are 240
    "this week" and 310 a week later."""
    days = [date.fromisoformat(q.article.published[:10]) for q in (one, other) if q.article.published]
    apart = len(days) == 2 and abs((days[0] - days[1]).days) >= WEEK
    if apart and _RELATIVE.search(one.line) and _RELATIVE.search(other.line):
        return False
    years = [
        set(_YEAR.findall(q.line)) - {(q.article.published or "")[:4], *_YEAR.findall(question)} for q in (one, other)
    ]
    months = [set(_MONTH.findall(q.line)) for q in (one, other)]
    return years[0] == years[1] and (not all(months) or not months[0].isdisjoint(months[1]))
