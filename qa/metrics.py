"""The measures of the field, as pure functions over numbers and words."""

import re
import string
from collections import Counter
from collections.abc import Callable, Sequence

import numpy as np

RESAMPLES = 1000


def normalised(text: str) -> str:
    """Lower case, without punctuation and articles, as SQuAD's evaluation script has it (Rajpurkar et al. 2016)."""
    plain = "".join(" " if c in string.punctuation + "’‘“”–—" else c for c in text.lower())
    return " ".join(re.sub(r"\b(?:a|an|the)\b", " ", plain).split())


def contains(answer: str, gold: Sequence[str]) -> float:
    """1 when one of the gold answers stands in the answer, word for word after normalising, else 0."""
    shown = f" {normalised(answer)} "
    return float(any(f" {normalised(g)} " in shown for g in gold if normalised(g)))


def token_f1(answer: str, gold: Sequence[str]) -> float:
    """The best F1 of shared words against one of the gold answers (Rajpurkar et al. 2016), 0 to 1."""
    return max((_f1(normalised(answer).split(), normalised(g).split()) for g in gold), default=0.0)


def _f1(words: list[str], gold: list[str]) -> float:
    shared = sum((Counter(words) & Counter(gold)).values())
    return 2 * shared / (len(words) + len(gold)) if shared else 0.0


def reciprocal_rank(relevant: Sequence[bool], k: int = 10) -> float:
    """1 / the rank of the first relevant result among the first k, 0 when there is none."""
    return next((1 / rank for rank, hit in enumerate(relevant[:k], 1) if hit), 0.0)


def recall(found: Sequence[str], gold: Sequence[str], k: int) -> float:
    """The share of the gold ids among the first k found."""
    return len(set(found[:k]) & set(gold)) / len(set(gold))


def auroc(positive: Sequence[float], negative: Sequence[float]) -> float:
    """How often a positive scores above a negative, ties counting half (Mann-Whitney U); nan without either."""
    if not len(positive) or not len(negative):
        return float("nan")
    low = np.sort(np.asarray(negative))
    high = np.asarray(positive)
    below = np.searchsorted(low, high, "left") + np.searchsorted(low, high, "right")
    return float(below.mean() / 2 / len(low))


def interval(statistic: Callable[..., float], *samples: Sequence[float], seed: int = 1) -> tuple[float, float]:
    """The 95 % percentile bootstrap interval of a statistic of one or more samples (Efron 1979)."""
    if not all(len(s) for s in samples):
        return float("nan"), float("nan")
    random = np.random.default_rng(seed)
    arrays = [np.asarray(s, dtype=float) for s in samples]
    drawn = [statistic(*(a[random.integers(0, len(a), len(a))] for a in arrays)) for _ in range(RESAMPLES)]
    low, high = np.percentile(drawn, [2.5, 97.5])
    return float(low), float(high)
