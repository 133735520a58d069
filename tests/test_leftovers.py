"""What a page holds behind its article, or instead of one."""

import re

import pytest

from index.errors import InputError
from index.leftovers import is_wall, without_teasers
from index.page import as_markdown
from index.types import Record

LONG = "The council met for three hours on Monday and heard from the engineers who had walked along the dam that week."
OTHERS = ["Ferry fares rise in May", "Nurses end their strike", "Sea lilies found in quarry", "Bridge opens again soon"]
LINKS = {name.lower() for name in OTHERS}


def paragraphs(*lines: str) -> str:
    return "\n\n".join(lines)


BODY = [LONG, f"{LONG} {LONG}", LONG]


def test_headlines_that_link_elsewhere_go_from_the_middle_and_the_end() -> None:
    tail = [f"### {OTHERS[1]}", "The union said so.", f"- {OTHERS[2]}", "12 comments", OTHERS[3]]
    found = without_teasers(paragraphs(BODY[0], OTHERS[0], *BODY[1:], *tail), LINKS)
    assert re.sub(r"\n{2,}", "\n\n", found) == paragraphs(*BODY)


def test_what_is_no_link_or_part_of_the_article_stays() -> None:
    kept = paragraphs("# The dam", BODY[0], "A line without a link", "- Ferry fares rise in May", *BODY[1:], "Read it")
    assert without_teasers(kept, LINKS) == kept
    wrapped = "They say that\nFerry fares rise in May\nif all agree.\n\n| a | b |\n|---|---|\n| c | d |\n\n- one\n- two"
    assert without_teasers(wrapped, LINKS) == wrapped


def test_an_article_that_is_a_list_keeps_its_entries() -> None:
    entries = [part for name in OTHERS for part in (f"## {name}", LONG)]
    kept = paragraphs(LONG, *entries)
    assert without_teasers(kept, LINKS) == kept


def test_a_page_that_lists_articles_is_refused_with_what_to_do() -> None:
    names = [f"Headline number {n} of today" for n in range(10)]
    items = "".join(f'<h3><a href="/{n}">{name}</a></h3><p>{LONG}</p>' for n, name in enumerate(names))
    front = f"<!doctype html><html><head><title>News</title></head><body><main>{items}</main></body></html>"
    with pytest.raises(InputError, match=r"It lists 10 other articles: add them by their addresses, or a feed"):
        as_markdown(Record(key="a", text=front, format="html"))


@pytest.mark.timeout(20)
def test_a_long_list_is_refused_at_once() -> None:
    names = [f"Headline number {n} of today" for n in range(20_000)]
    with pytest.raises(InputError, match="It lists 20000 other articles"):
        without_teasers(paragraphs(*names), {name.lower() for name in names})


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Just a moment. Checking your browser before you go on.", True),
        ("We value your privacy. We and our 812 partners store and access cookies on your device.", True),
        ("Access denied. You don't have permission to see this page.", True),
        ("Please enable JavaScript and cookies to continue.", True),
        ("This story is for members. Subscribe to continue reading.", True),
        (f"{LONG} {LONG} {LONG} {LONG} Readers were told to enable cookies on the town's site.", False),
        (f"{LONG} " * 14 + "We value your privacy. Please enable cookies.", False),
        (LONG, False),
    ],
)
def test_a_wall_is_a_short_text_that_asks_for_something(text: str, expected: bool) -> None:
    assert is_wall(text) is expected


def test_a_page_that_is_a_wall_is_refused_with_what_to_do() -> None:
    words = "<p>Please enable JavaScript and cookies to continue to the page that you have asked for.</p>"
    html = f"<!doctype html><html><head><title>Example</title></head><body><article>{words * 3}</article></body></html>"
    with pytest.raises(InputError, match="holds no article: save the page in a browser"):
        as_markdown(Record(key="a", text=html, format="html"))
