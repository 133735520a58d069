"""A server with a key that may ask and one that may change, over a tiny index; and its page, as a program uses it."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from html import unescape
from pathlib import Path
from typing import Any, NamedTuple

import httpx
from conftest import Indifferent, serving, whole_app
from fastapi import FastAPI
from tiny import NOW, TinyEmbedder, news

from index.build import add
from index.config import Config
from index.opening import open_index
from index.store import Index
from ui.access import Access
from ui.keys import Keys
from ui.service import Service
from ui.visit import ASK, CHANGE


class House(NamedTuple):
    """A server to which one needs a key."""

    url: str
    app: FastAPI
    access: Access
    service: Service
    index: Index
    asks: str
    changes: str

    def client(self, key: str | None = None, **headers: str) -> httpx.Client:
        credentials = {"Authorization": f"Bearer {key}"} if key else {}
        return httpx.Client(base_url=self.url, timeout=60, headers=credentials | headers)


@contextmanager
def housed(data: Path) -> Iterator[House]:
    """The server, while it runs."""
    index = open_index(Config(data=data), write=True, embedder=TinyEmbedder())
    add(index, [news("bridge", "The bridge is closed.")], now=NOW)
    keys = Keys(data)
    access = Access(keys, always=True)
    asks, changes = (keys.add(may, may, today=NOW.date()) for may in (ASK, CHANGE))
    service = Service(index, Indifferent(), now=lambda: NOW, permit=access.demand_change)
    app = whole_app(service, instance="house", access=access)
    with serving(app) as url:
        yield House(url, app, access, service, index, asks, changes)
    service.close()


def sent(client: httpx.Client, name: str, *data: object, event: object = None, tab: str = "tab") -> httpx.Response:
    """Send an event of the page, named by its handler; the page's queue takes it or does not."""
    config = client.get("/config").json()
    number = next(d["id"] for d in config["dependencies"] if d["api_name"] == name)
    body = {"data": data, "fn_index": number, "session_hash": tab, "trigger_id": None, "event_data": {"value": event}}
    return client.post("/gradio_api/queue/join", json=body)


def told(client: httpx.Client, tab: str = "tab") -> dict[str, Any]:
    """What the page's queue says when an event is over."""
    with client.stream("GET", "/gradio_api/queue/data", params={"session_hash": tab}) as stream:
        for line in stream.iter_lines():
            message = json.loads(line.removeprefix("data:") or "{}") if line.startswith("data:") else {}
            if message.get("msg") == "process_completed":
                return dict(message)
    raise AssertionError("the page said nothing")


def happen(client: httpx.Client, name: str, *data: object, event: object = None, tab: str = "tab") -> list[Any]:
    """An event of the page, named by its handler, and what it puts out."""
    assert sent(client, name, *data, event=event, tab=tab).status_code == 200
    message = told(client, tab)
    assert message["success"], message
    return [unescape(x) if isinstance(x, str) else x for x in message["output"]["data"]]
