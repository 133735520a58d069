"""How often somebody may come: questions and requests in a minute, and keys that turn out to be none."""

import ipaddress
import time

from limits import RateLimitItem, RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from index.errors import TooOftenError
from ui.keys import LOCAL
from ui.problems import problem
from ui.visit import SCOPE, current

QUESTIONS = 60
"""Questions in a minute, on a server that others reach."""
REQUESTS = 10
"""So many requests for each question."""
GUESSES = RateLimitItemPerMinute(10)
"""Wrong keys from one address."""
FILES = ("/assets/", "/static/", "/static-offline-docs/", "/healthz", "/readyz")
"""What does not count at all: one look at the page fetches scores of files."""


class Rates:
    """How often each came in the last minute."""

    def __init__(self) -> None:
        self._windows = MovingWindowRateLimiter(MemoryStorage())

    def hit(self, limit: RateLimitItem, *whose: str) -> int:
        """Count one more, and 0; or the seconds to wait when that is one too many, and then it does not count."""
        return 0 if self._windows.hit(limit, *whose) else self._wait(limit, *whose)

    def full(self, limit: RateLimitItem, *whose: str) -> int:
        """The seconds to wait when one more would be too many, else 0."""
        return 0 if self._windows.test(limit, *whose) else self._wait(limit, *whose)

    def _wait(self, limit: RateLimitItem, *whose: str) -> int:
        return max(1, round(self._windows.get_window_stats(limit, *whose).reset_time - time.time()))


class Questions:
    """How many questions each may ask in a minute, whichever way they come."""

    def __init__(self, most: int) -> None:
        self._limit = RateLimitItemPerMinute(most)
        self._rates = Rates()

    def admit(self) -> None:
        """Count a question of whoever is here; raise TooOftenError when that is one too many."""
        visit = current()
        if visit is None or visit.key == LOCAL:
            return
        if wait := self._rates.hit(self._limit, *visit.who):
            raise TooOftenError(
                _come_again(f"More than {self._limit.amount} questions in a minute", wait), seconds=wait
            )


class Limits:
    """Sends those away who make too many requests of any kind."""

    def __init__(self, app: ASGIApp, *, requests: int) -> None:
        self._app = app
        self._limit = RateLimitItemPerMinute(requests)
        self._rates = Rates()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and (refusal := self._refusal(scope)):
            await refusal(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    def _refusal(self, scope: Scope) -> Response | None:
        path, visit = scope["path"], scope[SCOPE]
        if visit.key == LOCAL or path.startswith(FILES):
            return None
        if wait := self._rates.hit(self._limit, *visit.who):
            return too_many(path, f"More than {self._limit.amount} requests in a minute", wait)
        return None


def too_many(path: str, what: str, wait: int) -> Response:
    """What is said to one who came too often."""
    return problem(path, _come_again(what, wait), 429, headers={"Retry-After": str(wait)})


def _come_again(what: str, wait: int) -> str:
    return f"{what}. Come again in {wait} seconds."


def address(scope: Scope) -> str:
    """Where a request comes from; of IPv6 the network, whose addresses are all one's own."""
    host = (scope.get("client") or ("unknown",))[0]
    try:
        found = ipaddress.ip_address(host)
    except ValueError:
        return str(host)
    return host if found.version == 4 else str(ipaddress.ip_network((int(found), 64), strict=False))
