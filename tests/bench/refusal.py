"""How often Dateline answers, refuses and shows the right answer, and the fit behind `qa.extract.SLOPE` and `OFFSET`.

    python tests/bench/refusal.py DATA WORK [--questions 100]

DATA holds `squad2/` and `onestopqa/`, each with `articles.jsonl` and `questions.jsonl`; their indexes are kept in WORK,
so that a second run embeds nothing. Each set's questions are asked of its own articles, where they can be answered, and
of the other set's, where they can't. Even questions are what was fitted to, odd ones are the check.
"""

import argparse
import json
import math
import random
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

from index.build import add
from index.config import Config
from index.load import load
from index.store import Index, open_index
from qa.ask import ask
from qa.extract import OFFSET, SLOPE
from qa.rerank import Reranker
from qa.types import Answer

SETS = ("squad2", "onestopqa")


def main() -> None:
    """Ask, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("work", type=Path)
    parser.add_argument("--questions", type=int, default=100, help="of each set")
    options = parser.parse_args()
    reranker = Reranker()
    scores: dict[bool, list[float]] = {True: [], False: []}
    print(
        f"{'questions':10} {'articles':10} {'half':5} {'n':>4} {'answered':>8} {'contains':>8} {'words':>6} {'ms':>6}"
    )
    for articles in SETS:
        index = _index(options.data / articles, options.work / articles)
        for questions in SETS:
            asked = _questions(options.data / questions, options.questions)
            bar = tqdm(asked, desc=f"{questions} in {articles}", leave=False)
            answers = [ask(index, reranker, q["question"]) for q in bar]
            for half in (0, 1):
                _row(questions, articles, half, asked[half::2], answers[half::2])
            scores[questions == articles] += [_score(a) for a in answers[0::2]]
        index.close()
    slope, offset = _fit(scores[True], scores[False])
    print(f"fitted to the even half: SLOPE {slope:.2f}, OFFSET {offset:.2f} (in use: {SLOPE}, {OFFSET})")


def _row(questions: str, articles: str, half: int, asked: Sequence[dict[str, Any]], answers: Sequence[Answer]) -> None:
    given = [not a.abstained for a in answers]
    own = questions == articles
    right = [_contains(a, q["answers"]) for a, q in zip(answers, asked, strict=True)]
    contains = f"{np.mean(right):8.2f}" if own and questions == "squad2" else " " * 8  # onestopqa's are paraphrases
    words = np.mean([sum(len(s.text.split()) for s in a.sentences) for a in answers if not a.abstained] or [0])
    time = np.median([sum(a.timings.values()) for a in answers])
    name = "fit" if half == 0 else "check"
    shares = f"{np.mean(given):8.2f} {contains}"
    print(f"{questions:10} {articles:10} {name:5} {len(asked):4} {shares} {words:6.1f} {time:6.0f}")


def _index(source: Path, data: Path) -> Index:
    index = open_index(Config(data=data), write=True)
    bar = tqdm(desc=source.name, leave=False)
    add(index, load([source / "articles.jsonl"]), now=datetime.now(UTC), progress=lambda *step: bar.update())
    bar.close()
    return index


def _questions(source: Path, count: int) -> list[dict[str, Any]]:
    rows = [json.loads(line) for line in (source / "questions.jsonl").open(encoding="utf-8")]
    answerable = [r for r in rows if r["answerable"]]
    return random.Random(1).sample(answerable, min(count, len(answerable)))


def _score(answer: Answer) -> float:
    """The best sentence's score, from the confidence that was made of it."""
    sure = min(max(answer.confidence, 1e-9), 1 - 1e-9)
    return (math.log(sure / (1 - sure)) - OFFSET) / SLOPE


def _fit(right: Sequence[float], wrong: Sequence[float]) -> tuple[float, float]:
    """Logistic regression by Newton's method, both classes weighing the same."""
    x = np.array([[s, 1.0] for s in (*right, *wrong)])
    y = np.array([1.0] * len(right) + [0.0] * len(wrong))
    weight = np.array([1 / len(right)] * len(right) + [1 / len(wrong)] * len(wrong))
    w = np.zeros(2)
    for _ in range(50):
        p = 1 / (1 + np.exp(-x @ w))
        w += np.linalg.solve((x.T * (weight * p * (1 - p))) @ x + 1e-9 * np.eye(2), x.T @ (weight * (y - p)))
    return float(w[0]), float(w[1])


def _contains(answer: Answer, wanted: Sequence[str]) -> bool:
    shown = _plain(" ".join(s.text for s in answer.sentences))
    return any(_plain(w) in shown for w in wanted)


def _plain(text: str) -> str:
    return " ".join("".join(c if c.isalnum() else " " for c in text.lower()).split())


if __name__ == "__main__":
    main()
