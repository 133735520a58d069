"""Numbers and their units: the same however they are written, and never made of pieces of another."""

import pytest

from qa.terms import holds, keys, terms

SAME = [
    ("95cm", "95 centimetres"),
    ("a 95-centimetre crack", "a crack of 95 cm"),
    ("3pm", "at 3 p.m."),
    ("3:30 p.m.", "at 3.30pm"),
    ("3 p.m.", "at 3:00 PM"),
    ("90kph", "90 km/h"),
    ("3t", "three tonnes"),
    ("12pc", "12 per cent"),
    ("99euros", "€99"),
    ("$4.2m", "4.2 million dollars"),
    ("4.2 million", "4.2 million euros"),
    ("4.2 million euros", "4.2 million more euros"),
    ("400 metres", "400m"),
    ("12 per cent", "12 to 15 per cent"),
    ("8 p.m.", "between 8 and 9 p.m."),
    ("the two-day strike", "two days"),
    ("40 m²", "40 square metres"),
    ("12 percentage points", "12 points"),
    ("a million", "1,000,000 euros"),
    ("a million", "one million"),
    ("half a hundred", "fifty"),
    ("half a million", "500,000"),
    ("two dozen", "24"),
    ("half of them", "50 percent"),
    ("50 %", "half of them"),
    ("hundreds", "hundreds of men"),
    ("several million", "millions"),
    ("it doubled", "twice as many"),
    ("4,7", "4,7 million"),
    ("1,00,000", "100000"),
    ("1 200", "1,200 nurses"),
    ("9e5", "9e5"),
    ("the A380", "an A380"),
    ("in 2026", "on 14 September 2026"),
    ("1500", "in all 1,500"),
]


@pytest.mark.parametrize(("claim", "text"), SAME)
def test_a_text_holds_the_same_number(claim: str, text: str) -> None:
    assert [term.text for term in terms(claim) if not holds(keys(text), term)] == []


OTHER = [
    ("95cm", "38cm"),
    ("38cm", "38 km"),
    ("38cm", "38"),
    ("38.5cm", "38 cm"),
    ("3pm", "5 p.m."),
    ("3 a.m.", "3 p.m."),
    ("3.30 a.m.", "3.30 p.m."),
    ("90kph", "90 mph"),
    ("3t", "3 kg"),
    ("12pc", "12 men"),
    ("12 per cent", "12 percentage points"),
    ("12 percentage points", "12 per cent"),
    ("99euros", "99 dollars"),
    ("$99", "€99"),
    ("4.2 million", "4.2 billion"),
    ("a million dollars", "a million euros"),
    ("9e5", "9 and 5"),
    ("9e5", "900"),
    ("4,7", "7 and 4"),
    ("4/7", "7 and 4"),
    ("4:7", "7 and 4"),
    (".5", "5"),
    ("2½", "2"),
    ("½", "1 and 2"),
    ("10⁵", "10 and 5"),
    ("the A380", "the A350"),
    ("2,026", "on 14 September 2026"),
    ("2026 nurses", "on 14 September 2026"),
    ("a million", "1,000"),
    ("a billion", "a million"),
    ("a few million", "a million"),
    ("half a hundred", "a hundred"),
    ("a quarter", "four"),
    ("hundreds", "a hundred"),
    ("thousands", "hundreds"),
    ("dozens", "a dozen"),
    ("twice as many", "as many"),
    ("two dozen", "two"),
    ("see javascript:alert(1)", "see it"),
    ("nοt", "not"),
]


@pytest.mark.parametrize(("claim", "text"), OTHER)
def test_a_text_does_not_hold_another_number(claim: str, text: str) -> None:
    assert [term.text for term in terms(claim) if not holds(keys(text), term)] != []


def test_every_digit_is_in_a_term() -> None:
    for text in "x95 95x x9y5z 1_2 4’7 ٣ ④ Ⅳ a5-6b 5.6.7 1,2,3 v1.2 5° n°5 €5bn".split():
        assert terms(text), text
