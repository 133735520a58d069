"""What one text denies and the other states."""

import pytest

from qa.denials import turned_round

DENIED = """was not|wasn't|wasn’t|wasnʼt|wasn＇t|wasnt|was n't|was never|was rarely|was hardly|was n̸ot|was\u200bn't
    |failed to be|refused to be|denied that it was|cannot be|was seldom""".split("|")


@pytest.mark.parametrize("denial", DENIED)
def test_a_denial_is_seen_however_it_is_written(denial: str) -> None:
    denial = " ".join(denial.split())
    assert turned_round(f"The bridge {denial} closed.", "The bridge was closed.") != []
    assert turned_round("The bridge was closed.", f"The bridge {denial} closed.") == ["closed"]
    assert turned_round(f"The bridge {denial} closed.", "The bridge was not closed.") == []


def test_without_denies_what_it_stands_before() -> None:
    assert turned_round("It left without passengers.", "It left with passengers.") == ["without"]
    assert turned_round("It left with passengers.", "It left without passengers.") == ["passengers"]


OPPOSITES = [
    ("They want ten more.", "They want ten fewer.", ["more"]),
    ("It was the highest bid.", "It was the lowest bid.", ["highest"]),
    ("Fares rose.", "Fares fell.", ["rose"]),
    ("Fares are rising.", "Fares have fallen.", ["rising"]),
    ("Turnout decreased.", "Turnout increased.", ["decreased"]),
    ("It is open.", "It was closed.", ["open"]),
    ("It was before the vote.", "It was after the vote.", ["before"]),
    ("She won.", "She lost.", ["won"]),
    ("Fares rose.", "Fares went up.", []),
    ("Fares rose.", "Fares rose before they fell.", []),
    ("Fares rose, then fell.", "Fares fell.", []),
]


@pytest.mark.parametrize(("text", "words", "clash"), OPPOSITES)
def test_opposites_are_told_apart_where_each_side_has_one(text: str, words: str, clash: list[str]) -> None:
    assert turned_round(text, words) == clash
    assert bool(turned_round(words, text)) == bool(clash)
