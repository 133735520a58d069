"""Answers as they are kept with their conversation, and what they are worth when they are opened again."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict
from typing import Any

from index.conversations import Kept
from index.errors import NotFoundError, StorageError
from index.types import Article, Chunk, Filters, Hit, Span
from qa.standing import Standing, standing
from qa.types import Answer, Citation, Period, Sentence
from ui.render import answer_json

Find = Callable[[str], Article]
"""Gives the article of an id as it is now; raises NotFoundError."""


def written(number: int, question: str, filters: Filters, answer: Answer) -> Kept:
    """A question and its answer as they are kept."""
    data = {**answer_json(answer), "said": list(answer.notes)}
    return Kept(number=number, question=question, filters=asdict(filters), answer=data)


def filters_from(data: Mapping[str, Any]) -> Filters:
    """The filters of a kept question."""
    return Filters(
        since=data["since"],
        until=data["until"],
        publishers=tuple(data["publishers"]),
        article_ids=tuple(data["article_ids"]),
    )


def restored(kept: Kept, find: Find) -> tuple[Answer, dict[int, Standing]]:
    """A kept answer, and by the numbers of their citations what has become of those quotes that stand no more.

    Every quote is looked up in its article as that is now. Where it is not found, the citation's article is the quote
    and nothing more: no reader is shown words as an article's that nobody can check. Raises StorageError when it is not
    as Dateline keeps answers; a file that was imported can hold anything.
    """
    try:
        return _restored(kept.answer, find)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise StorageError(
            f"The answer to {kept.question!r} is not as Dateline keeps answers. Delete its conversation in the page."
        ) from error


def _restored(data: Mapping[str, Any], find: Find) -> tuple[Answer, dict[int, Standing]]:
    articles = _articles(data, find)
    became = {int(c["n"]): standing(c["quote"], c["start"], articles.get(c["article_id"])) for c in data["citations"]}
    answer = Answer(
        question=data["question"],
        standalone_question=data["standalone_question"],
        sentences=tuple(
            Sentence(s["text"], tuple(map(int, s["citations"])), s.get("about", "")) for s in data["sentences"]
        ),
        citations=tuple(_citation(fields, became[int(fields["n"])]) for fields in data["citations"]),
        hits=tuple(_hits(data["hits"], articles)),
        abstained=data["abstained"],
        confidence=data["confidence"],
        index_version=data["index_version"],
        removed=data["removed"],
        period=Period(**data["period"]) if data["period"] else None,
        notes=tuple(data["said"]),
        composer=data["composer"],
        timings=data["timings_ms"],
    )
    return answer, {n: found for n, found in became.items() if found.at is None}


def _articles(data: Mapping[str, Any], find: Find) -> dict[str, Article]:
    """The articles that an answer speaks of, as they are now, without those that are gone."""
    found = {}
    for article_id in {fields["article_id"] for fields in (*data["citations"], *data["hits"])}:
        with suppress(NotFoundError):
            found[article_id] = find(article_id)
    return found


def _citation(data: Mapping[str, Any], found: Standing) -> Citation:
    quote = data["quote"]
    article, at = found.article, found.at
    if article is None or at is None:
        article, at = _named(data, quote), Span(0, len(quote))
    return Citation(
        int(data["n"]), article, at.start, at.end, quote, tuple(_named(fields, "") for fields in data["also"])
    )


def _named(data: Mapping[str, Any], text: str) -> Article:
    """An article as an answer names it, with the words that are left of it."""
    return Article(
        id=data["article_id"],
        title=data["title"],
        text=text,
        author=data.get("author"),
        publisher=data["publisher"],
        published=data["published_at"],
        date_source=data.get("date_source"),
        url=data["url"],
        language=data.get("language"),
    )


def _hits(hits: Sequence[Mapping[str, Any]], articles: Mapping[str, Article]) -> Iterator[Hit]:
    """The hits whose words are still where they were."""
    for data in hits:
        article, start, end = articles.get(data["article_id"]), data["start"], data["end"]
        if article is not None and article.text[start:end] == data["text"]:
            yield Hit(Chunk("", article, start, end), data["score"], data["parts"])
