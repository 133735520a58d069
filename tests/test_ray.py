"""Preparing and embedding on a real Ray of two cores, with the real model: nothing is other than it is without."""

import copy
import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner
from test_store import is_whole
from tiny import NOW, news

from index import build, follow, ray_engine
from index.build import add, rebuild
from index.config import Config
from index.embed import Embedder
from index.engine import Here
from index.errors import ConfigError, EngineError
from index.lock import WriterLock
from index.opening import open_index
from index.ray_engine import RayEngine
from index.store import Index
from index.types import Record, Skip
from ui.cli import main

# what the engine sets, and Ray reads when it is imported
os.environ |= {"RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0", "RAY_worker_niceness": "0"}
os.environ |= {"RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": "0123456789" * 4}
ray = pytest.importorskip("ray", reason="Ray is not installed: pip install 'dateline[ray]'")

# what Ray leaves to the garbage collector, or says of its own next release
pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::FutureWarning:ray")

MANY: list[Record | Skip] = [
    news(f"story{n}", " ".join(f"Ship {m} of pier {n} came in late." for m in range(8 + 4 * n))) for n in range(16)
]


class Counting(RayEngine):
    """An engine that counts what it has begun."""

    def __init__(self) -> None:
        super().__init__()
        self.begun: list[str] = []

    def _begin(self, do: Any, embedder: Embedder, *what: Any) -> Any:
        self.begun.append(do.__name__)
        return super()._begin(do, embedder, *what)


@pytest.fixture(scope="module")
def engine() -> Iterator[Counting]:
    """Ray of this machine's own, started by the first lot and ended by `close`."""
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("RAY_ADDRESS", raising=False)
        patch.setattr(os, "cpu_count", lambda: 2)
        engine = Counting()
        yield engine
        engine.close()
    assert not ray.is_initialized()


@pytest.fixture(autouse=True)
def small_lots(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(build, "BATCH", 4)
    monkeypatch.setattr(follow, "WINDOW", 8)


@contextmanager
def opened(data: Path, embedder: Embedder, engine: RayEngine | None = None) -> Iterator[Index]:
    index = open_index(Config(data=data), write=True, embedder=embedder)
    index.engine = engine or index.engine
    try:
        yield index
    finally:
        index.engine = Here()  # this Ray is for the next test too
        index.close()


def kept(index: Index) -> dict[tuple[str, str], np.ndarray]:
    """The vector of every chunk, by article and id."""
    with index.library.read() as snapshot:
        ids = snapshot.chunk_ids()
        chunks = snapshot.chunks(ids)
        vectors = dict(snapshot.to_write(snapshot.collection, 10_000))
        assert not vectors  # all are written
        rows = snapshot._db.execute("SELECT c.id, vector FROM chunk c JOIN embedding e ON e.key = c.embedding")
        return {(chunks[i].article.id, i): np.frombuffer(vector, np.float32) for i, vector in rows}


def test_ids_and_vectors_are_those_that_this_process_makes_and_a_second_run_begins_nothing(
    engine: Counting, embedder: Embedder, tmp_path: Path
) -> None:
    with opened(tmp_path / "here", embedder) as index:
        add(index, MANY, now=NOW)
        expected = kept(index)
    with opened(tmp_path / "ray", embedder, engine) as index:
        report = add(index, [*MANY, Skip("one", "cannot be read"), news("empty", " ")], now=NOW)
        assert report.added == tuple(r.key for r in MANY if isinstance(r, Record))
        assert [s.source for s in report.skipped] == ["one", "empty"]
        assert is_whole(index)
        found = kept(index)
        assert len(found) > len(MANY) and found.keys() == expected.keys()
        assert all(np.allclose(found[name], expected[name], atol=1e-4) for name in found)
        assert {"prepare", "_embed"} == set(engine.begun)
        engine.begun.clear()
        assert len(add(index, MANY, now=NOW).unchanged) == len(MANY)
        assert engine.begun == []
        rebuild(index, Config(data=index.config.data, chunk_tokens=128))
        assert set(engine.begun) == {"_embed"} and is_whole(index)


def test_so_much_only_is_under_way_at_once(engine: Counting, embedder: Embedder, tmp_path: Path) -> None:
    read: list[int] = []
    ahead: list[int] = []

    def records() -> Iterator[Record]:
        for n in range(60):
            read.append(n)
            yield news(f"short{n}", f"Pier {n} is closed.")

    with opened(tmp_path / "data", embedder, engine) as index:

        def committed() -> None:
            with index.library.read() as snapshot:
                ahead.append(len(read) - snapshot.count("article"))

        build.put(index, records(), now=NOW, committed=committed)
    assert len(ahead) == 60 / build.BATCH
    assert 0 < max(ahead) <= (2 * ray_engine.AHEAD + 1) * build.BATCH  # two cores


def busy_worker() -> int | None:
    """The process of a worker that is at work, of the Ray that this process started."""
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if (folder / "cmdline").read_bytes().startswith(b"ray::_work") and os.getpid() in ancestors(folder):
                return int(folder.name)
        except OSError:
            continue  # it has just ended
    return None


def ancestors(folder: Path) -> Iterator[int]:
    while folder.name not in ("0", "1"):
        parent = int(next(x for x in (folder / "status").read_text().splitlines() if x.startswith("PPid")).split()[1])
        yield parent
        folder = folder.parent / str(parent)


@pytest.mark.skipif(not Path("/proc/self/cmdline").exists(), reason="looks for workers in /proc, as Linux has it")
def test_a_worker_that_is_killed_at_work_loses_nothing(engine: Counting, embedder: Embedder, tmp_path: Path) -> None:
    killed: list[int] = []
    over = threading.Event()

    def kill() -> None:
        while len(killed) < 2 and not over.is_set():
            if (worker := busy_worker()) and worker not in killed:
                os.kill(worker, signal.SIGKILL)
                killed.append(worker)
            time.sleep(0.01)

    killer = threading.Thread(target=kill)
    with opened(tmp_path / "data", embedder, engine) as index:
        killer.start()
        report = add(index, MANY, now=NOW)
        over.set()
        killer.join()
        assert killed and len(report.added) == len(MANY) and is_whole(index) and len(kept(index)) > len(MANY)


def dies(embedder: Embedder) -> None:
    os._exit(1)


def test_what_kills_every_worker_is_given_up_and_said(
    engine: Counting, embedder: Embedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    import ray.cloudpickle as cloudpickle

    monkeypatch.setattr(ray_engine, "RETRIES", 0)
    monkeypatch.setattr(engine, "_worker", None)
    cloudpickle.register_pickle_by_value(sys.modules[__name__])
    with pytest.raises(EngineError, match=r"The Ray cluster gave up: .* run the same again to go on from there"):
        engine._result(engine._begin(dies, embedder))
    cloudpickle.unregister_pickle_by_value(sys.modules[__name__])


def test_another_model_on_the_workers_is_refused_and_nothing_of_it_is_kept(
    engine: Counting, embedder: Embedder, tmp_path: Path
) -> None:
    other: Any = copy.copy(embedder)
    other.fingerprint = "other"
    with opened(tmp_path / "data", other, engine) as index:
        with pytest.raises(ConfigError, match="has another version of the model all-MiniLM-L6-v2 than this machine"):
            add(index, MANY, now=NOW)
        assert build.articles(index) == () and is_whole(index)


def test_another_dateline_on_the_workers_is_refused(
    engine: Counting, embedder: Embedder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ray_engine, "source", lambda: "older")
    with (
        opened(tmp_path / "data", embedder, engine) as index,
        pytest.raises(ConfigError, match="has another version of Dateline than this machine"),
    ):
        add(index, MANY, now=NOW)


def test_without_ray_installed_it_is_said_how_to_install_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ray_engine, "find_spec", lambda name: None)
    with pytest.raises(ConfigError, match=r"not installed: pip install 'dateline\[ray\]'"):
        open_index(Config(data=tmp_path, engine="ray"), write=True)


def test_a_cluster_that_does_not_answer_is_named(
    embedder: Embedder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RAY_ADDRESS", "127.0.0.1:1")
    monkeypatch.setattr(ray, "is_initialized", lambda: False)
    index = open_index(Config(data=tmp_path, engine="ray"), write=True, embedder=embedder)
    with pytest.raises(EngineError, match=r"No Ray cluster can be reached at 127\.0\.0\.1:1: "):
        add(index, MANY, now=NOW)
    assert len(add(index, [], now=NOW).added) == 0
    index.close()


def test_ctrl_c_while_ray_starts_is_heard_when_it_has_started(monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[str] = []

    def start(address: str, **options: object) -> None:
        signal.raise_signal(signal.SIGINT)
        started.append(address)

    monkeypatch.setattr(ray, "is_initialized", lambda: False)
    monkeypatch.setattr(ray, "init", start)
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    with pytest.raises(KeyboardInterrupt):
        RayEngine()._connected()
    assert started and signal.signal(signal.SIGINT, before) is signal.default_int_handler


def test_while_a_server_runs_the_command_line_does_not_compute_beside_it(server_url: str, tmp_path: Path) -> None:
    lock = WriterLock(tmp_path)
    lock.acquire()
    lock.announce(server_url, "test")
    for command in (["add", str(tmp_path)], ["rebuild"]):
        result = CliRunner().invoke(main, [*command, "--engine", "ray", "--data", str(tmp_path)])
        assert result.exit_code == 1
        assert "A server runs on" in result.output and "Stop it first" in result.output
