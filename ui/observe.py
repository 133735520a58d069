"""What is known of every request: its id, how long it took, and how it ended."""

import logging
import re
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ui.rates import address
from ui.visit import HEADER, SCOPE, Visit, present

SANE = re.compile(r"[A-Za-z0-9._:-]{1,64}")
"""The ids of others that are taken over; what is longer or holds anything else could forge a line of a log."""
GONE = 499
"""The status of a request whose client hung up before there was an answer."""


@dataclass(frozen=True, slots=True)
class Done:
    """A request that has ended: `route` is the template that its path fits, or None; `seconds` to the last byte."""

    id: str
    method: str
    path: str
    route: str | None
    status: int
    seconds: float
    key: str | None


class Observe:
    """Gives each request its id, and tells when it has ended. It stands before everything else."""

    def __init__(self, app: ASGIApp, tell: Callable[[Done], None]) -> None:
        self._app = app
        self._tell = tell

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        asked = Headers(scope=scope).get(HEADER, "")
        visit = scope[SCOPE] = Visit(asked if SANE.fullmatch(asked) else secrets.token_hex(8), address(scope))
        status = GONE
        begun = time.perf_counter()

        async def observed(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)[HEADER] = visit.id
            await send(message)

        with present(visit):
            try:
                await self._app(scope, receive, observed)
            except Exception:
                status = 500
                logging.getLogger(__name__).error("Request %s failed; what follows says how.", visit.id)
                raise
            finally:
                if scope["type"] == "http":
                    self._tell(_done(scope, visit, status, time.perf_counter() - begun))


def _done(scope: Scope, visit: Visit, status: int, seconds: float) -> Done:
    route = getattr(scope.get("route"), "path", None)
    return Done(visit.id, scope["method"], scope["path"], route, status, seconds, visit.key)
