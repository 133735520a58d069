"""Full disks, folders that cannot be written to, damaged files: each ends in a clear sentence, and nothing is lost."""

import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from test_store import is_whole
from tiny import NOW, TinyEmbedder, news

from index.advice import advice
from index.build import add, articles
from index.config import Config
from index.errors import StorageError
from index.follow import catch_up
from index.opening import open_index
from index.store import Index

Opener = Callable[..., Index]
FEW = [news(f"few{n}", f"The bridge number {n} is closed.") for n in range(5)]
MANY = [news(f"many{n}", f"The fire number {n} was put out by the harbour. " * 60) for n in range(400)]


def mounted(folder: Path, *options: str) -> None:
    """Mount something on a folder, if this machine lets one."""
    folder.mkdir(exist_ok=True)
    done = subprocess.run(["mount", *options, str(folder)], capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"needs the right to mount: {done.stderr.strip()}")


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Path]:
    """A disk of 4 MB."""
    disk = tmp_path / "small"
    mounted(disk, "-t", "tmpfs", "-o", "size=4m", "tmpfs")
    yield disk
    subprocess.run(["umount", "-l", str(disk)], check=True)


def open_in(folder: Path, *, write: bool = True) -> Index:
    return open_index(Config(data=folder), write=write, embedder=TinyEmbedder())


def test_a_disk_that_gets_full_ends_an_addition_in_a_sentence_and_what_was_committed_stays(small: Path) -> None:
    index = open_in(small / "data")
    add(index, FEW, now=NOW)
    with pytest.raises(StorageError, match=r"full.* free some space and run the same again\. What was added is safe\."):
        add(index, MANY, now=NOW)
    index.close()
    for size in ("4m", "40m"):  # full, Chroma may find no room to begin
        subprocess.run(["mount", "-o", f"remount,size={size}", str(small)], check=True)
        try:
            index = open_in(small / "data")
        except StorageError as error:
            assert size == "4m" and "The disk is full: free some space" in str(error)
            continue
        kept = {a.id for a in articles(index)}
        assert {a.key for a in FEW} <= kept and kept <= {a.key for a in (*FEW, *MANY)}
        index.close()
    index = open_in(small / "data")
    report = add(index, MANY, now=NOW)
    assert len(report.added) + len(report.unchanged) == len(MANY)
    assert is_whole(index)
    index.close()


def test_a_disk_without_a_byte_left_is_told_from_other_errors_and_nothing_is_left_locked(small: Path) -> None:
    index = open_in(small / "data")
    add(index, FEW, now=NOW)
    index.close()
    filling = small / "filling"
    with filling.open("wb") as file, pytest.raises(OSError, match="No space"):
        while True:
            os.write(file.fileno(), bytes(4096))
    for write in (True, False):
        with pytest.raises(StorageError, match="The disk is full: free some space"):
            open_in(small / "data", write=write)
    filling.unlink()
    index = open_in(small / "data")
    catch_up(index)
    assert is_whole(index) and len(articles(index)) == len(FEW)
    index.close()


def test_a_folder_that_cannot_be_written_to_is_told_so(open_tiny: Opener, tmp_path: Path) -> None:
    index = open_tiny()
    add(index, FEW, now=NOW)
    index.close()
    fixed = tmp_path / "fixed"
    mounted(fixed, "--bind", str(tmp_path / "data"))
    try:
        subprocess.run(["mount", "-o", "remount,ro,bind", str(fixed)], check=True)
        for write in (True, False):
            with pytest.raises(
                StorageError, match=r"get the right to, or copy the folder and give the copy: --data DIR"
            ):
                open_in(fixed, write=write)
    finally:
        subprocess.run(["umount", "-l", str(fixed)], check=True)


@pytest.mark.parametrize("where", ["start", "middle"])
def test_a_damaged_library_is_refused_as_it_is(open_tiny: Opener, tmp_path: Path, where: str) -> None:
    index = open_tiny()
    add(index, [*FEW, *MANY[:20]], now=NOW)
    index.close()
    file = tmp_path / "data" / "library.sqlite3"
    whole = bytearray(file.read_bytes())
    pages = [0] if where == "start" else range(2 * 4096, len(whole), 4096)
    for at in pages:
        whole[at : at + 4096] = b"\xa5" * 4096
    file.write_bytes(whole)
    for write in (True, False):
        with pytest.raises(
            StorageError, match=r"The file is damaged\. What can .*: dateline verify --repair\. Else put"
        ):
            open_tiny(write=write)
    assert file.read_bytes() == whole


def test_a_clock_that_goes_back_changes_nothing(open_tiny: Opener) -> None:
    index = open_tiny()
    add(index, FEW, now=NOW)
    report = add(index, [news("few1", "The bridge number 1 is open."), *FEW[2:]], now=NOW.replace(year=2001))
    assert (report.changed, len(report.unchanged)) == (("few1",), 3)
    assert is_whole(index)


def test_what_says_that_it_is_full_is_believed(tmp_path: Path) -> None:
    assert "The disk is full: free some space" in advice(tmp_path, "(code: 13) database or disk is full")
    assert advice(tmp_path, "something else") == ""
