"""Jobs over a real index with a tiny embedder: told about, given up half-way, and what is left then."""

import json
import threading
import time
from collections.abc import Callable, Iterator, Sequence

import httpx
import numpy as np
import pytest
from starlette.testclient import TestClient
from tiny import NOW, TinyEmbedder, news

from index.build import BATCH, add
from index.errors import DatelineError, ForbiddenError, NotFoundError, OverloadedError
from index.store import Index
from index.types import Progress
from ui import jobs
from ui.api import make_api
from ui.client import Remote
from ui.jobs import KEPT, MOST_QUEUED, MOST_WAITED_FOR, Cancelled, Job, Jobs
from ui.service import Service

OpenTiny = Callable[..., Index]
Json = dict[str, object]
CREATED = NOW.isoformat()


class Indifferent:
    """A reranker to which all passages are the same."""

    def scores(self, question: str, passages: Sequence[str]) -> np.ndarray:
        return np.zeros(len(passages), dtype=np.float32)


class Gate:
    """Work that goes step by step until it is let go, and says how it ended."""

    def __init__(self) -> None:
        self.begun, self.go = threading.Event(), threading.Event()

    def __call__(self, progress: Progress) -> Json:
        self.begun.set()
        while not self.go.wait(0.01):
            progress("turning", 1, 2)
        return {"turned": True}


class Panic(BaseException):
    """As Chroma's are: no Exception."""


@pytest.fixture
def line() -> Iterator[Jobs]:
    made = Jobs(lambda: NOW)
    yield made
    made.close()


def ended(line: Jobs, job: Job) -> Job:
    deadline = time.monotonic() + 20
    while not line.get(job.id).ended:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    return line.get(job.id)


# --- the line


def test_a_job_says_how_far_it_is_and_then_what_it_gave(line: Jobs) -> None:
    gate = Gate()
    job = line.start("turn", gate)
    assert job == Job(id=job.id, kind="turn", created=CREATED)
    assert gate.begun.wait(10)
    while not (now := line.get(job.id)).stage:
        time.sleep(0.01)
    assert now == Job(id=job.id, kind="turn", created=CREATED, state="running", stage="turning", done=1, total=2)
    gate.go.set()
    assert ended(line, job) == Job(
        id=job.id, kind="turn", created=CREATED, state="done", done=1, total=2, result={"turned": True}
    )


def test_jobs_are_done_one_at_a_time_in_the_order_they_came(line: Jobs) -> None:
    gate, order = Gate(), []
    first = line.start("turn", gate)
    others = [line.start("note", lambda progress, n=n: {"n": order.append(n)}) for n in range(3)]  # type: ignore[misc]
    assert gate.begun.wait(10)
    assert [line.get(j.id).state for j in others] == ["queued"] * 3
    assert [j.id for j in line.all()] == [j.id for j in (*reversed(others), first)]
    gate.go.set()
    assert [ended(line, j).state for j in (first, *others)] == ["done"] * 4
    assert order == [0, 1, 2]


def test_a_waiting_job_is_cancelled_at_once_and_a_running_one_at_its_next_step(line: Jobs) -> None:
    gate, done = Gate(), []
    running = line.start("turn", gate)
    waiting = line.start("note", lambda progress: {"n": done.append(1)})
    assert gate.begun.wait(10)
    assert line.cancel(waiting.id).state == "cancelled"
    assert (line.cancel(running.id).state, ended(line, running).state) == ("running", "cancelled")
    assert line.cancel(running.id).state == "cancelled"
    assert ended(line, line.start("note", lambda progress: {})).state == "done"
    assert done == []


def test_who_may_change_nothing_any_more_has_the_running_job_fail_at_its_next_step_and_the_waiting_one_at_once() -> (
    None
):
    revoked = threading.Event()

    def permit() -> None:
        if revoked.is_set():
            raise ForbiddenError("Not any more.")

    line, gate, done = Jobs(lambda: NOW, permit), Gate(), []
    running, waiting = line.start("turn", gate), line.start("note", lambda progress: {"n": done.append(1)})
    assert gate.begun.wait(10)
    revoked.set()
    assert [(ended(line, j).state, line.get(j.id).error) for j in (running, waiting)] == [
        ("failed", "Not any more.")
    ] * 2
    assert done == []
    line.close()


def test_only_so_many_changes_are_waited_for(line: Jobs) -> None:
    gate = Gate()
    threads = [threading.Thread(target=line.at_once, args=(lambda: gate.go.wait(20),)) for _ in range(MOST_WAITED_FOR)]
    for thread in threads:
        thread.start()
    deadline = time.monotonic() + 20
    while line._waited_for._value:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    with pytest.raises(OverloadedError, match="8 changes of the index are being made already"):
        line.at_once(lambda: None)
    assert ended(line, line.start("note", lambda progress: {})).state == "done"  # a job waits for itself
    gate.go.set()
    for thread in threads:
        thread.join()
    assert line.at_once(lambda: 5) == 5


def test_a_job_that_fails_says_why_and_the_next_one_is_done(line: Jobs, caplog: pytest.LogCaptureFixture) -> None:
    def failing(error: BaseException) -> jobs.Work:
        def work(progress: Progress) -> Json:
            raise error

        return work

    found = [line.start("fail", failing(error)) for error in (DatelineError("No."), Panic())]
    last = line.start("note", lambda progress: {})
    assert [(ended(line, j).state, line.get(j.id).error) for j in found] == [
        ("failed", "No."),
        (
            "failed",
            "The job failed inside Dateline (Panic): this is a bug. The server's output has the details.",
        ),
    ]
    assert ended(line, last).state == "done"
    assert "a job failed" in caplog.text


def test_the_last_hundred_are_kept_and_a_line_that_is_full_takes_no_more(line: Jobs) -> None:
    first = line.start("note", lambda progress: {})
    for _ in range(KEPT):
        last = ended(line, line.start("note", lambda progress: {}))
    assert len(line.all()) == KEPT and line.all()[0] == last
    with pytest.raises(NotFoundError, match="There is no job"):
        line.get(first.id)
    gate = Gate()
    line.start("turn", gate)
    assert gate.begun.wait(10)
    for _ in range(MOST_QUEUED):
        line.start("note", lambda progress: {})
    with pytest.raises(OverloadedError, match=f"{MOST_QUEUED} jobs wait in line already"):
        line.start("note", lambda progress: {})


def test_closing_gives_up_what_there_is_and_takes_no_more(line: Jobs) -> None:
    gate = Gate()
    found = [line.start("turn", gate), line.start("note", lambda progress: {})]
    assert gate.begun.wait(10)
    line.close()
    assert [line.get(j.id).state for j in found] == ["cancelled", "cancelled"]
    with pytest.raises(OverloadedError, match="being stopped"):
        line.start("note", lambda progress: {})


# --- over a real index


class Slow(TinyEmbedder):
    """An embedder that waits in the middle of its work, when it is told to."""

    def __init__(self) -> None:
        super().__init__()
        self.reached, self.go = threading.Event(), threading.Event()
        self.go.set()

    def passages(self, texts: Sequence[str], *, done: Callable[[int], None] = lambda count: None) -> np.ndarray:
        self.reached.set()
        assert self.go.wait(20)
        return super().passages(texts, done=done)


@pytest.fixture
def slow() -> Slow:
    return Slow()


@pytest.fixture
def service(open_tiny: OpenTiny, slow: Slow) -> Iterator[Service]:
    index = open_tiny(embedder=slow)
    add(index, [news("bridge", "The bridge is closed. Nurses strike.")], now=NOW)
    slow.reached.clear()
    made = Service(index, Indifferent(), now=lambda: NOW)  # type: ignore[arg-type]
    yield made
    slow.go.set()
    made.jobs.close()


@pytest.fixture
def api(service: Service) -> TestClient:
    return TestClient(make_api(service, service._index.config))


def final(api: TestClient, job: Json) -> Json:
    deadline = time.monotonic() + 20
    while (now := api.get(f"/v1/jobs/{job['id']}").json())["state"] in ("queued", "running"):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    return dict(now)


def articles(count: int) -> list[Json]:
    return [{"id": f"a{n}", "title": f"A{n}", "text": f"The harbour of town {n} is on fire."} for n in range(count)]


def test_a_rebuild_that_is_not_waited_for_is_a_job_whose_result_is_the_status(api: TestClient) -> None:
    begun = api.post("/v1/rebuild", json={"wait": False, "chunk_tokens": 64})
    job = begun.json()
    assert (begun.status_code, begun.headers["location"]) == (202, f"/v1/jobs/{job['id']}")
    assert job == {
        "id": job["id"], "kind": "rebuild", "created": CREATED, "state": "queued",
        "stage": "", "done": 0, "total": 0, "result": None, "error": None,
    }  # fmt: skip
    now = final(api, job)
    assert (now["state"], now["result"]) == ("done", api.get("/v1/status").json())
    assert api.get("/v1/jobs").json() == {"jobs": [now]}


def test_an_addition_that_is_not_waited_for_gives_the_same_report(api: TestClient, service: Service) -> None:
    job = api.post("/v1/articles", json={"articles": [*articles(2), {"title": "Empty"}], "wait": False}).json()
    result = final(api, job)["result"]
    assert isinstance(result, dict)
    assert (result["added"], [s["source"] for s in result["skipped"]]) == (["a0", "a1"], ["articles[2]"])
    assert len(service.articles()) == 3 and service.verify() == []


def test_what_a_cancelled_addition_has_committed_stays_and_adding_again_completes_it(
    api: TestClient, service: Service, slow: Slow
) -> None:
    slow.go.clear()
    many = articles(BATCH + 10)
    job = api.post("/v1/articles", json={"articles": many, "wait": False}).json()
    assert slow.reached.wait(20)  # all are in the library, and the first are being embedded
    assert api.delete(f"/v1/jobs/{job['id']}").json()["stage"] == "cancelling"
    slow.go.set()
    assert final(api, job)["state"] == "cancelled"
    assert service.status().articles == len(many) + 1
    assert [h.chunk.article.id for h in service.search("bridge")][:1] == ["bridge"]
    again = api.post("/v1/articles", json={"articles": many}).json()
    assert (again["added"], again["changed"], len(again["unchanged"])) == ([], [], len(many))
    assert service.verify() == []
    assert service.status().chunks_embedded == service.status().chunks


def test_an_addition_given_up_between_two_batches_keeps_the_first(service: Service) -> None:
    def give_up(stage: str, done: int, total: int) -> None:
        raise Cancelled

    many = [news(f"a{n}", f"The harbour of town {n} is on fire.") for n in range(BATCH + 10)]
    with pytest.raises(Cancelled):
        service.add(many, give_up)
    assert len(service.articles()) == BATCH + 1
    again = service.add(many)
    assert (len(again.unchanged), len(again.added)) == (BATCH, 10)
    assert service.verify() == []


def test_after_a_cancelled_rebuild_the_old_version_serves_and_nothing_is_left_of_the_new_one(
    api: TestClient, service: Service, slow: Slow
) -> None:
    before, collections = service.status(), service._index.vectors.collections()
    with service._index.library.write() as change:  # or nothing is left to embed
        change._db.execute("DELETE FROM embedding")
    slow.go.clear()
    job = api.post("/v1/rebuild", json={"wait": False, "model": None, "overlap": 0, "chunk_tokens": 64}).json()
    assert slow.reached.wait(20)
    api.delete(f"/v1/jobs/{job['id']}")
    slow.go.set()
    assert final(api, job)["state"] == "cancelled"
    assert (service.version(), service._index.vectors.collections()) == (before.index_version, collections)
    assert [h.chunk.article.id for h in service.search("bridge")] == ["bridge"]
    assert service.verify() == []
    assert api.post("/v1/rebuild").json()["index_version"] == before.index_version + 1


def test_a_rebuild_that_cannot_be_done_fails_with_the_sentence(api: TestClient) -> None:
    job = final(api, api.post("/v1/rebuild", json={"wait": False, "chunk_tokens": 10}).json())
    assert (job["state"], job["error"]) == (
        "failed",
        "chunk_tokens is 10; it takes 64 to 100, which is what tiny reads.",
    )


def test_a_job_is_followed_as_events_until_it_has_ended(api: TestClient, service: Service) -> None:
    gate = Gate()
    job = service.jobs.start("turn", gate)
    threading.Timer(0.5, gate.go.set).start()
    response = api.get(f"/v1/jobs/{job.id}", headers={"Accept": "text/event-stream"})
    assert response.headers["content-type"].startswith("text/event-stream")
    told = [json.loads(line.removeprefix("data: ")) for line in response.text.splitlines() if line.startswith("data:")]
    assert [(t["state"], t["done"]) for t in told][-2:] == [("running", 1), ("done", 1)]
    assert set(response.text.splitlines()) >= {"event: job"}


def test_a_stream_of_a_silent_job_is_kept_alive(
    api: TestClient, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ui.sse.KEEP_ALIVE", 1)
    monkeypatch.setattr(jobs, "TICK", 0.02)
    go = threading.Event()
    threading.Timer(0.6, go.set).start()
    job = service.jobs.start("wait", lambda progress: {"waited": go.wait(10)})
    response = api.get(f"/v1/jobs/{job.id}", headers={"Accept": "text/event-stream"})
    assert ": working" in response.text.splitlines()


@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_a_job_that_there_is_not_is_404(api: TestClient, method: str) -> None:
    response = api.request(method, "/v1/jobs/none")
    assert response.status_code == 404
    assert response.json() == {"error": "There is no job 'none'; the last 100 are kept until the server ends."}


# --- the command line's client


def remote(*jobs_in_turn: Json) -> tuple[Remote, list[str]]:
    """A client of a server that gives these jobs one after the other, and what it was asked."""
    asked: list[str] = []
    answers = iter(jobs_in_turn)

    def wire(request: httpx.Request) -> httpx.Response:
        asked.append(f"{request.method} {request.url.path}")
        return httpx.Response(200, json={"id": "j", "stage": "", "error": None, "result": None} | next(answers))

    return Remote(httpx.Client(base_url="http://127.0.0.1:7860", transport=httpx.MockTransport(wire))), asked


def test_a_rebuild_by_a_server_shows_its_progress(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ui.client.POLL", 0)
    running = {"state": "running", "stage": "embedding", "done": 3, "total": 9}
    server, asked = remote({"state": "queued"}, running, {"state": "done", "result": {"articles": 1}})
    seen: list[tuple[str, int, int]] = []
    assert server.rebuild(service._index.config, lambda *step: seen.append(step)) == {"articles": 1}
    assert (seen, asked) == ([("embedding", 3, 9)], ["POST /v1/rebuild", "GET /v1/jobs/j", "GET /v1/jobs/j"])


def test_a_rebuild_handed_to_a_server_is_its_job(api: TestClient, service: Service) -> None:
    before = service.version()
    found = Remote(api).rebuild(service._index.config, lambda *step: None)  # type: ignore[arg-type]
    assert found == api.get("/v1/status").json()
    assert (service.version(), [(j.kind, j.state) for j in service.jobs.all()]) == (before + 1, [("rebuild", "done")])


@pytest.mark.parametrize(
    ("last", "sentence"),
    [({"state": "failed", "error": "No."}, "^No.$"), ({"state": "cancelled"}, "The index is as it was before")],
)
def test_a_rebuild_that_a_server_did_not_finish_is_an_error(service: Service, last: Json, sentence: str) -> None:
    server, _ = remote(last)
    with pytest.raises(DatelineError, match=sentence):
        server.rebuild(service._index.config, lambda *step: None)


def test_who_interrupts_a_rebuild_by_a_server_cancels_it(service: Service) -> None:
    def interrupt(*step: object) -> None:
        raise KeyboardInterrupt

    running = {"state": "running", "stage": "embedding", "done": 3, "total": 9}
    server, asked = remote(running, {"state": "running"})
    with pytest.raises(KeyboardInterrupt):
        server.rebuild(service._index.config, interrupt)
    assert asked == ["POST /v1/rebuild", "DELETE /v1/jobs/j"]
