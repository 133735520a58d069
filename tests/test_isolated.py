"""What libraries read is read in another process: whatever it does there, the next file is read."""

import multiprocessing
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path

import pytest

from index import isolated
from index.clean import clean
from index.errors import InputError, StorageError
from index.feed import entries
from index.isolated import page
from index.load import load
from index.page import as_markdown
from index.types import Record, Skip
from index.web import Reply

PAGE = (
    "<html lang='en'><head><title>The bridge</title><meta name='author' content='Ines Salgado'></head><body><article>"
    + "<p>The bridge is to be strengthened by next summer, the city council decided after a long debate.</p>" * 5
    + "</article></body></html>"
)


def asked(text: str) -> Record:
    return Record(key="a", text=text, format="html")


def worker() -> int:
    """The id of the process that reads the next file."""
    return int(page(asked("pid")).text)


def is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"


def ends(pid: int, within: float) -> bool:
    until = time.monotonic() + within
    while is_running(pid) and time.monotonic() < until:
        time.sleep(0.02)
    return not is_running(pid)


@pytest.fixture
def bad(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Libraries that do what the page says."""
    isolated.close()
    monkeypatch.setattr(isolated, "PROGRAM", "bad_worker")
    yield
    isolated.close()


def test_what_is_read_elsewhere_is_what_would_be_read_here(tmp_path: Path) -> None:
    record = Record(key="ключ", text=PAGE, format="html", publisher="Ünï \ud83d")
    assert page(record, at="https://a.example.com/b") == as_markdown(record, at="https://a.example.com/b")
    body = b"<rss version='2.0'><channel><item><title>One</title><link>http://a.example.com/1</link></item></channel></rss>"
    reply = Reply(url="http://a.example.com/", media="text/xml", charset=None, body=body, etag=None, modified=None)
    assert isolated.feed(reply) == entries(reply)


@pytest.mark.parametrize(
    ("what", "why"),
    [
        ("exit", "It crashed the library that reads such files."),
        ("segfault", "It crashed the library that reads such files."),
        ("hang", "Reading it took more than 0.5 s; it was given up."),
        ("eat", "Reading it took more than 1.5 GB of memory; it was given up."),
        ("fail", "It cannot be read: the library that reads such files failed (AttributeError)."),
        ("", "Its HTML has no content."),
    ],
)
def test_a_file_that_breaks_its_reader_is_named_and_the_next_is_read(
    bad: None, monkeypatch: pytest.MonkeyPatch, what: str, why: str
) -> None:
    monkeypatch.setitem(isolated.SECONDS, "page", 0.5 if what == "hang" else 20)
    monkeypatch.setattr(isolated, "BUSY", 100)
    before = worker()
    with pytest.raises(InputError) as raised:
        page(asked(what))
    assert str(raised.value) == why
    monkeypatch.setitem(isolated.SECONDS, "page", 20)
    assert page(asked(PAGE)).title == "The bridge"
    assert (worker() == before) == (what in ("", "fail"))
    assert is_running(before) == (what in ("", "fail"))


def test_in_a_folder_only_the_file_that_crashed_is_missing(bad: None, tmp_path: Path) -> None:
    for name, text in {"a": PAGE, "b": "segfault", "c": PAGE}.items():
        (tmp_path / f"{name}.html").write_text(text)
    found = list(load([tmp_path]))
    assert [item.key for item in found if isinstance(item, Record)] == [f"{tmp_path}/a.html", f"{tmp_path}/c.html"]
    assert found[1] == Skip(f"{tmp_path}/b.html", "It crashed the library that reads such files.")


def test_html_that_comes_in_a_record_is_read_there_too(bad: None) -> None:
    with pytest.raises(InputError, match="crashed"):
        clean(asked("segfault"), today=date(2026, 11, 1))


def test_a_file_is_read_again_before_it_is_said_to_crash_anything(
    bad: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SIGNALLED", str(tmp_path / "signalled"))
    assert page(asked("pipe")).text == "read"
    assert (tmp_path / "signalled").exists()


def test_a_process_that_was_killed_between_two_files_is_replaced(bad: None) -> None:
    before = worker()
    os.kill(before, signal.SIGKILL)
    assert "strengthened by next summer" in page(asked(PAGE)).text
    assert worker() != before


def test_a_process_that_had_nothing_to_do_and_ended_is_not_missed(bad: None) -> None:
    before = worker()
    exits = b'{"job": "page", "given": {"record": {"text": "exit"}, "at": null}, "seconds": 1}'
    isolated._idle[0]._pipe.send_bytes(exits)
    isolated._idle[0]._pipe.send_bytes(b"")
    assert ends(before, 5)
    assert worker() != before


def test_one_process_reads_many_files_and_not_for_ever(bad: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(isolated, "FILES", 3)
    assert [len({worker() for _ in range(3)}) for _ in range(2)] == [1, 1]
    assert isolated._idle == []


def test_a_slow_file_does_not_keep_another_waiting(bad: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(isolated.SECONDS, "page", 1)
    with ThreadPoolExecutor() as pool:
        slow = pool.submit(page, asked("wait"))
        time.sleep(0.5)
        assert page(asked(PAGE)).title == "The bridge" and not slow.done()
        assert "more than 3 s" in str(slow.exception())


def test_more_files_at_once_than_processes_are_all_read(bad: None) -> None:
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: worker(), range(40)))
    assert len(set(found)) <= isolated.MOST


def test_a_process_that_does_not_start_is_said_to_be_so(monkeypatch: pytest.MonkeyPatch) -> None:
    isolated.close()
    monkeypatch.setattr(isolated, "PROGRAM", "index.no_such_room")
    with pytest.raises(StorageError, match="To see why, run"):
        page(asked(PAGE))
    assert isolated._turns.acquire(timeout=1)
    isolated._turns.release()


HANGS = f"""
import sys
sys.path.insert(0, {str(Path(__file__).parent)!r})
import threading
from index import isolated
from index.types import Record
isolated.PROGRAM = "bad_worker"
def read(text):
    return isolated.page(Record(key="a", text=text, format="html"))
print(read("pid").text, flush=True)
if sys.argv[1] != "idle":
    threading.Thread(target=read, args=[sys.argv[1]], daemon=True).start()
sys.stdin.read()
"""


@pytest.mark.parametrize("busy", ["idle", "hang", "wait"])
@pytest.mark.parametrize("end", ["exit", "kill"])
def test_it_ends_with_the_one_that_started_it(busy: str, end: str) -> None:
    parent = subprocess.Popen([sys.executable, "-c", HANGS, busy], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    with parent:
        assert parent.stdout and parent.stdin
        pid = int(parent.stdout.readline())
        time.sleep(0.2)
        assert is_running(pid)
        if end == "kill":
            parent.kill()
        else:
            parent.stdin.close()
        parent.wait(5)
        assert ends(pid, 3)


def test_it_starts_with_the_first_file_that_needs_it_and_without_what_is_big(tmp_path: Path) -> None:
    code = (
        "import sys; from index.load import load; from index import isolated\n"
        "print(len(list(load([sys.argv[1]]))), len(isolated._idle))\n"
        "import index.worker as w; w.JOBS['page']({'record': {'key': 'a', 'text': sys.argv[2]}, 'at': None}, b'')\n"
        "print(sorted({'torch', 'chromadb', 'sqlite3', 'transformers'} & set(sys.modules)))"
    )
    (tmp_path / "a.txt").write_text("The bridge is open.")
    command = [sys.executable, "-c", code, str(tmp_path), PAGE]
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout == "1 0\n[]\n"


def test_a_module_in_the_folder_one_stands_in_is_not_taken_for_pythons(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    isolated.close()
    (tmp_path / "json.py").write_text("raise SystemExit(3)")
    monkeypatch.chdir(tmp_path)
    assert page(asked(PAGE)).title == "The bridge"


def test_no_process_is_left_when_they_are_closed() -> None:
    page(asked(PAGE))
    pids = [reader._process.pid for reader in isolated._idle]
    isolated.close()
    assert pids and not any(map(is_running, pids)) and multiprocessing.active_children() == []
