"""A follow-up question is made to stand alone."""

import pytest

from qa.followup import names, stand_alone
from qa.types import Turn

BRIDGE = Turn("Why was the Harbour Bridge closed?", "Inspectors found cracks in two of its hangers. [1]")
SOLVANG = Turn("What did Ingrid Solvang say?", "Closing it was not a close call. [1]")
FIRE = Turn("How many people had to leave their homes?", "Police moved 1,950 residents of Eastbank. [1]")


@pytest.mark.parametrize(
    "question",
    [
        "When did it reopen?",
        "And when?",
        "and when?",
        "Why?",
        "when",
        "How about the cost of that?",
        "What about the ferry?",
        "Who said this?",
        "Who said that?",
        "What happened after that vote?",
        "Who was there?",
        "Who works there now?",
        "So who pays?",
        "How were they repaired?",
        "Which one?",
        "What else?",
    ],
)
def test_a_question_that_leans_on_the_last_one_gets_its_names(question: str) -> None:
    assert stand_alone(question, [BRIDGE]) == f"{question} (Harbour Bridge)"


@pytest.mark.parametrize(
    "question",
    [
        "When did Lindal have no water?",
        "What is the capital of France?",
        "How many nurses were on strike?",
        "How many people died in the fire that began in Eastbank?",
        "What did the report say that the agency missed?",
        "Is there a ferry?",
        "How many nurses were there at St. Brannoc?",
        "Which one of the towns had no water?",
        "Why was the hospital's theatre closed?",
        "",
    ],
)
def test_a_question_that_stands_alone_is_left_as_it_is(question: str) -> None:
    assert stand_alone(question, [BRIDGE]) == question


def test_the_first_question_of_a_conversation_is_left_as_it_is() -> None:
    assert stand_alone("And when did it reopen?", []) == "And when did it reopen?"


def test_the_names_come_from_the_last_question_that_has_any() -> None:
    assert stand_alone("Why?", [BRIDGE, SOLVANG]) == "Why? (Ingrid Solvang)"
    assert stand_alone("Why?", [SOLVANG, BRIDGE]) == "Why? (Harbour Bridge)"


def test_a_question_without_names_hands_on_those_of_its_answer() -> None:
    assert stand_alone("Where did they sleep?", [BRIDGE, FIRE]) == "Where did they sleep? (Police, Eastbank)"


def test_turns_without_any_name_are_passed_over() -> None:
    assert stand_alone("And when?", [BRIDGE, Turn("is it open?", "yes")]) == "And when? (Harbour Bridge)"


def test_without_names_anywhere_the_last_question_itself_is_carried() -> None:
    history = [Turn("who won?", "the greens did"), Turn("how many seats are there?", "sixty-one")]
    assert stand_alone("And why?", history) == "And why? (how many seats are there?)"


def test_a_name_that_the_question_has_already_is_not_said_twice() -> None:
    history = [Turn("Did Ingrid Solvang close the Harbour Bridge?")]
    assert (
        stand_alone("When did Ingrid Solvang open it?", history) == "When did Ingrid Solvang open it? (Harbour Bridge)"
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Who leads the Coast and Valley List?", ["Coast", "Valley List"]),
        ("Did Abu Mohammed al-Golani speak to Rami Abdurrahman?", ["Abu Mohammed al-Golani", "Rami Abdurrahman"]),
        ("What did the University of Port Halden pay Tarn Stone?", ["University of Port Halden", "Tarn Stone"]),
        ("How many nurses work at St. Brannoc under Dr. Vasall?", ["St. Brannoc", "Dr. Vasall"]),
        ("Was Ólafur Élysée in Île-de-France?", ["Ólafur Élysée", "Île-de-France"]),
        ("What is Corran Water's profit, and Corran Water’s debt?", ["Corran Water"]),
        ("What is HTS?", ["HTS"]),
        ("Who is he and why?", []),
        ("", []),
    ],
)
def test_names_are_the_capitalised_words_that_belong_together(text: str, expected: list[str]) -> None:
    assert names(text) == expected
