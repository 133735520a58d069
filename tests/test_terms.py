"""Names, numbers and dates: the same however they are written, and different where they differ."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa.terms import day_keys, holds, keys, terms

SAME = [
    ("1,200", "1200 nurses"),
    ("1200", "1,200 nurses"),
    ("two cracks", "2 cracks"),
    ("12 bridges", "twelve bridges"),
    ("twenty-five", "25 men"),
    ("a dozen", "12 men"),
    ("1 of them", "one of them"),
    ("12 %", "12 percent"),
    ("12 percent", "12% more"),
    ("12 per cent", "twelve percent"),
    ("12", "12 percent"),
    ("6.8 million", "6,800,000 euros"),
    ("6800000", "$6.8m"),
    ("5bn", "five billion"),
    ("400 metres", "400m"),
    ("the third time", "the 3rd time"),
    ("14 September 2026", "on 2026-09-14"),
    ("14 September 2026", "on September 14, 2026"),
    ("Sept. 14", "on 14 September 2026"),
    ("Sep 14", "on the 14th of September"),
    ("September", "on 14 September"),
    ("in September 2026", "on Sept. 14, 2026"),
    ("in 2026", "on 2026-09-14"),
    ("in the 1990s", "the 1990s"),
    ("Solvang’s bridge", "Ingrid Solvang"),
    ("Zoë", "ZOE"),
    ("Mayor Renn", "Tobias Renn, the mayor"),
    ("American", "America"),
    ("Germany", "the German mayor"),
    ("the US", "the U.S. said"),
    ("U.S. law", "US law"),
    ("the WHO", "the World Health Organization said"),
    ("the UN", "the United Nations"),
    ("On Monday he left", "he left on Monday"),
    ("The mayor said so", "nothing at all"),
    ("However, one of them left", "nothing at all"),
]


@pytest.mark.parametrize(("claim", "text"), SAME)
def test_a_text_holds_what_says_the_same(claim: str, text: str) -> None:
    assert [term.text for term in terms(claim) if not holds(keys(text), term)] == []


DIFFERENT = [
    ("12,000", "1,200 nurses", ["12,000"]),
    ("three cracks", "two cracks", ["three"]),
    ("12 %", "12 men", ["12 %"]),
    ("6.8 million", "6.8 billion and 68", ["6.8 million"]),
    ("14 September 2026", "14 September 2025", ["14 September 2026"]),
    ("Sept. 14", "Sept. 15, 14 men", ["Sept. 14"]),
    ("in May", "he may go", ["May"]),
    ("2026", "2027", ["2026"]),
    ("the third time", "three times", ["third"]),
    ("Tobias Renn said", "Ingrid Solvang said", ["Tobias", "Renn"]),
    ("John said", "Johnson said", ["John"]),
    ("see www.evil.example/x.", "see www.good.example/x", ["www.evil.example/x"]),
    ("write to a@evil.com", "write to b@evil.com", ["a@evil.com"]),
]


@pytest.mark.parametrize(("claim", "text", "missing"), DIFFERENT)
def test_a_text_does_not_hold_what_says_something_else(claim: str, text: str, missing: list[str]) -> None:
    assert [term.text for term in terms(claim) if not holds(keys(text), term)] == missing


def test_a_date_without_a_year_gets_the_year_of_publication() -> None:
    (term,) = terms("14 September 2026")
    assert not holds(keys("on 14 September"), term)
    assert not holds(keys("on 14 September", year=2025), term)
    assert holds(keys("on 14 September", year=2026), term)
    assert not holds(keys("on 14 September 2025", year=2026), term)


def test_a_day_holds_its_date_its_month_its_year_and_its_weekday() -> None:
    held = day_keys(date(2026, 9, 14))
    for claim in ("14 September 2026", "on Sept. 14", "in September", "in 2026", "on Monday"):
        assert all(holds(held, term) for term in terms(claim)), claim
    for claim in ("13 September", "in October", "in 2025", "on Tuesday", "14 men"):
        assert not any(holds(held, term) for term in terms(claim)), claim


@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=60))
def test_every_text_holds_its_own_terms(text: str) -> None:
    held = keys(text)
    assert [term for term in terms(text) if not holds(held, term)] == []
