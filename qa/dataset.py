"""A set of articles and questions with known answers: `articles.jsonl` and `questions.jsonl` in a folder."""

import hashlib
import json
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from index.errors import InputError
from index.types import Span
from qa.ask import LONGEST
from qa.types import Turn

ARTICLES = "articles.jsonl"
QUESTIONS = "questions.jsonl"
Made = TypeVar("Made")


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

    Raises InputError when the file is missing, holds something else, or no question of those asked for.
    """
    needed, missing = ("question", "answerable"), f"A set holds {ARTICLES} and {QUESTIONS}."
    every = rows(folder / QUESTIONS, _question, needed=needed, missing=missing)
    found = [q for q in every if half in (None, q.half)]
    if not found:
        raise InputError(f"{folder / QUESTIONS} holds no questions{f' of the half {half}' if half else ''}.")
    random.Random(1).shuffle(found)
    return found[:limit]


def digest(folder: Path) -> str:
    """The sha256 of a set's two files, so that a figure says what it was measured on."""
    total = hashlib.sha256()
    for name in (ARTICLES, QUESTIONS):
        with (folder / name).open("rb") as file:
            total.update(hashlib.file_digest(file, "sha256").digest())
    return total.hexdigest()


def rows(
    file: Path, make: Callable[[dict[str, Any], int], Made], *, needed: tuple[str, ...], missing: str
) -> Iterator[Made]:
    """What `make` makes of each line of a JSON Lines file, given its object and its number.

    Each object has at least the fields `needed`. Raises InputError that names the file, and the line that holds
    something else or for which `make` raises ValueError; `missing` says what to do where there is no such file.
    """
    try:
        lines = file.read_bytes().removeprefix(b"\xef\xbb\xbf").split(b"\n")  # U+2028 ends no line
    except FileNotFoundError as error:
        raise InputError(f"{file} is missing. {missing}") from error
    except OSError as error:
        raise InputError(f"{file} cannot be read: {error.strerror}. {missing}") from error
    for number, line in enumerate(lines, 1):
        if line.strip():
            try:
                yield make(_row(line, needed), number)
            except ValueError as error:
                raise InputError(f"{file}, line {number}: {error}.") from error


def _row(line: bytes, needed: tuple[str, ...]) -> dict[str, Any]:
    """A JSON object with the fields `needed`; raises ValueError that says what else the line is."""
    try:
        row = json.loads(line.decode())
        json.dumps(row, ensure_ascii=False).encode()
    except UnicodeDecodeError as error:
        raise ValueError("this is not UTF-8; save the file as UTF-8") from error
    except UnicodeEncodeError as error:
        raise ValueError("it holds half a character (a lone surrogate)") from error
    except (ValueError, RecursionError) as error:
        raise ValueError("this is no JSON") from error
    if not isinstance(row, dict) or not set(needed) <= row.keys():
        raise ValueError(f"it needs an object with at least {' and '.join(f'`{name}`' for name in needed)}")
    return row


def _question(row: dict[str, Any], number: int) -> Question:
    """A question from its row; raises ValueError that says which field holds what it may not."""
    question, answerable, name = row["question"], row["answerable"], row.get("id", number)
    if not isinstance(question, str) or not any(map(str.isalnum, question)):
        raise ValueError("`question` is to be a text with words in it")
    if len(question.strip()) > LONGEST:
        raise ValueError(f"`question` has {len(question.strip())} characters; the most is {LONGEST}")
    if not isinstance(answerable, bool):
        raise ValueError("`answerable` is to be true or false, without quotes")
    if not isinstance(name, str | int):
        raise ValueError("`id` is to be a text or a whole number")
    return Question(
        id=str(name),
        question=question,
        answerable=answerable,
        answers=texts(row, "answers"),
        articles=texts(row, "gold_article_ids"),
        evidence=texts(row, "gold_evidence"),
        history=tuple(_turns(row.get("turns") or [])),
    )


def texts(row: dict[str, Any], field: str) -> tuple[str, ...]:
    """The texts that a field lists, none where it is missing. Raises ValueError when it holds something else."""
    found = row.get(field) or []
    if not isinstance(found, list) or not all(isinstance(text, str) for text in found):
        raise ValueError(f"`{field}` is to be a list of texts")
    return tuple(found)


def _turns(said: object) -> Iterator[Turn]:
    """Exchanges, from a list of what each speaker said; two of the user's in a row are two exchanges."""
    asked: str | None = None
    for turn in said if isinstance(said, list) else [said]:
        speaker, text = (turn.get("speaker"), turn.get("text")) if isinstance(turn, dict) else (None, None)
        if not isinstance(speaker, str) or not isinstance(text, str):
            raise ValueError("`turns` is to be a list of objects, each with the texts `speaker` and `text`")
        if speaker == "user":
            if asked is not None:
                yield Turn(asked)
            asked = text
        elif asked is not None:
            yield Turn(asked, text)
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
