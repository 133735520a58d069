"""The open index: library, vectors and embedder together."""

import secrets
import threading
from typing import TYPE_CHECKING

from index.config import Config
from index.embed import Embedder
from index.errors import CollectionGone, ConfigError
from index.library import Library
from index.lock import WriterLock
from index.types import Spec
from index.vectors import Vectors

if TYPE_CHECKING:
    from index.engine import Engine

DEFAULT_OVERLAP = 1


class Index:
    """Everything that is held open to read or change an index. `open_index` makes one."""

    def __init__(
        self,
        config: Config,
        library: Library,
        vectors: Vectors,
        embedder: Embedder,
        lock: WriterLock,
        engine: "Engine",
    ) -> None:
        self.config = config
        self.library = library
        self.vectors = vectors
        self.embedder = embedder
        self.incoming: Embedder | None = None  # the embedder of a rebuild that is about to switch
        self.lock = lock
        self.engine = engine
        self.writing = threading.RLock()
        """Held while library and Chroma are changed together; the writer lock keeps other processes out."""
        self.rebuilding = threading.Lock()
        """Held by the one rebuild there may be at a time."""

    def embedder_of(self, spec: Spec) -> Embedder:
        """The embedder that made an index. Raises CollectionGone when a rebuild has replaced it."""
        for embedder in (self.embedder, self.incoming):
            if embedder and embedder.fingerprint == spec.fingerprint:
                return embedder
        raise CollectionGone(f"no embedder with the weights {spec.fingerprint[:8]} is open")

    def close(self) -> None:
        """Let go of the files and of the right to write."""
        self.engine.close()
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
        precision=embedder.precision,
    )


def new_collection(version: int) -> str:
    """A name that no collection had before; Chroma cannot rename one onto another."""
    return f"chunks-{version}-{secrets.token_hex(4)}"
