"""Changing the index: add, remove, rebuild, verify. The command line, the API and the chat window all call these."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from itertools import islice

from index.clean import clean
from index.config import Config
from index.embed import Embedder
from index.errors import CollectionGone, InputError, NotFoundError, StorageError
from index.snapshot import State
from index.store import Index, cut, mend, mend_or_start_over, new_collection, spec_of, start_over, sync
from index.tokens import count_tokens
from index.transaction import Transaction
from index.types import Article, Progress, Record, Report, Size, Skip, Status, no_progress

BATCH = 50
"""Articles that are committed together."""


@dataclass(slots=True)
class _Tally:
    added: list[str]
    changed: list[str]
    unchanged: list[str]
    skipped: list[Skip]
    notes: list[Skip]

    def report(self) -> Report:
        return Report(**{name: tuple(getattr(self, name)) for name in self.__slots__})


def _fingerprint(record: Record) -> str:
    """A digest of all that a record says; where it was read from is no part of that."""
    said = json.dumps(asdict(replace(record, origin=None)), sort_keys=True)
    return hashlib.sha256(said.encode("utf-8", "surrogatepass")).hexdigest()


def add(index: Index, records: Iterable[Record | Skip], *, now: datetime, progress: Progress = no_progress) -> Report:
    """Put articles into the index: new ones, and changed ones in place of what their key held before.

    A `Skip` among the records is passed on to the report. Each batch of articles is committed, with its chunks and
    keywords, before its vectors are written, so a killed run leaves whole articles only, and the next run goes on
    where it was.
    """
    tally = _Tally([], [], [], [], [])
    with index.writing():
        stream = iter(records)
        seen = 0
        while batch := list(islice(stream, BATCH)):
            with index.library.write() as change:
                before = len(tally.added) + len(tally.changed)
                for record in batch:
                    if isinstance(record, Skip):
                        tally.skipped.append(record)
                    else:
                        _put(index, change, record, now, tally)
                if len(tally.added) + len(tally.changed) > before:
                    change.bump()
            seen += len(batch)
            progress("reading", seen, 0)
        mend_or_start_over(index, compute=True, progress=progress)
    return tally.report()


def _put(index: Index, change: Transaction, record: Record, now: datetime, tally: _Tally) -> None:
    fingerprint = _fingerprint(record)
    before = change.fingerprint(record.key)
    if before == fingerprint:
        tally.unchanged.append(record.key)
        return
    source = record.origin or record.key
    try:
        article, notes = clean(record, today=now.date())
    except InputError as error:
        tally.skipped.append(Skip(source, str(error)))
        return
    assert change.state is not None
    change.put_article(
        article,
        cut(article, index.embedder, change.state.spec),
        fingerprint=fingerprint,
        original=record.text,
        tokens=count_tokens(article.text),
        added_at=now.isoformat(timespec="seconds"),
    )
    (tally.added if before is None else tally.changed).append(article.id)
    tally.notes.extend(Skip(source, note) for note in notes)


def remove(index: Index, name: str) -> tuple[str, ...]:
    """Remove the articles that a name means: an id, a URL, or the file or folder they were read from. Their ids.

    Raises NotFoundError when there is none.
    """
    with index.writing():
        with index.library.write() as change:
            ids = change.find(name)
            if not ids:
                raise NotFoundError(f"No article has the id, URL or path {name!r}. To see what there is: dateline list")
            for article_id in ids:
                change.delete_article(article_id)
            change.bump()
        mend_or_start_over(index, compute=True)
    return tuple(ids)


def rebuild(
    index: Index, config: Config, *, embedder: Embedder | None = None, progress: Progress = no_progress
) -> Status:
    """Chunk and embed every article anew, as configured, into a new collection; then switch to it in one commit.

    Until the switch the old index serves and nothing of it is touched. Embeddings that the library has are not computed
    again. `embedder` saves loading the configured model.
    """
    with index.writing():
        old = _serving(index)
        if embedder is None:
            same = config.model in (None, index.embedder.name)
            embedder = index.embedder if same else Embedder(config.model or index.embedder.name)
        spec = spec_of(embedder, config.chunk_tokens, config.overlap)
        new = State(old.version + 1, new_collection(old.version + 1), spec)
        index.vectors.create(new.collection)
        try:
            with index.library.read() as snapshot:
                total, done = snapshot.count("article"), 0
                articles = snapshot.articles()
                while batch := list(islice(articles, BATCH)):
                    with index.library.write() as change:
                        for article in batch:
                            change.put_chunks(new.collection, article, cut(article, embedder, spec))
                    done += len(batch)
                    progress("chunking", done, total)
            sync(index, embedder, new.collection, progress=progress)
            index.incoming = embedder  # whoever reads the new state between the commit and the next line needs it
            with index.library.write() as change:
                change.switch(new)
        except BaseException:
            mend(index, compute=False)
            raise
        index.embedder, index.incoming = embedder, None
        index.vectors.drop(old.collection)
    return status(index)


def verify(index: Index) -> list[str]:
    """What is wrong inside the library and between it and Chroma, in words. Nothing, if all is well."""
    with index.writing():
        with index.library.write() as change:
            found = change.problems()
            wanted = set(change.chunk_ids())
            collection = change.collection
        if not index.vectors.path.is_dir():
            return [*found, f"Chroma's folder {index.vectors.path} is gone"]
        try:
            held = index.vectors.ids(collection)
            if wanted:
                index.vectors.query(collection, index.embedder.question("probe"), 1)
        except (StorageError, CollectionGone) as error:
            return [*found, str(error)]
        if lacking := len(wanted - held):
            found.append(f"Chroma lacks the vectors of {lacking} chunks")
        if foreign := len(held - wanted):
            found.append(f"Chroma holds {foreign} vectors of chunks that the library does not have")
    return found


def repair(index: Index, *, progress: Progress = no_progress) -> None:
    """Write everything that is derived again: the keyword index, and Chroma from the kept embeddings.

    Raises StorageError when the library itself is damaged beyond that.
    """
    with index.writing():
        with index.library.write() as change:
            change.discard_orphans()
            change.index_all_keywords()
        start_over(index)
        mend(index, compute=True, progress=progress)


def status(index: Index) -> Status:
    """What is indexed."""
    with index.library.read() as snapshot:
        state = _serving(index)
        first, last, undated = snapshot.days()
        wanted = set(snapshot.chunk_ids())
        return Status(
            articles=snapshot.count("article"),
            chunks=len(wanted),
            chunks_embedded=len(wanted & index.vectors.ids(state.collection)),
            publishers=snapshot.publishers(),
            first_day=first,
            last_day=last,
            undated=undated,
            tokens=snapshot.tokens(),
            bytes_on_disk=sum(p.stat().st_size for p in index.config.data.rglob("*") if p.is_file()),
            model=f"{state.spec.model} ({state.spec.dimension} dimensions)",
            chunking=f"at most {state.spec.chunk_tokens} tokens, overlapping by {state.spec.overlap} sentence(s)",
            index_version=state.version,
        )


def articles(index: Index) -> tuple[Article, ...]:
    """Every article, newest first."""
    with index.library.read() as snapshot:
        return tuple(snapshot.articles())


def article(index: Index, article_id: str) -> Article:
    """The article of that id; raises NotFoundError."""
    with index.library.read() as snapshot:
        found = snapshot.article(article_id)
    if found is None:
        raise NotFoundError(f"There is no article with the id {article_id!r}.")
    return found


def size(index: Index) -> Size:
    """How much is indexed; unlike `status`, this looks at no single chunk."""
    with index.library.read() as snapshot:
        return Size(snapshot.count("article"), snapshot.count("chunk"), _serving(index).version)


def version(index: Index) -> int:
    """The version of the index: it grows with every change."""
    return _serving(index).version


def _serving(index: Index) -> State:
    with index.library.read() as snapshot:
        if snapshot.state is None:
            raise StorageError(
                f"The library in {index.config.data} is empty and has no state. Add articles: dateline add …"
            )
        return snapshot.state
