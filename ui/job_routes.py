"""The routes of jobs: `/v1/jobs`, and how a change of the index becomes one."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import asdict
from typing import Annotated, Any

from fastapi import FastAPI, Path, Request, Response
from fastapi.responses import JSONResponse

from index.types import no_progress
from ui import sse
from ui.jobs import Job, Jobs, Work, changes
from ui.wire import Problem

JOB_BEGUN: dict[int | str, dict[str, Any]] = {
    202: {"model": Job, "description": "With `wait: false`: the job that does it. `Location` is where to look at it."},
    503: {"model": Problem, "description": "Too many jobs wait in line, or too many changes are waited for."},
}
NO_JOB: dict[int | str, dict[str, Any]] = {404: {"model": Problem, "description": "There is no such job."}}
PROGRESS: dict[int | str, dict[str, Any]] = {
    200: {
        "model": Job,
        "description": "The job; or, for `Accept: text/event-stream`, a `job` event each time it has changed, until "
        "it has ended.",
        "content": {sse.CONTENT_TYPE: {"schema": {"type": "string"}}},
    },
    **NO_JOB,
}
JobId = Annotated[str, Path(description="The `id` that it was given.")]


def add_routes(api: FastAPI, jobs: Jobs) -> None:
    """`/v1/jobs`."""

    @api.get("/v1/jobs", tags=["jobs"], summary="List the jobs")
    def all_jobs() -> dict[str, list[Job]]:
        """The last 100 jobs, newest first; a job is a rebuild or an addition that was asked for with `wait: false`."""
        return {"jobs": list(jobs.all())}

    @api.get("/v1/jobs/{job_id}", tags=["jobs"], summary="Look at a job", responses=PROGRESS)
    async def job(job_id: JobId, request: Request) -> Response:
        """How far it is, and at last its `result` or `error`."""
        now = jobs.get(job_id)
        if sse.wanted(request):
            return sse.response(_messages(sse.attended(request, changes(jobs, job_id))))
        return JSONResponse(asdict(now))

    @api.delete("/v1/jobs/{job_id}", tags=["jobs"], summary="Cancel a job", responses=NO_JOB)
    def cancel(job_id: JobId) -> Job:
        """Give it up: a running one at its next step; what it has committed stays. One that has ended is left alone."""
        return jobs.cancel(job_id)


def carry_out(jobs: Jobs, kind: str, work: Work, *, wait: bool) -> JSONResponse:
    """What a change gives when it is done; or, for those who do not wait, the job that will do it."""
    if wait:
        return JSONResponse(jobs.at_once(lambda: work(no_progress)))
    job = jobs.start(kind, work)
    return JSONResponse(asdict(job), 202, {"Location": f"/v1/jobs/{job.id}"})


async def _messages(told: AsyncGenerator[Job | None, None]) -> AsyncGenerator[bytes, None]:
    async with aclosing(told):
        async for job in told:
            yield sse.COMMENT if job is None else sse.message(asdict(job), "job")
