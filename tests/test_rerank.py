"""The real cross-encoder."""

import math

from qa.rerank import QUESTION_TOKENS, Reranker

QUESTION = "How old are the sea lilies?"
RIGHT = "The sea lilies lived about 310 million years ago."
PASSAGES = [
    "The pipe was laid in 1968.",
    RIGHT,
    "It rained. " * 300,
    "Turnout was 71.4 per cent, the highest since 1998.",
    f"Workers at a quarry have found a forest. {RIGHT} They stood on stalks. " * 4,
    "a",
    "The bridge opened in 1974 and was last repainted in 2011.",
    "Sea lilies are not plants but relatives of starfish.",
    "The fire was declared out at 11:30 a.m.",
    "The tallest stalk measures 2.6 metres.",
    "Nurses at the hospital began a two-day strike.",
]


def test_each_passage_keeps_its_own_score_whatever_lengths_stand_beside_it(reranker: Reranker) -> None:
    together = reranker.scores(QUESTION, PASSAGES)
    alone = [float(reranker.scores(QUESTION, [passage])[0]) for passage in PASSAGES]
    assert together.tolist() == alone
    assert reranker.scores(QUESTION, PASSAGES[::-1]).tolist() == together[::-1].tolist()


def test_a_passage_that_answers_scores_above_those_that_do_not(reranker: Reranker) -> None:
    scores = dict(zip(PASSAGES, reranker.scores(QUESTION, PASSAGES).tolist(), strict=True))
    answering = {RIGHT, PASSAGES[4]}
    assert set(sorted(PASSAGES, key=lambda p: -scores[p])[:2]) == answering
    assert min(scores[p] for p in answering) > 5 > 0 > max(scores[p] for p in scores if p not in answering)


def test_no_passage_has_no_score(reranker: Reranker) -> None:
    assert reranker.scores(QUESTION, []).shape == (0,)


def test_a_question_longer_than_the_model_reads_is_cut_not_refused(reranker: Reranker) -> None:
    scores = reranker.scores("who is it now " * 140, ["The bridge was closed.", "word " * 400])
    assert len(scores) == 2 and all(map(math.isfinite, scores))


def test_only_the_beginning_of_a_very_long_question_is_read(reranker: Reranker) -> None:
    long = f"{QUESTION} {'中' * QUESTION_TOKENS}"
    assert reranker.scores(f"{long} Who laid the pipe?", [RIGHT]).tolist() == reranker.scores(long, [RIGHT]).tolist()


def test_what_was_read_for_a_question_is_not_read_again_until_it_is_forgotten(reranker: Reranker) -> None:
    reranker.forget()
    first = reranker.scores("Why is it closed?", ["It has cracks."])
    assert reranker.scores("Why is it closed?", ["It has cracks."]) == first
    assert reranker._logit.cache_info()[:2] == (1, 1)  # hits and misses
