"""A small real HTTP server that speaks OpenAI's chat completions, and misbehaves on demand.

The model's name in a request chooses what it does; `requests` holds what it was sent.
"""

import json
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import AbstractContextManager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from web_server import running

GOOD = "The bridge was closed on Thursday. [1] Inspectors found two cracks. [1]"


class LlmServer(ThreadingHTTPServer):
    """It writes `answer` for the model "good"; `url` is what a client is configured with.

    `hung_up` is set when a client went away while an answer was written.
    """

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answer = GOOD
        self.requests: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.tries: Counter[str] = Counter()
        self.paused = False
        self.go_on = threading.Event()
        self.hung_up = threading.Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/v1"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that has hung up is what some tests are about."""


def serving() -> AbstractContextManager[LlmServer]:
    """The server, running."""
    return running(LlmServer())


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: LlmServer

    def log_message(self, format: str, *args: object) -> None:
        pass

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.requests.append(body)
        self.server.headers.append({name.lower(): value for name, value in self.headers.items()})
        self.server.tries[body["model"]] += 1
        if self.path != "/v1/chat/completions" or body["model"] not in BEHAVIOURS:
            return self.fail(404, f"no model {body['model']!r} at {self.path}")
        BEHAVIOURS[body["model"]](self)

    def fail(self, status: int, message: str, **headers: str) -> None:
        """An error as OpenAI words it."""
        body = json.dumps({"error": {"message": message, "type": "error", "code": None}}).encode()
        self.send_response(status)
        for name, value in {"Content-Type": "application/json", "Content-Length": str(len(body)), **headers}.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def begin(self) -> None:
        """Headers of an event stream, and the role, which says nothing yet."""
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        self.event({"choices": [{"index": 0, "delta": {"role": "assistant", "content": ""}, "finish_reason": None}]})

    def event(self, data: object) -> None:
        self.raw("data: " + (data if isinstance(data, str) else json.dumps(data)) + "\n\n")

    def raw(self, text: str) -> None:
        """One chunk of the body."""
        data = text.encode()
        self.wfile.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")
        self.wfile.flush()

    def words(self, text: str, pause: float = 0.0) -> None:
        """Text in pieces of a few characters."""
        for at in range(0, len(text), 7):
            delta = {"content": text[at : at + 7]}
            self.event({"choices": [{"index": 0, "delta": delta, "finish_reason": None}]})
            time.sleep(pause)

    def end(self, reason: str = "stop") -> None:
        self.event({"choices": [{"index": 0, "delta": {}, "finish_reason": reason}]})
        self.event("[DONE]")
        self.raw("")


def good(handler: _Handler) -> None:
    handler.begin()
    handler.words(handler.server.answer)
    handler.end()


def pausing(handler: _Handler) -> None:
    """It goes on after "PAUSE" in its answer, which it doesn't write, when `go_on` is set."""
    handler.begin()
    first, last = handler.server.answer.split("PAUSE")
    handler.words(first)
    handler.server.paused = True
    if handler.server.go_on.wait(30):
        handler.server.paused = False
        handler.words(last)
    handler.end()


def breaking(handler: _Handler) -> None:
    """It breaks off in its second sentence, long after the first one."""
    handler.begin()
    handler.words(handler.server.answer[:-12], pause=0.05)
    handler.close_connection = True


def rambling(handler: _Handler) -> None:
    """It goes on until its client hangs up."""
    handler.begin()
    handler.words(handler.server.answer)
    try:
        while True:
            handler.words("and so on ", pause=0.02)
    except OSError:
        handler.server.hung_up.set()


def thinking(handler: _Handler) -> None:
    handler.begin()
    handler.words("<think>The passage [1] says Friday.\n\nOr not.</think>\n")
    handler.words(handler.server.answer)
    handler.end()


def silent(handler: _Handler) -> None:
    """Signs of life that are no words, as llama.cpp sends them, and never an answer."""
    handler.begin()
    while True:
        handler.raw(": ping\n\n")
        time.sleep(0.02)


def dripping(handler: _Handler) -> None:
    """An answer that never ends."""
    handler.begin()
    while True:
        handler.words("and so on ", pause=0.05)


def endless(handler: _Handler) -> None:
    """An answer that never ends, fast."""
    handler.begin()
    while True:
        handler.words("and so on " * 100)


def cut_off(handler: _Handler) -> None:
    handler.begin()
    handler.words(handler.server.answer[:30])
    handler.close_connection = True


def ended_early(handler: _Handler) -> None:
    """The stream closes in good order, but nobody said that the answer was whole."""
    handler.begin()
    handler.words(handler.server.answer[:30])
    handler.raw("")


def broken_json(handler: _Handler) -> None:
    handler.begin()
    handler.event('{"choices": [{"delta": {"content": "The brid')
    handler.raw("")


def other_json(handler: _Handler) -> None:
    handler.begin()
    handler.event('{"choices": [{"text": "an older protocol"}]}')
    handler.event('["no", "object"]')
    handler.raw("")


def half_a_character(handler: _Handler) -> None:
    """Half of an emoji, as a server sends it that cuts UTF-16 in two."""
    handler.begin()
    handler.words(handler.server.answer)
    handler.words("\ud83d A smile is cut. [1]")
    handler.end()


def nested_json(handler: _Handler) -> None:
    handler.begin()
    handler.event("[" * 100_000)
    handler.raw("")


def web_page(handler: _Handler) -> None:
    body = b"<html><body>Welcome to the router!</body></html>"
    handler.send_response(200)
    handler.send_header("Content-Type", "text/html")
    handler.send_header("Content-Length", str(len(body)))
    handler.end_headers()
    handler.wfile.write(body)


def failing_inside(handler: _Handler) -> None:
    handler.begin()
    handler.words(handler.server.answer[:30])
    handler.event({"error": {"message": "out of memory", "type": "server_error"}})
    handler.raw("")


def busy_once(handler: _Handler) -> None:
    if handler.server.tries["busy-once"] == 1:
        return handler.fail(429, "slow down", Retry_After_Ms="10")
    good(handler)


def failing_once(handler: _Handler) -> None:
    if handler.server.tries["failing-once"] == 1:
        return handler.fail(500, "hiccup", Retry_After_Ms="10")
    good(handler)


def colourful(handler: _Handler) -> None:
    handler.fail(503, "\x1b[31m<script>alert(1)</script>\x07 \u202eno \ud800memory", Retry_After_Ms="10")


def failing(handler: _Handler) -> None:
    handler.fail(503, "Loading model", Retry_After_Ms="10")


def refusing(handler: _Handler) -> None:
    """It says the key that it was sent, as careless servers do."""
    handler.fail(401, f"Incorrect API key provided: {handler.headers['Authorization']}")


def echoing(handler: _Handler) -> None:
    handler.fail(400, f"Bad request with {handler.headers['Authorization']}")


def without_temperature(handler: _Handler) -> None:
    if "temperature" in handler.server.requests[-1]:
        return handler.fail(400, "Unsupported value: 'temperature' does not support 0 with this model.")
    good(handler)


BEHAVIOURS: dict[str, Callable[[_Handler], None]] = {
    f.__name__.replace("_", "-"): f
    for f in (
        good, pausing, breaking, rambling, thinking,
        silent, dripping, endless, cut_off, ended_early, broken_json, other_json, web_page,
        half_a_character, nested_json, colourful,
        failing_inside, busy_once, failing_once, failing, refusing, echoing, without_temperature,
    )
}  # fmt: skip
