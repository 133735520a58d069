"""An answer to take along."""

import re

from page import BRIDGE, HOSTILE, answer, cite

from index.types import Article
from ui.references import bibliography, markdown


def test_markdown_has_the_answer_its_numbers_and_the_quotes() -> None:
    other = Article(id="o", title="Fees [waived]", text="It was *free*.")
    assert markdown(answer(cite(1, BRIDGE, 0, 30), cite(2, other, 0, 14), removed=1)) == (
        "**Why?**\n\n"
        "The bridge closed on Thursday. [1] It was \\*free\\*. [2]\n\n"
        "*1 sentence could not be verified and was left out.*\n\n"
        "1. [Harbour Bridge closed](https://courier.example.org/bridge), Port Halden Courier, Marta Ellingsen,"
        " 11 June 2026: “The bridge closed on Thursday.”\n"
        "2. Fees \\[waived\\], undated: “It was \\*free\\*.”\n"
    )


def test_a_refusal_is_copied_as_one() -> None:
    assert markdown(answer()) == "**Why?**\n\nThe articles don't answer this.\n"


def test_a_bibliography_names_each_article_once() -> None:
    other = Article(id="o", title="Fees", text="Free.")
    assert bibliography(answer(cite(1, BRIDGE, 0, 30), cite(2, other, 0, 5), cite(3, BRIDGE, 31, 55))) == (
        "Marta Ellingsen. “Harbour Bridge closed.” Port Halden Courier, 11 June 2026. https://courier.example.org/bridge\n"
        "“Fees.” undated.\n"
    )


def test_nothing_of_a_hostile_article_is_markdown() -> None:
    article = Article(
        id="h", title=HOSTILE, text=HOSTILE, publisher=HOSTILE, url="https://x.example.org/) ![x](http://y"
    )
    copied = markdown(answer(cite(1, article, 0, len(HOSTILE))))
    assert copied.count("\n") == 5
    assert not re.search(r"(?<!\\)[<>`\[\]#]", copied.replace("[1]", "").replace("\\\\", ""))
    assert "\n" not in bibliography(answer(cite(1, article, 0, 5))).rstrip("\n")
