"""Vectors in Chroma: ids and embeddings only, all of them derived from the library.

Chroma holds no text, no dates and no filters: at 100,000 chunks a date range through Chroma's `where` takes 220–660 ms,
the same range resolved in the library and given as `ids=` 24 ms.
"""

import shutil
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import chromadb
import numpy as np
from chromadb.api import ClientAPI
from chromadb.api.shared_system_client import SharedSystemClient
from chromadb.config import Settings
from chromadb.errors import ChromaError, NotFoundError
from numpy.typing import NDArray

from index.advice import advice
from index.errors import CollectionGone, ConfigError, StorageError, VectorsError

BATCH = 1000
"""Rows per call; Chroma refuses more than 5,461."""
PAGE = 20_000
TRIES = 6
PAUSE = 0.02
"""How often a query is asked, beside a process that writes, and the seconds by which each pause is longer."""
DROPPED = ".dropped"
"""What the folder of a collection is called that is being deleted."""
LIBRARY = "library"
"""Where a collection on a server says whose it is."""


def discard(path: Path) -> None:
    """Delete a folder that nobody holds open: everything in it can be written again from the library."""
    if path.is_file():
        path.unlink()
    shutil.rmtree(path, ignore_errors=True)


class Vectors(ABC):
    """Collections of vectors in Chroma, wherever that runs. Threads may share it."""

    @abstractmethod
    def collections(self) -> list[str]:
        """The names of all collections, whole or not."""

    @abstractmethod
    def create(self, name: str) -> None:
        """Make an empty collection with cosine distance. Raises VectorsError."""

    @abstractmethod
    def drop(self, name: str) -> None:
        """Delete a collection; whoever queries it gets CollectionGone, which this raises too when there is none."""

    @abstractmethod
    def keep_only(self, name: str) -> None:
        """Delete every collection but one, and whatever else is left of older ones."""

    @abstractmethod
    def start_over(self) -> None:
        """Delete everything, whatever state it is in."""

    @abstractmethod
    def lost(self) -> str | None:
        """What is wrong when all of it is gone, in words."""

    @abstractmethod
    def close(self) -> None:
        """Let go of it."""

    @abstractmethod
    def _collection(self, name: str) -> Any: ...

    @abstractmethod
    def _error(self, name: str, error: BaseException) -> Exception:
        """What an error of Chroma's about a collection is for us."""

    @contextmanager
    def _translated(self, name: str) -> Iterator[None]:
        """Chroma's errors about a collection become ours; its Rust core panics with a BaseException."""
        try:
            yield
        except (KeyboardInterrupt, SystemExit, CollectionGone):
            raise
        except BaseException as error:
            raise self._error(name, error) from error

    def count(self, name: str) -> int:
        """How many ids a collection holds.

        Raises VectorsError when its vectors are lost: Chroma keeps them in other files than the ids, and would answer
        from what is left.
        """
        with self._translated(name):
            collection = self._collection(name)
            collection.get(limit=1, include=["embeddings"])  # the oldest, so that it is not in Chroma's log only
            return int(collection.count())

    def ids(self, name: str) -> set[str]:
        """Every id that a collection holds. Raises VectorsError as `count` does."""
        self.count(name)
        with self._translated(name):
            collection = self._collection(name)
            found: set[str] = set()
            while page := collection.get(include=[], limit=PAGE, offset=len(found))["ids"]:
                found.update(page)
            return found

    def upsert(self, name: str, ids: Sequence[str], vectors: NDArray[np.float32]) -> None:
        """Write vectors of shape (len(ids), dimension); known ids are overwritten."""
        with self._translated(name):
            collection = self._collection(name)
            for at in range(0, len(ids), BATCH):
                collection.upsert(ids=list(ids[at : at + BATCH]), embeddings=vectors[at : at + BATCH])

    def delete(self, name: str, ids: Sequence[str]) -> None:
        """Remove ids; unknown ones are passed over."""
        with self._translated(name):
            collection = self._collection(name)
            for at in range(0, len(ids), BATCH):
                collection.delete(ids=list(ids[at : at + BATCH]))

    def query(
        self, name: str, vector: NDArray[np.float32], k: int, *, allowed: Sequence[str] | None = None
    ) -> Iterator[tuple[str, float]]:
        """The k nearest ids with their cosine similarity, best first; only those in `allowed`, if given.

        Raises CollectionGone when the collection was replaced meanwhile, VectorsError when Chroma is damaged.
        """
        if allowed is not None and not allowed:
            return iter(())
        with self._translated(name):
            collection = self._collection(name)
            for tried in range(TRIES):
                try:
                    found = _nearest(collection, vector, k, allowed)
                    break
                except ChromaError:  # it fails on an id that it lacks: what another process removed a moment ago
                    if tried == TRIES - 1:
                        raise
                    time.sleep(tried * PAUSE)
                    if allowed is not None:
                        allowed = collection.get(ids=list(allowed), include=[])["ids"]
                        if not allowed:
                            return iter(())
        return zip(found["ids"][0], (1.0 - d for d in found["distances"][0]), strict=True)


def _nearest(collection: Any, vector: NDArray[np.float32], k: int, allowed: Sequence[str] | None) -> Any:
    return collection.query(
        query_embeddings=[vector],
        n_results=k if allowed is None else min(k, len(allowed)),
        ids=None if allowed is None else list(allowed),
        include=["distances"],
    )


class FolderVectors(Vectors):
    """The collections of a data folder, each with a Chroma folder of its own, opened when it is first used.

    Chroma gives no disk space back when it deletes, be it a collection; deleting its folder does. One process may
    write; the writer lock sees to that.
    """

    def __init__(self, path: Path) -> None:
        """Look after the folder, made if it is not there. Raises VectorsError when that cannot be."""
        self.path = path
        self._clients: dict[str, ClientAPI] = {}
        self._lock = threading.Lock()
        try:
            path.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise VectorsError(f"Chroma cannot open {path}: {error}") from error

    def collections(self) -> list[str]:
        try:
            return [p.name for p in self.path.iterdir() if p.is_dir()]
        except FileNotFoundError:
            return []

    def create(self, name: str) -> None:
        with self._translated(name):
            configuration: Any = {"hnsw": {"space": "cosine"}}
            client = self._client(name, make=True)
            client.create_collection(name, configuration=configuration, embedding_function=None)

    def drop(self, name: str) -> None:
        with self._lock:
            client = self._clients.pop(name, None)
        try:
            (self.path / name).rename(self.path / f"{name}{DROPPED}")  # no longer there for those who look
        except FileNotFoundError as error:
            raise CollectionGone(f"collection {name} is not in {self.path}") from error
        if client is not None:
            client.close()  # type: ignore[attr-defined]  # Client has it, its interface does not
        discard(self.path / f"{name}{DROPPED}")

    def keep_only(self, name: str) -> None:
        self.path.mkdir(parents=True, exist_ok=True)
        for path in [p for p in self.path.iterdir() if p.name != name]:
            if path.name in self._clients:
                self.drop(path.name)
            else:
                discard(path)

    def _client(self, name: str, *, make: bool = False) -> ClientAPI:
        folder = self.path / name
        with self._lock:
            if not make and not folder.is_dir():
                if gone := self._clients.pop(name, None):
                    gone.close()  # type: ignore[attr-defined]  # or a new one in its place would be this one again
                raise CollectionGone(f"collection {name} is not in {self.path}")
            if name not in self._clients:
                try:
                    settings = Settings(anonymized_telemetry=False)
                    self._clients[name] = chromadb.PersistentClient(str(folder), settings)
                except BaseException:
                    SharedSystemClient._identifier_to_system.pop(str(folder), None)  # or the next try gets this one
                    raise
            return self._clients[name]

    def _error(self, name: str, error: BaseException) -> Exception:
        if not (self.path / name).is_dir():  # dropped by a rebuild, while it was being read
            return CollectionGone(f"collection {name} is not in {self.path}")
        what = advice(self.path, error) or " Run: dateline verify --repair"
        return VectorsError(f"Chroma cannot use {self.path / name}: {error}.{what}")

    def _collection(self, name: str) -> Any:
        return self._client(name).get_collection(name, embedding_function=None)

    def start_over(self) -> None:
        self.close()
        discard(self.path)
        self.path.mkdir(parents=True, exist_ok=True)

    def lost(self) -> str | None:
        return None if self.path.is_dir() else f"Chroma's folder {self.path} is gone"

    def close(self) -> None:
        with self._lock:
            clients, self._clients = self._clients, {}
        for client in clients.values():
            client.close()  # type: ignore[attr-defined]  # as above


class ServerVectors(Vectors):
    """The collections of one library on a Chroma server, which may hold those of others."""

    def __init__(self, url: str, *, library: str) -> None:
        """Connect to a server. `library` tells its collections from others'. Raises StorageError."""
        self._url, self._library = url, library
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ConfigError(f"chroma_url is {url!r}; it is an address such as http://127.0.0.1:8000")
        secure = parts.scheme == "https"
        try:
            self._client: ClientAPI = chromadb.HttpClient(
                parts.hostname,
                parts.port or (443 if secure else 8000),
                ssl=secure,
                settings=Settings(anonymized_telemetry=False),
            )
        except Exception as error:  # it raises plain ValueErrors
            raise self._error("", error) from error

    def collections(self) -> list[str]:
        with self._translated(""):
            found = self._client.list_collections()
            return [c.name for c in found if (c.metadata or {}).get(LIBRARY) == self._library]

    def create(self, name: str) -> None:
        with self._translated(name):
            configuration: Any = {"hnsw": {"space": "cosine"}}
            mine = {LIBRARY: self._library}
            self._client.create_collection(name, configuration=configuration, metadata=mine, embedding_function=None)

    def drop(self, name: str) -> None:
        with self._translated(name):
            self._client.delete_collection(name)

    def keep_only(self, name: str) -> None:
        for other in self.collections():
            if other != name:
                self.drop(other)

    def start_over(self) -> None:
        self.keep_only("")

    def lost(self) -> str | None:
        return None

    def _error(self, name: str, error: BaseException) -> Exception:
        if isinstance(error, NotFoundError):
            return CollectionGone(f"collection {name} is not at {self._url}")
        if isinstance(error, ChromaError):
            return VectorsError(f"The Chroma server at {self._url} cannot use {name}: {error}.")
        return StorageError(f"The Chroma server at {self._url} does not answer ({error}). Is it running?")

    def _collection(self, name: str) -> Any:
        return self._client.get_collection(name, embedding_function=None)

    def close(self) -> None:
        self._client.close()  # type: ignore[attr-defined]  # as above
