"""The HTTP API. Every route is a few lines: check the request, call the service, give its JSON."""

from typing import Any

from fastapi import FastAPI, Request, Security
from fastapi.responses import JSONResponse
from fastapi.security import HTTPBearer
from fastapi_offline import FastAPIOffline
from starlette.exceptions import HTTPException
from starlette.routing import Match, Route

from index.config import Config
from index.errors import DatelineError
from ui import answers, articles, completions, job_routes
from ui.mcp_routes import Endpoint
from ui.problems import OPENAI, BodyLimit, say_errors
from ui.service import Service
from ui.wire import Problem

PROBLEMS = (400, 401, 403, 413, 422, 429, 500, 503)
"""What any route may answer with, as `{"error": sentence}`."""
OPEN = ("/healthz", "/readyz")
"""What needs no key; FastAPI has no word for a few such routes among others."""
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")


def make_api(service: Service, config: Config, *, instance: str = "") -> FastAPI:
    """The API over an open service. `instance` names this process in /healthz, so that a client knows whom it met."""
    mcp = Endpoint(service)
    api: FastAPI = FastAPIOffline(  # FastAPI, with the files of its documentation page served from here
        title="Dateline",
        summary="Ask your articles, get answers you can check.",
        version="1",
        lifespan=mcp.running,
        responses={status: {"model": Problem} for status in PROBLEMS},
        dependencies=[Security(HTTPBearer(auto_error=False, description="A key; without one where none is needed."))],
    )
    say_errors(api)
    api.add_middleware(BodyLimit)

    answers.add_routes(api, service)
    articles.add_routes(api, service, config)
    completions.add_routes(api, service)
    job_routes.add_routes(api, service.jobs)
    mcp.add_routes(api)

    # these two wait for no thread: there may be none left, and the server be well

    @api.get("/healthz", summary="Is the process alive?")
    async def healthz() -> dict[str, str]:
        """Always the same while it is."""
        return {"status": "ok", "instance": instance}

    @api.get("/readyz", summary="Can it answer?")
    async def readyz() -> JSONResponse:
        """200 when the library can be read, else 503."""
        try:
            service.version()
        except DatelineError as error:
            return JSONResponse({"error": str(error)}, 503)
        return JSONResponse({"status": "ready"})

    @api.api_route("/v1/{rest:path}", methods=list(METHODS), include_in_schema=False)
    async def unknown(request: Request) -> None:
        """What no route takes; the page at / would answer it otherwise, with a 404 of its own."""
        near = [r for r in api.routes if isinstance(r, Route) and r.matches(request.scope)[0] == Match.PARTIAL]
        allowed = sorted({method for route in near for method in route.methods or ()})
        if allowed:
            raise HTTPException(405, f"it takes {', '.join(allowed)} only", {"Allow": ", ".join(allowed)})
        raise HTTPException(404, "there is no such route")

    describe = api.openapi

    def openapi() -> dict[str, Any]:
        description = describe()
        for path in OPEN:
            description["paths"][path]["get"].pop("security", None)
        for path, operations in description["paths"].items():
            if path.startswith(OPENAI):  # where 400 is said instead
                for operation in operations.values():
                    operation["responses"].pop("422", None)
        return description

    api.openapi = openapi  # type: ignore[method-assign]  # as FastAPI's documentation does it
    return api
