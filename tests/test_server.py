"""What the server refuses, and how it ends."""

import json
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest
from click.testing import CliRunner
from tiny import NOW

from index.config import Config
from index.errors import ConfigError
from ui.cli import main
from ui.keys import Keys
from ui.server import serve
from ui.visit import ASK


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


def test_others_are_served_who_have_a_key_and_the_log_says_what_they_did(samples_data: Path, tmp_path: Path) -> None:
    data = tmp_path / "data"
    shutil.copytree(samples_data, data)
    key = Keys(data).add("ada", ASK, today=NOW.date())
    code = "from ui.cli import main; main()"
    options = [
        "--host",
        "0.0.0.0",
        "--port",
        "0",
        "--rate",
        "2",
        "--log",
        "json",
        "--log-questions",
        "--data",
        str(data),
    ]
    with (
        (tmp_path / "log").open("w") as log,
        subprocess.Popen(
            [sys.executable, "-c", code, "serve", *options], stdout=subprocess.PIPE, stderr=log, text=True
        ) as server,
    ):
        assert server.stdout is not None
        url = server.stdout.readline().split()[3].replace("0.0.0.0", "127.0.0.1")
        with httpx.Client(base_url=url, timeout=120, transport=httpx.HTTPTransport(retries=9)) as client:
            assert client.get("/v1/status").status_code == 401
            client.headers["Authorization"] = f"Bearer {key}"
            question = {"question": "How old are the sea lilies?"}
            assert "310 million" in client.post("/v1/answers", json=question).json()["text"]
            assert client.post("/v1/answers", json=question).status_code == 200
            assert client.post("/v1/answers", json=question).status_code == 429
            assert client.delete("/v1/articles", params={"name": "x"}).status_code == 403
        shown = CliRunner().invoke(main, ["status", "--data", str(data)])  # the command line needs no key
        assert "articles    11" in shown.output
        server.send_signal(signal.SIGTERM)
        assert server.wait(timeout=60) == 0
    text = (tmp_path / "log").read_text()
    lines = [json.loads(line) for line in text.splitlines()]
    done = [(line["path"], line["status"], line["key"]) for line in lines if line["event"] == "request"]
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


def test_a_server_that_is_told_to_stop_closes_in_order(samples_data: Path, tmp_path: Path) -> None:
    data = tmp_path / "data"
    shutil.copytree(samples_data, data)
    code = "from ui.cli import main; main()"
    words = [sys.executable, "-c", code, "serve", "--port", "0", "--data", str(data)]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        url = server.stdout.readline().split()[3]
        while True:  # it has to have started before it can stop in order
            try:
                httpx.get(f"{url}/healthz", timeout=60).raise_for_status()
                break
            except httpx.TransportError:
                time.sleep(0.1)
        server.send_signal(signal.SIGTERM)
        assert server.wait(timeout=60) == 0
    assert not (data / "writer.json").exists()
