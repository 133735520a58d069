"""What a question costs as the index grows, beside the floor: one question embedded and one query of Chroma.

    python tests/bench/asking.py ARTICLES.jsonl QUESTIONS.jsonl [--chunks 1000 10000 100000] [--questions 40]

The articles are added again and again, each time under other ids, dates and publishers and with their sentences in
another order and other numbers, until there are so many chunks. The vectors of passages are synthetic, for time's sake:
that of a real passage of the same articles, moved a little at random. Questions are embedded by the real model and read
by the real cross-encoder. Prints, for each size, milliseconds by stage (median and 95th percentile), what filters cost,
what adding one more article costs, and the memory and disk that the index takes.

On two cores: see index/COSTS.md.
"""

import argparse
import json
import random
import re
import resource
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np

from index.build import add, status
from index.config import Config
from index.embed import Embedder, open_embedder
from index.load import load
from index.opening import open_index
from index.store import Index
from index.types import Filters, Record, Span
from qa.ask import ask
from qa.rerank import Reranker
from qa.retrieve import retrieve

NOW = datetime(2026, 11, 1, tzinfo=UTC)
FIRST_DAY = date(2020, 1, 1)
REAL = 500
"""Passages that are really embedded; the vectors of all others are made of theirs."""
PUBLISHERS = [f"Paper {n}" for n in range(20)]
FILTERED = Filters(since="2021-01-01", until="2021-12-31", publishers=("Paper 3", "Paper 7"))
OTHERS = {
    "a day": Filters(since="2021-03-01", until="2021-03-01"),
    "a publisher": Filters(publishers=("Paper 3",)),
    "a year": Filters(since="2021-01-01", until="2021-12-31"),
    "three years": Filters(since="2021-01-01", until="2023-12-31"),
}


class Synthetic:
    """The real embedder for questions; for passages, vectors that cost nothing."""

    def __init__(self, real: Embedder, texts: Sequence[str]) -> None:
        self.name, self.precision, self.fingerprint = real.name, real.precision, f"synthetic-{real.fingerprint}"
        self.dimension, self.max_tokens = real.dimension, real.max_tokens
        self._real, self._base = real, real.passages(texts)
        self._chance = np.random.default_rng(1)

    def token_spans(self, texts: Sequence[str]) -> list[list[Span]]:
        return self._real.token_spans(texts)

    def question(self, text: str) -> np.ndarray:
        return self._real.question(text)

    def passages(self, texts: Sequence[str], *, done: Callable[[int], None] = lambda count: None) -> np.ndarray:
        rows = self._base[self._chance.integers(0, len(self._base), len(texts))]
        moved = rows + self._chance.normal(0, 0.02, rows.shape).astype(np.float32)
        done(len(texts))
        return np.asarray(moved / np.linalg.norm(moved, axis=1, keepdims=True), dtype=np.float32)


def varied(records: Sequence[Record]) -> Iterator[Record]:
    """The same articles for ever, each time others."""
    chance = random.Random(1)
    number = 0
    while True:
        for record in records:
            # other numbers make them other articles: else they were near-copies, whose passages are shown once
            sentences = re.sub(r"\d+", lambda n: str(chance.randrange(10 ** len(n[0]))), record.text).split(". ")
            chance.shuffle(sentences)
            day = FIRST_DAY + timedelta(days=chance.randrange(2000))
            yield Record(
                key=f"{number}",
                text=f"{'. '.join(sentences)} So says report {number} of {number * 7}, page {number * 3}.",
                title=f"{record.title} {number}",
                published=day.isoformat(),
                publisher=chance.choice(PUBLISHERS),
            )
            number += 1


def timed(work: Callable[[], object]) -> float:
    """Milliseconds."""
    began = time.perf_counter()
    work()
    return (time.perf_counter() - began) * 1000


def shown(milliseconds: Sequence[float]) -> str:
    """The median and the 95th percentile."""
    return f"{np.percentile(milliseconds, 50):8.0f}{np.percentile(milliseconds, 95):8.0f}"


def measure(index: Index, reranker: Reranker, questions: Sequence[str], extra: Record, building: float) -> None:
    """Ask, and print what that cost."""
    found = status(index)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3
    print(
        f"\n{found.chunks:,} chunks of {found.articles:,} articles: {found.bytes_on_disk / 1e6:,.0f} MB on disk, "
        f"{memory:,.0f} MB of memory at most, built in {building:,.0f} s (vectors synthetic)"
    )
    costs: dict[str, list[float]] = {}

    def note(name: str, milliseconds: float) -> None:
        costs.setdefault(name, []).append(milliseconds)

    with index.library.read() as snapshot:
        collection = snapshot.collection
    for question in [questions[0], *questions]:  # the first one warms everything up
        note("floor: embed, query Chroma", timed(lambda q=question: _floor(index, collection, q)))  # type: ignore[misc]
        others = [(f"retrieve, {name}", filters) for name, filters in OTHERS.items()]
        for name, where in (("retrieve", None), ("retrieve, filtered", FILTERED), *others):
            note(name, timed(lambda q=question, w=where: _retrieve(index, q, w)))  # type: ignore[misc]
        for name, where in (("ask", None), ("ask, filtered", FILTERED), ("ask, three years", OTHERS["three years"])):
            reranker.forget()  # what it has read for the question before, within other filters
            began = time.perf_counter()
            answer = ask(index, reranker, question, filters=where, now=NOW)
            note(name, (time.perf_counter() - began) * 1000)
            if where is None:
                for stage, milliseconds in answer.timings.items():
                    note(f"  {stage}", milliseconds)
    print(f"{'milliseconds':32}{'p50':>8}{'p95':>8}")
    for name, all_of_them in costs.items():
        print(f"{name:32}{shown(all_of_them[1:])}")
    print(f"{'adding one more article':32}{timed(lambda: add(index, [extra], now=NOW)):8.0f}")


def _floor(index: Index, collection: str, question: str) -> None:
    list(index.vectors.query(collection, index.embedder.question(question), 50))


def _retrieve(index: Index, question: str, filters: Filters | None) -> None:
    with index.library.read() as snapshot:
        retrieve(snapshot, index.vectors, index.embedder, question, filters=filters, k=10)


def main() -> None:
    """Grow an index, and measure at each size."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("articles", type=Path)
    parser.add_argument("asked", type=Path)
    parser.add_argument("--chunks", type=int, nargs="+", default=[1_000, 10_000, 100_000])
    parser.add_argument("--questions", type=int, default=40)
    given = parser.parse_args()
    records = [item for item in load([given.articles]) if isinstance(item, Record)]
    asked = [json.loads(line)["question"] for line in given.asked.read_text("utf-8").splitlines()]
    questions = random.Random(1).sample(asked, min(given.questions, len(asked)))
    embedder = Synthetic(open_embedder(), [record.text[:900] for record in records[:REAL]])
    reranker = Reranker()
    stream = varied(records)
    with tempfile.TemporaryDirectory() as folder:
        index = open_index(Config(data=Path(folder)), write=True, embedder=embedder)
        building = 0.0
        for size in sorted(given.chunks):
            began = time.perf_counter()
            while (have := status(index).chunks) < size:
                lot = max(50, min(2000, (size - have) // 2))
                add(index, (next(stream) for _ in range(lot)), now=NOW)
            building += time.perf_counter() - began
            measure(index, reranker, questions, next(stream), building)
        index.close()


if __name__ == "__main__":
    main()
