"""A library whose file is damaged is mended if all that is true in it can be read, and else left as it is."""

import logging
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from test_store import is_whole, seen
from tiny import NOW, TinyEmbedder, news

from index.build import add, articles, repair, verify
from index.conversations import Kept, conversation, keep
from index.errors import StorageError
from index.opening import LIBRARY
from index.store import Index

Opener = Callable[..., Index]
PAGE = 4096
NEWS = [
    news(f"{n}{'-' * 60}", f"The bridge number {n} burns. The fire at number {n} is {n} days old.") for n in range(300)
]
QUESTION = Kept(number=0, question="Which bridge?", filters={}, answer={"sentences": []})


@pytest.fixture
def whole(open_tiny: Opener) -> dict[str, object]:
    """What is seen of an index of 300 articles, two of them changed, and one question, which is closed then."""
    index = open_tiny()
    add(index, NEWS, now=NOW)
    add(index, [news(NEWS[n].key, f"The bridge number {n} is open.") for n in (7, 8)], now=NOW)
    keep(index.library, "talk", QUESTION, now=NOW)
    found = all_of(index)
    index.close()
    return found


def all_of(index: Index) -> dict[str, object]:
    with index.library.read() as snapshot:
        true = {
            "identity": snapshot.identity,
            "stored": list(snapshot.stored()),
            "versions": list(snapshot.versions()),
            "questions": conversation(index.library, "talk", owner=""),
        }
    exact = ("articles", "chunks", "keywords", "collections")  # Chroma finds one of 300 that are alike, or another
    return true | {name: value for name, value in seen(index).items() if name in exact}


def damaged(file: Path, table: str, how: str) -> None:
    """Swap two leaf pages of a table, or fill two with garbage."""
    with closing(sqlite3.connect(file)) as db:
        assert db.execute("PRAGMA page_size").fetchone() == (PAGE,)
        (root,) = db.execute("SELECT rootpage FROM sqlite_master WHERE name = ?", (table,)).fetchone()
    pages = bytearray(file.read_bytes())
    top = pages[(root - 1) * PAGE : root * PAGE]
    cells = [int.from_bytes(top[12 + 2 * n : 14 + 2 * n], "big") for n in range(int.from_bytes(top[3:5], "big"))]
    one, two = (slice((n - 1) * PAGE, n * PAGE) for n in (int.from_bytes(top[c : c + 4], "big") for c in cells[1:3]))
    if how == "swapped":
        pages[one], pages[two] = pages[two], pages[one]
    else:
        pages[one] = pages[two] = b"\xa5" * PAGE
    file.write_bytes(pages)


@pytest.mark.parametrize("without_chroma", [False, True])
@pytest.mark.parametrize(
    ("table", "how"),
    [
        ("embedding", "swapped"),
        ("embedding", "garbage"),
        ("chunk", "swapped"),
        ("chunk", "garbage"),
        ("sqlite_autoindex_article_1", "garbage"),
        ("article", "swapped"),
    ],
)
def test_what_can_be_made_again_is_and_the_damaged_file_is_kept(
    open_tiny: Opener, tiny: TinyEmbedder, tmp_path: Path, caplog: pytest.LogCaptureFixture,
    whole: dict[str, object], table: str, how: str, without_chroma: bool,
) -> None:  # fmt: skip
    file = tmp_path / "data" / LIBRARY
    damaged(file, table, how)
    broken = file.read_bytes()
    if without_chroma:
        shutil.rmtree(tmp_path / "data" / "chroma")
    tiny.embedded.clear()
    index = open_tiny(verifying=True)
    assert verify(index)
    assert not caplog.records
    repair(index)
    assert [r.levelno for r in caplog.records] == [logging.WARNING]
    assert verify(index) == [] and is_whole(index)
    assert all_of(index) == whole
    assert (len(tiny.embedded) > 0) == ((table, how) == ("embedding", "garbage"))
    assert len(tiny.embedded) < len(NEWS)
    kept = tmp_path / "data" / f"{LIBRARY}.damaged-1"
    assert str(kept) in caplog.text and len(kept.read_bytes()) >= len(broken)
    assert {p.name for p in (tmp_path / "data").iterdir()} >= {LIBRARY, kept.name, "chroma"}
    index.close()
    again = open_tiny()
    assert all_of(again) == whole


def test_an_embedding_that_is_none_is_computed_again(
    open_tiny: Opener, tiny: TinyEmbedder, tmp_path: Path, whole: dict[str, object]
) -> None:
    file = tmp_path / "data" / LIBRARY
    with closing(sqlite3.connect(file)) as db:
        db.execute(
            "UPDATE embedding SET vector = zeroblob(length(vector)) WHERE key = (SELECT embedding FROM chunk LIMIT 1)"
        )
        db.commit()
    damaged(file, "chunk", "garbage")
    tiny.embedded.clear()
    index = open_tiny(verifying=True)
    repair(index)
    assert verify(index) == [] and len(tiny.embedded) == 1


@pytest.mark.parametrize("table", ["article", "sqlite_autoindex_article_1 and article"])
def test_where_articles_are_lost_nothing_is_changed_and_what_to_do_is_said(
    open_tiny: Opener, tmp_path: Path, whole: dict[str, object], table: str
) -> None:
    file = tmp_path / "data" / LIBRARY
    for name in table.split(" and "):
        damaged(file, name, "garbage")
    broken = file.read_bytes()
    index = open_tiny(verifying=True)
    assert verify(index)
    with pytest.raises(StorageError, match=r"could not be mended, and nothing was changed: .*dateline export FILE"):
        repair(index)
    assert file.read_bytes() == broken
    assert sorted(p.name for p in (tmp_path / "data").glob(f"{LIBRARY}*") if p.suffix != ".sqlite3") in (
        [],
        [f"{LIBRARY}-shm", f"{LIBRARY}-wal"],
    )


def test_articles_that_a_scan_passes_over_are_missed(
    open_tiny: Opener, tmp_path: Path, whole: dict[str, object]
) -> None:
    """A page of the table that its tree names no longer: SQLite reads the others without a word."""
    file = tmp_path / "data" / LIBRARY
    with closing(sqlite3.connect(file)) as db:
        (root,) = db.execute("SELECT rootpage FROM sqlite_master WHERE name = 'article'").fetchone()
    pages = bytearray(file.read_bytes())
    top = (root - 1) * PAGE
    count = int.from_bytes(pages[top + 3 : top + 5], "big")
    pages[top + 3 : top + 5] = (count - 1).to_bytes(2, "big")
    file.write_bytes(pages)
    broken = file.read_bytes()
    index = open_tiny(verifying=True)
    assert len(articles(index)) < len(NEWS)
    with pytest.raises(StorageError, match=r"nothing was changed: \d+ of table article cannot be read"):
        repair(index)
    assert file.read_bytes() == broken


def test_a_library_that_is_read_all_the_time_is_not_taken_away(
    open_tiny: Opener, tmp_path: Path, whole: dict[str, object], monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "data" / LIBRARY
    damaged(file, "embedding", "swapped")
    index = open_tiny(verifying=True)
    monkeypatch.setattr("index.library.PATIENCE", 0.1)
    with closing(sqlite3.connect(file)) as db:
        db.execute("SELECT * FROM state").fetchall()
        with pytest.raises(StorageError, match="nothing was changed: database is locked"):
            repair(index)
        assert not list((tmp_path / "data").glob("*.damaged-*"))
    repair(index)
    assert verify(index) == [] and all_of(index) == whole
