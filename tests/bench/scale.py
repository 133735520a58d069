"""What a chunk costs, part by part, and what grows with the index: the figures that index/SCALE.md computes with.

    python tests/bench/scale.py ARTICLES.jsonl [--chunks 10000]

The index is that of asking.py: articles shuffled, vectors synthetic. Prints, at half of the chunks and at all of them,
bytes by table and in Chroma's folder, the memory of a set of all ids, and the seconds of adding (less embedding), of
adding the same again, of Chroma's writes, of a keyword query for words as common as a query takes, of `verify`, of
cutting all anew and of writing the keyword index in one commit, as a rebuild does.
"""

import argparse
import sqlite3
import tempfile
import time
import tracemalloc
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

import numpy as np
from asking import REAL, Synthetic, varied

from index.build import add, verify
from index.config import Config
from index.embed import open_embedder
from index.keywords import COMMON
from index.load import load
from index.opening import open_index
from index.prepare import cut
from index.store import Index
from index.types import Record

NOW = datetime(2026, 11, 1, tzinfo=UTC)
AGAIN = 2000
"""Articles that are added a second time."""
WORDS = 20


class Undone(Exception):
    """Takes a transaction back."""


def seconds(work: Callable[[], object]) -> float:
    """What it takes."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def sizes(index: Index) -> Counter[str]:
    """Bytes by table; a table's indices count as their own, FTS5's tables as one."""
    db = sqlite3.connect(index.library.path)
    db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    found: Counter[str] = Counter()
    for name, size in db.execute("SELECT name, sum(pgsize) FROM dbstat GROUP BY name"):
        found["keyword" if name.startswith("keyword") else name] += size
    db.close()
    found["Chroma"] = sum(p.stat().st_size for p in (index.config.data / "chroma").rglob("*") if p.is_file())
    return found


def ids_memory(index: Index) -> int:
    """Bytes of a set of all ids, of which `verify` holds three."""
    tracemalloc.start()
    with index.library.read() as snapshot:
        held = set(snapshot.chunk_ids())
    size = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    assert held
    return size


def common_query(index: Index) -> float:
    """Seconds, the median of a query for one word each, of the most common that a query takes."""
    with index.library.read() as snapshot:
        most = COMMON * snapshot.count("chunk")
        rows = snapshot._db.execute(
            "SELECT term FROM keyword_count WHERE doc <= ? ORDER BY doc DESC LIMIT ?", (most, WORDS)
        ).fetchall()
        return float(np.median([seconds(lambda w=word: snapshot.search_keywords([w], 50)) for (word,) in rows]))


def all_keywords(index: Index) -> None:
    """Write the keyword index again, and take that back."""
    try:
        with index.library.write() as change:
            change.index_all_keywords()
            raise Undone
    except Undone:
        pass


def cut_all(index: Index) -> None:
    """Cut every article."""
    with index.library.read() as snapshot:
        assert snapshot.state is not None
        for article in snapshot.articles():
            cut(article, index.embedder, snapshot.state.spec)


def main() -> None:
    """Grow an index, and measure twice."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("articles", type=Path)
    parser.add_argument("--chunks", type=int, default=10_000)
    given = parser.parse_args()
    records = [item for item in load([given.articles]) if isinstance(item, Record)]
    embedder = Synthetic(open_embedder(), [record.text[:900] for record in records[:REAL]])
    stream, writing = varied(records), [0.0]
    with tempfile.TemporaryDirectory() as folder:
        index = open_index(Config(data=Path(folder)), write=True, embedder=embedder)
        upsert = index.vectors.upsert

        def timed(name: str, ids: Sequence[str], vectors: np.ndarray) -> None:
            writing[0] += seconds(lambda: upsert(name, ids, vectors))

        index.vectors.upsert = timed  # type: ignore[method-assign]
        adding = 0.0
        for target in (given.chunks // 2, given.chunks):
            while count(index) < target:
                lot = list(islice(stream, max(50, (target - count(index)) // 2)))
                adding += seconds(lambda lot=lot: add(index, lot, now=NOW))
            report(index, adding, writing[0], list(islice(varied(records), AGAIN)))
        index.close()


def count(index: Index) -> int:
    """The chunks."""
    with index.library.read() as snapshot:
        return snapshot.count("chunk")


def report(index: Index, adding: float, writing: float, again: Sequence[Record]) -> None:
    """Print what each chunk costs."""
    chunks = count(index)
    print(f"\n{chunks:,} chunks; a chunk takes:")
    for name, size in sizes(index).most_common(14):
        print(f"{size / chunks:10,.0f} bytes  {name}")
    print(f"{ids_memory(index) / chunks:10,.0f} bytes  its id in a set")
    found: dict[str, float] = {"adding, less embedding": adding, "of that in Chroma": writing}
    for name, work in (("verify", verify), ("cutting anew", cut_all), ("one keyword commit", all_keywords)):
        found[name] = seconds(lambda work=work: work(index))  # type: ignore[misc]
    for name, value in found.items():
        print(f"{1000 * value / chunks:10.3f} ms  {name}")
    print(
        f"{1000 * seconds(lambda: add(index, again, now=NOW)) / len(again):10.3f} ms  an article that is there already"
    )
    print(f"{1000 * common_query(index):10.3f} ms  a keyword query for one common word")


if __name__ == "__main__":
    main()
