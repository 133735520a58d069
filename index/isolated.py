"""What libraries parse is parsed in another process: a file that hangs, bloats or crashes them costs only itself.

| What a file does to the process that reads it | What happens |
|---|---|
| computes longer than SECONDS | it ends; InputError for this file |
| takes BUSY times as long, whatever it does | it is killed; the same |
| takes more memory than `worker.MEMORY` | the same |
| crashes it (a segmentation fault, an exit) | another takes its place; the same |
| nothing of that | it reads the next file too |

The process starts with the first such file, reads many, and ends with the one that started it, however that ends. Up to
MOST files are read at once, each in its own.
"""

import atexit
import json
import os
import signal
import subprocess
import sys
import threading
from contextlib import suppress
from dataclasses import asdict
from multiprocessing.connection import Pipe
from pathlib import Path
from typing import TYPE_CHECKING, Any

from index.errors import InputError, StorageError
from index.types import Record
from index.worker import MEMORY

if TYPE_CHECKING:
    from index.feed import Entry
    from index.web import Reply

PROGRAM = "index.worker"
SECONDS = {"page": 20.0, "feed": 20.0, "pdf": 60.0}
"""What a file may take of a processor. 50,000 tags, the most of a page, take 8; pypdf reads 20 to 40 pages a second, so
that a PDF with as much text as one article may have takes 40."""
BUSY = 3
"""On a busy machine, one second of computing may take so many."""
FILES = 500
"""Files after which a process is replaced, in case a library keeps something of each."""
MOST = 2
PATIENCE = 60
"""Seconds in which a process has to start."""
LONGEST_REPLY = 100_000_000
TOO_LONG = "Reading it took more than {:g} s; it was given up."

_turns = threading.BoundedSemaphore(MOST)
_idle: "list[_Worker]" = []


def page(record: Record, *, at: str | None = None) -> Record:
    """`index.page.as_markdown`, within limits. Raises InputError."""
    return Record(**_made("page", {"record": asdict(record), "at": at}))


def pdf(file: Path | bytes, *, key: str) -> Record:
    """`index.pdf.read` of a file or of its bytes, within limits. Raises InputError."""
    if isinstance(file, Path):
        return Record(**_made("pdf", {"path": os.fspath(file), "key": key}))
    return Record(**_made("pdf", {"path": None, "key": key}, file))


def feed(reply: "Reply") -> "list[Entry]":
    """`index.feed.entries`, within limits. Raises InputError."""
    from index.feed import Entry

    said = {name: getattr(reply, name) for name in ("url", "media", "charset", "etag", "modified")}
    return [Entry(**entry) for entry in _made("feed", said, reply.body)]


def close() -> None:
    """End the processes that wait for files."""
    while _idle:
        _idle.pop().close()


class _Gone(Exception):
    """The process ended before it answered, with that code: 0 when nothing was to be done, or minus a signal."""

    def __init__(self, code: int | None) -> None:
        super().__init__()
        self.code = code


class _Worker:
    """A process that reads files, and this end of the socket to it."""

    def __init__(self) -> None:
        """Raises StorageError when it cannot be started."""
        self._pipe, there = Pipe()
        self.files = 0
        root = str(Path(__file__).parents[1])
        paths = dict.fromkeys([*(path or root for path in sys.path), root])  # "" would be the folder one stands in
        with there:
            try:
                self._process = subprocess.Popen(
                    # -P: a json.py in the folder that one stands in is not Python's
                    [sys.executable, "-P", "-m", PROGRAM, str(there.fileno())],
                    pass_fds=[there.fileno()],
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                    env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)},
                )
            except OSError as error:
                raise StorageError(f"The process that reads files cannot be started ({error}).") from error
        try:
            if not self._pipe.poll(PATIENCE) or self._pipe.recv_bytes() != b"ready":
                raise EOFError
        except (EOFError, OSError) as error:
            self.close()
            command = f"{sys.executable} -m {PROGRAM} 0"
            raise StorageError(f"The process that reads files does not start. To see why, run: {command}") from error
        except BaseException:
            self.close()
            raise

    def answer(self, job: str, given: dict[str, Any], body: bytes, seconds: float) -> dict[str, Any]:
        """What it says of a file. Raises TimeoutError, _Gone."""
        asked = json.dumps({"job": job, "given": given, "seconds": seconds}, ensure_ascii=False)
        self.files += 1
        try:
            self._pipe.send_bytes(asked.encode("utf-8", "surrogatepass"))
            self._pipe.send_bytes(body)
            if not self._pipe.poll(BUSY * seconds):
                raise TimeoutError
            said = self._pipe.recv_bytes(LONGEST_REPLY)
        except TimeoutError:
            raise
        except (EOFError, OSError) as error:
            raise _Gone(self._ended()) from error
        found: dict[str, Any] = json.loads(said.decode("utf-8", "surrogatepass"))
        return found

    def close(self) -> None:
        """Kill it."""
        self._pipe.close()
        self._process.kill()
        self._process.wait()

    def _ended(self) -> int | None:
        with suppress(subprocess.TimeoutExpired):
            return self._process.wait(1)
        return None


def _made(job: str, given: dict[str, Any], body: bytes = b"", *, again: bool = False) -> Any:
    with _turns:
        worker = _idle.pop() if _idle else _Worker()
        fresh = not worker.files
        keep = False
        try:
            said = worker.answer(job, given, body, SECONDS[job])
            keep = "memory" not in said and worker.files < FILES
        except TimeoutError:
            said = {"wrong": TOO_LONG.format(BUSY * SECONDS[job])}
        except _Gone as gone:
            if gone.code == -signal.SIGPROF:
                said = {"wrong": TOO_LONG.format(SECONDS[job])}
            elif (gone.code == 0 and not fresh) or not again:
                said = {}
            else:
                said = {"wrong": "It crashed the library that reads such files."}
        finally:
            if keep:
                _idle.append(worker)
            else:
                worker.close()
    if not said:  # it had ended because nothing was to be done, or for a reason that may not lie in the file
        return _made(job, given, body, again=True)
    if "memory" in said:
        raise InputError(f"Reading it took more than {MEMORY / 1e9:g} GB of memory; it was given up.")
    if "wrong" in said:
        raise InputError(said["wrong"])
    return said["made"]


atexit.register(close)
