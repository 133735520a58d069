"""What a sentence scores behind its article's title, and without it."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence

import numpy as np
import pytest
from tiny import NOW, news

from index.build import add
from index.store import Index
from index.types import Hit
from qa.confidence import TITLED as TITLED_OF_CONFIDENCE
from qa.confidence import signals
from qa.read import CHECKED, MORE_CHECKED, READ, READ_EACH, TITLED, UNRELATED, UNTITLED, Candidate, read

QUESTION = "What was the turnout?"
TITLE = "Election in Lindal"
TURNOUT, SEATS = "It was 71 per cent.", "The Greens won nine seats."


class ByText:
    """A reranker that looks up the very text that it is given; what is not written down scores -11."""

    def __init__(self, scores: Mapping[str, float]) -> None:
        self._scores = scores

    def scores(self, question: str, passages: Sequence[str]) -> np.ndarray:
        return np.array([self._scores.get(p, -11.0) for p in passages], dtype=np.float32)


def candidates(
    open_tiny: Callable[..., Index], text: str, scores: Mapping[str, float], *, several: int = 0
) -> list[Candidate]:
    index = open_tiny()
    add(index, [news("vote", text, title=TITLE)], now=NOW)
    with index.library.read() as snapshot:
        hits = [Hit(c, 1.0, {}) for c in snapshot.chunks(snapshot.chunk_ids()).values()]
        return read(snapshot, ByText(scores), QUESTION, hits, several=several)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        (-5.0, 6.0),  # what it is about
        (3.0, TITLED * 6.0 + (1 - TITLED) * -2.0),  # it seems to answer by itself
        (UNRELATED - 1, -2.0),  # something else
    ],
)
def test_how_much_the_title_counts_depends_on_what_it_scores_by_itself(
    open_tiny: Callable[..., Index], title: float, expected: float
) -> None:
    scores = {TITLE: title, f"{TITLE}. {TURNOUT}": 6.0, TURNOUT: -2.0}
    (found,) = candidates(open_tiny, TURNOUT, scores)
    assert found.alone == pytest.approx(expected) and found.in_context == pytest.approx(expected)
    assert found.untitled == -2.0


def test_a_sentence_is_read_behind_the_one_before_it_with_the_title_and_without(
    open_tiny: Callable[..., Index],
) -> None:
    scores = {TITLE: -5.0, f"{TITLE}. {SEATS} {TURNOUT}": 8.0, f"{TITLE}. {TURNOUT}": 6.0, f"{SEATS} {TURNOUT}": 1.0}
    best = candidates(open_tiny, f"{SEATS} {TURNOUT}", scores)[0]
    assert (best.text, best.alone, best.in_context, best.untitled) == (TURNOUT, 6.0, 8.0, 1.0)


def test_those_that_are_not_read_without_the_title_are_taken_to_lose_by_it(open_tiny: Callable[..., Index]) -> None:
    text = " ".join(f"Turnout number {n} was given." for n in range(CHECKED + 2))
    found = candidates(open_tiny, text, {TITLE: -5.0})
    assert [c.untitled for c in found[:CHECKED]] == [-11.0] * CHECKED
    assert [c.untitled for c in found[CHECKED:]] == [c.logit + UNTITLED for c in found[CHECKED:]] != []


@pytest.mark.parametrize(
    "told",
    [
        "An earlier version of this article said that turnout was 17 per cent.",
        "Correction: a previous version misstated the turnout as 17 per cent.",
        "This article was amended on 3 May: turnout was not 17 per cent.",
    ],
)
def test_what_an_article_said_before_it_was_corrected_is_no_answer_but_to_who_asks_for_it(
    open_tiny: Callable[..., Index], told: str
) -> None:
    index = open_tiny()
    add(index, [news("vote", f"{TURNOUT} {told}", title=TITLE)], now=NOW)
    with index.library.read() as snapshot:
        hits = [Hit(c, 1.0, {}) for c in snapshot.chunks(snapshot.chunk_ids()).values()]
        plain, asked = (
            {c.text for c in read(snapshot, ByText({}), question, hits)}  # type: ignore[arg-type]
            for question in (QUESTION, "What did the paper correct about turnout?")
        )
    assert (plain, asked) == ({TURNOUT}, {TURNOUT, told})


@pytest.mark.parametrize(
    ("told", "stands"),
    [
        ("None of this is true, the mayor said.", False),
        ("Readers who believed it were fooled: nothing of it is true.", False),
        ("That was false.", False),
        ("It wasn't: nobody had counted.", False),
        ("It was not the highest.", True),
        ("None of the others is known.", True),
        ("Much is true. None of this is true.", True),
    ],
)
def test_what_the_next_sentence_takes_back_is_no_answer(
    open_tiny: Callable[..., Index], told: str, stands: bool
) -> None:
    found = {c.text for c in candidates(open_tiny, f"{TURNOUT} {told}", {})}
    assert (TURNOUT in found) == stands and found - {TURNOUT}


def test_for_a_survey_some_sentences_of_each_article_are_read_those_with_the_topics_words_first(
    open_tiny: Callable[..., Index],
) -> None:
    index = open_tiny()
    texts = {key: " ".join(f"Number {n} of {key} was given." for n in range(READ)) for key in ("first", "second")}
    add(index, [news(key, f"{text} Turnout of {key}.", title=TITLE) for key, text in texts.items()], now=NOW)
    with index.library.read() as snapshot:
        chunks = sorted(snapshot.chunks(snapshot.chunk_ids()).values(), key=lambda c: (c.article.id, c.start))
        hits = [Hit(c, 1.0 if c.article.id == "first" else 0.5, {}) for c in chunks]
        found = read(snapshot, ByText({}), "turnout", hits, several=2)  # type: ignore[arg-type]
    assert Counter(c.article.id for c in found) == {"first": READ_EACH, "second": READ_EACH}
    assert {"Turnout of first.", "Turnout of second."} <= {c.text for c in found}


@pytest.mark.parametrize(("behind_title", "untitled"), [(7.0, 3.0), (1.0, 1.0 + UNTITLED)])
def test_one_that_is_far_from_the_best_is_not_read_without_its_title(
    open_tiny: Callable[..., Index], behind_title: float, untitled: float
) -> None:
    other_behind_title = dict.fromkeys((f"{TITLE}. {SEATS}", f"{TITLE}. {TURNOUT} {SEATS}"), behind_title)
    scores = {TITLE: -5.0, f"{TITLE}. {TURNOUT}": 8.0, TURNOUT: 2.0, SEATS: 3.0, **other_behind_title}
    best, other = candidates(open_tiny, f"{TURNOUT}\n\n{SEATS}", scores)
    assert (best.text, best.untitled, other.text, other.untitled) == (TURNOUT, 2.0, SEATS, untitled)


def test_where_several_are_to_be_shown_as_many_are_read_and_checked_as_that_takes(
    open_tiny: Callable[..., Index],
) -> None:
    text = " ".join(f"Turnout number {n} was given." for n in range(READ))
    found = candidates(open_tiny, text, {TITLE: -5.0}, several=3)
    assert len(found) == 3 * READ_EACH < READ
    checked = 3 + MORE_CHECKED
    assert [c.untitled for c in found[:checked]] == [-11.0] * checked
    assert -11.0 not in [c.untitled for c in found[checked:]]


def test_the_confidence_rests_more_on_what_is_said_without_the_title(open_tiny: Callable[..., Index]) -> None:
    scores = {TITLE: -5.0, f"{TITLE}. {TURNOUT}": 6.0, TURNOUT: -2.0}
    (found,) = candidates(open_tiny, TURNOUT, scores)
    expected = TITLED_OF_CONFIDENCE * 6.0 + (1 - TITLED_OF_CONFIDENCE) * -2.0
    assert signals(QUESTION, found)["logit"] == pytest.approx(expected)
