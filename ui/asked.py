"""What was asked and answered before, and which of the answers rest on words that are there no more."""

from collections.abc import Iterator, Mapping
from typing import Any

from index.conversations import Asked, asked
from index.errors import InputError, NotFoundError, StorageError
from index.library import Library
from index.types import Article
from qa.sources import day
from qa.standing import Standing
from qa.types import Answer
from ui.kept import filters_from, restored
from ui.render import EXCERPT, excerpt, named, published_day, wrapped

Json = Mapping[str, Any]


def answers(library: Library, owner: str, *, affected: bool) -> Iterator[dict[str, object]]:
    """The kept answers of an owner as JSON, the last one first; only those that are affected, if so wanted.

    An answer is affected when the words of one of its quotes stand nowhere in the article any more. Each citation says
    what has become of it: `state` is "stands", "changed" or "gone", and `now` what stands in its place, if anything.
    """
    with library.read() as snapshot:

        def find(article_id: str) -> Article:
            if article := snapshot.article(article_id):
                return article
            raise NotFoundError(article_id)

        own = [question for question in asked(snapshot) if question.owner == owner]
        for question in sorted(own, key=lambda question: question.asked_at, reverse=True):
            answer, lost = restored(question.kept, find)
            if lost or not affected:
                yield _answer_json(question, answer, lost)


def check(question: Asked) -> None:
    """Raises InputError when a question from a file could not be opened and listed as those that were kept here."""

    def gone(article_id: str) -> Article:
        raise NotFoundError(article_id)

    name = "filters"
    try:
        filters_from(question.kept.filters)
        name = "answer"
        asked_text(_answer_json(question, *restored(question.kept, gone)))
    except (StorageError, KeyError, TypeError, ValueError, AttributeError) as error:
        raise InputError(f"has {name!r}, which is not as Dateline keeps it") from error


def _answer_json(question: Asked, answer: Answer, lost: Mapping[int, Standing]) -> dict[str, object]:
    return {
        "conversation": question.conversation,
        "number": question.kept.number,
        "asked_at": question.asked_at,
        "question": question.kept.question,
        "text": answer.text,
        "thumb": question.kept.thumb,
        "index_version": answer.index_version,
        "affected": bool(lost),
        "citations": [
            {
                "n": c.n,
                "article_id": c.article.id,
                "title": c.article.title,
                "publisher": c.article.publisher,
                "published_at": c.article.published,
                "quote": c.quote,
                "state": lost[c.n].state if c.n in lost else "stands",
                "now": lost[c.n].words if c.n in lost else None,
            }
            for c in answer.citations
        ],
    }


def asked_text(data: Json, *, width: int = 80) -> str:
    """A kept answer for a terminal, made from the JSON of `answers`: question, answer, and what has become of it."""
    lines = [
        wrapped(f"{day(data['asked_at'])}: {data['question']}", width),
        wrapped(excerpt(data["text"], 2 * EXCERPT), width, first="  ", rest="  "),
    ]
    for citation in data["citations"]:
        if citation["state"] == "stands":
            continue
        when = published_day(citation["published_at"], None)
        became = "this passage has changed" if citation["state"] == "changed" else "this article is gone"
        said = f"[{citation['n']}] {named(citation['title'], citation['publisher'], when)}: {became}."
        lines.append(wrapped(said, width, first="  ", rest="      "))
        lines.append(wrapped(f"It was: “{citation['quote']}”", width, first="      ", rest="      "))
        if citation["now"]:
            lines.append(wrapped(f"It is now: “{citation['now']}”", width, first="      ", rest="      "))
    return "\n".join(lines)
