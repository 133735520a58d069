"""One change of the library."""

import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict, replace

import numpy as np
from numpy.typing import NDArray

from index import history, keywords, stories
from index.errors import StorageError
from index.history import ARTICLE_FIELDS, Stored
from index.language import language_of
from index.snapshot import Snapshot, State, StoredChunk
from index.types import Article

TRUE = ("state", "article", "version", "exchange", "identity")
"""The tables whose rows cannot be made again from others."""


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
        """Store an article and its chunks in place of what that id held before, which is kept as a version."""
        for old in self.stored(article.id):
            self.keep_version(replace(old, replaced_at=added_at))
        self._delete(article.id)
        values = {f: getattr(article, f) for f in ARTICLE_FIELDS} | {
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
        stories.place(self._db, article.id, article.text)
        self.put_chunks(self.collection, article, chunks)
        self._index_keywords(article)

    def keep_version(self, version: Stored) -> bool:
        """Keep an earlier version of an article, unless it is there already; whether it was not."""
        return history.keep_version(self._db, version)

    def put_chunks(self, collection: str, article: Article, chunks: Sequence[StoredChunk]) -> None:
        """Add an article's chunks to a collection."""
        self._db.executemany(
            "INSERT INTO chunk (collection, id, article, start, end, embedding) VALUES (?, ?, ?, ?, ?, ?)",
            [(collection, c.id, article.id, c.span.start, c.span.end, c.embedding) for c in chunks],
        )
        self.forget_stale(collection, [c.id for c in chunks])

    def _index_keywords(self, article: Article) -> None:
        rows = self._db.execute(
            "SELECT number, start, end FROM chunk WHERE article = ? AND collection = ?", (article.id, self.collection)
        ).fetchall()
        for number, start, end in rows:
            keywords.insert(self._db, number, article.title, article.text[start:end], article.language)

    def delete_article(self, article_id: str) -> None:
        """Remove an article, its versions and its chunks, if it is there."""
        self._delete(article_id)
        self._db.execute("DELETE FROM version WHERE article = ?", (article_id,))

    def _delete(self, article_id: str) -> None:
        article = self.article(article_id)
        if article is None:
            return
        rows = self._db.execute(
            "SELECT number, start, end FROM chunk WHERE article = ? AND collection = ?", (article_id, self.collection)
        ).fetchall()
        for number, start, end in rows:
            keywords.delete(self._db, number, article.title, article.text[start:end], article.language)
        self._db.execute(
            "INSERT OR IGNORE INTO stale SELECT collection, id FROM chunk WHERE article = ?", (article_id,)
        )
        self._db.execute("DELETE FROM chunk WHERE article = ?", (article_id,))
        stories.forget(self._db, article_id)
        self._db.execute("DELETE FROM article WHERE id = ?", (article_id,))

    def mark_written(self, collection: str, ids: Sequence[str]) -> None:
        """Note that Chroma has acknowledged the vectors of chunks."""
        self._db.executemany(
            "UPDATE chunk SET written = 1 WHERE collection = ? AND id = ?", [(collection, i) for i in ids]
        )

    def mark_lacking(self, collection: str, ids: Sequence[str] | None = None) -> None:
        """Note that Chroma lacks the vectors of chunks, or of all of a collection."""
        if ids is None:
            self._db.execute("UPDATE chunk SET written = 0 WHERE collection = ?", (collection,))
            return
        self._db.executemany(
            "UPDATE chunk SET written = 0 WHERE collection = ? AND id = ?", [(collection, i) for i in ids]
        )

    def forget_stale(self, collection: str, ids: Sequence[str]) -> None:
        """Note that Chroma holds ids no longer, or that they are chunks again."""
        self._db.executemany("DELETE FROM stale WHERE collection = ? AND id = ?", [(collection, i) for i in ids])

    def put_embeddings(self, vectors: Iterable[tuple[bytes, NDArray[np.float32]]]) -> None:
        """Keep embeddings for ever, by key."""
        self._db.executemany(
            "INSERT OR REPLACE INTO embedding VALUES (?, ?)",
            [(key, vector.astype(np.float32).tobytes()) for key, vector in vectors],
        )

    def copy(self, other: Snapshot, dimension: int) -> None:
        """Copy all that is true in another library, and its embeddings, in place of what is here.

        The other one may be damaged. Embeddings that cannot be read, or are none, are left out. Raises StorageError, or
        what SQLite raises, when anything else cannot be read.
        """
        for table in TRUE:
            rows = other._db.execute(f"SELECT * FROM {table} NOT INDEXED")
            self._db.execute(f"DELETE FROM {table}")
            self._db.executemany(f"INSERT INTO {table} VALUES ({','.join('?' * len(rows.description))})", rows)
        self.state = other.state
        for table, key in (("article", "id"), ("version", "article, number")):
            here = set(self._db.execute(f"SELECT {key} FROM {table}"))
            with suppress(sqlite3.DatabaseError):  # what cannot be read names none
                index = f"sqlite_autoindex_{table}_1"
                if lost := set(other._db.execute(f"SELECT {key} FROM {table} INDEXED BY {index}")) - here:
                    raise StorageError(f"{len(lost)} of table {table} cannot be read, the first is {min(lost)}")
        self.put_embeddings(_readable(other._db, dimension))

    def switch(self, state: State) -> None:
        """Make a staged collection the serving one: its chunks, its keywords, its spec, in this one commit."""
        self._db.execute("DELETE FROM chunk WHERE collection <> ?", (state.collection,))
        self._db.execute("DELETE FROM stale WHERE collection <> ?", (state.collection,))
        self.set_state(state)
        self.index_all_keywords()
        self._db.execute("DELETE FROM embedding WHERE key NOT IN (SELECT embedding FROM chunk)")

    def index_all_keywords(self) -> None:
        """Write the whole keyword index again."""
        keywords.clear(self._db)
        for article in self.articles():
            self._index_keywords(article)

    def group_stories(self) -> None:
        """Say anew which articles are one story."""
        stories.regroup(self._db)

    def tell_languages(self) -> None:
        """Tell every article's language anew from what was claimed and its text, and write the keywords by it."""
        for (article_id,) in self._db.execute("SELECT id FROM article").fetchall():
            article = self.article(article_id)
            assert article is not None
            self._db.execute("UPDATE article SET language = ? WHERE id = ?", (language_of(article), article_id))
        self.index_all_keywords()
        self.bump()

    def discard_staged(self) -> int:
        """Remove the chunks of every collection but the serving one; how many there were."""
        self._db.execute("DELETE FROM stale WHERE collection <> ?", (self.collection,))
        return self._db.execute("DELETE FROM chunk WHERE collection <> ?", (self.collection,)).rowcount

    def discard_orphans(self) -> None:
        """Remove chunks whose article is gone; only a damaged file has any."""
        self._db.execute("DELETE FROM chunk WHERE article NOT IN (SELECT id FROM article)")

    def put_exchange(self, place: tuple[str, str, int], exchange: tuple[str, str, str, int], *, asked_at: str) -> None:
        """Keep a question (its words, filters, answer, thumb) at its place: owner, conversation, number."""
        self._db.execute(
            """INSERT OR REPLACE INTO exchange (owner, conversation, number, question, filters, answer, thumb, asked_at)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?)""",
            (*place, *exchange, asked_at),
        )

    def merge_exchange(
        self, place: tuple[str, str, int], exchange: tuple[str, str, str, int], *, asked_at: str
    ) -> bool:
        """`put_exchange`, unless its place holds a later one, or the same one judged; whether it was put there."""
        changed = self._db.execute(
            """INSERT INTO exchange (owner, conversation, number, question, filters, answer, thumb, asked_at)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET question = excluded.question,
            filters = excluded.filters, answer = excluded.answer, thumb = excluded.thumb, asked_at = excluded.asked_at
            WHERE excluded.asked_at > exchange.asked_at
            OR (excluded.asked_at = exchange.asked_at AND exchange.thumb = 0 AND excluded.thumb <> 0)""",
            (*place, *exchange, asked_at),
        )
        return changed.rowcount == 1

    def judge_exchange(self, place: tuple[str, str, int], thumb: int) -> None:
        """Say of a kept answer how it was judged."""
        self._db.execute(
            "UPDATE exchange SET thumb = ? WHERE (owner, conversation, number) = (?, ?, ?)", (thumb, *place)
        )

    def delete_exchanges(self, place: tuple[str, str, int]) -> None:
        """Remove the questions of an owner's conversation from a number on."""
        self._db.execute("DELETE FROM exchange WHERE owner = ? AND conversation = ? AND number >= ?", place)

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
        if wrong := stories.misplaced(self._db):
            found.append(f"{wrong} articles are not grouped by story as they should")
        return found


def _readable(db: sqlite3.Connection, dimension: int) -> Iterator[tuple[bytes, NDArray[np.float32]]]:
    """The embeddings of a library up to where it is damaged; each has the length 1, or it is none."""
    with suppress(sqlite3.DatabaseError):
        for key, kept in db.execute("SELECT key, vector FROM embedding NOT INDEXED"):
            if isinstance(key, bytes) and isinstance(kept, bytes) and len(kept) == 4 * dimension:
                vector = np.frombuffer(kept, dtype=np.float32)
                if abs(float(vector @ vector) - 1) < 0.01:
                    yield key, vector
