"""Kills writers of a data folder at random moments, again and again, and looks whether anything was lost or is wrong.

    python tests/kills.py [--kills 200] [--seed 1]

A process adds, changes, removes, rebuilds and repairs, and says what is done; it is killed (SIGKILL) in the middle.
Then the folder is opened, and all that was said to be done has to be so: each article with the text it was last given,
found by its words, its quotes verbatim, nothing of what was removed, library, keywords and Chroma in agreement. What
was being done when it was killed may be done or not, article by article, and nothing between. Then the next one is
killed in the same folder. A failure prints the seed that makes it again.

200 kills, on two cores: all well in 3 minutes.
"""

import argparse
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from multiprocessing.connection import Connection
from pathlib import Path

import numpy as np
from processes import process
from tiny import NOW, TinyEmbedder, news

from index import build, follow
from index.build import add, articles, rebuild, remove, repair, verify
from index.config import Config
from index.errors import NotFoundError
from index.follow import catch_up
from index.keywords import query_terms
from index.opening import open_index
from index.prepare import prepare
from index.store import Index, spec_of
from index.stories import signature
from index.types import Record
from qa.ask import ask

LONGEST = 0.8
"""Seconds after which a writer is killed at the latest, counted from its first word."""
KEYS = 40
MODELS = ("tiny", "other")

Told = tuple[str, object]
"""What a writer is about to do ("begun", kind, keys) or has done ("done", kind, keys)."""


class Unhurried(TinyEmbedder):
    """An embedder that takes its time, so that kills find it at work."""

    def passages(self, texts: Sequence[str], **options: object) -> np.ndarray:
        time.sleep(0.002 * len(texts))
        return super().passages(texts, **options)  # type: ignore[arg-type]


class Alike:
    """A reranker to which all passages are the same."""

    def scores(self, question: str, passages: Sequence[str]) -> np.ndarray:
        return np.ones(len(passages), dtype=np.float32)

    def knows(self, word: str) -> bool:
        return True


def story(key: int, edition: int) -> Record:
    """An article whose text says which edition of which article it is, and that no other has."""
    more = "The water rose and the harbour was closed. " * (key % 12)
    text = f"Story {key} tells of the bridge. Its sign is sign{key}x{edition}. {more}".strip()
    return news(f"story{key}", text, published="2026-06-01")


def open_here(data: Path) -> Index:
    """The index, with whichever of the two models it was last built with."""
    library = data / "library.sqlite3"
    model = "tiny"
    if library.is_file():
        from index.library import Library

        with Library(library).read() as snapshot:
            model = snapshot.state.spec.model if snapshot.state else model
    return open_index(Config(data=data), write=True, embedder=Unhurried(model))


def write(pipe: Connection, data: Path, seed: int) -> None:
    """Change a folder in one way after the other, with word of each before and after, until killed."""
    build.BATCH, follow.WINDOW, follow.ROWS = 4, 5, 7
    chance = random.Random(seed)
    index = open_here(data)
    # what takes a second to load is loaded before the clock runs, or no kill would find the first addition written
    prepare(index.embedder, [story(11, 0)], spec_of(index.embedder, None, None), NOW.date())
    signature("")
    pipe.send(("open", "", ()))
    for number in range(10_000):
        kind = chance.choices(("add", "remove", "rebuild", "repair"), (6, 3, 2, 1))[0]
        match kind:
            case "add":
                some = [story(k, seed * 10_000 + number) for k in chance.sample(range(KEYS), chance.randint(1, 12))]
                told: object = [(record.key, record.text) for record in some]
                pipe.send(("begun", kind, told))
                add(index, some, now=NOW)
            case "remove":
                told = [f"story{chance.randrange(KEYS)}"]
                pipe.send(("begun", kind, told))
                with suppress(NotFoundError):
                    remove(index, told[0])
            case "rebuild":
                told = []
                pipe.send(("begun", kind, told))
                rebuild(index, Config(data=data), embedder=Unhurried(chance.choice(MODELS)))
            case _:
                told = []
                pipe.send(("begun", kind, told))
                repair(index)
        pipe.send(("done", kind, told))


class Expected:
    """What has to be in a folder: a text for each key, or one of two while a change was under way."""

    def __init__(self) -> None:
        self.sure: dict[str, str | None] = {}
        self.perhaps: dict[str, str | None] = {}

    def hear(self, word: str, kind: str, told: Sequence[object]) -> None:
        """Take in what a writer says."""
        changes: dict[str, str | None] = {}
        if kind == "add":
            changes = dict(told)  # type: ignore[arg-type]
        elif kind == "remove":
            changes = {str(told[0]): None}
        if word == "begun":
            self.perhaps = changes
        elif word == "done":
            self.sure |= changes
            self.perhaps = {}

    def settle(self, found: dict[str, str]) -> list[str]:
        """Compare with what is there, which counts from now on; what is wrong."""
        wrong = []
        for key in {*self.sure, *self.perhaps, *found}:
            allowed = {self.sure.get(key)} | ({self.perhaps[key]} if key in self.perhaps else set())
            if found.get(key) not in allowed:
                wrong.append(f"{key} is {found.get(key)!r}, and should be {' or '.join(map(repr, allowed))}")
        self.sure, self.perhaps = dict(found), {}
        return wrong


def looked_at(data: Path, expected: Expected) -> list[str]:
    """Open a folder after a kill; what is wrong with it."""
    index = open_here(data)
    try:
        wrong = verify(index)
        found = {article.id: article.text for article in articles(index)}
        wrong += expected.settle(found)
        with index.library.read() as snapshot:
            for key, text in found.items():
                hits = snapshot.search_keywords(query_terms(f"sign{text.split('sign')[2].split('.')[0]}"), 100)
                if key not in {chunk.article.id for chunk in snapshot.chunks([i for i, _ in hits]).values()}:
                    wrong.append(f"{key} is not found by its words")
        catch_up(index)
        wrong += verify(index)
        with index.library.read() as snapshot:
            if index.vectors.ids(snapshot.collection) != set(snapshot.chunk_ids()):
                wrong.append("Chroma does not hold what the library has")
            if index.vectors.collections() != [snapshot.collection] or snapshot.has_staged():
                wrong.append("something of a rebuild is left")
        for key in list(found)[:3]:
            answer = ask(index, Alike(), f"What is the sign of {key}?", now=NOW)  # type: ignore[arg-type]
            if any(found.get(hit.chunk.article.id) != hit.chunk.article.text for hit in answer.hits) or not answer.hits:
                wrong.append(f"a question about {key} finds what is not there")
            for citation in answer.citations:
                if found.get(citation.article.id, "")[citation.start : citation.end] != citation.quote:
                    wrong.append(f"a quote of {citation.article.id} is wrong: {citation.quote!r}")
        return wrong
    finally:
        index.close()


def kill(data: Path, seed: int, expected: Expected) -> tuple[str, list[str]]:
    """Let a writer begin and kill it: what it was at, and what is wrong then."""
    moment = random.Random(seed).uniform(0.0, LONGEST)
    last = ("open", "", ())
    with process(write, data, seed) as (writer, pipe):
        assert pipe.recv()[0] == "open"
        until = time.monotonic() + moment
        while (left := until - time.monotonic()) > 0:
            if pipe.poll(left):
                last = pipe.recv()
                expected.hear(*last)
        writer.kill()
        writer.join()
        while pipe.poll():  # what it said before it died
            try:
                last = pipe.recv()
            except EOFError:
                break
            expected.hear(*last)
    return (last[1] if last[0] == "begun" else "between"), looked_at(data, expected)


def run(folder: Path, kills: int, seed: int, *, tell: Callable[[str], None] = print) -> Counter[str]:
    """Kill so many writers of one folder after the other; how often each was killed at what. Raises AssertionError."""
    expected, at = Expected(), Counter[str]()
    for number in range(seed, seed + kills):
        what, wrong = kill(folder / "data", number, expected)
        at[what] += 1
        assert not wrong, f"seed {number}, killed while it did {what}: {'; '.join(wrong)} (begun with --seed {seed})"
        if (number - seed + 1) % 20 == 0:
            tell(f"{number - seed + 1} kills, {len(expected.sure)} articles: all well")
    assert expected.sure, "every writer was killed before it had written anything"
    return at


def main() -> None:
    """Kill and look."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        at = run(Path(folder), given.kills, given.seed)
    print(f"{given.kills} kills in {time.monotonic() - began:.0f} s, nothing lost, nothing wrong. They came during:")
    for what, count in at.most_common():
        print(f"  {what:10} {count}")


if __name__ == "__main__":
    sys.exit(main())
