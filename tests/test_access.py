"""Who is let in, by which door, and what they may do there: over a real server with its page, and a tiny index."""

import contextvars
import hashlib
import re
import shutil
import stat
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import httpx
import pytest
from house import House, happen, housed
from starlette.routing import BaseRoute, Mount, Route
from tiny import NOW, news

from index.config import Config
from index.errors import DatelineError, ForbiddenError, InputError
from index.types import Progress, no_progress
from ui.access import Access
from ui.client import Remote, connect
from ui.door import OPEN
from ui.keys import Keys
from ui.rates import Rates
from ui.visit import ASK, CHANGE, Visit, current_id, demand_change, present, resumed

BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
ARTICLE = {"articles": [{"id": "new", "text": "The nurses go on strike."}]}


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with housed(tmp_path_factory.mktemp("access") / "data") as built:
        yield built


@pytest.fixture(autouse=True)
def nothing_guessed(house: House) -> None:
    """No test is turned away for the wrong keys of another."""
    house.access.guesses = Rates()


def routes(found: list[BaseRoute], prefix: str = "") -> Iterator[tuple[str, str]]:
    """Every method and path of an app, with something in place of each parameter, and one path in each folder."""
    for route in found:
        path = prefix + re.sub(r"{[^}]*}", "x", getattr(route, "path", ""))
        if isinstance(route, Mount):
            yield from routes(route.routes, path.rstrip("/")) if route.routes else [("GET", f"{path}/x")]
        elif inner := getattr(route, "original_router", None):  # how FastAPI keeps a router that was included
            yield from routes(inner.routes, prefix)
        elif isinstance(route, Route):
            yield from ((method, path) for method in sorted(route.methods or ()))


def test_without_a_key_every_route_is_closed_but_the_named_ones(house: House) -> None:
    found = sorted(set(routes(house.app.routes)))
    assert {
        "/v1/answers",
        "/docs",
        "/openapi.json",
        "/metrics",
        "/",
        "/gradio_api/queue/join",
        "/gradio_api/upload",
    } <= {path for _, path in found}
    assert len(found) > 80
    with house.client() as client:
        for method, path in found:
            response = client.request(method, path)
            if path in OPEN:
                assert response.status_code in (200, 303, 401, 405) and "WWW-Authenticate" not in response.headers
                continue
            assert (method, path, response.status_code) == (method, path, 401)
            assert response.headers["WWW-Authenticate"] == 'Bearer realm="Dateline"'
    assert OPEN == ("/healthz", "/readyz", "/login", "/logout")


@pytest.mark.parametrize(
    "header",
    [
        "Bearer",
        "Bearer dl_wrong",
        "Basic YTpi",
        "bearer \u00e4",
        "dl_wrong",
        "Bearer {asks}x",
        "Basic {asks}",
    ],
)
def test_a_header_that_is_no_key_is_refused_in_the_same_words_as_none(house: House, header: str) -> None:
    with house.client() as client:
        wrong = client.get("/v1/status", headers={"Authorization": header.format(asks=house.asks).encode()})
        none = client.get("/v1/status")
    assert (wrong.status_code, wrong.json()) == (none.status_code, none.json())
    assert wrong.json()["error"].startswith("This needs a key, as the header Authorization: Bearer KEY.")


@pytest.mark.parametrize(
    "path", ["//v1/status", "/v1/status/", "/healthz/../v1/status", "/LOGIN", "/login/", "/healthz/x"]
)
def test_no_spelling_of_a_path_leads_past_the_door(house: House, path: str) -> None:
    with house.client() as client:
        assert client.get(httpx.URL(house.url + path)).status_code == 401


def changes(client: httpx.Client) -> dict[str, int]:
    """The statuses of everything that changes something."""
    return {
        "rebuild": client.post("/v1/rebuild", json={"model": "/no/such/model"}).status_code,
        "add": client.post("/v1/articles", json=ARTICLE).status_code,
        "remove": client.delete("/v1/articles", params={"name": "new"}).status_code,
    }


def test_a_key_that_may_ask_reads_everything_and_changes_nothing(house: House) -> None:
    with house.client(house.asks) as client:
        before = client.get("/v1/status").json()
        assert client.post("/v1/answers", json={"question": "Which bridge is closed?"}).status_code == 200
        for path in ("/", "/docs", "/metrics", "/v1/articles", "/v1/articles/bridge", "/v1/search?q=bridge", "/config"):
            assert (path, client.get(path).status_code) == (path, 200)
        assert changes(client) == {"rebuild": 403, "add": 403, "remove": 403}
        assert client.post("/gradio_api/upload", files={"files": ("a.txt", b"text")}).status_code == 403
        refused = client.post("/v1/articles", json=ARTICLE).json()
        assert refused["error"].startswith("Changing the index takes a key that may change it")
        assert client.get("/v1/status").json() == before


def test_an_index_that_is_broken_is_looked_at_and_mended_for_those_who_change_only(house: House) -> None:
    with house.index.library.read() as snapshot:
        house.index.vectors.delete(snapshot.collection, snapshot.chunk_ids())
    with house.client(house.asks) as client:
        assert client.post("/v1/verify").status_code == 403
        assert client.post("/v1/verify", json={"repair": True}).status_code == 403
    with house.client(house.changes) as client:
        assert client.post("/v1/verify").json()["problems"]
        assert client.post("/v1/verify", json={"repair": True}).json()["left"] == []


def test_a_key_that_may_change_does(house: House) -> None:
    with house.client(house.changes) as client:
        assert changes(client) == {"rebuild": 400, "add": 200, "remove": 200}
        assert client.post("/gradio_api/upload", files={"files": ("a.txt", b"text")}).status_code == 200


# --- the page


def paste(client: httpx.Client, text: str) -> str:
    """Add an article with the page's own event, and give what the page then says."""
    return str(happen(client, "add", None, text, "Pasted", "", "", "", "")[-2])


def test_the_page_adds_articles_for_a_key_that_may_change_only_whoever_came_before(house: House) -> None:
    with house.client(house.changes) as changing, house.client(house.asks) as asking:
        for n in range(2):  # what one may do must not stay behind in the page's queue
            said = paste(changing, f"The harbour has {n} fires.")
            assert "Added: 1" in said
            before = asking.get("/v1/status").json()["index_version"]
            assert "Changing the index takes a key that may change it" in paste(asking, f"The strike has {n} nurses.")
            assert asking.get("/v1/status").json()["index_version"] == before


def test_the_page_removes_and_rebuilds_for_a_key_that_may_change_only(house: House) -> None:
    refused = "Changing the index takes a key that may change it"
    with house.client(house.changes) as changing, house.client(house.asks) as asking:
        assert "Added: 1" in paste(changing, "The fire is out.")
        added = next(a["id"] for a in asking.get("/v1/articles").json()["articles"] if a["title"] == "Pasted")
        before = asking.get("/v1/status").json()
        assert refused in happen(asking, "remove", event=added)[0]
        assert refused in happen(asking, "rebuild")[0]
        assert asking.get("/v1/status").json() == before
        assert "Removed: Pasted" in happen(changing, "remove", event=added)[0]
        assert "Rebuilt: " in happen(changing, "rebuild")[0]


def test_the_page_gives_a_job_up_for_a_key_that_may_change_only(house: House) -> None:
    with house.client(house.changes) as changing, house.client(house.asks) as asking:
        told, ending = threading.Event(), threading.Event()

        def work(progress: Progress) -> dict[str, Any]:
            told.set()
            ending.wait(60)
            progress("reading", 1, 2)
            return {}

        digest = hashlib.sha256(house.changes.encode()).hexdigest()
        with resumed(Visit("one", key=CHANGE, may=CHANGE, digest=digest)):
            job = house.service.jobs.start("add", work)
        assert told.wait(60)
        happen(asking, "cancel", event=job.id)
        assert house.service.jobs.get(job.id).stage == ""
        happen(changing, "cancel", event=job.id)
        assert house.service.jobs.get(job.id).stage == "cancelling"
        happen(changing, "cancel", event="no such job")
        ending.set()
        while not (ended := house.service.jobs.get(job.id)).ended:
            time.sleep(0.01)
        assert ended.state == "cancelled"


def test_what_is_asked_on_the_page_is_kept_for_its_key_alone(house: House) -> None:
    days = {"since": "", "until": ""}
    with house.client(house.asks) as asking, house.client(house.changes) as changing:
        happen(asking, "ask", "Which bridge is closed?", days, [], None, tab="one")
        happen(asking, "like", None, event="0:1", tab="one")
        (kept,) = house.service.conversations(ASK)
        assert house.service.conversation(kept.id, ASK)[0].thumb == 1
        assert "Which bridge is closed?" in happen(asking, "kept", None, tab="two")[0]
        # not even for those who know the tab, or the conversation
        for tab in ("one", "three"):
            assert "Which bridge is closed?" not in happen(changing, "kept", None, tab=tab)[0]
            assert "not there any more" in happen(changing, "open", None, event=kept.id, tab=tab)[0]
            happen(changing, "delete", None, event=kept.id, tab=tab)
        assert house.service.conversations("") == house.service.conversations(CHANGE) == ()
        happen(asking, "delete", None, event=kept.id, tab="two")
        assert house.service.conversations(ASK) == ()


# --- jobs, OpenAI's clients and MCP


def test_jobs_are_begun_and_given_up_by_a_key_that_may_change_and_looked_at_by_any(house: House) -> None:
    later = {"wait": False}
    with house.client(house.changes) as changing, house.client(house.asks) as asking:
        before = asking.get("/v1/jobs").json()
        assert asking.post("/v1/articles", json=ARTICLE | later).status_code == 403
        assert asking.post("/v1/rebuild", json=later).status_code == 403
        assert asking.get("/v1/jobs").json() == before
        job = changing.post("/v1/articles", json=ARTICLE | later).json()
        with asking.stream("GET", f"/v1/jobs/{job['id']}", headers={"Accept": "text/event-stream"}) as stream:
            assert stream.read()
        ended = asking.get(f"/v1/jobs/{job['id']}").json()
        assert (ended["state"], ended["result"]["added"]) == ("done", ["new"])
        assert asking.delete(f"/v1/jobs/{job['id']}").status_code == 403
        assert changing.delete(f"/v1/jobs/{job['id']}").json() == ended
        assert changing.delete("/v1/articles", params={"name": "new"}).status_code == 200


@pytest.mark.parametrize("path", ["/v1/models", "/v1/chat/completions"])
def test_openais_clients_are_refused_in_their_own_words(house: House, path: str) -> None:
    with house.client() as client:
        refused = client.request("GET" if path == "/v1/models" else "POST", path)
        foreign = client.post(path, headers={"Origin": "http://evil.example"})
    assert (refused.status_code, foreign.status_code) == (401, 403)
    error = refused.json()["error"]
    assert error["message"].startswith("This needs a key")
    assert (error["type"], error["code"], error["param"]) == ("invalid_request_error", "invalid_api_key", None)
    assert foreign.json()["error"]["message"].endswith("may not change anything here.")


def test_a_key_that_may_ask_asks_as_openais_clients_do_and_uses_the_tools(house: House) -> None:
    question = {"model": "dateline", "messages": [{"role": "user", "content": "Which bridge is closed?"}]}
    call = {"jsonrpc": "2.0", "id": 1, "method": "tools/call"}
    call["params"] = {"name": "read_article", "arguments": {"article_id": "bridge"}}
    accepted = {"Accept": "application/json, text/event-stream"}
    with house.client(house.asks, Host="news.example.org") as client:
        assert client.post("/v1/chat/completions", json=question).json()["object"] == "chat.completion"
        assert "The bridge is closed." in client.post("/mcp", json=call, headers=accepted).text
    with house.client() as client:
        assert client.post("/mcp", json=call, headers=accepted).status_code == 401


# --- the login


def log_in(client: httpx.Client, key: str, next: str = "", **headers: str) -> httpx.Response:
    return client.post("/login", data={"key": key, "next": next}, headers=headers)


def test_a_browser_is_shown_the_form_and_gets_in_with_a_key(house: House) -> None:
    with house.client(**BROWSER) as browser:
        for path in ("/", "/docs"):
            closed = browser.get(path)
            assert closed.status_code == 401 and '<form method="post" action="/login">' in closed.text
        assert browser.get("/v1/status").json()["error"].startswith("This needs a key")
        entered = log_in(browser, f" {house.asks}\n", Origin=house.url)
        assert (entered.status_code, entered.headers["location"]) == (303, "/")
        assert browser.get("/").status_code == 200 and "gradio" in browser.get("/").text
        assert browser.get("/v1/status").status_code == 200
        assert changes(browser) == {"rebuild": 403, "add": 403, "remove": 403}
        assert browser.get("/login").status_code == 303
        assert '<form method="post" action="/logout">' in browser.get("/logout").text
        kept = dict(browser.cookies)
        assert browser.post("/logout").headers["location"] == "/login"
        assert not browser.cookies and browser.get("/v1/status").status_code == 401
        assert browser.get("/v1/status", headers={"Cookie": "; ".join(map("=".join, kept.items()))}).status_code == 401


@pytest.mark.parametrize(("headers", "secure"), [({}, False), ({"X-Forwarded-Proto": "https"}, True)])
def test_the_cookie_is_for_this_site_and_no_script(house: House, headers: dict[str, str], secure: bool) -> None:
    with house.client() as browser:
        cookie = log_in(browser, house.asks, **headers).headers["set-cookie"]
    name, *rest = cookie.split("; ")
    assert re.fullmatch(r"dateline_session=[\w-]{43}", name)
    flags = {"HttpOnly", "Max-Age=43200", "Path=/", "SameSite=strict"}
    assert set(rest) == (flags | {"Secure"} if secure else flags)
    assert house.asks not in cookie


def test_a_login_ends_with_its_key(house: House) -> None:
    key = house.access.keys.add("brief", CHANGE, today=NOW.date())
    with house.client() as browser, house.client(key) as program:
        log_in(browser, key)
        assert browser.get("/v1/status").status_code == program.get("/v1/status").status_code == 200
        house.access.keys.revoke("brief")
        assert browser.get("/v1/status").status_code == program.get("/v1/status").status_code == 401


ELSEWHERE = [
    *("http://evil.example", "//evil.example", "///evil.example", "/\\evil.example", "\\/evil.example"),
    *("evil.example", "/\t/evil.example", "/a\r\nLocation: http://evil.example", "javascript:alert(1)"),
    *(" /", "", "/\u2215evil.example", "/logout", "/login?next=/logout"),
]


@pytest.mark.parametrize("wanted", ELSEWHERE)
def test_a_login_leads_nowhere_else(house: House, wanted: str) -> None:
    with house.client() as browser:
        assert 'name="next" value="&#47;"' in browser.get("/login", params={"next": wanted}).text
        entered = browser.post("/login", params={"next": wanted}, data={"key": house.asks, "next": wanted})
        assert (entered.status_code, entered.headers["location"]) == (303, "/")
        assert browser.get("/login", params={"next": wanted}).headers["location"] == "/"


@pytest.mark.parametrize("wanted", ["/?q=Why%3F&publisher=A%20%26%20B", '/?c="><b>', "/docs"])
def test_a_login_leads_to_what_was_asked_for(house: House, wanted: str) -> None:
    with house.client(**BROWSER) as browser:
        for form in (browser.get(wanted), log_in(browser, "dl_wrong", next=wanted)):
            (hidden,) = re.findall('name="next" value="([^"]*)">', form.text)
            asked = str(form.request.url.raw_path, "ascii") if form.request.method == "GET" else wanted
            assert (form.status_code, unescape(hidden)) == (401, asked)
        entered = log_in(browser, house.asks, next=unescape(hidden))
        assert entered.status_code == 303
        assert unquote(entered.headers["location"]) == unquote(wanted)


def test_a_page_from_elsewhere_can_log_nobody_in(house: House) -> None:
    with house.client() as browser:
        assert log_in(browser, house.asks, Origin="http://evil.example").status_code == 403


def test_the_command_lines_token_is_no_key_to_log_in_with(house: House) -> None:
    with house.client() as browser, house.client(house.access.token) as here:
        assert log_in(browser, house.access.token).status_code == 401
        assert here.post("/v1/articles", json=ARTICLE).status_code == 200


def test_who_guesses_is_slowed_down_at_the_form_and_at_the_door(house: House) -> None:
    with house.client() as guessing, house.client(house.asks) as knowing:
        said = [log_in(guessing, f"dl_<script>{n}").text for n in range(10)]
        assert all("That key is not known here." in text and "<script>" not in text for text in said)
        late = log_in(guessing, house.asks)
        assert late.status_code == 429 and 0 < int(late.headers["retry-after"]) <= 60
        wrong = guessing.get("/v1/status", headers={"Authorization": "Bearer dl_wrong"})
        assert wrong.status_code == 429 and "Too many wrong keys" in wrong.json()["error"]
        assert guessing.get("/v1/status").status_code == 401
        assert knowing.get("/v1/status").status_code == 200


def test_every_host_name_will_do_where_a_key_is_needed(house: House) -> None:
    with house.client(house.asks, Host="news.example.org") as client:
        assert client.get("/v1/status").status_code == 200
        refused = client.post("/v1/verify", headers={"Origin": "http://evil.example"})
        assert refused.status_code == 403


def test_a_page_of_the_form_has_the_security_headers_and_can_send_its_form(house: House) -> None:
    with house.client(**BROWSER) as browser:
        headers = browser.get("/").headers
    assert "form-action 'self'" in headers["content-security-policy"]
    assert headers["referrer-policy"] == "same-origin"  # without one, the form would come from the origin null
    assert headers["cache-control"] == "no-store"


def test_keys_that_cannot_be_read_let_nobody_in(house: House) -> None:
    file = house.index.config.data / "keys.json"
    kept = file.read_text()
    try:
        file.write_text("{")
        with house.client(house.changes) as client:
            response = client.get("/v1/status")
        assert response.status_code == 500 and "cannot be read" in response.json()["error"]
    finally:
        file.write_text(kept)


# --- the command line


def test_the_command_line_lets_itself_in_with_what_it_reads_in_the_data_folder(house: House) -> None:
    data = house.index.config.data
    house.index.lock.announce(house.url, "house", house.access.token)
    assert stat.S_IMODE((data / "writer.json").stat().st_mode) == 0o600
    with closing(connect(Config(data=data), write=True)) as client:
        assert client.status()["articles"] >= 1
        assert client.add([news("told", "The water is back.")], no_progress)["added"] == ["told"]
        assert client.remove("told") == ["told"]
    house.index.lock.announce(house.url, "house", "another")
    with closing(connect(Config(data=data), write=True)) as client, pytest.raises(DatelineError, match="needs a key"):
        client.status()


def test_a_note_that_came_with_a_copy_of_the_folder_leads_to_no_server(house: House, tmp_path: Path) -> None:
    house.index.lock.announce(house.url, "house", house.access.token)
    copied = tmp_path / "copied"
    copied.mkdir()
    shutil.copy(house.index.config.data / "writer.json", copied)
    with pytest.raises(InputError, match=f"no articles in {copied} yet"):
        connect(Config(data=copied), write=False)


def test_the_token_is_shown_to_no_other_server(house: House) -> None:
    shown: list[str | None] = []

    def other(request: httpx.Request) -> httpx.Response:
        shown.append(request.headers.get("authorization"))
        return httpx.Response(200, json={"instance": "another"})

    note = {"instance": "house", "token": house.access.token}
    assert Remote.reach("http://127.0.0.1:1", note, transport=httpx.MockTransport(other)) is None
    assert shown == [None]


# --- on this machine only


def test_on_this_machine_a_key_is_needed_from_the_first_one_on(tmp_path: Path) -> None:
    access = Access(Keys(tmp_path))
    assert not access.needed()
    access.keys.add("ada", ASK, today=NOW.date())
    assert access.needed()
    access.keys.revoke("ada")
    assert not access.needed()


def test_keys_that_cannot_be_read_are_needed(tmp_path: Path) -> None:
    (tmp_path / "keys.json").write_text("{")
    assert Access(Keys(tmp_path)).needed()


def test_where_others_come_a_key_is_needed_even_when_the_last_is_gone(tmp_path: Path) -> None:
    assert Access(Keys(tmp_path), always=True).needed()


def test_a_right_ends_with_its_request_even_in_a_thread_that_goes_on(house: House) -> None:
    visit = Visit("one", may=CHANGE)
    go, refused = threading.Event(), []

    def later() -> None:
        go.wait(10)
        try:
            demand_change()
        except ForbiddenError:
            refused.append(current_id())

    def come() -> threading.Thread:
        with present(visit):
            demand_change()
            thread = threading.Thread(target=contextvars.copy_context().run, args=(later,))
            thread.start()
        return thread

    thread = contextvars.copy_context().run(come)
    go.set()
    thread.join()
    assert refused == ["one"]
