"""The composer that picks sentences, over a reranker whose scores are written down by the test."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import numpy as np
import pytest
from tiny import NOW, news

from index.build import add
from index.store import Index
from index.types import Article, Chunk, Hit
from qa.confidence import ANSWERS, INTERCEPT, WEIGHTS, confidence, signals
from qa.extract import LEANS, NEAR, compose
from qa.read import READ, SENTENCE, Candidate, inside, ranked, read
from qa.rerank import Reranker
from qa.retrieve import retrieve
from qa.types import Draft

OpenTiny = Callable[..., Index]


class WrittenDown:
    """A reranker that looks a passage's score up; what is not written down scores -11. `seen` is what it read.

    The title before a passage, a word here, makes no difference to it.
    """

    def __init__(self, scores: Mapping[str, float]) -> None:
        self._scores = scores
        self.seen: list[str] = []

    def scores(self, question: str, passages: Sequence[str]) -> np.ndarray:
        passages = [re.sub(r"^\w+\. ", "", passage) for passage in passages]
        self.seen += passages
        return np.array([self._scores.get(p, -11.0) for p in passages], dtype=np.float32)


CLOSED = "The bridge was closed on Thursday."
CRACKS = "Inspectors had found two cracks in its hangers."
FERRY = "A ferry will carry people to the harbour."
LONGER = "The longer one measures 38 centimetres."
REST = "It leaves every twenty minutes of the day, from early in the morning until late at night."
TEXT = f"{CLOSED} {CRACKS} {LONGER}\n\nFerry for walkers\n\n{FERRY} {REST}"


def drafted(index: Index, scores: Mapping[str, float], question: str = "Why was the bridge closed?") -> Draft:
    with index.library.read() as snapshot:
        hits = level(retrieve(snapshot, index.vectors, index.embedder, question))
        candidates = read(snapshot, WrittenDown(scores), question, hits)  # type: ignore[arg-type]
        return compose(question, candidates, hits)


def level(hits: Sequence[Hit]) -> tuple[Hit, ...]:
    """The hits, none of them nearer than another: what is picked is then up to the reranker."""
    return tuple(replace(hit, score=0.0) for hit in hits)


def said(draft: Draft) -> list[str]:
    """The sentences of a draft, each of which has to be the words of its one quote."""
    for sentence in draft.sentences:
        (quote,) = sentence.quotes
        assert sentence.text == quote.article.text[quote.start : quote.end]
    return [s.text for s in draft.sentences]


@pytest.fixture
def bridge(open_tiny: OpenTiny) -> Index:
    index = open_tiny()
    add(index, [news("bridge", TEXT), news("strike", "Nurses began a strike. Talks go on.")], now=NOW)
    with index.library.read() as snapshot:
        article = snapshot.article("bridge")
    assert article is not None and [article.text[slice(*h)] for h in article.headings] == ["Ferry for walkers"]
    return index


def test_the_sentence_that_answers_is_the_answer(bridge: Index) -> None:
    draft = drafted(bridge, {CRACKS: 8.0, f"{CLOSED} {CRACKS}": 9.0, CLOSED: -4.0})
    assert said(draft) == [CRACKS]
    assert draft.confidence > 0.9


def test_nothing_is_said_when_no_sentence_scores_enough(bridge: Index) -> None:
    draft = drafted(bridge, {CRACKS: -9.0, f"{CLOSED} {CRACKS}": -9.0})
    assert said(draft) == []
    assert 0 < draft.confidence < ANSWERS


def test_without_hits_nothing_is_said(open_tiny: OpenTiny) -> None:
    assert drafted(open_tiny(), {}) == Draft((), (), 0.0)


def test_a_draft_rests_on_all_hits_it_was_given(bridge: Index) -> None:
    with bridge.library.read() as snapshot:
        hits = retrieve(snapshot, bridge.vectors, bridge.embedder, "Why was the bridge closed?")
        assert len(hits) == 2
        candidates = read(snapshot, WrittenDown({}), "Why?", hits)  # type: ignore[arg-type]
        assert compose("Why?", candidates, hits).hits == hits


def test_a_sentence_that_answers_only_behind_the_one_before_it_is_shown_behind_it(bridge: Index) -> None:
    together = f"{CRACKS} {LONGER}"
    assert said(drafted(bridge, {LONGER: 0.0, together: LEANS + 0.1}, "How long is the longer crack?")) == [
        CRACKS,
        LONGER,
    ]
    assert said(drafted(bridge, {LONGER: 0.0, together: LEANS - 0.1}, "How long is the longer crack?")) == [LONGER]


def test_a_sentence_that_takes_back_the_one_before_it_is_shown_behind_it(open_tiny: OpenTiny) -> None:
    index = open_tiny()
    claimed, denied = "The paper called the bridge the longest.", "It was not: the Lindal bridge has 900 metres."
    add(index, [news("bridge", f"{claimed} {denied}")], now=NOW)
    assert said(drafted(index, {denied: 6.0, f"{claimed} {denied}": 6.0})) == [claimed, denied]


def test_a_second_sentence_is_shown_when_it_is_nearly_as_good(bridge: Index) -> None:
    def with_second(score: float) -> list[str]:
        return said(drafted(bridge, {CLOSED: 6.0, FERRY: score, f"{LONGER} {FERRY}": score}))

    assert with_second(6.0 - NEAR + 0.1) == [CLOSED, FERRY]
    assert with_second(6.0 - NEAR - 0.1) == [CLOSED]


def test_the_same_words_from_a_second_article_are_not_said_again(open_tiny: OpenTiny) -> None:
    index = open_tiny()
    again = "The bridge was closed on Thursday, police said."
    add(index, [news("one", f"{CLOSED} It rained."), news("two", f"{again} It snowed.")], now=NOW)
    assert len(said(drafted(index, {CLOSED: 6.0, again: 6.0}))) == 1


def test_headings_are_never_read_and_never_said(bridge: Index) -> None:
    reranker = WrittenDown({"Ferry for walkers": 11.0})
    with bridge.library.read() as snapshot:
        hits = retrieve(snapshot, bridge.vectors, bridge.embedder, "Is there a ferry for walkers?")
        candidates = read(snapshot, reranker, "Is there a ferry for walkers?", hits)  # type: ignore[arg-type]
        draft = compose("Is there a ferry for walkers?", candidates, hits)
    assert said(draft) == []
    assert FERRY in reranker.seen
    assert not [text for text in reranker.seen if "Ferry for walkers" in text]


def test_only_sentences_that_lie_inside_a_hit_are_read(bridge: Index) -> None:
    with bridge.library.read() as snapshot:
        article = snapshot.article("bridge")
        assert article is not None
        hit = Hit(Chunk("part", article, TEXT.index(CRACKS), TEXT.index(LONGER) + len(LONGER)), 1.0, {})
        found = read(snapshot, WrittenDown({}), "Why?", [hit, hit])  # type: ignore[arg-type]
    assert sorted(c.text for c in found) == [CRACKS, LONGER]
    assert {c.text: c.context for c in found} == {CRACKS: f"{CLOSED} {CRACKS}", LONGER: f"{CRACKS} {LONGER}"}


def test_a_sentence_too_long_for_a_chunk_is_read_in_pieces(open_tiny: OpenTiny) -> None:
    index = open_tiny()
    add(
        index,
        [news("long", f"{'rain and wind and ' * 100} a zebra on the bridge {'and snow and sun ' * 50}.")],
        now=NOW,
    )
    with index.library.read() as snapshot:
        hits = [Hit(c, 1.0, {}) for c in snapshot.chunks(snapshot.chunk_ids()).values()]
        assert len(hits) > 3
        found = read(snapshot, WrittenDown({}), "Where is the zebra?", hits)  # type: ignore[arg-type]
    assert sorted((c.start, c.end) for c in found) == sorted((h.chunk.start, h.chunk.end) for h in hits)
    assert "zebra" in found[0].text or "zebra" in max(found, key=lambda c: c.coverage).text


def test_of_many_sentences_those_with_the_questions_rare_words_are_read(open_tiny: OpenTiny) -> None:
    index = open_tiny()
    many = " ".join(f"The bridge has part number {n}." for n in range(READ * 2))
    add(index, [news("many", f"{many} A zebra crossed the bridge.", title="Parts")], now=NOW)
    with index.library.read() as snapshot:
        hits = [Hit(c, 1.0, {}) for c in snapshot.chunks(snapshot.chunk_ids()).values()]
        reranker = WrittenDown({})
        found = read(snapshot, reranker, "Which zebra crossed the bridge?", hits)  # type: ignore[arg-type]
    assert len(found) == READ
    assert "A zebra crossed the bridge." in reranker.seen
    assert max(found, key=lambda c: c.coverage).text == "A zebra crossed the bridge."
    assert max(c.coverage for c in found) == 1.0


def test_hits_are_ranked_by_their_own_score_and_their_best_sentence(bridge: Index) -> None:
    question = "Why was the bridge closed?"
    with bridge.library.read() as snapshot:
        found = level(retrieve(snapshot, bridge.vectors, bridge.embedder, question))
        scores = {"Nurses began a strike.": 5.0, "Talks go on.": -9.0, CRACKS: -2.0}
        candidates = read(snapshot, WrittenDown(scores), question, found)  # type: ignore[arg-type]
        hits = ranked(found, candidates)
    assert [h.chunk.article.id for h in hits] == ["strike", "bridge"]
    assert hits[0].parts == {**next(h for h in found if h.chunk.id == hits[0].chunk.id).parts, "rerank": 5.0}
    assert hits[0].score == pytest.approx(SENTENCE * 5.0)
    assert {c.article.id for c in inside(candidates, hits[:1])} == {"strike"}


def candidate(article: Article, text: str, *, score: float = 5.0, dense: float = 0.5) -> Candidate:
    start = article.text.index(text)
    return Candidate(article, start, start + len(text), None, 0.5, 1.0, dense, score, score, score)


def test_confidence_is_between_0_and_1_and_grows_with_the_score(bridge: Index) -> None:
    with bridge.library.read() as snapshot:
        article = snapshot.article("bridge")
    assert article is not None
    question = "Why was the bridge closed?"
    sure = [confidence(question, candidate(article, CLOSED, score=score)) for score in (-11.0, -1.0, 0.0, 11.0)]
    assert sure == sorted(sure) and 0 < sure[0] < ANSWERS < sure[-1] < 1
    found = signals(question, candidate(article, CLOSED, score=0.0))
    total = INTERCEPT + sum(WEIGHTS[name] * value for name, value in found.items())
    assert sure[2] == pytest.approx(1 / (1 + np.exp(-total)))


@pytest.mark.parametrize(
    ("question", "text", "signal"),
    [
        ("Did the Lindal bridge close on Thursday?", CLOSED, "missing"),
        ("Was the bridge closed in 1987?", CLOSED, "missing"),
        ("How many cracks were there?", CLOSED, "wanting"),
        ("How much is a ticket for the bridge?", LONGER, "wanting"),
        ("When did inspectors look?", CRACKS, "wanting"),
        ("Who found the cracks?", "It leaves every twenty minutes", "wanting"),
    ],
)
def test_what_a_question_has_and_its_sentence_lacks_makes_it_less_sure(
    bridge: Index, question: str, text: str, signal: str
) -> None:
    with bridge.library.read() as snapshot:
        article = snapshot.article("bridge")
    assert article is not None
    assert signals(question, candidate(article, text))[signal] == 1.0
    assert signals("Why was the bridge closed?", candidate(article, CLOSED))[signal] == 0.0


@pytest.mark.parametrize(
    ("question", "title", "text", "wanting"),
    [
        ("How many people died on the ferry?", "Ferry", "It carries 120 people and no cars.", 1.0),
        ("How many people died on the ferry?", "Ferry", "The fire killed 12 people.", 0.0),
        ("How many people died on the ferry?", "Three die on ferry", "Two were sailors, one a child.", 0.0),
        ("Who was killed in the fire?", "Fire", "Nora Lind put out the fire.", 1.0),
        ("Who was killed in the fire?", "Fire", "Nora Lind lost her life in the fire.", 0.0),
        ("How many were hurt?", "Fire", "All 40 guests left by the stairs.", 1.0),
        ("How many were hurt?", "Fire", "Of 40 guests five were taken to hospital.", 0.0),
        ("Who was arrested?", "Fire", "Nora Lind called the police.", 1.0),
        ("Who was arrested?", "Fire", "Police took Nora Lind into custody.", 0.0),
        ("When did the king die?", "King", "Crowds came on 3 May 1910.", 0.0),
    ],
)
def test_who_was_hurt_is_told_only_by_words_for_that(question: str, title: str, text: str, wanting: float) -> None:
    article = Article(id="a", title=title, text=text)
    assert signals(question, candidate(article, text))["wanting"] == wanting


def test_the_real_cross_encoder_picks_the_sentence_of_the_sample_articles(
    samples_index: Index, reranker: Reranker
) -> None:
    question = "How old is the forest of sea lilies?"
    with samples_index.library.read() as snapshot:
        hits = retrieve(snapshot, samples_index.vectors, samples_index.embedder, question)
        draft = compose(question, read(snapshot, reranker, question, hits), hits)
    assert "310 million years" in said(draft)[0]
    assert draft.confidence > 0.9
