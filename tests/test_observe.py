"""What is told of a request: its id, a line in the log, and figures for Prometheus."""

import io
import json
import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from conftest import Indifferent
from fastapi import FastAPI
from prometheus_client.parser import text_string_to_metric_families
from starlette.testclient import TestClient
from tiny import NOW, news

from index.build import add
from index.store import Index
from qa.types import Answer
from ui import log
from ui.api import make_api
from ui.headers import POLICY
from ui.monitor import Monitor
from ui.observe import Done, Observe
from ui.service import Service
from ui.visit import current_id

QUESTION = "Which bridge is closed?"


@pytest.fixture
def monitor() -> Monitor:
    return Monitor()


@pytest.fixture
def heard() -> list[str | None]:
    """The requests under which a question was answered."""
    return []


@pytest.fixture
def app(open_tiny: Any, monitor: Monitor, heard: list[str | None]) -> FastAPI:
    index: Index = open_tiny()
    add(index, [news("bridge", "The bridge is closed.")], now=NOW)

    def observe(answer: Answer) -> None:
        heard.append(current_id())
        monitor.answer(answer)
        log.question(answer)

    def tell(done: Done) -> None:
        monitor.request(done)
        log.request(done)

    service = Service(index, Indifferent(), now=lambda: NOW, observe=observe)  # type: ignore[arg-type]
    app = make_api(service, index.config)
    monitor.add_route(app, service)
    app.add_middleware(Observe, tell=tell)

    @app.get("/broken")
    def broken() -> None:
        raise ZeroDivisionError

    return app


@pytest.fixture
def api(app: FastAPI) -> TestClient:
    return TestClient(app, raise_server_exceptions=False)


@contextmanager
def logged() -> Iterator[list[dict[str, Any]]]:
    """The lines that are logged meanwhile."""
    stream, lines = io.StringIO(), []
    with log.json_log(stream):
        yield lines
    lines += map(json.loads, stream.getvalue().splitlines())


@pytest.mark.parametrize("theirs", ["abc-123", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", "a.b:c_d"])
def test_an_id_that_a_request_brings_is_given_back(api: TestClient, theirs: str) -> None:
    assert api.get("/v1/status", headers={"X-Request-ID": theirs}).headers["X-Request-ID"] == theirs


@pytest.mark.parametrize("theirs", [None, "", "a b", "x" * 65, 'a"b', "ä", "a\tb"])
def test_another_is_made(api: TestClient, theirs: str | None) -> None:
    headers = {"X-Request-ID": theirs.encode()} if theirs is not None else {}
    given = [api.get("/v1/nothing", headers=headers).headers["X-Request-ID"] for _ in range(2)]
    assert all(re.fullmatch("[0-9a-f]{16}", one) for one in given) and given[0] != given[1]


def test_a_bug_names_its_request_to_the_client_and_in_the_log(
    api: TestClient, caplog: pytest.LogCaptureFixture
) -> None:
    response = api.get("/broken", headers={"X-Request-ID": "mine"})
    assert response.status_code == 500
    assert response.json() == {
        "error": "GET /broken failed inside Dateline (ZeroDivisionError): this is a bug. "
        "The server's output has the details, under request mine."
    }
    assert response.headers["X-Request-ID"] == "mine"
    assert response.headers["Content-Security-Policy"] == POLICY
    assert "Request mine failed; what follows says how." in caplog.text


def test_an_answer_is_worked_on_under_its_request(api: TestClient, heard: list[str | None]) -> None:
    for headers in ({}, {"Accept": "text/event-stream"}):
        api.post("/v1/answers", json={"question": QUESTION}, headers={"X-Request-ID": "mine", **headers})
    assert heard == ["mine", "mine"]


def test_each_request_is_a_line_of_json_without_a_word_of_what_was_asked(api: TestClient) -> None:
    log.QUESTIONS.disabled = True
    try:
        with logged() as lines:
            api.get(
                "/v1/search", params={"q": QUESTION}, headers={"X-Request-ID": "one", "Authorization": "Bearer dl_x"}
            )
            api.post("/v1/answers", json={"question": QUESTION})
            api.get("/v1/articles/no%0A{such}")
    finally:
        log.QUESTIONS.disabled = False
    assert [set(line) for line in lines] == [
        {"time", "level", "event", "id", "method", "path", "status", "ms", "key"}
    ] * 3
    assert lines[0].pop("ms") >= 0 and lines[0].pop("time").endswith("+00:00")
    assert lines[0] == {
        "level": "info",
        "event": "request",
        "id": "one",
        "method": "GET",
        "path": "/v1/search",
        "status": 200,
        "key": None,
    }
    assert [(line["path"], line["status"]) for line in lines[1:]] == [
        ("/v1/answers", 200), ("/v1/articles/no\n{such}", 404),
    ]  # fmt: skip
    assert "closed" not in json.dumps(lines) and "dl_x" not in json.dumps(lines)


def test_questions_are_logged_where_that_is_wanted(api: TestClient) -> None:
    with logged() as lines:
        api.post("/v1/answers", json={"question": QUESTION}, headers={"X-Request-ID": "one"})
    asked = next(line for line in lines if line["event"] == "question")
    assert (asked["id"], asked["question"], asked["abstained"]) == ("one", QUESTION, False)


def test_what_else_is_logged_is_json_too(api: TestClient) -> None:
    with logged() as lines:
        try:
            raise ZeroDivisionError("x")
        except ZeroDivisionError:
            logging.getLogger("elsewhere").exception('it "broke"\nbadly')
        logging.getLogger("elsewhere").info("not worth it")
    (line,) = lines
    assert (line["level"], line["event"], line["logger"]) == ("error", 'it "broke"\nbadly', "elsewhere")
    assert line["trace"].endswith("ZeroDivisionError: x")


def figures(api: TestClient) -> dict[tuple[str, ...], float]:
    """Every sample, by its name and its labels' values."""
    response = api.get("/metrics")
    assert response.headers["content-type"].startswith("text/plain; version=")
    found = text_string_to_metric_families(response.text)
    return {(s.name, *s.labels.values()): s.value for family in found for s in family.samples}


def test_requests_answers_and_sizes_are_counted(api: TestClient) -> None:
    api.post("/v1/answers", json={"question": QUESTION})
    api.post("/v1/answers", json={"question": "Who won the chess match of Zanzibar?"})
    for name in ("a", "b", "c"):
        api.get(f"/v1/articles/{name}")
        api.get(f"/{name}")
        api.request(f"X{name}", "/v1/status")
    found = figures(api)
    count = "dateline_request_seconds_count"
    assert found[(count, "POST", "/v1/answers", "200")] == 2
    assert found[(count, "GET", "/v1/articles/{article_id:path}", "404")] == 3
    assert found[(count, "GET", "none", "404")] == 3
    assert {key[1:3] for key in found if key[0] == count} == {
        ("POST", "/v1/answers"),
        ("GET", "/v1/articles/{article_id:path}"),
        ("GET", "none"),
        ("other", "/v1/status"),
    }
    assert found[("dateline_answers_total", "answered")] + found[("dateline_answers_total", "abstained")] == 2
    assert found[("dateline_removed_sentences_total",)] == 0
    assert found[("dateline_stage_seconds_count", "retrieve")] == 2
    assert (
        found[("dateline_index_articles",)]
        == found[("dateline_index_chunks",)]
        == found[("dateline_index_version",)]
        == 1
    )
    assert found[("dateline_questions_working",)] == found[("dateline_questions_waiting",)] == 0


def test_each_app_counts_for_itself(api: TestClient) -> None:
    Monitor().request(Done("id", "GET", "/elsewhere", "/elsewhere", 200, 0.1, None))
    assert not [labels for _, *labels in figures(api) if "/elsewhere" in labels]
