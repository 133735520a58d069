"""Answers as they come about: server-sent events over a real connection, and what happens when nobody waits."""

import json
import threading
import time
from collections.abc import Callable, Iterator

import httpx
import pytest

from index.errors import OverloadedError
from index.store import Index
from qa.rerank import Reranker
from qa.types import Shown, Stage
from ui import service as service_module
from ui import sse
from ui.service import Service

WHY = "Why was the Harbour Bridge closed?"
EVENTS = {"Accept": "text/event-stream"}


@pytest.fixture(scope="module")
def http(server_url: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=server_url, timeout=60) as client:
        yield client


def events(http: httpx.Client, body: object) -> list[tuple[str, dict[str, object]]]:
    with http.stream("POST", "/v1/answers", json=body, headers=EVENTS) as response:
        assert response.status_code == 200 and response.headers["content-type"].startswith("text/event-stream")
        return list(parsed(response.read().decode()))


def parsed(text: str) -> Iterator[tuple[str, dict[str, object]]]:
    assert text.endswith("\n\n")
    for block in text.removesuffix("\n\n").split("\n\n"):
        lines = dict(line.split(": ", 1) for line in block.splitlines() if not line.startswith(":"))
        if lines:
            assert lines.keys() == {"event", "data"}
            yield lines["event"], json.loads(lines["data"])


def test_an_answer_arrives_as_events_whose_sentences_are_those_of_the_whole(http: httpx.Client) -> None:
    found = events(http, {"question": WHY})
    whole = http.post("/v1/answers", json={"question": WHY}).json()
    assert [data["stage"] for name, data in found if name == "status"] == [
        "understanding", "searching", "reading", "checking",
    ]  # fmt: skip
    name, done = found[-1]
    assert name == "done" and done | {"timings_ms": 0} == whole | {"timings_ms": 0}
    sentences = [data for name, data in found if name == "sentence"]
    assert [{k: s[k] for k in ("text", "citations", "about")} for s in sentences] == whole["sentences"] != []
    assert [c for s in sentences for c in s["sources"]] == whole["citations"]


def test_what_cannot_be_asked_is_an_error_before_or_in_the_stream(http: httpx.Client) -> None:
    early = http.post("/v1/answers", json={"question": "?"}, headers=EVENTS)
    assert (early.status_code, list(early.json())) == (400, ["error"])
    (*_, (name, data)) = events(http, {"question": WHY, "filters": {"publishers": ["Nobody"]}})
    assert name == "error" and data["status"] == 400 and "No article is from 'Nobody'" in str(data["error"])


def test_a_bug_is_the_last_event_of_the_stream(
    http: httpx.Client, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*args: object, tell: Callable[[Stage], None], **options: object) -> None:
        tell(Stage("searching"))
        raise ZeroDivisionError

    monkeypatch.setattr(service_module, "ask", broken)
    assert [name for name, _ in events(http, {"question": WHY})] == ["status", "error"]


class Held:
    """An `ask` that says what it does, and goes on until it is let go or given up."""

    def __init__(self) -> None:
        self.begun, self.go, self.given_up = threading.Event(), threading.Event(), threading.Event()

    def __call__(self, *args: object, tell: Callable[[Stage | Shown], None], **options: object) -> None:
        tell(Stage("searching"))
        self.begun.set()
        try:
            while not self.go.wait(0.02):
                tell(Stage("reading"))
        except BaseException:
            self.given_up.set()
            raise
        raise OverloadedError("let go")


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> Iterator[Held]:
    made = Held()
    monkeypatch.setattr(service_module, "ask", made)
    yield made
    made.go.set()


@pytest.mark.parametrize("headers", [EVENTS, {}], ids=["events", "json"])
def test_a_client_that_goes_away_stops_the_work(http: httpx.Client, held: Held, headers: dict[str, str]) -> None:
    def ask_briefly() -> None:
        with (
            pytest.raises(httpx.ReadTimeout),
            httpx.Client(base_url=http.base_url, timeout=1) as client,
            client.stream("POST", "/v1/answers", json={"question": WHY}, headers=headers) as response,
        ):
            time.sleep(0.5)
            assert headers and response.status_code == 200
            raise httpx.ReadTimeout("enough")

    ask_briefly()
    assert held.begun.is_set() and held.given_up.wait(10)


def test_a_silent_stream_is_kept_alive(http: httpx.Client, held: Held, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sse, "KEEP_ALIVE", 1)
    monkeypatch.setattr("ui.asking.IDLE", 0.05)
    monkeypatch.setattr(held, "__class__", Silent)
    with http.stream("POST", "/v1/answers", json={"question": WHY}, headers=EVENTS) as response:
        lines = response.iter_lines()
        assert any(line == ": working" for line in lines)
        held.go.set()


class Silent(Held):
    def __call__(self, *args: object, tell: Callable[[Stage | Shown], None], **options: object) -> None:
        tell(Stage("searching"))
        self.go.wait(30)
        raise OverloadedError("let go")


def test_who_comes_when_the_line_is_full_is_sent_away_and_told_when_to_come_back(
    http: httpx.Client, samples_index: Index, reranker: Reranker, held: Held, service: Service,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr(service, "_asking", threading.Semaphore(1))
    monkeypatch.setattr(service, "_waiting", threading.Semaphore(0))
    asking = threading.Thread(target=lambda: http.post("/v1/answers", json={"question": WHY}))
    asking.start()
    assert held.begun.wait(10)
    assert service.line() == (1, 0)
    response = http.post("/v1/answers", json={"question": WHY})
    assert response.status_code == 503 and "wait in line already" in response.json()["error"]
    assert int(response.headers["retry-after"]) > 0
    held.go.set()
    asking.join()
