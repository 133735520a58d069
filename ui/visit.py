"""Who is here: the request that is being worked on, and what it may do, wherever in the code one is."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from typing import Literal

from starlette.requests import HTTPConnection

from index.errors import ForbiddenError

Right = Literal["ask", "change"]
ASK: Right = "ask"
CHANGE: Right = "change"
"""To ask, and to change the index."""
SCOPE = "dateline.visit"
"""Where a request's ASGI scope holds its visit."""
HEADER = "X-Request-ID"
"""Where a request and its response hold the id of the visit."""


@dataclass(slots=True)
class Visit:
    """A request: its id, its address and, once the door has let it in, whose key it has and what that may do.

    `key` is None where no key is needed, and `digest` the SHA-256 of the one it came with. The rights of a visit end
    with it: what goes on in the background has none.
    """

    id: str
    address: str = "unknown"
    key: str | None = None
    may: Right | None = None
    over: bool = False
    digest: str = ""

    @property
    def who(self) -> tuple[str, str]:
        """Who has come too often when this is one too many: a key, or where none is needed an address."""
        return ("key", self.key) if self.key else ("address", self.address)


_current: ContextVar[Visit | None] = ContextVar("visit", default=None)


def current() -> Visit | None:
    """The visit that this is a part of, or was begun by."""
    return _current.get()


def current_id() -> str | None:
    """The id of the request that this is a part of, or was begun by."""
    visit = current()
    return visit.id if visit else None


def of(request: HTTPConnection | None) -> Visit | None:
    """The visit of a request."""
    return request.scope.get(SCOPE) if request else None


def may_change(request: HTTPConnection | None) -> bool:
    """Whether whoever makes a request may change the index."""
    visit = of(request)
    return visit is not None and visit.may == CHANGE


def owner(request: HTTPConnection | None) -> str:
    """Whose the conversations of a request are: the name of its key; nothing where no key is needed."""
    visit = of(request)
    return (visit.key if visit else None) or ""


def demand_change() -> None:
    """Raise ForbiddenError unless this is a part of a request that may change the index."""
    visit = current()
    if visit is None or visit.over or visit.may != CHANGE:
        raise ForbiddenError(
            "Changing the index takes a key that may change it, and this one may only ask. "
            "Whoever runs the server can make one: dateline keys add NAME --may change"
        )


@contextmanager
def present(visit: Visit) -> Iterator[None]:
    """The visit, from its beginning to its end; its id is known for a bug's last words even then."""
    _current.set(visit)
    try:
        yield
    finally:
        visit.over = True


@contextmanager
def resumed(visit: Visit | None) -> Iterator[None]:
    """Go on with the visit of a request that was answered already, as the page's queue does; of none, with no right."""
    before = _current.set(replace(visit, over=False) if visit else None)
    try:
        yield
    finally:
        _current.reset(before)
