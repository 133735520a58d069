"""What a headline has under it in one line, or line by line: "Eastmere Post, 3 March 2026, by Nina Holt"."""

import re
from collections.abc import Iterator, Sequence
from itertools import combinations, groupby, islice
from typing import NamedTuple

from index.byline import LETTERS, LONGEST, OPENING, Dated, dated, is_name, signed

MOST_PARTS = 10
HEAD = 12
"""Lines from the top in which bylines are kept apart: in an article's prose a line may end where a name does."""
PARTS = re.compile(r"\s*[,|•·]\s*|\s+[–—-]+\s+|(?<=\d)\s+(?=by\s)", re.IGNORECASE)
PAPER = re.compile(
    r"(?:\w+-)?(?:post|times|herald|courier|gazette|news|journal|tribune|wire|chronicle|observer|mail|star|guardian|"
    r"press|daily|weekly|review|agency|telegraph|examiner|inquirer|dispatch|sentinel|bulletin|standard|express)",
    re.IGNORECASE,
)
"""Words in which papers' names end, and seldom those of places."""
FIRST = re.compile(r"daily|weekly|press", re.IGNORECASE)
"""Words with which papers' names begin. With others places do: Post Falls, Star City, Times Square."""
LINKS = ("of", "and", "the", "&")
NO_PAPER = re.compile(
    r"world|local|national|international|breaking|latest|top|live|politics|political|business|sports?|opinion|analysis|"
    r"tech|technology|health|science|culture|entertainment|lifestyle|travel|climate|environment|economy|markets?|books?|"
    r"films?|music|food|release|conference|life|statement|exclusive|interview|read|story|stories|essay|briefing|brief|view|"
    r"debate|column|letters?|take|guide|week|year|today|tomorrow|yesterday|photos?|pictures?|videos?|archives?|staff|"
    r"reporters?|correspondents?|editors?|writers?|journalists?|columnists?|contributors?|producers?|critics?|"
    r"hague|bronx|gambia|netherlands|bahamas|philippines|maldives|vatican|congo|dalles|woodlands|newport",
    re.IGNORECASE,
)
"""Words of sections ("World News", "The Long Read"), of authors ("Times Staff"), and of places called like papers."""


class Imprint(NamedTuple):
    """What a line says: the author, the days, and the publisher or else a name that may be a place's."""

    author: str | None
    days: list[Dated]
    publisher: str | None
    place: str | None


def imprint(line: str) -> Imprint | None:
    """What a line says that holds a day, a byline and one short name at most; None when it holds anything else."""
    if len(line) > LONGEST or (line.endswith((".", "!", "?", ":")) and not line.endswith(".m.")):
        return None
    parts = [part for part in PARTS.split(line.strip()) if part]
    by = next((n for n, part in enumerate(parts) if OPENING.match(part)), None)
    if by is None or len(parts) > MOST_PARTS:
        return None
    runs = sorted(combinations(range(len(parts) + 1), 2), key=lambda run: run[0] - run[1])  # the longest first
    said = ((run, dated(", ".join(parts[slice(*run)]))) for run in runs if by not in range(*run))
    (start, end), days = next(((run, days) for run, days in said if days), ((0, 0), []))
    behind = next((n for n in range(by + 1, len(parts)) if n == start or _is_publisher(parts[n])), len(parts))
    byline = signed(", ".join(parts[by:behind]))
    others = [part for n, part in enumerate(parts) if not (start <= n < end or by <= n < behind)]
    if not days or byline is None or byline[1] or any(map(is_name, parts[by + 1 : behind])):
        return None  # a name behind the author's, without "and", may be a place's
    if not others or (len(others) == 1 and _is_publisher(others[0])):
        return Imprint(byline[0], days, others[0] if others else None, None)
    is_place = len(others) == 1 and parts.index(others[0]) < by and _may_be_place(others[0])
    return Imprint(byline[0], days, None, others[0]) if is_place else None


def is_paper(name: str) -> bool:
    """Whether a name has a word of papers where they have it: "Eastmere Post", "Times of Eastmere"."""
    words = name.split()
    if not _may_be_paper(words):
        return False
    begins = FIRST.fullmatch(words[0]) or (PAPER.fullmatch(words[0]) and words[1] in LINKS)
    return bool(begins or PAPER.fullmatch(words[-1]))


def _is_publisher(name: str) -> bool:
    """Whether a name is a paper's where there is a day and an author beside it: "The Eastmerian" then is one too."""
    return is_paper(name) or (name.startswith("The ") and _may_be_paper(name.split()))


def _may_be_paper(words: list[str]) -> bool:
    return 2 <= len(words) <= 5 and _is_capital(words) and not any(map(NO_PAPER.fullmatch, words))


def own_lines(lines: Sequence[str]) -> set[int]:
    """Which lines of a text are to stay lines of their own where it was wrapped: a byline at its top, and beside it the
    day and the paper.
    """
    own: set[int] = set()
    for block in _blocks(lines):
        signs = {n for n in block if imprint(lines[n]) or signed(lines[n])}
        days = {n for n in block if signs and dated(lines[n])}
        papers = {n for n in block if {n - 1, n + 1} & (signs | days) and is_paper(lines[n])}
        own |= signs | days | papers
    return own


def _blocks(lines: Sequence[str]) -> Iterator[list[int]]:
    """The lines of the head that stand directly under each other."""
    written = islice((n for n, line in enumerate(lines) if line), HEAD)
    for _, block in groupby(enumerate(written), lambda line: line[1] - line[0]):
        yield [n for _, n in block]


def _may_be_place(name: str) -> bool:
    """Whether a name may be a place's; a longer one may be a headline."""
    words = name.split()
    return _is_capital(words) and len(words) <= (3 if name.isupper() else 2)


def _is_capital(words: list[str]) -> bool:
    return words[0][0].isupper() and all(
        word in LINKS or (word[0].isupper() and LETTERS.fullmatch(word)) for word in words
    )
