"""Articles as the library keeps them, with all that is true of them, and what each of them was before."""

import json
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any

from index.types import Article, Span

ARTICLE_FIELDS = tuple(f.name for f in fields(Article))
COLUMNS = ", ".join(f"article.{name}" for name in ARTICLE_FIELDS)
_KEPT = "original, fingerprint, added_at"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """An article as it is kept: `original` is its text as it arrived, `fingerprint` a digest of the record it came in.

    `added_at` is when, in UTC. Of an earlier version `replaced_at` is when the next one came; None of what serves.
    """

    article: Article
    original: str
    fingerprint: str
    added_at: str
    replaced_at: str | None = None


def article_of(row: Sequence[Any]) -> Article:
    """The article in a row of COLUMNS."""
    values = dict(zip(ARTICLE_FIELDS, row, strict=True))
    values["headings"] = tuple(Span(*pair) for pair in json.loads(values["headings"]))
    return Article(**values)


def stored(db: sqlite3.Connection, article_id: str | None = None) -> Iterator[Stored]:
    """Every article, or the one of that id; in the order of their ids."""
    rows = db.execute(
        f"SELECT {COLUMNS}, {_KEPT} FROM article {'' if article_id is None else 'WHERE id = ?'} ORDER BY id",
        () if article_id is None else (article_id,),
    )
    for *row, original, fingerprint, added_at in rows:
        yield Stored(article=article_of(row), original=original, fingerprint=fingerprint, added_at=added_at)


def versions(db: sqlite3.Connection, article_id: str | None = None) -> Iterator[Stored]:
    """The earlier versions of every article, or of the one of that id; by id, the oldest first."""
    rows = db.execute(
        f"""SELECT said, {_KEPT}, replaced_at FROM version {"" if article_id is None else "WHERE article = ?"}
        ORDER BY article, added_at, number""",
        () if article_id is None else (article_id,),
    )
    for said, original, fingerprint, added_at, replaced_at in rows:
        values = json.loads(said)
        values["headings"] = tuple(Span(*pair) for pair in values["headings"])
        yield Stored(
            article=Article(**values),
            original=original,
            fingerprint=fingerprint,
            added_at=added_at,
            replaced_at=replaced_at,
        )


def keep_version(db: sqlite3.Connection, version: Stored) -> bool:
    """Keep an earlier version of an article, unless it is there already; whether it was not."""
    article = version.article
    same = "SELECT 1 FROM version WHERE (article, fingerprint, added_at) = (?, ?, ?)"
    if db.execute(same, (article.id, version.fingerprint, version.added_at)).fetchone():
        return False
    db.execute(
        f"""INSERT INTO version (article, number, said, {_KEPT}, replaced_at)
        SELECT ?, count(*) + 1, ?, ?, ?, ?, ? FROM version WHERE article = ?""",
        (
            article.id,
            *(json.dumps(asdict(article)), version.original, version.fingerprint, version.added_at),
            *(version.replaced_at, article.id),
        ),
    )
    return True
