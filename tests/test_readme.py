"""What the README shows is what happens."""

import re
import shlex
from pathlib import Path

import httpx
import pytest
from click.testing import CliRunner

from ui.cli import main

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text("utf-8")


def block(marker: str) -> str:
    """The code block behind a marker comment."""
    found = re.search(rf"<!-- {marker}: [^>]*-->\n```\w*\n(.*?)```\n<!-- end -->", README, re.DOTALL)
    assert found, f"the README has no {marker} block"
    return found.group(1)


def test_the_session_in_the_readme_prints_what_it_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    monkeypatch.setenv("DATELINE_DATA", str(tmp_path))
    monkeypatch.setenv("COLUMNS", "80")
    session = block("session")
    shown = ""
    for command in re.findall(r"^\$ dateline (.*)$", session, re.MULTILINE):
        result = CliRunner().invoke(main, shlex.split(command))
        shown += f"$ dateline {command}\n{result.output}"
    assert shown == session


def test_the_help_in_the_readme_is_the_programs() -> None:
    assert block("help") == CliRunner().invoke(main, ["--help"], prog_name="dateline").output


def test_the_curl_lines_in_the_readme_work(server_url: str) -> None:
    lines = re.findall(r"^curl -s (.*)$", README, re.MULTILINE)
    assert len(lines) == 3
    for line in lines:
        words = [w.replace("http://127.0.0.1:7860", server_url) for w in shlex.split(line)]
        url = next(w for w in words if w.startswith(server_url))
        if "-d" in words:
            header = words[words.index("-H") + 1].split(": ")
            response = httpx.post(url, content=words[words.index("-d") + 1], headers=[tuple(header)], timeout=60)
        else:
            response = httpx.get(url, timeout=60)
        assert response.status_code == 200, response.text


def test_the_readme_names_every_format_that_is_read() -> None:
    from index.load import FORMATS

    named = set(re.findall(r"`(\.\w+)`", README))
    assert named <= {*FORMATS, ".venv", ".dateline"}
    assert {".txt", ".md", ".html", ".pdf", ".json", ".jsonl", ".csv"} <= named


def test_make_and_ci_call_what_the_readme_names() -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    assert "make test" in (ROOT / ".ci" / "run").read_text("utf-8")
    assert {"make serve", "make test"} <= set(re.findall(r"make \w+", README))
    assert re.findall(r"^(serve|test):", makefile, re.MULTILINE) == ["serve", "test"]
