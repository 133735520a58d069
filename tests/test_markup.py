"""What every page is made of: the words of articles and users, and never their markup."""

import html

from hypothesis import given
from hypothesis import strategies as st
from page import HOSTILE, Page

from index.types import Report, Skip
from ui.markup import button, escape, message_html, report_html, who_html


@given(st.text())
def test_escaped_text_reads_the_same_and_holds_nothing_to_interpret(text: str) -> None:
    escaped = escape(text)
    assert not set(escaped) & set("<>\"'*_`[]()!|~\\$:./@=+-{}^%?,\n\t\r")
    kept = "".join(c for c in html.unescape(escaped) if c.isprintable() and c != " ")
    assert kept == "".join(c for c in text if c.isprintable() and c != " ")


@given(st.text())
def test_a_button_carries_its_value_and_nothing_else(value: str) -> None:
    page = Page(button(value, "select", value, confirm=value))
    assert (page.tags, page.open) == (["button", "span"], [])
    assert page.attributes == {"type", "class", "data-event", "data-value"} | ({"data-confirm"} if value else set())


def test_a_message_is_text() -> None:
    page = Page(message_html(HOSTILE))
    assert page.tags == ["p"]
    assert "<script>alert(1)</script>" in page.text


def test_a_report_says_what_went_in_and_what_did_not() -> None:
    report = Report(added=("a", "b"), unchanged=("c",), undated=("b",), skipped=(Skip("x.png", "Not text."),))
    assert html.unescape(report_html(report, {"a": "First", "c": "Third"})) == (
        '<div class="dl-report"><p class="dl-label">Added: 2</p><ul><li>First</li><li>b</li></ul>'
        '<p class="dl-label">Already there: 1</p><ul><li>Third</li></ul>'
        '<p class="dl-label">Without a date, and left out where a time is asked for: 1</p><ul><li>b</li></ul>'
        '<p class="dl-label">Skipped: 1</p><ul><li>x.png: Not text.</li></ul></div>'
    )


def test_a_long_report_names_the_first_and_counts_the_rest() -> None:
    page = Page(report_html(Report(added=tuple(map(str, range(1250)))), {}))
    assert page.tags.count("li") == 11 and page.text == "Added: 1,2500123456789and 1,240 more"
    assert Page(report_html(Report(added=tuple("abcdefghijk")), {})).text == "Added: 11abcdefghijk"


def test_who_is_logged_in_is_said_with_the_way_out_and_nothing_where_no_key_is_needed() -> None:
    assert who_html("") == ""
    page = Page(who_html(HOSTILE))
    assert (page.tags, page.open, page.links) == (["p", "a"], [], ["/logout"])


def test_a_report_of_hostile_articles_is_text() -> None:
    page = Page(
        report_html(Report(added=("a",), changed=(HOSTILE,), skipped=(Skip(HOSTILE, HOSTILE),)), {"a": HOSTILE})
    )
    assert set(page.tags) == {"div", "p", "ul", "li"}
    assert page.open == []
