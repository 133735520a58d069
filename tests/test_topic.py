"""What a question is about, and whether a text holds it."""

import pytest

from qa.topic import Part, holds, parts, uncountable


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


@pytest.mark.parametrize(
    ("topic", "found"),
    [
        ("the U.S. Senate", ["U.S. Senate"]),
        ("the U.S", ["U.S."]),
        ("The U.S. Senate", ["U.S. Senate"]),
        ("AT&T", ["AT&T"]),
        ("Marks & Spencer", ["Marks & Spencer"]),
        ("C++", ["C++"]),
        ("a growth of 5%", ["growth", "5%"]),
        ("G7 and COVID-19", ["G7", "COVID-19"]),
        ("Will Smith", ["Will Smith"]),
        ("the Lord of the Rings", ["Lord of the Rings"]),
        ("Sean O'Brien, Iran and Kelvar's mayor", ["Sean O'Brien", "Iran", "Kelvar", "mayor"]),
        ("the WHO", ["WHO"]),
        ("May", ["May"]),
        ("Kelvar. Iran", ["Kelvar", "Iran"]),
        ("Москва", ["Москва"]),
    ],
)
def test_a_name_stays_in_one_part_whatever_it_is_written_with(topic: str, found: list[str]) -> None:
    assert [part.text for part in parts(topic)] == found


@pytest.mark.parametrize(
    ("topic", "why"),
    [
        ("Kelvar without O'Brien", "not by what they lack or how often"),
        ("neither Kelvar nor Iran", "not by what they lack or how often"),
        ("Kelvar but not Iran", "not by what they lack or how often"),
        ("only Kelvar", "not by what they lack or how often"),
        ("Kelvar more than once", "not by what they lack or how often"),
        ("Kelvar at least three times", "not by what they lack or how often"),
        ("Kelvar or Iran", "one topic at a time"),
        ("東京", "“東京” is not counted: its script puts no spaces between words"),
        ("the", "a topic in words that say something"),
    ],
)
def test_what_articles_cannot_be_counted_by_is_said(topic: str, why: str) -> None:
    assert why in str(uncountable(topic))


@pytest.mark.parametrize(
    "topic", ["Doctors Without Borders", "“with or without you”", "hard times", "the not guilty plea"]
)
def test_what_only_sounds_like_a_lack_is_counted(topic: str) -> None:
    assert uncountable(topic) is None


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
        (Part("IT", name=True), ["the IT staff"], ["It is on.", "the it girl"]),
        (Part("WHO", name=True), ["the WHO warned"], ["Who said so?"]),
        (Part("NATO", name=True), ["in Nato", "NATO's"], ["nato"]),
        (Part("NEW YORK", name=True), ["New York"], ["The move was New. York is big."]),
        (Part("New York", name=True), ["to New York"], ["New things, a new york"]),
        (Part("COVID-19", name=True), ["Covid-19", "COVID 19"], ["covid-19"]),
        (Part("O'Brien", name=False, quoted=True), ["Sean O’Brien"], ["Mr Brien met nobody.", "o'brien"]),
        (Part("Brien", name=True), ["Mr Brien"], ["Sean O'Brien"]),
        (Part("New", name=False, quoted=True), ["New York"], ["a new bridge"]),
        (Part("5%", name=False), ["5% more", "5 per cent"], ["5.5%", "5 euros", "15%"]),
        (Part("$5", name=False), ["for $5"], ["5 men", "€5"]),
        (Part("5", name=False), ["€5", "5%"], ["15"]),
        (Part("C++", name=True), ["The C++ course"], ["a C in maths"]),
        (Part("C", name=True), ["vitamin C"], ["The C++ course"]),
        (Part("AT&T", name=True), ["AT&T's phone"], ["at t"]),
        (Part("Marks & Spencer", name=True), ["Marks and Spencer", "Marks & Spencer"], ["Marks, Spencer"]),
        (Part("US Senate", name=True), ["the U.S. Senate"], ["the us senate"]),
        (Part("Artagnan", name=True), ["d’Artagnan"], []),
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
