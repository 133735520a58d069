"""What building an index costs, beside the plain way: sentence-transformers as it comes and one Chroma collection.

    python tests/bench/indexing.py ARTICLES.jsonl [--limit 300] [--rounds 3]

Both are given the same articles. The plain way gets their passages ready cut, and puts vectors and passages in Chroma;
ours cleans, cuts, keeps the articles, indexes their words, embeds, and writes the vectors to Chroma. Each build is a
process of its own, the two in turn, and the ratio is that of the fastest rounds. Then ours alone: what it costs to add
the same again, to add it with one article in a hundred changed, to rebuild, and to rebuild in fp32.

On two cores, 300 articles of clapnq: see index/COSTS.md.
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

Figures = dict[str, Any]
NOW = datetime(2026, 11, 1, tzinfo=UTC)
CHANGED = 100
"""One article in so many is another the second time."""


def disk(folder: Path) -> float:
    """Megabytes of all files in a folder."""
    return sum(p.stat().st_size for p in folder.rglob("*") if p.is_file()) / 1e6


def plain(passages: Path, data: Path) -> Figures:
    """Embed and store passages as the two libraries do it by themselves."""
    began = time.perf_counter()
    import chromadb
    from sentence_transformers import SentenceTransformer

    from index.embed import PACKAGED, model_folder

    texts = json.loads(passages.read_text("utf-8"))
    model = SentenceTransformer(str(model_folder(PACKAGED)), local_files_only=True)
    loaded = time.perf_counter()
    collection = chromadb.PersistentClient(str(data)).create_collection("passages", embedding_function=None)
    vectors = model.encode(texts)
    for at in range(0, len(texts), 1000):
        some = slice(at, at + 1000)
        ids = [str(n) for n in range(len(texts))[some]]
        collection.add(ids=ids, embeddings=vectors[some], documents=texts[some])
    collection.query(query_embeddings=[vectors[0]], n_results=1)
    done = time.perf_counter()
    return {"chunks": len(texts), "loading": loaded - began, "searchable": done - began, "building": done - loaded}


def ours(articles: Path, data: Path) -> Figures:
    """Add articles as `dateline add` does."""
    began = time.perf_counter()
    from index.build import put, status
    from index.config import Config
    from index.follow import Follower
    from index.load import load
    from index.opening import open_index

    index = open_index(Config(data=data), write=True)
    loaded = time.perf_counter()
    first: list[float] = []
    follower = Follower(index)

    def committed() -> None:
        first.append(time.perf_counter())
        follower.wake()

    put(index, load([articles]), now=NOW, committed=committed)
    words = time.perf_counter()
    follower.wait()
    done = time.perf_counter()
    found = status(index)
    assert found.chunks == found.chunks_embedded
    index.close()
    return {
        "chunks": found.chunks,
        "loading": loaded - began,
        "searchable": first[0] - began,
        "all by words": words - began,
        "building": done - loaded,
    }


def again(articles: Path, data: Path) -> Figures:
    """Add articles to an index that has most of them."""
    from index.build import add
    from index.config import Config
    from index.load import load
    from index.opening import open_index

    index = open_index(Config(data=data), write=True)
    embedded = _counted(index.embedder)
    began = time.perf_counter()
    report = add(index, load([articles]), now=NOW)
    seconds = time.perf_counter() - began
    index.close()
    return {"seconds": seconds, "embedded": embedded(), "changed": len(report.changed) + len(report.added)}


def rebuilt(precision: str, data: Path) -> Figures:
    """Build an index anew, with the precision that it has or another one."""
    from index.build import rebuild
    from index.config import Config
    from index.embed import open_embedder
    from index.opening import open_index

    config = Config(data=data)
    index = open_index(config, write=True)
    embedder = index.embedder if precision == index.embedder.precision else open_embedder(precision=precision)
    embedded = _counted(embedder)
    began = time.perf_counter()
    rebuild(index, config, embedder=embedder)
    seconds = time.perf_counter() - began
    index.close()
    return {"seconds": seconds, "embedded": embedded()}


def _counted(embedder: Any) -> Callable[[], int]:
    """How many passages an embedder has embedded from now on."""
    count = [0]
    passages = embedder.passages

    def counting(texts: list[str], **options: Any) -> Any:
        count[0] += len(texts)
        return passages(texts, **options)

    embedder.passages = counting
    return lambda: count[0]


WAYS = {"plain": plain, "ours": ours, "again": again, "rebuilt": rebuilt}


def measured(way: str, what: str | Path, data: Path) -> Figures:
    """The figures of one way in a process of its own, with its memory and the disk that it takes."""
    words = [sys.executable, __file__, "--way", way, str(what), "--data", str(data)]
    found = subprocess.run(words, stdout=subprocess.PIPE, text=True, check=True).stdout
    return {**json.loads(found.splitlines()[-1]), "disk": disk(data)}


def passages_of(articles: Path) -> list[str]:
    """What ours would embed."""
    from index.chunk import embedded_text
    from index.clean import clean
    from index.embed import open_embedder
    from index.load import load
    from index.prepare import cut
    from index.store import spec_of
    from index.types import Record

    embedder = open_embedder()
    spec = spec_of(embedder, None, None)
    made = [clean(record, today=NOW.date())[0] for record in load([articles]) if isinstance(record, Record)]
    return [
        embedded_text(article, (chunk.span.start, chunk.span.end), embedder.token_spans)
        for article in made
        for chunk in cut(article, embedder, spec)
    ]


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what")
    parser.add_argument("--limit", type=int, default=300)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--way", choices=WAYS)
    parser.add_argument("--data", type=Path)
    given = parser.parse_args()
    if given.way:
        figures = WAYS[given.way](given.what if given.way == "rebuilt" else Path(given.what), given.data)
        print(json.dumps({**figures, "memory": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3}))
        return
    with tempfile.TemporaryDirectory() as folder:
        compare(Path(given.what), Path(folder), limit=given.limit, rounds=given.rounds)


def compare(source: Path, folder: Path, *, limit: int, rounds: int) -> None:
    """Build with both ways in turn, then ours again and again, and print what each cost."""
    lines = source.read_text("utf-8").splitlines()[:limit]
    articles, passages = folder / "articles.jsonl", folder / "passages.json"
    articles.write_text("\n".join(lines), "utf-8")
    texts = passages_of(articles)
    passages.write_text(json.dumps(texts), "utf-8")
    print(f"{len(lines)} articles, {sum(map(len, lines)) / 1e6:.1f} MB, {len(texts)} passages, {rounds} rounds\n")
    builds: dict[str, list[Figures]] = {"plain": [], "ours": []}
    for number in range(rounds):
        builds["plain"].append(measured("plain", passages, folder / f"plain{number}"))
        builds["ours"].append(measured("ours", articles, folder / f"ours{number}"))
    best = {way: min(found, key=lambda f: f["building"]) for way, found in builds.items()}
    print(f"{'':28}{'plain':>10}{'ours':>10}   plain : ours")
    for label, name, unit in (
        ("loading the model", "loading", "s"),
        ("first article searchable", "searchable", "s"),
        ("all searchable by words", "all by words", "s"),
        ("building, once loaded", "building", "s"),
        ("memory at most", "memory", "MB"),
        ("disk", "disk", "MB"),
    ):
        one, other = best["plain"].get(name), best["ours"][name]
        ratio = f"{one / other:8.2f}" if one else ""
        print(f"{label:28}{f'{one:.1f} {unit}' if one else '':>10}{f'{other:.1f} {unit}':>10}   {ratio}")
    for way, found in builds.items():
        speeds = ", ".join(f"{f['chunks'] / f['building']:.1f}" for f in found)
        print(f"passages a second, {way}: {speeds}")
    data, full = folder / "ours0", best["ours"]["building"]
    print(f"\n{'ours again':28}{'seconds':>10}{'of a build':>12}{'embedded':>10}")
    changed = folder / "changed" / "articles.jsonl"
    changed.parent.mkdir()
    changed.write_text("\n".join(_altered(line, n) for n, line in enumerate(lines)), "utf-8")
    for label, way, what in (
        ("the same articles", "again", articles),
        (f"one in {CHANGED} changed", "again", changed),
        ("rebuild, same model", "rebuilt", "int8"),
        ("rebuild, fp32", "rebuilt", "fp32"),
    ):
        found = measured(way, what, data)
        print(f"{label:28}{found['seconds']:>10.2f}{found['seconds'] / full:>12.1%}{found['embedded']:>10}")


def _altered(line: str, number: int) -> str:
    if number % CHANGED:
        return line
    fields = json.loads(line)
    name = next(n for n in ("text", "body", "content") if n in fields)
    return json.dumps({**fields, name: f"{fields[name]} This was added later."})


if __name__ == "__main__":
    main()
