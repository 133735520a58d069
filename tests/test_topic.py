"""What a question is about, and whether a text holds it."""

import pytest

from qa.topic import Part, holds, parts


def test_a_topic_is_taken_apart_into_quoted_words_names_and_other_words() -> None:
    assert parts("the strike at St. Brannoc hospital") == (
        Part("strike", name=False),
        Part("St. Brannoc", name=True),
        Part("hospital", name=False),
    )
    assert parts("Brenner's “dry pipe” sprinklers") == (
        Part("Brenner", name=True),
        Part("dry pipe", name=False, quoted=True),
        Part("sprinklers", name=False),
    )
    assert parts("31,000 households") == (Part("31,000", name=False), Part("households", name=False))


@pytest.mark.parametrize("topic", ["the", "it", "anything", "the articles", "?", ""])
def test_a_topic_of_words_that_say_nothing_has_no_parts(topic: str) -> None:
    assert parts(topic) == ()


@pytest.mark.parametrize(
    ("part", "held", "not_held"),
    [
        (Part("US", name=True), ["The U.S. said so.", "in the US's view"], ["He told us."]),
        (Part("Greens", name=True), ["The Greens won."], ["They ate their greens."]),
        (
            Part("Brenner Coatings", name=True),
            ["BRENNER COATINGS burns"],
            ["the coatings of Brenner", "It is Brenner. Coatings are not."],
        ),
        (Part("Écho", name=True), ["the Echo wrote"], ["an echo was heard"]),
        (Part("U.S. Senate", name=True), ["the US Senate", "the U.S. Senate"], ["Senate, US"]),
        (Part("strike", name=False), ["striking nurses", "Two strikes"], ["a stroke", "the striker"]),
        (Part("universe", name=False), ["universes"], ["the university"]),
        (Part("body", name=False), ["the bodies"], ["nobody"]),
        (Part("stop", name=False), ["it stopped"], ["the stopper"]),
        (Part("1,200", name=False), ["1200 people"], ["1,201 people"]),
        (
            Part("night shifts", name=False, quoted=True),
            ["over night shifts and"],
            ["a night shift", "shifts at night"],
        ),
    ],
)
def test_a_text_holds_a_part_word_for_word(part: Part, held: list[str], not_held: list[str]) -> None:
    assert [text for text in held if not holds(text, part)] == []
    assert [text for text in not_held if holds(text, part)] == []


def test_a_name_may_be_looked_for_without_its_capitals() -> None:
    assert holds("the harbour bridge", Part("Harbour Bridge", name=True), capitals=False)
