"""A publisher or an author in a question, known by what stands around the name."""

import pytest

from qa.outlets import authors_asked, publishers_asked

PUBLISHERS = (
    *("Port Halden Courier", "Veldmark Gazette", "Osk Valley Herald", "Veldmark Herald", "The Sun", "The Times"),
    "New York Times",
)
COURIER, GAZETTE, OSK, HERALD, _, TIMES, NEW_YORK = PUBLISHERS


@pytest.mark.parametrize(
    ("question", "left", "found"),
    [
        (
            "What did the Port Halden Courier say about the fire?",
            "what do the articles say about the fire?",
            COURIER,
        ),
        ("what does the courier report about the fire", "what do the articles say about the fire", COURIER),
        ("How many people fled, according to the Gazette?", "How many people fled?", GAZETTE),
        ("According to the Gazette, how many fled?", "how many fled?", GAZETTE),
        ("Which articles from the Osk Valley Herald mention Renn?", "Which articles mention Renn?", OSK),
        ("How many stories did the Gazette publish about the fire?", "How many stories about the fire?", GAZETTE),
        ("How many articles mention the alarm in the Courier?", "How many articles mention the alarm?", COURIER),
        ("What was in The Sun's pages?", "What was in The Sun's pages?", None),
        ("How many stories on Renn were published by the Gazette?", "How many stories on Renn?", GAZETTE),
        ("Who was seen by the courier?", "Who was seen by the courier?", None),
        ("What did the mayor say about the Gazette?", "What did the mayor say about the Gazette?", None),
    ],
)  # fmt: skip
def test_a_publisher_is_taken_out_where_it_is_asked_after(question: str, left: str, found: str | None) -> None:
    assert publishers_asked(question, PUBLISHERS) == (left, (found,) if found else ())


def test_a_name_that_several_publishers_go_by_means_all_of_them() -> None:
    said = "what do the articles say about the fire?"
    assert publishers_asked("What did the Herald say about the fire?", PUBLISHERS) == (said, (OSK, HERALD))
    for asked, found in (
        ("the Times", (TIMES, NEW_YORK)),
        ("The Times", (TIMES,)),
        ("the New York Times", (NEW_YORK,)),
    ):
        assert publishers_asked(f"How many articles mention Renn from {asked}?", PUBLISHERS) == (
            "How many articles mention Renn?",
            found,
        )


def test_without_publishers_there_is_none() -> None:
    assert publishers_asked("What did the Courier say?", ()) == ("What did the Courier say?", ())


@pytest.mark.parametrize(
    ("question", "left", "found"),
    [
        ("How many articles did Nina Holt write?", "How many articles?", True),
        ("HOW MANY ARTICLES DID NINA HOLT WRITE?", "HOW MANY ARTICLES?", True),
        ("Which articles about the fire were written by nina holt?", "Which articles about the fire?", True),
        ("How many articles by Nina Holt are there?", "How many articles are there?", True),
        ("How many articles did Nina Holtz write?", "How many articles did Nina Holtz write?", False),
        ("What did Nina Holt say?", "What did Nina Holt say?", False),
        ("How many articles mention Nina Holt?", "How many articles mention Nina Holt?", False),
    ],
)
def test_an_author_is_taken_out_where_articles_are_asked_after(question: str, left: str, found: bool) -> None:
    assert authors_asked(question, lambda: ("Jo Poe", "Nina Holt")) == (left, ("Nina Holt",) if found else ())
