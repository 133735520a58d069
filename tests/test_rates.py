"""How often one may come, and what one is told who comes too often."""

from dataclasses import replace

import pytest
from limits import RateLimitItemPerMinute
from starlette.responses import PlainTextResponse
from starlette.testclient import TestClient
from starlette.types import Receive, Scope, Send

from index.errors import TooOftenError
from ui.rates import Limits, Questions, Rates, address
from ui.visit import SCOPE, Visit, resumed


class House:
    """An app to which everybody comes with the key and from the address that their headers name."""

    def __init__(self, requests: int) -> None:
        self._app = Limits(PlainTextResponse("in"), requests=requests)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = {name.decode(): value.decode() for name, value in scope["headers"]}
        whence = address({"client": (headers.get("x-address", "192.0.2.1"), 1)})
        scope[SCOPE] = Visit("id", whence, key=headers.get("x-key"))
        await self._app(scope, receive, send)


@pytest.fixture
def house() -> TestClient:
    return TestClient(House(requests=3))


def come(house: TestClient, path: str = "/v1/status", **headers: str) -> int:
    return house.post(path, headers={f"x-{name}": value for name, value in headers.items()}).status_code


def test_each_key_has_so_many_requests_a_minute_and_is_told_when_to_come_again(house: TestClient) -> None:
    assert [come(house, key="ada") for _ in range(4)] == [200, 200, 200, 429]
    refused = house.post("/gradio_api/queue/join", headers={"x-key": "ada"})
    assert refused.status_code == 429
    wait = int(refused.headers["retry-after"])
    assert 1 <= wait <= 60
    sentence = f"More than 3 requests in a minute. Come again in {wait} seconds."
    assert refused.json() == {"error": sentence}
    error = {"message": sentence, "type": "invalid_request_error", "param": None, "code": "rate_limit_exceeded"}
    assert house.post("/v1/chat/completions", headers={"x-key": "ada"}).json() == {"error": error}
    assert come(house, key="bob") == 200
    assert come(house, "/assets/x.js", key="ada") == come(house, "/healthz", key="ada") == 200


def test_where_there_is_no_key_it_is_the_address_that_counts(house: TestClient) -> None:
    assert [come(house, address="192.0.2.7") for _ in range(4)] == [200, 200, 200, 429]
    assert come(house, address="192.0.2.8") == 200
    assert come(house, address="192.0.2.7", key="ada") == 200
    assert [come(house, address=f"2001:db8::{n}") for n in range(4)] == [200, 200, 200, 429]
    assert come(house, address="2001:db8:1::1") == 200


def asked(questions: Questions, visit: Visit | None) -> int:
    """A question; the seconds to wait when it is one too many, else 0."""
    with resumed(visit):
        try:
            questions.admit()
        except TooOftenError as error:
            assert str(error) == f"More than 2 questions in a minute. Come again in {error.seconds} seconds."
            return error.seconds
    return 0


def test_each_has_so_many_questions_whichever_way_they_come() -> None:
    questions = Questions(2)
    ada, bob, somebody = Visit("1", key="ada"), Visit("2", key="bob"), Visit("3", "192.0.2.1")
    assert [asked(questions, ada), asked(questions, replace(ada, id="4"))] == [0, 0]
    assert 1 <= asked(questions, ada) <= 60
    assert [asked(questions, bob), asked(questions, somebody)] == [0, 0]
    assert [asked(questions, visit) for visit in (Visit("5", key="local"), None) * 3] == [0] * 6


def test_the_command_line_of_this_machine_may_come_as_often_as_it_likes(house: TestClient) -> None:
    assert {come(house, key="local") for _ in range(40)} == {200}


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
