"""What goes wrong, as `{"error": sentence}` with the status that fits."""

from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from index.errors import (
    BusyError,
    ConfigError,
    DatelineError,
    ForbiddenError,
    IndexMismatch,
    InputError,
    NotFoundError,
    OverloadedError,
)
from ui.visit import HEADER, current_id

LARGEST_BODY = 64 * 1024 * 1024
"""Bytes of a request that may bring articles, some thousand at once; the page's hold its whole conversation."""
BRINGING = ("/v1/articles", "/v1/jobs", "/gradio_api/")
LARGEST_QUESTION = 1024 * 1024
"""Bytes of any other request."""
STATUSES = (
    (NotFoundError, 404),
    (InputError, 400),
    (IndexMismatch, 409),
    (ConfigError, 400),
    (ForbiddenError, 403),
    (BusyError, 503),
    (OverloadedError, 503),
    (DatelineError, 500),
)
RETRY_AFTER = "5"
"""Seconds after which a server that was overloaded may be asked again."""


def status_of(error: DatelineError) -> int:
    """The HTTP status of an error."""
    return next(code for kind, code in STATUSES if isinstance(error, kind))


def bug(what: str, error: Exception) -> str:
    """What is said of an exception that nobody foresaw."""
    request = f", under request {current_id()}" if current_id() else ""
    kind = type(error).__name__
    return f"{what} failed inside Dateline ({kind}): this is a bug. The server's output has the details{request}."


def say_errors(api: FastAPI) -> None:
    """Give every error as `{"error": sentence}` with the status that fits."""

    @api.exception_handler(DatelineError)
    def ours(request: Request, error: DatelineError) -> JSONResponse:
        headers = {"Retry-After": RETRY_AFTER} if isinstance(error, OverloadedError) else None
        return JSONResponse({"error": str(error)}, status_of(error), headers)

    @api.exception_handler(RequestValidationError)
    def invalid(request: Request, error: RequestValidationError) -> JSONResponse:
        sentence = "; ".join(_complaint(e) for e in error.errors())
        return JSONResponse({"error": f"{sentence}. What each route takes is at /docs."}, 422)

    @api.exception_handler(HTTPException)
    def http(request: Request, error: HTTPException) -> JSONResponse:
        sentence = f"{request.method} {request.url.path}: {error.detail}. What there is, is at /docs."
        return JSONResponse({"error": sentence}, error.status_code, headers=error.headers)

    @api.exception_handler(Exception)
    def a_bug(request: Request, error: Exception) -> JSONResponse:
        headers = {HEADER: request_id} if (request_id := current_id()) else None  # it has passed by `Observe` already
        return JSONResponse({"error": bug(f"{request.method} {request.url.path}", error)}, 500, headers)


def _complaint(error: dict[str, Any]) -> str:
    """One of pydantic's errors in words, with the place it is at."""
    places = [str(p) for p in error["loc"] if p not in ("body", "query")]
    if error["type"] == "json_invalid":
        return f"The body is not JSON: {error['ctx']['error']} at character {places[-1]}"
    if not places:
        return "The body has to be a JSON object, sent with Content-Type: application/json"
    message = "there is no such field" if error["type"] == "extra_forbidden" else error["msg"]
    return f"{'.'.join(places)}: {message}"


class BodyLimit:
    """Refuses a request of more bytes than its route takes in a sentence; FastAPI's own limit does it in plain text."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        bringing = scope["path"].startswith(BRINGING)
        most = LARGEST_BODY if bringing else LARGEST_QUESTION
        advice = "Send fewer articles at once." if bringing else "Shorten it."
        sentence = f"The request has more than {most // 1024**2} MiB. {advice}"
        length = Headers(scope=scope).get("content-length", "")
        if length.isdigit() and int(length) > most:
            await JSONResponse({"error": sentence}, 413)(scope, receive, send)
            return
        total = 0

        async def counted() -> Message:
            nonlocal total
            message = await receive()
            total += len(message.get("body", b""))
            if total > most:
                raise HTTPException(413, sentence)
            return message

        await self._app(scope, counted, send)
