"""What was asked is kept in the library's file, for whom it belongs to, and through every change of the index."""

import sqlite3
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from tiny import NOW, news

from index.build import add, rebuild, version
from index.config import Config
from index.conversations import Conversation, Kept, conversation, conversations, forget, judge, keep
from index.library import _STEPS, SCHEMA_VERSION, Library
from index.snapshot import State
from index.store import Index
from index.types import Spec


@pytest.fixture
def library(tmp_path: Path) -> Library:
    return Library(tmp_path / "library.sqlite3")


def asked(number: int, question: str = "Why?", thumb: int = 0) -> Kept:
    return Kept(number=number, question=question, filters={"since": None}, answer={"text": "Thus."}, thumb=thumb)


def test_a_conversation_comes_back_in_order_as_it_was_kept(library: Library) -> None:
    keep(library, "a", asked(1, "And when?"), now=NOW)
    keep(library, "a", asked(0), now=NOW)
    assert conversation(library, "a") == (asked(0), asked(1, "And when?"))
    assert conversation(library, "b") == ()


def test_the_last_conversation_is_listed_first_by_its_first_question(library: Library) -> None:
    keep(library, "a", asked(0, "First?"), now=NOW)
    keep(library, "b", asked(0, "Second?"), now=NOW + timedelta(seconds=1))
    keep(library, "a", asked(1, "Third?"), now=NOW + timedelta(seconds=2))
    assert conversations(library) == (
        Conversation("a", "First?", "2026-11-01T12:00:02.000+00:00", 2),
        Conversation("b", "Second?", "2026-11-01T12:00:01.000+00:00", 1),
    )


def test_an_answer_that_is_given_again_takes_the_place_of_the_old_one(library: Library) -> None:
    keep(library, "a", asked(0, thumb=1), now=NOW)
    assert keep(library, "a", asked(0), now=NOW) == 0
    assert conversation(library, "a") == (asked(0),)


def test_another_question_takes_no_place_that_is_taken(library: Library) -> None:
    for number, question in enumerate(("Why?", "Why not?")):
        assert keep(library, "a", asked(number, question), now=NOW) == number
    assert keep(library, "a", asked(0, "When?"), now=NOW) == 2
    assert conversation(library, "a") == (asked(0), asked(1, "Why not?"), asked(2, "When?"))


def test_a_judgement_stays_with_its_answer(library: Library) -> None:
    keep(library, "a", asked(0), now=NOW)
    judge(library, "a", 0, -1)
    judge(library, "a", 7, 1)
    assert conversation(library, "a") == (asked(0, thumb=-1),)


def test_a_conversation_is_forgotten_whole_or_from_a_question_on(library: Library) -> None:
    for number in range(3):
        keep(library, "a", asked(number), now=NOW)
    keep(library, "b", asked(0), now=NOW)
    forget(library, "a", since=1)
    assert conversation(library, "a") == (asked(0),)
    forget(library, "a")
    assert [c.id for c in conversations(library)] == ["b"]


def test_nobody_sees_or_changes_the_conversations_of_another(library: Library) -> None:
    keep(library, "a", asked(0), now=NOW, owner="ann")
    judge(library, "a", 0, 1, owner="bob")
    forget(library, "a", owner="bob")
    keep(library, "a", asked(0, "Mine?"), now=NOW, owner="bob")
    assert conversation(library, "a", owner="ann") == (asked(0),)
    assert conversations(library) == ()


def test_a_rebuild_leaves_them_and_they_change_no_version(open_tiny: Callable[..., Index], tmp_path: Path) -> None:
    index = open_tiny()
    add(index, [news("a", "The bridge is closed.")], now=NOW)
    before = version(index)
    keep(index.library, "a", asked(0), now=NOW)
    assert version(index) == before
    rebuild(index, Config(data=tmp_path / "data"))
    assert conversation(index.library, "a") == (asked(0),)


def test_an_answer_is_kept_while_the_index_is_being_changed(open_tiny: Callable[..., Index]) -> None:
    index = open_tiny()
    with index.writing:
        keep(index.library, "a", asked(0), now=NOW)
    assert conversation(index.library, "a") == (asked(0),)


def test_a_library_of_an_older_dateline_is_brought_to_this_schema(tmp_path: Path) -> None:
    path = tmp_path / "library.sqlite3"
    db = sqlite3.connect(path)
    db.executescript(f"{_STEPS[0]} PRAGMA user_version = 1;")
    db.close()
    spec = Spec(model="tiny", fingerprint="weights", dimension=9, chunk_tokens=64, overlap=1)
    with Library(path).write() as change:
        change.set_state(State(7, "chunks", spec))
    keep(Library(path), "a", asked(0), now=NOW)
    assert conversation(Library(path), "a") == (asked(0),)
    with Library(path).read() as snapshot:
        assert snapshot.state == State(7, "chunks", spec)
    db = sqlite3.connect(path)
    assert db.execute("PRAGMA user_version").fetchone() == (SCHEMA_VERSION,)
    db.close()
