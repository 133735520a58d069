"""Answers as they come about, for an event loop: what `ask` tells in a thread arrives here one by one."""

import asyncio
import contextvars
import threading
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from typing import TypeVar

from qa.types import Answer, Shown, Stage, Tell

R = TypeVar("R")
Event = Stage | Shown | Answer
"""The last event is the whole answer."""
IDLE = 1.0
"""Seconds without an event, after which there comes None."""


class GivenUp(Exception):
    """Nobody waits for the answer any more."""


async def events(ask: Callable[[Tell], R]) -> AsyncGenerator[Stage | Shown | R | None, None]:
    """What a question tells while it is worked on, and at last what `ask` gives; None for each second without news.

    Raises what `ask` raises. When the iterator is closed before its end, the work is given up at its next event.
    """
    loop = asyncio.get_running_loop()
    queue: asyncio.Queue[tuple[Stage | Shown | R | Exception, bool]] = asyncio.Queue()
    gone = threading.Event()
    last: Stage | Shown | None = None

    def put(event: Stage | Shown | R | Exception, *, at_last: bool) -> None:
        try:
            loop.call_soon_threadsafe(queue.put_nowait, (event, at_last))
        except RuntimeError as error:  # the loop was closed meanwhile
            raise GivenUp from error

    def tell(event: Stage | Shown) -> None:
        nonlocal last
        if gone.is_set():
            raise GivenUp
        if event != last:  # or it is still waiting in line
            last = event
            put(event, at_last=False)

    def work() -> None:
        try:
            try:
                put(ask(tell), at_last=True)
            except GivenUp:
                raise
            except Exception as error:
                put(error, at_last=True)
        except GivenUp:
            pass

    here = contextvars.copy_context()  # a log has to know whose question it was
    threading.Thread(target=here.run, args=(work,), name="asking", daemon=True).start()
    try:
        while True:
            try:
                event, at_last = await asyncio.wait_for(queue.get(), IDLE)
            except TimeoutError:
                yield None
                continue
            if isinstance(event, Exception):
                raise event
            yield event
            if at_last:
                return
    finally:
        gone.set()


async def answered(told: AsyncGenerator[Stage | Shown | R | None, None], kind: type[R]) -> R | None:
    """What the events end with, of that kind; None when they end without it, because nobody waits for it any more."""
    async with aclosing(told):
        async for event in told:
            if isinstance(event, kind):
                return event
    return None
