"""A follow-up question is made to stand alone."""

import pytest

from qa.followup import READ, names, stand_alone
from qa.types import REFUSAL, Turn

BRIDGE = Turn("Why was the Harbour Bridge closed?", "Inspectors found cracks in two of its hangers. [1]")
SOLVANG = Turn("What did Ingrid Solvang say?", "Closing it was not a close call. [1]")


@pytest.mark.parametrize(
    "question",
    [
        "When did it reopen?",
        "And when?",
        "and when?",
        "Why?",
        "when",
        "How about the cost of that?",
        "How much will that cost?",
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
        "Did Tarn Stone criticise her?",
        "Were there any?",
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
        "What is one reason for the rise in rents?",
        "How many people were hired this year?",
        "Is it true that the ferry sank?",
        "How long does it take to cross the fjord?",
        "What does it cost to ferry a car?",
        "Who says there is a shortage of nurses?",
        "Why did Tarn Stone leave his post?",
        "When did Corran Water raise its prices?",
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


def test_a_question_without_names_hands_on_its_words() -> None:
    history = [
        BRIDGE,
        Turn("How many people were evacuated in the warehouse fire?", "Police moved 1,950 on Monday. [1]"),
    ]
    assert stand_alone("And what did it cost?", history) == "And what did it cost? (people evacuated warehouse fire)"


def test_he_and_she_are_also_the_person_whom_the_answer_names() -> None:
    history = [Turn("Who leads HTS?", "HTS leader Abu Mohammed al-Golani announced the taking of Hama. [1]")]
    assert stand_alone("What did he say?", history) == "What did he say? (HTS, Abu Mohammed al-Golani)"
    assert stand_alone("Where is it based?", history) == "Where is it based? (HTS)"
    history = [BRIDGE, Turn("And who said so?", "In the Harbour Hall, Tarn Stone, an engineer, did. [1]")]
    assert stand_alone("What is his job?", history) == "What is his job? (Harbour Bridge, Tarn Stone)"


def test_a_word_that_opens_a_sentence_is_no_name() -> None:
    history = [Turn("Any news of the strike?", "Nurses walked out. [1]"), Turn("They want what?", "More pay. [1]")]
    assert stand_alone("Why do they want it?", history) == "Why do they want it? (news strike)"


def test_of_a_last_question_that_leans_itself_the_words_are_added_to_the_topic() -> None:
    assert stand_alone("And when?", [BRIDGE, Turn("is it open?", "yes")]) == "And when? (Harbour Bridge, open)"
    history = [BRIDGE, Turn("what did it cost the county to repair the old hangers of it?")]
    assert (
        stand_alone("Who paid for it?", history) == "Who paid for it? (Harbour Bridge, cost county repair old hangers)"
    )


def test_a_turn_that_the_articles_did_not_answer_sets_the_topic() -> None:
    history = [BRIDGE, Turn("Who owns Corran Water?", REFUSAL)]
    assert stand_alone("Where is it based?", history) == "Where is it based? (Corran Water)"


def test_what_about_another_asks_the_same_of_the_other() -> None:
    history = [Turn("How many people were evacuated in Eastbank?", "Police moved 1,950. [1]")]
    assert stand_alone("What about Lindal?", history) == "What about Lindal? (people evacuated)"
    history = [Turn("Did Ingrid Solvang speak in Eastbank?", "She did. [1]")]
    assert stand_alone("And what about Lindal?", history) == "And what about Lindal? (Ingrid Solvang speak Eastbank)"


def test_there_is_where_the_last_answer_said() -> None:
    history = [Turn("Where did the fire begin?", "It began in Eastbank. [1]")]
    assert stand_alone("Who lives there?", history) == "Who lives there? (fire begin, Eastbank)"


def test_without_names_the_words_of_the_last_question_are_carried() -> None:
    history = [Turn("who won?", "the greens did"), Turn("how many seats did the council get?", "sixty-one")]
    assert stand_alone("And why?", history) == "And why? (seats council get)"


def test_a_name_that_the_question_has_already_is_not_said_twice() -> None:
    history = [Turn("Did Ingrid Solvang close the Harbour Bridge?")]
    assert (
        stand_alone("When did Ingrid Solvang open it?", history) == "When did Ingrid Solvang open it? (Harbour Bridge)"
    )


def test_only_the_beginning_of_a_very_long_turn_is_read() -> None:
    history = [Turn("Why was the Harbour Bridge closed?", f"{'It was. ' * (READ // 8)}Ingrid Solvang said so.")]
    assert stand_alone("What did she say?", history) == "What did she say? (Harbour Bridge)"


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
