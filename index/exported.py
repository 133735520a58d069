"""An exported file is read: checked to its last line, then given out as what its lines stand for."""

import base64
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.conversations import Asked, Kept
from index.errors import InputError
from index.history import Stored
from index.pack import Fields, Packed, unpacking
from index.portable import ARTICLES, EMBEDDINGS, EXCHANGES, VERSIONS
from index.publication import read
from index.records import LONGEST_TEXT, checked_key
from index.types import Article, Progress, Span, no_progress

KEY_BYTES = 20
MOST_TEXT = 2 * LONGEST_TEXT
"""Characters of a text: cleaning may add some marks to the longest that is let in."""
OWNER = re.compile(r"[\w.@-]{0,60}")
CONVERSATION = re.compile(r"[\w-]{1,100}")
"""What names of keys and conversations look like; the page writes them down as they are."""
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{3})?\+00:00", re.ASCII)
"""Times as the library writes them, so that their order is that of their letters."""


class Export:
    """An exported file, whose lines are read as what they stand for. `check` is called with every question."""

    def __init__(self, packed: Packed, check: Callable[[Asked], None]) -> None:
        self._packed, self._check = packed, check
        wanted = {ARTICLES, VERSIONS, EXCHANGES}
        if set(packed.members) not in (wanted, wanted | {EMBEDDINGS}):
            raise InputError("it does not hold articles, versions and exchanges")
        made = packed.manifest.get("embeddings")
        self.embeddings: Fields | None = made if EMBEDDINGS in packed.members else None
        """Which model the embeddings are of, if there are any: `model`, `fingerprint`, `dimension`."""
        if EMBEDDINGS in packed.members and not (
            isinstance(made, dict)
            and type(made.get("dimension")) is int
            and all(isinstance(made.get(name), str) for name in ("model", "fingerprint"))
        ):
            raise InputError("its manifest does not say which model its embeddings are of")
        self.articles = packed.lines(ARTICLES)

    def histories(self) -> Iterator[tuple[Stored, list[Stored]]]:
        """Every article with its earlier versions. Both members are in the order of ids, so they go side by side."""
        older = groupby(self._stored(VERSIONS), key=lambda version: version.article.id)
        ahead = next(older, None)
        last = ""
        for kept in self._stored(ARTICLES):
            if kept.article.id <= last:
                raise InputError(f"{ARTICLES} is not in the order of ids, or has one twice")
            last = kept.article.id
            own: list[Stored] = []
            if ahead and ahead[0] == last:
                own = list(ahead[1])
                ahead = next(older, None)
            yield kept, own
        if ahead:
            raise InputError(f"{VERSIONS} is not in the order of ids, or has some of articles that are not there")

    def _stored(self, member: str) -> Iterator[Stored]:
        for place, fields in self._packed.rows(member):
            with _at(place):
                kept = _stored(fields, replaced=member == VERSIONS)
            yield kept

    def questions(self) -> Iterator[Asked]:
        """Everybody's questions."""
        for place, fields in self._packed.rows(EXCHANGES):
            with _at(place):
                question = _asked(fields)
                self._check(question)
            yield question

    def vectors(self) -> Iterator[tuple[bytes, NDArray[np.float32]]]:
        """The embeddings by key, each of shape (dimension,); none, if there are none in it."""
        if self.embeddings is None:
            return
        for place, fields in self._packed.rows(EMBEDDINGS):
            with _at(place):
                key = bytes.fromhex(_string(fields, "key"))
                vector = np.frombuffer(base64.b64decode(_string(fields, "vector"), validate=True), dtype="<f4")
                if len(key) != KEY_BYTES or vector.shape != (self.embeddings["dimension"],):
                    raise InputError("has another size")
                if not np.isfinite(vector).all():
                    raise InputError("is not made of numbers")
            yield key, vector.astype(np.float32)


@contextmanager
def checked(
    path: Path, *, check: Callable[[Asked], None] = lambda question: None, progress: Progress = no_progress
) -> Iterator[Export]:
    """An exported file that was read to its end and found whole. `check` raises InputError for a question that is not.

    Raises InputError, with one sentence that says what is wrong, when it is not whole, was damaged on its way, was
    written by a newer Dateline or by something else.
    """
    whole = False
    try:
        with unpacking(path) as packed:
            export = Export(packed, check)
            for done, _ in enumerate(export.histories(), 1):
                if done % 100 == 0:
                    progress("checking", done, export.articles)
            for _ in export.questions():
                pass
            for _ in export.vectors():
                pass
            whole = True
            yield export
    except InputError as error:
        if whole:
            raise
        raise InputError(f"{path} was not imported, and nothing was changed: {error}.") from error


@contextmanager
def _at(place: str) -> Iterator[None]:
    """Say where something is wrong."""
    try:
        yield
    except (InputError, ValueError) as error:
        raise InputError(f"{place} {error}") from error


def _stored(fields: Fields, *, replaced: bool) -> Stored:
    text = _string(fields, "text")
    original = _string(fields, "original")
    if len(text) > MOST_TEXT or len(original) > MOST_TEXT:
        raise InputError(f"has over {MOST_TEXT:,} characters")
    if not any(character.isalnum() for character in text):
        raise InputError("has 'text' without a word")
    return Stored(
        article=Article(
            id=_id(fields),
            title=_string(fields, "title"),
            text=text,
            author=_maybe(fields, "author"),
            publisher=_maybe(fields, "publisher"),
            published=_published(fields),
            date_source=_maybe(fields, "date_source"),
            url=_maybe(fields, "url"),
            language=_maybe(fields, "language"),
            origin=_maybe(fields, "origin"),
            headings=_headings(fields.get("headings"), len(text)),
        ),
        original=original,
        fingerprint=_string(fields, "fingerprint"),
        added_at=_moment(fields, "added_at"),
        replaced_at=_moment(fields, "replaced_at") if replaced else None,
    )


def _asked(fields: Fields) -> Asked:
    number, thumb, filters, answer = (fields.get(name) for name in ("number", "thumb", "filters", "answer"))
    if type(number) is not int or not 0 <= number < 1 << 31 or type(thumb) is not int or thumb not in (-1, 0, 1):
        raise InputError("has a number or a thumb that is none")
    if not isinstance(filters, dict) or not isinstance(answer, dict):
        raise InputError("has filters or an answer without fields")
    owner, conversation = _string(fields, "owner"), _string(fields, "conversation")
    if not OWNER.fullmatch(owner) or not CONVERSATION.fullmatch(conversation):
        raise InputError("has an owner or a conversation that is no name")
    return Asked(
        owner=owner,
        conversation=conversation,
        kept=Kept(number=number, question=_string(fields, "question"), filters=filters, answer=answer, thumb=thumb),
        asked_at=_moment(fields, "asked_at"),
    )


def _string(fields: Fields, name: str) -> str:
    value = fields.get(name)
    if not isinstance(value, str):
        raise InputError(f"has no {name!r}")
    return value


def _maybe(fields: Fields, name: str) -> str | None:
    return None if fields.get(name) is None else _string(fields, name)


def _id(fields: Fields) -> str:
    name = _string(fields, "id")
    if checked_key(name) != name:
        raise InputError("has blanks around its id")
    return name


def _published(fields: Fields) -> str | None:
    value = _maybe(fields, "published")
    with suppress(ValueError):
        if value is None or read(value) == value:
            return value
    raise InputError("has 'published', which is no day as Dateline writes it")


def _moment(fields: Fields, name: str) -> str:
    value = _string(fields, name)
    with suppress(ValueError):
        if MOMENT.fullmatch(value) and datetime.fromisoformat(value):
            return value
    raise InputError(f"has {name!r}, which is no time in UTC")


def _headings(spans: Any, length: int) -> tuple[Span, ...]:
    found = (
        [Span(*pair) for pair in spans if isinstance(pair, list) and len(pair) == 2] if isinstance(spans, list) else []
    )
    right = all(type(at) is int for span in found for at in span) and all(0 <= s <= e <= length for s, e in found)
    if not isinstance(spans, list) or len(found) != len(spans) or not right:
        raise InputError("has headings that are not in its text")
    return tuple(found)
