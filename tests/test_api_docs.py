"""Every code block of `ui/API.md` is run, against a running server."""

import asyncio
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from mcp import Client

PAGE = Path(__file__).parents[1] / "ui" / "API.md"
HERE = "http://127.0.0.1:7860"
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```$", PAGE.read_text("utf-8"), re.MULTILINE | re.DOTALL)


def blocks(language: str) -> list[str]:
    return [code for found, code in BLOCKS if found == language]


def test_every_block_is_of_a_kind_that_is_run() -> None:
    assert {language for language, _ in BLOCKS} == {"sh", "python", "json"}
    assert (len(blocks("sh")), len(blocks("python")), len(blocks("json"))) == (2, 5, 2)


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
@pytest.mark.parametrize("code", blocks("sh"))
def test_the_curl_lines_give_json_without_an_error(server_url: str, code: str) -> None:
    for line in code.splitlines():
        done = subprocess.run(["sh", "-c", line.replace(HERE, server_url)], capture_output=True, text=True, check=True)
        assert "error" not in json.loads(done.stdout)


@pytest.mark.parametrize("code", blocks("python"), ids=lambda code: code.splitlines()[0])
def test_the_python_runs_and_prints_something(server_url: str, code: str) -> None:
    words = [sys.executable, "-W", "error", "-c", code.replace(HERE, server_url)]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "") and done.stdout.strip()


@pytest.mark.parametrize("code", blocks("json"))
def test_a_configuration_names_the_address_of_the_tools(server_url: str, code: str) -> None:
    (server,) = json.loads(code)["mcpServers"].values()
    address = server.get("url") or server["args"][-1]

    async def names() -> set[str]:
        async with Client(address.replace(HERE, server_url)) as client:
            return {tool.name for tool in (await client.list_tools()).tools}

    assert asyncio.run(names()) == {"ask", "search", "read_article"}
