"""Answering what comes to a listener, until interrupted, and ending then within a few seconds."""

import asyncio
import signal
import socket
import threading
from contextlib import suppress

import uvicorn
from starlette.types import ASGIApp

GRACE = 1.5
"""Seconds that answers have to come to their end."""
HUNG_UP = 5
"""Seconds after which work is broken off whose client was hung up on: what looks for that does so every second."""


class Server(uvicorn.Server):
    """uvicorn's, which hangs up on those who stay: an open page listens for as long as it is open.

    Whatever works for them ends as it does when they go by themselves, which is quiet; broken off, it is a traceback.
    """

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End, in good order; at once for one who interrupts again."""
        hanging_up = asyncio.create_task(self._hang_up())
        await super().shutdown(sockets)
        hanging_up.cancel()

    async def _hang_up(self) -> None:
        await asyncio.sleep(GRACE)
        for connection in list(self.server_state.connections):
            connection.transport.close()


def wired(app: ASGIApp, *, json_log: bool = False, proxy: str | None = None) -> uvicorn.Config:
    """How an app is served. Where a request comes from is taken from the proxy's word alone."""
    return uvicorn.Config(
        app,
        log_config=None if json_log else uvicorn.config.LOGGING_CONFIG,
        log_level="warning",
        access_log=False,
        proxy_headers=proxy is not None,  # without a word from us it would believe whoever comes from this machine
        forwarded_allow_ips=proxy,
        timeout_graceful_shutdown=int(GRACE + HUNG_UP),
    )


def run(app: ASGIApp, listener: socket.socket, *, json_log: bool, proxy: str | None) -> None:
    """Answer what comes to the listener, until interrupted."""
    server = Server(wired(app, json_log=json_log, proxy=proxy))
    with suppress(KeyboardInterrupt):  # uvicorn has stopped in good order by then, and raises it again
        if threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGTERM, signal.default_int_handler)  # or uvicorn ends the process before we close
        server.run(sockets=[listener])
