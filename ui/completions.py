"""OpenAI's routes, so that its clients can ask Dateline: `/v1/models` and `/v1/chat/completions`."""

import logging
import secrets
import time
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Annotated, Any

from fastapi import Body, FastAPI, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse

from index.errors import DatelineError
from qa.types import Answer, Shown, Tell
from ui import sse
from ui.asking import Event, answered, events
from ui.completion_in import MODEL, ChatIn, check_model, conversation
from ui.completion_out import annotations, chunk, completion, sentence_text, sources, usage_chunk, usage_of
from ui.problems import CLIENT_GONE, openai_problem, status_of
from ui.render import bug
from ui.service import Service
from ui.wire import OpenAIProblem

PROBLEMS: dict[int | str, dict[str, Any]] = {
    status: {"model": OpenAIProblem, "description": description}
    for status, description in (
        (400, "It cannot be asked like this; `param` says what to change."),
        (401, "It takes a key, and there is none of that kind."),
        (403, "A page from elsewhere asks."),
        (404, "There is no such model."),
        (413, "The request is too long."),
        (429, "Too many questions came in a minute; `Retry-After` says when to ask again."),
        (500, "Dateline failed."),
        (503, "Too many questions wait in line; `Retry-After` says when to ask again."),
    )
}
COMPLETION: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "OpenAI's `chat.completion`, with `search_results`, `citations` and `dateline` (the answer as "
        "`/v1/answers` gives it) beside it; with `stream`, its chunks: a sentence at a time, once it is checked.",
        "content": {"application/json": {"schema": {"type": "object"}}, sse.CONTENT_TYPE: {}},
    },
    **PROBLEMS,
}
LOOKED_UP = {status: found for status, found in PROBLEMS.items() if status != 404}
TAG = "OpenAI"
CREATED = 1_767_225_600
"""When the one model was made, for clients that sort by it: the first of 2026."""
MODEL_JSON = {"id": MODEL, "object": "model", "created": CREATED, "owned_by": "dateline"}
DONE = b"data: [DONE]\n\n"


def add_routes(api: FastAPI, service: Service) -> None:
    """`/v1/models` and `/v1/chat/completions`."""

    @api.get("/v1/models", tags=[TAG], summary="List the models", responses=LOOKED_UP)
    def models() -> dict[str, Any]:
        """The one model there is; which language model writes for it, if any, is the server's setting."""
        return {"object": "list", "data": [MODEL_JSON]}

    @api.get("/v1/models/{model}", tags=[TAG], summary="Describe a model", responses={**LOOKED_UP, 404: PROBLEMS[404]})
    def model(model: str) -> dict[str, Any]:
        """The model of that name."""
        check_model(model)
        return MODEL_JSON

    @api.post("/v1/chat/completions", tags=[TAG], summary="Ask as one asks OpenAI", responses=COMPLETION)
    async def chat_completions(chat: Annotated[ChatIn, Body()], request: Request) -> Response:
        """The answer to the last user message; each sentence ends with the numbers of its sources, as in `[1]`."""
        question, history = conversation(chat)

        def ask(tell: Tell) -> Answer:
            return service.ask(question, history=history, tell=tell)

        told = sse.attended(request, events(ask))
        head = {"id": f"chatcmpl-{secrets.token_hex(12)}", "created": int(time.time())}
        base = str(request.base_url)
        if chat.stream:
            return sse.response(_chunks(told, await anext(told), chat, head, base))
        answer = await answered(told, Answer)
        if answer is None:
            return Response(status_code=CLIENT_GONE)
        usage = await run_in_threadpool(usage_of, chat, answer)
        return JSONResponse(completion(answer, head, base=base, usage=usage))


async def _chunks(
    told: AsyncGenerator[Event | None, None], first: Event | None, chat: ChatIn, head: dict[str, Any], base: str
) -> AsyncGenerator[bytes, None]:
    """The answer in chunks, a sentence each; an error that comes up on the way is the last of them."""
    event, sentences = first, 0
    async with aclosing(told):
        try:
            yield sse.message(chunk(head, {"role": "assistant", "content": ""}))
            while not isinstance(event, Answer):
                if event is None:
                    yield sse.COMMENT
                elif isinstance(event, Shown):
                    space = " " if sentences else ""
                    yield sse.message(chunk(head, {"content": space + sentence_text(event.sentence)}))
                    sentences += 1
                event = await anext(told)
            if event.abstained:
                yield sse.message(chunk(head, {"content": event.text}))
            last = chunk(head, {"annotations": annotations(event, base)}, finished=True)
            yield sse.message({**last, **sources(event, base)})
            if chat.include_usage:
                yield sse.message(usage_chunk(head, await run_in_threadpool(usage_of, chat, event)))
            yield DONE
        except StopAsyncIteration:  # the client has gone away
            return
        except DatelineError as error:
            yield sse.message(openai_problem(str(error), status_of(error)))
        except Exception as error:
            logging.getLogger(__name__).exception("a question failed")
            yield sse.message(openai_problem(bug("The question", error), 500))
