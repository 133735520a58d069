"""Vectors in Chroma: ids and embeddings only, all of them derived from the library.

Chroma holds no text, no dates and no filters: at 100,000 chunks a date range through Chroma's `where` takes 220–660 ms,
the same range resolved in the library and given as `ids=` 24 ms.
"""

import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import chromadb
import numpy as np
from chromadb.api import ClientAPI
from chromadb.api.shared_system_client import SharedSystemClient
from chromadb.config import Settings
from chromadb.errors import ChromaError, NotFoundError
from numpy.typing import NDArray

from index.errors import CollectionGone, VectorsError

BATCH = 1000
"""Rows per call; Chroma refuses more than 5,461."""
PAGE = 20_000


def discard(path: Path) -> None:
    """Delete a Chroma folder that nobody holds open: everything in it can be written again from the library."""
    if path.is_file():
        path.unlink()
    shutil.rmtree(path, ignore_errors=True)


class Vectors:
    """A Chroma folder, held open. One process may write to it; the writer lock sees to that."""

    def __init__(self, path: Path) -> None:
        """Open or create the folder.

        Raises VectorsError when Chroma cannot read what is there.
        """
        self.path = path
        self._client = self._open()

    def _open(self) -> ClientAPI:
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            client = chromadb.PersistentClient(str(self.path), Settings(anonymized_telemetry=False))
            client.list_collections()
            return client
        except BaseException as error:  # Chroma's Rust core panics with a BaseException on a damaged file
            if isinstance(error, KeyboardInterrupt | SystemExit):
                raise
            SharedSystemClient._identifier_to_system.pop(str(self.path), None)  # or the next try gets this broken one
            raise VectorsError(f"Chroma cannot open {self.path}: {error}") from error

    @contextmanager
    def _translated(self, name: str) -> Iterator[None]:
        """Chroma's errors about a collection become ours."""
        try:
            yield
        except NotFoundError as error:
            raise CollectionGone(f"collection {name} is not in {self.path}") from error
        except BaseException as error:
            if isinstance(error, ChromaError) or type(error).__name__ == "PanicException":
                raise VectorsError(f"Chroma cannot use {self.path}: {error}. Run: dateline verify --repair") from error
            raise

    def collections(self) -> list[str]:
        """The names of all collections."""
        with self._translated("list"):
            return [c.name for c in self._client.list_collections()]

    def create(self, name: str) -> None:
        """Make an empty collection with cosine distance."""
        with self._translated(name):
            self._client.create_collection(name, configuration={"hnsw": {"space": "cosine"}}, embedding_function=None)

    def drop(self, name: str) -> None:
        """Delete a collection and its vectors."""
        with self._translated(name):
            self._client.delete_collection(name)

    def _collection(self, name: str) -> Any:
        return self._client.get_collection(name, embedding_function=None)

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
        with self._translated(name):
            collection = self._collection(name)
            if allowed is not None:  # Chroma fails on an id that it lacks, and an article may wait for its vectors
                allowed = collection.get(ids=list(allowed), include=[])["ids"] if allowed else []
                if not allowed:
                    return iter(())
            found = collection.query(
                query_embeddings=[vector],
                n_results=k if allowed is None else min(k, len(allowed)),
                ids=None if allowed is None else list(allowed),
                include=["distances"],
            )
        return zip(found["ids"][0], (1.0 - d for d in found["distances"][0]), strict=True)

    def close(self) -> None:
        """Let go of the folder."""
        self._client.close()  # type: ignore[attr-defined]  # Client has it, its interface does not
