"""Changes of the index: those that somebody waits for; and jobs, done one after the other, told about, and given up
when asked to.

| State     | What it means                                      | What may come next          |
|-----------|----------------------------------------------------|-----------------------------|
| queued    | others are before it                               | running, cancelled          |
| running   | it is worked on: `stage`, `done` of `total`        | done, failed, cancelled     |
| done      | `result` is what the same request would have given | nothing                     |
| failed    | `error` says why                                   | nothing                     |
| cancelled | given up; what was committed before stays          | nothing                     |
"""

import asyncio
import logging
import secrets
import threading
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal, TypeVar

from index.errors import DatelineError, NotFoundError, OverloadedError
from index.types import Progress
from ui.render import bug
from ui.visit import Visit, current, resumed

KEPT = 100
"""Jobs that are remembered, the latest ones."""
MOST_QUEUED = 20
"""Jobs that may wait; each holds its articles in memory."""

MOST_WAITED_FOR = 8
"""Changes that may be waited for; each keeps one of the 40 threads that answer."""

TICK = 0.2
"""Seconds between two looks at a job."""
TICKS = 5
"""Looks without anything new, after which whoever looks is told so: a second, as `ui.sse.attended` counts."""

Json = dict[str, Any]
Work = Callable[[Progress], Json]
T = TypeVar("T")


class Cancelled(BaseException):
    """What a cancelled job's progress raises; nothing that handles errors is to keep it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """How far a change of the index is, at one moment. `total` is 0 while it is not known; `created` is ISO 8601."""

    id: str
    kind: str
    created: str
    state: Literal["queued", "running", "done", "failed", "cancelled"] = "queued"
    stage: str = ""
    done: int = 0
    total: int = 0
    result: Json | None = None
    error: str | None = None

    @property
    def ended(self) -> bool:
        """Whether nothing more will happen to it."""
        return self.state not in ("queued", "running")


class Jobs:
    """The jobs of one index. A thread works on them while there are any. Threads may share it.

    `permit` is called before a job is begun or given up, and at each of its steps; it raises ForbiddenError when
    whoever asks may make no change, or not any more. A job has the right of the visit that began it.
    """

    def __init__(self, now: Callable[[], datetime], permit: Callable[[], None] = lambda: None) -> None:
        self._now = now
        self._permit = permit
        self._lock = threading.Lock()
        self._jobs: dict[str, Job] = {}  # in the order they came
        self._queue: list[tuple[str, Work, Visit | None]] = []
        self._unwanted: set[str] = set()
        self._worker: threading.Thread | None = None
        self._closed = False
        self._waited_for = threading.Semaphore(MOST_WAITED_FOR)

    def at_once(self, work: Callable[[], T]) -> T:
        """Make a change for one who waits, beside the jobs. Raises OverloadedError when too many are waited for."""
        self._permit()
        if not self._waited_for.acquire(blocking=False):
            raise OverloadedError(
                f"{MOST_WAITED_FOR} changes of the index are being made already. Ask again in a few seconds, or make "
                "jobs of additions and rebuilds, with wait: false."
            )
        try:
            return work()
        finally:
            self._waited_for.release()

    def start(self, kind: str, work: Work) -> Job:
        """Line up a job. Raises OverloadedError when too many wait already, or the server is about to end."""
        self._permit()
        with self._lock:
            if self._closed:
                raise OverloadedError("Dateline is being stopped. Ask again when it runs.")
            if len(self._queue) >= MOST_QUEUED:
                raise OverloadedError(f"{MOST_QUEUED} jobs wait in line already. Ask again when one has ended.")
            job = Job(id=secrets.token_hex(8), kind=kind, created=self._now().isoformat(timespec="seconds"))
            self._jobs[job.id] = job
            self._queue.append((job.id, work, current()))
            for old in [j.id for j in self._jobs.values() if j.ended][: max(0, len(self._jobs) - KEPT)]:
                del self._jobs[old]
            if self._worker is None:
                self._worker = threading.Thread(target=self._work, name="jobs")
                self._worker.start()
            return job

    def all(self) -> tuple[Job, ...]:
        """The jobs that are remembered, newest first."""
        with self._lock:
            return tuple(reversed(self._jobs.values()))

    def get(self, job_id: str) -> Job:
        """How far a job is. Raises NotFoundError when there is none of that id, or none any more."""
        with self._lock:
            return self._get(job_id)

    def cancel(self, job_id: str) -> Job:
        """Give a job up: at once while it waits, at its next step while it runs, not at all when it has ended.

        Raises NotFoundError as `get` does.
        """
        self._permit()
        return self._cancel(job_id)

    def _cancel(self, job_id: str) -> Job:
        with self._lock:
            job = self._get(job_id)
            if job.state == "queued":
                self._queue = [waiting for waiting in self._queue if waiting[0] != job_id]
                self._jobs[job_id] = replace(job, state="cancelled")
            elif job.state == "running":
                self._unwanted.add(job_id)
                self._jobs[job_id] = replace(job, stage="cancelling")
            return self._jobs[job_id]

    def close(self) -> None:
        """Take no more jobs, give up those there are, and wait until the running one has let go of the index."""
        with self._lock:
            self._closed = True
            worker = self._worker
        for job in self.all():
            self._cancel(job.id)
        if worker is not None:
            worker.join()

    def _get(self, job_id: str) -> Job:
        if job_id not in self._jobs:
            raise NotFoundError(f"There is no job {job_id!r}; the last {KEPT} are kept until the server ends.")
        return self._jobs[job_id]

    def _set(self, job_id: str, **changes: Any) -> None:
        with self._lock:
            self._jobs[job_id] = replace(self._jobs[job_id], **changes)

    def _work(self) -> None:
        """One job after the other, until none is left."""
        while True:
            with self._lock:
                if not self._queue:
                    self._worker = None
                    return
                job_id, work, visit = self._queue.pop(0)
                self._jobs[job_id] = replace(self._jobs[job_id], state="running")
            with resumed(visit):
                self._set(job_id, **self._outcome(job_id, work))
            with self._lock:
                self._unwanted.discard(job_id)

    def _outcome(self, job_id: str, work: Work) -> Json:
        """Do a job; what there is to say of it then."""

        def progress(stage: str, done: int, total: int) -> None:
            if job_id in self._unwanted:
                raise Cancelled
            self._permit()
            self._set(job_id, stage=stage, done=done, total=total)

        try:
            self._permit()
            return {"state": "done", "stage": "", "result": work(progress)}
        except Cancelled:
            return {"state": "cancelled", "stage": ""}
        except DatelineError as error:
            return {"state": "failed", "error": str(error)}
        except BaseException as error:  # Chroma's panics are no Exception, and those who wait have to be told
            logging.getLogger(__name__).exception("a job failed")
            return {"state": "failed", "error": bug("The job", error)}


async def changes(jobs: Jobs, job_id: str) -> AsyncGenerator[Job | None, None]:
    """The job as it is, then each time it has changed, until it has ended; None for each second without a change."""
    seen: Job | None = None
    silent = 0
    while seen is None or not seen.ended:
        job = jobs.get(job_id)
        if job != seen:
            seen, silent = job, 0
            yield job
            continue
        silent += 1
        if silent % TICKS == 0:
            yield None
        await asyncio.sleep(TICK)
