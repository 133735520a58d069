"""The server: the chat window and the API in one process, which is the writer of its data folder while it runs."""

import ipaddress
import re
import secrets
import socket
import sys
from collections.abc import Callable
from contextlib import closing, nullcontext
from datetime import UTC, datetime
from functools import partial
from urllib.parse import urlsplit

from fastapi import FastAPI, Request, Response
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from index.build import add, version
from index.config import SAMPLES, Config, data_option
from index.errors import ConfigError
from index.load import load
from index.opening import open_index
from index.types import Progress, no_progress
from index.web import Web
from qa.llm import writer_from
from qa.rerank import Reranker
from qa.types import Answer
from ui import log, login
from ui.access import Access
from ui.api import make_api
from ui.chat import mount
from ui.door import Door
from ui.headers import HEADERS
from ui.keys import Keys
from ui.monitor import Monitor
from ui.observe import Done, Observe
from ui.problems import problem
from ui.rates import QUESTIONS, REQUESTS, Limits, Questions
from ui.running import run
from ui.service import Service

HOST = "127.0.0.1"
PORT = 7860
HOSTS = ("localhost", "127.0.0.1", "[::1]")
NEARBY = {"0.0.0.0": "127.0.0.1", "::": "::1"}
"""Where this machine itself reaches a server that listens everywhere."""
PATIENCE = 5.0
"""Seconds that an addition waits for its vectors: some hundred chunks on two cores."""
PRIVATE = "If it is meant to be read, start the server with: dateline serve --allow-private"
"""What can be done about a private address that somebody wants to have fetched."""
READING = ("GET", "HEAD", "OPTIONS")
ELSEWHERE = "access-control-"
"""What the headers begin with that let pages from elsewhere read; Gradio gives them to all of this machine."""


def make_app(
    service: Service,
    config: Config,
    access: Access,
    monitor: Monitor,
    *,
    requests: int | None = None,
    instance: str = "",
) -> FastAPI:
    """The API with the chat window on its front page, and all that stands before them.

    `requests` is how many each may make in a minute; None sets no limit.
    """
    app = make_api(service, config, instance=instance)
    monitor.add_route(app, service)
    login.add_routes(app, access)

    def tell(done: Done) -> None:
        monitor.request(done)
        log.request(done)

    # a request meets the last of them first
    if requests is not None:
        app.add_middleware(Limits, requests=requests)
    app.add_middleware(Door, access=access)
    app.add_middleware(Guard, access=access)
    app.add_middleware(Observe, tell=tell)
    return mount(app, service)


class Guard:
    """Turns away pages from elsewhere, and tells browsers what the page may do, and that no other one may read it.

    A page from elsewhere that gets its host name to resolve to this machine is still a stranger. Where a key is needed
    it has none, so there every host name will do.
    """

    def __init__(self, app: ASGIApp, access: Access) -> None:
        self._app = app
        self._access = access

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
                for name in [name for name in headers if name.startswith(ELSEWHERE)]:
                    del headers[name]
            await send(message)

        refusal = _refusal(Request(scope), any_host=self._access.needed())
        await (refusal or self._app)(scope, receive, guarded)


def _refusal(request: Request, *, any_host: bool) -> Response | None:
    """Why a request is not let in; None when it is."""
    host = request.headers.get("host", "")
    if not any_host and re.sub(r":\d+$", "", host) not in HOSTS:
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
    rate: int | None = None,
    json_log: bool = False,
    log_questions: bool = False,
    allow_private: bool = False,
    proxy: str | None = None,
    progress: Progress = no_progress,
    ready: Callable[[str], None] = lambda url: None,
) -> None:
    """Serve until interrupted; `ready` is told the address.

    A data folder to which nothing was ever added gets the sample articles. `rate` is how many questions each may ask
    in a minute: if it is None, QUESTIONS where others reach the server, and any number where they don't.
    `allow_private` lets pages be fetched from local networks. `proxy` is the address or network of the proxy before it,
    which alone is believed when it says where a request comes from. Raises ConfigError when an address cannot be used
    or others could reach it and there is no key yet, BusyError when another process is the writer of the folder.
    """
    _check_proxy(proxy)
    here = _is_loopback(host)
    access = Access(Keys(config.data), always=not here)
    if not here and not access.keys.all():
        raise ConfigError(
            f"Others may reach Dateline at {host}, and there is no key yet to let them in with. "
            f"Make one first: dateline keys add NAME{data_option(config)}"
        )
    monitor = Monitor()

    def heard(answer: Answer) -> None:
        monitor.answer(answer)
        if log_questions:
            log.question(answer)

    listener = _listen(host, port)
    port = listener.getsockname()[1]
    with (
        log.json_log(sys.stderr) if json_log else nullcontext(),
        closing(listener),
        closing(open_index(config, write=True, progress=progress)) as index,
    ):
        if version(index) == 0:
            add(index, load([SAMPLES]), now=datetime.now(UTC), progress=progress)
        limit = QUESTIONS if rate is None and not here else rate
        service = Service(
            index,
            Reranker(),
            writer=writer_from(config),
            now=lambda: datetime.now(UTC),
            permit=access.demand_change,
            admit=Questions(limit).admit if limit else lambda: None,
            observe=heard,
            web=partial(Web, allow_private=allow_private, advice=PRIVATE),
            patience=PATIENCE,
        )
        instance = secrets.token_hex(8)
        app = make_app(service, config, access, monitor, requests=limit and limit * REQUESTS, instance=instance)
        index.lock.announce(_url(NEARBY.get(host, host), port), instance, access.token)
        ready(_url(host, port))
        with closing(service):
            service.follow()
            run(app, listener, json_log=json_log, proxy=proxy)


def _check_proxy(proxy: str | None) -> None:
    try:
        ipaddress.ip_network(proxy or HOST)
    except ValueError as error:
        raise ConfigError(
            f"--proxy is {proxy!r}; give the address from which the proxy comes, as --proxy 127.0.0.1, or its network."
        ) from error


def _is_loopback(host: str) -> bool:
    """Whether only this machine reaches an address."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _url(host: str, port: int) -> str:
    return f"http://{f'[{host}]' if ':' in host else host}:{port}"


def _listen(host: str, port: int) -> socket.socket:
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
