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
