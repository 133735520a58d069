"""Changing the index: add, remove, rebuild, verify. The command line, the API and the chat window all call these."""

import logging
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from time import monotonic

from index.batches import batches
from index.config import Config
from index.embed import Embedder, open_embedder
from index.errors import CollectionGone, NotFoundError, StorageError, VectorsError
from index.follow import catch_up, drop_stale, follow, reconcile, start_over
from index.prepare import Lot, Prepared, cut, fingerprint, prepare
from index.records import printable
from index.restore import restore
from index.snapshot import State
from index.store import Index, new_collection, spec_of
from index.transaction import Transaction
from index.types import Article, Progress, Record, Report, Size, Skip, Spec, Status, no_progress

BATCH = 50
"""Articles that are committed together."""
TELL = 0.1
"""Seconds after which it is told, within a batch, how far it is."""
MOST_NAMED = 5
"""Articles of one name that are listed."""


@dataclass(slots=True)
class _Tally:
    added: list[str]
    changed: list[str]
    unchanged: list[str]
    undated: list[str]
    skipped: list[Skip]
    notes: list[Skip]

    def report(self) -> Report:
        return Report(**{name: tuple(getattr(self, name)) for name in self.__slots__})


def add(index: Index, records: Iterable[Record | Skip], *, now: datetime, progress: Progress = no_progress) -> Report:
    """`put` articles into the index, then embed them: when this returns, nothing is behind."""
    report = put(index, records, now=now, progress=progress)
    catch_up(index, progress=progress)
    return report


def put(
    index: Index,
    records: Iterable[Record | Skip],
    *,
    now: datetime,
    progress: Progress = no_progress,
    committed: Callable[[], None] = lambda: None,
) -> Report:
    """Put articles into the library: new ones, and changed ones in place of what their key held before.

    A `Skip` among the records is passed on to the report. Each batch of articles is committed with its chunks and
    keywords, so a killed run leaves whole articles only, and the next run goes on where it was; `committed` is called
    each time. The vectors follow: see `index.follow`. What `progress` raises comes out between two records, however
    long the next would take to read.
    """
    tally = _Tally([], [], [], [], [], [])
    seen = 0
    lots = (_lot(index, items, now.date()) for items in batches(_told(records, progress), BATCH))
    for lot, made in index.engine.prepare(lots):
        while not _put_lot(index, lot, made, now, tally):
            lot = _lot(index, lot.items, lot.today)
            made = prepare(lot.embedder, lot.records(), lot.spec, lot.today)
        committed()
        seen += len(lot.items)
        progress("reading", seen, 0)
    return tally.report()


def _told(records: Iterable[Record | Skip], progress: Progress) -> Iterator[Record | Skip]:
    """The records as they are read, and how many there were so far, if they are slow to come."""
    told = monotonic()
    for seen, item in enumerate(records, 1):
        if monotonic() - told > TELL:
            progress("reading", seen, 0)
            told = monotonic()
        yield item


def _lot(index: Index, items: Sequence[Record | Skip], today: date) -> Lot:
    """What of these items has to be prepared, as the library is now."""
    with index.library.read() as snapshot:
        assert snapshot.state is not None
        spec = snapshot.state.spec
        known = {r.key: snapshot.fingerprint(r.key) for r in items if isinstance(r, Record)}
    often = Counter(r.key for r in items if isinstance(r, Record))  # of two with one key, the last one counts
    new = [
        n for n, r in enumerate(items) if isinstance(r, Record) and (known[r.key] != fingerprint(r) or often[r.key] > 1)
    ]
    return Lot(items, new, known, index.embedder_of(spec), spec, today)


def _put_lot(index: Index, lot: Lot, made: Sequence[Prepared | Skip], now: datetime, tally: _Tally) -> bool:
    """Commit a lot, unless a rebuild has switched since it was put together, or what it has was changed."""
    ready: dict[int, Prepared | Skip] = dict(zip(lot.new, made, strict=True))
    with index.writing, index.library.write() as change:
        assert change.state is not None
        if change.state.spec != lot.spec:
            return False
        same = [r.key for n, r in enumerate(lot.items) if isinstance(r, Record) and n not in ready]
        if any(change.fingerprint(key) != lot.known[key] for key in same):
            return False
        before = len(tally.added) + len(tally.changed)
        for n, item in enumerate(lot.items):
            _commit(change, ready.get(n, item), now, tally)
        if len(tally.added) + len(tally.changed) > before:
            change.bump()
        collection = change.collection
    with suppress(StorageError, CollectionGone):  # they stay noted; whoever writes the new ones meets it, and mends
        drop_stale(index, collection)
    return True


def _commit(change: Transaction, item: Prepared | Record | Skip, now: datetime, tally: _Tally) -> None:
    if isinstance(item, Skip):
        tally.skipped.append(item)
        return
    if isinstance(item, Record):
        tally.unchanged.append(item.key)
        return
    record = item.record
    before = change.fingerprint(record.key)
    if before == item.fingerprint:
        tally.unchanged.append(record.key)
        return
    change.put_article(
        item.article,
        item.chunks,
        fingerprint=item.fingerprint,
        original=record.text,
        tokens=item.tokens,
        added_at=_added_at(change, record.key, now),
    )
    (tally.added if before is None else tally.changed).append(item.article.id)
    if item.article.published is None:
        tally.undated.append(item.article.id)
    tally.notes.extend(Skip(printable(record.origin or record.key), printable(note)) for note in item.notes)


def _added_at(change: Transaction, key: str, now: datetime) -> str:
    """Now; where a clock that was set back since would put a version before the one it replaces, a second after that.

    Versions have to stand in the order in which they came: it tells a history, and which of two is newer.
    """
    before = next((datetime.fromisoformat(old.added_at) for old in change.stored(key)), now)
    return (now if before <= now else before + timedelta(seconds=1)).isoformat(timespec="seconds")


def remove(index: Index, name: str) -> tuple[str, ...]:
    """Remove the articles that a name means: an id, a URL, or the file or folder they were read from. Their ids.

    Raises NotFoundError when there is none.
    """
    with index.writing:
        with index.library.write() as change:
            ids = change.find(name)
            if not ids:
                raise NotFoundError(f"No article has the id, URL or path {name!r}. To see what there is: dateline list")
            for article_id in ids:
                change.delete_article(article_id)
            change.bump()
            collection = change.collection
        try:
            drop_stale(index, collection)
        except (VectorsError, CollectionGone):  # the library has let go of it; Chroma is mended
            reconcile(index)
        except StorageError as error:  # a Chroma server that does not answer: they stay noted
            logging.getLogger(__name__).warning("The vectors of what was removed could not be removed yet: %s", error)
    return tuple(ids)


def rebuild(
    index: Index, config: Config, *, embedder: Embedder | None = None, progress: Progress = no_progress
) -> Status:
    """Chunk and embed every article anew, as configured, into a new collection; then switch to it in one commit.

    Until the switch the old index serves, and what is added to it and removed from it meanwhile is in the new one too.
    Embeddings that the library has are not computed again. `embedder` saves loading the configured model.
    """
    with index.rebuilding:
        if embedder is None:
            embedder = _configured(index, config)
        spec = spec_of(embedder, config.chunk_tokens, config.overlap)
        staged = new_collection(_serving(index).version + 1)
        index.vectors.create(staged)
        try:
            while not _switched(index, staged, embedder, spec):
                _stage(index, staged, embedder, spec, progress)
                follow(index, embedder, staged, progress=progress)
        except BaseException:
            with suppress(VectorsError):
                reconcile(index)
            raise
        index.library.compact()
    return status(index)


def _configured(index: Index, config: Config) -> Embedder:
    """The embedder that is configured: the one at hand, if that is it."""
    at_hand = index.embedder
    same = config.model in (None, at_hand.name)
    if same and config.precision in (None, at_hand.precision):
        return at_hand
    return open_embedder(config.model or at_hand.name, config.precision)


def _stage(index: Index, staged: str, embedder: Embedder, spec: Spec, progress: Progress) -> None:
    """Cut every article that has no chunks in a collection yet."""
    with index.library.read() as snapshot:
        total = snapshot.count("article")
    done = 0
    while True:
        with index.library.read() as snapshot:
            batch = snapshot.not_in(staged, BATCH)
        if not batch:
            return
        made = [(article, cut(article, embedder, spec)) for article in batch]
        with index.library.write() as change:
            for article, chunks in made:
                if change.article(article.id) == article:  # or it has changed meanwhile, and comes again
                    change.put_chunks(staged, article, chunks)
        done += len(batch)
        progress("chunking", min(done, total), total)


def _switched(index: Index, staged: str, embedder: Embedder, spec: Spec) -> bool:
    """Let a collection serve, if it has all that the library has."""
    with index.writing:
        with index.library.read() as snapshot:
            if snapshot.not_in(staged, 1) or snapshot.behind(staged):
                return False
            old = snapshot.collection
        drop_stale(index, staged)
        index.incoming = embedder  # whoever reads the new state between the commit and the next line needs it
        with index.library.write() as change:
            assert change.state is not None
            change.switch(State(change.state.version + 1, staged, spec))
        index.embedder, index.incoming = embedder, None
        index.vectors.drop(old)
    return True


def verify(index: Index) -> list[str]:
    """What is wrong inside the library and between it and Chroma, in words. Nothing, if all is well.

    Chunks whose vectors have yet to follow are not wrong.
    """
    with index.writing:
        try:
            with index.library.write() as change:
                found = change.problems()
                wanted = set(change.chunk_ids())
                written = set(change.chunk_ids(written=True))
                collection = change.collection
        except StorageError as error:
            if error.__cause__ is None:  # it is not in its place
                raise
            return [str(error)]
        if lost := index.vectors.lost():
            return [*found, lost]
        try:
            held = index.vectors.ids(collection)
            if wanted:
                index.vectors.query(collection, index.embedder.question("probe"), 1)
        except (StorageError, CollectionGone) as error:
            return [*found, str(error)]
        if lacking := len(written - held):
            found.append(f"Chroma lacks the vectors of {lacking} chunks")
        if foreign := len(held - wanted):
            found.append(f"Chroma holds {foreign} vectors of chunks that the library does not have")
    return found


def repair(index: Index, *, progress: Progress = no_progress) -> None:
    """Write everything that is derived again: the keyword index, and Chroma from the kept embeddings.

    Where the library's file is damaged beyond that, `restore` it; raises StorageError when that cannot be.
    """
    with index.rebuilding:  # whose half-built collection would go too
        with index.writing:
            if not _derived_anew(index):
                restore(index)
            start_over(index)
            reconcile(index, progress=progress)
        catch_up(index, progress=progress)


def _derived_anew(index: Index) -> bool:
    """Write what the library derives from its articles again, if it is whole then; whether it is."""
    try:
        with index.library.write() as change:
            change.discard_orphans()
            change.index_all_keywords()
            change.group_stories()
            if wrong := change.problems():
                raise StorageError("; ".join(wrong))
    except StorageError:
        return False
    return True


def status(index: Index) -> Status:
    """What is indexed."""
    with index.library.read() as snapshot:
        state = _serving(index)
        first, last, undated = snapshot.days()
        return Status(
            articles=snapshot.count("article"),
            chunks=snapshot.count("chunk"),
            chunks_embedded=snapshot.written(state.collection),
            publishers=snapshot.publishers(),
            first_day=first,
            last_day=last,
            undated=undated,
            tokens=snapshot.tokens(),
            bytes_on_disk=sum(p.stat().st_size for p in index.config.data.rglob("*") if p.is_file()),
            model=f"{state.spec.model} ({state.spec.dimension} dimensions, {state.spec.precision})",
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
        raise NotFoundError(f"There is no article with the id {article_id!r}. The list of articles shows their ids.")
    return found


def named(index: Index, name: str) -> Article:
    """The article of an id, a URL, a path or a path's end; raises NotFoundError when none is meant, or several."""
    with index.library.read() as snapshot:
        found = snapshot.find_file(name)
    if len(found) > 1:
        more = f" and {len(found) - MOST_NAMED:,} more" if len(found) > MOST_NAMED else ""
        ids = ", ".join(found[:MOST_NAMED]) + more
        raise NotFoundError(f"{len(found):,} articles are called {name!r}: {ids}. Give one of their ids.")
    return article(index, found[0] if found else name)


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
