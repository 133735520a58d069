"""The routes that answer: a question to its answer, whole or as it comes about, and a search for passages."""

import logging
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Annotated, Any

from fastapi import FastAPI, Query, Request, Response
from fastapi.responses import JSONResponse

from index.errors import DatelineError
from qa.types import Answer, Shown, Stage, Tell
from ui import sse
from ui.asking import Event, answered, events
from ui.problems import CLIENT_GONE, status_of
from ui.render import answer_json, bug, hit_json, shown_json
from ui.service import Service
from ui.wire import FiltersIn, QuestionIn, SearchIn

STREAM: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The answer; or, for `Accept: text/event-stream`, events: `status` (what has begun), `sentence` "
        "(a checked sentence with its citations), then `done` (the whole answer, as JSON has it) or `error`.",
        "content": {sse.CONTENT_TYPE: {"schema": {"type": "string"}}},
    },
}


def add_routes(api: FastAPI, service: Service) -> None:
    """`/v1/answers` and `/v1/search`."""

    @api.post("/v1/answers", tags=["answers"], summary="Ask a question", responses=STREAM)
    async def answers(question: QuestionIn, request: Request) -> Response:
        """An answer in which every sentence cites verbatim words of an article, or `abstained: true`.

        Of each cited article, `date_source` and `date_certainty` (`stated`, `implied` or `inferred`) say where its date
        was found and how sure it is.
        """

        def ask(tell: Tell) -> Answer:
            return service.ask(
                question.question,
                history=[turn.turn() for turn in question.history],
                filters=question.filters.filters(),
                top_k=question.top_k,
                tell=tell,
            )

        told = sse.attended(request, events(ask))
        if sse.wanted(request):
            return sse.response(_messages(told, await anext(told)))
        answer = await answered(told, Answer)
        return Response(status_code=CLIENT_GONE) if answer is None else JSONResponse(answer_json(answer))

    @api.get("/v1/search", tags=["answers"], summary="Find passages", response_model=dict[str, Any])
    async def search(wanted: Annotated[SearchIn, Query()], request: Request) -> Response:
        """The passages that fit a question, best first, with what each score is made of."""
        where = FiltersIn(
            since=wanted.since, until=wanted.until, publishers=wanted.publisher, article_ids=wanted.article_id
        )

        def find(tell: Tell) -> dict[str, Any]:
            hits = service.search(wanted.q, filters=where.filters(), top_k=wanted.top_k, tell=tell)
            return {"hits": [hit_json(h) for h in hits]}

        found = await answered(sse.attended(request, events(find)), dict)
        return Response(status_code=CLIENT_GONE) if found is None else JSONResponse(found)


async def _messages(told: AsyncGenerator[Event | None, None], first: Event | None) -> AsyncGenerator[bytes, None]:
    """The events as messages; an error that comes up on the way is the last of them."""
    event = first
    async with aclosing(told):
        try:
            while True:
                match event:
                    case None:
                        yield sse.COMMENT
                    case Stage(name):
                        yield sse.message({"stage": name}, "status")
                    case Shown():
                        yield sse.message(shown_json(event), "sentence")
                    case Answer():
                        yield sse.message(answer_json(event), "done")
                        return
                event = await anext(told)
        except StopAsyncIteration:  # the client has gone away
            return
        except DatelineError as error:
            yield sse.message({"error": str(error), "status": status_of(error)}, "error")
        except Exception as error:
            logging.getLogger(__name__).exception("a question failed")
            yield sse.message({"error": bug("The question", error), "status": 500}, "error")
