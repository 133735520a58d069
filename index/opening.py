"""Opening a data folder in whatever state it is found."""

from contextlib import suppress

from index.config import Config, data_option
from index.embed import PACKAGED, Embedder, open_embedder
from index.engine import open_engine
from index.errors import BusyError, IndexMismatch, InputError, StorageError, VectorsError
from index.follow import reconcile
from index.library import Library
from index.lock import WriterLock
from index.snapshot import State
from index.store import Index, new_collection, spec_of
from index.types import Progress, Spec, no_progress
from index.vectors import FolderVectors, ServerVectors, Vectors, discard

LIBRARY = "library.sqlite3"


def check_there(config: Config) -> None:
    """Raise InputError when the data folder holds no library."""
    if not (config.data / LIBRARY).is_file():
        command = f"dateline add FILE_OR_FOLDER{data_option(config)}"
        raise InputError(f"There are no articles in {config.data} yet. Add some: {command}")


def open_index(
    config: Config,
    *,
    write: bool,
    rebuilding: bool = False,
    verifying: bool = False,
    embedder: Embedder | None = None,
    progress: Progress = no_progress,
) -> Index:
    """Open the index of a data folder and mend what a killed process left.

    | State found                                            | What happens                                         |
    |--------------------------------------------------------|------------------------------------------------------|
    | library and Chroma agree                               | nothing                                              |
    | Chroma holds ids that the library has not committed    | removed (readers ignore them anyway)                 |
    | the library holds chunks that Chroma lacks             | written again from the kept embeddings; those never  |
    |                                                        | embedded wait for `follow.catch_up`                  |
    | another model or chunking configured than indexed      | IndexMismatch, naming both and the command           |
    | a rebuild died half-way                                | the old index serves, the half-built one is removed  |
    | Chroma's folder is missing or broken                   | thrown away and written again from the library       |

    A reader that finds another process writing mends nothing, and reads what is committed. `rebuilding` opens an index
    whatever it was built with, since all of it is about to be replaced; `verifying` one that cannot be mended here,
    since what is wrong is about to be told. Raises InputError when there is nothing to
    read, BusyError when another process is the writer and `write` is asked for, StorageError when a file cannot be
    used.
    """
    file = config.data / LIBRARY
    engine = open_engine(config.engine)
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
            identity = snapshot.identity
        embedder = embedder or _embedder(config, indexed)
        if not rebuilding:
            _check_spec(config, embedder, indexed)
        locked = write or _acquired(lock)  # a reader only now: loading a model takes seconds
        index = Index(config, library, _open_vectors(config, identity, locked), embedder, lock, engine)
        try:
            if locked and indexed is None:
                with library.write() as change:
                    spec = spec_of(embedder, config.chunk_tokens, config.overlap)
                    change.set_state(State(0, new_collection(0), spec))
            if locked:
                with suppress(*[StorageError] if verifying else []):
                    reconcile(index, progress=progress)
        except BaseException:
            index.vectors.close()
            raise
        if not write:
            lock.release()
    except BaseException:
        lock.release()
        raise
    return index


def _embedder(config: Config, indexed: Spec | None) -> Embedder:
    """The model that is configured, else the one indexed."""
    if indexed is None:
        return open_embedder(config.model or PACKAGED, config.precision)
    same = config.model in (None, indexed.model)
    return open_embedder(config.model or indexed.model, config.precision or (indexed.precision if same else None))


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
        said = (("--model", config.model), ("--precision", config.precision))
        option = "".join(f" {name} {value}" for name, value in said if value)
        raise IndexMismatch(
            f"The index in {config.data} was built with {indexed}; configured is {wanted}. "
            f"To build it anew with what is configured: dateline rebuild{option}. To go on with the index as "
            f"it is, take the setting away (--model, DATELINE_MODEL, {config.data / 'config.toml'})."
        )


def _open_vectors(config: Config, identity: str, locked: bool) -> Vectors:
    if config.chroma_url:
        return ServerVectors(config.chroma_url, library=identity)
    path = config.data / "chroma"
    try:
        return FolderVectors(path)
    except VectorsError:
        if not locked:
            raise
        discard(path)
        return FolderVectors(path)
