"""`dateline add` and `dateline watch` with addresses: by opening the index, by a server's hand, and on a schedule."""

import json
import os
import shlex
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import pytest
import uvicorn
from click.testing import CliRunner, Result
from filelock import FileLock
from test_feed import feed, item
from test_fetch import LONG, html
from tiny import NOW
from web_server import WebServer, page, web_server

from index.errors import BusyError, InputError
from index.store import Index
from ui.api import make_api
from ui.cli import main
from ui.client import Json
from ui.service import Service
from ui.watch import interval, watch

Open = Callable[..., Index]
MINUTES = 60.0


@pytest.fixture
def site() -> Iterator[WebServer]:
    with web_server() as server:
        for name in ("one", "two"):
            server.pages[f"/{name}"] = page(html(f"{LONG * 3} This is page {name}."), etag=f'"{name}"')
        server.pages["/feed"] = feed(item("/one"), item("/two"), etag='"f1"')
        yield server


def run(command: str, data: Path, *, code: int = 0) -> Result:
    result = CliRunner().invoke(main, [*shlex.split(command), "--data", str(data)])
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    assert result.exit_code == code, result.output
    return result


# One round


def test_pages_feeds_and_files_are_added_in_one_round(tmp_path: Path, site: WebServer) -> None:
    data, file = tmp_path / "data", tmp_path / "a.txt"
    file.write_text(LONG)
    site.pages["/story"] = page(html(LONG * 3, '<meta property="og:title" content="Dam \x1b[2J\u202ealert">'))
    added = run(f"add --allow-private {site.url}/story {file}", data)
    undated = "Without a date, and left out where a time is asked for: 2.\n"
    assert added.output == f"2 added, 0 changed, 0 unchanged, 0 skipped.\n{undated}"
    listed = run("list", data).output.splitlines()[-1]
    assert listed.startswith(f"undated     {site.url}/story  Dam ") and "\x1b" not in listed and "\u202e" not in listed

    shown = run(
        f"watch --once --allow-private {site.url}/feed {file} {site.url}/gone", data, code=1
    ).output.splitlines()
    assert shown[0].endswith("  2 added, 0 changed, 1 unchanged, 1 skipped.")
    assert shown[1:] == [f"  skipped: {site.url}/gone: There is no such page, or no longer (status 404)."]
    with FileLock(data / "writer.lock", timeout=0):  # between rounds nobody is kept from writing
        assert len(json.loads((data / "fetched.json").read_text())["sources"]) == 2


@pytest.fixture
def served(open_tiny: Open, tmp_path: Path) -> Iterator[Path]:
    """The data folder of a running server with the tiny embedder."""
    index = open_tiny()
    api = make_api(Service(index, None, now=lambda: NOW), index.config, instance="tiny")  # type: ignore[arg-type]
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(api, log_level="warning"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    index.lock.announce(f"http://127.0.0.1:{listener.getsockname()[1]}", "tiny")
    yield tmp_path / "data"
    server.should_exit = True
    thread.join(timeout=10)
    listener.close()


def test_a_running_server_is_handed_what_was_fetched(served: Path, site: WebServer) -> None:
    refused = run(f"add {site.url}/one", served, code=1)
    assert refused.stderr == (
        f"skipped: {site.url}/one: 127.0.0.1 is an address inside a network and not on the public internet. "
        "If it is meant to be read: --allow-private.\n"
    )
    add = f"add --allow-private {site.url}/feed"
    site.pages["/feed"] = feed(item("/one"), item("/two"), item("/gone"))
    first = run(add, served, code=1)
    undated = "Without a date, and left out where a time is asked for: 2.\n"
    assert first.stdout == f"2 added, 0 changed, 0 unchanged, 1 skipped.\n{undated}"
    assert first.stderr == f"skipped: {site.url}/gone: There is no such page, or no longer (status 404).\n"
    site.pages["/feed"] = feed(item("/one"), item("/two"), etag='"f1"')
    for _ in range(2):
        assert run(add, served).output == "Nothing to do: all 2 articles are already there, unchanged.\n"
    assert site.asked == ["/feed", "/one", "/two", "/gone", "/feed", "/feed"]
    noted = json.loads((served / "fetched.json").read_text())["sources"]
    assert {source: len(marks) for source, marks in noted.items()} == {f"{site.url}/feed": 3}

    assert run(f"remove {site.url}/one", served).output == f"Removed 1: {site.url}/one\n"
    shown = run(f"watch --once --allow-private {site.url}/feed", served).output
    assert shown.endswith("  0 added, 0 changed, 2 unchanged, 0 skipped.\n")  # a feed does not bring it back
    assert run(f"add --allow-private {site.url}/one", served).stdout.startswith("1 added")  # its own name does
    site.pages["/two"] = page(html(f"{LONG * 3} It was corrected."), etag='"two-b"')
    changed = run(f"add --allow-private {site.url}/two", served).stdout
    assert changed.startswith("0 added, 1 changed, 0 unchanged, 0 skipped.\n")


# The schedule


def report(**said: list[object]) -> Json:
    return {"added": [], "changed": [], "unchanged": [], "skipped": [], "notes": [], **said}


class Clock:
    """A clock that goes on only while one sleeps or works; it ends the watch after so many sleeps."""

    def __init__(self, sleeps: int, end: Callable[[], object]) -> None:
        self.at = 100.0
        self.left = sleeps
        self.end = end
        self.slept: list[float] = []

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.at += seconds
        self.left -= 1
        if not self.left:
            self.end()


def ctrl_c() -> None:
    raise KeyboardInterrupt


def watched(
    rounds: list[Json | Exception], *, took: float = 0, end: Callable[[], object] = ctrl_c
) -> tuple[str, Clock]:
    """What a watch with these rounds, a quarter of an hour apart, tells."""
    clock = Clock(len(rounds), end)
    todo = list(rounds)

    def add() -> Json:
        clock.at += took
        if isinstance(found := todo.pop(0), Exception):
            raise found
        return found

    told: list[str] = []
    moment = datetime(2026, 11, 1, 12, 5)
    watch(
        add, every=15 * MINUTES, once=False, tell=told.append, now=lambda: moment,
        clock=lambda: clock.at, sleep=clock.sleep,
    )  # fmt: skip
    return "\n".join(told), clock


def test_each_round_tells_what_changed_and_a_skip_once_until_it_changes() -> None:
    gone, slow = ({"source": "http://a/b", "reason": reason} for reason in ("Gone.", "Slow."))
    note = {"source": "http://a/c", "reason": "Its date was not used."}
    rounds = [
        report(added=["x", "y"], skipped=[gone]),
        report(unchanged=["x", "y"], skipped=[gone]),
        report(changed=["x"], unchanged=["y"], skipped=[slow], notes=[note]),
        report(unchanged=["x", "y"]),
        report(unchanged=["x", "y"], skipped=[gone]),
    ]
    text, clock = watched(rounds)
    assert text.splitlines() == [
        "2026-11-01 12:05  2 added, 0 changed, 0 unchanged, 1 skipped.",
        "  skipped: http://a/b: Gone.",
        "2026-11-01 12:05  0 added, 0 changed, 2 unchanged, 1 skipped.",
        "2026-11-01 12:05  0 added, 1 changed, 1 unchanged, 1 skipped.",
        "  note: http://a/c: Its date was not used.",
        "  skipped: http://a/b: Slow.",
        "2026-11-01 12:05  0 added, 0 changed, 2 unchanged, 0 skipped.",
        "2026-11-01 12:05  0 added, 0 changed, 2 unchanged, 1 skipped.",
        "  skipped: http://a/b: Gone.",
        "Stopped.",
    ]
    assert clock.slept == [15 * MINUTES] * 5


def test_a_round_that_fails_says_why_and_the_next_one_tries_again() -> None:
    text, _ = watched([BusyError("Process 7 is writing."), OSError(28, "No space left on device"), report(added=["x"])])
    assert text.splitlines() == [
        "2026-11-01 12:05  This round failed: Process 7 is writing.",
        "2026-11-01 12:05  This round failed: [Errno 28] No space left on device",
        "2026-11-01 12:05  1 added, 0 changed, 0 unchanged, 0 skipped.",
        "Stopped.",
    ]
    with pytest.raises(ZeroDivisionError):  # a bug is no failure of a round
        watched([ZeroDivisionError()])


@pytest.mark.parametrize(("took", "slept"), [(2 * MINUTES, 13 * MINUTES), (20 * MINUTES, 1)])
def test_rounds_begin_at_the_interval_however_long_one_takes(took: float, slept: float) -> None:
    assert watched([report(), report()], took=took)[1].slept == [slept, slept]


def test_sigterm_stops_it_as_ctrl_c_does_and_is_as_it_was_afterwards() -> None:
    before = signal.getsignal(signal.SIGTERM)
    text, _ = watched([report()], end=lambda: os.kill(os.getpid(), signal.SIGTERM))
    assert text.endswith("\nStopped.")
    assert signal.getsignal(signal.SIGTERM) is before


def test_one_round_says_whether_it_went_well() -> None:
    def well(found: Json | Exception) -> bool:
        def add() -> Json:
            if isinstance(found, Exception):
                raise found
            return found

        return watch(add, every=MINUTES, once=True, tell=lambda line: None)

    assert well(report(unchanged=["x"]))
    assert not well(report(skipped=[{"source": "a", "reason": "b"}]))
    assert not well(BusyError("Process 7 is writing."))


def test_the_interval_is_written_with_its_unit() -> None:
    assert [interval(text) for text in ("90s", "15m", "2h", "1D", " 1 m ")] == [90, 900, 7200, 86_400, 60]
    for text in ("", "15", "m", "-1m", "1.5h", "٣m x"):
        with pytest.raises(InputError, match="write it as 90s, 15m, 2h or 1d"):
            interval(text)
    with pytest.raises(InputError, match=r"once a minute \(1m\) is the most often"):
        interval("59s")


def test_a_wrong_interval_is_a_mistake_of_one_sentence(tmp_path: Path) -> None:
    wrong = run("watch --every soon x", tmp_path / "data", code=1)
    assert wrong.stderr == "Error: --every is 'soon'; write it as 90s, 15m, 2h or 1d.\n"
    assert not (tmp_path / "data").exists()
