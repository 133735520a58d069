"""The command line's way to an index: over HTTP while a server runs on the data folder, else by opening it here."""

import time
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any, Protocol
from urllib.parse import quote

import httpx

from index.batches import batches
from index.config import Config
from index.errors import BusyError, DatelineError, IndexMismatch
from index.lock import WriterLock
from index.opening import check_there, open_index
from index.types import Filters, Progress, Record, Skip, no_progress
from ui.history import history_json
from ui.render import answer_json, article_json, hit_json, listed_json, report_json, status_json

Json = dict[str, Any]
SENT = 20
"""Articles that go to a server in one request: few enough to show progress."""
POLL = 0.2
"""Seconds between two looks at what a server is doing."""


class Client(Protocol):
    """What the command line asks for; everything comes back as the API's JSON."""

    def ask(self, question: str, filters: Filters | None, top_k: int) -> Json: ...
    def search(self, question: str, filters: Filters | None, top_k: int) -> list[Json]: ...
    def articles(self) -> list[Json]: ...
    def article(self, name: str, *, history: bool) -> Json: ...
    def add(self, records: Iterable[Record | Skip], progress: Progress) -> Json: ...
    def remove(self, name: str) -> list[str]: ...
    def rebuild(self, config: Config, progress: Progress) -> Json: ...
    def verify(self, repair: bool, progress: Progress) -> Json: ...
    def status(self) -> Json: ...
    def close(self) -> None: ...


def connect(
    config: Config,
    *,
    write: bool,
    create: bool = False,
    rebuilding: bool = False,
    verifying: bool = False,
    progress: Progress = no_progress,
) -> Client:
    """The server of the data folder, if one runs, else the index itself; a new one only to `create`.

    Raises what `open_index` raises.
    """
    lock = WriterLock(config.data)
    holder = lock.holder()
    if isinstance(url := holder.get("url"), str) and lock.is_held() and (server := Remote.reach(url, holder)):
        if config.model and not rebuilding:
            server.check_model(config.model)
        if config.engine:
            server.close()
            raise BusyError(
                f"A server runs on {config.data} and computes by itself. Stop it first, or leave --engine away."
            )
        return server
    if not create:
        check_there(config)
    return Local(config, write=write, rebuilding=rebuilding, verifying=verifying, progress=progress)


class Local:
    """An index that this process opens for one command."""

    def __init__(self, config: Config, *, write: bool, rebuilding: bool, verifying: bool, progress: Progress) -> None:
        from qa.llm import writer_from
        from qa.rerank import Reranker
        from ui.service import Service

        index = open_index(config, write=write, rebuilding=rebuilding, verifying=verifying, progress=progress)
        self._service = Service(index, Reranker(), writer=writer_from(config), now=lambda: datetime.now(UTC))

    def ask(self, question: str, filters: Filters | None, top_k: int) -> Json:
        return answer_json(self._service.ask(question, filters=filters, top_k=top_k))

    def search(self, question: str, filters: Filters | None, top_k: int) -> list[Json]:
        return [hit_json(h) for h in self._service.search(question, filters=filters, top_k=top_k)]

    def articles(self) -> list[Json]:
        return [listed_json(a) for a in self._service.articles()]

    def article(self, name: str, *, history: bool) -> Json:
        article = self._service.named(name)
        return history_json(self._service.history(article.id)) if history else article_json(article)

    def add(self, records: Iterable[Record | Skip], progress: Progress) -> Json:
        return report_json(self._service.add(records, progress))

    def remove(self, name: str) -> list[str]:
        return list(self._service.remove(name))

    def rebuild(self, config: Config, progress: Progress) -> Json:
        return status_json(self._service.rebuild(config, progress))

    def verify(self, repair: bool, progress: Progress) -> Json:
        found = left = self._service.verify()
        if found and repair:
            left = self._service.repair(progress)
        return {"problems": found, "left": left}

    def status(self) -> Json:
        return status_json(self._service.status())

    def close(self) -> None:
        self._service.close()


class Remote:
    """A running server."""

    def __init__(self, http: httpx.Client) -> None:
        self._http = http

    @classmethod
    def reach(
        cls, url: str, note: Mapping[str, object], *, transport: httpx.BaseTransport | None = None
    ) -> "Remote | None":
        """The server at that address, if it is still the one that left the note; its token is shown to no other."""
        http = httpx.Client(base_url=url, timeout=httpx.Timeout(None, connect=2), trust_env=False, transport=transport)
        try:
            if http.get("/healthz", timeout=5).json().get("instance") == note.get("instance"):
                http.headers["Authorization"] = f"Bearer {note.get('token')}"
                return cls(http)
        except (httpx.HTTPError, httpx.InvalidURL, ValueError, AttributeError):
            pass  # nobody there, or somebody else
        http.close()
        return None

    def check_model(self, wanted: str) -> None:
        """Raise IndexMismatch when the server's index was built with another model than the one configured."""
        indexed = self.status()["model"].rsplit(" (", 1)[0]
        if indexed != wanted:
            self.close()
            raise IndexMismatch(
                f"The server at {self._http.base_url} serves an index built with {indexed}; configured is {wanted}. "
                f"To build it anew: dateline rebuild --model {wanted}. "
                "To go on with the index as it is, take the setting away (--model, DATELINE_MODEL)."
            )

    def _call(self, method: str, path: str, **request: Any) -> Json:
        try:
            response = self._http.request(method, path, **request)
            body = response.json()
        except (httpx.HTTPError, ValueError) as error:
            raise DatelineError(
                f"The server at {self._http.base_url} does not answer: {error}. Is it still running?"
            ) from error
        if response.is_error:
            raise DatelineError(body.get("error", f"The server answered with status {response.status_code}."))
        return dict(body)

    def ask(self, question: str, filters: Filters | None, top_k: int) -> Json:
        body = {"question": question, "filters": _filters(filters), "top_k": top_k}
        return self._call("POST", "/v1/answers", json=body)

    def search(self, question: str, filters: Filters | None, top_k: int) -> list[Json]:
        where = _filters(filters)
        params = {"q": question, "top_k": top_k, "publisher": where.pop("publishers", []), **where}
        return list(self._call("GET", "/v1/search", params=params)["hits"])

    def articles(self) -> list[Json]:
        found: list[Json] = []
        while page := self._call("GET", "/v1/articles", params={"limit": 1000, "offset": len(found)})["articles"]:
            found += page
        return found

    def article(self, name: str, *, history: bool) -> Json:
        return self._call("GET", f"/v1/articles/{quote(name, safe='')}", params={"history": history, "named": True})

    def add(self, records: Iterable[Record | Skip], progress: Progress) -> Json:
        total: Json = {"added": [], "changed": [], "unchanged": [], "undated": [], "skipped": [], "notes": []}
        seen = 0
        for batch in batches(records, SENT):
            total["skipped"] += [asdict(r) for r in batch if isinstance(r, Skip)]
            articles = [_spelled(r) for r in batch if isinstance(r, Record)]
            if articles:
                for name, items in self._call("POST", "/v1/articles", json={"articles": articles}).items():
                    total[name] += [item for item in items if name != "notes" or item not in total[name]]
            seen += len(batch)
            progress("adding", seen, 0)
        return total

    def remove(self, name: str) -> list[str]:
        return list(self._call("DELETE", "/v1/articles", params={"name": name})["removed"])

    def rebuild(self, config: Config, progress: Progress) -> Json:
        settings = ("model", "precision", "chunk_tokens", "overlap")
        body = {**{name: getattr(config, name) for name in settings}, "wait": False}
        job = self._call("POST", "/v1/rebuild", json=body)
        address = f"/v1/jobs/{job['id']}"
        try:
            while job["state"] in ("queued", "running"):
                if job["stage"]:
                    progress(job["stage"], job["done"], job["total"])
                time.sleep(POLL)
                job = self._call("GET", address)
        except BaseException:  # above all Ctrl+C, which ends a rebuild in this process too
            self._call("DELETE", address)
            raise
        if job["state"] != "done":
            raise DatelineError(job["error"] or "The rebuild was cancelled. The index is as it was before.")
        return dict(job["result"])

    def verify(self, repair: bool, progress: Progress) -> Json:
        return self._call("POST", "/v1/verify", json={"repair": repair})

    def status(self) -> Json:
        return self._call("GET", "/v1/status")

    def close(self) -> None:
        self._http.close()


def _filters(filters: Filters | None) -> Json:
    if filters is None:
        return {}
    given: Mapping[str, Any] = {"from": filters.since, "to": filters.until, "publishers": list(filters.publishers)}
    return {name: value for name, value in given.items() if value}


def _spelled(record: Record) -> Json:
    """A record as the API takes it."""
    fields = asdict(record)
    return {"id": fields.pop("key"), "published_at": fields.pop("published"), **fields}
