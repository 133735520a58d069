"""What an article was before it changed: kept, given out, and shown as what has changed."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from conftest import Indifferent
from starlette.testclient import TestClient
from tiny import NOW, news

from index.build import add, article, named, remove
from index.errors import NotFoundError
from index.store import Index
from ui.api import make_api
from ui.client import Remote
from ui.history import article_text, history_json, history_text
from ui.service import Service

ID = "https://example.org/a/history"
LONG = " ".join(f"Sentence {n} is about the water." for n in range(40))
TEXTS = (
    f"The bridge is open. {LONG}",
    f"The bridge is closed. {LONG}",
    f"The bridge is closed. {LONG.replace('Sentence 20 is about', 'Sentence 20 was not about')}",
)


@pytest.fixture
def service(open_tiny: Callable[..., Index]) -> Service:
    index = open_tiny()
    for hours, text in enumerate(TEXTS):
        title = "Bridge" if hours < 2 else "Bridge closed"
        record = news(ID, text, title=title, published="2026-10-01", publisher="Courier", url=ID)
        add(index, [record, news("calm", "The fire is out.")], now=NOW + timedelta(hours=hours))
    return Service(index, Indifferent(), now=lambda: NOW)  # type: ignore[arg-type]


def test_the_versions_of_an_article_are_given_out_in_order(service: Service) -> None:
    given = history_json(service.history(ID))
    assert (given["id"], given["text"], given["added_at"]) == (ID, TEXTS[2], "2026-11-01T14:00:00+00:00")
    versions = given["versions"]
    assert isinstance(versions, list)
    assert [(v["text"], v["added_at"][11:13], v["replaced_at"][11:13]) for v in versions] == [
        (TEXTS[0], "12", "13"), (TEXTS[1], "13", "14"),
    ]  # fmt: skip
    assert history_json(service.history("calm"))["versions"] == []
    with pytest.raises(NotFoundError):
        service.history("nobody")


def test_versions_stand_in_the_order_in_which_they_came_whatever_the_clock_said(
    open_tiny: Callable[..., Index],
) -> None:
    index = open_tiny()
    hours = (0, -9, -8, -7, 1)
    for hour, text in zip(hours, ("One.", "Two.", "One.", "Four.", "Five."), strict=True):
        add(index, [news(ID, text)], now=NOW + timedelta(hours=hour))
    given = history_json(Service(index, Indifferent(), now=lambda: NOW).history(ID))  # type: ignore[arg-type]
    versions = given["versions"]
    assert isinstance(versions, list)
    assert [v["text"] for v in (*versions, given)] == ["One.", "Two.", "One.", "Four.", "Five."]
    assert [v["added_at"][11:19] for v in (*versions, given)] == [
        "12:00:00", "12:00:01", "12:00:02", "12:00:03", "13:00:00",
    ]  # fmt: skip
    assert [v["replaced_at"] for v in versions] == [v["added_at"] for v in (*versions[1:], given)]


def test_the_versions_go_with_the_article(service: Service) -> None:
    remove(service._index, ID)
    with service._index.library.read() as snapshot:
        assert list(snapshot.versions()) == []


def test_the_api_gives_the_versions_to_those_who_ask_for_them(service: Service) -> None:
    api = TestClient(make_api(service, service._index.config))
    path = f"/v1/articles/{ID}"  # which ends in /history itself
    assert api.get(path, params={"history": True}).json() == history_json(service.history(ID))
    assert "versions" not in api.get(path).json()
    assert api.get("/v1/articles/nobody", params={"history": True}).status_code == 404
    for history in (True, False):  # as the command line asks a running server
        assert Remote(api).article(ID, history=history) == api.get(path, params={"history": history}).json()


@pytest.fixture
def index(open_tiny: Callable[..., Index]) -> Index:
    """Articles from files, of which some are called alike."""
    made = open_tiny()
    paths = ("/a/latin.txt", "/a/greek.txt", "/b/greek.txt", "/b/old-latin.txt")
    rows = [("row-1", "/a/rows.csv"), *((path, path) for path in paths), *((f"t{n}", f"/{n}/t.txt") for n in range(7))]
    add(made, [news(key, f"The water of {key}.", origin=origin) for key, origin in rows], now=NOW)
    return made


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("latin.txt", "/a/latin.txt"),
        ("a/greek.txt", "/a/greek.txt"),
        ("/b/greek.txt", "/b/greek.txt"),
        ("rows.csv", "row-1"),
        ("/a/rows.csv", "row-1"),
        ("row-1", "row-1"),
    ],
)
def test_a_files_name_finds_its_article_when_no_other_has_it(index: Index, name: str, meant: str) -> None:
    service = Service(index, Indifferent(), now=lambda: NOW)  # type: ignore[arg-type]
    assert service.named(name).id == meant
    server = Remote(TestClient(make_api(service, index.config)))
    assert [server.article(name, history=history)["id"] for history in (False, True)] == [meant, meant]


@pytest.mark.parametrize(
    ("name", "error"),
    [
        ("greek.txt", "2 articles are called 'greek.txt': /a/greek.txt, /b/greek.txt. Give one of their ids."),
        ("t.txt", "7 articles are called 't.txt': t0, t1, t2, t3, t4 and 2 more. Give one of their ids."),
        ("atin.txt", "There is no article with the id 'atin.txt'. The list of articles shows their ids."),
        ("", "There is no article with the id ''. The list of articles shows their ids."),
    ],
)
def test_a_name_of_several_files_or_of_none_is_an_error(index: Index, name: str, error: str) -> None:
    with pytest.raises(NotFoundError) as raised:
        named(index, name)
    assert str(raised.value) == error


def test_a_files_name_alone_removes_nothing_and_is_no_id(index: Index) -> None:
    with pytest.raises(NotFoundError):
        remove(index, "latin.txt")
    with pytest.raises(NotFoundError):
        article(index, "latin.txt")


def test_an_article_is_printed_with_where_its_date_was_found_and_its_language(service: Service) -> None:
    shown = article_text(history_json(service.history(ID)), width=60)
    title, byline, url, blank, *text = shown.splitlines()
    assert (title, byline, url, blank) == (
        "Bridge closed",
        "Courier · 1 October 2026 (stated by its record) · English",
        ID,
        "",
    )
    assert " ".join(text) == TEXTS[2] and max(map(len, text)) <= 60
    calm = history_json(service.history("calm"))
    assert article_text(calm).splitlines()[:2] == ["Calm", "undated"]
    assert article_text(calm | {"language": "de"}).splitlines()[1] == "undated · German"


def test_a_history_shows_what_has_changed_and_little_else(service: Service) -> None:
    assert (
        history_text(history_json(service.history(ID)), width=80)
        == """\
Changed on 1 November 2026, 14:00 UTC:
  title: Bridge → Bridge closed
  Sentence 19 is about the water.
- Sentence 20 is about the water.
+ Sentence 20 was not about the water.
  Sentence 21 is about the water.

Changed on 1 November 2026, 13:00 UTC:
- The bridge is open.
+ The bridge is closed.
  Sentence 0 is about the water.

Added on 1 November 2026, 12:00 UTC."""
    )
    assert history_text(history_json(service.history("calm"))) == (
        "Added on 1 November 2026, 12:00 UTC, and not changed since."
    )
