"""The routes that read and change the index: its articles, its state, and how it is built."""

import hashlib
import json
from typing import Annotated, Any

from fastapi import Body, FastAPI, Query, Response

from index.config import Config
from index.errors import InputError
from index.load import record
from index.types import Progress, Record, Skip
from ui.history import history_json
from ui.job_routes import JOB_BEGUN, carry_out
from ui.render import article_json, listed_json, report_json, status_json
from ui.service import Service
from ui.wire import ArticlesIn, ListIn, Problem, RebuildIn, VerifyIn


def add_routes(api: FastAPI, service: Service, config: Config) -> None:
    """`/v1/articles`, `/v1/rebuild`, `/v1/status` and `/v1/verify`."""

    @api.get("/v1/articles", tags=["articles"], summary="List the articles")
    def articles(wanted: Annotated[ListIn, Query()]) -> dict[str, Any]:
        """The articles that have all words of `q` in title, author or publisher, newest first, without their texts."""
        total, found = service.find_articles(wanted.q, wanted.limit, wanted.offset)
        return {"total": total, "articles": [listed_json(article) for article in found]}

    @api.post("/v1/articles", tags=["articles"], summary="Add articles", responses=JOB_BEGUN)
    def add(body: ArticlesIn) -> Response:
        """What was added, changed and already there, and what was skipped and why; or, not waiting, a job."""

        if not body.articles and not body.urls:
            raise InputError("There is nothing to add: give 'articles', 'urls' or both.")

        def work(progress: Progress) -> dict[str, Any]:
            return report_json(service.add(_records(body.articles), progress, addresses=body.urls))

        return carry_out(service.jobs, "add", work, wait=body.wait)

    @api.delete("/v1/articles", tags=["articles"], summary="Remove articles", responses={404: {"model": Problem}})
    def remove(
        name: Annotated[str, Query(min_length=1, description="An id, a URL, or a file or folder.")],
    ) -> dict[str, Any]:
        """Remove the article of that id or URL, or all that came from that file or folder."""
        return {"removed": list(service.jobs.at_once(lambda: service.remove(name)))}

    @api.get(
        "/v1/articles/{article_id:path}",
        tags=["articles"],
        summary="Read an article",
        responses={404: {"model": Problem}},
    )
    def article(
        article_id: str,
        history: Annotated[bool, Query(description="With `versions`: what it was before it changed.")] = False,
        named: Annotated[bool, Query(description="By its URL, path or file's name too, if only one has it.")] = False,
    ) -> dict[str, Any]:
        """One article with its text, in which the `start` and `end` of every citation count characters.

        `date_source` says where its date was found, and `date_certainty` how sure it is: `stated` (by a field, the
        page's data, its feed or its byline), `implied` (by its URL, a time tag, or an update where nothing else is
        said) or `inferred` (from the days that the text or the page names). It is never the day of its addition.
        """
        if named:
            article_id = service.named(article_id).id
        return history_json(service.history(article_id)) if history else article_json(service.article(article_id))

    @api.post(
        "/v1/rebuild",
        tags=["index"],
        summary="Rebuild the index",
        responses={409: {"model": Problem}, **JOB_BEGUN},
    )
    def rebuild(body: Annotated[RebuildIn | None, Body()] = None) -> Response:
        """Chunk and embed everything anew, and switch when it is ready; questions are answered meanwhile."""
        wanted = body or RebuildIn()
        anew = Config(
            data=config.data,
            model=wanted.model or config.model,
            precision=wanted.precision or config.precision,
            chunk_tokens=config.chunk_tokens if wanted.chunk_tokens is None else wanted.chunk_tokens,
            overlap=config.overlap if wanted.overlap is None else wanted.overlap,
        )

        def work(progress: Progress) -> dict[str, Any]:
            return status_json(service.rebuild(anew, progress))

        return carry_out(service.jobs, "rebuild", work, wait=wanted.wait)

    @api.get("/v1/status", tags=["index"], summary="What is indexed")
    def status() -> dict[str, Any]:
        """How much is indexed, from when, and how."""
        return status_json(service.status())

    @api.post("/v1/verify", tags=["index"], summary="Check the index")
    def verify(body: Annotated[VerifyIn | None, Body()] = None) -> dict[str, Any]:
        """Compare the library with Chroma and the keyword index, and mend them if asked; one at a time."""
        found = left = service.jobs.at_once(service.verify)
        if found and body and body.repair:
            left = service.jobs.at_once(service.repair)
        return {"problems": found, "left": left}


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
