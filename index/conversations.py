"""What was asked and answered, by whom, and how it was judged: kept in the library's file, beside the articles.

None of it is part of the index: it changes no version, a rebuild leaves it alone, and it is written in transactions of
its own, which wait for no `Index.writing`. `owner` is who asked; on a machine of one's own that is "".
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from index.library import Library
from index.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class Conversation:
    """One in a list: its first question, when something was last asked in it (UTC, ISO 8601), and how often."""

    id: str
    title: str
    asked_at: str
    questions: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """One question of a conversation. `filters` and `answer` are JSON objects; `thumb` is 1, -1 or 0 for none."""

    number: int
    question: str
    filters: Mapping[str, Any]
    answer: Mapping[str, Any]
    thumb: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A kept question, whose it is, in which conversation, and when it was asked (UTC, ISO 8601)."""

    owner: str
    conversation: str
    kept: Kept
    asked_at: str


def keep(library: Library, conversation: str, kept: Kept, *, now: datetime, owner: str = "") -> int:
    """Write a question with its answer down; the number that it has in its conversation from then on.

    That is the number it comes with, also when it was asked before; but where another question has come to stand
    there meanwhile, from another tab, it is the one after the last.
    """
    with library.write() as change:
        held = {number: question for number, question, *_ in change.exchanges(owner, conversation)}
        number = kept.number if held.get(kept.number, kept.question) == kept.question else max(held) + 1
        change.put_exchange(
            (owner, conversation, number),
            (kept.question, json.dumps(kept.filters), json.dumps(kept.answer), kept.thumb),
            asked_at=now.isoformat(timespec="milliseconds"),
        )
    return number


def judge(library: Library, conversation: str, number: int, thumb: int, *, owner: str = "") -> None:
    """Write down how an answer was judged; nothing happens when it is not kept."""
    with library.write() as change:
        change.judge_exchange((owner, conversation, number), thumb)


def forget(library: Library, conversation: str, *, since: int = 0, owner: str = "") -> None:
    """Remove a conversation, or its questions from a number on."""
    with library.write() as change:
        change.delete_exchanges((owner, conversation, since))


def conversations(library: Library, *, owner: str = "") -> tuple[Conversation, ...]:
    """Every conversation of an owner, the last one first."""
    with library.read() as snapshot:
        return tuple(Conversation(*row) for row in snapshot.conversations(owner))


def conversation(library: Library, name: str, *, owner: str = "") -> tuple[Kept, ...]:
    """What was asked in a conversation, in order; nothing when there is none of that id."""
    with library.read() as snapshot:
        return tuple(
            Kept(number=number, question=question, filters=json.loads(filters), answer=json.loads(answer), thumb=thumb)
            for number, question, filters, answer, thumb in snapshot.exchanges(owner, name)
        )


def asked(snapshot: Snapshot) -> Iterator[Asked]:
    """Everybody's questions, those of each conversation in order."""
    for owner, name, number, question, filters, answer, thumb, asked_at in snapshot.all_exchanges():
        kept = Kept(
            number=number, question=question, filters=json.loads(filters), answer=json.loads(answer), thumb=thumb
        )
        yield Asked(owner=owner, conversation=name, kept=kept, asked_at=asked_at)


def merge(library: Library, questions: Iterable[Asked]) -> int:
    """Put questions among those that are kept, each in its place; of two in one place the later one stays.

    Of the same one twice, a judgement stays. How many were new or other than what was there.
    """
    with library.write() as change:
        return sum(
            change.merge_exchange(
                (q.owner, q.conversation, q.kept.number),
                (q.kept.question, json.dumps(q.kept.filters), json.dumps(q.kept.answer), q.kept.thumb),
                asked_at=q.asked_at,
            )
            for q in questions
        )
