"""Over 300 files that want to do harm, added one by one: which go in, how long each takes, how big the reader gets.

    python tests/bench/hostile.py [--scale 1] [--kind "looped PDFs"] [--all]

The files are made in a temporary folder by `tests/hostile_files.py`, the same each time, and added to a real index with
the tiny embedder that the tests use. A file counts as added when all of it went in, as skipped when some of it was
skipped, by name. Afterwards it is checked that the index is whole and that what was there before is still found. With
`--all`, each skipped file is printed with its reason. Ends with status 1 when anything is not as it should be.
"""

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from hostile_files import KINDS, make, make_odd_entries
from tiny import NOW, TinyEmbedder, news

from index import isolated
from index.build import add, verify
from index.config import Config
from index.keywords import analyse
from index.load import load
from index.opening import open_index
from index.store import Index
from index.types import Report

BEFORE = [
    news("nurses", "Nurses went on strike at the hospital: the nurses want more time."),
    news("fossil", "A fossil was found by the fire."),
    news("election", "The election is on Thursday."),
]
ALLOWED = 240.0
"""Seconds for a file: 180 for reading a PDF on a busy machine, and the rest for the index."""


class Watch(threading.Thread):
    """The most memory, in MB, that this process and its children were seen to use."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.here = self.children = 0

    def run(self) -> None:
        me = os.getpid()
        while True:
            self.here = max(self.here, resident(me))
            for task in Path(f"/proc/{me}/task").iterdir():
                try:
                    pids = (task / "children").read_text().split()
                except OSError:
                    continue
                self.children = max([self.children, *(resident(int(pid)) for pid in pids)])
            time.sleep(0.02)


def resident(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * resource.getpagesize() // 1_000_000
    except (OSError, IndexError):
        return 0


def added(index: Index, path: Path, counts: Counter[str], show: bool) -> float:
    """Add one file; what went wrong counts as "wrong". The seconds it took."""
    start = time.perf_counter()
    try:
        report = add(index, load([path]), now=NOW)
    except BaseException as error:
        if isinstance(error, KeyboardInterrupt):
            raise
        print(f"  CRASHED {os.fsencode(path.name)[:60]!r}: {type(error).__name__}: {str(error)[:200]}")
        counts["wrong"] += 1
        return time.perf_counter() - start
    seconds = time.perf_counter() - start
    unclear = [skip for skip in report.skipped if not named(skip.source, skip.reason)]
    silent = report == Report() and path.suffix != ""
    counts["wrong"] += bool(unclear or silent or seconds > ALLOWED)
    counts["skipped" if report.skipped else "added"] += 1
    if unclear or silent or seconds > ALLOWED:
        print(f"  WRONG {path.name[:60]!r} {seconds:.1f} s: {unclear[:1]} {report if silent else ''}")
    if show:
        for skip in report.skipped[:3]:
            print(f"  {skip.source[-60:]}: {skip.reason}")
    return seconds


def named(source: str, reason: str) -> bool:
    """Whether a person can read which file was skipped, and a sentence that says why."""
    return (source + reason).isprintable() and source.startswith("/") and reason.endswith((".", "?", "…"))


def main() -> None:
    asked = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    asked.add_argument("--scale", type=float, default=1, help="1 makes lines of 100 MB and pages of a million tags")
    asked.add_argument("--kind", choices=KINDS, action="append")
    asked.add_argument("--all", action="store_true", help="print each skipped file")
    given = asked.parse_args()
    watch = Watch()
    watch.start()
    whole: Counter[str] = Counter()
    with tempfile.TemporaryDirectory(prefix="hostile") as work:
        index = open_index(Config(data=Path(work) / "data"), write=True, embedder=TinyEmbedder())
        add(index, BEFORE, now=NOW)
        print(f"{'kind':<14}{'files':>6}{'added':>7}{'skipped':>8}{'slowest':>9}  {'reader':>7}{'here':>9}")
        for kind in given.kind or KINDS:
            folder = Path(work) / kind
            folder.mkdir()
            counts: Counter[str] = Counter()
            slowest = 0.0, ""
            watch.here = watch.children = 0
            for path in make(folder, kind, scale=given.scale):
                slowest = max(slowest, (added(index, path, counts, given.all), path.name))
                path.unlink()
            whole += counts
            files = counts["added"] + counts["skipped"]
            figures = f"{files:>6}{counts['added']:>7}{counts['skipped']:>8}{slowest[0]:>7.1f} s"
            sizes = f"{watch.children:>4} MB {watch.here:>5} MB"
            print(f"{kind:<14}{figures}  {sizes}  {slowest[1][:30]!r}", flush=True)
        odd = Path(work) / "odd"
        odd.mkdir()
        make_odd_entries(odd)
        report = add(index, load([odd]), now=NOW)
        subprocess.run(["rm", "-rf", odd], check=True)  # too deep for Python
        print(f"a folder with what is no file: {len(report.added)} added, {len(report.skipped)} skipped")
        problems = verify(index)
        with index.library.read() as snapshot:
            lost = [
                r.key for r in BEFORE if snapshot.article(r.key) is None or r.key not in found(index, r.title or "")
            ]
        index.close()
    isolated.close()
    files = whole["added"] + whole["skipped"]
    print(f"{files} files: {whole['added']} added, {whole['skipped']} skipped, {whole['wrong']} wrong")
    print(f"the index is {problems or 'whole'}; lost of what was there before: {lost or 'nothing'}")
    sys.exit(bool(whole["wrong"] or problems or lost))


def found(index: Index, word: str) -> set[str]:
    """The articles that a word finds, by its embedding or as a keyword."""
    with index.library.read() as snapshot:
        near = index.vectors.query(snapshot.collection, index.embedder.question(word.lower()), 50)
        named = snapshot.search_keywords(analyse(word), 50)
        return {chunk.article.id for chunk in snapshot.chunks([chunk_id for chunk_id, _ in (*near, *named)]).values()}


if __name__ == "__main__":
    main()
