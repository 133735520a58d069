"""Preparing and embedding on a Ray cluster, with the functions that a laptop uses. Only this module imports ray.

| What happens                                     | What follows                                                     |
|--------------------------------------------------|------------------------------------------------------------------|
| a worker or its machine dies                     | Ray gives its lot to another one, up to RETRIES times            |
| a worker has another model, or another Dateline  | ConfigError; nothing that it made is used                        |
| the cluster is gone, or this process             | what was committed stays, and the next run goes on from there    |
"""

import hashlib
import logging
import os
import secrets
import signal
import socket
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import cache, lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from index.embed import Embedder, open_embedder
from index.engine import Texts
from index.errors import ConfigError, DatelineError, EngineError
from index.prepare import Lot, Prepared, prepare
from index.types import Skip

RETRIES = 3
AHEAD = 2
"""Lots that are begun for each core: one is worked on, one waits. It bounds the memory too."""
LOOK = 0.5
"""Seconds between two words about how far it is."""
PATIENCE = 5.0
"""Seconds that a cluster has to answer."""
STORE = 256 << 20
"""Bytes that a Ray of this machine's own keeps for what travels. A lot has some hundred kilobytes."""

INSTALL = "Install the same on all machines of the cluster, and start Ray on them again."

T = TypeVar("T")


class Same(NamedTuple):
    """What has to be the same on both sides for the same ids and vectors: the model, and Dateline's own source."""

    model: str
    precision: str
    weights: str
    source: str


class RayEngine:
    """A cluster: the one at RAY_ADDRESS, else one that starts on this machine with the first lot, and ends with it."""

    def __init__(self) -> None:
        """Raises ConfigError when Ray is not installed."""
        if find_spec("ray") is None:
            raise ConfigError("--engine ray takes Ray, which is not installed: pip install 'dateline[ray]'")
        self._lock = threading.Lock()
        self._ours = False
        self._worker: Any = None

    def prepare(self, lots: Iterable[Lot]) -> Iterator[tuple[Lot, list[Prepared | Skip]]]:
        def begin(lot: Lot) -> Any:
            return self._begin(prepare, lot.embedder, lot.records(), lot.spec, lot.today) if lot.new else None

        for lot, made in self._in_order(lots, begin, lambda count: None):
            yield lot, made or []

    def embed(
        self, embedder: Embedder, lots: Iterable[Texts], done: Callable[[int], None]
    ) -> Iterator[tuple[Texts, NDArray[np.float32]]]:
        return self._in_order(lots, lambda lot: self._begin(_embed, embedder, list(lot.values())), done)

    def close(self) -> None:
        if self._ours:
            import ray

            ray.shutdown()

    def _in_order(
        self, lots: Iterable[T], begin: Callable[[T], Any], done: Callable[[int], None]
    ) -> Iterator[tuple[T, Any]]:
        """Each lot with what came of it, as many in flight as the cluster has use for."""
        flying: deque[tuple[T, Any]] = deque()
        for lot in lots:
            flying.append((lot, begin(lot)))
            while flying and (len(flying) > self._most() or self._ready(flying[0][1], 0)):
                yield self._landed(flying.popleft(), done)
        while flying:
            yield self._landed(flying.popleft(), done)

    def _landed(self, flight: tuple[T, Any], done: Callable[[int], None]) -> tuple[T, Any]:
        lot, under_way = flight
        while not self._ready(under_way, LOOK):
            done(0)
        return lot, under_way and self._result(under_way)

    def _ready(self, under_way: Any, seconds: float) -> bool:
        if under_way is None:
            return True
        import ray

        return bool(ray.wait([under_way], timeout=seconds)[0])

    def _most(self) -> int:
        if self._worker is None:
            return 1
        import ray

        return AHEAD * int(ray.cluster_resources().get("CPU", 1))

    def _begin(self, do: Callable[..., Any], embedder: Embedder, *what: Any) -> Any:
        with self._lock:
            if self._worker is None:
                self._worker = self._connected().remote(num_cpus=1, max_retries=RETRIES)(_work)
        return self._worker.remote(do, Same(embedder.name, embedder.precision, embedder.fingerprint, source()), *what)

    def _result(self, under_way: Any) -> Any:
        import ray
        from ray.exceptions import RayError, RaySystemError, RayTaskError

        try:
            return ray.get(under_way)
        except RayTaskError as error:
            if isinstance(error.cause, DatelineError):
                raise error.cause from error
            if isinstance(error.cause, RaySystemError):  # it could not even unpack what it was sent
                raise ConfigError(f"A Ray worker has no Dateline, or an older one. {INSTALL}") from error
            raise
        except RayError as error:
            raise EngineError(
                f"The Ray cluster gave up: {type(error).__name__}, {str(error).splitlines()[0]} "
                "What was committed is kept; run the same again to go on from there."
            ) from error

    def _connected(self) -> Any:
        address = os.environ.get("RAY_ADDRESS") or "local"
        mine: dict[str, Any] = {}
        if address == "local":
            # whoever reaches Ray's ports can run code: so it listens on 127.0.0.1 only, on Linux too, and to one token
            os.environ |= {"RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0", "RAY_AUTH_MODE": "token"}
            os.environ.setdefault("RAY_worker_niceness", "0")  # Ray's 15 takes three times as long where others compute
            os.environ.setdefault("RAY_AUTH_TOKEN", secrets.token_hex(32))
            mine = {"num_cpus": os.cpu_count(), "object_store_memory": STORE, "include_dashboard": False}
        import ray  # seconds to import

        if not ray.is_initialized():
            try:
                host, _, port = address.removeprefix("ray://").rpartition(":")
                if host:  # Ray itself goes on trying for minutes
                    socket.create_connection((host, int(port)), timeout=PATIENCE).close()
                with _interrupted_afterwards():
                    ray.init(address, log_to_driver=False, logging_level=logging.ERROR, **mine)
                    self._ours = True
            except (OSError, RuntimeError, ValueError) as error:
                raise EngineError(f"No Ray cluster can be reached at {address}: {error}. See index/SCALE.md") from error
        return ray


@contextmanager
def _interrupted_afterwards() -> Iterator[None]:
    """Ctrl+C is heard at the end: a Ray whose start is broken off crashes the process."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    heard: list[int] = []
    before = signal.signal(signal.SIGINT, lambda number, frame: heard.append(number))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
    if heard:
        signal.raise_signal(signal.SIGINT)


def _work(do: Callable[..., Any], same: Same, *what: Any) -> Any:
    """Do something with the model, on a worker. Raises ConfigError where the model or Dateline is another one."""
    embedder = _embedder(same.model, same.precision)
    here = Same(embedder.name, embedder.precision, embedder.fingerprint, source())
    if here != same:
        what_differs = "Dateline" if here.source != same.source else f"the model {same.model}"
        raise ConfigError(
            f"A Ray worker on {os.uname().nodename} has another version of {what_differs} than this machine. {INSTALL}"
        )
    return do(embedder, *what)


def _embed(embedder: Embedder, texts: list[str]) -> NDArray[np.float32]:
    return embedder.passages(texts)


@lru_cache(maxsize=1)
def _embedder(name: str, precision: str) -> Embedder:
    return open_embedder(name, precision, cores=1)


@cache
def source() -> str:
    """A digest of the source of this package."""
    digest = hashlib.sha256()
    for file in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(file.read_bytes())
    return digest.hexdigest()
