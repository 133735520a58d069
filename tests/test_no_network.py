"""After install, nothing is looked up and no other machine is spoken to: neither from Python nor from native code."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from index.config import SAMPLES

STORY = """
import sys
from click.testing import CliRunner
from ui.cli import main
for words in (["add", sys.argv[1]], ["ask", "How old are the sea lilies?"]):
    result = CliRunner().invoke(main, [*words, "--data", sys.argv[2]])
    assert result.exit_code == 0, result.output
from pathlib import Path
from index.config import Config
from index.opening import open_index
from qa.rerank import Reranker
from ui.access import Access
from ui.keys import Keys
from ui.monitor import Monitor
from ui.server import make_app
from ui.service import Service
service = Service(open_index(Config(data=Path(sys.argv[2])), write=True), Reranker(), now=None)
make_app(service, Config(data=Path(".")), Access(Keys(Path("."))), Monitor())
"""


def test_whoever_is_imported_first_telemetry_is_off_before_any_library_loads() -> None:
    for module in ("index.types", "qa.rerank", "ui.chat"):
        code = f"import {module}, os, json; print(json.dumps(os.environ.get('ORT_DISABLE_TELEMETRY')))"
        clean = {k: v for k, v in os.environ.items() if k not in ("ORT_DISABLE_TELEMETRY", "CI")}
        shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=clean, check=True)
        assert json.loads(shown.stdout) == "1"


@pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed: apt-get install strace")
def test_adding_asking_and_serving_connect_to_no_other_machine(tmp_path: Path) -> None:
    """Watched from outside, since native libraries open sockets that Python does not see."""
    articles = tmp_path / "articles"
    articles.mkdir()
    shutil.copy(SAMPLES / "sea-lily-fossils.md", articles)
    trace = tmp_path / "trace"
    watched = ["strace", "--seccomp-bpf", "-f", "-qq", "-e", "trace=connect,sendto,sendmmsg", "-o", str(trace)]
    clean = {k: v for k, v in os.environ.items() if k not in ("ORT_DISABLE_TELEMETRY", "CI", "PYTEST_CURRENT_TEST")}
    story = [sys.executable, "-c", STORY, str(articles), str(tmp_path / "data")]
    result = subprocess.run([*watched, *story], capture_output=True, text=True, env=clean)
    if "PTRACE" in result.stderr or "ptrace" in result.stderr:
        pytest.skip(f"strace may not trace here: {result.stderr[:200]}")
    assert result.returncode == 0, result.stderr
    elsewhere = [line for line in trace.read_text().splitlines() if re.search(r"AF_INET6?\b", line)]
    assert [line for line in elsewhere if not re.search(r'"127\.|"::1"', line)] == []
