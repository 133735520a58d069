"""Where articles are prepared and passages embedded: in this process, or on a Ray cluster (`index.ray_engine`).

An engine gets what it works on and gives back what becomes of it. It never sees the library or Chroma: the process that
holds the writer lock commits, a lot at a time and in order, whatever the engine is.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from index.embed import Embedder
from index.prepare import Lot, Prepared, prepare
from index.types import Skip

Texts = dict[bytes, str]
"""What is to be embedded, by the keys of the embeddings."""


class Engine(Protocol):
    """What does the work. Threads may share it. It may ask for some lots before it gives back the first."""

    def prepare(self, lots: Iterable[Lot]) -> Iterator[tuple[Lot, list[Prepared | Skip]]]:
        """`index.prepare.prepare` of each lot's new records, in the order of the lots."""
        ...

    def embed(
        self, embedder: Embedder, lots: Iterable[Texts], done: Callable[[int], None]
    ) -> Iterator[tuple[Texts, NDArray[np.float32]]]:
        """`Embedder.passages` of each lot, in their order: shape (len(lot), dimension).

        `done` is told, again and again, how many of the lot that comes next are finished; what it raises comes out.
        """
        ...

    def close(self) -> None:
        """Let go of what computes."""
        ...


def open_engine(name: str | None) -> Engine:
    """The engine of that name: "ray", or None for this process. Raises ConfigError when Ray is not installed."""
    if name is None:
        return Here()
    from index.ray_engine import RayEngine

    return RayEngine()


class Here:
    """This process, one lot at a time."""

    def prepare(self, lots: Iterable[Lot]) -> Iterator[tuple[Lot, list[Prepared | Skip]]]:
        for lot in lots:
            yield lot, prepare(lot.embedder, lot.records(), lot.spec, lot.today)

    def embed(
        self, embedder: Embedder, lots: Iterable[Texts], done: Callable[[int], None]
    ) -> Iterator[tuple[Texts, NDArray[np.float32]]]:
        for lot in lots:
            yield lot, embedder.passages(list(lot.values()), done=done)

    def close(self) -> None:
        pass
