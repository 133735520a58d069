"""The library: one SQLite file that holds the articles, their chunks, the keyword index, every embedding and what was
asked.

It is the one truth. What is committed here exists; everything in Chroma can be written again from it.
Readers open a `Snapshot`, which sees one state from beginning to end, whatever a writer commits meanwhile.
"""

import logging
import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path

from index import keywords, stories
from index.advice import advice
from index.errors import BusyError, StorageError
from index.lock import WriterLock
from index.snapshot import Snapshot
from index.transaction import Transaction

SCHEMA_VERSION = 5
MANY = 20_000
"""Articles that take a minute to be brought to this schema."""
EMPTY = 0.2
"""The part of the file that has to be empty for its pages to be moved together."""
PATIENCE = 20.0
"""Seconds to wait until nobody reads, so that another file can take the place of a library."""

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

_EXCHANGES = """
CREATE TABLE IF NOT EXISTS exchange (
    owner TEXT NOT NULL, conversation TEXT NOT NULL, number INTEGER NOT NULL,
    question TEXT NOT NULL,
    filters TEXT NOT NULL,             -- JSON
    answer TEXT NOT NULL,              -- JSON, with the version of the index that gave it
    thumb INTEGER NOT NULL,            -- 1 or -1 as it was judged, 0 as long as it was not
    asked_at TEXT NOT NULL,            -- UTC
    PRIMARY KEY (owner, conversation, number)
) WITHOUT ROWID;
"""

_FOLLOWING = """
ALTER TABLE chunk ADD COLUMN written INTEGER NOT NULL DEFAULT 0;  -- 1 once Chroma has acknowledged the vector
CREATE INDEX chunk_behind ON chunk(collection, number) WHERE written = 0;
CREATE TABLE stale (                   -- chunks that are gone and that Chroma may still hold
    collection TEXT NOT NULL, id TEXT NOT NULL, PRIMARY KEY (collection, id)
) WITHOUT ROWID;
CREATE TABLE version (                 -- what an article was before it changed
    article TEXT NOT NULL, number INTEGER NOT NULL,  -- as they were kept; added_at puts them in order
    said TEXT NOT NULL,                -- JSON of Article
    original TEXT NOT NULL, fingerprint TEXT NOT NULL, added_at TEXT NOT NULL,
    replaced_at TEXT NOT NULL,         -- UTC
    PRIMARY KEY (article, number)
);
DROP INDEX article_day;                -- what filters look at, so that they read no texts
CREATE INDEX article_day ON article(day, publisher, id);
CREATE INDEX article_filters ON article(id, day, publisher);
CREATE TABLE identity AS SELECT lower(hex(randomblob(8))) AS name;  -- tells this library from others on a server
"""

_LANGUAGES = """
CREATE INDEX article_language ON article(language);  -- an ISO 639-1 code; before, whatever was claimed
"""

_STORIES = (
    stories.SCHEMA
    + """
CREATE INDEX article_publisher ON article(publisher, day, id);
CREATE TABLE vectors (key BLOB PRIMARY KEY, vector BLOB NOT NULL);  -- without rowid each vector spilt into another page
INSERT INTO vectors SELECT key, vector FROM embedding;
DROP TABLE embedding;
ALTER TABLE vectors RENAME TO embedding;
"""
)

_STEPS = (_SCHEMA, _EXCHANGES, _FOLLOWING, _LANGUAGES, _STORIES)
"""What brings a library from each schema version to the next."""


class Library:
    """The SQLite file. Any number of readers; the writer lock makes sure of one writer."""

    def __init__(self, path: Path) -> None:
        """Open the file, made if it is not there, and brought to this schema if an older Dateline wrote it.

        Raises StorageError when it cannot be opened, is no library, or was written by a newer Dateline.
        """
        self.path = path
        self._opened: tuple[int, int] | None = None
        self._sizes: dict[int, int] = {}
        with self._connect() as db:
            filled = db.execute("SELECT 1 FROM sqlite_master").fetchone()
            found = _version(db)
            if found == 0 and filled:
                raise StorageError(f"{path} is an SQLite file of another program. Give another data folder: --data DIR")
            if found == 0:
                db.execute("PRAGMA journal_mode = WAL")
            if found < SCHEMA_VERSION:
                with self._unwritten():
                    _bring_up(db)
            elif found > SCHEMA_VERSION:
                raise StorageError(
                    f"{path} has schema version {found}, this Dateline reads {SCHEMA_VERSION}. Install a newer one."
                )
        self._opened = _file(path)

    @contextmanager
    def _connect(self) -> Iterator[sqlite3.Connection]:
        if self._opened and self._opened != _file(self.path):  # SQLite would take the other one, or make an empty one
            raise StorageError(
                f"The data folder {self.path.parent} was moved or replaced while Dateline had it open: "
                "stop it and start it again."
            )
        try:
            db = sqlite3.connect(self.path, timeout=300, isolation_level=None)
            try:
                # SQLite's own NOCASE knows ASCII only: "LE ÉCHO" would not be "Le Écho"
                db.create_function("folded", 1, lambda name: name and name.casefold(), deterministic=True)
                db.execute("PRAGMA synchronous = FULL")  # a commit that was acknowledged survives a power cut
                yield db
            finally:
                db.close()
        except sqlite3.Error as error:
            why = f"{error}.{advice(self.path.parent, error)}"
            raise StorageError(f"The library {self.path} cannot be used: {why}") from error

    @contextmanager
    def _unwritten(self) -> Iterator[None]:
        """While no other process writes: an older Dateline would go on as if the library were still as it was."""
        lock = WriterLock(self.path.parent)
        if lock.holder().get("pid") == os.getpid():
            yield
            return
        try:
            lock.acquire()
        except BusyError as error:
            raise StorageError(
                f"The library {self.path} is to be brought over to this version of Dateline, and another process, "
                f"perhaps an older Dateline, is writing to it. Stop that first, then run this again. {error}"
            ) from error
        try:
            yield
        finally:
            lock.release()

    def compact(self) -> None:
        """Give back the disk space that removals have left, if that is much and nobody reads meanwhile."""
        with suppress(StorageError), self._connect() as db:
            db.execute("PRAGMA busy_timeout = 1000")
            free, pages = (db.execute(f"PRAGMA {name}").fetchone()[0] for name in ("freelist_count", "page_count"))
            if free > EMPTY * pages:
                db.execute("VACUUM")
                db.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def replace_by(self, new: Path) -> Path:
        """Let another file take the place of this library, whose own is kept: its name from then on.

        Raises StorageError, and changes nothing, when that cannot be or somebody goes on reading.
        """
        names = (self.path.with_name(f"{self.path.name}.damaged-{n}") for n in count(1))
        kept = next(name for name in names if not name.exists())
        try:
            with self._connect() as db:
                os.link(self.path, kept)
                _without_log(db)
                db.execute("BEGIN EXCLUSIVE")
                new.replace(self.path)  # SQLite has seen to it that all of it is on the disk
                self._opened = _file(self.path)
        except OSError as error:
            kept.unlink(missing_ok=True)
            raise StorageError(f"{new} cannot take its place: {error}") from error
        except StorageError:
            kept.unlink(missing_ok=True)
            raise
        return kept

    @contextmanager
    def read(self) -> Iterator[Snapshot]:
        """One consistent state of the library.

        Raises StorageError when SQLite cannot read it.
        """
        with self._connect() as db:
            db.execute("BEGIN")
            yield Snapshot(db, self._sizes)

    @contextmanager
    def write(self) -> Iterator[Transaction]:
        """One transaction: committed at the end of the block, rolled back if it raises.

        Raises StorageError when SQLite cannot write, for instance on a full disk.
        """
        with self._connect() as db:
            db.execute("BEGIN IMMEDIATE")
            yield Transaction(db)
            db.execute("COMMIT")


def _without_log(db: sqlite3.Connection) -> None:
    """Write all that is in the log beside a library into it: SQLite would read that into another file in its place.

    Nobody may have it open meanwhile, and SQLite does not wait for that.
    """
    end = time.monotonic() + PATIENCE
    while True:
        try:
            db.execute("PRAGMA journal_mode = DELETE")
            return
        except sqlite3.OperationalError:
            if time.monotonic() > end:
                raise
            time.sleep(0.02)


def _file(path: Path) -> tuple[int, int] | None:
    """Which file is at a path, whatever its name."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _version(db: sqlite3.Connection) -> int:
    return int(db.execute("PRAGMA user_version").fetchone()[0])


def _bring_up(db: sqlite3.Connection) -> None:
    """Bring a library to this schema in one transaction, unless another process has done so meanwhile."""
    db.execute("BEGIN IMMEDIATE")
    found = _version(db)
    statement = ""
    for line in "".join(_STEPS[found:]).splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            db.execute(statement)  # `executescript` would commit first
            statement = ""
    articles = db.execute("SELECT count(*) FROM article").fetchone()[0]
    if found > 0 and articles > MANY:
        logging.getLogger(__name__).warning(
            "The library was made by an older Dateline. Bringing it over takes about %d minutes, once.",
            1 + articles // MANY,
        )
    if 0 < found < 4:  # articles were analysed as English, all of them
        Transaction(db).tell_languages()
    if 0 < found < 5:
        Transaction(db).group_stories()
    db.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
    db.execute("COMMIT")
