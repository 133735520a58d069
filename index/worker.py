"""The process in which libraries read what strangers wrote. Only `index.isolated` starts it and talks to it.

| What happens here | What this process does |
|---|---|
| a file takes more memory than allowed | says so, if it still can |
| a file takes too long to compute | its own alarm ends it; one that only waits is killed by whoever asked |
| whoever started it is gone, even in the middle of a file | it ends at once |
| nothing is to be done for a while | it ends |
"""

import fcntl
import json
import os
import resource
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict
from io import BytesIO
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from index.errors import InputError
from index.records import checked_text
from index.types import Record

MEMORY = 1_500_000_000
"""Bytes of address space; a page of 10 MB takes about 300 MB. macOS does not hold anybody to it."""
IDLE = 300
"""Seconds without a file after which the process ends."""


def page(given: dict[str, Any], body: bytes) -> Any:
    """See `index.page.as_markdown`."""
    from index.page import as_markdown

    return _sendable(as_markdown(Record(**given["record"]), at=given["at"]))


def pdf(given: dict[str, Any], body: bytes) -> Any:
    """See `index.pdf.read`: the file is at a path, or its bytes were sent."""
    from index.pdf import read

    return _sendable(read(Path(given["path"]) if given["path"] else BytesIO(body), key=given["key"]))


def feed(given: dict[str, Any], body: bytes) -> Any:
    """See `index.feed.entries`."""
    from index.feed import entries
    from index.web import Reply

    return [asdict(entry) for entry in entries(Reply(**given, body=body))]


JOBS: dict[str, Callable[[dict[str, Any], bytes], Any]] = {"page": page, "pdf": pdf, "feed": feed}


def main(jobs: dict[str, Callable[[dict[str, Any], bytes], Any]]) -> None:
    """Do jobs as they come through the socket whose number is the program's argument, until it is closed."""
    pipe = Connection(int(sys.argv[1]))
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # whoever started this hears the Ctrl+C too
    with suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    with suppress(EOFError, OSError):
        pipe.send_bytes(b"ready")
        while pipe.poll(IDLE):
            asked, body = json.loads(pipe.recv_bytes()), pipe.recv_bytes()
            with _mortal(pipe, asked["seconds"]):
                said = _outcome(jobs[asked["job"]], asked["given"], body)
            pipe.send_bytes(said)


def _outcome(job: Callable[[dict[str, Any], bytes], Any], given: dict[str, Any], body: bytes) -> bytes:
    try:
        try:
            said = {"made": job(given, body)}
        except InputError as error:
            said = {"wrong": str(error)}
        except MemoryError:
            raise
        except Exception as error:  # on a hostile file, the parsers raise nearly anything
            said = {"wrong": f"It cannot be read: the library that reads such files failed ({type(error).__name__})."}
        return json.dumps(said, ensure_ascii=False).encode("utf-8", "surrogatepass")
    except MemoryError:
        return b'{"memory": true}'


def _sendable(found: Record) -> dict[str, Any]:
    checked_text(found.text)
    return asdict(found)


@contextmanager
def _mortal(pipe: Connection, seconds: float) -> Iterator[None]:
    """Meanwhile, this process ends when it has computed for so long, or when the other end of the pipe closes.

    Both are signals that nobody handles here: Python could not, while a library's C code runs.
    """
    flags = fcntl.fcntl(pipe.fileno(), fcntl.F_GETFL)
    fcntl.fcntl(pipe.fileno(), fcntl.F_SETOWN, os.getpid())
    fcntl.fcntl(pipe.fileno(), fcntl.F_SETFL, flags | os.O_ASYNC)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        fcntl.fcntl(pipe.fileno(), fcntl.F_SETFL, flags)


if __name__ == "__main__":
    main(JOBS)
