"""What the server refuses, and how it ends."""

import json
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple, TextIO

import httpx
import pytest
from click.testing import CliRunner
from conftest import serving
from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send
from tiny import NOW

from index.build import verify
from index.config import Config
from index.embed import Embedder
from index.errors import ConfigError
from index.opening import open_index
from ui.cli import main
from ui.keys import Keys
from ui.server import serve
from ui.visit import ASK


class Running(NamedTuple):
    """A server in a process of its own."""

    url: str
    process: subprocess.Popen[str]

    def stop(self) -> int:
        """Tell it to stop; how it ended."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=120)


@contextmanager
def running(data: Path, *options: str, log: TextIO | None = None) -> Iterator[Running]:
    """`dateline serve` on a free port. What a failed test leaves of it is killed."""
    words = [sys.executable, "-c", "from ui.cli import main; main()", "serve", "--port", "0", "--data", str(data)]
    with subprocess.Popen([*words, *options], stdout=subprocess.PIPE, stderr=log, text=True) as process:
        try:
            assert process.stdout is not None
            yield Running(process.stdout.readline().split()[3], process)
        finally:
            process.kill()


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "http://127.0.0.1:1"])
def test_a_page_from_elsewhere_may_not_change_anything(server_url: str, origin: str) -> None:
    refused = httpx.post(f"{server_url}/v1/verify", headers={"Origin": origin})
    assert (refused.status_code, refused.json()) == (
        403,
        {"error": f"A page at {origin!r} may not change anything here."},
    )


def test_its_own_page_may(server_url: str) -> None:
    assert httpx.post(f"{server_url}/v1/verify", headers={"Origin": server_url}, timeout=60).status_code == 200


def test_it_serves_others_only_with_a_key(tmp_path: Path) -> None:
    command = re.escape(f"Make one first: dateline keys add NAME --data {tmp_path / 'data'}")
    with pytest.raises(ConfigError, match=rf"Others may reach Dateline at 0\.0\.0\.0, and there is no key .*{command}"):
        serve(Config(data=tmp_path / "data"), host="0.0.0.0")
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize(
    ("proxy", "whence"),
    [
        (None, "127.0.0.1"),  # anybody on this machine could say it
        ("192.0.2.1", "127.0.0.1"),
        ("127.0.0.1", "198.51.100.7"),  # what the proxy has added, and not what it was told
        ("127.0.0.0/8", "198.51.100.7"),
    ],
)
def test_where_a_request_comes_from_is_taken_from_the_word_of_the_proxy_alone(proxy: str | None, whence: str) -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await PlainTextResponse(scope["client"][0])(scope, receive, send)

    with serving(app, proxy=proxy) as url:
        said = httpx.get(url, headers={"X-Forwarded-For": "203.0.113.9, 198.51.100.7"})
    assert said.text == whence


@pytest.mark.parametrize("proxy", ["proxy.example.org", "*", "127.0.0.1/8", "127.0.0.1,::1"])
def test_a_proxy_that_is_no_address_is_refused(tmp_path: Path, proxy: str) -> None:
    with pytest.raises(ConfigError, match=r"--proxy is '.*'; give the address from which the proxy comes"):
        serve(Config(data=tmp_path / "data"), proxy=proxy)
    assert not (tmp_path / "data").exists()


def test_others_are_served_who_have_a_key_and_the_log_says_what_they_did(samples_data: Path, tmp_path: Path) -> None:
    data = tmp_path / "data"
    shutil.copytree(samples_data, data)
    key = Keys(data).add("ada", ASK, today=NOW.date())
    words = ["--host", "0.0.0.0", "--rate", "2", "--log", "json", "--log-questions"]
    with (tmp_path / "log").open("w") as log, running(data, *words, log=log) as server:
        url = server.url.replace("0.0.0.0", "127.0.0.1")
        with httpx.Client(base_url=url, timeout=120, transport=httpx.HTTPTransport(retries=9)) as client:
            assert client.get("/v1/status").status_code == 401
            guesses = [
                client.post("/login", data={"key": "x"}, headers={"X-Forwarded-For": f"192.0.2.{n}"}) for n in range(11)
            ]
            assert [guess.status_code for guess in guesses] == [401] * 10 + [429]
            client.headers["Authorization"] = f"Bearer {key}"
            question = {"question": "How old are the sea lilies?"}
            assert "310 million" in client.post("/v1/answers", json=question).json()["text"]
            assert client.post("/v1/answers", json=question).status_code == 200
            assert client.post("/v1/answers", json=question).status_code == 429
            assert client.delete("/v1/articles", params={"name": "x"}).status_code == 403
        shown = CliRunner().invoke(main, ["status", "--data", str(data)])  # the command line needs no key
        assert "articles    11" in shown.output
        assert server.stop() == 0
    text = (tmp_path / "log").read_text()
    lines = [json.loads(line) for line in text.splitlines()]
    done = [(line["path"], line["status"], line["key"]) for line in lines if line["event"] == "request"]
    done = [request for request in done if request[0] != "/login"]
    assert done[:5] == [
        ("/v1/status", 401, None),
        ("/v1/answers", 200, "ada"),
        ("/v1/answers", 200, "ada"),
        ("/v1/answers", 429, "ada"),
        ("/v1/articles", 403, "ada"),
    ]
    assert [line["question"] for line in lines if line["event"] == "question"] == [question["question"]] * 2
    assert ("/v1/status", 200, "local") in done
    assert key not in text


def test_a_server_that_is_told_to_stop_gives_up_its_job_and_closes_in_order(
    samples_data: Path, tmp_path: Path, embedder: Embedder
) -> None:
    data = tmp_path / "data"
    shutil.copytree(samples_data, data)
    with running(data) as server:
        while True:  # it has to have started before it can stop in order
            try:
                httpx.get(f"{server.url}/healthz", timeout=60).raise_for_status()
                break
            except httpx.TransportError:
                time.sleep(0.1)
        begun = httpx.post(f"{server.url}/v1/rebuild", json={"wait": False, "chunk_tokens": 64}, timeout=120)
        assert begun.status_code == 202
        assert server.stop() == 0
    assert not (data / "writer.json").exists()
    index = open_index(Config(data=data), write=True, embedder=embedder)
    assert verify(index) == []
    index.close()


def test_a_server_that_is_told_to_stop_while_a_page_is_open_ends_without_a_word(
    samples_data: Path, tmp_path: Path
) -> None:
    data = tmp_path / "data"
    shutil.copytree(samples_data, data)
    with (
        (tmp_path / "log").open("w") as log,
        running(data, log=log) as server,
        httpx.Client(timeout=60, transport=httpx.HTTPTransport(retries=9)) as client,
        client.stream("GET", f"{server.url}/gradio_api/heartbeat/page") as open_page,
    ):
        assert next(open_page.iter_lines()) == "data: ALIVE"
        assert server.stop() == 0
    assert (tmp_path / "log").read_text() == ""
