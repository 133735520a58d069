"""Other processes that work on a data folder while a test looks, and that the test may kill."""

import multiprocessing
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path

from tiny import NOW, TinyEmbedder, news

from index import build, follow, imports
from index.build import add, rebuild
from index.config import Config
from index.exported import checked
from index.opening import open_index

_context = multiprocessing.get_context("forkserver")
_context.set_forkserver_preload(["index.build"])

STORIES = [
    news(
        f"story{n}",
        f"Story {n} is about the bridge. Its word is only{n}. " + "It goes on with water and fire. " * (n % 9),
    )
    for n in range(60)
]


@contextmanager
def process(job: Callable[..., None], *args: object) -> Iterator[tuple[BaseProcess, Connection]]:
    """A process that does `job(pipe, *args)`, and this end of its pipe; it is gone at the end."""
    here, there = _context.Pipe()
    started = _context.Process(target=job, args=(there, *args))
    started.start()
    there.close()
    try:
        yield started, here
    finally:
        started.kill()
        started.join()
        started.close()
        here.close()


def hold(pipe: Connection, data: Path, url: str | None = None) -> None:
    """Be the writer of a folder with one article whose vectors are gone again; with an address, the server of it."""
    index = open_index(Config(data=data), write=True, embedder=TinyEmbedder())
    add(index, [news("held", "The fire is held by another process.")], now=NOW)
    with index.library.read() as snapshot:
        index.vectors.delete(snapshot.collection, snapshot.chunk_ids())
    if url:
        index.lock.announce(url, "somebody")
    pipe.send(os.getpid())
    pipe.recv()


def die_rebuilding(pipe: Connection, data: Path, stage: str, step: int) -> None:
    """Rebuild with another model, and end in the middle of the given step of a stage, as if killed."""
    index = open_index(Config(data=data), write=True, embedder=TinyEmbedder())
    left = [step]

    def progress(at: str, done: int, total: int) -> None:
        left[0] -= at == stage
        if not left[0]:
            pipe.send("dying")
            os._exit(9)

    rebuild(index, Config(data=data), embedder=TinyEmbedder("other"), progress=progress)


def add_stories(pipe: Connection, data: Path) -> None:
    """Add the stories in small batches, with word of the first one that is committed."""
    build.BATCH, follow.WINDOW = 7, 5
    index = open_index(Config(data=data), write=True, embedder=TinyEmbedder())
    told: list[str] = []

    def progress(stage: str, done: int, total: int) -> None:
        if not told:
            told.append(stage)
            pipe.send("adding")

    add(index, STORIES, now=NOW, progress=progress)
    pipe.send("added")


def import_slowly(pipe: Connection, data: Path, file: Path) -> None:
    """Import a file in small batches, and end after some of them, as if killed."""
    imports.BATCH = 7
    index = open_index(Config(data=data), write=True, embedder=TinyEmbedder())

    def progress(at: str, done: int, total: int) -> None:
        if at == "reading" and done > 20:
            pipe.send("dying")
            os._exit(9)

    with checked(file) as export:
        imports.take_in(index, export, progress=progress)
