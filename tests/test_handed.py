"""What the form for adding hands in, and what it keeps because it was not taken."""

from pathlib import Path

import pytest

from index.types import Record, Report, Skip
from ui.handed import NO_ADDRESS, NO_TEXT, PASTED, Form, Handed, Pasted, addresses


@pytest.mark.parametrize(
    ("typed", "whole"),
    [
        ("", []),
        ("example.org/foo", ["https://example.org/foo"]),
        (" http://a.example/x \n b.example:8080?p=1 ", ["http://a.example/x", "https://b.example:8080?p=1"]),
        ("127.0.0.1:9/x localhost:80", ["https://127.0.0.1:9/x", "https://localhost:80"]),
        ("zeitung-für-alle.example", ["https://zeitung-für-alle.example"]),
        ("ftp://a.example", ["ftp://a.example"]),
    ],
)
def test_addresses_are_completed_and_parted_at_blanks(typed: str, whole: list[str]) -> None:
    assert addresses(typed) == (whole, [])


@pytest.mark.parametrize("typed", ["not an address", "https://a.example and b.example", "foo", "/etc/passwd", "a@b"])
def test_what_is_no_address_is_one_thing_that_is_not_taken(typed: str) -> None:
    assert addresses(typed) == ([], [Skip(typed, NO_ADDRESS)])


def test_a_pasted_article_has_what_is_known_of_it() -> None:
    made = Pasted("The ferry sails.", " Ferry ", "Grumby Post", "2026-05-04", "grumby.example/ferry").record()
    assert isinstance(made, Record)
    assert (made.key, made.text, made.title) == ("https://grumby.example/ferry", "The ferry sails.", "Ferry")
    assert (made.publisher, made.published, made.url) == ("Grumby Post", "2026-05-04", "https://grumby.example/ferry")
    plain = Pasted("The ferry sails.").record()
    assert isinstance(plain, Record) and plain.key.startswith("pasted:") and plain.title is plain.url is None


def test_an_article_without_text_is_not_taken_and_nothing_is_nothing() -> None:
    assert Pasted().record() is None and Pasted(" \n", " ").record() is None
    assert Pasted(title="Ferry").record() == Skip("Ferry", NO_TEXT)
    assert Pasted(publisher="Grumby Post").record() == Skip(PASTED, NO_TEXT)


def test_the_form_keeps_what_was_not_taken(tmp_path: Path) -> None:
    (tmp_path / "good.txt").write_text("The ferry sails.")
    (tmp_path / "bad.png").write_bytes(b"\x89PNG\r\n\x1a\n\x00\x00")
    good, bad = str(tmp_path / "good.txt"), str(tmp_path / "bad.png")
    pasted = Pasted("The bridge is closed.", "Bridge")
    handed = Handed(Form((good, bad), pasted, "a.example b.example"))
    items = list(handed.records())
    keys = [item.key for item in items if isinstance(item, Record)]
    assert len(keys) == 2 and [type(item) for item in items] == [Record, Skip, Record]
    skips = tuple(item for item in items if isinstance(item, Skip))
    report = Report(added=(keys[0], "https://a.example"), skipped=(*skips, Skip("https://b.example", "No.")))
    assert handed.left(report) == Form((bad,), pasted, "https://b.example")
    report = Report(unchanged=tuple(keys), added=("https://a.example", "https://b.example"))
    assert handed.left(report) == Form((bad,))


def test_the_form_keeps_a_title_without_text_and_what_is_no_address() -> None:
    form = Form(pasted=Pasted(title="Ferry"), addresses="not an address")
    handed = Handed(form)
    assert list(handed.records()) == [Skip("Ferry", NO_TEXT), Skip("not an address", NO_ADDRESS)]
    assert handed.left(Report()) == form
