"""The server: the chat window and the API in one process, which is the writer of its data folder while it runs."""

import ipaddress
import re
import secrets
import signal
import socket
import threading
from collections.abc import Callable
from contextlib import closing, suppress
from datetime import UTC, datetime
from urllib.parse import urlsplit

import uvicorn
from fastapi import FastAPI, Request, Response
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from index.build import add, version
from index.config import SAMPLES, Config
from index.errors import ConfigError
from index.load import load
from index.store import open_index
from index.types import Progress, no_progress
from qa.llm import writer_from
from qa.rerank import Reranker
from ui.api import make_api
from ui.chat import mount
from ui.problems import problem
from ui.service import Service

HOST = "127.0.0.1"
PORT = 7860
HOSTS = ("localhost", "127.0.0.1", "[::1]")
READING = ("GET", "HEAD", "OPTIONS")

# Article text is escaped before it reaches the page; should some ever get through, it can load and send nothing.
# Gradio's page and the API's documentation need inline scripts and styles.
POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; form-action 'self'; frame-ancestors 'none'"
)


HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}


def make_app(service: Service, config: Config, *, instance: str = "") -> FastAPI:
    """The API with the chat window on its front page."""
    app = make_api(service, config, instance=instance)

    app.add_middleware(Guard)
    return mount(app, service)


class Guard:
    """Turns away who is not to be here, and tells browsers what the page may do."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(HEADERS)
            await send(message)

        refusal = _refusal(Request(scope))
        await (refusal or self._app)(scope, receive, guarded)


def _refusal(request: Request) -> Response | None:
    """Why a request is not let in; None when it is."""
    host = request.headers.get("host", "")
    if re.sub(r":\d+$", "", host) not in HOSTS:
        # a page from elsewhere that gets its host name to resolve to this machine is still a stranger
        return problem(request.url.path, f"Dateline answers to the host names {', '.join(HOSTS)} only.", 400)
    origin = request.headers.get("origin")
    if request.method not in READING and origin and urlsplit(origin).netloc != host:
        return problem(request.url.path, f"A page at {origin!r} may not change anything here.", 403)
    return None


def serve(
    config: Config,
    *,
    host: str = HOST,
    port: int = PORT,
    progress: Progress = no_progress,
    ready: Callable[[str], None] = lambda url: None,
) -> None:
    """Serve until interrupted; `ready` is told the address.

    A data folder to which nothing was ever added gets the sample articles. Raises ConfigError when the address
    cannot be used, BusyError when another process is the writer of the folder.
    """
    listener = _listen(host, port)
    url = f"http://{host}:{listener.getsockname()[1]}"
    with closing(listener), closing(open_index(config, write=True, progress=progress)) as index:
        if version(index) == 0:
            add(index, load([SAMPLES]), now=datetime.now(UTC), progress=progress)
        service = Service(index, Reranker(), writer=writer_from(config), now=lambda: datetime.now(UTC))
        instance = secrets.token_hex(8)
        app = make_app(service, config, instance=instance)
        index.lock.announce(url, instance)
        ready(url)
        server = uvicorn.Server(uvicorn.Config(app, log_level="warning", timeout_graceful_shutdown=5))
        with (
            closing(service),
            suppress(KeyboardInterrupt),
        ):  # uvicorn has stopped in good order by then, and raises it again
            if threading.current_thread() is threading.main_thread():
                signal.signal(signal.SIGTERM, signal.default_int_handler)  # or uvicorn ends the process before we close
            server.run(sockets=[listener])


def _listen(host: str, port: int) -> socket.socket:
    try:
        loopback = host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        loopback = False
    if not loopback:
        raise ConfigError(
            f"Dateline has no access control yet and serves on this machine only, not on {host}. "
            "To reach it from elsewhere, put a reverse proxy that asks for a password in front of it."
        )
    listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        raise ConfigError(
            f"Port {port} on {host} cannot be used: {error.strerror}. Try another: dateline serve --port {port + 1}"
        ) from error
    listener.listen(128)
    return listener
