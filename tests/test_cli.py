"""The command line: a whole session, what it says when something is wrong, and handing its work to a running server."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import click
import httpx
import pytest
from click.testing import CliRunner, Result
from filelock import FileLock
from starlette.testclient import TestClient
from tiny import NOW, news

from index.config import SAMPLES, Config
from index.embed import Embedder
from index.opening import open_index
from index.types import Record
from qa.rerank import Reranker
from ui.api import make_api
from ui.cli import main
from ui.service import Service

ROOT = Path(__file__).parents[1]
LILIES = "How old are the sea lilies?"
OLD = "forest of sea lilies that lived about 310 million years ago."
TOWER = """---
title: Tower of Quorrin to open
publisher: Quorrin Post
date: 2026-05-04
---

The tower of Quorrin opens to the public on Sunday. The tower has 214 steps.
"""
FEES = """---
title: Quorrin raises its parking fees
date: 2026-05-06
---

An hour of parking in Quorrin costs 3 euros from June on.
"""


def run(*arguments: str | Path, code: int = 0) -> Result:
    """Run one command in this process; its exit code has to be `code`."""
    result = CliRunner().invoke(main, [str(a) for a in arguments])
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    assert result.exit_code == code, result.output
    return result


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No data folder of the one who runs the tests is touched."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("DATELINE_DATA", raising=False)
    monkeypatch.delenv("DATELINE_MODEL", raising=False)


@pytest.fixture
def articles(tmp_path: Path) -> Path:
    folder = tmp_path / "articles"
    folder.mkdir()
    (folder / "tower.md").write_text(TOWER)
    (folder / "fees.md").write_text(FEES)
    return folder


def test_a_whole_session(tmp_path: Path, articles: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tower, fees = articles / "tower.md", articles / "fees.md"
    (articles / "letter.docx").write_bytes(b"PK")
    added = run("add", articles, code=1)
    assert added.stdout == "2 added, 0 changed, 0 unchanged, 1 skipped.\n"
    assert added.stderr.startswith(f"skipped: {articles / 'letter.docx'}: Dateline reads .txt, .md")
    assert added.stderr.count("\n") == 1
    (articles / "letter.docx").unlink()

    status = run("status").stdout
    assert (tmp_path / ".dateline" / "library.sqlite3").is_file()
    assert [line.split(None, 1) for line in status.splitlines() if not line.startswith("on disk")] == [
        ["articles", "2 (36 tokens)"],
        ["published", "2026-05-04 to 2026-05-06"],
        ["publishers", "Quorrin Post"],
        ["chunks", "2, 2 of them with vectors"],
        ["chunking", "at most 254 tokens, overlapping by 1 sentence(s)"],
        ["model", "all-MiniLM-L6-v2 (384 dimensions, int8)"],
        ["version", "1"],
    ]
    assert json.loads(run("status", "--json").stdout)["articles"] == 2

    assert run("list").stdout == (
        f"2026-05-06  {fees}  Quorrin raises its parking fees\n2026-05-04  {tower}  Tower of Quorrin to open\n"
    )
    assert [json.loads(line)["id"] for line in run("list", "--json").stdout.splitlines()] == [str(fees), str(tower)]

    shown = run("ask", "How many steps does the tower have?").stdout
    assert shown.splitlines()[0] == "The tower has 214 steps. [1]"
    assert " ".join(shown.split()) == (
        "The tower has 214 steps. [1] Sources [1] Tower of Quorrin to open — Quorrin Post, 4 May 2026 "
        f"“The tower has 214 steps.” {tower}, characters 52-76"
    )
    assert run("ask", "How many steps does the tower have?", "--from", "2026-05-05").stdout.startswith(
        "The articles don't answer this."
    )

    found = run("search", "parking", "--top-k", "1").stdout
    assert found.startswith("1. Quorrin raises its parking fees — 6 May 2026\n")
    assert str(fees) in found
    hits = json.loads(run("search", "parking", "--json", "--publisher", "quorrin post").stdout)["hits"]
    assert [hit["article_id"] for hit in hits] == [str(tower)]

    assert run("add", articles).output == "Nothing to do: all 2 articles are already there, unchanged.\n"
    tower.write_text(TOWER.replace("214", "215"))
    assert run("add", articles).output == "0 added, 1 changed, 1 unchanged, 0 skipped.\n"
    assert run("ask", "How many steps does the tower have?").stdout.startswith("The tower has 215 steps. [1]\n")

    monkeypatch.chdir(SAMPLES)  # a path is understood from where one stands
    data = tmp_path / ".dateline"
    assert run("remove", os.path.relpath(tower), "--data", data).output == f"Removed 1: {tower}\n"
    monkeypatch.chdir(tmp_path)
    assert run("verify").output == "All is well: library, keyword index and Chroma agree.\n"
    assert run("rebuild").output == "Rebuilt: 1 articles, 1 chunks, all-MiniLM-L6-v2 (384 dimensions, int8).\n"
    assert json.loads(run("status", "--json").stdout)["index_version"] == 4
    assert run("remove", "articles").output == f"Removed 1: {fees}\n"


@pytest.fixture
def sampled(tmp_path: Path, samples_data: Path) -> Path:
    """A data folder of its own with the sample articles."""
    data = tmp_path / "sampled"
    shutil.copytree(samples_data, data)
    return data


def test_ask_prints_the_json_that_the_api_gives(sampled: Path, embedder: Embedder, reranker: Reranker) -> None:
    printed = json.loads(run("ask", LILIES, "--json", "--top-k", "4", "--to", "2026-09-30", "--data", sampled).stdout)
    index = open_index(Config(data=sampled), write=True, embedder=embedder)
    api = TestClient(make_api(Service(index, reranker, now=lambda: NOW), index.config))
    given = api.post("/v1/answers", json={"question": LILIES, "top_k": 4, "filters": {"to": "2026-09-30"}}).json()
    index.close()
    assert set(printed.pop("timings_ms")) == set(given.pop("timings_ms"))
    assert printed == given
    assert OLD in printed["sentences"][0]["text"]


def test_the_data_folder_can_be_named_in_the_environment(sampled: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATELINE_DATA", str(sampled))
    assert len(run("list").stdout.splitlines()) == 11
    assert "no articles in other yet" in run("list", "--data", "other", code=1).output


def test_an_index_made_with_another_setting_says_which_and_what_to_run(sampled: Path) -> None:
    (sampled / "config.toml").write_text("chunk_tokens = 100\n")
    message = run("ask", LILIES, "--data", sampled, code=1).output
    assert message.startswith(
        f"Error: The index in {sampled} was built with all-MiniLM-L6-v2 (384 dimensions, int8, weights "
    )
    assert "chunks of 254 tokens, overlap 1; configured is all-MiniLM-L6-v2 (384 dimensions" in message
    assert "chunks of 100 tokens, overlap 1. To build it anew with what is configured: dateline rebuild." in message
    assert message.endswith(f"take the setting away (--model, DATELINE_MODEL, {sampled / 'config.toml'}).\n")


@pytest.mark.parametrize(
    "command", [["ask", "Why?"], ["search", "x"], ["status"], ["list"], ["verify"], ["rebuild"], ["remove", "x"]]
)
def test_without_a_library_it_is_said_what_to_run_and_nothing_is_made(tmp_path: Path, command: list[str]) -> None:
    message = "Error: There are no articles in new yet. Add some: dateline add FILE_OR_FOLDER --data new\n"
    result = run(*command, "--data", "new", code=1)
    assert (result.stdout, result.stderr) == ("", message)
    assert list(tmp_path.iterdir()) == []


def test_the_command_that_adds_names_the_data_folder_that_was_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("DATELINE_DATA", raising=False)
    assert run("list", code=1).stderr.endswith("Add some: dateline add FILE_OR_FOLDER\n")
    spaced = run("list", "--data", "my news", code=1).stderr
    assert spaced.endswith("Add some: dateline add FILE_OR_FOLDER --data 'my news'\n")


@pytest.mark.parametrize(
    ("arguments", "code", "sentence"),
    [
        (["ask", " "], 1, "Error: The question is empty. Ask something in words."),
        (["ask", "who \udcff"], 1, r"Error: 'who \udcff' holds bytes that are no text; write it in UTF-8."),
        (["ask", "Who?", "--from", "1 June"], 1, "Error: The filter 'from' is '1 June'; give a day as YYYY-MM-DD."),
        (["search", "Who?", "--top-k", "0"], 1, "Error: top_k is 0; it takes 1 to 50."),
        (["remove", "nothing"], 1, "Error: No article has the id, URL or path 'nothing'."),
        (["remove", "x" * 300], 1, "Error: No article has the id, URL or path 'xxx"),
        (["remove"], 2, "Error: Give one of: an id, a URL or a path; or --samples."),
        (["remove", "x", "--samples"], 2, "Error: Give one of: an id, a URL or a path; or --samples."),
        (["ask"], 2, "Error: Missing argument 'QUESTION'."),
        (["serve", "--log-questions"], 2, "Error: --log-questions needs --log json."),
        (["answer"], 2, "Error: No such command 'answer'."),
    ],
)
def test_a_mistake_ends_in_one_sentence(sampled: Path, arguments: list[str], code: int, sentence: str) -> None:
    data = ["--data", str(sampled)] if arguments != ["answer"] else []
    result = run(*arguments, *data, code=code)
    assert result.stdout == ""
    assert sentence in result.stderr
    assert "Traceback" not in result.stderr


def test_an_addition_that_is_stopped_says_what_is_in_the_index(sampled: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def stopped(*sources: object, **options: object) -> Iterator[Record]:
        yield news("tower", TOWER)
        raise KeyboardInterrupt

    monkeypatch.setattr("ui.gather.items", stopped)
    monkeypatch.setattr("index.build.BATCH", 1)
    told = run("add", "news", "--data", sampled, code=1).stderr
    where = r"\nArticles in the index: 12\. Passages: \d+, \d+ of them with vectors\.\n"
    assert re.fullmatch(where + r"Run the same again to go on from there\.\n\nAborted!\n", told)


def test_an_addition_says_how_many_of_the_articles_have_no_date(tmp_path: Path) -> None:
    (tmp_path / "ferry.txt").write_text("The ferry sails.")
    (tmp_path / "tower.md").write_text(TOWER)
    assert run("add", "ferry.txt", "tower.md").stdout == (
        "2 added, 0 changed, 0 unchanged, 0 skipped.\nWithout a date, and left out where a time is asked for: 1.\n"
    )


def test_adding_nothing_is_a_mistake(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    assert run("add", "empty", code=1).stderr == "Nothing was found to add.\n"
    missing = run("add", "missing.txt", code=1)
    assert missing.stderr == f"skipped: {tmp_path / 'missing.txt'}: There is no such file or folder.\n"


@pytest.mark.parametrize("name", [None, *main.commands])
def test_every_command_has_help_that_explains_its_options(name: str | None) -> None:
    short, long = (run(*filter(None, [name]), option).output for option in ("-h", "--help"))
    assert short == long
    assert short.startswith(f"Usage: main {name or '[OPTIONS]'}")
    command = main.commands[name] if name else main
    assert command.help and command.help.splitlines()[0] in " ".join(short.split())
    for option in (p for p in command.params if isinstance(p, click.Option)):
        assert option.opts[0] in short and option.help


# --- with a server

NO_NETWORK = """
import os, socket
connect, look_up = socket.socket.connect, socket.getaddrinfo
def refuse(what):
    with open(os.environ["TRIED"], "a") as log:
        log.write(f"{what!r}\\n")
    raise OSError(f"no network here, and this is wanted: {what!r}")
def only_here(self, address):
    if self.family != socket.AF_UNIX and address[0] not in ("127.0.0.1", "::1"):
        refuse(address)
    return connect(self, address)
def only_here_ex(self, address):
    only_here(self, address)
    return 0
def no_names(host, *args, **options):
    if host not in (None, "127.0.0.1", "::1", "localhost", b"127.0.0.1", b"localhost"):
        refuse(host)
    return look_up(host, *args, **options)
socket.socket.connect, socket.socket.connect_ex, socket.getaddrinfo = only_here, only_here_ex, no_names
socket.gethostbyname = refuse
"""
COMMAND = [sys.executable, "-c", "from ui.cli import main; main(prog_name='dateline')"]


@pytest.fixture
def offline(tmp_path: Path) -> dict[str, str]:
    """The environment of a process that cannot reach another machine, and writes down in $TRIED that it wanted to."""
    site = tmp_path / "site"
    site.mkdir()
    (site / "sitecustomize.py").write_text(NO_NETWORK)
    python_path = os.pathsep.join([str(site), str(ROOT)])
    env = {k: v for k, v in os.environ.items() if not k.startswith(("DATELINE_", "HF_", "GRADIO_"))}
    cache = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")  # has the model's int8 form already
    env |= {"PYTHONPATH": python_path, "TRIED": str(tmp_path / "tried"), "HOME": str(tmp_path), "XDG_CACHE_HOME": cache}
    probe = "import socket; socket.create_connection(('192.0.2.1', 80))"
    assert b"no network here" in subprocess.run([sys.executable, "-c", probe], env=env, capture_output=True).stderr
    (tmp_path / "tried").unlink()  # the guard works
    return env


Serve = Callable[[Path], tuple[subprocess.Popen[str], str]]


@pytest.fixture
def serve(tmp_path: Path, offline: dict[str, str]) -> Iterator[Serve]:
    """Start the real server over a data folder on a free port, and wait for the address that it prints."""
    started = []

    def start(data: Path) -> tuple[subprocess.Popen[str], str]:
        errors = (tmp_path / f"server{len(started)}.err").open("w")
        process = subprocess.Popen(
            [*COMMAND, "serve", "--port", "0", "--data", str(data)],
            env=offline,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
        )
        errors.close()
        started.append(process)
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line.startswith("Dateline is at http://127.0.0.1:"), (tmp_path / "server0.err").read_text()
        return process, line.split()[3]

    yield start
    for process in started:
        if process.poll() is None:
            process.kill()
        process.wait()
        assert process.stdout is not None
        process.stdout.close()


def lock_is_free(data: Path) -> bool:
    with FileLock(data / "writer.lock", timeout=0):
        return True


def test_the_command_line_hands_its_work_to_the_server_of_its_folder_and_outlives_it(
    tmp_path: Path, articles: Path, serve: Serve
) -> None:
    data = tmp_path / "served"
    process, url = serve(data)
    note = json.loads((data / "writer.json").read_text())
    assert (note["pid"], note["url"]) == (process.pid, url)
    assert httpx.get(f"{url}/healthz").json()["instance"] == note["instance"]

    assert "articles    11 (" in run("status", "--data", data).stdout  # the samples
    printed = json.loads(run("ask", LILIES, "--json", "--data", data).stdout)
    given = httpx.post(f"{url}/v1/answers", json={"question": LILIES}, timeout=60).json()
    assert set(printed.pop("timings_ms")) == set(given.pop("timings_ms"))
    assert printed == given
    assert OLD in printed["sentences"][0]["text"]

    (articles / "broken.json").write_text("{")
    added = run("add", articles, "--data", data, code=1)
    assert added.stdout == "2 added, 0 changed, 0 unchanged, 1 skipped.\n"
    assert added.stderr.startswith(f"skipped: {articles / 'broken.json'}: ")
    (articles / "broken.json").unlink()
    assert run("add", articles, "--data", data).stdout.startswith("Nothing to do: all 2 articles")
    steps = run("ask", "How many steps does the tower have?", "--data", data).stdout
    assert steps.startswith("The tower has 214 steps. [1]\n")
    where = ["--publisher", "quorrin POST", "--from", "2026-05-04", "--to", "2026-05-04", "--data", data]
    hits = json.loads(run("search", "Quorrin", "--json", *where).stdout)["hits"]
    assert [hit["article_id"] for hit in hits] == [str(articles / "tower.md")]
    assert len(run("list", "--data", data).stdout.splitlines()) == 13
    assert run("remove", "articles", "--data", data).stdout.startswith("Removed 2: ")
    assert run("verify", "--data", data).stdout == "All is well: library, keyword index and Chroma agree.\n"
    gone = run("remove", "articles/tower.md", "--data", data, code=1)
    assert gone.stderr.startswith("Error: No article has the id, URL or path")
    assert run("ask", "?", "--data", data, code=1).stderr == "Error: The question is empty. Ask something in words.\n"

    second = run("serve", "--port", "0", "--data", data, code=1)
    assert second.stderr == f"Error: Dateline is already serving {data} at {url}. Use that, or stop it first.\n"
    taken = run("serve", "--port", url.rsplit(":", 1)[1], "--data", tmp_path / "other", code=1)
    assert "cannot be used: Address already in use. Try another: dateline serve --port" in taken.stderr
    abroad = run("serve", "--host", "0.0.0.0", "--data", tmp_path / "other", code=1)
    assert f"Make one first: dateline keys add NAME --data {tmp_path / 'other'}" in abroad.stderr
    assert not (tmp_path / "other").exists()

    process.send_signal(signal.SIGINT)
    assert process.wait(timeout=60) == 0
    assert (tmp_path / "server0.err").read_text() == ""
    assert lock_is_free(data) and not (data / "writer.json").exists()

    process, url = serve(data)
    process.send_signal(signal.SIGKILL)
    process.wait(timeout=60)
    assert json.loads((data / "writer.json").read_text())["url"] == url  # what a killed server leaves
    assert lock_is_free(data)
    assert run("add", articles / "tower.md", "--data", data).stdout == "1 added, 0 changed, 0 unchanged, 0 skipped.\n"
    assert "articles    12 (" in run("status", "--data", data).stdout
    assert not (tmp_path / "tried").exists()


def test_adding_and_asking_work_on_a_machine_without_a_network(tmp_path: Path, offline: dict[str, str]) -> None:
    isolated = ["unshare", "--map-root-user", "--net"]
    if not shutil.which("unshare") or subprocess.run([*isolated, "true"], capture_output=True).returncode:
        pytest.skip("needs Linux with user namespaces, to take the network away for real (unshare -rn)")
    session = (
        "from ui.cli import main\n"
        f"main(['add', {str(SAMPLES)!r}], standalone_mode=False)\n"
        f"main(['ask', {LILIES!r}], standalone_mode=False)\n"
    )
    done = subprocess.run(
        [*isolated, sys.executable, "-c", session], env=offline, capture_output=True, text=True, cwd=tmp_path
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("11 added, 0 changed, 0 unchanged, 0 skipped.\n")
    assert OLD in " ".join(done.stdout.split())
    assert not (tmp_path / "tried").exists()
