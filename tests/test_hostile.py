"""What whoever has a key cannot do with it: over a real server with its page, and a tiny index."""

import inspect
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from html import unescape

import httpx
import pytest
from gradio import processing_utils
from house import House, happen, housed, sent, told
from tiny import NOW
from web_server import page, web_server

from ui import problems
from ui.desk import Desk, filters_of
from ui.service import ASKED_AT_ONCE
from ui.visit import ASK, CHANGE

NO_DAYS = {"since": "", "until": ""}
POOL = 40
"""Threads that answer; more requests than those wait for one of them."""


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with housed(tmp_path_factory.mktemp("hostile") / "data") as built:
        yield built


def at_once(house: House, key: str, ask: Callable[[httpx.Client], httpx.Response], many: int) -> list["Asked"]:
    return [Asked(house, key, ask) for _ in range(many)]


class Asked(threading.Thread):
    """A request that somebody waits for, on a connection of its own."""

    def __init__(self, house: House, key: str, ask: Callable[[httpx.Client], httpx.Response]) -> None:
        super().__init__(daemon=True)
        self._house, self._key, self._ask = house, key, ask
        self.response: httpx.Response | None = None
        self.start()

    def run(self) -> None:
        with self._house.client(self._key) as client:
            self.response = self._ask(client)


def wait_until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.02)


# --- the threads that answer


@pytest.mark.parametrize("way", ["remove", "verify", "add", "rebuild"])
def test_changes_that_wait_leave_threads_for_everybody_else(house: House, way: str) -> None:
    def ask(client: httpx.Client) -> httpx.Response:
        match way:
            case "remove":
                return client.delete("/v1/articles", params={"name": "no such article"})
            case "add":
                return client.post("/v1/articles", json={"articles": [{"id": "fire", "text": "The fire is out."}]})
        return client.post(f"/v1/{way}")

    with house.index.rebuilding, house.index.writing, house.client(house.asks) as client:
        many = at_once(house, house.changes, ask, POOL + 5)
        enough = POOL + 5 - (1 if way == "verify" else 8)
        wait_until(lambda: sum(asked.response is not None for asked in many) >= enough)
        refused = [asked.response for asked in many if asked.response is not None]
        assert {response.status_code for response in refused} == {503}
        assert "Ask again" in refused[0].json()["error"] and refused[0].headers["retry-after"]
        for path in ("/healthz", "/readyz", "/v1/status", "/v1/articles/bridge"):
            assert client.get(path, timeout=5).status_code == 200
    for asked in many:
        asked.join(20)
        assert asked.response is not None and asked.response.status_code in (200, 404, 503)


def test_one_verification_goes_on_at_a_time(house: House) -> None:
    with house.index.writing, house.client(house.changes) as client:
        first = Asked(house, house.changes, lambda changing: changing.post("/v1/verify"))
        wait_until(house.service._verifying.locked)
        refused = client.post("/v1/verify", timeout=5)
        said = "The index is being verified already. Ask again when that has ended."
        assert (refused.status_code, refused.json()) == (503, {"error": said})
    first.join(20)
    assert first.response is not None and first.response.json() == {"problems": [], "left": []}


def test_searches_that_wait_leave_threads_for_everybody_else(house: House) -> None:
    for _ in range(ASKED_AT_ONCE):
        house.service._asking.acquire()
    try:
        many = at_once(house, house.asks, lambda client: client.get("/v1/search", params={"q": "bridge"}), POOL + 5)
        wait_until(lambda: house.service.line()[1] == POOL + 5)
        with house.client(house.asks) as client:
            assert client.get("/v1/articles/bridge", timeout=5).status_code == 200
    finally:
        for _ in range(ASKED_AT_ONCE):
            house.service._asking.release()
    for asked in many:
        asked.join(30)
        assert asked.response is not None and asked.response.json()["hits"]


def test_health_is_told_when_no_thread_is_left(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    go, status = threading.Event(), house.service.status
    monkeypatch.setattr(house.service, "status", lambda: go.wait(20) and status())
    many = at_once(house, house.asks, lambda client: client.get("/v1/status"), POOL + 5)
    try:
        time.sleep(1)
        with house.client(house.asks) as client:
            assert [client.get(path, timeout=5).status_code for path in ("/healthz", "/readyz")] == [200, 200]
            assert client.get("/v1/nothing", timeout=5).status_code == 404
    finally:
        go.set()
    for asked in many:
        asked.join(30)
        assert asked.response is not None and asked.response.status_code == 200


# --- what is too large


@pytest.mark.parametrize("name", ["ask", "example"])
def test_a_question_of_the_page_that_is_too_long_is_refused_before_it_is_shown(house: House, name: str) -> None:
    question = "!" * 900_000
    with house.client(house.asks) as client:
        if name == "ask":
            box, shown = happen(client, name, question, NO_DAYS, [], None, tab="long")
            assert box == {"__type__": "update"}  # it stays there, to be shortened
        else:
            (shown,) = happen(client, name, NO_DAYS, [], None, event=question, tab="long")
    assert "The question has 900000 characters; the most is 2000. Shorten it." in shown
    assert len(shown) < 5_000 and "!!!" not in shown


def test_a_question_of_a_link_that_is_too_long_is_refused_too(house: House) -> None:
    with house.client(house.asks) as client:
        client.params = httpx.QueryParams({"q": "!" * 3000})  # as the page's own requests have it
        shown, *_ = happen(client, "opened", None, tab="link")
    assert "The question has 3000 characters; the most is 2000. Shorten it." in shown


def test_filters_of_the_page_that_are_too_large_are_refused_and_not_kept(house: House) -> None:
    before = house.service.conversations(ASK)
    with house.client(house.asks) as client:
        for many in ([str(n) for n in range(100_000)], ["a" * 501]):  # Gradio takes those that are offered
            assert sent(client, "ask", "Is the bridge closed?", NO_DAYS, many, None, tab="many").status_code == 200
            assert not told(client, "many")["success"]
    assert house.service.conversations(ASK) == before
    assert filters_of(NO_DAYS, ["Courier"] * 100_000).publishers == ("Courier",)


def test_who_may_only_ask_sends_a_mebibyte_at_most_to_the_page_too(house: House) -> None:
    with house.client(house.asks) as asking, house.client(house.changes) as changing:
        refused = sent(asking, "find", "a" * 1_100_000)
        assert (refused.status_code, refused.json()) == (
            413,
            {"error": "The request has more than 1 MiB. Shorten it."},
        )
        assert asking.post("/v1/articles", content=b" " * 1_100_000).status_code == 413
        assert sent(changing, "find", "a" * 1_100_000, tab="large").status_code == 200
        assert told(changing, "large")["success"]


@pytest.mark.parametrize("path", ["/login", "/v1/answers", "/gradio_api/queue/join", "/mcp"])
def test_a_request_that_does_not_come_is_not_waited_for(
    house: House, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    monkeypatch.setitem(problems.LONGEST_READ, problems.LARGEST_QUESTION, 0.3)
    said = whole_answer(house, path, "Content-Length: 100\r\n\r\n{")
    assert said == (408, {"error": "The request was not here after 0.3 seconds. Send it again."})


@pytest.mark.parametrize("path", ["/login", "/v1/answers", "/gradio_api/queue/join", "/mcp"])
def test_a_request_that_does_not_say_how_large_it_is_ends_at_its_limit(house: House, path: str) -> None:
    body = f"{1_100_000:x}\r\n{'a' * 1_100_000}\r\n"
    said = whole_answer(house, path, f"Transfer-Encoding: chunked\r\n\r\n{body}")
    assert said == (413, {"error": "The request has more than 1 MiB. Shorten it."})


def whole_answer(house: House, path: str, rest: str) -> tuple[int, object]:
    """What is said to a request that is sent up to here and no further, once the line is closed."""
    where = httpx.URL(house.url)
    head = [
        f"POST {path} HTTP/1.1",
        "Host: localhost",
        f"Authorization: Bearer {house.asks}",
        "Content-Type: application/json",
        "Accept: application/json, text/event-stream",
        rest,
    ]
    with socket.create_connection((where.host, where.port), timeout=10) as line:
        line.sendall("\r\n".join(head).encode())
        said = b""
        while part := line.recv(65536):
            said += part
    return int(said.split()[1]), json.loads(said.partition(b"\r\n\r\n")[2])


def test_an_answer_that_takes_long_is_not_cut_off_with_it(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(problems.LONGEST_READ, problems.LARGEST_QUESTION, 0.3)
    for _ in range(ASKED_AT_ONCE):
        house.service._asking.acquire()
    question, stream = {"question": "Is the bridge closed?"}, {"Accept": "text/event-stream"}
    asked = Asked(house, house.asks, lambda client: client.post("/v1/answers", json=question, headers=stream))
    wait_until(lambda: house.service.line()[1] == 1)
    time.sleep(0.6)
    for _ in range(ASKED_AT_ONCE):
        house.service._asking.release()
    asked.join(20)
    assert asked.response is not None and "event: done" in asked.response.text


# --- what the server is made to fetch and to keep


@pytest.mark.parametrize("event", ["ask", "find", "add"])
@pytest.mark.parametrize("who", [ASK, CHANGE])
def test_nothing_is_fetched_for_a_field_that_names_an_address_as_its_file(
    house: House, monkeypatch: pytest.MonkeyPatch, event: str, who: str
) -> None:
    monkeypatch.setattr(processing_utils, "PUBLIC_HOSTNAME_WHITELIST", ["127.0.0.1"])  # as if it were elsewhere
    with web_server() as site, house.client(house.asks if who == ASK else house.changes) as client:
        site.pages["/secret.txt"] = page("secret", "text/plain")
        address = f"{site.url}/secret.txt"
        file = {"path": address, "meta": {"_type": "gradio.FileData"}}
        data = {"ask": (file, NO_DAYS, [], None), "find": (file,), "add": ([file], "", "", "")}[event]
        assert sent(client, event, *data, tab="file").status_code == 200
        assert not told(client, "file")["success"]
        assert client.get(f"/gradio_api/file={address}").status_code == 404
        assert site.requests == []


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/gradio_api/deep_link?session_hash=tab"),
        ("POST", "/gradio_api/process_recording"),
        ("POST", "/gradio_api/component_server"),
        ("POST", "/gradio_api/run/ask"),
        ("POST", "/gradio_api/call/ask"),
        ("GET", "/gradio_api/file=/etc/passwd"),
        ("GET", "/gradio_api/info"),
        ("GET", "/gradio_api/"),
        ("POST", "/gradio_api/upload/"),
    ],
)
def test_what_the_page_does_not_use_of_gradio_is_not_there(house: House, method: str, path: str) -> None:
    with house.client(house.changes) as client:
        refused = client.request(method, httpx.URL(house.url + path))
    said = {"error": "There is no such route. What there is, is at /docs."}
    assert (refused.status_code, refused.json()) == (404, said)


@pytest.mark.parametrize("origin", ["http://localhost:9999", "http://127.0.0.1:1", "null"])
def test_no_page_from_elsewhere_is_let_read_anything(house: House, origin: str) -> None:
    wanted = {"Origin": origin, "Access-Control-Request-Method": "GET"}
    with house.client(house.asks) as client:
        for method, path in (("GET", "/config"), ("GET", "/v1/status"), ("OPTIONS", "/config")):
            headers = client.request(method, path, headers=wanted).headers
            assert [name for name in headers if name.startswith("access-control")] == []


# --- what is somebody else's


EVENTS = [name for name, found in vars(Desk).items() if inspect.isfunction(found) and not name.startswith("_")]
SENT: dict[str, tuple[tuple[object, ...], object]] = {
    "ask": (("Something else?", NO_DAYS, [], None), None),
    "example": ((NO_DAYS, [], None), "Something else?"),
    "like": ((None,), "0:1"),
    "read": ((None,), "x0:hit0"),
}


@pytest.mark.parametrize("name", EVENTS)
def test_a_tab_shows_another_key_nothing(house: House, name: str) -> None:
    tab = f"tab-{name}"
    with house.client(house.asks) as asking, house.client(house.changes) as other:
        _, shown = happen(asking, "ask", "Which bridge is closed, pray?", NO_DAYS, [], None, tab=tab)
        assert "pray" in shown and "The bridge is closed." in shown
        if name == "leave":
            happen(asking, "edit", None, event="0", tab=tab)
        data, event = SENT.get(name, ((None,), "0"))
        handler = "read_1" if name == "read" else name  # the first one reads from the list of articles
        assert sent(other, handler, *data, event=event, tab=tab).status_code == 200
        said = unescape(json.dumps(told(other, tab)))
    assert "pray" not in said
    assert name in ("ask", "example") or "The bridge is closed." not in said  # they may ask for themselves


def test_a_revoked_key_has_its_jobs_done_no_more(house: House) -> None:
    key = house.access.keys.add("brief", CHANGE, today=NOW.date())
    with house.client(key) as brief, house.client(house.changes) as client:
        with house.index.writing:
            jobs = [
                brief.post("/v1/articles", json={"articles": [{"id": i, "text": "On fire."}], "wait": False}).json()
                for i in ("first", "second")
            ]
            house.access.keys.revoke("brief")
            # not even for one of the same name
            house.access.keys.add("brief", CHANGE, today=NOW.date())

        def ended() -> list[dict[str, str]]:
            return [client.get(f"/v1/jobs/{job['id']}").json() for job in jobs]

        wait_until(lambda: all(job["state"] not in ("queued", "running") for job in ended()))
        said = "The key of brief was revoked, so what it has begun goes no further. Begin it with another key."
        assert [(job["state"], job["error"]) for job in ended()] == [("failed", said)] * 2
        assert client.get("/v1/articles/second").status_code == 404
    house.access.keys.revoke("brief")
