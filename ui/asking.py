"""Answers as they come about, for an event loop: what `ask` tells in a thread arrives here one by one."""

import asyncio
import contextvars
import threading
from collections.abc import AsyncGenerator, Callable

from qa.types import Answer, Shown, Stage, Tell

Event = Stage | Shown | Answer
"""The last event is the whole answer."""
IDLE = 1.0
"""Seconds without an event, after which there comes None."""


class GivenUp(Exception):
    """Nobody waits for the answer any more."""


async def events(ask: Callable[[Tell], Answer]) -> AsyncGenerator[Event | None, None]:
    """What a question tells while it is worked on, and its answer at last; None for each second without anything new.

    Raises what `ask` raises. When the iterator is closed before its end, the work is given up at its next event.
    """
    loop = asyncio.get_running_loop()
    queue: asyncio.Queue[Event | Exception] = asyncio.Queue()
    gone = threading.Event()
    last: Event | Exception | None = None

    def tell(event: Event | Exception) -> None:
        nonlocal last
        if gone.is_set():
            raise GivenUp
        if event == last:  # still waiting in line
            return
        last = event
        try:
            loop.call_soon_threadsafe(queue.put_nowait, event)
        except RuntimeError as error:  # the loop was closed meanwhile
            raise GivenUp from error

    def work() -> None:
        try:
            try:
                tell(ask(tell))
            except GivenUp:
                raise
            except Exception as error:
                tell(error)
        except GivenUp:
            pass

    here = contextvars.copy_context()  # a log has to know whose question it was
    threading.Thread(target=here.run, args=(work,), name="asking", daemon=True).start()
    try:
        while True:
            try:
                event = await asyncio.wait_for(queue.get(), IDLE)
            except TimeoutError:
                yield None
                continue
            if isinstance(event, Exception):
                raise event
            yield event
            if isinstance(event, Answer):
                return
    finally:
        gone.set()
