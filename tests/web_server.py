"""A small real web server whose pages a test puts up and takes down; `asked` lists what was asked of it."""

import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, TypeVar

Page = Callable[["Handler"], None]
Server = TypeVar("Server", bound=ThreadingHTTPServer)


class WebServer(ThreadingHTTPServer):
    """Serves `pages` by path; what is not there is a 404."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.pages: dict[str, Page] = {}
        self.requests: list[tuple[str, dict[str, str]]] = []

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def asked(self) -> list[str]:
        """The paths that were asked for, without the robots.txt."""
        return [path for path, _ in self.requests if path != "/robots.txt"]

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that has hung up is what some tests are about."""


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: WebServer

    def log_message(self, format: str, *args: object) -> None:
        pass

    def do_GET(self) -> None:
        self.server.requests.append((self.path, {name.lower(): value for name, value in self.headers.items()}))
        self.server.pages.get(self.path, page("gone", status=404))(self)

    def begin(self, status: int, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()


def page(body: str | bytes, media: str | None = "text/html; charset=utf-8", *, status: int = 200, **said: str) -> Page:
    """A whole page. Names of headers are written with `_`; one with an `etag` or `last_modified` may be a 304."""
    content = body.encode() if isinstance(body, str) else body
    headers = {name.replace("_", "-"): value for name, value in said.items()}

    def serve(handler: Handler) -> None:
        for ours, theirs in (("etag", "If-None-Match"), ("last_modified", "If-Modified-Since")):
            if said.get(ours) and said[ours] == handler.headers.get(theirs):
                return handler.begin(304, headers)
        handler.begin(
            status, {**({"Content-Type": media} if media else {}), "Content-Length": str(len(content)), **headers}
        )
        handler.wfile.write(content)

    return serve


def redirect(to: str, status: int = 302) -> Page:
    return page("", status=status, Location=to)


@contextmanager
def running(server: Server) -> Iterator[Server]:
    """A server while it serves."""
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def web_server() -> AbstractContextManager[WebServer]:
    """The server, running."""
    return running(WebServer())
