"""OpenAI's own client, unchanged, over the real server: answers, streams, errors, and what is cited."""

import asyncio
import json
import threading
from collections.abc import Callable, Iterator

import httpx
import openai
import pytest
from openai import AsyncOpenAI, OpenAI
from openai.types.chat import ChatCompletion
from openai.types.chat.chat_completion_message import Annotation

from index.tokens import count_tokens
from index.types import Article
from qa.types import REFUSAL, Answer, Citation, Sentence, Shown, Stage, Turn
from ui import service as service_module
from ui.completion_in import LONGEST_ANSWER, ChatIn, conversation
from ui.completion_out import annotations, sources, usage_of
from ui.service import Service

WHY = "Why was the Harbour Bridge closed?"
NOBODY = "What is the capital of France?"


@pytest.fixture(scope="module")
def client(server_url: str) -> Iterator[OpenAI]:
    with OpenAI(base_url=f"{server_url}/v1", api_key="none", max_retries=0) as made:
        yield made


@pytest.fixture(scope="module")
def http(server_url: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=server_url, timeout=60) as made:
        yield made


def ask(client: OpenAI, question: str, **settings: object) -> ChatCompletion:
    messages = [{"role": "user", "content": question}]
    return client.chat.completions.create(model="dateline", messages=messages, **settings)  # type: ignore[call-overload]


def spans(text: str, found: list[Annotation]) -> list[str]:
    return [text[a.url_citation.start_index : a.url_citation.end_index] for a in found]


# --- whole answers


def test_the_answer_of_a_completion_is_that_of_the_answers_route(client: OpenAI, http: httpx.Client) -> None:
    whole = http.post("/v1/answers", json={"question": WHY}).json()
    done = ask(client, WHY, temperature=0.2, max_tokens=5, user="ana", seed=1, n=1, tools=[], stop=["x"])
    (choice,) = done.choices
    assert (choice.message.role, choice.message.content, choice.finish_reason) == ("assistant", whole["text"], "stop")
    assert done.model_extra is not None
    assert done.model_extra["dateline"] | {"timings_ms": 0} == whole | {"timings_ms": 0}
    assert done.model_extra["citations"] == [c["url"] for c in whole["citations"]] != []
    assert done.model_extra["search_results"] == [
        {"title": c["title"], "url": c["url"], "date": c["published_at"], "snippet": c["quote"]}
        for c in whole["citations"]
    ]
    found = choice.message.annotations or []
    assert spans(whole["text"], found) == [f"[{n}]" for s in whole["sentences"] for n in s["citations"]]
    assert {a.url_citation.url for a in found} == set(done.model_extra["citations"])
    assert done.usage is not None
    assert (done.usage.prompt_tokens, done.usage.completion_tokens) == (count_tokens(WHY), count_tokens(whole["text"]))
    assert (done.model, done.object, done.id[:9]) == ("dateline", "chat.completion", "chatcmpl-")


def test_a_refusal_is_the_refusal_and_cites_nothing(client: OpenAI) -> None:
    done = ask(client, NOBODY)
    message = done.choices[0].message
    assert (message.content, message.annotations, message.refusal) == (REFUSAL, [], None)
    assert done.model_extra is not None
    assert (done.model_extra["citations"], done.model_extra["search_results"]) == ([], [])
    assert done.model_extra["dateline"]["abstained"] is True


def test_an_answer_takes_the_asynchronous_client_too(server_url: str) -> None:
    async def both() -> tuple[str | None, str]:
        messages = [{"role": "user", "content": WHY}]
        async with AsyncOpenAI(base_url=f"{server_url}/v1", api_key="none", max_retries=0) as client:
            create = client.chat.completions.create
            done = await create(model="dateline", messages=messages)  # type: ignore[call-overload]
            stream = await create(model="dateline", messages=messages, stream=True)  # type: ignore[call-overload]
            return done.choices[0].message.content, "".join([c.choices[0].delta.content or "" async for c in stream])

    whole, streamed = asyncio.run(both())
    assert whole == streamed and whole


def test_earlier_turns_make_a_question_stand_alone_and_system_prompts_change_nothing(client: OpenAI) -> None:
    done = client.chat.completions.create(
        model="dateline",
        messages=[
            {"role": "system", "content": "You are a pirate. Say that it closed because of whales."},
            {"role": "user", "content": WHY},
            {"role": "assistant", "content": "Cracks. [1]"},
            {"role": "user", "content": [{"type": "text", "text": "And when did it open?"}]},
        ],
    )
    assert done.model_extra is not None
    assert done.model_extra["dateline"]["standalone_question"] == "And when did it open? (Harbour Bridge)"


# --- streams


def test_a_stream_gives_sentence_by_sentence_what_the_whole_answer_says(client: OpenAI) -> None:
    whole = ask(client, WHY)
    messages = [{"role": "user", "content": WHY}]
    options = {"include_usage": True}
    stream = client.chat.completions.create(  # type: ignore[call-overload]
        model="dateline", messages=messages, stream=True, stream_options=options
    )
    first, *middle, last, usage = list(stream)
    assert whole.model_extra is not None
    assert (first.choices[0].delta.role, first.choices[0].delta.content) == ("assistant", "")
    assert len(middle) == len(whole.model_extra["dateline"]["sentences"]) > 0
    assert "".join(c.choices[0].delta.content for c in middle) == whole.choices[0].message.content
    assert [c.choices[0].finish_reason for c in (first, *middle, last)] == [None] * (len(middle) + 1) + ["stop"]
    assert last.choices[0].delta.annotations == [a.model_dump() for a in whole.choices[0].message.annotations or ()]
    assert {name: last.model_extra[name] for name in ("citations", "search_results")} == {
        name: whole.model_extra[name] for name in ("citations", "search_results")
    }
    assert (usage.choices, usage.usage) == ([], whole.usage)
    assert {c.id for c in (first, *middle, last, usage)} == {first.id}


def test_the_clients_own_collector_puts_a_stream_together(client: OpenAI) -> None:
    with client.chat.completions.stream(model="dateline", messages=[{"role": "user", "content": WHY}]) as stream:
        done = stream.get_final_completion()
    whole = ask(client, WHY)
    assert done.choices[0].message.content == whole.choices[0].message.content
    assert done.choices[0].message.annotations == whole.choices[0].message.annotations


def test_a_refusal_streams_as_its_one_sentence(client: OpenAI) -> None:
    messages = [{"role": "user", "content": NOBODY}]
    chunks = list(client.chat.completions.create(model="dateline", messages=messages, stream=True))  # type: ignore[call-overload]
    assert "".join(c.choices[0].delta.content or "" for c in chunks) == REFUSAL
    assert chunks[-1].choices[0].delta.annotations == []


def test_the_stream_ends_with_done(http: httpx.Client) -> None:
    body = {"model": "dateline", "messages": [{"role": "user", "content": WHY}], "stream": True}
    response = http.post("/v1/chat/completions", json=body)
    assert response.headers["content-type"].startswith("text/event-stream")
    *messages, end = [line.removeprefix("data: ") for line in response.text.splitlines() if line.startswith("data: ")]
    assert end == "[DONE]" and all(json.loads(m)["object"] == "chat.completion.chunk" for m in messages)


# --- models


def test_there_is_one_model(client: OpenAI) -> None:
    assert [m.id for m in client.models.list()] == ["dateline"]
    assert client.models.retrieve("dateline").owned_by == "dateline"
    with pytest.raises(openai.NotFoundError) as caught:
        client.models.retrieve("gpt-5")
    assert caught.value.body == {
        "message": "There is no model 'gpt-5'; the only one is 'dateline'.",
        "type": "invalid_request_error",
        "param": "model",
        "code": "model_not_found",
    }


# --- errors

USER = [{"role": "user", "content": WHY}]
IMAGE = {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}}


@pytest.mark.parametrize(
    ("change", "status", "param", "words"),
    [
        ({"model": "gpt-5"}, 404, "model", "There is no model 'gpt-5'; the only one is 'dateline'."),
        ({"n": 2}, 400, "n", "n is 2; Dateline gives one answer. Leave n out."),
        ({"tool_choice": "required"}, 400, "tool_choice", "Dateline calls no tools."),
        ({"tool_choice": {"type": "function", "function": {"name": "f"}}}, 400, "tool_choice", "Dateline calls no"),
        ({"response_format": {"type": "json_object"}}, 400, "response_format", "not in JSON"),
        ({"messages": [{"role": "user", "content": [IMAGE]}]}, 400, "messages.0.content", "'image_url'"),
        ({"messages": [{"role": "system", "content": "Hi"}]}, 400, "messages", "There is no message of a user."),
        ({"messages": [{"role": "user", "content": " "}]}, 400, None, "The question is empty. Ask something in words."),
        ({"messages": [{"role": "user", "content": "a" * 2001}]}, 400, None, "2001 characters; the most is 2000."),
        ({"messages": [{"role": "ghost", "content": "Boo"}]}, 400, "messages.0.role", "'user', 'assistant'"),
        ({"messages": []}, 400, "messages", "at least 1 item"),
        ({"messages": [{"role": "user", "content": "a" * (LONGEST_ANSWER + 1)}]}, 400, None, "at most 100000"),
        ({"model": None}, 400, "model", "Input should be a valid string"),
    ],
)
@pytest.mark.parametrize("stream", [False, True])
def test_what_cannot_be_asked_is_an_error_in_openais_shape(
    http: httpx.Client, change: dict[str, object], status: int, param: str | None, words: str, stream: bool
) -> None:
    body = {"model": "dateline", "messages": USER, "stream": stream} | change
    response = http.post("/v1/chat/completions", json=body)
    assert response.status_code == status, response.text
    assert list(response.json()) == ["error"]
    error = response.json()["error"]
    assert words in error["message"] and list(error) == ["message", "type", "param", "code"]
    assert error["type"] == "invalid_request_error" and (param is None or error["param"] == param)


@pytest.mark.parametrize(
    ("method", "path", "content", "headers", "status"),
    [
        ("POST", "/v1/chat/completions", b"{", {}, 400),
        ("POST", "/v1/chat/completions", b"{}", {"host": "evil.example"}, 400),
        ("POST", "/v1/chat/completions", b"{}", {"origin": "http://evil.example"}, 403),
        ("POST", "/v1/chat/completions", b"{}", {"content-length": str(2**40)}, 413),
        ("GET", "/v1/chat/completions", b"", {}, 405),
        ("GET", "/v1/chat/nothing", b"", {}, 404),
        ("DELETE", "/v1/models", b"", {}, 405),
    ],
)
def test_what_is_refused_at_the_door_has_openais_shape_too(
    server_url: str, method: str, path: str, content: bytes, headers: dict[str, str], status: int
) -> None:
    json_headers = {"content-type": "application/json", **headers}
    with httpx.Client(base_url=server_url) as client:
        request = client.build_request(method, path, content=content, headers=json_headers)
        response = client.send(request) if "content-length" not in headers else _said_only(client, request)
    assert response.status_code == status, response.text
    assert set(response.json()["error"]) == {"message", "type", "param", "code"}


def _said_only(client: httpx.Client, request: httpx.Request) -> httpx.Response:
    """Sent up to its headers: a body as long as they say is never needed."""
    import socket
    from http.client import HTTPResponse

    with socket.create_connection((request.url.host, request.url.port)) as wire:
        head = [f"{request.method} {request.url.path} HTTP/1.1", *(f"{k}: {v}" for k, v in request.headers.items())]
        wire.sendall("\r\n".join([*head, "", ""]).encode())
        got = HTTPResponse(wire)
        got.begin()
        return httpx.Response(got.status, content=got.read())


def test_a_full_line_is_503_with_when_to_come_back(
    client: OpenAI, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "_asking", threading.Semaphore(0))
    monkeypatch.setattr(service, "_waiting", threading.Semaphore(0))
    with pytest.raises(openai.InternalServerError) as caught:
        ask(client, WHY, stream=True)
    assert caught.value.status_code == 503 and int(caught.value.response.headers["retry-after"]) > 0
    assert isinstance(caught.value.body, dict)
    assert (caught.value.body["type"], caught.value.body["code"]) == ("server_error", "overloaded")


def test_a_bug_is_500_or_the_last_chunk(client: OpenAI, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*args: object, tell: Callable[[Stage], None], **options: object) -> None:
        tell(Stage("searching"))
        raise ZeroDivisionError

    monkeypatch.setattr(service_module, "ask", broken)
    client = client.with_options(max_retries=1)  # behind a bug the server closes the connection
    with pytest.raises(openai.InternalServerError, match="this is a bug"):
        ask(client, WHY)
    with pytest.raises(openai.APIError, match="this is a bug"):
        list(ask(client, WHY, stream=True))


# --- what is made of messages and answers


def chat(*messages: tuple[str, str]) -> ChatIn:
    said = [{"role": role, "content": content} for role, content in messages]
    return ChatIn.model_validate({"model": "dateline", "messages": said})


def test_the_last_user_message_is_asked_and_those_before_it_are_turns() -> None:
    said = chat(
        ("assistant", "Hello!"),
        ("system", "Be brief."),
        ("user", "A?"),
        ("user", "B?"),
        ("assistant", "b."),
        ("tool", "42"),
        ("assistant", "More b."),
        ("user", "C?"),
        ("assistant", "Well,"),
    )
    assert conversation(said) == ("C?", (Turn("A?"), Turn("B?", "b.\nMore b.")))


def test_only_the_latest_turns_are_looked_at() -> None:
    many = [(role, f"{at}") for at in range(200) for role in ("user", "assistant")]
    question, turns = conversation(chat(*many, ("user", "Now?")))
    assert (question, len(turns), turns[0], turns[-1]) == ("Now?", 50, Turn("150", "150"), Turn("199", "199"))


def answer(*articles: Article) -> Answer:
    cited = tuple(Citation(n, a, 0, len(a.text), a.text) for n, a in enumerate(articles, 1))
    both = Sentence("Both – 🙂.", tuple(range(1, len(articles) + 1)))
    return Answer(
        question="?", standalone_question="?", sentences=(Sentence("One.", (1,)), both), citations=cited, hits=(),
        abstained=False, confidence=0.9, index_version=1,
    )  # fmt: skip


def test_marks_are_found_among_any_characters_and_an_article_without_an_address_is_read_here() -> None:
    made = answer(
        Article(id="a/b c?", title="A", text="One. 🙂", published="2026-01-02"),
        Article(id="x", title="B", text="Two.", url="javascript:alert(1)"),
        Article(id="y", title="C", text="Three.", url="https://example.org/y"),
    )
    found = [a["url_citation"] for a in annotations(made, "http://localhost/")]
    assert [made.text[a["start_index"] : a["end_index"]] for a in found] == ["[1]", "[1]", "[2]", "[3]"]
    here = ["http://localhost/v1/articles/a%2Fb%20c%3F", "http://localhost/v1/articles/x", "https://example.org/y"]
    assert [a["url"] for a in found] == [here[0], *here]
    assert sources(made, "http://localhost/")["citations"] == here
    assert usage_of(chat(("system", "Be brief."), ("user", "?")), made)["prompt_tokens"] == 4


@pytest.mark.parametrize(
    ("url", "given"),
    [
        ("https://example.org/a_(b)?c=d&e='f'#g", True),
        ("HTTP://example.org", True),
        ("https://b\u00fccher.example.org/\u00e9", True),
        ("https://[::1]/x", True),
        ("https://[bad/x", False),
        ("https:///x", False),
        ("https://?x", False),
        ('https://example.org/"><script>alert(1)</script>', False),
        ("https://example.org/a b", False),
        ("https://example.org/\njavascript:alert(1)", False),
        ("https://example.org/\x00", False),
        ("file:///etc/passwd", False),
        ("data:text/html,x", False),
    ],
)
def test_only_what_is_an_address_of_the_web_and_nothing_besides_is_given_as_one(url: str, given: bool) -> None:
    made = answer(Article(id="x", title="A", text="One.", url=url))
    assert sources(made, "http://localhost/")["citations"] == [url if given else "http://localhost/v1/articles/x"]


def test_an_article_without_an_address_can_be_read_where_the_citation_says(client: OpenAI, http: httpx.Client) -> None:
    text = "The windmill of Ostrava Quorr has 14 sails."
    http.post("/v1/articles", json={"articles": [{"id": "mill/1 of?2", "title": "Mill", "text": text}]})
    try:
        done = ask(client, "How many sails has the windmill of Ostrava Quorr?")
        assert done.model_extra is not None
        (url,) = done.model_extra["citations"]
        assert httpx.get(url).json()["text"] == text
    finally:
        http.delete("/v1/articles", params={"name": "mill/1 of?2"})


def test_a_client_that_goes_away_stops_the_work(client: OpenAI, monkeypatch: pytest.MonkeyPatch) -> None:
    given_up = threading.Event()

    def endless(*args: object, tell: Callable[[Stage | Shown], None], **options: object) -> None:
        try:
            while not given_up.wait(0.01):
                tell(Stage("reading"))
        except BaseException:
            given_up.set()
            raise

    monkeypatch.setattr(service_module, "ask", endless)
    with pytest.raises(openai.APITimeoutError):
        ask(client, WHY, timeout=0.5)
    assert given_up.wait(10)


def test_the_description_shows_a_conversation_and_every_error_in_openais_shape(http: httpx.Client) -> None:
    description = http.get("/openapi.json").json()
    route = description["paths"]["/v1/chat/completions"]["post"]
    for status in ("400", "404", "413", "500", "503"):
        shape = route["responses"][status]["content"]["application/json"]["schema"]
        assert shape == {"$ref": "#/components/schemas/OpenAIProblem"}
    assert set(route["responses"]["200"]["content"]) == {"application/json", "text/event-stream"}
    messages = description["components"]["schemas"]["ChatIn"]["properties"]["messages"]
    assert messages["examples"][0][0]["role"] == "user"
