"""The Model Context Protocol by its SDK's own client, over the real server, in the protocol's two generations."""

import asyncio
import threading
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

import httpx
import pytest
from conftest import whole_app
from mcp import Client, MCPError
from mcp.types import CallToolResult, TextContent
from starlette.testclient import TestClient

from index.types import Filters
from qa.types import REFUSAL, Shown, Stage
from ui import service as service_module
from ui.render import answer_json, hit_json
from ui.service import Service

WHY = "Why was the Harbour Bridge closed?"
T = TypeVar("T")
both = pytest.mark.parametrize("mode", ["legacy", "auto"])


def over(server_url: str, talk: Callable[[Client], Awaitable[T]], mode: str = "auto") -> T:
    async def connected() -> T:
        async with Client(f"{server_url}/mcp", mode=mode) as client:
            return await talk(client)

    return asyncio.run(connected())


def called(server_url: str, name: str, mode: str = "auto", **arguments: object) -> CallToolResult:
    return over(server_url, lambda client: client.call_tool(name, arguments), mode)


def text_of(result: CallToolResult) -> str:
    (block,) = result.content
    assert isinstance(block, TextContent)
    return block.text


@both
def test_the_tools_say_what_they_take_and_give(server_url: str, mode: str) -> None:
    async def talk(client: Client) -> None:
        tools = {tool.name: tool for tool in (await client.list_tools()).tools}
        assert set(tools) == {"ask", "search", "read_article"}
        for tool in tools.values():
            assert tool.description and tool.title and tool.output_schema
            assert tool.annotations and tool.annotations.read_only_hint
        assert set(tools["ask"].input_schema["properties"]) == {"question", "from", "to", "publishers", "article_ids"}
        assert tools["ask"].input_schema["required"] == ["question"]
        assert client.instructions and "never an instruction" in client.instructions

    over(server_url, talk, mode)


@both
def test_ask_gives_the_answer_with_its_citations_as_data_and_as_text(
    server_url: str, mode: str, service: Service
) -> None:
    expected = answer_json(service.ask(WHY))
    result = called(server_url, "ask", mode, question=WHY)
    assert not result.is_error
    names = ("standalone_question", "abstained", "confidence", "text", "notes")
    assert {name: result.structured_content[name] for name in names} == {name: expected[name] for name in names}
    cited = expected["citations"]
    assert isinstance(cited, list) and cited
    for found, citation in zip(result.structured_content["citations"], cited, strict=True):
        assert found == {name: citation[name] for name in found}
    text = text_of(result)
    assert text.startswith(str(expected["text"])) and "Sources\n[1] " in text
    for citation in cited:
        assert f"“{citation['quote']}”" in text and str(citation["url"]) in text


def test_ask_says_so_when_the_articles_do_not_answer(server_url: str) -> None:
    result = called(server_url, "ask", question="What is the capital of France?")
    assert (result.structured_content["abstained"], result.structured_content["citations"]) == (True, [])
    assert text_of(result).startswith(REFUSAL)


def test_search_gives_whole_passages_within_the_filters(server_url: str, service: Service) -> None:
    where = {"from": "2026-08-01", "publishers": ["veldmark gazette"]}
    filters = Filters(since="2026-08-01", publishers=("veldmark gazette",))
    expected = [hit_json(h) for h in service.search("ferry", filters=filters, top_k=3)]
    result = called(server_url, "search", question="ferry", top_k=3, **where)
    assert result.structured_content["hits"] == [{k: v for k, v in h.items() if k != "parts"} for h in expected]
    assert all(str(h["text"]) in text_of(result) for h in expected)


def test_an_article_is_read_in_parts_that_make_it_up(server_url: str, service: Service) -> None:
    article = service.articles()[0]
    first = called(server_url, "read_article", article_id=article.id, characters=100)
    rest = called(server_url, "read_article", article_id=article.id, start=100)
    assert first.structured_content["text"] + rest.structured_content["text"] == article.text
    assert (rest.structured_content["end"], rest.structured_content["characters"]) == (len(article.text),) * 2
    assert text_of(first).startswith(f"{article.title} — ") and "characters 0-100 of" in text_of(first)


@both
@pytest.mark.parametrize(
    ("name", "arguments", "sentence"),
    [
        (
            "read_article",
            {"article_id": "none"},
            "There is no article with the id 'none'. The list of articles shows their ids.",
        ),
        (
            "read_article",
            {},
            "article_id: Field required. What read_article takes: article_id, start, characters.",
        ),
        ("ask", {"question": "?"}, "The question is empty. Ask something in words."),
        (
            "ask",
            {"question": "Who?", "publisher": "X"},
            "publisher: there is no such field. What ask takes: from, to, publishers, article_ids, question.",
        ),
        (
            "search",
            {"query": "ferry"},
            "question: Field required; query: there is no such field. "
            "What search takes: from, to, publishers, article_ids, question, top_k.",
        ),
        ("search", {"question": "a", "from": "soon"}, "The filter 'from' is 'soon'; give a day as YYYY-MM-DD."),
    ],
)
def test_what_cannot_be_done_is_a_result_that_says_why(
    server_url: str, mode: str, name: str, arguments: dict[str, object], sentence: str
) -> None:
    result = called(server_url, name, mode, **arguments)
    assert (result.is_error, text_of(result)) == (True, sentence)


def test_a_tool_that_there_is_not_is_an_error_of_the_protocol(server_url: str) -> None:
    async def talk(client: Client) -> None:
        with pytest.raises(MCPError, match="There is no tool 'delete'; there are ask, search, read_article"):
            await client.call_tool("delete", {})

    over(server_url, talk)


def test_a_bug_is_said_to_be_one(server_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Service, "article", lambda self, article_id: 1 / 0)
    result = called(server_url, "read_article", article_id="x")
    assert result.is_error and "ZeroDivisionError): this is a bug" in text_of(result)


class Held:
    """An `ask` that goes on until it is let go or given up."""

    def __init__(self) -> None:
        self.begun, self.given_up = threading.Event(), threading.Event()

    def __call__(self, *args: object, tell: Callable[[Stage | Shown], None], **options: object) -> None:
        self.begun.set()
        try:
            while not self.given_up.wait(0.02):
                tell(Stage("reading"))
        except BaseException:
            self.given_up.set()
            raise


@both
def test_a_call_that_is_given_up_stops_the_work_and_the_server_answers_meanwhile(
    server_url: str, mode: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = Held()
    monkeypatch.setattr(service_module, "ask", held)

    async def talk(client: Client) -> None:
        asking = asyncio.create_task(client.call_tool("ask", {"question": WHY}))
        assert await asyncio.to_thread(held.begun.wait, 10)
        began = time.monotonic()
        assert (await client.call_tool("read_article", {"article_id": "none"})).is_error
        assert time.monotonic() - began < 5 and not held.given_up.is_set()
        asking.cancel()
        if mode == "auto":  # the older protocol's cancelling names a call of a session, and there are none: it hangs up
            assert await asyncio.to_thread(held.given_up.wait, 10)

    over(server_url, talk, mode)
    assert held.given_up.wait(10)


def test_progress_is_told_to_those_who_ask_for_it(server_url: str) -> None:
    told: list[str | None] = []

    async def note(progress: float, total: float | None, message: str | None) -> None:
        told.append(message)

    async def talk(client: Client) -> None:
        await client.call_tool("ask", {"question": WHY}, progress_callback=note)

    over(server_url, talk)
    assert told == ["understanding", "searching", "reading", "checking"]


@pytest.mark.parametrize("headers", [{"host": "evil.example"}, {"origin": "http://evil.example"}])
def test_the_guard_stands_in_front_of_it(server_url: str, headers: dict[str, str]) -> None:
    response = httpx.post(f"{server_url}/mcp", json={}, headers=headers)
    assert response.status_code in (400, 403) and "error" in response.json()


@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_it_takes_post_only(server_url: str, method: str) -> None:
    assert httpx.request(method, f"{server_url}/mcp").status_code == 405


def test_it_starts_with_the_app_and_again_with_it(service: Service) -> None:
    app = whole_app(service, instance="me")
    body = {"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {}}
    accept = {"accept": "application/json, text/event-stream", "mcp-protocol-version": "2025-06-18"}
    for _ in range(2):
        with TestClient(app, base_url="http://localhost") as client:
            response = client.post("/mcp", json=body, headers=accept)
            assert response.status_code == 200 and '"read_article"' in response.text
