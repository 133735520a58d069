"""A set of articles and questions with known answers: `articles.jsonl` and `questions.jsonl` in a folder."""

import hashlib
import json
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from index.errors import InputError
from index.types import Span
from qa.types import Turn

ARTICLES = "articles.jsonl"
QUESTIONS = "questions.jsonl"


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A question and what is known of its answer.

    `answers` are wordings of the right answer, `articles` the ids of the articles that hold it, `evidence` the words in
    them that it rests on. `history` holds the earlier turns, oldest first.
    """

    id: str
    question: str
    answerable: bool
    answers: tuple[str, ...] = ()
    articles: tuple[str, ...] = ()
    evidence: tuple[str, ...] = ()
    history: tuple[Turn, ...] = ()

    @property
    def half(self) -> str:
        """ "fit" or "check": what is tuned may look at the first only. Questions on one article fall together."""
        first = hashlib.sha256((self.articles[0] if self.articles else self.id).encode()).digest()[0]
        return "check" if first % 2 else "fit"


def questions(folder: Path, *, half: str | None = None, limit: int | None = None) -> list[Question]:
    """The questions of a set, in a fixed random order; one half of them, or the first `limit`, if asked for.

    Raises InputError when the file is missing or holds something else.
    """
    found = [q for q in _questions(folder / QUESTIONS) if half in (None, q.half)]
    random.Random(1).shuffle(found)
    return found[:limit]


def digest(folder: Path) -> str:
    """The sha256 of a set's two files, so that a figure says what it was measured on."""
    total = hashlib.sha256()
    for name in (ARTICLES, QUESTIONS):
        with (folder / name).open("rb") as file:
            total.update(hashlib.file_digest(file, "sha256").digest())
    return total.hexdigest()


def _questions(file: Path) -> Iterator[Question]:
    try:
        lines = file.read_text("utf-8").splitlines()
    except OSError as error:
        raise InputError(f"{file} cannot be read: {error.strerror}. A set holds {ARTICLES} and {QUESTIONS}.") from error
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
            yield Question(
                id=str(row.get("id", number)),
                question=row["question"],
                answerable=bool(row["answerable"]),
                answers=tuple(row.get("answers") or ()),
                articles=tuple(row.get("gold_article_ids") or ()),
                evidence=tuple(row.get("gold_evidence") or ()),
                history=tuple(_turns(row.get("turns") or ())),
            )
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise InputError(f"{file}, line {number}: a question has at least `question` and `answerable`.") from error


def _turns(said: Sequence[dict[str, str]]) -> Iterator[Turn]:
    """Exchanges, from a list of what each speaker said; two of the user's in a row are two exchanges."""
    asked: str | None = None
    for turn in said:
        if turn["speaker"] == "user":
            if asked is not None:
                yield Turn(asked)
            asked = turn["text"]
        elif asked is not None:
            yield Turn(asked, turn["text"])
            asked = None
    if asked is not None:
        yield Turn(asked)


def find_words(text: str, words: str) -> Span | None:
    """Where a text holds some words, whatever stands between their letters and digits; None where it does not.

    Cleaning changes quotes and white space, and leaves the words.
    """
    plain, places = _letters(text)
    wanted, _ = _letters(words)
    at = plain.find(wanted) if wanted else -1
    return None if at < 0 else Span(places[at], places[at + len(wanted) - 1] + 1)


def _letters(text: str) -> tuple[str, list[int]]:
    lowered = [(c.lower()[0], i) for i, c in enumerate(text) if c.isalnum()]
    return "".join(c for c, _ in lowered), [i for _, i in lowered]
