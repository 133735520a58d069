"""The types that travel through the index: what comes in, what is kept, what is found.

Every offset anywhere counts characters (Unicode code points) of `Article.text`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple


class Span(NamedTuple):
    """A half-open range of characters, `text[start:end]`."""

    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """An article as it arrived: its raw text and what its source claims about it.

    `key` names it for ever: the id that its source gave, else its URL, else its path. `format` is how
    `text` is written: "text", "markdown" or "html". `published` is still unparsed.
    """

    key: str
    text: str
    format: str = "text"
    title: str | None = None
    author: str | None = None
    publisher: str | None = None
    published: str | None = None
    date_source: str | None = None
    url: str | None = None
    language: str | None = None
    origin: str | None = None
    """The file it was read from, an absolute path; None when it came over the API."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """A cleaned article. `text` is what may be quoted; `headings` are the parts of it that may not.

    `published` is an ISO 8601 date or date-time in the publisher's own time zone, so that its first ten
    characters are the day the publisher printed. `date_source` says where it was found.
    """

    id: str
    title: str
    text: str
    author: str | None = None
    publisher: str | None = None
    published: str | None = None
    date_source: str | None = None
    url: str | None = None
    language: str | None = None
    origin: str | None = None
    headings: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True)
class Chunk:
    """A passage of one article: `text == article.text[start:end]`, always."""

    id: str
    article: Article
    start: int
    end: int

    @property
    def text(self) -> str:
        return self.article.text[self.start : self.end]


@dataclass(frozen=True, slots=True)
class Hit:
    """A chunk that was found. `parts` keeps what the score was made of, for people who debug."""

    chunk: Chunk
    score: float
    parts: dict[str, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """Which articles may be looked at. Days are inclusive, `YYYY-MM-DD`; an undated article fails any day filter."""

    since: str | None = None
    until: str | None = None
    publishers: tuple[str, ...] = ()
    article_ids: tuple[str, ...] = ()
    authors: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Spec:
    """How an index was made: embeddings of another spec are of no use to it."""

    model: str
    fingerprint: str
    dimension: int
    chunk_tokens: int
    overlap: int
    precision: str = "fp32"

    def __str__(self) -> str:
        return (
            f"{self.model} ({self.dimension} dimensions, {self.precision}, weights {self.fingerprint[:8]}), "
            f"chunks of {self.chunk_tokens} tokens, overlap {self.overlap}"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """What is indexed. `tokens` are cl100k tokens; days are `YYYY-MM-DD`."""

    articles: int
    chunks: int
    chunks_embedded: int
    publishers: tuple[str, ...]
    first_day: str | None
    last_day: str | None
    undated: int
    tokens: int
    bytes_on_disk: int
    model: str
    chunking: str
    index_version: int


@dataclass(frozen=True, slots=True)
class Size:
    """How much is indexed, as far as it can be told at once."""

    articles: int
    chunks: int
    version: int


@dataclass(frozen=True, slots=True)
class Skip:
    """An input that did not go in, and why, in words that say what to do."""

    source: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What `add` did: ids of articles by what happened to them, what was skipped, and what to know about the rest.

    `undated` are those of the added and changed ones that have no date.
    """

    added: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    unchanged: tuple[str, ...] = ()
    undated: tuple[str, ...] = ()
    skipped: tuple[Skip, ...] = ()
    notes: tuple[Skip, ...] = ()


Progress = Callable[[str, int, int], None]
"""Called with the stage ("chunking", "embedding", …), how many are done and how many there are (0: not known)."""


def no_progress(stage: str, done: int, total: int) -> None:
    """A `Progress` that shows nothing."""
