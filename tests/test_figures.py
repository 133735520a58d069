"""The value that a question asks for, and where sentences state it."""

from decimal import Decimal

import pytest

from qa.figures import asked, values


def stated(question: str, sentence: str) -> list[str]:
    wanted = asked(question)
    assert wanted is not None
    return [value.text for value in values(sentence, wanted, "2026")]


@pytest.mark.parametrize(
    ("question", "sentence", "found"),
    [
        ("How many nurses went on strike?", "On 3 September 460 nurses stopped work, not 640.", ["460 nurses"]),
        ("How many steel hangers were replaced?", "Five of 64 rusty steel hangers on 2 decks.", ["64"]),
        ("How many people were moved?", "Police moved 1,950 residents of 14 streets.", ["1,950 residents"]),
        ("How many firefighters came?", "Three firefighters left, 140 more firefighters came.", ["Three firefighters"]),
        ("How big is the damage?", "It put the damage at 9 million euros after 11 hours.", ["9 million euros"]),
        ("What did the repair cost?", "The bill is $4.2m, or 300,000 euros more than in May.", ["$4.2m"]),
        ("What percentage voted in favour?", "In all 88 per cent of 900 nurses voted.", ["88 per cent"]),
        ("How long did the closure last?", "It was shut for 130 days and 14 kilometres away.", ["130 days"]),
        ("When will the bridge open?", "It opens on 19 October, not at the end of August.", ["19 October", "August"]),
        ("Who is the fire chief?", "Astrid Nyquist, the fire chief, met Clara Brenner.", ["Astrid Nyquist"]),
        ("Who is the fire chief?", "It gave way, said fire chief Astrid Nyquist.", ["Astrid Nyquist"]),
        ("How many flats are planned?", "The number of flats would fall from 62 to 48.", ["48"]),
        ("How many people work there?", "Staff fell from 120 people to 90 people.", ["90 people"]),
        ("What did the repair cost?", "It rose from 4.2 million euros to 6.8 million euros.", ["6.8 million euros"]),
        ("How many people came?", "From 8 to 10 came 30 people, and on to 40 people.", ["30 people", "40 people"]),
        ("Who is the fire chief?", "The fire was out when Clara Brenner came.", []),
    ],
)
def test_only_values_of_the_kind_asked_for_are_read(question: str, sentence: str, found: list[str]) -> None:
    assert stated(question, sentence) == found


def test_a_value_is_the_same_however_it_is_written() -> None:
    wanted = asked("How much did it cost?")
    assert wanted is not None
    keys = {
        value.key
        for text in ("6.8 million euros", "6,800,000 euros", "€6.8 million")
        for value in values(text, wanted, None)
    }
    assert keys == {"n6800000"}
    when = asked("When did it open?")
    assert when is not None
    assert [v.key for v in values("on Oct. 19", when, "2026")] == [v.key for v in values("2026-10-19", when, None)]


def test_a_number_keeps_its_size_and_how_it_may_be_meant() -> None:
    wanted = asked("How many people came?")
    assert wanted is not None
    found = values("More than 400 people came, then nearly 2,000 people, about 90 people, 7 people.", wanted, None)
    assert [(v.amount, v.hedge) for v in found] == [
        (Decimal(400), "least"),
        (Decimal(2000), "most"),
        (Decimal(90), "about"),
        (Decimal(7), ""),
    ]


@pytest.mark.parametrize("question", ["Why was the bridge closed?", "Where is Lindal?", "Who?", "What did Renn say?"])
def test_other_questions_ask_for_no_single_value(question: str) -> None:
    assert asked(question) is None
