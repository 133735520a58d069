"""The HTTP API. Every route is a few lines: check the request, call the service, give its JSON."""

import hashlib
import json
from typing import Annotated, Any

from fastapi import Body, FastAPI, Query, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi_offline import FastAPIOffline
from pydantic import BaseModel, ConfigDict, Field
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.routing import Match, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from index.config import Config
from index.errors import BusyError, ConfigError, DatelineError, IndexMismatch, InputError, NotFoundError
from index.load import record
from index.types import Filters, Record, Skip
from qa.ask import LONGEST, MOST_HITS, SHOWN
from qa.types import Turn
from ui.render import answer_json, article_json, hit_json, listed_json, report_json, status_json
from ui.service import Service

LARGEST_BODY = 64 * 1024 * 1024
"""Bytes of a request: some thousand articles at once."""
PAGE = 100
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
LONGEST_ANSWER = 100_000
LONGEST_NAME = 500

Name = Annotated[str, Field(max_length=LONGEST_NAME)]
# `qa.ask` checks the days, with one sentence for every way in; pydantic would take a number for one
Day = Annotated[str | None, Field(json_schema_extra={"format": "date"})]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", populate_by_name=True)


class TurnIn(_Strict):
    """An earlier exchange of the conversation."""

    question: Annotated[str, Field(max_length=LONGEST)]
    answer: Annotated[str, Field(max_length=LONGEST_ANSWER)] = ""


class FiltersIn(_Strict):
    """Which articles may be looked at; days are inclusive."""

    since: Annotated[Day, Field(alias="from", examples=["2026-06-01"])] = None
    until: Annotated[Day, Field(alias="to", examples=["2026-10-31"])] = None
    publishers: list[Name] = []
    article_ids: Annotated[list[Name], Field(max_length=10_000)] = []

    def filters(self) -> Filters | None:
        """As the index knows them; None when nothing is filtered."""
        made = Filters(
            since=self.since,
            until=self.until,
            publishers=tuple(self.publishers),
            article_ids=tuple(self.article_ids),
        )
        return None if made == Filters() else made


class QuestionIn(_Strict):
    """A question, what was said before it, and where to look."""

    question: Annotated[str, Field(max_length=LONGEST, examples=["Why was the harbour bridge closed?"])]
    history: Annotated[list[TurnIn], Field(max_length=50)] = []
    filters: FiltersIn = FiltersIn()
    top_k: Annotated[
        int, Field(strict=True, ge=1, le=MOST_HITS, description="How many passages the answer may rest on.")
    ] = SHOWN


class SearchIn(_Strict):
    """What to look for, and where; a misspelt name is refused, or it would search everywhere."""

    q: Annotated[str, Field(max_length=LONGEST)]
    top_k: Annotated[int, Field(ge=1, le=MOST_HITS)] = SHOWN
    since: Annotated[Day, Field(alias="from")] = None
    until: Annotated[Day, Field(alias="to")] = None
    publisher: list[Name] = []
    article_id: list[Name] = []


class ArticlesIn(_Strict):
    """Articles to add: `id, title, text, author, publisher, published_at, url`, of which only the text is required."""

    articles: Annotated[
        list[dict[str, Any]],
        Field(
            min_length=1,
            max_length=1000,
            examples=[[{"title": "Ferry fares to rise", "text": "Fares go up in May.", "published_at": "2026-04-02"}]],
        ),
    ]


class RebuildIn(_Strict):
    """What to build with; what is left out stays as it is configured."""

    model: str | None = None
    chunk_tokens: int | None = None
    overlap: int | None = None


class VerifyIn(_Strict):
    """Whether to mend what is found."""

    repair: bool = False


class Problem(BaseModel):
    """Why a request was not carried out, in a sentence that says what to change."""

    error: str


def make_api(service: Service, config: Config, *, instance: str = "") -> FastAPI:
    """The API over an open service. `instance` names this process in /healthz, so that a client knows whom it met."""
    api: FastAPI = FastAPIOffline(  # FastAPI, with the files of its documentation page served from here
        title="Dateline",
        summary="Ask your articles, get answers you can check.",
        version="1",
        responses={400: {"model": Problem}, 422: {"model": Problem}, 500: {"model": Problem}},
    )
    _say_errors(api)
    api.add_middleware(_BodyLimit)

    @api.post("/v1/answers", summary="Ask a question")
    def answers(question: QuestionIn) -> dict[str, Any]:
        """An answer in which every sentence cites verbatim words of an article, or `abstained: true`."""
        answer = service.ask(
            question.question,
            history=[Turn(t.question, t.answer) for t in question.history],
            filters=question.filters.filters(),
            top_k=question.top_k,
        )
        return answer_json(answer)

    @api.get("/v1/search", summary="Find passages")
    def search(wanted: Annotated[SearchIn, Query()]) -> dict[str, Any]:
        """The passages that fit a question, best first, with what each score is made of."""
        where = FiltersIn(
            since=wanted.since, until=wanted.until, publishers=wanted.publisher, article_ids=wanted.article_id
        )
        return {"hits": [hit_json(h) for h in service.search(wanted.q, filters=where.filters(), top_k=wanted.top_k)]}

    @api.get("/v1/articles", summary="List the articles")
    def articles(
        limit: Annotated[int, Query(ge=1, le=1000)] = PAGE, offset: Annotated[int, Query(ge=0)] = 0
    ) -> dict[str, Any]:
        """The articles, newest first, without their texts."""
        found = service.articles()
        return {"total": len(found), "articles": [listed_json(a) for a in found[offset : offset + limit]]}

    @api.post("/v1/articles", summary="Add articles")
    def add(body: ArticlesIn) -> dict[str, Any]:
        """What was added, changed and already there, and what was skipped and why."""
        return report_json(service.add(_records(body.articles)))

    @api.delete("/v1/articles", summary="Remove articles", responses={404: {"model": Problem}})
    def remove(
        name: Annotated[str, Query(min_length=1, description="An id, a URL, or a file or folder.")],
    ) -> dict[str, Any]:
        """Remove the article of that id or URL, or all that came from that file or folder."""
        return {"removed": list(service.remove(name))}

    @api.get("/v1/articles/{article_id:path}", summary="Read an article", responses={404: {"model": Problem}})
    def article(article_id: str) -> dict[str, Any]:
        """One article with its text, in which the `start` and `end` of every citation count characters."""
        return article_json(service.article(article_id))

    @api.post("/v1/rebuild", summary="Rebuild the index", responses={409: {"model": Problem}})
    def rebuild(body: Annotated[RebuildIn | None, Body()] = None) -> dict[str, Any]:
        """Chunk and embed everything anew, and switch when it is ready; questions are answered meanwhile."""
        wanted = body or RebuildIn()
        return status_json(
            service.rebuild(
                Config(
                    data=config.data,
                    model=wanted.model or config.model,
                    chunk_tokens=config.chunk_tokens if wanted.chunk_tokens is None else wanted.chunk_tokens,
                    overlap=config.overlap if wanted.overlap is None else wanted.overlap,
                )
            )
        )

    @api.get("/v1/status", summary="What is indexed")
    def status() -> dict[str, Any]:
        """How much is indexed, from when, and how."""
        return status_json(service.status())

    @api.post("/v1/verify", summary="Check the index")
    def verify(body: Annotated[VerifyIn | None, Body()] = None) -> dict[str, Any]:
        """Compare the library with Chroma and the keyword index, and mend them if asked."""
        found = service.verify()
        if not found or body is None or not body.repair:
            return {"problems": found, "left": found}
        service.repair()
        return {"problems": found, "left": service.verify()}

    @api.get("/healthz", summary="Is the process alive?")
    def healthz() -> dict[str, str]:
        """Always the same while it is."""
        return {"status": "ok", "instance": instance}

    @api.get("/readyz", summary="Can it answer?", responses={503: {"model": Problem}})
    def readyz() -> JSONResponse:
        """200 when the library can be read, else 503."""
        try:
            service.version()
        except DatelineError as error:
            return JSONResponse({"error": str(error)}, 503)
        return JSONResponse({"status": "ready"})

    @api.api_route("/v1/{rest:path}", methods=list(METHODS), include_in_schema=False)
    def unknown(request: Request) -> None:
        """What no route takes; the page at / would answer it otherwise, with a 404 of its own."""
        near = [r for r in api.routes if isinstance(r, Route) and r.matches(request.scope)[0] == Match.PARTIAL]
        allowed = sorted({method for route in near for method in route.methods or ()})
        if allowed:
            raise HTTPException(405, f"it takes {', '.join(allowed)} only", {"Allow": ", ".join(allowed)})
        raise HTTPException(404, "there is no such route")

    return api


class _BodyLimit:
    """Refuses a request of more than LARGEST_BODY bytes in a sentence; FastAPI's own limit does it in plain text."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        sentence = f"The request has more than {LARGEST_BODY // 1024**2} MiB. Send fewer articles at once."
        length = Headers(scope=scope).get("content-length", "")
        if length.isdigit() and int(length) > LARGEST_BODY:
            await JSONResponse({"error": sentence}, 413)(scope, receive, send)
            return
        total = 0

        async def counted() -> Message:
            nonlocal total
            message = await receive()
            total += len(message.get("body", b""))
            if total > LARGEST_BODY:
                raise HTTPException(413, sentence)
            return message

        await self._app(scope, counted, send)


def _records(articles: list[dict[str, Any]]) -> list[Record | Skip]:
    """The articles of a request as records; an article without id and URL is known by its content from then on."""
    found: list[Record | Skip] = []
    for number, fields in enumerate(articles):
        try:
            origin = fields.pop("origin", None)
            spelled = json.dumps(fields, sort_keys=True, default=str)
            key = f"api:{hashlib.sha256(spelled.encode('utf-8', 'surrogatepass')).hexdigest()[:16]}"
            found.append(record(fields, origin=origin if isinstance(origin, str) else None, fallback_key=key))
        except InputError as error:
            found.append(Skip(f"articles[{number}]", str(error)))
    return found


def _say_errors(api: FastAPI) -> None:
    """Give every error as `{"error": sentence}` with the status that fits."""
    statuses = (
        *((NotFoundError, 404), (InputError, 400), (IndexMismatch, 409), (ConfigError, 400)),
        *((BusyError, 503), (DatelineError, 500)),
    )

    @api.exception_handler(DatelineError)
    def ours(request: Request, error: DatelineError) -> JSONResponse:
        return JSONResponse({"error": str(error)}, next(code for kind, code in statuses if isinstance(error, kind)))

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
        what = f"{request.method} {request.url.path} failed inside Dateline ({type(error).__name__})"
        return JSONResponse({"error": f"{what}: this is a bug. The server's output has the details."}, 500)


def _complaint(error: dict[str, Any]) -> str:
    """One of pydantic's errors in words, with the place it is at."""
    places = [str(p) for p in error["loc"] if p not in ("body", "query")]
    if error["type"] == "json_invalid":
        return f"The body is not JSON: {error['ctx']['error']} at character {places[-1]}"
    if not places:
        return "The body has to be a JSON object, sent with Content-Type: application/json"
    message = "there is no such field" if error["type"] == "extra_forbidden" else error["msg"]
    return f"{'.'.join(places)}: {message}"
