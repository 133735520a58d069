"""Saved web pages with what is known of them: a folder of HTML files and `gold.jsonl`, one page a line."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from index.errors import InputError
from qa.dataset import find_words, rows, texts

GOLD = "gold.jsonl"
FACTS = ("title", "author", "date")


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A saved page, the words that belong to its article, and those that stand around it.

    `facts` holds the title, author and date (YYYY-MM-DD) that are known; None says that the page has none.
    """

    file: Path
    url: str | None
    kept: tuple[str, ...]
    out: tuple[str, ...]
    facts: Mapping[str, str | None]


def pages(folder: Path) -> list[Page]:
    """The pages of a folder. Raises InputError when its gold.jsonl is missing, holds something else, or no page."""
    fields = "`file` and, if known, `url`, `with`, `without`, `title`, `author` and `date`"
    missing = f"It says what is known of the pages beside it: one JSON object a line, with {fields}."
    found = list(rows(folder / GOLD, lambda row, _: _page(folder, row), needed=("file",), missing=missing))
    if not found:
        raise InputError(f"{folder / GOLD} names no pages. {missing}")
    return found


def _page(folder: Path, row: dict[str, Any]) -> Page:
    """A page from its row; raises ValueError that says what is wrong with it."""
    for name in ("file", "url", *FACTS):
        if row.get(name) is not None and not _has_words(row[name]):
            raise ValueError(f"`{name}` is to be a text with words in it")
    file = folder / str(row["file"])
    if not file.is_file():
        raise ValueError(f"there is no file {file}")
    if row.get("date") is not None and not _is_day(row["date"]):
        raise ValueError("`date` is to be a day, YYYY-MM-DD, or null where the page has none")
    for name in ("with", "without"):
        if not all(map(_has_words, texts(row, name))):
            raise ValueError(f"`{name}` is to be a list of texts with words in them")
    return Page(
        file=file,
        url=row.get("url"),
        kept=texts(row, "with"),
        out=texts(row, "without"),
        facts={name: row[name] for name in FACTS if name in row},
    )


def _has_words(value: object) -> bool:
    """Whether a value is a text that can be found in another one: only letters and digits count there."""
    return isinstance(value, str) and any(map(str.isalnum, value))


def _is_day(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def has(text: str, words: str) -> bool:
    """Whether a text holds some words; only letters and digits count, since cleaning changes quotes and white space."""
    return find_words(text, words) is not None


def agrees(fact: str, said: str | None, gold: str | None) -> bool:
    """Whether a title, an author or a date that was found is the gold one."""
    if said is None or gold is None:
        return said is gold
    if fact == "date":
        return said[:10] == gold
    if fact == "author":
        return _people(said) == _people(gold)
    return _letters(said) == _letters(gold)


def _people(names: str) -> set[str]:
    bare = re.sub(r"\A\s*by\b:?", "", names, flags=re.IGNORECASE)
    return {_letters(name) for name in re.split(r"[,;&]|\band\b", bare) if name.strip()}


def _letters(text: str) -> str:
    return "".join(c for c in text.casefold() if c.isalnum())
