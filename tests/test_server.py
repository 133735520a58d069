"""What the server refuses, and how it ends."""

import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest

from index.build import verify
from index.config import Config
from index.embed import Embedder
from index.errors import ConfigError
from index.store import open_index
from ui.server import serve


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "http://127.0.0.1:1"])
def test_a_page_from_elsewhere_may_not_change_anything(server_url: str, origin: str) -> None:
    refused = httpx.post(f"{server_url}/v1/verify", headers={"Origin": origin})
    assert (refused.status_code, refused.json()) == (
        403,
        {"error": f"A page at {origin!r} may not change anything here."},
    )


def test_its_own_page_may(server_url: str) -> None:
    assert httpx.post(f"{server_url}/v1/verify", headers={"Origin": server_url}, timeout=60).status_code == 200


def test_it_serves_on_this_machine_only(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"serves on this machine only, not on 0\.0\.0\.0"):
        serve(Config(data=tmp_path / "data"), host="0.0.0.0")
    assert not (tmp_path / "data").exists()


def test_a_server_that_is_told_to_stop_gives_up_its_job_and_closes_in_order(
    samples_data: Path, tmp_path: Path, embedder: Embedder
) -> None:
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
        begun = httpx.post(f"{url}/v1/rebuild", json={"wait": False, "chunk_tokens": 64}, timeout=120)
        assert begun.status_code == 202
        server.send_signal(signal.SIGTERM)
        assert server.wait(timeout=120) == 0
    assert not (data / "writer.json").exists()
    index = open_index(Config(data=data), write=True, embedder=embedder)
    assert verify(index) == []
    index.close()
