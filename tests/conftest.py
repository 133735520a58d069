"""What the tests share: real Chroma and SQLite everywhere, the real models where meaning matters, and no network."""

import gc
import shutil
import socket
import threading
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
import uvicorn
from fastapi import FastAPI
from starlette.types import ASGIApp
from tiny import NOW, TinyEmbedder
from tiny import news as news  # for `from conftest import news`

from index.build import add
from index.config import SAMPLES, Config
from index.embed import Embedder, open_embedder
from index.load import load
from index.opening import open_index
from index.store import Index
from qa.rerank import Reranker
from ui.access import Access
from ui.keys import Keys
from ui.monitor import Monitor
from ui.running import wired
from ui.server import make_app
from ui.service import Service

SHARED = Path(__file__).parents[2] / "shared" / "data"


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every connection to another machine fails, and so does every look-up of its name."""
    connect, look_up = socket.socket.connect, socket.getaddrinfo

    def only_here(self: socket.socket, address: object) -> None:
        if self.family != socket.AF_UNIX and address[0] not in ("127.0.0.1", "::1", "localhost"):
            raise OSError(f"the tests use no network, and this one wants {address}")
        connect(self, address)

    def no_names(host: object, *args: object, **options: object) -> object:
        if host not in (None, "127.0.0.1", "::1", "localhost", "0.0.0.0", b"127.0.0.1", b"localhost"):
            raise OSError(f"the tests use no network, and this one wants {host!r}")
        return look_up(host, *args, **options)

    monkeypatch.setattr(socket.socket, "connect", only_here)
    monkeypatch.setattr(socket, "getaddrinfo", no_names)


@contextmanager
def swept_up() -> Iterator[None]:
    """What a block leaves open is collected without a word. What is there then is not looked at again: it is a million
    objects, and takes a third of a second each time.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        yield
        gc.collect()
    gc.freeze()


@pytest.fixture(scope="module", autouse=True)
def nothing_left_open() -> Iterator[None]:
    """Event loops that Gradio and test clients leave open are swept up behind their module, not in somebody's test."""
    yield
    with swept_up():
        pass


@pytest.fixture
def tiny() -> TinyEmbedder:
    return TinyEmbedder()


@pytest.fixture
def open_tiny(tmp_path: Path, tiny: TinyEmbedder) -> Iterator[Callable[..., Index]]:
    """Open the index in `tmp_path / "data"` with the tiny embedder; closed at the end, or earlier by the test."""
    opened: list[Index] = []

    def open_it(*, write: bool = True, embedder: TinyEmbedder = tiny, **options: object) -> Index:
        opened.append(open_index(Config(data=tmp_path / "data"), write=write, embedder=embedder, **options))
        return opened[-1]

    yield open_it
    for index in opened:
        index.close()


@pytest.fixture(scope="session")
def embedder() -> Embedder:
    return open_embedder()


@pytest.fixture(scope="session")
def reranker() -> Reranker:
    return Reranker()


@pytest.fixture(scope="session")
def samples_data(tmp_path_factory: pytest.TempPathFactory, embedder: Embedder) -> Path:
    """A data folder with the sample articles, indexed with the real model. Copy it before changing it."""
    data = tmp_path_factory.mktemp("samples") / "data"
    index = open_index(Config(data=data), write=True, embedder=embedder)
    report = add(index, load([SAMPLES]), now=NOW)
    index.close()
    assert len(report.added) >= 8 and not report.skipped
    return data


@pytest.fixture(scope="session")
def samples_index(samples_data: Path, embedder: Embedder) -> Iterator[Index]:
    """The sample articles, to be read only."""
    index = open_index(Config(data=samples_data), write=False, embedder=embedder)
    yield index
    index.close()


@pytest.fixture(scope="session")
def service(
    samples_data: Path, embedder: Embedder, reranker: Reranker, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Service]:
    """A service over a copy of the sample articles that tests may add to and remove from, leaving the samples in it."""
    data = tmp_path_factory.mktemp("service") / "data"
    shutil.copytree(samples_data, data)
    index = open_index(Config(data=data), write=True, embedder=embedder)
    yield Service(index, reranker, now=lambda: NOW)
    index.close()


def whole_app(service: Service, *, instance: str, access: Access | None = None) -> FastAPI:
    """The app with its page. Gradio leaves event loops open, which are swept up here and not in somebody's test."""
    unused = Path("unused")
    with swept_up():
        return make_app(service, Config(data=unused), access or Access(Keys(unused)), Monitor(), instance=instance)


class Indifferent:
    """A reranker to which all passages are the same."""

    def scores(self, question: str, passages: Sequence[str]) -> np.ndarray:
        return np.zeros(len(passages), dtype=np.float32)


@contextmanager
def serving(app: ASGIApp, *, proxy: str | None = None) -> Iterator[str]:
    """An app behind the real server, on a free port."""
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(wired(app, proxy=proxy))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    server.should_exit = True
    thread.join(timeout=10)
    listener.close()


@pytest.fixture(scope="session")
def server_url(service: Service) -> Iterator[str]:
    """The real server over `service`."""
    with serving(whole_app(service, instance="test")) as url:
        yield url
