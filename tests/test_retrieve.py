"""Dense and keyword search, fused; checked against a slow, obvious implementation."""

import math
import random
from collections.abc import Callable

import numpy as np
import pytest
from tiny import NOW, TinyEmbedder, news

from index import keywords
from index import snapshot as snapshot_module
from index.build import add
from index.chunk import embedded_text
from index.store import Index
from index.types import Filters, Hit
from qa import retrieve as retrieve_module
from qa.retrieve import CANDIDATES, retrieve

OpenTiny = Callable[..., Index]


def found(index: Index, question: str, *, filters: Filters | None = None, k: int = 10) -> tuple[Hit, ...]:
    with index.library.read() as snapshot:
        return retrieve(snapshot, index.vectors, index.embedder, question, filters=filters, k=k)


def articles_of(hits: tuple[Hit, ...]) -> set[str]:
    return {hit.chunk.article.id for hit in hits}


def reference(index: Index, question: str, k: int) -> list[tuple[str, float, float, float]]:
    """(article, fused score, cosine, BM25) of the best k of all chunks, from the articles' words alone."""
    with index.library.read() as snapshot:
        chunks = list(snapshot.chunks(snapshot.chunk_ids()).values())
    query = index.embedder.question(question)
    spans = index.embedder.token_spans
    dense = {
        c.id: float(index.embedder.question(embedded_text(c.article, (c.start, c.end), spans)) @ query) for c in chunks
    }
    words = {c.id: keywords.analyse(c.article.title) + keywords.analyse(c.text) for c in chunks}
    mean = sum(map(len, words.values())) / len(words)
    keyword = {}
    for chunk_id, own in words.items():
        score = 0.0
        for term in keywords.query_terms(question):
            holding = sum(term in other for other in words.values())
            rarity = max(math.log((len(words) - holding + 0.5) / (holding + 0.5)), 1e-6)
            often = own.count(term)
            score += rarity * often * 2.2 / (often + 1.2 * (0.25 + 0.75 * len(own) / mean))
        if score:
            keyword[chunk_id] = score
    candidates = {i for scores in (dense, keyword) for i in sorted(scores, key=lambda i: -scores[i])[:CANDIDATES]}
    by_words = {i: keyword[i] for i in sorted(keyword, key=lambda i: -keyword[i])[:CANDIDATES]}

    def scaled(value: float, among: list[float]) -> float:
        return (value - min(among)) / (max(among) - min(among))

    rows = []
    for c in chunks:
        if c.id in candidates:
            own_keyword = by_words.get(c.id, 0.0)
            score = scaled(dense[c.id], [dense[i] for i in candidates])
            score += scaled(own_keyword, [by_words.get(i, 0.0) for i in candidates])
            rows.append((c.article.id, score, dense[c.id], own_keyword))
    return sorted(rows, key=lambda row: -row[1])[:k]


@pytest.mark.parametrize(
    "question", ["Which bridge burned in the fire?", "nurses strike quarrel", "water election nine"]
)
def test_the_order_and_the_scores_are_those_of_a_slow_and_obvious_implementation(
    open_tiny: OpenTiny, question: str
) -> None:
    index = open_tiny()
    pick = random.Random(5)
    fillers = ["quarrel", "market", "nine", "rain", "burned", "which", "people", "river", "Monday"]
    records = [
        news(f"a{n:02}", f"Report {' '.join(pick.choices([*TinyEmbedder.WORDS, *fillers], k=pick.randint(8, 40)))}.")
        for n in range(70)
    ]
    assert len(add(index, records, now=NOW).added) == 70
    expected = reference(index, question, 12)
    got = found(index, question, k=12)
    assert [h.chunk.article.id for h in got] == [row[0] for row in expected]
    for hit, (_, score, dense, keyword) in zip(got, expected, strict=True):
        assert (hit.score, hit.parts) == (
            pytest.approx(score, abs=1e-4),
            pytest.approx({"dense": dense, "keyword": keyword}, abs=1e-4),
        )


def test_a_hit_found_by_its_words_alone_gets_its_true_dense_score(open_tiny: OpenTiny) -> None:
    index = open_tiny()
    near = [news(f"near{n}", f"The bridge, the bridge and the bridge of town {n}.") for n in range(CANDIDATES + 5)]
    add(index, [*near, news("far", "Water, fire, water: a zebra swam.")], now=NOW)
    query = index.embedder.question("bridge zebra")
    (hit,) = (h for h in found(index, "bridge zebra", k=100) if h.chunk.article.id == "far")
    with index.library.read() as snapshot:
        nearest = dict(index.vectors.query(snapshot.collection, query, CANDIDATES))
    assert hit.chunk.id not in nearest
    vector = index.embedder.question(f"Far\n{hit.chunk.text}")
    assert hit.parts["dense"] == pytest.approx(float(vector @ query), abs=1e-6)
    assert hit.parts["keyword"] > 0


@pytest.fixture
def dated(open_tiny: OpenTiny) -> Index:
    index = open_tiny()
    records = [
        news("may", "The bridge was closed in May.", published="2026-05-31", publisher="Port Courier"),
        news("june", "The bridge was closed in June.", published="2026-06-01", publisher="Le Écho"),
        news(
            "night", "The bridge was closed at night.", published="2026-06-30T23:30:00-05:00", publisher="Port Courier"
        ),
        news("july", "The bridge was closed in July.", published="2026-07-01", publisher="Gazette"),
        news("undated", "The bridge was closed some day."),
    ]
    assert len(add(index, records, now=NOW).added) == 5
    return index


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        (None, {"may", "june", "night", "july", "undated"}),
        (Filters(), {"may", "june", "night", "july", "undated"}),
        (Filters(since="2026-06-01"), {"june", "night", "july"}),
        (Filters(until="2026-06-01"), {"may", "june"}),
        (Filters(since="2026-06-01", until="2026-06-30"), {"june", "night"}),
        (Filters(since="2026-06-02", until="2026-06-29"), set()),
        (Filters(publishers=("PORT courier",)), {"may", "night"}),
        (Filters(publishers=("le éCHO", "gazette")), {"june", "july"}),
        (Filters(publishers=("LE ÉCHO",)), {"june"}),
        (Filters(publishers=(" Port  courier ", "Gazette\n")), {"may", "night", "july"}),
        (Filters(publishers=("Port",)), set()),
        (Filters(article_ids=("undated", "july", "nothing")), {"undated", "july"}),
        (Filters(since="2026-06-01", publishers=("Port Courier",), article_ids=("may", "night")), {"night"}),
    ],
)
def test_filters_let_through_exactly_the_articles_they_name(
    dated: Index, filters: Filters | None, expected: set[str]
) -> None:
    assert articles_of(found(dated, "When was the bridge closed?", filters=filters)) == expected


def test_what_chroma_holds_and_the_library_has_not_committed_is_never_shown(dated: Index) -> None:
    before = found(dated, "Where is the bridge?")
    with dated.library.read() as snapshot:
        collection = snapshot.collection
    ghosts = [f"ghost{n}" for n in range(5)]
    dated.vectors.upsert(collection, ghosts, np.stack([dated.embedder.question("bridge")] * 5))
    assert set(ghosts) < dated.vectors.ids(collection)
    assert found(dated, "Where is the bridge?") == before


def test_an_article_whose_vectors_are_not_written_yet_is_found_by_its_words(dated: Index) -> None:
    before = found(dated, "When was the bridge closed?", filters=Filters(article_ids=("may", "june")))
    with dated.library.read() as snapshot:
        collection = snapshot.collection
        ids = snapshot.chunk_ids(Filters(article_ids=("may", "june")))
    dated.vectors.delete(collection, ids)
    after = found(dated, "When was the bridge closed?", filters=Filters(article_ids=("may", "june")))
    assert [(h.chunk, h.score, pytest.approx(h.parts, abs=1e-6)) for h in before] == [
        (h.chunk, h.score, h.parts) for h in after
    ]


def test_no_more_hits_than_asked_for_are_given_and_they_are_the_best(dated: Index) -> None:
    question = "Was the bridge closed in July?"
    whole = found(dated, question)
    assert len(whole) == 5
    assert found(dated, question, k=2) == whole[:2]
    assert [h.score for h in whole] == sorted((h.score for h in whole), reverse=True)


def test_an_empty_index_gives_no_hits(open_tiny: OpenTiny) -> None:
    assert found(open_tiny(), "Where is the bridge?") == ()


def test_filters_that_let_nothing_through_give_no_hits(dated: Index) -> None:
    assert found(dated, "Where is the bridge?", filters=Filters(since="2030-01-01")) == ()


@pytest.fixture
def two_papers(open_tiny: OpenTiny) -> Index:
    """All that one of two papers has on a bridge is nearer to a question about it than what the other has."""
    index = open_tiny()
    pick = random.Random(5)
    others = [word for word in TinyEmbedder.WORDS if word != "bridge"]
    records = [
        *(news(f"b{n:02}", f"Bridge, {' '.join(pick.choices(others, k=n))}.", publisher="B") for n in range(35)),
        *(news(f"a{n:02}", f"Today {' '.join(pick.choices(others, k=n + 3))}.", publisher="A") for n in range(25)),
        news("a25", "The bridge, with fire, water and nurses on it.", publisher="A"),
    ]
    assert len(add(index, records, now=NOW).added) == 61
    return index


@pytest.mark.parametrize("publishers", [("A",), ("B",), ("A", "B"), ("C",)])
@pytest.mark.parametrize("spare", [1, 3])
def test_filters_find_the_same_whether_those_that_pass_are_sifted_listed_or_compared(
    two_papers: Index, monkeypatch: pytest.MonkeyPatch, publishers: tuple[str, ...], spare: int
) -> None:
    monkeypatch.setattr(retrieve_module, "CANDIDATES", 10)
    monkeypatch.setattr(snapshot_module, "SPARE", spare)
    ways = []
    for dearer, few in ((0, 0), (math.inf, 0), (math.inf, 1000)):
        monkeypatch.setattr(snapshot_module, "DEARER", dearer)
        monkeypatch.setattr(retrieve_module, "FEW", few)
        hits = found(two_papers, "Where is the bridge?", filters=Filters(publishers=publishers))
        assert {hit.chunk.article.publisher for hit in hits} <= set(publishers)
        ways.append(np.array([[hit.score, *hit.parts.values()] for hit in hits]))  # ids of equals change places
    assert all(way == pytest.approx(ways[0], abs=1e-4) for way in ways)
    assert len(ways[0]) == (0 if publishers == ("C",) else 10)


def test_where_none_with_the_rarest_word_passes_the_filters_those_with_the_others_are_found(
    two_papers: Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    add(two_papers, [news("zebra", "A zebra.", publisher="B"), news("owl", "An owl.", publisher="A")], now=NOW)
    monkeypatch.setattr(keywords, "MANY", 10)
    monkeypatch.setattr(keywords, "SCORED", 1)
    monkeypatch.setattr(snapshot_module, "DEARER", 0)
    with two_papers.library.read() as snapshot:
        both = snapshot.search_keywords(["zebra", "owl"], 5, Filters(publishers=("A", "B")))
        own = snapshot.search_keywords(["zebra", "owl"], 5, Filters(publishers=("A",)))
        chunks = snapshot.chunks([i for i, _ in both])
    assert {chunks[i].article.id for i, _ in both} == {"zebra", "owl"}
    assert own == [(i, score) for i, score in both if chunks[i].article.id == "owl"]
