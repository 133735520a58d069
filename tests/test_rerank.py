"""The real cross-encoder, and the order it makes together with the search."""

import math

import pytest

from index.types import Article, Chunk, Hit
from qa.rerank import BATCH, DEPTH, Reranker, rerank

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


def hit(text: str, score: float, name: str = "a") -> Hit:
    return Hit(
        Chunk(f"{name}-{text}", Article(id=name, title="News", text=text), 0, len(text)), score, {"dense": score}
    )


def test_each_passage_keeps_its_own_score_whatever_lengths_stand_beside_it(reranker: Reranker) -> None:
    assert len(PASSAGES) > BATCH
    together = reranker.scores(QUESTION, PASSAGES)
    alone = [float(reranker.scores(QUESTION, [passage])[0]) for passage in PASSAGES]
    # int8 activations are scaled by batch, which moves a score a little
    assert together.tolist() == pytest.approx(alone, abs=0.5)
    assert reranker.scores(QUESTION, PASSAGES[::-1]).tolist() == pytest.approx(together[::-1].tolist(), abs=0.5)


def test_a_passage_that_answers_scores_above_those_that_do_not(reranker: Reranker) -> None:
    scores = dict(zip(PASSAGES, reranker.scores(QUESTION, PASSAGES).tolist(), strict=True))
    answering = {RIGHT, PASSAGES[4]}
    assert set(sorted(PASSAGES, key=lambda p: -scores[p])[:2]) == answering
    assert min(scores[p] for p in answering) > 5 > 0 > max(scores[p] for p in scores if p not in answering)


def test_no_passage_has_no_score(reranker: Reranker) -> None:
    assert reranker.scores(QUESTION, []).shape == (0,)
    assert rerank(reranker, QUESTION, []) == ()


def test_the_answering_passage_comes_first_where_the_search_had_it_near_the_top(reranker: Reranker) -> None:
    hits = [hit("Sea lilies are not plants but relatives of starfish.", 1.1), hit(RIGHT, 1.0), hit("It rained.", 0.2)]
    ranked = rerank(reranker, QUESTION, hits)
    assert [h.chunk for h in ranked] == [hits[1].chunk, hits[0].chunk, hits[2].chunk]
    assert [set(h.parts) for h in ranked] == [{"dense", "rerank"}] * 3


def test_scores_are_the_sum_of_both_standard_scores(reranker: Reranker) -> None:
    hits = [hit(RIGHT, 0.3), hit("It rained.", 0.5), hit("Sea lilies are relatives of starfish.", 0.1)]
    ranked = {h.chunk.id: h for h in rerank(reranker, QUESTION, hits)}
    rows = [ranked[h.chunk.id] for h in hits]

    def z(values: list[float]) -> list[float]:
        mean = sum(values) / 3
        spread = math.sqrt(sum((v - mean) ** 2 for v in values) / 3)
        return [(v - mean) / spread for v in values]

    expected = [a + b for a, b in zip(z([0.3, 0.5, 0.1]), z([h.parts["rerank"] for h in rows]), strict=True)]
    assert [h.score for h in rows] == pytest.approx(expected)


def test_scores_that_are_all_the_same_make_zeros_and_keep_the_order(reranker: Reranker) -> None:
    hits = [hit(RIGHT, 0.7, name) for name in "abc"]
    ranked = rerank(reranker, QUESTION, hits)
    assert [(h.chunk, h.score) for h in ranked] == [(h.chunk, 0.0) for h in hits]


def test_one_hit_has_a_score_that_is_a_number(reranker: Reranker) -> None:
    assert [h.score for h in rerank(reranker, QUESTION, [hit(RIGHT, 0.7)])] == [0.0]


def test_only_the_first_ten_are_read_and_the_rest_follows_in_its_order(reranker: Reranker) -> None:
    hits = [hit(f"It rained in town {n}.", 2 - n / 10) for n in range(DEPTH + 3)] + [hit(RIGHT, 0.1)]
    ranked = rerank(reranker, QUESTION, hits)
    assert {h.chunk.id for h in ranked[:DEPTH]} == {h.chunk.id for h in hits[:DEPTH]}
    assert [(h.chunk, h.parts) for h in ranked[DEPTH:]] == [(h.chunk, h.parts) for h in hits[DEPTH:]]
    assert [h.score for h in ranked] == sorted((h.score for h in ranked), reverse=True)
    assert len({h.score for h in ranked[DEPTH - 1 :]}) == 5


def test_a_question_longer_than_the_model_reads_is_cut_not_refused(reranker: Reranker) -> None:
    scores = reranker.scores("who is it now " * 140, ["The bridge was closed.", "word " * 400])
    assert len(scores) == 2 and all(map(math.isfinite, scores))
