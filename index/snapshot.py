"""One state of the library, for reading."""

import json
import re
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from index import history, keywords, stories
from index.history import COLUMNS, Stored, article_of
from index.language import ENGLISH
from index.types import Article, Chunk, Filters, Span, Spec

SPARE = 2
"""How many times as many chunks are looked through as should hold enough that pass a filter."""
DEARER = 5
"""What looking through one costs beside listing one that passes."""


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


def compared(publisher: str) -> str:
    """A publisher's name as filters compare it: capitals and the number of blanks don't matter."""
    return " ".join(publisher.split()).casefold()


def _marks(values: Sequence[object]) -> str:
    return ",".join("?" * len(values))


def _where(db: sqlite3.Connection, filters: Filters) -> tuple[str, list[str]]:
    """SQL over the article table for the filters, and its parameters."""
    clauses: list[str] = ["1"]
    values: list[str] = []
    if filters.since:
        clauses.append("article.day >= ?")
        values.append(filters.since)
    if filters.until:
        clauses.append("article.day <= ?")
        values.append(filters.until)
    if filters.publishers:
        wanted = set(map(compared, filters.publishers))
        spellings = [name for name in _distinct(db, "publisher") if compared(name) in wanted]
        clauses.append(f"article.publisher IN ({_marks(spellings)})")
        values.extend(spellings)
    if filters.article_ids:
        clauses.append(f"article.id IN ({_marks(filters.article_ids)})")
        values.extend(filters.article_ids)
    if filters.authors:
        wanted = set(map(compared, filters.authors))
        bylines = [byline for byline, names in _bylines(db).items() if wanted & set(map(compared, names))]
        clauses.append(f"article.author IN ({_marks(bylines)})")
        values.extend(bylines)
    return " AND ".join(clauses), values


def _distinct(db: sqlite3.Connection, column: str) -> list[str]:
    """Every publisher, or language, found by a step in its index for each instead of a look at each article."""
    rows = db.execute(
        f"""WITH RECURSIVE every(name) AS (
            SELECT min({column}) FROM article
            UNION ALL SELECT (SELECT min({column}) FROM article WHERE {column} > name) FROM every
            WHERE name IS NOT NULL
        ) SELECT name FROM every WHERE name IS NOT NULL"""
    )
    return [row[0] for row in rows]


def _bylines(db: sqlite3.Connection) -> dict[str, list[str]]:
    """What articles say of their authors, and the name of each author in it."""
    rows = db.execute("SELECT DISTINCT author FROM article WHERE author IS NOT NULL ORDER BY author")
    return {row[0]: [name for name in re.split(r"\s*[,;]\s*|\s+(?:and|&)\s+", row[0]) if name] for row in rows}


class Snapshot:
    """One state of the library, for reading."""

    def __init__(self, db: sqlite3.Connection, sizes: dict[int, int] | None = None) -> None:
        """`sizes` keeps the number of chunks by version, for other snapshots too: counting 100,000 takes 7 ms.

        Without it nothing is kept from one call to the next: a transaction changes what there is.
        """
        self._db = db
        self._sizes = sizes
        self._kept: dict[Filters, list[tuple[int, str, int]]] | None = None if sizes is None else {}
        row = db.execute("SELECT version, collection, spec FROM state").fetchone()
        self.state = State(row[0], row[1], Spec(**json.loads(row[2]))) if row else None

    @property
    def identity(self) -> str:
        """What tells this library from others."""
        return str(self._db.execute("SELECT name FROM identity").fetchone()[0])

    @property
    def collection(self) -> str:
        """The collection that serves; "" before anything was indexed."""
        return self.state.collection if self.state else ""

    def article(self, article_id: str) -> Article | None:
        """The article of that id."""
        row = self._db.execute(f"SELECT {COLUMNS} FROM article WHERE id = ?", (article_id,)).fetchone()
        return article_of(row) if row else None

    def articles(self, filters: Filters | None = None) -> Iterator[Article]:
        """Every article that passes the filters, newest first, undated ones last."""
        where, values = _where(self._db, filters or Filters())
        rows = self._db.execute(
            f"SELECT {COLUMNS} FROM article WHERE {where} ORDER BY published IS NULL, published DESC, id",
            values,
        )
        return map(article_of, rows)

    def matching(self, words: str, limit: int, offset: int = 0) -> tuple[int, list[Article]]:
        """How many articles have each of the words in title, author or publisher, and the newest from an offset on."""
        values = [word.casefold() for word in words.split()]
        named = "folded(title || ' ' || coalesce(author, '') || ' ' || coalesce(publisher, ''))"
        where = " AND ".join(["1", *(f"instr({named}, ?)" for _ in values)])
        total = self._db.execute(f"SELECT count(*) FROM article WHERE {where}", values).fetchone()[0]
        rows = self._db.execute(
            f"""SELECT {COLUMNS} FROM article WHERE {where}
            ORDER BY published IS NULL, published DESC, id LIMIT ? OFFSET ?""",
            [*values, limit, offset],
        )
        return int(total), [article_of(row) for row in rows]

    def find(self, name: str) -> list[str]:
        """The ids of the articles that a name means: an id, else a URL, else the file or folder they came from.

        The folder that all others are in is never meant.
        """
        if not name.strip("/"):
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

    def find_file(self, name: str) -> list[str]:
        """The ids of the articles that `find` finds, else of those whose id or origin has the name as its last part.

        For reading: what removes articles takes their exact names.
        """
        if not name or (found := self.find(name)):
            return found if name else []
        end = "/" + name
        rows = self._db.execute(
            "SELECT id FROM article WHERE substr(id, ?) = ? OR substr(origin, ?) = ? ORDER BY id",
            (-len(end), end, -len(end), end),
        )
        return [row[0] for row in rows]

    def fingerprint(self, article_id: str) -> str | None:
        """The fingerprint of the record that an article was made from."""
        row = self._db.execute("SELECT fingerprint FROM article WHERE id = ?", (article_id,)).fetchone()
        return row[0] if row else None

    def original(self, article_id: str) -> str | None:
        """The text of an article as it arrived, before cleaning."""
        row = self._db.execute("SELECT original FROM article WHERE id = ?", (article_id,)).fetchone()
        return row[0] if row else None

    def stored(self, article_id: str | None = None) -> Iterator[Stored]:
        """Every article with all that is kept of it, or the one of that id; by id."""
        return history.stored(self._db, article_id)

    def versions(self, article_id: str | None = None) -> Iterator[Stored]:
        """What every article, or the one of that id, was before it changed; by id, the oldest first."""
        return history.versions(self._db, article_id)

    def stories(self, article_ids: Iterable[str]) -> dict[str, int]:
        """The stories of those articles whose story others tell too, by the articles' ids; see `index.stories`."""
        return stories.shared(self._db, article_ids)

    def chunk_ids(self, filters: Filters | None = None, *, written: bool = False) -> list[str]:
        """The ids of all chunks that serve, in the order of writing; only those that Chroma has, if `written`."""
        if filters is not None:
            return [i for _, i, has in self._passing(filters) if has or not written]
        only = " AND written = 1" if written else ""
        query = f"SELECT id FROM chunk WHERE collection = ?{only} ORDER BY number"
        return [r[0] for r in self._db.execute(query, (self.collection,))]

    def _passing(self, filters: Filters) -> list[tuple[int, str, int]]:
        """The chunks of the articles that pass the filters: number, id, and 1 if Chroma has it; by number."""
        if self._kept is not None and (known := self._kept.get(filters)) is not None:
            return known
        where, values = _where(self._db, filters)
        found = self._db.execute(
            # CROSS: those articles first that pass, and not every chunk by its number
            f"""SELECT number, chunk.id, written FROM article CROSS JOIN chunk ON chunk.article = article.id
            WHERE {where} AND collection = ? ORDER BY number""",
            (*values, self.collection),
        ).fetchall()
        if self._kept is not None:
            self._kept[filters] = found
        return found

    def passing(self, ids: Sequence[str], filters: Filters) -> list[str]:
        """Those of some chunks whose articles pass the filters, in the order given."""
        where, values = _where(self._db, filters)
        rows = self._db.execute(
            f"""SELECT chunk.id FROM json_each(?) AS given CROSS JOIN chunk ON chunk.id = given.value
            CROSS JOIN article ON article.id = chunk.article WHERE chunk.collection = ? AND {where}""",
            (json.dumps(ids), self.collection, *values),
        )
        found = {row[0] for row in rows}
        return [chunk_id for chunk_id in ids if chunk_id in found]

    def to_sift(self, filters: Filters, some: int) -> int:
        """How many of the best chunks to look through for `some` that pass the filters.

        0 where so few pass that it is cheaper to list those and look at no others.
        """
        passing, articles, chunks = self.count_articles(filters), self.count("article"), self.count("chunk")
        many = SPARE * some * articles // max(passing, 1)
        return many if DEARER * many * articles <= passing * chunks else 0

    def written(self, collection: str) -> int:
        """How many chunks of a collection Chroma has acknowledged."""
        query = "SELECT count(*) FROM chunk WHERE collection = ? AND written = 1"
        return int(self._db.execute(query, (collection,)).fetchone()[0])

    def behind(self, collection: str | None = None) -> int:
        """How many chunks of a collection (the serving one) Chroma does not have yet."""
        query = "SELECT count(*) FROM chunk WHERE collection = ? AND written = 0"
        return int(self._db.execute(query, (collection or self.collection,)).fetchone()[0])

    def without_embedding(self, collection: str, limit: int, *, after: int) -> list[tuple[int, str, bytes]]:
        """Number, id and embedding's key of chunks that were never embedded, from a number on, in their order."""
        return self._db.execute(
            """SELECT number, id, embedding FROM chunk WHERE collection = ? AND written = 0 AND number > ?
            AND NOT EXISTS (SELECT 1 FROM embedding WHERE key = chunk.embedding) ORDER BY number LIMIT ?""",
            (collection, after, limit),
        ).fetchall()

    def to_write(self, collection: str, limit: int) -> list[tuple[str, NDArray[np.float32]]]:
        """Chunks that are embedded and that Chroma does not have yet, in their order, with their vectors."""
        rows = self._db.execute(
            """SELECT id, vector FROM chunk JOIN embedding ON key = chunk.embedding
            WHERE collection = ? AND written = 0 ORDER BY number LIMIT ?""",
            (collection, limit),
        )
        return [(chunk_id, np.frombuffer(vector, dtype=np.float32)) for chunk_id, vector in rows]

    def stale(self, collection: str) -> list[str]:
        """Ids of chunks that are gone and that Chroma may still hold."""
        return [r[0] for r in self._db.execute("SELECT id FROM stale WHERE collection = ?", (collection,))]

    def not_in(self, collection: str, limit: int) -> list[Article]:
        """Articles that have no chunk in a collection."""
        rows = self._db.execute(
            f"""SELECT {COLUMNS} FROM article WHERE NOT EXISTS
            (SELECT 1 FROM chunk WHERE chunk.article = article.id AND chunk.collection = ?) LIMIT ?""",
            (collection, limit),
        )
        return list(map(article_of, rows))

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

    def serving_embeddings(self) -> Iterator[tuple[bytes, NDArray[np.float32]]]:
        """The embeddings of all chunks that serve, by key, in its order."""
        rows = self._db.execute(
            """SELECT key, vector FROM embedding
            WHERE key IN (SELECT embedding FROM chunk WHERE collection = ?) ORDER BY key""",
            (self.collection,),
        )
        return ((key, np.frombuffer(vector, dtype=np.float32)) for key, vector in rows)

    def search_keywords(self, terms: list[str], limit: int, filters: Filters | None = None) -> list[tuple[str, float]]:
        """The best chunks by BM25 with their scores (higher is better), best first."""
        total = self.count("chunk")
        counts = keywords.document_counts(self._db, terms)
        terms = keywords.selective(terms, counts, total)
        if not terms:
            return []
        if filters is None:
            return self._ranked(keywords.match_expression(terms, counts, total), limit)
        if many := self.to_sift(filters, limit):
            for of in (total, 0):  # those with the rarest words, and where too few of them pass those with any
                scores = dict(self._ranked(keywords.match_expression(terms, counts, of), many))
                found = [(chunk_id, scores[chunk_id]) for chunk_id in self.passing(list(scores), filters)[:limit]]
                if len(found) == limit:
                    return found
            if len(scores) < many:
                return found
        return self._ranked(keywords.match_expression(terms, counts, 0), limit, self._passing(filters))

    def _ranked(
        self, match: str, limit: int, passing: Sequence[tuple[int, str, int]] | None = None
    ) -> list[tuple[str, float]]:
        """The best chunks for an FTS5 query, of those that pass."""
        # +: looked up in a set, rather than each of them in the index
        allowed = "" if passing is None else "AND +keyword.rowid IN (SELECT value FROM json_each(?))"
        numbers = [] if passing is None else [json.dumps([number for number, _, _ in passing])]
        rows = self._db.execute(
            f"""SELECT chunk.id, score FROM (
                SELECT rowid AS number, -bm25(keyword, {keywords.TITLE_WEIGHT}, 1.0) AS score FROM keyword
                WHERE keyword MATCH ? {allowed} ORDER BY score DESC, rowid LIMIT ?
            ) JOIN chunk USING (number) WHERE chunk.collection = ? ORDER BY score DESC, chunk.id""",
            (match, *numbers, limit, self.collection),
        )
        return rows.fetchall()

    def languages(self) -> tuple[str, ...]:
        """The languages of the articles, as codes; an article whose language is not known counts as English."""
        unknown = self._db.execute("SELECT 1 FROM article WHERE language IS NULL LIMIT 1").fetchone()
        known = _distinct(self._db, "language")
        return tuple(dict.fromkeys([ENGLISH, *known] if unknown else known))

    def chunks_with(self, ways: Iterable[Sequence[Sequence[str]]], filters: Filters | None = None) -> Iterator[Chunk]:
        """Every chunk that, its article's title counted in, holds each phrase (index terms in a row) of one of the ways
        to say them: those of each language.

        Those of the newest article first, undated ones last, each article's in its order.
        """
        where, values = _where(self._db, filters or Filters())
        said = dict.fromkeys(" AND ".join(f'"{" ".join(phrase)}"' for phrase in phrases) for phrases in ways)
        rows = self._db.execute(
            f"""SELECT chunk.id, article.id, chunk.start, chunk.end
                FROM keyword JOIN chunk ON chunk.number = keyword.rowid JOIN article ON article.id = chunk.article
                WHERE keyword MATCH ? AND chunk.collection = ? AND {where}
                ORDER BY article.published IS NULL, article.published DESC, article.id, chunk.start""",
            (" OR ".join(f"({phrases})" for phrases in said), self.collection, *values),
        )
        article: Article | None = None
        for chunk_id, article_id, start, end in rows:
            if article is None or article.id != article_id:
                article = self.article(article_id)
            if article:
                yield Chunk(chunk_id, article, start, end)

    def count_articles(self, filters: Filters | None = None) -> int:
        """How many articles pass the filters."""
        where, values = _where(self._db, filters or Filters())
        return int(self._db.execute(f"SELECT count(*) FROM article WHERE {where}", values).fetchone()[0])

    def term_counts(self, terms: list[str]) -> dict[str, int]:
        """In how many chunks each index term stands."""
        return keywords.document_counts(self._db, terms)

    def count(self, table: str) -> int:
        """How many articles or (serving) chunks there are."""
        if table == "article":
            return int(self._db.execute("SELECT count(*) FROM article").fetchone()[0])
        version = self.state.version if self.state else 0
        if self._sizes is not None and (known := self._sizes.get(version)) is not None:
            return known
        row = self._db.execute("SELECT count(*) FROM chunk WHERE collection = ?", (self.collection,)).fetchone()
        if self._sizes is not None:
            self._sizes.clear()
            self._sizes[version] = int(row[0])
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

    def authors(self) -> tuple[str, ...]:
        """The authors, each by the name alone."""
        return tuple(dict.fromkeys(name for names in _bylines(self._db).values() for name in names))

    def tokens(self) -> int:
        """The size of all articles in cl100k tokens."""
        return int(self._db.execute("SELECT coalesce(sum(tokens), 0) FROM article").fetchone()[0])

    def conversations(self, owner: str) -> list[tuple[str, str, str, int]]:
        """The conversations of an owner, the last one first: id, first question, time of the last, number of them."""
        return self._db.execute(
            """SELECT conversation, (SELECT question FROM exchange AS first WHERE first.owner = every.owner
                AND first.conversation = every.conversation ORDER BY number LIMIT 1), max(asked_at), count(*)
            FROM exchange AS every WHERE owner = ? GROUP BY conversation ORDER BY max(asked_at) DESC, conversation""",
            (owner,),
        ).fetchall()

    def exchanges(self, owner: str, conversation: str) -> list[tuple[int, str, str, str, int]]:
        """The questions of a conversation in order: number, question, filters, answer, thumb."""
        return self._db.execute(
            """SELECT number, question, filters, answer, thumb FROM exchange
            WHERE owner = ? AND conversation = ? ORDER BY number""",
            (owner, conversation),
        ).fetchall()

    def all_exchanges(self) -> Iterator[tuple[str, str, int, str, str, str, int, str]]:
        """Everybody's questions: owner, conversation, number, question, filters, answer, thumb, and when (UTC)."""
        return self._db.execute(
            """SELECT owner, conversation, number, question, filters, answer, thumb, asked_at FROM exchange
            ORDER BY owner, conversation, number"""
        )
