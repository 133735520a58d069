"""What one text denies and another states, and words of which one says the opposite of the other."""

import re
import unicodedata

from index import keywords

_APOSTROPHES = str.maketrans(dict.fromkeys("’‘‛ʼʻʽˈʹ′´`＇", "'"))
_NOT = re.compile(
    r"\b(?:not|no(?!,)|never|none|nobody|nothing|neither|nor|without|cannot|rarely|hardly|scarcely|barely|seldom|unable"
    r"|(?:fail|refus|declin)\w* to|den(?:y|ies|ied|ying))\b"
    r"|\b(?:is|are|was|were|do|does|did|has|have|had|would|could|should|must|need|wo|ca|ai)n ?'?t\b|n't\b",
    re.IGNORECASE,
)
_CLAUSE_END = re.compile(r"[.,;:!?—–()\n]|\b(?:but|and|which|who|that)\b")
_DENIED, _REACH = 3, 80
"""Words behind a "not" that it denies, and the characters in which they stand."""
_OPPOSITES = tuple(
    tuple(frozenset(keywords.analyse(side)) for side in pair.split("|"))
    for pair in """
    more|fewer less
    most|fewest least
    higher|lower
    highest|lowest
    larger bigger greater|smaller
    largest biggest greatest|smallest
    longer|shorter
    older|younger
    earlier|later
    better|worse
    best|worst
    above|below
    rose rise risen increase grew grown climb|fell fall fallen decrease drop decline shrank
    raise|lower cut
    open reopen|close shut
    before|after
    win won|lose lost
    accept approve|reject
    north northern|south southern
    east eastern|west western
    """.split("\n")
    if "|" in pair
)


def turned_round(text: str, words: str) -> list[str]:
    """The words of a sentence that its quotes deny or say the opposite of, or the other way round.

    A "not" is one of them where the quotes deny nothing; of two opposites, one has to be in the sentence alone and the
    other in the quotes alone.
    """
    text, words = _plain(text), _plain(words)
    if (negation := _NOT.search(text)) and not _NOT.search(words):
        return [negation.group()]
    here, there = _denied(text), _denied(words)
    said, quoted = set(keywords.analyse(text)), set(keywords.analyse(words))
    clash = ((there - here) & said) | ((here - there) & quoted)
    for pair in _OPPOSITES:
        for one, other in (pair, pair[::-1]):
            if said & one and quoted & other and not said & other and not quoted & one:
                clash |= said & one
    return [word for word in keywords.words(text) if keywords.stem(word) in clash]


def _plain(text: str) -> str:
    """A text without accents, with one kind of apostrophe."""
    plain = unicodedata.normalize("NFKD", text.translate(_APOSTROPHES))
    return "".join(c for c in plain if not unicodedata.combining(c) and (c.isprintable() or c == "\n"))


def _denied(text: str) -> set[str]:
    """The stems of the words behind each "not", as far as its clause goes."""
    denied: set[str] = set()
    for negation in _NOT.finditer(text):
        behind = text[negation.end() : negation.end() + _REACH].removeprefix(" that")
        clause = _CLAUSE_END.split(behind, maxsplit=1)[0]
        content = [word for word in keywords.words(clause) if word not in keywords.STOPWORDS]
        denied |= {keywords.stem(word) for word in content[:_DENIED]}
    return denied
