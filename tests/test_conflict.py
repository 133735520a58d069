"""Articles that state different values for what a question asks."""

from collections.abc import Mapping, Sequence

import numpy as np
import pytest

from index.store import Index
from index.types import Article
from qa.conflict import AKIN, Disagreement, disagreement, note
from qa.read import read
from qa.rerank import Reranker
from qa.retrieve import retrieve
from qa.types import Quote

MANY = "How many nurses went on strike?"


class WrittenDown:
    """A reranker that finds all sentences akin but those written down, whichever of the two it is asked of."""

    def __init__(self, scores: Mapping[str, float]) -> None:
        self._scores = scores

    def scores(self, question: str, passages: Sequence[str]) -> np.ndarray:
        return np.array([min(self._scores.get(text, 5.0) for text in (question, p)) for p in passages])


def quote(text: str, day: str = "2026-09-03", *, key: str | None = None) -> Quote:
    article = Article(id=key or text, title="Strike", text=text, publisher="Herald", published=day)
    return Quote(article, 0, len(text))


def told(question: str, *quotes: Quote, scores: Mapping[str, float] | None = None) -> list[str] | None:
    """The values that disagree; each quote is its own article's unless it was given a key."""
    found = disagreement(WrittenDown(scores or {}), question, quotes)  # type: ignore[arg-type]
    return [text for text, _ in found.values] if found else None


OLD = quote("The union said that 640 nurses had stopped work.")
NEW = quote("On 3 September 460 nurses stopped work, not 640.", "2026-09-07")


def test_articles_that_differ_are_shown_with_their_days_the_newest_first() -> None:
    found = disagreement(WrittenDown({}), MANY, [OLD, NEW])  # type: ignore[arg-type]
    assert found == Disagreement((("460 nurses", NEW), ("640 nurses", OLD)))
    assert note(found) == (
        "The articles disagree: “460 nurses” (Herald, 7 September 2026), “640 nurses” (Herald, 3 September 2026)."
    )


def test_a_third_value_is_shown_too_and_one_that_was_already_said_is_not() -> None:
    third, again = quote("Some 550 nurses were out.", "2026-09-05"), quote("In all 460 nurses were out.", "2026-09-09")
    assert told(MANY, OLD, NEW, third, again) == ["460 nurses", "550 nurses", "640 nurses"]


@pytest.mark.parametrize(
    "other",
    [
        quote("There, 460 nurses stopped work.", key=OLD.article.id),  # the same article
        quote("The hospital has 900 beds."),  # another thing
        quote("Then 5,600 nurses signed it."),  # another size
        quote("In all 640 nurses were out."),  # the same
        quote("About 600 nurses were out."),  # the same, more roughly
        quote("More than 600 nurses were out."),
        quote("Nearly 700 nurses were out."),
        quote("In November 2003, 510 nurses stopped work."),  # another time
        quote("It meant 130 more nurses at work."),  # a difference
        quote("The union said that 460 nurses instead of 640 had stopped work."),  # both
    ],
    ids=lambda q: q.article.text,
)
def test_articles_that_do_not_differ_about_it_do_not_disagree(other: Quote) -> None:
    assert told(MANY, OLD, other) is None
    assert told(MANY, other, OLD) is None


def test_what_each_of_two_weeks_says_of_itself_is_no_disagreement() -> None:
    this_week = quote("This week 460 nurses stopped work.", "2026-09-03")
    for day, disagree in (("2026-09-04", True), ("2026-09-10", False)):
        assert (told(MANY, this_week, quote("On Sunday 640 nurses stopped work.", day)) is not None) == disagree
    later = quote("Then 640 nurses had stopped work, the union said on Sunday.", "2026-09-10")
    assert told(MANY, this_week, later) is not None
    poll = quote("In a poll 640 nurses said they would stop work.")
    assert told(MANY, this_week, poll) is None
    assert told(MANY, poll, quote("In another poll it was 520 nurses.")) is not None


def test_what_has_grown_since_is_no_disagreement_but_what_has_shrunk_is() -> None:
    so_far = quote("So far 460 nurses have stopped work.")
    assert told(MANY, so_far, quote("In all 640 nurses stopped work.", "2026-09-07")) is None
    assert told(MANY, quote("In all 640 nurses stopped work.", "2026-09-07"), so_far) is None
    assert told(MANY, so_far, quote("In all 640 nurses stopped work.", "2026-09-01")) is not None
    assert told(MANY, so_far, quote("In all 310 nurses stopped work.", "2026-09-07")) is not None


def test_figures_for_different_months_do_not_disagree() -> None:
    july, august = quote("In July, 31 nurses left."), quote("In August, 45 nurses left.")
    assert told("How many nurses left?", july, august) is None
    assert told("How many nurses left?", july, quote("In July, 45 nurses left.")) == ["31 nurses", "45 nurses"]


def test_a_sentence_that_the_cross_encoder_does_not_find_akin_is_left_out() -> None:
    text = NEW.article.text
    assert told(MANY, OLD, NEW, scores={text: AKIN["number"] + 0.1}) == ["460 nurses", "640 nurses"]
    assert told(MANY, OLD, NEW, scores={text: AKIN["number"] - 0.1}) is None


def test_an_article_that_does_not_speak_of_whom_the_question_names_contradicts_nobody() -> None:
    ours = quote("St. Brannoc said that 640 nurses had stopped work.")
    assert told("How many nurses of St. Brannoc went on strike?", ours, NEW) is None
    theirs = quote("At St. Brannoc 460 nurses stopped work.", "2026-09-07")
    assert told("How many nurses of St. Brannoc went on strike?", ours, theirs) == ["460 nurses", "640 nurses"]


def test_what_shares_only_the_cost_and_its_unit_is_another_thing() -> None:
    def cost(text: str, title: str) -> Quote:
        return Quote(Article(id=title, title=title, text=text, published="2026-09-03"), 0, len(text))

    mill = cost("The work will cost 22 million pounds.", "Owner to rebuild his mill")
    tunnel = cost("The repair cost 9.4 million pounds.", "Tunnel open again")
    same = cost("The rebuilt mill cost its owner 9.4 million pounds.", "Paper made again")
    assert told("How much did the repair cost?", mill, tunnel) is None
    assert told("How much did the repair cost?", mill, same) == ["22 million pounds", "9.4 million pounds"]


def test_a_question_that_asks_for_no_value_finds_no_disagreement() -> None:
    assert told("Why did nurses go on strike?", OLD, NEW) is None
    assert told(MANY) is None


def test_what_stands_too_far_down_is_not_the_answer_that_others_are_held_against() -> None:
    rest = [quote(f"Nothing of it, {word}.") for word in ("first", "second", "third")]
    assert told(MANY, *rest[:2], OLD, NEW) == ["460 nurses", "640 nurses"]
    assert told(MANY, *rest, OLD, NEW) is None


def test_dates_and_names_disagree_too() -> None:
    october, november = quote("It opens on 19 October."), quote("It opens on 2 November.", "2026-10-01")
    assert told("When does it open?", october, november) == ["2 November", "19 October"]
    assert told("When does it open?", october, quote("It opens on Oct. 19.")) is None
    assert told("When does it open?", october, quote("It opens in October.")) is None
    assert told("When does it open?", october, quote("It opened on 19 October 1974.")) is None
    chief, other = quote("So said fire chief Astrid Nyquist."), quote("Emil Sandvoss, the fire chief, agreed.")
    assert told("Who is the fire chief?", chief, other) == ["Astrid Nyquist", "Emil Sandvoss"]
    assert told("Who is the fire chief?", chief, quote("A. Nyquist, the fire chief, agreed.")) is None


@pytest.mark.parametrize(
    ("question", "found"),
    [
        ("How many people were evacuated?", ["1,950 residents", "1,200 people"]),
        ("How much damage did the fire do?", ["15 million euros", "9 million euros"]),
        ("How many nurses stopped work at St. Brannoc?", ["460 nurses", "640 nurses"]),
        ("How much does the bridge repair cost?", ["6.8 million euros", "4.2 million euros"]),
        ("How many nurses does the hospital employ?", None),
        ("How many firefighters were at work?", None),
        ("How much profit did Corran Water make?", None),
    ],
)
def test_the_samples_disagree_where_they_were_written_to(
    samples_index: Index, reranker: Reranker, question: str, found: list[str] | None
) -> None:
    with samples_index.library.read() as snapshot:
        hits = retrieve(snapshot, samples_index.vectors, samples_index.embedder, question, k=20)
        quotes = [Quote(c.article, c.start, c.end) for c in read(snapshot, reranker, question, hits)]
    disagreeing = disagreement(reranker, question, quotes)
    assert ([text for text, _ in disagreeing.values] if disagreeing else None) == found
