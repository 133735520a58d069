"""The open index: library, vectors and embedder together, and what makes them agree."""

import hashlib
import json
import os
import secrets
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path

import numpy as np
from filelock import FileLock, Timeout

from index.chunk import chunk, embedded_text
from index.config import Config
from index.embed import PACKAGED, Embedder
from index.errors import BusyError, CollectionGone, ConfigError, IndexMismatch, InputError, StorageError, VectorsError
from index.library import Library
from index.private import write_private
from index.snapshot import State, StoredChunk
from index.types import Article, Progress, Spec, no_progress
from index.vectors import Vectors, discard

WINDOW = 256
"""Chunks that are embedded and committed together: what a kill can cost, in embeddings."""

PATIENCE = 1.0
"""Seconds that a writer waits for the lock: a reader holds it for a moment, to mend what a killed writer left."""

DEFAULT_OVERLAP = 1
LIBRARY = "library.sqlite3"


class WriterLock:
    """The right to write to a data folder, held by one process at a time.

    Beside the lock lies a note of who holds it, which only its owner may read; a server writes its address there and
    what it lets the command line in with, which hands its work over.
    """

    def __init__(self, data: Path) -> None:
        self._lock = FileLock(data / "writer.lock")
        self._note = data / "writer.json"

    def acquire(self, *, wait: float = PATIENCE) -> None:
        """Take the right; raises BusyError, naming the holder, when another process has it."""
        try:
            self._lock.acquire(timeout=wait)
        except Timeout as error:
            holder = self.holder()
            if holder.get("url"):
                raise BusyError(
                    f"Dateline is already serving {self._note.parent} at {holder['url']}. Use that, or stop it first."
                ) from error
            who = f"process {holder['pid']}" if "pid" in holder else "another process"
            raise BusyError(
                f"{who.capitalize()} is writing to {self._note.parent}. Wait until it has finished, then try again."
            ) from error
        except OSError as error:
            raise StorageError(f"{self._note.parent} cannot be written to: {error}") from error
        self.announce()

    def announce(self, url: str | None = None, instance: str | None = None, token: str | None = None) -> None:
        """Write down who holds the lock, where it serves, and what lets in whoever may read this folder."""
        note = {"pid": os.getpid(), "url": url, "instance": instance, "token": token}
        write_private(self._note, json.dumps(note))

    def holder(self) -> dict[str, object]:
        """Who wrote the note, if it can be read."""
        try:
            note = json.loads(self._note.read_text())
            return note if isinstance(note, dict) else {}
        except (OSError, ValueError):
            return {}

    def release(self) -> None:
        """Give the right back."""
        if self._lock.is_locked:
            self._note.unlink(missing_ok=True)
            self._lock.release()


class Index:
    """Everything that is held open to read or change an index. `open_index` makes one."""

    def __init__(
        self, config: Config, library: Library, vectors: Vectors, embedder: Embedder, lock: WriterLock
    ) -> None:
        self.config = config
        self.library = library
        self.vectors = vectors
        self.embedder = embedder
        self.incoming: Embedder | None = None  # the embedder of a rebuild that is about to switch
        self.lock = lock
        self._mutex = threading.Lock()

    @contextmanager
    def writing(self) -> Iterator[None]:
        """One change at a time within this process; the writer lock keeps other processes out."""
        with self._mutex:
            yield

    def embedder_of(self, spec: Spec) -> Embedder:
        """The embedder that made an index. Raises CollectionGone when a rebuild has replaced it."""
        for embedder in (self.embedder, self.incoming):
            if embedder and embedder.fingerprint == spec.fingerprint:
                return embedder
        raise CollectionGone(f"no embedder with the weights {spec.fingerprint[:8]} is open")

    def close(self) -> None:
        """Let go of the files and of the right to write."""
        self.vectors.close()
        self.lock.release()


def spec_of(embedder: Embedder, chunk_tokens: int | None, overlap: int | None) -> Spec:
    """The spec that an embedder and the settings make; raises ConfigError when a chunk would not fit the model."""
    tokens = embedder.max_tokens if chunk_tokens is None else chunk_tokens
    if not 64 <= tokens <= embedder.max_tokens:
        raise ConfigError(
            f"chunk_tokens is {tokens}; it takes 64 to {embedder.max_tokens}, which is what {embedder.name} reads."
        )
    overlap = DEFAULT_OVERLAP if overlap is None else overlap
    if not 0 <= overlap <= 5:
        raise ConfigError(f"overlap is {overlap}; it takes 0 to 5 sentences.")
    return Spec(
        model=embedder.name,
        fingerprint=embedder.fingerprint,
        dimension=embedder.dimension,
        chunk_tokens=tokens,
        overlap=overlap,
    )


def check_there(config: Config) -> None:
    """Raise InputError when the data folder holds no library."""
    if not (config.data / LIBRARY).is_file():
        raise InputError(f"There are no articles in {config.data} yet. Add some: dateline add FILE_OR_FOLDER")


def open_index(
    config: Config,
    *,
    write: bool,
    rebuilding: bool = False,
    embedder: Embedder | None = None,
    progress: Progress = no_progress,
) -> Index:
    """Open the index of a data folder and mend what a killed process left.

    | State found                                            | What happens                                         |
    |--------------------------------------------------------|------------------------------------------------------|
    | library and Chroma agree                               | nothing                                              |
    | Chroma holds ids that the library has not committed    | removed (readers ignore them anyway)                 |
    | the library holds chunks that Chroma lacks             | written again from the kept embeddings; those never  |
    |                                                        | embedded are embedded when opened for writing        |
    | another model or chunking configured than indexed      | IndexMismatch, naming both and the command           |
    | a rebuild died half-way                                | the old index serves, the half-built one is removed  |
    | Chroma's folder is missing or broken                   | thrown away and written again from the library       |

    A reader that finds another process writing mends nothing, and reads what is committed. `rebuilding` opens an index
    whatever it was built with, and embeds nothing for it, since all of it is about to be replaced. Raises InputError
    when there is nothing to read, BusyError when another process is the writer and `write` is asked for, StorageError
    when a file cannot be used.
    """
    file = config.data / LIBRARY
    if not write:
        check_there(config)
    try:
        config.data.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StorageError(f"The data folder {config.data} cannot be made: {error}") from error
    lock = WriterLock(config.data)
    if write:
        lock.acquire()
    try:
        library = Library(file)
        with library.read() as snapshot:
            indexed = snapshot.state.spec if snapshot.state else None
        embedder = embedder or Embedder(config.model or (indexed.model if indexed else PACKAGED))
        if not rebuilding:
            _check_spec(config, embedder, indexed)
        locked = write or _acquired(lock)  # a reader only now: loading a model takes seconds
        index = Index(config, library, _open_vectors(config.data / "chroma", locked), embedder, lock)
        try:
            if locked and indexed is None:
                with library.write() as change:
                    spec = spec_of(embedder, config.chunk_tokens, config.overlap)
                    change.set_state(State(0, new_collection(0), spec))
            if locked:
                mend_or_start_over(index, compute=write and not rebuilding, progress=progress)
        except BaseException:
            index.vectors.close()
            raise
        if not write:
            lock.release()
    except BaseException:
        lock.release()
        raise
    return index


def _acquired(lock: WriterLock) -> bool:
    try:
        lock.acquire(wait=0)
    except BusyError:
        return False
    return True


def _check_spec(config: Config, embedder: Embedder, indexed: Spec | None) -> None:
    if indexed is None:
        return
    wanted = spec_of(
        embedder,
        min(indexed.chunk_tokens, embedder.max_tokens) if config.chunk_tokens is None else config.chunk_tokens,
        indexed.overlap if config.overlap is None else config.overlap,
    )
    if wanted != indexed:
        option = f" --model {config.model}" if config.model else ""
        raise IndexMismatch(
            f"The index in {config.data} was built with {indexed}; configured is {wanted}. "
            f"To build it anew with what is configured: dateline rebuild{option}. To go on with the index as "
            f"it is, take the setting away (--model, DATELINE_MODEL, {config.data / 'config.toml'})."
        )


def _open_vectors(path: Path, locked: bool) -> Vectors:
    try:
        return Vectors(path)
    except VectorsError:
        if not locked:
            raise
        discard(path)
        return Vectors(path)


def mend_or_start_over(index: Index, *, compute: bool, progress: Progress = no_progress) -> None:
    """`mend`; where Chroma turns out to be damaged, its folder is thrown away and written again."""
    try:
        mend(index, compute=compute, progress=progress)
    except VectorsError:  # some damage shows only when the vectors are read
        start_over(index)
        mend(index, compute=compute, progress=progress)


def start_over(index: Index) -> None:
    """Throw Chroma's folder away and open an empty one; `mend` fills it."""
    index.vectors.close()
    discard(index.vectors.path)
    index.vectors = Vectors(index.vectors.path)


def new_collection(version: int) -> str:
    """A name that no collection had before; Chroma cannot rename one onto another."""
    return f"chunks-{version}-{secrets.token_hex(4)}"


def mend(index: Index, *, compute: bool, progress: Progress = no_progress) -> None:
    """Bring Chroma in line with the library, as the table in `open_index` says."""
    with index.library.read() as snapshot:
        serving = snapshot.collection
        staged = snapshot.has_staged()
    if staged:
        with index.library.write() as change:
            change.discard_staged()
    existing = index.vectors.collections()
    for name in existing:
        if name != serving:
            index.vectors.drop(name)
    if serving not in existing:
        index.vectors.create(serving)
    sync(index, index.embedder, serving, compute=compute, progress=progress)


def sync(
    index: Index, embedder: Embedder, collection: str, *, compute: bool = True, progress: Progress = no_progress
) -> int:
    """Make a Chroma collection hold exactly the chunks that the library has for it; how many it still lacks.

    Embeddings come from the library where it has them, the others are computed, if `compute`, and kept there first.
    """
    with index.library.read() as snapshot:
        wanted = snapshot.chunk_ids(collection=collection)
    held = index.vectors.ids(collection)
    index.vectors.delete(collection, list(held.difference(wanted)))
    missing = [chunk_id for chunk_id in wanted if chunk_id not in held]
    if missing:
        progress("embedding", 0, len(missing))
    lacking = 0
    todo = iter(missing)
    done = 0
    while window := list(islice(todo, WINDOW)):
        with index.library.read() as snapshot:
            keys = snapshot.embedding_keys(window, collection=collection)
            known = snapshot.embeddings(keys.values())
            new = list({key: i for i, key in keys.items() if key not in known}.items())
            chunks = snapshot.chunks([i for _, i in new], collection=collection) if compute else {}
        if new and compute:
            texts = [
                embedded_text(chunks[i].article, (chunks[i].start, chunks[i].end), embedder.token_spans) for _, i in new
            ]
            vectors = embedder.passages(
                texts,
                done=lambda count, base=done: progress("embedding", base + count, len(missing)),  # type: ignore[misc]
            )
            fresh = dict(zip((key for key, _ in new), vectors, strict=True))
            with index.library.write() as change:
                change.put_embeddings(fresh.items())
            known |= fresh
        ready = [i for i in window if keys[i] in known]
        lacking += len(window) - len(ready)
        if ready:
            index.vectors.upsert(collection, ready, np.stack([known[keys[i]] for i in ready]))
        done += len(window)
        progress("embedding", done, len(missing))
    return lacking


def cut(article: Article, embedder: Embedder, spec: Spec) -> Sequence[StoredChunk]:
    """An article's chunks as they are stored. An id stands for the place of the words and for their vector."""
    chunks = []
    for span in chunk(article, embedder.token_spans, max_tokens=spec.chunk_tokens, overlap=spec.overlap):
        text = embedded_text(article, span, embedder.token_spans)
        key = hashlib.sha256(f"{spec.fingerprint}\0{text}".encode()).digest()[:20]
        name = hashlib.sha256(f"{article.id}\0{span.start}\0{span.end}\0".encode() + key).hexdigest()[:32]
        chunks.append(StoredChunk(name, span, key))
    return chunks
