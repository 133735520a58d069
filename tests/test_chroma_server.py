"""Vectors on a real Chroma server, `chroma run`, that two libraries share."""

import gc
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import httpx
import pytest
from test_store import ARTICLES, is_whole
from tiny import NOW, TinyEmbedder, news

from index.build import add, rebuild, remove, repair, verify
from index.config import Config
from index.errors import ConfigError, StorageError
from index.opening import open_index
from index.store import Index
from qa.ask import BY_WORDS, GONE, ask
from qa.rerank import Reranker
from qa.retrieve import retrieve
from ui.service import Service

# Chroma's client leaves its sockets to the garbage collector.
pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")


class Server:
    """A Chroma server on a port of its own, which can be stopped and started again."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.start()

    def start(self) -> None:
        chroma = shutil.which("chroma", path=str(Path(sys.executable).parent)) or "chroma"
        words = [chroma, "run", "--path", str(self._folder), "--port", str(self.port), "--host", "127.0.0.1"]
        self._process = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        until = time.monotonic() + 60
        while time.monotonic() < until:
            with suppress(httpx.HTTPError):
                if httpx.get(f"{self.url}/api/v2/heartbeat", trust_env=False).is_success:
                    return
            time.sleep(0.1)
        raise TimeoutError("chroma run does not answer")

    def stop(self) -> None:
        self._process.kill()
        self._process.wait()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    running = Server(tmp_path_factory.mktemp("server"))
    yield running
    running.stop()


@pytest.fixture(autouse=True)
def swept() -> Iterator[None]:
    yield
    gc.collect()


def opened(server: Server, data: Path, *, write: bool = True) -> Index:
    return open_index(Config(data=data, chroma_url=server.url), write=write, embedder=TinyEmbedder())


def found(index: Index, question: str) -> list[str]:
    with index.library.read() as snapshot:
        hits = retrieve(snapshot, index.vectors, index.embedder, question, k=2)
    assert all(hit.parts["dense"] > 0 for hit in hits)
    return [hit.chunk.article.id for hit in hits]


def test_two_libraries_share_a_server_and_neither_touches_the_other(server: Server, tmp_path: Path) -> None:
    one, other = opened(server, tmp_path / "one"), opened(server, tmp_path / "other")
    add(one, ARTICLES, now=NOW)
    add(other, [news("tram", "The tram was on fire at the harbour.")], now=NOW)
    assert found(one, "the strike of the nurses")[0] == "strike" and found(other, "fire") == ["tram"]
    assert not (tmp_path / "one" / "chroma").exists()
    rebuild(one, one.config)
    remove(one, "fossil")
    repair(one)
    assert is_whole(one) and is_whole(other)
    assert found(other, "fire") == ["tram"]
    one.close()
    again = opened(server, tmp_path / "one", write=False)
    assert found(again, "the strike of the nurses")[0] == "strike" and verify(again) == []
    again.close()
    other.close()


def test_what_is_lost_on_the_server_is_written_again_and_nothing_is_embedded_again(
    server: Server, tmp_path: Path
) -> None:
    index = opened(server, tmp_path / "data")
    add(index, ARTICLES, now=NOW)
    (name,) = index.vectors.collections()
    index.vectors.drop(name)
    assert verify(index) != []
    index.close()
    index = opened(server, tmp_path / "data")
    assert is_whole(index) and index.embedder.embedded == []  # type: ignore[attr-defined]
    index.close()


def test_a_server_that_does_not_answer_is_named_and_nothing_is_lost(server: Server, tmp_path: Path) -> None:
    index = opened(server, tmp_path / "data")
    add(index, ARTICLES[:1], now=NOW)
    server.stop()
    try:
        with pytest.raises(StorageError, match=rf"The Chroma server at {server.url} does not answer"):
            add(index, ARTICLES, now=NOW)
        index.close()
        with pytest.raises(StorageError, match=r"does not answer .* Is it running\?"):
            opened(server, tmp_path / "data")
    finally:
        server.start()
    index = opened(server, tmp_path / "data")
    assert len(add(index, ARTICLES, now=NOW).unchanged) == len(ARTICLES)
    assert is_whole(index)
    index.close()


def test_what_is_added_changed_and_removed_without_the_server_is_told_as_done_and_its_vectors_follow(
    server: Server, tmp_path: Path
) -> None:
    index = opened(server, tmp_path / "data")
    service = Service(index, Reranker(), now=lambda: NOW)
    service.add(ARTICLES[:2])
    server.stop()
    try:
        report = service.add([*ARTICLES[1:], news(ARTICLES[0].key, "The bridge is open.")])
        assert (report.added, report.changed, report.unchanged) == (("fossil",), ("bridge",), ("strike",))
        (note,) = report.notes
        assert note.source == "vectors" and f"{server.url} does not answer" in note.reason
        assert "found by their words. Their vectors have yet to follow" in note.reason
        assert service.remove("strike") == ("strike",)
        answer = service.ask("How old is the fossil?")
        (said,) = (note for note in answer.notes if BY_WORDS in note)
        assert f"{server.url} does not answer" in said and answer.hits[0].chunk.article.id == "fossil"
    finally:
        server.start()
    assert service.add(ARTICLES[2:]).notes == ()
    assert {a.id for a in service.articles()} == {"bridge", "fossil"}
    service.close()
    index = opened(server, tmp_path / "data")
    assert is_whole(index)
    index.close()


def test_a_server_that_comes_back_empty_leaves_the_words_to_answer_by(server: Server, tmp_path: Path) -> None:
    index = opened(server, tmp_path / "data")
    add(index, ARTICLES, now=NOW)
    index.vectors.start_over()
    assert f"{GONE} {BY_WORDS}" in ask(index, Reranker(), "How long will the strike of the nurses last?").notes
    repair(index)
    assert ask(index, Reranker(), "How long will the strike of the nurses last?").notes == ()
    index.close()


@pytest.mark.parametrize("url", ["localhost:8000", "ftp://somewhere", "http://", "chroma"])
def test_what_is_no_address_is_a_config_error(tmp_path: Path, url: str) -> None:
    with pytest.raises(ConfigError, match=r"an address such as http://127\.0\.0\.1:8000"):
        open_index(Config(data=tmp_path, chroma_url=url), write=True, embedder=TinyEmbedder())
