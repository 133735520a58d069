"""A tiny embedder and short articles, importable in a moment: processes that a test starts (and kills) use them too."""

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from index.embed import Embedder
from index.engine import Here, Texts
from index.prepare import Lot, Prepared
from index.types import Record, Skip, Span

NOW = datetime(2026, 11, 1, 12, 0, tzinfo=UTC)


class TinyEmbedder:
    """An embedder whose vectors can be worked out by hand: how often each word of WORDS occurs, scaled to length 1.

    Its tokens are words. `embedded` lists every passage that was ever embedded.
    """

    WORDS = ("bridge", "harbour", "strike", "nurses", "fossil", "election", "water", "fire")

    def __init__(self, name: str = "tiny", max_tokens: int = 100) -> None:
        self.name = name
        self.precision = "fp32"
        self.fingerprint = f"{name}-weights"
        self.dimension = len(self.WORDS) + 1
        self.max_tokens = max_tokens
        self.embedded: list[str] = []

    def token_spans(self, texts: Sequence[str]) -> list[list[Span]]:
        found = []
        for text in texts:
            spans, at = [], 0
            for word in text.split():
                start = text.index(word, at)
                at = start + len(word)
                spans.append(Span(start, at))
            found.append(spans)
        return found

    def question(self, text: str) -> np.ndarray:
        words = text.lower().replace(".", " ").replace("?", " ").split()
        vector = np.array([1.0, *(float(words.count(w)) for w in self.WORDS)], dtype=np.float32)
        return vector / np.linalg.norm(vector)

    def passages(self, texts: Sequence[str], *, done: Callable[[int], None] = lambda count: None) -> np.ndarray:
        self.embedded += texts
        done(len(texts))
        return np.stack([self.question(t) for t in texts])


class Ahead(Here):
    """An engine that asks for every lot before it gives back the first."""

    def prepare(self, lots: Iterable[Lot]) -> Iterator[tuple[Lot, list[Prepared | Skip]]]:
        return super().prepare(list(lots))

    def embed(
        self, embedder: Embedder, lots: Iterable[Texts], done: Callable[[int], None]
    ) -> Iterator[tuple[Texts, np.ndarray]]:
        return super().embed(embedder, list(lots), done)


BEFORE = {
    4: "DROP TABLE story; DROP TABLE story_band; DROP INDEX article_publisher;",
    3: "DROP INDEX article_language;",
    2: "DROP INDEX chunk_behind; ALTER TABLE chunk DROP COLUMN written; DROP TABLE stale; DROP TABLE version;"
    "DROP TABLE identity; DROP INDEX article_filters;",
}
"""What takes a library back to each version of its schema from the one after."""


def make_older(path: Path, version: int) -> None:
    """Make a library one of an older version of the schema."""
    with closing(sqlite3.connect(path)) as db:
        for older in range(max(BEFORE), version - 1, -1):
            db.executescript(BEFORE[older])
        db.execute(f"PRAGMA user_version = {version}")
        db.commit()


def news(key: str, text: str, **fields: str) -> Record:
    """A short article."""
    return Record(key=key, text=text, **{"title": key.title(), **fields})
