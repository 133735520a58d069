"""A pointer from an answer to a newer article."""

from collections.abc import Sequence

import pytest

from index.types import Article, Chunk, Hit
from qa.newer import newer_article, newest_quoted
from qa.types import Draft, DraftSentence, Quote

QUESTION = "When will the dam reopen?"
OPENS = "The dam will reopen in May."


def article(key: str, text: str, day: str | None) -> Article:
    return Article(id=key, title=key, text=text, publisher="Herald", published=day)


def draft(quoted: Article, *others: Article) -> Draft:
    sentence = DraftSentence.verbatim(Quote(quoted, 0, len(quoted.text)))
    hits = [Hit(Chunk(a.id, a, 0, len(a.text)), 1.0, {}) for a in (quoted, *others)]
    return Draft((sentence,), tuple(hits), 0.9)


OLD = article("old", OPENS, "2026-03-01")


def pointed(others: Sequence[Article]) -> str | None:
    return newer_article(draft(OLD, *others), QUESTION)


def test_the_newest_article_with_all_words_of_the_question_is_pointed_to() -> None:
    later = article("Later", "The dam won't reopen before June.", "2026-04-02")
    latest = article("Latest", "Will the dam ever reopen? In July.", "2026-05-03T08:00:00")
    assert pointed([later, latest]) == (
        "A newer article has the words of this question too: “Latest” (Herald, 3 May 2026)."
    )


@pytest.mark.parametrize(
    "other",
    [
        article("before", "The dam won't reopen at all.", "2026-02-01"),
        article("that day", "The dam won't reopen at all.", "2026-03-01T20:00:00"),
        article("undated", "The dam won't reopen at all.", None),
        article("other words", "The dam holds.", "2026-04-02"),
        article("reprint", f"{OPENS} So we reported.", "2026-04-02"),
    ],
    ids=lambda a: a.id,
)
def test_what_is_not_newer_or_says_nothing_else_is_not_pointed_to(other: Article) -> None:
    assert pointed([other]) is None


def test_an_answer_without_a_day_has_nothing_newer() -> None:
    undated = draft(article("undated", OPENS, None), article("later", "The dam won't reopen.", "2026-04-02"))
    assert newest_quoted(undated) == "" and newer_article(undated, QUESTION) is None
    assert newest_quoted(draft(OLD)) == "2026-03-01"


def test_for_a_question_about_now_its_names_in_a_title_are_enough() -> None:
    old = article("old", "Grumby Dam is closed.", "2026-03-01")
    later = article("Boats pass Grumby Dam", "They did again today.", "2026-04-02")
    question = "Is Grumby Dam closed?"
    assert newer_article(draft(old, later), question) is None
    said = "A newer article speaks of Grumby Dam too: “Boats pass Grumby Dam” (Herald, 2 April 2026)."
    assert newer_article(draft(old, later), question, now=True) == said
    other = article("Fire at Grumby", "Boats pass Grumby Dam.", "2026-04-02")
    assert newer_article(draft(old, other), question, now=True) is None
    assert newer_article(draft(old, other), "Is it closed?", now=True) is None
