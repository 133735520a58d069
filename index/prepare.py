"""What takes long before articles are committed: pure, so that `index.engine` may have it done anywhere."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date

from index.chunk import chunk, embedded_text
from index.clean import clean
from index.embed import Embedder
from index.errors import InputError
from index.records import printable
from index.snapshot import StoredChunk
from index.tokens import count_tokens
from index.types import Article, Record, Skip, Spec


@dataclass(frozen=True, slots=True)
class Lot:
    """What is committed together: `items` as they were read, of which those at the places `new` are to be prepared.

    `known` are the fingerprints that the library had by then, by key; `embedder` is the one that `spec` names, `today`
    the day from which dates are read.
    """

    items: Sequence[Record | Skip]
    new: Sequence[int]
    known: Mapping[str, str | None]
    embedder: Embedder
    spec: Spec
    today: date

    def records(self) -> list[Record]:
        """Those to be prepared."""
        return [item for item in (self.items[n] for n in self.new) if isinstance(item, Record)]


@dataclass(frozen=True, slots=True)
class Prepared:
    """An article that is ready to be committed, cut as the spec says."""

    record: Record
    fingerprint: str
    article: Article
    chunks: Sequence[StoredChunk]
    tokens: int
    notes: Sequence[str]


def fingerprint(record: Record) -> str:
    """A digest of all that a record says; where it was read from is no part of that."""
    said = json.dumps(asdict(replace(record, origin=None)), sort_keys=True)
    return hashlib.sha256(said.encode("utf-8", "surrogatepass")).hexdigest()


def prepare(embedder: Embedder, records: Sequence[Record], spec: Spec, today: date) -> list[Prepared | Skip]:
    """The article in each record, cleaned, cut and counted; or why there is none."""
    return [_prepared(embedder, record, spec, today) for record in records]


def _prepared(embedder: Embedder, record: Record, spec: Spec, today: date) -> Prepared | Skip:
    try:
        article, notes = clean(record, today=today)
    except InputError as error:
        return Skip(printable(record.origin or record.key), str(error))
    chunks = cut(article, embedder, spec)
    return Prepared(record, fingerprint(record), article, chunks, count_tokens(article.text), notes)


def cut(article: Article, embedder: Embedder, spec: Spec) -> Sequence[StoredChunk]:
    """An article's chunks as they are stored. An id stands for the place of the words and for their vector."""
    chunks = []
    for span in chunk(article, embedder.token_spans, max_tokens=spec.chunk_tokens, overlap=spec.overlap):
        text = embedded_text(article, span, embedder.token_spans)
        key = hashlib.sha256(f"{spec.fingerprint}\0{text}".encode()).digest()[:20]
        name = hashlib.sha256(f"{article.id}\0{span.start}\0{span.end}\0".encode() + key).hexdigest()[:32]
        chunks.append(StoredChunk(name, span, key))
    return chunks
