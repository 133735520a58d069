"""What goes wrong, as `{"error": sentence}` with the status that fits; to OpenAI's clients, in the shape they know."""

import asyncio
from collections.abc import Iterable, Mapping
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
    TooOftenError,
)
from ui.headers import HEADERS
from ui.render import bug
from ui.visit import CHANGE, HEADER, SCOPE, Visit, current_id

LARGEST_BODY = 64 * 1024 * 1024
"""Bytes of a request that may bring articles, some thousand at once, of one who may change the index."""
BRINGING = ("/v1/articles", "/gradio_api/")
LARGEST_QUESTION = 1024 * 1024
"""Bytes of any other request."""
LONGEST_READ = {LARGEST_BODY: 600, LARGEST_QUESTION: 30}
"""Seconds in which the whole of a request has to be here."""
STATUSES = (
    (NotFoundError, 404),
    (InputError, 400),
    (IndexMismatch, 409),
    (ConfigError, 400),
    (ForbiddenError, 403),
    (BusyError, 503),
    (TooOftenError, 429),
    (OverloadedError, 503),
    (DatelineError, 500),
)
CLIENT_GONE = 499
"""The status that nobody receives: the client has hung up."""
OPENAI = ("/v1/chat/", "/v1/models")
"""The routes whose errors have OpenAI's shape."""
CODES = {401: "invalid_api_key", 413: "request_too_large", 429: "rate_limit_exceeded", 503: "overloaded"}


class UnsupportedError(InputError):
    """A setting, named by `param`, that would change what comes back, and that Dateline does not have."""

    def __init__(self, param: str, sentence: str) -> None:
        super().__init__(sentence)
        self.param = param


def status_of(error: DatelineError) -> int:
    """The HTTP status of an error."""
    return next(code for kind, code in STATUSES if isinstance(error, kind))


def problem(
    path: str, sentence: str, status: int, *, headers: Mapping[str, str] | None = None, param: str | None = None
) -> JSONResponse:
    """An error as the clients of a route know it."""
    if not path.startswith(OPENAI):
        return JSONResponse({"error": sentence}, status, headers)
    status = 400 if status == 422 else status  # which OpenAI says of what cannot be read, too
    return JSONResponse(openai_problem(sentence, status, param), status, headers)


def openai_problem(sentence: str, status: int, param: str | None = None) -> dict[str, Any]:
    """An error in OpenAI's shape."""
    kind = "invalid_request_error" if status < 500 else "server_error"
    code = "model_not_found" if (status, param) == (404, "model") else CODES.get(status)
    return {"error": {"message": sentence, "type": kind, "param": param, "code": code}}


def say_errors(api: FastAPI) -> None:
    """Give every error as a sentence, with the status that fits. That waits for no thread: there may be none left."""

    @api.exception_handler(DatelineError)
    async def ours(request: Request, error: DatelineError) -> JSONResponse:
        headers = {"Retry-After": str(error.seconds)} if isinstance(error, OverloadedError) else None
        return problem(request.url.path, str(error), status_of(error), headers=headers, param=_param(error))

    @api.exception_handler(RequestValidationError)
    async def invalid(request: Request, error: RequestValidationError) -> JSONResponse:
        sentence = "; ".join(complaint(e) for e in error.errors())
        param = _place(error.errors()[0]) or None
        return problem(request.url.path, f"{sentence}. What each route takes is at /docs.", 422, param=param)

    @api.exception_handler(HTTPException)
    async def http(request: Request, error: HTTPException) -> JSONResponse:
        sentence = f"{request.method} {request.url.path}: {error.detail}. What there is, is at /docs."
        return problem(request.url.path, sentence, error.status_code, headers=error.headers)

    @api.exception_handler(Exception)
    async def a_bug(request: Request, error: Exception) -> JSONResponse:
        headers = dict(HEADERS)  # it has passed by the guard and `Observe` already
        if request_id := current_id():
            headers[HEADER] = request_id
        return problem(request.url.path, bug(f"{request.method} {request.url.path}", error), 500, headers=headers)


def _param(error: DatelineError) -> str | None:
    """Which setting of OpenAI's an error is about; what is not found on those routes is always a model."""
    if isinstance(error, UnsupportedError):
        return error.param
    return "model" if isinstance(error, NotFoundError) else None


def complaint(error: dict[str, Any]) -> str:
    """One of pydantic's errors of a request in words, with the place it is at."""
    place = _place(error)
    if error["type"] == "json_invalid":
        return f"The body is not JSON: {error['ctx']['error']} at character {place}"
    if not place:
        return "The body has to be a JSON object, sent with Content-Type: application/json"
    return _at(place, error)


def misused(tool: str, takes: Iterable[str], errors: Iterable[dict[str, Any]]) -> str:
    """What pydantic finds wrong with a tool's arguments, in words, and which it takes."""
    wrong = "; ".join(_at(".".join(map(str, error["loc"])), error) for error in errors)
    return f"{wrong}. What {tool} takes: {', '.join(takes)}."


def _at(place: str, error: dict[str, Any]) -> str:
    message = "there is no such field" if error["type"] == "extra_forbidden" else error["msg"]
    return f"{place}: {message}"


def _place(error: dict[str, Any]) -> str:
    """Where one of pydantic's errors is; nothing when the whole body is wrong."""
    return ".".join(str(place) for place in error["loc"] if place not in ("body", "query"))


class BodyLimit:
    """Refuses a request of more bytes than its route takes, or that takes too long to come, in a sentence.

    FastAPI's own limit refuses in plain text.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        visit: Visit | None = scope.get(SCOPE)
        bringing = scope["path"].startswith(BRINGING) and (visit is None or visit.may == CHANGE)
        most = LARGEST_BODY if bringing else LARGEST_QUESTION
        advice = "Send fewer articles at once." if bringing else "Shorten it."
        sentence = f"The request has more than {most // 1024**2} MiB. {advice}"
        length = Headers(scope=scope).get("content-length", "")
        if length.isdigit() and int(length) > most:
            await problem(scope["path"], sentence, 413)(scope, receive, send)
            return
        deadline = asyncio.get_running_loop().time() + LONGEST_READ[most]
        total, whole, begun = 0, False, False
        refusal: JSONResponse | None = None

        def refuse(sentence: str, status: int) -> HTTPException:
            nonlocal refusal
            refusal = problem(scope["path"], sentence, status, headers={"Connection": "close"})
            return HTTPException(status, sentence)  # which ends the reading, whoever reads

        async def counted() -> Message:
            nonlocal total, whole
            if whole:  # what still comes is that the client hangs up
                return await receive()
            try:
                async with asyncio.timeout_at(deadline):
                    message = await receive()
            except TimeoutError:
                late = f"The request was not here after {LONGEST_READ[most]} seconds. Send it again."
                raise refuse(late, 408) from None
            whole = not message.get("more_body", False)
            total += len(message.get("body", b""))
            if total > most:
                raise refuse(sentence, 413)
            return message

        async def answered(message: Message) -> None:
            nonlocal begun
            if refusal is None or begun:
                begun = True
                await send(message)
            elif message["type"] == "http.response.start":  # what the reader makes of it, in words of its own
                await refusal(scope, receive, send)

        await self._app(scope, counted, answered)
