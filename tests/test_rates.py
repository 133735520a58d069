"""How often one may come, and what one is told who comes too often."""

import pytest
from limits import RateLimitItemPerMinute
from starlette.responses import PlainTextResponse
from starlette.testclient import TestClient
from starlette.types import Receive, Scope, Send

from ui.rates import Limits, Rates, address
from ui.visit import SCOPE, Visit


class House:
    """An app to which everybody comes with the key and from the address that their headers name."""

    def __init__(self, questions: int) -> None:
        self._app = Limits(PlainTextResponse("in"), questions=questions)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = {name.decode(): value.decode() for name, value in scope["headers"]}
        scope[SCOPE] = Visit("id", key=headers.get("x-key"))
        scope["client"] = (headers.get("x-address", "192.0.2.1"), 1)
        await self._app(scope, receive, send)


@pytest.fixture
def house() -> TestClient:
    return TestClient(House(questions=3))


def ask(house: TestClient, path: str = "/v1/answers", **headers: str) -> int:
    return house.post(path, headers={f"x-{name}": value for name, value in headers.items()}).status_code


def test_each_key_has_so_many_questions_a_minute_and_is_told_when_to_come_again(house: TestClient) -> None:
    assert [ask(house, key="ada") for _ in range(4)] == [200, 200, 200, 429]
    refused = house.post("/v1/search", headers={"x-key": "ada"})
    assert refused.status_code == 429
    wait = int(refused.headers["retry-after"])
    assert 1 <= wait <= 60
    sentence = f"More than 3 questions in a minute. Come again in {wait} seconds."
    assert refused.json() == {"error": sentence}
    error = {"message": sentence, "type": "invalid_request_error", "param": None, "code": "rate_limit_exceeded"}
    assert house.post("/v1/chat/completions", headers={"x-key": "ada"}).json() == {"error": error}
    assert ask(house, key="bob") == 200
    assert ask(house, "/v1/articles", key="ada") == 200


def test_where_there_is_no_key_it_is_the_address_that_counts(house: TestClient) -> None:
    assert [ask(house, address="192.0.2.7") for _ in range(4)] == [200, 200, 200, 429]
    assert ask(house, address="192.0.2.8") == 200
    assert ask(house, address="192.0.2.7", key="ada") == 200
    assert [ask(house, address=f"2001:db8::{n}") for n in range(4)] == [200, 200, 200, 429]
    assert ask(house, address="2001:db8:1::1") == 200


def test_requests_are_counted_too_and_files_are_not(house: TestClient) -> None:
    assert [ask(house, "/v1/status", key="ada") for _ in range(31)] == [200] * 30 + [429]
    assert ask(house, "/assets/x.js", key="ada") == ask(house, "/healthz", key="ada") == 200


@pytest.mark.parametrize(
    "path",
    ["/v1/answers", "/v1/search", "/v1/chat/completions", "/mcp"],
)
def test_every_way_to_ask_is_one_question(house: TestClient, path: str) -> None:
    assert [ask(house, path, key="ada") for _ in range(3)] == [200] * 3
    assert ask(house, "/v1/answers", key="ada") == 429


def test_what_happens_on_the_page_counts_as_requests(house: TestClient) -> None:
    assert [ask(house, "/gradio_api/queue/join", key="ada") for _ in range(31)] == [200] * 30 + [429]


def test_the_command_line_of_this_machine_may_come_as_often_as_it_likes(house: TestClient) -> None:
    assert {ask(house, key="local") for _ in range(40)} == {200}


def test_what_is_one_too_many_does_not_count_itself() -> None:
    rates, limit = Rates(), RateLimitItemPerMinute(1)
    assert (rates.full(limit, "x"), rates.hit(limit, "x")) == (0, 0)
    waits = [rates.hit(limit, "x") for _ in range(5)] + [rates.full(limit, "x")]
    assert all(0 < wait <= 60 for wait in waits)


@pytest.mark.parametrize(
    ("client", "whose"),
    [(("192.0.2.1", 5), "192.0.2.1"), (("2001:db8::5", 5), "2001:db8::/64"), (None, "unknown"), (("a", 5), "a")],
)
def test_an_address_is_a_network_where_it_is_all_ones_own(client: tuple[str, int] | None, whose: str) -> None:
    assert address({"client": client}) == whose
