"""The command line's HTTP client, over a fake wire where no real server is needed."""

import httpx
import pytest

from index.errors import DatelineError, IndexMismatch
from ui.client import Remote


def remote(status: int, body: object) -> Remote:
    wire = httpx.MockTransport(lambda request: httpx.Response(status, json=body))
    return Remote(httpx.Client(base_url="http://127.0.0.1:7860", transport=wire))


def test_another_model_than_the_servers_is_refused_with_both_names_and_the_command() -> None:
    server = remote(200, {"model": "all-MiniLM-L6-v2 (384 dimensions, int8)"})
    server.check_model("all-MiniLM-L6-v2")
    with pytest.raises(IndexMismatch, match=r"built with all-MiniLM-L6-v2; configured is other.*rebuild --model other"):
        server.check_model("other")


def test_a_servers_error_is_said_in_its_own_words() -> None:
    with pytest.raises(DatelineError, match=r"^The question is empty\.$"):
        remote(400, {"error": "The question is empty."}).ask("?", None, 10)


def test_a_server_that_hangs_up_is_told_of_with_one_full_stop_after_its_error() -> None:
    def hang_up(request: httpx.Request) -> httpx.Response:
        raise httpx.RemoteProtocolError("Server disconnected without sending a response.")

    gone = Remote(httpx.Client(base_url="http://127.0.0.1:7860", transport=httpx.MockTransport(hang_up)))
    with pytest.raises(DatelineError) as raised:
        gone.status()
    assert str(raised.value) == (
        "The server at http://127.0.0.1:7860 does not answer: Server disconnected without sending a response. "
        "Is it still running?"
    )


def test_an_ellipsis_and_a_path_at_the_end_of_an_errors_sentence_stay() -> None:
    said = "It says “wait...” of ../a/.. and so on... at last."
    assert str(DatelineError(said)) == said
