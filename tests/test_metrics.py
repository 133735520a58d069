"""The measures, against values worked out by hand."""

import math

import numpy as np
import pytest

from qa.metrics import auroc, contains, interval, normalised, recall, reciprocal_rank, token_f1


def test_an_answer_is_contained_word_for_word_whatever_its_case_and_punctuation() -> None:
    assert normalised("The “Big”, red-hot  Bridge!") == "big red hot bridge"
    assert contains("It was built in 1974, by Ada.", ["in 1974 by Ada", "x"]) == 1.0
    assert contains("It was built in 19740.", ["1974"]) == 0.0
    assert contains("Anything", ["the"]) == contains("Anything", []) == 0.0


def test_token_f1_is_that_of_the_best_gold_answer() -> None:
    assert token_f1("two red cars", ["red cars", "blue"]) == pytest.approx(2 * 2 / (3 + 2))
    assert token_f1("two", ["three"]) == token_f1("two", []) == 0.0


def test_ranks_and_recall() -> None:
    assert reciprocal_rank([False, False, True, True]) == pytest.approx(1 / 3)
    assert reciprocal_rank([False] * 10 + [True]) == reciprocal_rank([]) == 0.0
    assert recall(["a", "b", "c"], ["c", "a", "x", "y"], 2) == 0.25
    assert recall(["a", "b", "c"], ["c", "a", "x", "y"], 3) == 0.5


def test_auroc_counts_pairs_and_halves_ties() -> None:
    positive, negative = [0.9, 0.5, 0.5], [0.5, 0.1]
    pairs = [(p > n) + (p == n) / 2 for p in positive for n in negative]
    assert auroc(positive, negative) == pytest.approx(sum(pairs) / len(pairs))
    assert math.isnan(auroc([], [0.1]))


def test_an_interval_holds_the_figure_narrows_with_more_questions_and_is_the_same_each_time() -> None:
    few, many = [0.0, 1.0] * 10, [0.0, 1.0] * 200
    low, high = interval(np.mean, few)
    assert low < 0.5 < high and interval(np.mean, few) == (low, high)
    assert interval(np.mean, many)[1] - interval(np.mean, many)[0] < (high - low) / 3
    assert all(map(math.isnan, interval(np.mean, [])))
