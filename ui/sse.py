"""Server-sent events: a stream of events that is kept alive, and given up when its client has gone away."""

import json
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from typing import TypeVar

from fastapi import Request
from fastapi.sse import format_sse_event
from starlette.responses import StreamingResponse

T = TypeVar("T")

CONTENT_TYPE = "text/event-stream"
KEEP_ALIVE = 10
"""Seconds without an event after which a comment is sent: proxies close what is silent."""
COMMENT = format_sse_event(comment="working")


def wanted(request: Request) -> bool:
    """Whether a client asks for events instead of JSON."""
    return CONTENT_TYPE in request.headers.get("accept", "")


def message(data: object, event: str | None = None) -> bytes:
    """One event as it goes over the wire."""
    return format_sse_event(data_str=data if isinstance(data, str) else json.dumps(data), event=event)


def response(messages: AsyncIterator[bytes]) -> StreamingResponse:
    """A response of such events, which no proxy is to collect."""
    headers = {"Cache-Control": "no-cache", "X-Accel-Buffering": "no"}
    return StreamingResponse(messages, media_type=CONTENT_TYPE, headers=headers)


async def attended(request: Request, events: AsyncGenerator[T, None]) -> AsyncGenerator[T | None, None]:
    """The events while the client is there, and None when a sign of life is due; closes `events` in every case."""
    silent = 0
    async with aclosing(events):
        async for event in events:
            if event is not None:
                silent = 0
                yield event
                continue
            if await request.is_disconnected():
                return
            silent += 1
            if silent % KEEP_ALIVE == 0:
                yield None
