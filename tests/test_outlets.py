"""A publisher in a question, known by what stands around its name."""

import pytest

from qa.outlets import publisher

PUBLISHERS = ("Port Halden Courier", "Veldmark Gazette", "Osk Valley Herald", "Veldmark Herald", "The Sun")
COURIER, GAZETTE, HERALD = PUBLISHERS[:3]


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
        ("Which articles from the Osk Valley Herald mention Renn?", "Which articles mention Renn?", HERALD),
        ("How many stories did the Gazette publish about the fire?", "How many stories about the fire?", GAZETTE),
        ("How many articles mention the alarm in the Courier?", "How many articles mention the alarm?", COURIER),
        ("What was in The Sun's pages?", "What was in The Sun's pages?", None),
        ("What did the Herald say about the fire?", "What did the Herald say about the fire?", None),
        ("Who was seen by the courier?", "Who was seen by the courier?", None),
        ("What did the mayor say about the Gazette?", "What did the mayor say about the Gazette?", None),
    ],
)  # fmt: skip
def test_a_publisher_is_taken_out_where_it_is_asked_after(question: str, left: str, found: str | None) -> None:
    assert publisher(question, PUBLISHERS) == (left, found)


def test_without_publishers_there_is_none() -> None:
    assert publisher("What did the Courier say?", ()) == ("What did the Courier say?", None)
