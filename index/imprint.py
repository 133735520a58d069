"""What a headline has under it in one line, or line by line: "Eastmere Post, 3 March 2026, by Nina Holt"."""

import re
from collections.abc import Iterator, Sequence
from itertools import combinations, groupby, islice, pairwise
from typing import NamedTuple

from index.byline import AGENCY, LETTERS, LONGEST, MAIL, OPENING, Dated, dated, is_name, people, signed

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
NO_MASTHEAD = re.compile(
    r"\b(?:review|a|an|and (?:agency|mail|wire|post)|or|in|on|by|as|is|are|to|for|at|from|with|during|told|your|you|"
    r"our|my|his|her|their|they|this|that|us|no|how|more|other|many|few|all|over|one|two|three|four|five|six|seven|"
    r"eight|nine|ten|good|bad|fake|big|wait|hard|modern|ancient|medieval|colonial|related|guest|blog|forum|royal|"
    r"trading|command|border|explorer|american|legal|public|medical|(?:north|death|rising|pop|rock|lone|movie) star|"
    r"gold|double|barbed|live|canada post|company|school|team|club|community|crime|court|money|property|education|"
    r"campus|church|family|farm|police|industry|product|game|gaming|celebrity|weather|security|traffic|enforcement|"
    r"(?<!news )agency|freedom|change|war|peace|trouble|crisis|need|plenty|uncertainty|hope|"
    r"(?!(?:los|las|angeles|times|news|press|express|wales|dallas|kansas|texas|louis|orleans|vegas|paris|athens|leeds|"
    r"islands|hills|falls|springs|rapids|plains|palms|cities|states|andrews|lewis|des|moines|minneapolis|indianapolis)\b)"
    r"\w{2,}s)\b",
    re.IGNORECASE,
)
"""Words of headlines ("Mail Times Change", "Cook Becomes Star"), sections, counts and callings: a name with one of
them, or with a verb's s, is no paper's where nothing but a day is beside it. Measured with a day behind each of 250,000
titles, names and clauses of the articles that the tests are about: it leaves 37, of which 11 are no paper's.
"""
NO_AUTHOR = re.compile(
    rf"{NO_PAPER.pattern}|city|council|town|county|estate|real|arts?|style|education|money|law|crime|courts?|weather|"
    r"property|family|motoring|gardening|port|saint|st\.?|lake|fort|mount|river|bay|island|beach|hills?|falls|park|street|"
    r"square|hall|market|harbou?r|great|upper|lower|little",
    re.IGNORECASE,
)
"""Words of sections and places: a name with one of them, without "by", is no author's."""
FIRM = re.compile(
    r"times|herald|courier|gazette|tribune|chronicle|observer|guardian|telegraph|examiner|inquirer", re.IGNORECASE
)
"""Words that are a paper's name alone, or with a place's: "The Herald", "Times of Skerrin"."""
BEHIND = re.compile(r"\s+(?:for|of)\s+(?:(?-i:the)\s)?(?=\S+\s+\S)", re.IGNORECASE)
"""What stands between an author and the paper: "By Nina Holt for the Eastmere Post"."""
ROLE_ALONE = re.compile(
    r"(?:[\w-]+ ){0,3}(?:reporter|correspondent|editor|writer|journalist|columnist|contributor|producer|critic|"
    r"analyst)s?",
    re.IGNORECASE,
)
OLD = re.compile(r"\b(?:1[0-8]\d\d|19[0-7]\d)\b")
"""A year of pictures and paintings, which have a place or a name, a day and who made them under them too."""


class Imprint(NamedTuple):
    """What a line says: the author, the days, and the publisher or else a name that may be a place's."""

    author: str | None
    days: list[Dated]
    publisher: str | None
    place: str | None


def imprint(line: str) -> Imprint | None:
    """What a line says that holds a byline, a day and one short name at most; None when it holds anything else.

    A paper's name behind the author's does without a day.
    """
    parts = _parts(line)
    by = next((n for n, part in enumerate(parts) if OPENING.match(part)), None)
    if by is None:
        return None
    if (link := BEHIND.search(parts[by])) and is_paper(parts[by][link.end() :]):
        parts[by : by + 1] = [parts[by][: link.start()], parts[by][link.end() :]]
    (start, end), days = _days(parts, without=by)
    behind = next((n for n in range(by + 1, len(parts)) if n == start or is_paper(parts[n])), len(parts))
    byline = signed(", ".join(parts[by:behind]))
    others = [part for n, part in enumerate(parts) if not (start <= n < end or by <= n < behind)]
    if byline is None or byline[1] or any(map(is_name, parts[by + 1 : behind])):
        return None  # a name behind the author's, without "and", may be a place's
    if not days:
        is_told = (
            len(others) == 1 and behind < len(parts) and _is_masthead(others[0]) and not AGENCY.fullmatch(others[0])
        )
        return Imprint(byline[0], [], others[0], None) if is_told else None
    if any(OLD.search(day.value) for day in days):
        return None
    if not others or (len(others) == 1 and is_paper(others[0])):
        return Imprint(byline[0], days, others[0] if others else None, None)
    is_place = len(others) == 1 and max(start, parts.index(others[0])) < by and _may_be_place(others[0])
    return Imprint(byline[0], days, None, others[0]) if is_place else None


def masthead(line: str) -> Imprint | None:
    """What a line says that holds a paper's name, a full day, and behind a bar at most its author; else None."""
    parts = _parts(line)
    if not any(map(_is_masthead, parts)):
        return None
    (start, end), days = _days(parts)
    others = [part for n, part in enumerate(parts) if not start <= n < end]
    if not days or not others or not _is_masthead(others[0]):
        return None
    if len(others) == 1:
        return Imprint(None, days, others[0], None)
    who = parts[-1]
    if len(others) > 2 or others[1] != who or not re.search(rf"[|•·]\s*{re.escape(who)}$", line.strip()):
        return None
    author = None if any(map(NO_AUTHOR.fullmatch, who.split())) else people(who)
    return Imprint(author, days, others[0], None) if author or AGENCY.fullmatch(who) else None


def _parts(line: str) -> list[str]:
    """The parts of a line, without addresses and roles; none when it is a sentence or too long."""
    if len(line) > LONGEST or (line.endswith((".", "!", "?", ":")) and not line.endswith(".m.")):
        return []
    parts = [
        part
        for part in PARTS.split(MAIL.sub("", line).strip())
        if part and (OPENING.match(part) or not ROLE_ALONE.fullmatch(part))
    ]
    return parts if len(parts) <= MOST_PARTS else []


def _days(parts: list[str], *, without: int | None = None) -> tuple[tuple[int, int], list[Dated]]:
    """The longest run of parts that says a day, and the days; (0, 0) and none when there is none."""
    runs = sorted(combinations(range(len(parts) + 1), 2), key=lambda run: run[0] - run[1])
    said = ((run, dated(", ".join(parts[slice(*run)]))) for run in runs if without not in range(*run))
    return next(((run, days) for run, days in said if days), ((0, 0), []))


def is_paper(name: str) -> bool:
    """Whether a name has a word of papers where they have it: "Eastmere Post", "Times of Eastmere"."""
    words = name.split()
    if not _may_be_paper(words) or ", " in (people(name) or ""):  # "Jo Poe and Emily Post" are two people
        return False
    first = words[1:] if words[0].casefold() == "the" else words
    linked = len(first) > 2 and first[1].casefold() in LINKS and PAPER.fullmatch(first[0])
    return bool(FIRST.fullmatch(words[0]) or linked or PAPER.fullmatch(words[-1]))


def _is_masthead(name: str) -> bool:
    """Whether a name is a paper's where it may be a headline's, a section's or a place's too."""
    words = re.sub(r"\Athe\s", "", name.casefold()).split()
    if not is_paper(name) or len(words) > 4 or NO_MASTHEAD.search(" ".join(words)):
        return False
    if len(words) == 1 or words[1] == "of":
        return bool(FIRM.fullmatch(words[0])) and not {*words[2:]} & {*LINKS}
    if not PAPER.fullmatch(words[-1]):
        return False  # Daily Limit
    linked = [(words[n - 1], after) for n, (word, after) in enumerate(pairwise([*words, ""])) if word in LINKS]
    return all(PAPER.fullmatch(word) for both in linked for word in both)


def _may_be_paper(words: list[str]) -> bool:
    return 2 <= len(words) <= 5 and _is_capital(words) and not any(map(NO_PAPER.fullmatch, words))


def own_lines(lines: Sequence[str]) -> set[int]:
    """Which lines of a text are to stay lines of their own where it was wrapped: a byline at its top, and beside it the
    day and the paper.
    """
    own: set[int] = set()
    for block in _blocks(lines):
        signs = {n for n in block if imprint(lines[n]) or signed(lines[n])}
        signs |= {n for n in block if masthead(lines[n]) and not "".join(lines[n + 1 : n + 2])[:1].islower()}
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
