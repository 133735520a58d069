"""The fit behind `qa.confidence.WEIGHTS`, and what it is worth on the questions that it was not fitted to.

    python tests/bench/confidence.py DATA [--questions 150]

DATA holds `squad2/` and `onestopqa/`. Each set's questions are asked of its own articles and of the other set's, which
cannot answer them; squad2's unanswerable questions are asked of its own. The sets' indexes are kept where
`dateline eval` keeps them. Takes about a second a question on two cores.
"""

import argparse
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from index.config import Config
from index.store import Index
from qa.confidence import ANSWERS, INTERCEPT, WEIGHTS, signals
from qa.dataset import Question, questions
from qa.evaluate import open_set
from qa.metrics import auroc
from qa.read import DEPTH, read
from qa.rerank import Reranker
from qa.retrieve import retrieve

SETS = ("squad2", "onestopqa")
ADVERSARIAL = 0.3
"""What the unanswerable questions of squad2 weigh together, beside 1 of those asked of the other set's articles."""

Rows = NDArray[np.float64]


def main() -> None:
    """Ask, fit, and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--questions", type=int, default=150, help="of each kind and half")
    options = parser.parse_args()
    reranker = Reranker()
    found: dict[tuple[str, str], list[Rows]] = {}
    for articles in SETS:
        with open_set(options.data / articles, Config(data=Path()), now=datetime.now(UTC)) as index:
            for kind, half, chosen in _chosen(options.data, articles, options.questions):
                rows = [_signals(index, reranker, q) for q in tqdm(chosen, desc=f"{kind}, {half}, of {articles}")]
                found.setdefault((kind, half), []).extend(rows)
    sides = {key: np.array(rows) for key, rows in found.items()}
    weights = _fit(sides["own", "fit"], sides["other", "fit"], sides["adversarial", "fit"])
    print("fitted:", {n: round(float(w), 2) for n, w in zip((*WEIGHTS, "intercept"), weights, strict=True)})
    print("in use:", {**WEIGHTS, "intercept": INTERCEPT, "ANSWERS": ANSWERS})
    used = np.array([*WEIGHTS.values(), INTERCEPT])
    for half in ("fit", "check"):
        own, other, adversarial = (_sure(sides[kind, half], used) for kind in ("own", "other", "adversarial"))
        shares = " ".join(f"{name} {np.mean(p >= ANSWERS):.3f} of {len(p)}," for name, p in (
            ("own", own), ("other", other), ("adversarial", adversarial)))  # fmt: skip
        print(
            f"{half}: answered {shares} AUROC other {auroc(own, other):.3f}, adversarial {auroc(own, adversarial):.3f}"
        )


def _chosen(data: Path, articles: str, count: int) -> Iterator[tuple[str, str, list[Question]]]:
    for half in ("fit", "check"):
        for name in SETS:
            asked = questions(data / name, half=half)
            yield "own" if name == articles else "other", half, [q for q in asked if q.answerable][:count]
            if name == articles and (hard := [q for q in asked if not q.answerable][:count]):
                yield "adversarial", half, hard


def _signals(index: Index, reranker: Reranker, question: Question) -> Rows:
    with index.library.read() as snapshot:
        hits = retrieve(snapshot, index.vectors, index.embedder, question.question, k=DEPTH)
        best = read(snapshot, reranker, question.question, hits)[0]
    return np.array([*signals(question.question, best).values(), 1.0])


def _sure(rows: Rows, weights: Rows) -> Rows:
    sure: Rows = 1 / (1 + np.exp(-rows @ weights))
    return sure


def _fit(own: Rows, other: Rows, adversarial: Rows) -> Rows:
    """Logistic regression by Newton's method, the answerable and the rest weighing the same."""
    x = np.vstack([own, other, adversarial])
    y = np.repeat([1.0, 0.0, 0.0], [len(own), len(other), len(adversarial)])
    share = 1 / (1 + ADVERSARIAL)
    each = [1 / len(own), share / len(other), share * ADVERSARIAL / len(adversarial)]
    weight = np.repeat(each, [len(own), len(other), len(adversarial)])
    w = np.zeros(x.shape[1])
    for _ in range(50):
        p = _sure(x, w)
        w += np.linalg.solve((x.T * (weight * p * (1 - p))) @ x + 1e-4 * np.eye(len(w)), x.T @ (weight * (y - p)))
    return w


if __name__ == "__main__":
    main()
