"""Chroma follows the library: whatever is committed there is found by its words at once, and by its vector later.

| A chunk is | which means                                                   | and a kill leaves it                   |
|------------|---------------------------------------------------------------|----------------------------------------|
| committed  | it is in the library and its keyword index                    | to be embedded                         |
| embedded   | the library keeps its vector, for ever                        | to be written; embedding it costs none |
| written    | Chroma has acknowledged the vector, and the library notes it  | written                                |
"""

import logging
import threading
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import numpy as np
from numpy.typing import NDArray

from index.chunk import embedded_text
from index.embed import Embedder
from index.engine import Texts
from index.errors import CollectionGone, VectorsError
from index.store import Index
from index.types import Progress, no_progress

WINDOW = 128
"""Chunks that are embedded and committed together: what a kill can cost, in embeddings."""
ROWS = 1000
"""Vectors that are written to Chroma together."""
LOOK = 0.1
"""Seconds between two looks of one who waits."""


class Stopped(BaseException):
    """What ends the work of a follower that is no longer wanted."""


def reconcile(index: Index, *, progress: Progress = no_progress) -> None:
    """Mend what a killed process left, compute nothing, and write the vectors that are known.

    Where Chroma turns out to be damaged, its folder is thrown away and written again.
    """
    with index.writing:
        try:
            _reconcile(index, progress)
        except VectorsError:  # some damage shows only when the vectors are read
            start_over(index)
            _reconcile(index, progress)


def _reconcile(index: Index, progress: Progress) -> None:
    with index.library.read() as snapshot:
        serving, staged = snapshot.collection, snapshot.has_staged()
    if staged:
        with index.library.write() as change:
            change.discard_staged()
    index.vectors.keep_only(serving)
    if serving not in index.vectors.collections():
        index.vectors.create(serving)
        with index.library.write() as change:
            change.mark_lacking(serving)
    drop_stale(index, serving)
    with index.library.read() as snapshot:
        noted = snapshot.written(serving)
    if index.vectors.count(serving) != noted:
        _compare(index, serving)
    _write(index, serving, progress)


def _compare(index: Index, collection: str) -> None:
    """Look at every id, and note what Chroma really holds."""
    with index.library.read() as snapshot:
        wanted = set(snapshot.chunk_ids())
    held = index.vectors.ids(collection)
    index.vectors.delete(collection, list(held - wanted))
    with index.library.write() as change:
        change.mark_lacking(collection, list(wanted - held))
        change.mark_written(collection, list(wanted & held))


def start_over(index: Index) -> None:
    """Throw everything in Chroma away; `reconcile` and `catch_up` write it again."""
    with index.writing:
        index.vectors.start_over()


def drop_stale(index: Index, collection: str) -> None:
    """Remove from Chroma what the library does not have any more."""
    with index.writing:
        with index.library.read() as snapshot:
            gone = snapshot.stale(collection)
        if gone:
            index.vectors.delete(collection, gone)
            with index.library.write() as change:
                change.forget_stale(collection, gone)


def _write(index: Index, collection: str, progress: Progress = no_progress) -> None:
    """Write the vectors that the library has to Chroma; between two lots others may change the index."""
    done = 0
    while True:
        with index.writing:
            with index.library.read() as snapshot:
                rows = snapshot.to_write(collection, ROWS)
            if not rows:
                return
            ids = [chunk_id for chunk_id, _ in rows]
            index.vectors.upsert(collection, ids, np.stack([vector for _, vector in rows]))
            with index.library.write() as change:
                change.mark_written(collection, ids)
        done += len(rows)
        progress("writing", done, 0)


def catch_up(index: Index, *, progress: Progress = no_progress) -> None:
    """Embed and write all chunks that serve, until Chroma has each of them, also those that come in meanwhile.

    Where Chroma turns out to be damaged, it is written again from the library.
    """
    mended = False
    while True:
        with index.library.read() as snapshot:
            state = snapshot.state
            behind = snapshot.behind()
        if state is None or not behind:
            return
        try:
            follow(index, index.embedder_of(state.spec), state.collection, progress=progress)
        except CollectionGone:
            with index.library.read() as snapshot:
                serves = snapshot.collection == state.collection  # or a rebuild has switched to another one
            if serves and state.collection not in index.vectors.collections():
                reconcile(index)
        except VectorsError:
            if mended:
                raise
            mended = True
            start_over(index)
            reconcile(index)


def follow(index: Index, embedder: Embedder, collection: str, *, progress: Progress = no_progress) -> None:
    """Embed and write the chunks that a collection lacks. Chroma writes one lot while the next ones are embedded."""
    with index.library.read() as snapshot:
        total = snapshot.behind(collection)
    progress("embedding", 0, total)
    _write(index, collection)
    with ThreadPoolExecutor(1, thread_name_prefix="writing") as aside:
        writing: Future[Texts] | None = None
        done = 0
        under_way: set[bytes] = set()
        windows = _windows(index, embedder, collection, under_way)

        def told(count: int) -> None:
            progress("embedding", min(done + count, total), total)

        for texts, vectors in index.engine.embed(embedder, windows, told):
            done += len(texts)
            if writing is not None:
                under_way -= writing.result().keys()
            writing = aside.submit(_keep, index, collection, texts, vectors)
        if writing is not None:
            writing.result()
    _write(index, collection)
    progress("embedding", total, total)


def _windows(index: Index, embedder: Embedder, collection: str, under_way: set[bytes]) -> Iterator[Texts]:
    """The chunks that were never embedded, in lots. Their keys join `under_way`; one in there comes not again."""
    after = 0
    while True:
        with index.library.read() as snapshot:
            rows = snapshot.without_embedding(collection, WINDOW, after=after)
            new = {key: chunk_id for _, chunk_id, key in rows if key not in under_way}
            chunks = snapshot.chunks(list(new.values()), collection=collection)
        if not rows:
            return
        after = rows[-1][0]
        under_way |= new.keys()
        texts = {
            key: embedded_text(chunk.article, (chunk.start, chunk.end), embedder.token_spans)
            for key, chunk in ((key, chunks[chunk_id]) for key, chunk_id in new.items())
        }
        if texts:
            yield texts


def _keep(index: Index, collection: str, texts: Texts, vectors: NDArray[np.float32]) -> Texts:
    with index.library.write() as change:
        change.put_embeddings(zip(texts, vectors, strict=True))
    _write(index, collection)
    return texts


class Follower:
    """A thread in which Chroma follows the library, while others add to it and ask."""

    def __init__(self, index: Index) -> None:
        self._index = index
        self._lock = threading.Lock()
        self._idle = threading.Event()  # not the thread's `join`, after which Ctrl+C makes Python take it for ended
        self._idle.set()
        self._again = False
        self._stopped = False
        self._failure: BaseException | None = None
        self._awaited = 0
        self._at = (0, 0)

    def wake(self) -> None:
        """There may be something to follow."""
        with self._lock:
            self._again = True
            if self._idle.is_set() and not self._stopped:
                self._failure = None
                self._idle.clear()
                threading.Thread(target=self._work, name="following", daemon=True).start()

    def wait(self, seconds: float | None = None, progress: Progress = no_progress) -> bool:
        """Wait until nothing is behind, or so many seconds; whether nothing is. Raises what ended the work early."""
        self._awaited += 1
        try:
            return self._waited(seconds, progress)
        finally:
            self._awaited -= 1

    def _waited(self, left: float | None, progress: Progress) -> bool:
        while not self._idle.is_set():
            self._idle.wait(LOOK if left is None else min(LOOK, left))
            if self._at[1]:
                progress("embedding", *self._at)
            if left is not None:
                left -= LOOK
                if left <= 0:
                    break
        if self._failure is not None:
            failure, self._failure = self._failure, None
            raise failure
        return self._idle.is_set()

    def close(self) -> None:
        """End the work, at the next batch, and wait for that."""
        self._stopped = True
        self._idle.wait()

    def _work(self) -> None:
        try:
            while True:
                with self._lock:
                    if not self._again or self._stopped:
                        self._idle.set()
                        return
                    self._again = False
                catch_up(self._index, progress=self._told)
        except Stopped:
            self._idle.set()
        except BaseException as error:  # Chroma's panics are no Exception, and those who wait have to be told
            if not self._awaited:
                logging.getLogger(__name__).error("The vectors could not follow: %s", error)
            with self._lock:
                self._failure = error
                self._idle.set()

    def _told(self, stage: str, done: int, total: int) -> None:
        self._at = (done, total)
        if self._stopped:
            raise Stopped
