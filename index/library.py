"""The library: one SQLite file that holds the articles, their chunks, the keyword index and every embedding.

It is the one truth. What is committed here exists; everything in Chroma can be written again from it.
Readers open a `Snapshot`, which sees one state from beginning to end, whatever a writer commits meanwhile.
"""

import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index import keywords
from index.errors import StorageError
from index.types import Article, Chunk, Filters, Span, Spec

SCHEMA_VERSION = 1

_SCHEMA = (
    """
CREATE TABLE state (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    version INTEGER NOT NULL,          -- of the index: grows with every change that an answer could notice
    collection TEXT NOT NULL,          -- the Chroma collection that serves
    spec TEXT NOT NULL                 -- JSON of Spec
);
CREATE TABLE article (
    id TEXT PRIMARY KEY,
    title TEXT NOT NULL, text TEXT NOT NULL, author TEXT, publisher TEXT, published TEXT, date_source TEXT, url TEXT,
    language TEXT, origin TEXT,
    headings TEXT NOT NULL,            -- JSON: [[start, end], …]
    day TEXT,                          -- the first ten characters of published
    tokens INTEGER NOT NULL,           -- cl100k tokens of text
    fingerprint TEXT NOT NULL,         -- of the record as it arrived
    original TEXT NOT NULL,            -- the record's text as it arrived
    added_at TEXT NOT NULL             -- UTC; never passed off as the day of publication
);
CREATE INDEX article_url ON article(url);
CREATE INDEX article_origin ON article(origin);
CREATE INDEX article_day ON article(day);
CREATE TABLE chunk (
    number INTEGER PRIMARY KEY,
    collection TEXT NOT NULL,          -- a rebuild stages its chunks here under a collection that does not serve yet
    id TEXT NOT NULL,
    article TEXT NOT NULL,
    start INTEGER NOT NULL, end INTEGER NOT NULL,
    embedding BLOB NOT NULL,           -- key of the embedding
    UNIQUE (collection, id)
);
CREATE INDEX chunk_article ON chunk(article);
CREATE TABLE embedding (key BLOB PRIMARY KEY, vector BLOB NOT NULL) WITHOUT ROWID;
"""
    + keywords.SCHEMA
)

_ARTICLE_FIELDS = tuple(f.name for f in fields(Article))
_ARTICLE_COLUMNS = ", ".join(f"article.{name}" for name in _ARTICLE_FIELDS)


@dataclass(frozen=True, slots=True)
class State:
    """What the index is at a moment."""

    version: int
    collection: str
    spec: Spec


@dataclass(frozen=True, slots=True)
class StoredChunk:
    """A chunk as it is written: its id, its span and the key of its embedding."""

    id: str
    span: Span
    embedding: bytes


def _article(row: Sequence[Any]) -> Article:
    values = dict(zip(_ARTICLE_FIELDS, row, strict=True))
    values["headings"] = tuple(Span(*pair) for pair in json.loads(values["headings"]))
    return Article(**values)


def _marks(values: Sequence[object]) -> str:
    return ",".join("?" * len(values))


def _where(filters: Filters) -> tuple[str, list[str]]:
    """SQL over the article table for the filters, and its parameters."""
    clauses, values = ["1"], []
    if filters.since:
        clauses.append("article.day >= ?")
        values.append(filters.since)
    if filters.until:
        clauses.append("article.day <= ?")
        values.append(filters.until)
    if filters.publishers:
        clauses.append(f"folded(article.publisher) IN ({_marks(filters.publishers)})")
        values.extend(name.casefold() for name in filters.publishers)
    if filters.article_ids:
        clauses.append(f"article.id IN ({_marks(filters.article_ids)})")
        values.extend(filters.article_ids)
    return " AND ".join(clauses), values


class Snapshot:
    """One state of the library, for reading."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db
        row = db.execute("SELECT version, collection, spec FROM state").fetchone()
        self.state = State(row[0], row[1], Spec(**json.loads(row[2]))) if row else None

    @property
    def collection(self) -> str:
        """The collection that serves; "" before anything was indexed."""
        return self.state.collection if self.state else ""

    def article(self, article_id: str) -> Article | None:
        """The article of that id."""
        row = self._db.execute(f"SELECT {_ARTICLE_COLUMNS} FROM article WHERE id = ?", (article_id,)).fetchone()
        return _article(row) if row else None

    def articles(self, filters: Filters | None = None) -> Iterator[Article]:
        """Every article that passes the filters, newest first, undated ones last."""
        where, values = _where(filters or Filters())
        rows = self._db.execute(
            f"SELECT {_ARTICLE_COLUMNS} FROM article WHERE {where} ORDER BY published IS NULL, published DESC, id",
            values,
        )
        return map(_article, rows)

    def find(self, name: str) -> list[str]:
        """The ids of the articles that a name means: an id, else a URL, else the file or folder they came from."""
        if not name:
            return []
        folder = name.rstrip("/") + "/"
        for clause, values in (
            ("id = ?", [name]),
            ("url = ?", [name]),
            ("origin = ? OR substr(origin, 1, ?) = ?", [name, len(folder), folder]),
        ):
            found = [r[0] for r in self._db.execute(f"SELECT id FROM article WHERE {clause} ORDER BY id", values)]
            if found:
                return found
        return []

    def fingerprint(self, article_id: str) -> str | None:
        """The fingerprint of the record that an article was made from."""
        row = self._db.execute("SELECT fingerprint FROM article WHERE id = ?", (article_id,)).fetchone()
        return row[0] if row else None

    def original(self, article_id: str) -> str | None:
        """The text of an article as it arrived, before cleaning."""
        row = self._db.execute("SELECT original FROM article WHERE id = ?", (article_id,)).fetchone()
        return row[0] if row else None

    def chunk_ids(self, filters: Filters | None = None, *, collection: str | None = None) -> list[str]:
        """The ids of all chunks of a collection (the serving one), in the order of writing."""
        if filters is None:
            values: list[str] = []
            query = "SELECT id FROM chunk WHERE collection = ?"
        else:
            where, values = _where(filters)
            joined = "chunk JOIN article ON article.id = chunk.article"
            query = f"SELECT chunk.id FROM {joined} WHERE {where} AND collection = ?"
        return [r[0] for r in self._db.execute(f"{query} ORDER BY number", [*values, collection or self.collection])]

    def chunks(self, ids: Sequence[str], *, collection: str | None = None) -> dict[str, Chunk]:
        """The chunks of those ids that the library has committed; the others are left out."""
        articles: dict[str, Article] = {}
        found: dict[str, Chunk] = {}
        for at in range(0, len(ids), 500):
            some = ids[at : at + 500]
            rows = self._db.execute(
                f"SELECT id, article, start, end FROM chunk WHERE collection = ? AND id IN ({_marks(some)})",
                (collection or self.collection, *some),
            ).fetchall()
            for chunk_id, article_id, start, end in rows:
                if article_id not in articles and (article := self.article(article_id)):
                    articles[article_id] = article
                found[chunk_id] = Chunk(chunk_id, articles[article_id], start, end)
        return found

    def embedding_keys(self, ids: Sequence[str], *, collection: str | None = None) -> dict[str, bytes]:
        """The key of each chunk's embedding."""
        rows = self._db.execute(
            f"SELECT id, embedding FROM chunk WHERE collection = ? AND id IN ({_marks(ids)})",
            (collection or self.collection, *ids),
        )
        return dict(rows.fetchall())

    def embeddings(self, keys: Iterable[bytes]) -> dict[bytes, NDArray[np.float32]]:
        """The embeddings that were ever computed for those keys, each of shape (dimension,)."""
        wanted = list(set(keys))
        rows = self._db.execute(f"SELECT key, vector FROM embedding WHERE key IN ({_marks(wanted)})", wanted)
        return {key: np.frombuffer(vector, dtype=np.float32) for key, vector in rows}

    def search_keywords(self, terms: list[str], limit: int, filters: Filters | None = None) -> list[tuple[str, float]]:
        """The best chunks by BM25 with their scores (higher is better), best first."""
        total = self.count("chunk")
        terms = keywords.selective(terms, keywords.document_counts(self._db, terms), total)
        if not terms:
            return []
        where, values = _where(filters or Filters())
        rows = self._db.execute(
            f"""SELECT chunk.id, -bm25(keyword, {keywords.TITLE_WEIGHT}, 1.0) AS score
                FROM keyword JOIN chunk ON chunk.number = keyword.rowid JOIN article ON article.id = chunk.article
                WHERE keyword MATCH ? AND chunk.collection = ? AND {where} ORDER BY score DESC, chunk.id LIMIT ?""",
            (keywords.match_expression(terms), self.collection, *values, limit),
        )
        return rows.fetchall()

    def term_counts(self, terms: list[str]) -> dict[str, int]:
        """In how many chunks each index term stands."""
        return keywords.document_counts(self._db, terms)

    def count(self, table: str) -> int:
        """How many articles or (serving) chunks there are."""
        if table == "article":
            return int(self._db.execute("SELECT count(*) FROM article").fetchone()[0])
        row = self._db.execute("SELECT count(*) FROM chunk WHERE collection = ?", (self.collection,)).fetchone()
        return int(row[0])

    def has_staged(self) -> bool:
        """Whether there are chunks of a collection that does not serve."""
        row = self._db.execute("SELECT 1 FROM chunk WHERE collection <> ? LIMIT 1", (self.collection,)).fetchone()
        return row is not None

    def days(self) -> tuple[str | None, str | None, int]:
        """The first and the last day of publication, and how many articles have none."""
        row = self._db.execute("SELECT min(day), max(day), sum(day IS NULL) FROM article").fetchone()
        return row[0], row[1], int(row[2] or 0)

    def publishers(self) -> tuple[str, ...]:
        """The publishers, those with the most articles first."""
        rows = self._db.execute(
            """SELECT publisher FROM article WHERE publisher IS NOT NULL
            GROUP BY publisher ORDER BY count(*) DESC, publisher"""
        )
        return tuple(r[0] for r in rows)

    def tokens(self) -> int:
        """The size of all articles in cl100k tokens."""
        return int(self._db.execute("SELECT coalesce(sum(tokens), 0) FROM article").fetchone()[0])


class Transaction(Snapshot):
    """One change of the library: all of it is committed, or none."""

    def bump(self) -> None:
        """Count a change of the index."""
        self._db.execute("UPDATE state SET version = version + 1")

    def set_state(self, state: State) -> None:
        """Write what the index is."""
        self._db.execute("DELETE FROM state")
        self._db.execute(
            "INSERT INTO state VALUES (1, ?, ?, ?)", (state.version, state.collection, json.dumps(asdict(state.spec)))
        )
        self.state = state

    def put_article(
        self,
        article: Article,
        chunks: Sequence[StoredChunk],
        *,
        fingerprint: str,
        original: str,
        tokens: int,
        added_at: str,
    ) -> None:
        """Store an article and its chunks in place of what that id held before."""
        self.delete_article(article.id)
        values = {f: getattr(article, f) for f in _ARTICLE_FIELDS} | {
            "headings": json.dumps(article.headings),
            "day": article.published[:10] if article.published else None,
            "tokens": tokens,
            "fingerprint": fingerprint,
            "original": original,
            "added_at": added_at,
        }
        self._db.execute(
            f"INSERT INTO article ({', '.join(values)}) VALUES ({', '.join('?' * len(values))})", list(values.values())
        )
        self.put_chunks(self.collection, article, chunks)
        self._index_keywords(article)

    def put_chunks(self, collection: str, article: Article, chunks: Sequence[StoredChunk]) -> None:
        """Add an article's chunks to a collection."""
        self._db.executemany(
            "INSERT INTO chunk (collection, id, article, start, end, embedding) VALUES (?, ?, ?, ?, ?, ?)",
            [(collection, c.id, article.id, c.span.start, c.span.end, c.embedding) for c in chunks],
        )

    def _index_keywords(self, article: Article) -> None:
        rows = self._db.execute(
            "SELECT number, start, end FROM chunk WHERE article = ? AND collection = ?", (article.id, self.collection)
        ).fetchall()
        for number, start, end in rows:
            keywords.insert(self._db, number, article.title, article.text[start:end])

    def delete_article(self, article_id: str) -> None:
        """Remove an article and its chunks, if it is there."""
        article = self.article(article_id)
        if article is None:
            return
        rows = self._db.execute(
            "SELECT number, start, end FROM chunk WHERE article = ? AND collection = ?", (article_id, self.collection)
        ).fetchall()
        for number, start, end in rows:
            keywords.delete(self._db, number, article.title, article.text[start:end])
        self._db.execute("DELETE FROM chunk WHERE article = ?", (article_id,))
        self._db.execute("DELETE FROM article WHERE id = ?", (article_id,))

    def put_embeddings(self, vectors: Iterable[tuple[bytes, NDArray[np.float32]]]) -> None:
        """Keep embeddings for ever, by key."""
        self._db.executemany(
            "INSERT OR REPLACE INTO embedding VALUES (?, ?)",
            [(key, vector.astype(np.float32).tobytes()) for key, vector in vectors],
        )

    def switch(self, state: State) -> None:
        """Make a staged collection the serving one: its chunks, its keywords, its spec, in this one commit."""
        self._db.execute("DELETE FROM chunk WHERE collection <> ?", (state.collection,))
        self.set_state(state)
        self.index_all_keywords()
        self._db.execute("DELETE FROM embedding WHERE key NOT IN (SELECT embedding FROM chunk)")

    def index_all_keywords(self) -> None:
        """Write the whole keyword index again."""
        keywords.clear(self._db)
        for article in self.articles():
            self._index_keywords(article)

    def discard_staged(self) -> int:
        """Remove the chunks of every collection but the serving one; how many there were."""
        return self._db.execute("DELETE FROM chunk WHERE collection <> ?", (self.collection,)).rowcount

    def discard_orphans(self) -> None:
        """Remove chunks whose article is gone; only a damaged file has any."""
        self._db.execute("DELETE FROM chunk WHERE article NOT IN (SELECT id FROM article)")

    def problems(self) -> list[str]:
        """What is wrong inside the library itself, in words; nothing, if it is whole."""
        found = [f"SQLite: {r[0]}" for r in self._db.execute("PRAGMA integrity_check") if r[0] != "ok"]
        try:
            self._db.execute("INSERT INTO keyword(keyword) VALUES ('integrity-check')")
        except sqlite3.DatabaseError as error:
            found.append(f"keyword index: {error}")
        lost = self._db.execute("SELECT count(*) FROM chunk WHERE article NOT IN (SELECT id FROM article)").fetchone()[
            0
        ]
        if lost:
            found.append(f"{lost} chunks belong to no article")
        unindexed = self._db.execute(
            "SELECT count(*) FROM chunk WHERE collection = ? AND number NOT IN (SELECT rowid FROM keyword)",
            (self.collection,),
        ).fetchone()[0]
        if unindexed:
            found.append(f"{unindexed} chunks are missing from the keyword index")
        return found


class Library:
    """The SQLite file. Any number of readers; the writer lock makes sure of one writer."""

    def __init__(self, path: Path) -> None:
        """Open the file, made if it is not there.

        Raises StorageError when it cannot be opened, is no library, or was written by a newer Dateline.
        """
        self.path = path
        with self._connect() as db:
            filled = db.execute("SELECT 1 FROM sqlite_master").fetchone()
            found = db.execute("PRAGMA user_version").fetchone()[0]
            if found == 0 and filled:
                raise StorageError(f"{path} is an SQLite file of another program. Give another data folder: --data DIR")
            if found == 0:
                db.execute("PRAGMA journal_mode = WAL")
                db.executescript(f"BEGIN IMMEDIATE; {_SCHEMA} PRAGMA user_version = {SCHEMA_VERSION}; COMMIT;")
            elif found != SCHEMA_VERSION:
                raise StorageError(
                    f"{path} has schema version {found}, this Dateline reads {SCHEMA_VERSION}. Install a newer one."
                )

    @contextmanager
    def _connect(self) -> Iterator[sqlite3.Connection]:
        try:
            db = sqlite3.connect(self.path, timeout=30, isolation_level=None)
            try:
                # SQLite's own NOCASE knows ASCII only: "LE ÉCHO" would not be "Le Écho"
                db.create_function("folded", 1, lambda name: name and name.casefold(), deterministic=True)
                db.execute("PRAGMA synchronous = FULL")  # a commit that was acknowledged survives a power cut
                yield db
            finally:
                db.close()
        except sqlite3.Error as error:
            raise StorageError(f"The library {self.path} cannot be used: {error}") from error

    @contextmanager
    def read(self) -> Iterator[Snapshot]:
        """One consistent state of the library.

        Raises StorageError when SQLite cannot read it.
        """
        with self._connect() as db:
            db.execute("BEGIN")
            yield Snapshot(db)

    @contextmanager
    def write(self) -> Iterator[Transaction]:
        """One transaction: committed at the end of the block, rolled back if it raises.

        Raises StorageError when SQLite cannot write, for instance on a full disk.
        """
        with self._connect() as db:
            db.execute("BEGIN IMMEDIATE")
            yield Transaction(db)
            db.execute("COMMIT")
