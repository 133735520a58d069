"""What a Ray cluster costs and what it leaves to the one writer, beside doing all of it in one process.

    python tests/bench/engines.py ARTICLES.jsonl [--limit 300] [--rounds 2]

The same articles are added by this process alone and with a Ray of this machine's cores, with the vectors in a folder
and on a Chroma server (`chroma run`), each in a process of its own, in turn; the fastest rounds count. "Starting" is
the first article: on Ray with the cluster and a model in each worker. "Writer" is what the process that commits takes
of a core meanwhile, be it Python, SQLite or Chroma: with any number of workers, adding cannot be faster.

On two cores, 300 articles of clapnq: see index/SCALE.md.
"""

import argparse
import json
import resource
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

NOW = datetime(2026, 11, 1, tzinfo=UTC)
WAYS = {"here": (None, False), "ray": ("ray", False), "here, server": (None, True), "ray, server": ("ray", True)}


def added(articles: Path, data: Path, engine: str | None, url: str | None) -> dict[str, Any]:
    """Add one article, then all; the seconds of each and what the process took."""
    from index.build import put, status
    from index.config import Config
    from index.follow import Follower
    from index.load import load
    from index.opening import open_index
    from index.types import Record

    records = [item for item in load([articles]) if isinstance(item, Record)]
    index = open_index(Config(data=data, engine=engine, chroma_url=url), write=True)
    follower = Follower(index)
    figures: dict[str, Any] = {}
    for name, some in (("starting", records[:1]), ("adding", records)):
        began, busy = time.perf_counter(), time.process_time()
        put(index, some, now=NOW, committed=follower.wake)
        follower.wait()
        figures[name], figures["writer"] = time.perf_counter() - began, time.process_time() - busy
    found = status(index)
    assert found.chunks == found.chunks_embedded
    figures |= {"chunks": found.chunks, "writer memory": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3}
    workers = [p for p in Path("/proc").glob("[0-9]*") if _name(p).startswith(b"ray::")]
    if engine:
        figures["a worker's memory"] = max(_resident(p) for p in workers)
    index.close()
    return figures


def _name(process: Path) -> bytes:
    with suppress(OSError):
        return (process / "cmdline").read_bytes()
    return b""


def _resident(process: Path) -> float:
    """Megabytes."""
    lines = (process / "status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS")) / 1e3


def served(folder: Path) -> tuple[subprocess.Popen[bytes], str]:
    """A Chroma server, once it answers, and its address."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    chroma = shutil.which("chroma", path=str(Path(sys.executable).parent)) or "chroma"
    words = [chroma, "run", "--path", str(folder), "--port", str(port), "--host", "127.0.0.1"]
    process = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while True:
        with suppress(OSError):
            socket.create_connection(("127.0.0.1", port)).close()
            return process, f"http://127.0.0.1:{port}"
        time.sleep(0.1)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("articles", type=Path)
    parser.add_argument("--limit", type=int, default=300)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--way", choices=WAYS)
    parser.add_argument("--data", type=Path)
    given = parser.parse_args()
    if given.way:
        engine, server = WAYS[given.way]
        process, url = served(given.data / "server") if server else (None, None)
        try:
            print(json.dumps(added(given.articles, given.data / "data", engine, url)))
        finally:
            if process:
                process.kill()
        return
    with tempfile.TemporaryDirectory() as folder:
        articles = Path(folder) / "articles.jsonl"
        articles.write_text("\n".join(given.articles.read_text("utf-8").splitlines()[: given.limit]), "utf-8")
        found: dict[str, list[dict[str, Any]]] = {way: [] for way in WAYS}
        for number in range(given.rounds):
            for at, way in enumerate(WAYS):
                data = Path(folder) / f"{number}-{at}"
                words = [sys.executable, __file__, str(articles), "--way", way, "--data", str(data)]
                printed = subprocess.run(words, stdout=subprocess.PIPE, text=True, check=True).stdout
                found[way].append(json.loads(printed.splitlines()[-1]))
    for way, rounds in found.items():
        best = min(rounds, key=lambda figures: figures["adding"])
        shown = ", ".join(f"{name} {value:.1f}" for name, value in best.items())
        print(f"{way:14} {shown}; {1000 * best['writer'] / best['chunks']:.1f} ms of the writer a chunk")


if __name__ == "__main__":
    main()
