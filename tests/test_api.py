"""The HTTP API, over the sample articles with the real models, and over a tiny index where it is to break."""

import re
from collections.abc import Callable, Iterator
from urllib.parse import quote

import httpx
import pytest
from conftest import Indifferent, whole_app
from fastapi.openapi.models import OpenAPI
from starlette.testclient import TestClient
from tiny import NOW, news

from index.build import add
from index.store import Index
from index.types import Filters
from qa.types import REFUSAL
from ui.api import make_api
from ui.headers import POLICY
from ui.problems import LARGEST_BODY
from ui.render import hit_json
from ui.service import Service

OpenTiny = Callable[..., Index]

FERRY = "How many people does the free ferry carry?"
ROUTES = {
    "/v1/answers": {"post"},
    "/v1/search": {"get"},
    "/v1/articles": {"get", "post", "delete"},
    "/v1/articles/{article_id}": {"get"},
    "/v1/rebuild": {"post"},
    "/v1/status": {"get"},
    "/v1/verify": {"post"},
    "/v1/models": {"get"},
    "/v1/models/{model}": {"get"},
    "/v1/chat/completions": {"post"},
    "/v1/jobs": {"get"},
    "/v1/jobs/{job_id}": {"get", "delete"},
    "/metrics": {"get"},
    "/healthz": {"get"},
    "/readyz": {"get"},
}


@pytest.fixture(scope="module")
def api(service: Service) -> Iterator[TestClient]:
    """The whole app: the page, and the API behind the checks that stand in front of it."""
    with TestClient(whole_app(service, instance="me"), base_url="http://localhost") as client:
        yield client


@pytest.fixture(scope="module")
def over_http(server_url: str) -> Iterator[httpx.Client]:
    """The same over a real connection: the test client decodes a path twice."""
    with httpx.Client(base_url=server_url, timeout=60) as client:
        yield client


@pytest.fixture
def tiny_index(open_tiny: OpenTiny) -> Index:
    index = open_tiny()
    add(index, [news("bridge", "The bridge is closed.")], now=NOW)
    return index


@pytest.fixture
def tiny_api(tiny_index: Index) -> TestClient:
    service = Service(tiny_index, Indifferent(), now=lambda: NOW)  # type: ignore[arg-type]
    return TestClient(make_api(service, tiny_index.config), raise_server_exceptions=False)


def article_text(api: httpx.Client, article_id: str) -> str:
    response = api.get(f"/v1/articles/{quote(article_id, safe='')}")
    assert response.status_code == 200, response.text
    assert response.json()["id"] == article_id
    return str(response.json()["text"])


def error_of(response: httpx.Response, status: int) -> str:
    """The one sentence of an error."""
    assert response.status_code == status, response.text
    assert list(response.json()) == ["error"]
    return str(response.json()["error"])


# --- answers


def test_an_answer_has_exactly_the_shape_that_is_documented(api: TestClient) -> None:
    asked = {
        "question": FERRY,
        "history": [{"question": "Why was the Harbour Bridge closed?", "answer": "Cracks."}],
        "filters": {"from": "2026-06-11", "to": "2026-06-11", "publishers": ["port halden courier"]},
        "top_k": 3,
    }
    response = api.post("/v1/answers", json=asked)
    assert response.status_code == 200
    answer = response.json()
    timings, hits = answer.pop("timings_ms"), answer.pop("hits")
    confidence = answer.pop("confidence")
    url = "https://courier.example.org/2026/06/11/harbour-bridge-closed"
    (article_id,) = {citation["article_id"] for citation in answer["citations"]}
    text = article_text(api, article_id)
    quotes = [citation["quote"] for citation in answer["citations"]]
    assert "It carries 120 people and their bicycles, but no cars." in quotes
    assert answer == {
        "question": FERRY,
        "standalone_question": FERRY,
        "abstained": False,
        "text": " ".join(f"{words} [{n}]" for n, words in enumerate(quotes, 1)),
        "sentences": [{"text": words, "citations": [n], "about": ""} for n, words in enumerate(quotes, 1)],
        "citations": [
            {
                "n": n,
                "article_id": article_id,
                "title": "Harbour Bridge closed after cracks found in two hangers",
                "author": "Marta Ellingsen",
                "publisher": "Port Halden Courier",
                "published_at": "2026-06-11",
                "date_source": "header",
                "date_certainty": "stated",
                "url": url,
                "language": "en",
                "quote": words,
                "start": text.index(words),
                "end": text.index(words) + len(words),
                "also": [],
            }
            for n, words in enumerate(quotes, 1)
        ],
        "removed": 0,
        "period": None,
        "notes": [],
        "composer": "extractive",
        "index_version": api.get("/v1/status").json()["index_version"],
    }
    assert 0.5 < confidence < 1
    assert set(timings) == {"followup", "retrieve", "read", "compose", "verify"}
    assert all(ms >= 0 for ms in timings.values())
    assert 1 <= len(hits) <= 3
    for hit in hits:
        assert set(hit) == {
            *("article_id", "title", "publisher", "published_at", "date_source", "date_certainty"),
            *("start", "end", "text", "score", "parts"),
        }
        assert set(hit["parts"]) == {"dense", "keyword", "rerank"}
        assert hit["text"] == text[hit["start"] : hit["end"]]
        assert (hit["article_id"], hit["publisher"], hit["published_at"]) == (
            article_id,
            "Port Halden Courier",
            "2026-06-11",
        )


def test_a_refusal_has_the_same_shape_and_its_nearest_passages(api: TestClient) -> None:
    answer = api.post("/v1/answers", json={"question": "What is the capital of France?"}).json()
    assert (answer["abstained"], answer["text"], answer["sentences"], answer["citations"]) == (True, REFUSAL, [], [])
    assert list(answer) == [
        *("question", "standalone_question", "abstained", "confidence", "text", "sentences", "citations", "hits"),
        *("removed", "period", "notes", "composer", "index_version", "timings_ms"),
    ]
    assert len(answer["hits"]) == 10


def test_history_makes_a_question_stand_alone(api: TestClient) -> None:
    asked = {"question": "And when did it open?", "history": [{"question": "Why was the Harbour Bridge closed?"}]}
    answer = api.post("/v1/answers", json=asked).json()
    assert answer["standalone_question"] == "And when did it open? (Harbour Bridge)"


# --- articles


@pytest.mark.parametrize(
    "article_id",
    [
        "https://example.org/news?id=7&page=2#top",
        "/home/ana/new s/bridge #1 100%25.txt",
        "a%2Fb%20c",
        "plain words, and more; of=them",
        "größe/新聞/🙂é",
        "folder//twice/",
        "C:\\news\\bridge.txt",
        "100%",
    ],
)
def test_an_article_can_be_added_cited_read_and_removed_whatever_its_id_holds(
    over_http: httpx.Client, article_id: str
) -> None:
    api = over_http
    text = "The lighthouse of Quorrin was built in 1887 – by “Ó Súilleabháin” 🙂. It has 214 steps."
    record = {"id": article_id, "title": "The lighthouse of Quorrin", "text": text}
    added = api.post("/v1/articles", json={"articles": [record]}).json()
    assert added == {
        "added": [article_id],
        "changed": [],
        "unchanged": [],
        "undated": [article_id],
        "skipped": [],
        "notes": [],
    }
    assert article_text(api, article_id) == text
    asked = {"question": "When was the lighthouse of Quorrin built?", "filters": {"article_ids": [article_id]}}
    answer = api.post("/v1/answers", json=asked).json()
    assert not answer["abstained"]
    for citation in answer["citations"]:
        assert citation["article_id"] == article_id
        assert citation["quote"] == text[citation["start"] : citation["end"]]
    assert "built in 1887" in answer["citations"][0]["quote"]
    assert api.delete("/v1/articles", params={"name": article_id}).json() == {"removed": [article_id]}
    assert "no article" in error_of(api.get(f"/v1/articles/{quote(article_id, safe='')}"), 404)


def test_fields_go_by_many_names_and_what_cannot_be_used_is_named_with_its_reason(api: TestClient) -> None:
    body = {
        "articles": [
            {
                "headline": "Ferry fares to rise",
                "articleBody": "Ferry fares go up by ten cents in May.",
                "authors": ["Ana Ruiz", {"name": "Bo Li"}],
                "source": {"name": "Quay Post"},
                "date": "2 April 2026",
                "link": "https://quay.example.org/fares",
                "lang": "en",
            },
            {"title": "Nothing in it"},
            {"id": "numbers", "text": 5},
            {"id": "undated", "text": "A seal swam up the river.", "published_at": "soon"},
            {"id": "same", "body": "A seal swam down."},
            {"id": "same", "body": "A seal swam down."},
        ]
    }
    url = "https://quay.example.org/fares"
    try:
        assert api.post("/v1/articles", json=body).json() == {
            "added": [url, "undated", "same"],
            "changed": [],
            "unchanged": ["same"],
            "undated": ["undated", "same"],
            "skipped": [
                {
                    "source": "articles[1]",
                    "reason": "It has no text: give it as 'text', 'body' or 'content'; its fields are title.",
                },
                {"source": "articles[2]", "reason": "Its text is a number, not a string."},
            ],
            "notes": [
                {"source": "undated", "reason": "Its date 'soon' (record) was not used: it has no year."},
            ],
        }
        article = api.get(f"/v1/articles/{quote(url, safe='')}").json()
        assert article == {
            "id": url,
            "title": "Ferry fares to rise",
            "author": "Ana Ruiz, Bo Li",
            "publisher": "Quay Post",
            "published_at": "2026-04-02",
            "date_source": "record",
            "date_certainty": "stated",
            "url": url,
            "language": "en",
            "origin": None,
            "text": "Ferry fares go up by ten cents in May.",
            "headings": [],
        }
        body["articles"][0]["articleBody"] = "Ferry fares go up by twenty cents in May."
        again = api.post("/v1/articles", json=body).json()
        assert (again["added"], again["changed"], again["unchanged"]) == ([], [url], ["undated", "same", "same"])
        assert article_text(api, url) == "Ferry fares go up by twenty cents in May."
    finally:
        for name in (url, "undated", "same"):
            api.delete("/v1/articles", params={"name": name})


def test_an_article_without_an_id_is_known_by_its_content(api: TestClient) -> None:
    body = {"articles": [{"text": "A heron stood on the weir."}]}
    first = api.post("/v1/articles", json=body).json()
    again = api.post("/v1/articles", json=body).json()
    (article_id,) = first["added"]
    assert (again["added"], again["unchanged"]) == ([], [article_id])
    assert api.delete("/v1/articles", params={"name": article_id}).json() == {"removed": [article_id]}


def test_the_list_has_every_article_newest_first_without_its_text(api: TestClient, service: Service) -> None:
    listed = api.get("/v1/articles").json()
    expected = service.articles()
    assert listed["total"] == len(expected) == len(listed["articles"])
    assert [a["id"] for a in listed["articles"]] == [a.id for a in expected]
    first = expected[0]
    assert listed["articles"][0] == {
        "id": first.id,
        "title": "First cars cross Harbour Bridge after 130 days",
        "author": "Marta Ellingsen",
        "publisher": "Port Halden Courier",
        "published_at": "2026-10-19",
        "date_source": "header",
        "date_certainty": "stated",
        "url": "https://courier.example.org/2026/10/19/harbour-bridge-reopens",
        "language": "en",
        "origin": first.origin,
        "characters": len(first.text),
    }
    page = api.get("/v1/articles", params={"limit": 2, "offset": 3}).json()
    assert page == {"total": listed["total"], "articles": listed["articles"][3:5]}
    assert api.get("/v1/articles", params={"offset": 500}).json() == {"total": listed["total"], "articles": []}


def test_the_list_can_be_narrowed_to_words_and_gone_through(api: TestClient, service: Service) -> None:
    expected = [
        a.id for a in service.articles() if "harbour" in a.title.lower() and a.publisher == "Port Halden Courier"
    ]
    found = api.get("/v1/articles", params={"q": "HARBOUR courier"}).json()
    assert found["total"] == len(expected) > 1 and [a["id"] for a in found["articles"]] == expected
    page = api.get("/v1/articles", params={"q": "harbour courier", "limit": 1, "offset": 1}).json()
    assert page == {"total": len(expected), "articles": found["articles"][1:2]}
    assert api.get("/v1/articles", params={"q": "zzz"}).json() == {"total": 0, "articles": []}


# --- search, status, rebuild, verify


def test_search_gives_the_hits_of_the_service_within_the_filters(api: TestClient, service: Service) -> None:
    params = {"q": "ferry", "top_k": 4, "from": "2026-08-01", "to": "2026-10-19", "publisher": ["VELDMARK gazette"]}
    filters = Filters(since="2026-08-01", until="2026-10-19", publishers=("VELDMARK gazette",))
    expected = [hit_json(hit) for hit in service.search("ferry", filters=filters, top_k=4)]
    assert api.get("/v1/search", params=params).json() == {"hits": expected}
    assert {hit["publisher"] for hit in expected} == {"Veldmark Gazette"}
    one = api.get("/v1/search", params={"q": "ferry", "article_id": [expected[0]["article_id"]]}).json()["hits"]
    assert {hit["article_id"] for hit in one} == {expected[0]["article_id"]}


def test_status_says_what_is_indexed(tiny_api: TestClient, tiny_index: Index) -> None:
    status = tiny_api.get("/v1/status").json()
    assert status.pop("bytes_on_disk") > 10_000
    assert status == {
        "articles": 1,
        "chunks": 1,
        "chunks_embedded": 1,
        "publishers": [],
        "first_day": None,
        "last_day": None,
        "undated": 1,
        "tokens": 5,
        "model": "tiny (9 dimensions, fp32)",
        "chunking": "at most 100 tokens, overlapping by 1 sentence(s)",
        "index_version": 1,
    }


def test_a_rebuild_makes_a_new_version_as_it_is_told(tiny_api: TestClient) -> None:
    plain = tiny_api.post("/v1/rebuild").json()
    assert (plain["index_version"], plain["chunking"]) == (2, "at most 100 tokens, overlapping by 1 sentence(s)")
    told = tiny_api.post("/v1/rebuild", json={"chunk_tokens": 64, "overlap": 0}).json()
    assert (told["index_version"], told["chunking"]) == (3, "at most 64 tokens, overlapping by 0 sentence(s)")
    assert told["chunks"] == told["chunks_embedded"] == 1
    assert tiny_api.get("/v1/status").json() == told


def test_verify_finds_what_is_wrong_and_mends_it_when_asked(tiny_api: TestClient, tiny_index: Index) -> None:
    assert tiny_api.post("/v1/verify").json() == {"problems": [], "left": []}
    with tiny_index.library.read() as snapshot:
        tiny_index.vectors.delete(snapshot.collection, snapshot.chunk_ids())
    problems = ["Chroma lacks the vectors of 1 chunks"]
    assert tiny_api.post("/v1/verify").json() == {"problems": problems, "left": problems}
    assert tiny_api.post("/v1/verify", json={"repair": True}).json() == {"problems": problems, "left": []}
    assert tiny_api.post("/v1/verify", json={}).json() == {"problems": [], "left": []}


def test_healthz_names_the_process_and_readyz_reads_the_library(api: TestClient) -> None:
    assert api.get("/healthz").json() == {"status": "ok", "instance": "me"}
    assert api.get("/readyz").json() == {"status": "ready"}


def test_readyz_says_why_it_is_not_ready_and_healthz_does_not_care(tiny_api: TestClient, tiny_index: Index) -> None:
    for file in tiny_index.config.data.glob("library.sqlite3*"):
        file.write_bytes(b"no library" * 1000)
    assert "library.sqlite3" in error_of(tiny_api.get("/readyz"), 503)
    assert "library.sqlite3" in error_of(tiny_api.get("/v1/status"), 500)
    assert tiny_api.get("/healthz").json()["status"] == "ok"


def test_a_bug_is_an_error_in_json_too(tiny_api: TestClient, tiny_index: Index) -> None:
    vectors, tiny_index.vectors = tiny_index.vectors, "none"  # type: ignore[assignment]
    message = error_of(tiny_api.post("/v1/answers", json={"question": "Why?"}), 500)
    tiny_index.vectors = vectors
    assert message == (
        "POST /v1/answers failed inside Dateline (AttributeError): this is a bug. The server's output has the details."
    )


# --- bad requests

SURROGATE = b'{"question": "Who?", %s}'
JSON = {"content-type": "application/json"}
DOCS = " What each route takes is at /docs."
LISTED = " The list of articles shows their ids."
NO_TEXT = "Input should be a valid string, unable to parse raw data as a unicode string."
NO_OBJECT = "The body has to be a JSON object, sent with Content-Type: application/json."


@pytest.mark.parametrize(
    ("body", "status", "sentence"),
    [
        ({}, 422, "question: Field required." + DOCS),
        ({"question": "Who?", "pages": 3}, 422, "pages: there is no such field." + DOCS),
        ({"question": "Who?", "filters": {"form": "2026-01-01"}}, 422, "filters.form: there is no such field." + DOCS),
        ({"question": 5}, 422, "question: Input should be a valid string." + DOCS),
        ({"question": "Who?", "top_k": 0}, 422, "top_k: Input should be greater than or equal to 1." + DOCS),
        ({"question": "Who?", "top_k": 51}, 422, "top_k: Input should be less than or equal to 50." + DOCS),
        ({"question": "Who?", "top_k": "5"}, 422, "top_k: Input should be a valid integer." + DOCS),
        ({"question": "Who?", "top_k": True}, 422, "top_k: Input should be a valid integer." + DOCS),
        ({"question": ""}, 400, "The question is empty. Ask something in words."),
        ({"question": "  "}, 400, "The question is empty. Ask something in words."),
        ({"question": "a" * 2001}, 422, "question: String should have at most 2000 characters." + DOCS),
        (
            {"question": "Who?", "filters": {"publishers": ["a"] * 101}},
            422,
            "filters.publishers: List should have at most 100 items after validation, not 101." + DOCS,
        ),
        (
            {"question": "Who?", "filters": {"from": "1 June"}},
            400,
            "The filter 'from' is '1 June'; give a day as YYYY-MM-DD.",
        ),
        (
            {"question": "Who?", "filters": {"to": "20260601"}},
            400,
            "The filter 'to' is '20260601'; give a day as YYYY-MM-DD.",
        ),
        ({"question": "Who?", "filters": {"to": 0}}, 422, "filters.to: Input should be a valid string." + DOCS),
        (
            {"question": "Who?", "filters": {"from": "2026-07-02", "to": "2026-07-01"}},
            400,
            "The filter starts on 2026-07-02, after its end on 2026-07-01. Swap them.",
        ),
        (
            {"question": "Who?", "filters": {"publishers": "Gazette"}},
            422,
            "filters.publishers: Input should be a valid list." + DOCS,
        ),
        ({"question": "Who?", "history": [{"answer": "Me."}]}, 422, "history.0.question: Field required." + DOCS),
        (
            {"question": "Who?", "history": [{"question": "?"}] * 51},
            422,
            "history: List should have at most 50 items after validation, not 51." + DOCS,
        ),
        (["Who?"], 422, NO_OBJECT + DOCS),
    ],
)
def test_a_question_that_cannot_be_asked_is_refused_in_a_sentence(
    api: TestClient, body: object, status: int, sentence: str
) -> None:
    assert error_of(api.post("/v1/answers", json=body), status) == sentence


@pytest.mark.parametrize(
    ("content", "headers", "status", "sentence"),
    [
        (b"Who?", {}, 422, NO_OBJECT + DOCS),
        (b"", {}, 422, NO_OBJECT + DOCS),
        (b'{"question": ', JSON, 422, "The body is not JSON: Expecting value at character 13." + DOCS),
        (
            b'{"question": "\xff"}',
            JSON,
            400,
            "POST /v1/answers: There was an error parsing the body. What there is, is at /docs.",
        ),
        (b'{"question": "\\ud800"}', JSON, 422, "question: " + NO_TEXT + DOCS),
        (SURROGATE % b'"filters": {"publishers": ["\\ud800"]}', JSON, 422, "filters.publishers.0: " + NO_TEXT + DOCS),
        (SURROGATE % b'"filters": {"article_ids": ["\\ud800"]}', JSON, 422, "filters.article_ids.0: " + NO_TEXT + DOCS),
        (SURROGATE % b'"history": [{"question": "\\ud800"}]', JSON, 422, "history.0.question: " + NO_TEXT + DOCS),
    ],
)
def test_a_body_that_is_no_json_is_refused_in_a_sentence(
    api: TestClient, content: bytes, headers: dict[str, str], status: int, sentence: str
) -> None:
    assert error_of(api.post("/v1/answers", content=content, headers=headers), status) == sentence


@pytest.mark.parametrize(
    ("method", "path", "status", "sentence"),
    [
        ("GET", "/v1/search", 422, "q: Field required." + DOCS),
        ("GET", "/v1/articles?words=ferry", 422, "words: there is no such field." + DOCS),
        ("GET", "/v1/search?q=ferry&publishers=Gazette", 422, "publishers: there is no such field." + DOCS),
        ("GET", "/v1/search?q=ferry&top_k=51", 422, "top_k: Input should be less than or equal to 50." + DOCS),
        ("GET", "/v1/search?q=ferry&from=soon", 400, "The filter 'from' is 'soon'; give a day as YYYY-MM-DD."),
        ("GET", "/v1/search?q=%20", 400, "The question is empty. Ask something in words."),
        ("GET", "/v1/articles?limit=0", 422, "limit: Input should be greater than or equal to 1." + DOCS),
        ("GET", "/v1/articles?offset=-1", 422, "offset: Input should be greater than or equal to 0." + DOCS),
        ("GET", "/v1/articles/nothing", 404, "There is no article with the id 'nothing'." + LISTED),
        ("GET", "/v1/articles/", 404, "There is no article with the id ''." + LISTED),
        ("DELETE", "/v1/articles", 422, "name: Field required." + DOCS),
        (
            "DELETE",
            "/v1/articles?name=nothing",
            404,
            "No article has the id, URL or path 'nothing'. To see what there is: dateline list",
        ),
        ("GET", "/v1/nothing", 404, "GET /v1/nothing: there is no such route. What there is, is at /docs."),
        ("GET", "/v1/answers", 405, "GET /v1/answers: it takes POST only. What there is, is at /docs."),
        ("PUT", "/v1/articles", 405, "PUT /v1/articles: it takes DELETE, GET, POST only. What there is, is at /docs."),
        ("DELETE", "/v1/articles/abc", 405, "DELETE /v1/articles/abc: it takes GET only. What there is, is at /docs."),
    ],
)
def test_a_route_that_cannot_be_taken_says_so(
    api: TestClient, method: str, path: str, status: int, sentence: str
) -> None:
    assert error_of(api.request(method, path), status) == sentence


@pytest.mark.parametrize(
    ("path", "body", "status", "sentence"),
    [
        (
            "/v1/articles",
            {"articles": []},
            400,
            "There is nothing to add: give 'articles', 'urls' or both.",
        ),
        (
            "/v1/articles",
            {"articles": [{"text": "x"}] * 1001},
            422,
            "articles: List should have at most 1000 items after validation, not 1001." + DOCS,
        ),
        ("/v1/articles", {"articles": ["text"]}, 422, "articles.0: Input should be a valid dictionary." + DOCS),
        ("/v1/articles", [{"text": "x"}], 422, NO_OBJECT + DOCS),
        ("/v1/rebuild", {"chunk_tokens": 10}, 400, "chunk_tokens is 10; it takes 64 to 100, which is what tiny reads."),
        ("/v1/rebuild", {"chunk_tokens": 0}, 400, "chunk_tokens is 0; it takes 64 to 100, which is what tiny reads."),
        ("/v1/rebuild", {"overlap": 6}, 400, "overlap is 6; it takes 0 to 5 sentences."),
        ("/v1/rebuild", {"chunks": 100}, 422, "chunks: there is no such field." + DOCS),
        (
            "/v1/verify",
            {"repair": "perhaps"},
            422,
            "repair: Input should be a valid boolean, unable to interpret input." + DOCS,
        ),
    ],
)
def test_a_change_that_cannot_be_made_is_refused_and_changes_nothing(
    tiny_api: TestClient, path: str, body: object, status: int, sentence: str
) -> None:
    before = tiny_api.get("/v1/status").json()
    assert error_of(tiny_api.post(path, json=body), status) == sentence
    assert tiny_api.get("/v1/status").json() == before


def test_what_is_at_an_address_is_added_and_what_cannot_be_had_is_named(tiny_api: TestClient) -> None:
    urls = ["http://127.0.0.1:9/page", "nothing"]
    report = tiny_api.post("/v1/articles", json={"urls": urls, "articles": [{"text": "The pier is green."}]}).json()
    assert len(report["added"]) == 1 and [skip["source"] for skip in report["skipped"]] == urls
    assert "private" in report["skipped"][0]["reason"]
    body = {"urls": ["https://example.org"] * 101}
    assert error_of(tiny_api.post("/v1/articles", json=body), 422).startswith("urls: List should have at most 100")


def test_a_model_that_is_not_there_is_the_requests_mistake(tiny_api: TestClient) -> None:
    message = error_of(tiny_api.post("/v1/rebuild", json={"model": "/no/such/model"}), 400)
    assert message.startswith("The embedding model '/no/such/model' is neither a folder nor in the local cache")


def test_a_request_over_the_limit_is_refused_before_it_is_read(tiny_api: TestClient) -> None:
    sentence = "The request has more than 64 MiB. Send fewer articles at once."
    headers = {**JSON, "content-length": str(LARGEST_BODY + 1)}
    assert error_of(tiny_api.post("/v1/articles", content=b"{}", headers=headers), 413) == sentence


def test_a_request_that_does_not_say_its_length_is_refused_once_it_is_too_long(tiny_api: TestClient) -> None:
    def endless() -> Iterator[bytes]:
        while True:
            yield b" " * 2**20

    message = error_of(tiny_api.post("/v1/articles", content=endless_until(endless(), 66), headers=JSON), 413)
    assert "The request has more than 64 MiB. Send fewer articles at once." in message


def endless_until(pieces: Iterator[bytes], count: int) -> Iterator[bytes]:
    for _ in range(count):
        yield next(pieces)


@pytest.mark.parametrize("host", ["evil.example.org", "127.0.0.1.evil.example.org", "localhost.evil.example.org:7860"])
def test_another_host_name_is_refused(api: TestClient, host: str) -> None:
    sentence = "Dateline answers to the host names localhost, 127.0.0.1, [::1] only."
    assert error_of(api.get("/v1/status", headers={"host": host}), 400) == sentence


@pytest.mark.parametrize("host", ["localhost:7860", "127.0.0.1:7860", "127.0.0.1"])
def test_its_own_host_names_are_answered(api: TestClient, host: str) -> None:
    assert api.get("/v1/status", headers={"host": host}).status_code == 200


# --- documentation and headers


@pytest.mark.parametrize("page", ["/docs", "/redoc"])
def test_the_documentation_loads_nothing_from_elsewhere(api: TestClient, page: str) -> None:
    html = api.get(page).text
    loaded = re.findall(r"(?:src|href)=[\"']([^\"']+)", html) + re.findall(r"url\([\"']?([^\"')]+)", html)
    assert len(loaded) >= 2
    assert [url for url in re.findall(r"https?://[^\s\"'<>]+", html) if "//localhost" not in url] == []
    assert [url for url in loaded if api.get(url).status_code != 200] == []


def test_the_description_is_valid_and_lists_every_route(api: TestClient) -> None:
    description = api.get("/openapi.json").json()
    OpenAPI.model_validate(description)
    assert {path: set(routes) for path, routes in description["paths"].items()} == ROUTES
    for routes in description["paths"].values():
        for route in routes.values():
            assert route["summary"] and route["description"]
    filters = description["components"]["schemas"]["FiltersIn"]["properties"]
    assert filters["from"]["format"] == "date"


@pytest.mark.parametrize("path", ["/", "/docs", "/v1/status", "/v1/nothing", "/v1/articles/nothing"])
def test_every_response_has_the_security_headers(api: TestClient, path: str) -> None:
    headers = api.get(path).headers
    assert headers["content-security-policy"] == POLICY
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"


def test_the_policy_lets_the_page_load_and_send_nothing_to_another_machine() -> None:
    rules = dict(rule.strip().split(" ", 1) for rule in POLICY.split(";"))
    assert rules["default-src"] == rules["connect-src"] == rules["form-action"] == "'self'"
    assert rules["frame-ancestors"] == "'none'"
    assert not re.search(r"https?:|\*", POLICY)
