"""What is taken from saved web pages, measured: as `dateline add` takes it, beside trafilatura on its own."""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
import numpy.typing as npt

from index.clean import clean
from index.decode import decode
from index.errors import InputError
from index.fetch import article
from index.load import load
from index.types import Progress, Record, no_progress
from index.web import Reply
from qa.gold import FACTS, GOLD, Page, agrees, has, pages
from qa.metrics import interval
from qa.tabulate import Estimate, Evaluation, Row, mean

NOTES = (
    "Plain way: trafilatura alone, `bare_extraction(with_metadata=True, include_comments=False)`.",
    "A snippet counts as kept when its letters and digits stand in the text in that order. F1 takes those of "
    "the article as what is to be found. Intervals draw whole pages.",
    "A title, an author or a day is right when it is the gold one; where the gold page has none, when none is given.",
)

Numbers = npt.NDArray[Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Extract:
    """What was taken from a page, in `seconds`; the text is empty and `refused` says why when nothing was."""

    text: str = ""
    title: str | None = None
    author: str | None = None
    date: str | None = None
    notes: tuple[str, ...] = ()
    refused: str | None = None
    seconds: float = 0.0


Way = Callable[[Page], Extract]


def evaluate_html(folder: Path, *, errors: bool = False, today: date, progress: Progress = no_progress) -> Evaluation:
    """Read the pages of a folder both ways, and compare with its gold.jsonl; with `errors`, name all that is wrong.

    Raises InputError on a folder that has no such file.
    """
    wanted = pages(folder)
    ways: tuple[Way, Way] = (lambda page: ours(page, today=today), plain)
    for way in ways:  # the first page pays for imports and for the process that reads pages
        way(wanted[0])
    found: list[tuple[Page, Extract, Extract]] = []
    for number, page in enumerate(wanted, 1):
        mine, other = (_timed(way, page) for way in ways)
        found.append((page, mine, other))
        progress("reading", number, len(wanted))
    wrong = [f"{page.file.name}: {line}" for page, mine, _ in found for line in _wrong(page, mine)] if errors else []
    about = {"pages": f"{len(found):,} of {folder.resolve().name}", "gold": GOLD}
    return Evaluation(about, tuple(_rows(found)), (*NOTES, *wrong))


def ours(page: Page, *, today: date) -> Extract:
    """A page as `dateline add` takes it: under its address when that is known, else as a saved file."""
    try:
        if page.url:
            body = page.file.read_bytes()
            reply = Reply(url=page.url, media="text/html", charset=None, body=body, etag=None, modified=None)
            record = article(reply)
        else:
            (item,) = load([page.file])
            if not isinstance(item, Record):
                return Extract(refused=item.reason)
            record = item
        made, notes = clean(record, today=today)
    except InputError as error:
        return Extract(refused=str(error))
    return Extract(text=made.text, title=made.title, author=made.author, date=made.published, notes=notes)


def plain(page: Page) -> Extract:
    """A page as trafilatura takes it."""
    import trafilatura

    try:
        html = decode(page.file.read_bytes())
    except InputError as error:
        return Extract(refused=str(error))
    found: Any = trafilatura.bare_extraction(html, url=page.url, with_metadata=True, include_comments=False)
    if found is None or not found.text:
        return Extract(refused="no text was found")
    return Extract(text=found.text, title=found.title, author=found.author, date=found.date)


def _timed(way: Way, page: Page) -> Extract:
    start = perf_counter()
    found = way(page)
    return replace(found, seconds=perf_counter() - start)


def _rows(found: Sequence[tuple[Page, Extract, Extract]]) -> Iterator[Row]:
    both = [[(page, extracts[side]) for page, *extracts in found] for side in (0, 1)]
    snippets = [np.array([_snippets(*pair) for pair in side]) for side in both]
    for name, measure in (
        ("snippets of the article kept", _kept),
        ("snippets around it kept out", _kept_out),
        ("F1 of snippets", _f1),
    ):
        yield Row("text", name, *(_estimate(measure, side) for side in snippets))
    for fact in FACTS:
        for name, there in ((f"{fact} right", True), (f"no {fact} where there is none", False)):
            of = [[_is_right(fact, *pair) for pair in side if _tests(fact, pair[0], there)] for side in both]
            if of[0]:
                yield Row("what the page says", name, *map(mean, of))
    yield Row("pages", "refused", *(mean([float(e.refused is not None) for _, e in side]) for side in both))
    yield Row("pages", "with a note", mean([float(bool(e.notes)) for _, e in both[0]]))
    seconds = [np.array([e.seconds for _, e in side]) for side in both]
    yield Row("pages", "a second", *(_estimate(lambda times: len(times) / times.sum(), side) for side in seconds))


def _estimate(measure: Callable[[Numbers], float], of: Numbers) -> Estimate:
    """A measure of an array with a row for each page, with its interval."""
    low, high = interval(lambda drawn: measure(of[drawn.astype(int)]), range(len(of)))
    return Estimate(measure(of), low, high, len(of))


def _snippets(page: Page, extract: Extract) -> tuple[int, int, int, int]:
    """How many snippets of the article the text has, of how many; and of those around it, of how many."""
    kept, out = (sum(has(extract.text, words) for words in snippets) for snippets in (page.kept, page.out))
    return kept, len(page.kept), out, len(page.out)


def _kept(counts: Numbers) -> float:
    kept, of, _, _ = counts.sum(axis=0)
    return float(kept / of) if of else math.nan


def _kept_out(counts: Numbers) -> float:
    _, _, inside, of = counts.sum(axis=0)
    return float(1 - inside / of) if of else math.nan


def _f1(counts: Numbers) -> float:
    kept, of, inside, _ = counts.sum(axis=0)
    return float(2 * kept / (kept + inside + of)) if of else math.nan


def _tests(fact: str, page: Page, there: bool) -> bool:
    return fact in page.facts and (page.facts[fact] is not None) is there


def _is_right(fact: str, page: Page, extract: Extract) -> float:
    return float(agrees(fact, getattr(extract, fact), page.facts[fact]))


def _wrong(page: Page, extract: Extract) -> Iterator[str]:
    if extract.refused:
        yield f"refused: {extract.refused}"
        return
    yield from (f"lost: {words}" for words in page.kept if not has(extract.text, words))
    yield from (f"kept: {words}" for words in page.out if has(extract.text, words))
    for fact, gold in page.facts.items():
        if not agrees(fact, said := getattr(extract, fact), gold):
            yield f"{fact}: {said or 'none'}, not {gold or 'none'}"
