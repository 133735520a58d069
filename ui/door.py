"""The door of the server: what stands between a request and everything that is not for everybody."""

import re

from fastapi.responses import HTMLResponse
from starlette.datastructures import Headers
from starlette.requests import HTTPConnection
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from index.errors import DatelineError
from ui import login
from ui.access import Access, bearer
from ui.problems import problem, status_of
from ui.rates import GUESSES, address, too_many
from ui.visit import CHANGE, SCOPE, Visit, demand_change

OPEN = ("/healthz", "/readyz", "/login", "/logout")
"""What anybody may ask for."""
GRADIO = "/gradio_api/"
"""Where Gradio takes and gives much that the page has no use for: it keeps recordings, and fetches any address."""
UPLOADS = ("/gradio_api/upload", "/gradio_api/upload_progress")
"""Where the page sends files, before anybody asks to add them."""
PAGE = re.compile(r"/gradio_api/(queue/(join|data)|upload|upload_progress|heartbeat/[^/]+)")
"""What the page does use of it."""
REFUSED = "This needs a key, as the header Authorization: Bearer KEY. Whoever runs the server can make one."
CHALLENGE = {"WWW-Authenticate": 'Bearer realm="Dateline"'}


class Door:
    """Lets those in who may come, and writes down on their visit what they may do.

    | Who comes                                        | What happens                                     |
    |--------------------------------------------------|--------------------------------------------------|
    | anybody, while no key is needed                  | may change the index                             |
    | with a key, a login, or the data folder's token  | may do what the key may                          |
    | anybody, to OPEN                                 | comes in without a right                         |
    | with a key that may ask, to UPLOADS              | 403: nothing of theirs is to fill the disk       |
    | anybody who may come, to GRADIO but not to PAGE  | 404                                              |
    | with a wrong key, too often from its address     | 429                                              |
    | anybody else                                     | 401; where a browser wants a page, with the form |
    """

    def __init__(self, app: ASGIApp, access: Access) -> None:
        self._app = app
        self._access = access

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        try:
            refusal = self._unused(scope) if self._let_in(scope, scope[SCOPE]) else self._refusal(scope)
            if refusal is None and scope["path"] in UPLOADS:
                demand_change()
        except DatelineError as error:
            refusal = problem(scope["path"], str(error), status_of(error))
        if refusal is None:
            await self._app(scope, receive, send)
        elif scope["type"] == "http":
            await refusal(scope, receive, send)
        else:
            await send({"type": "websocket.close", "code": 1008})

    def _let_in(self, scope: Scope, visit: Visit) -> bool:
        if holder := self._access.holder(HTTPConnection(scope)):
            visit.key, visit.may, visit.digest = holder.name, holder.may, holder.sha256
        elif not self._access.needed():
            visit.may = CHANGE
        return visit.may is not None or scope["path"] in OPEN

    def _unused(self, scope: Scope) -> Response | None:
        path = scope["path"]
        if path.startswith(GRADIO) and not PAGE.fullmatch(path):
            return problem(path, "There is no such route. What there is, is at /docs.", 404)
        return None

    def _refusal(self, scope: Scope) -> Response:
        headers = Headers(scope=scope)
        if bearer(headers) and (wait := self._access.guesses.hit(GUESSES, address(scope))):
            return too_many(scope["path"], "Too many wrong keys came from this address", wait)
        if scope.get("method") == "GET" and _wants_page(headers) and not scope["path"].startswith("/v1/"):
            return HTMLResponse(login.form(to=login.place(_asked(scope))), 401, CHALLENGE | login.HEADERS)
        return problem(scope["path"], REFUSED, 401, headers=CHALLENGE)


def _asked(scope: Scope) -> str:
    """The path and the query of a request, as they came."""
    path, query = (bytes(scope[part]).decode("latin-1") for part in ("raw_path", "query_string"))
    return f"{path}?{query}" if query else path


def _wants_page(headers: Headers) -> bool:
    """Whether it is a browser that asks, for a page to show."""
    return "text/html" in headers.get("accept", "")
