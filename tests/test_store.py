"""Every state in which a data folder can be found, made by real means, and what opening it does."""

import json
import os
import shutil
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from conftest import NOW, TinyEmbedder, news
from processes import die_rebuilding, hold, process

from index import follow
from index.build import add, articles, rebuild, verify
from index.config import Config
from index.errors import BusyError, ConfigError, IndexMismatch, InputError, StorageError
from index.follow import catch_up
from index.lock import WriterLock
from index.opening import open_index
from index.prepare import cut
from index.snapshot import StoredChunk
from index.store import Index, spec_of
from index.types import Article, Record, Span, Spec

Opener = Callable[..., Index]

ARTICLES = [
    news("bridge", "The harbour bridge closed on Thursday. " + "Hangers of the bridge had cracked in the night. " * 20),
    news("strike", "Nurses went on strike at the harbour hospital. The strike will last two days."),
    news("fossil", "A fossil was found under the old bridge by the water."),
]


def filled(open_tiny: Opener, articles: Sequence[Record] = ARTICLES) -> Index:
    index = open_tiny()
    add(index, articles, now=NOW)
    return index


def seen(index: Index) -> dict[str, object]:
    """All that a reader of an index can see: its state, its articles and chunks, and what Chroma answers."""
    with index.library.read() as snapshot:
        assert snapshot.state is not None
        ids = snapshot.chunk_ids()
        vectors = {}
        for word in TinyEmbedder.WORDS:
            found = dict(index.vectors.query(snapshot.collection, TinyEmbedder().question(word), 1000))
            vectors[word] = {i: round(score, 4) for i, score in found.items()}
        return {
            "state": snapshot.state,
            "articles": list(snapshot.articles()),
            "chunks": snapshot.chunks(ids),
            "keywords": {word: snapshot.search_keywords([word], 100) for word in ("bridg", "strike", "nurs", "fossil")},
            "vectors": vectors,
            "collections": index.vectors.collections(),
        }


def is_whole(index: Index) -> bool:
    """Whether the library and Chroma hold the same, and nothing else."""
    with index.library.read() as snapshot:
        held = index.vectors.ids(snapshot.collection)
        return (
            held == set(snapshot.chunk_ids())
            and index.vectors.collections() == [snapshot.collection]
            and not snapshot.has_staged()
            and verify(index) == []
        )


def test_a_new_folder_is_made_with_an_empty_index(open_tiny: Opener, tmp_path: Path) -> None:
    index = open_tiny()
    with index.library.read() as snapshot:
        assert snapshot.state is not None
        assert (snapshot.state.version, snapshot.count("article")) == (0, 0)
        assert snapshot.state.spec == Spec(
            model="tiny", fingerprint="tiny-weights", dimension=9, chunk_tokens=100, overlap=1
        )
    assert is_whole(index)
    assert {p.name for p in (tmp_path / "data").iterdir()} >= {"library.sqlite3", "chroma", "writer.lock"}


@pytest.mark.parametrize("write", [True, False])
def test_when_library_and_chroma_agree_nothing_happens(open_tiny: Opener, tiny: TinyEmbedder, write: bool) -> None:
    index = filled(open_tiny)
    before = seen(index)
    index.close()
    tiny.embedded.clear()
    again = open_tiny(write=write)
    assert (seen(again), tiny.embedded) == (before, [])
    assert is_whole(again)


@pytest.mark.parametrize("write", [True, False])
def test_ids_in_chroma_that_the_library_has_not_committed_are_removed(
    open_tiny: Opener, tiny: TinyEmbedder, write: bool
) -> None:
    index = filled(open_tiny)
    before = seen(index)
    with index.library.read() as snapshot:
        index.vectors.upsert(snapshot.collection, ["foreign", "alien"], np.ones((2, 9), np.float32))
        assert snapshot.chunks(["foreign"]) == {}
    index.close()
    tiny.embedded.clear()
    again = open_tiny(write=write)
    assert (seen(again), tiny.embedded) == (before, [])
    assert is_whole(again)


@pytest.mark.parametrize("write", [True, False])
def test_chunks_that_chroma_lacks_are_written_again_and_not_embedded_again(
    open_tiny: Opener, tiny: TinyEmbedder, write: bool
) -> None:
    index = filled(open_tiny)
    before = seen(index)
    with index.library.read() as snapshot:
        index.vectors.delete(snapshot.collection, snapshot.chunk_ids()[1:])
    index.close()
    tiny.embedded.clear()
    again = open_tiny(write=write)
    assert (seen(again), tiny.embedded) == (before, [])
    assert is_whole(again)


class Fragile(TinyEmbedder):
    """An embedder that fails once it has embedded so many windows of passages."""

    def __init__(self, windows: int) -> None:
        super().__init__()
        self.windows = windows

    def passages(self, texts: Sequence[str], **options: object) -> np.ndarray:
        if not self.windows:
            raise MemoryError("no more")
        self.windows -= 1
        return super().passages(texts, **options)


def test_chunks_that_were_never_embedded_are_found_by_their_words_and_embedded_when_somebody_catches_up(
    open_tiny: Opener, tiny: TinyEmbedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(follow, "WINDOW", 2)
    fragile = Fragile(windows=1)
    index = open_tiny(embedder=fragile)
    with pytest.raises(MemoryError):
        add(index, ARTICLES, now=NOW)
    index.close()
    reader = open_tiny(write=False)
    with reader.library.read() as snapshot:
        ids = snapshot.chunk_ids()
        assert reader.vectors.ids(snapshot.collection) == set(ids[:2])
        assert [i for i, _ in snapshot.search_keywords(["fossil"], 10)] == ids[-1:]
        assert snapshot.behind() == len(ids) - 2
    assert verify(reader) == []
    assert tiny.embedded == []
    reader.close()
    writer = open_tiny()
    catch_up(writer)
    assert is_whole(writer)
    assert len(fragile.embedded) == 2
    assert len(tiny.embedded) == len(ids) - 2
    assert not set(fragile.embedded) & set(tiny.embedded)


def test_a_text_that_occurs_twice_is_embedded_once(open_tiny: Opener, tiny: TinyEmbedder) -> None:
    one, other = (replace(ARTICLES[1], key=key, title="Same") for key in ("one", "other"))
    index = filled(open_tiny, [one, other])
    assert len(tiny.embedded) == 1
    assert is_whole(index)
    filled(lambda: index, [replace(one, key="third")])
    assert len(tiny.embedded) == 1
    assert is_whole(index)


@pytest.mark.parametrize("write", [True, False])
@pytest.mark.parametrize(
    ("config", "embedder", "indexed", "configured"),
    [
        ({"model": "other"}, TinyEmbedder("other"), "tiny (9 dimensions", "other (9 dimensions"),
        ({"chunk_tokens": 80}, TinyEmbedder(), "chunks of 100 tokens", "chunks of 80 tokens"),
        ({"overlap": 2}, TinyEmbedder(), "overlap 1", "overlap 2"),
        ({}, TinyEmbedder(max_tokens=90), "chunks of 100 tokens", "chunks of 90 tokens"),
    ],
)
def test_another_model_or_chunking_than_indexed_is_an_error_that_names_both_and_the_way_out(
    open_tiny: Opener,
    tmp_path: Path,
    write: bool,
    config: dict[str, object],
    embedder: TinyEmbedder,
    indexed: str,
    configured: str,
) -> None:
    index = filled(open_tiny)
    before = seen(index)
    index.close()
    with pytest.raises(IndexMismatch) as error:
        open_index(Config(data=tmp_path / "data", **config), write=write, embedder=embedder)
    told, wanted = str(error.value).split("; configured is ")
    assert indexed in told
    assert configured in wanted
    assert ("dateline rebuild --model other" if "model" in config else "dateline rebuild.") in wanted
    assert embedder.embedded == []
    assert seen(open_tiny()) == before


def test_another_fingerprint_under_the_same_name_is_a_mismatch(open_tiny: Opener) -> None:
    filled(open_tiny).close()
    other = TinyEmbedder()
    other.fingerprint = "other-weights"
    with pytest.raises(IndexMismatch, match=r"weights tiny-wei.*weights other-we"):
        open_tiny(embedder=other)


def test_settings_that_are_those_of_the_index_are_no_mismatch(open_tiny: Opener, tmp_path: Path) -> None:
    filled(open_tiny).close()
    config = Config(data=tmp_path / "data", model="tiny", chunk_tokens=100, overlap=1)
    index = open_index(config, write=True, embedder=TinyEmbedder())
    assert is_whole(index)
    index.close()


def test_an_index_opens_for_rebuilding_whatever_it_was_built_with(open_tiny: Opener, tmp_path: Path) -> None:
    filled(open_tiny).close()
    other = TinyEmbedder("other")
    config = Config(data=tmp_path / "data", model="other", chunk_tokens=70)
    index = open_index(config, write=True, rebuilding=True, embedder=other)
    assert other.embedded == []
    rebuild(index, config)
    with index.library.read() as snapshot:
        assert snapshot.state is not None
        assert snapshot.state.spec == spec_of(other, 70, 1)
    assert is_whole(index)
    index.close()


@pytest.mark.parametrize(("stage", "step"), [("chunking", 1), ("embedding", 1), ("embedding", 2)])
def test_when_a_rebuild_died_half_way_the_old_index_serves_and_the_half_built_one_is_removed(
    open_tiny: Opener, tiny: TinyEmbedder, tmp_path: Path, stage: str, step: int
) -> None:
    index = filled(open_tiny)
    before = seen(index)
    index.close()
    with process(die_rebuilding, tmp_path / "data", stage, step) as (died, pipe):
        assert pipe.recv() == "dying"
        died.join()
        assert died.exitcode == 9
    tiny.embedded.clear()
    again = open_tiny()
    assert (seen(again), tiny.embedded) == (before, [])
    assert is_whole(again)


def _remove_folder(chroma: Path) -> None:
    shutil.rmtree(chroma)


def _empty_folder(chroma: Path) -> None:
    shutil.rmtree(chroma)
    chroma.mkdir()


def _fill_with_garbage(chroma: Path) -> None:
    for file in chroma.rglob("*"):
        if file.is_file():
            file.write_bytes(b"garbage" * 2000)


def _cut_in_half(chroma: Path) -> None:
    (file,) = chroma.glob("*/chroma.sqlite3")
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])


def _put_a_file_there(chroma: Path) -> None:
    shutil.rmtree(chroma)
    chroma.write_text("not a folder")


@pytest.mark.parametrize("write", [True, False])
@pytest.mark.parametrize("damage", [_remove_folder, _empty_folder, _fill_with_garbage, _cut_in_half, _put_a_file_there])
def test_a_missing_or_broken_chroma_is_written_again_and_nothing_is_embedded_again(
    open_tiny: Opener, tiny: TinyEmbedder, tmp_path: Path, damage: Callable[[Path], None], write: bool
) -> None:
    index = filled(open_tiny)
    before = seen(index)
    index.close()
    tiny.embedded.clear()
    damage(tmp_path / "data" / "chroma")
    again = open_tiny(write=write)
    assert (seen(again), tiny.embedded) == (before, [])
    assert is_whole(again)


def _large(index: Index) -> None:
    """An article of more chunks than Chroma keeps in its log alone."""
    keys = [n.to_bytes(4, "big") for n in range(1100)]
    vectors = np.random.default_rng(5).normal(size=(1100, 9)).astype(np.float32)
    with index.library.write() as change:
        change.put_embeddings(zip(keys, vectors, strict=True))
        change.put_article(
            Article(id="large", title="Large", text="x" * 1100),
            [StoredChunk(f"x{n}", Span(n, n + 1), key) for n, key in enumerate(keys)],
            fingerprint="",
            original="",
            tokens=0,
            added_at="",
        )


@pytest.mark.parametrize("damage", ["lost", "garbage"])
def test_vectors_that_are_lost_or_broken_under_a_whole_chroma_are_written_again(
    open_tiny: Opener, tiny: TinyEmbedder, tmp_path: Path, damage: str
) -> None:
    index = open_tiny()
    _large(index)
    index.close()
    index = open_tiny()
    assert is_whole(index)
    index.close()
    for folder in [p for p in (tmp_path / "data" / "chroma").glob("*/*") if p.is_dir()]:
        if damage == "lost":
            shutil.rmtree(folder)
        else:
            for file in folder.iterdir():
                file.write_bytes(b"garbage")
    again = open_tiny()
    with again.library.read() as snapshot:
        found = list(again.vectors.query(snapshot.collection, tiny.question("bridge"), 1100))
    assert len(found) == 1100
    assert is_whole(again)
    assert tiny.embedded == []


def test_an_index_whose_folder_was_moved_reads_and_writes_no_other(open_tiny: Opener, tmp_path: Path) -> None:
    index = filled(open_tiny)
    data, moved = tmp_path / "data", tmp_path / "moved"
    data.rename(moved)

    def is_refused() -> None:
        for use in (
            lambda: add(index, [news("new", "The fire is new.")], now=NOW),
            lambda: verify(index),
            lambda: articles(index),
        ):
            with pytest.raises(StorageError, match=rf"{data} was moved or replaced while .*: stop it and start it"):
                use()

    is_refused()
    assert not data.exists()
    other = open_tiny()
    add(other, [news("other", "The water is another.")], now=NOW)
    is_refused()
    (data / "writer.json").write_text(json.dumps({"pid": os.getppid()}))
    index.close()
    assert WriterLock(data).holder() == {"pid": os.getppid()}
    assert [a.id for a in articles(other)] == ["other"] and verify(other) == []
    other.close()
    again = open_index(Config(data=moved), write=True, embedder=TinyEmbedder())
    assert {a.id for a in articles(again)} == {a.key for a in ARTICLES} and verify(again) == []
    again.close()


def test_a_second_writer_is_told_which_process_writes(open_tiny: Opener, tmp_path: Path) -> None:
    with process(hold, tmp_path / "data") as (writer, pipe):
        pid = pipe.recv()
        with pytest.raises(BusyError, match=rf"Process {pid} is writing to {tmp_path / 'data'}\. Wait"):
            open_tiny()
        assert WriterLock(tmp_path / "data").holder()["pid"] == pid
        writer.kill()
        writer.join()
        index = open_tiny()  # a note that a killed process left is no obstacle
    assert is_whole(index)
    with pytest.raises(BusyError):
        WriterLock(tmp_path / "data").acquire()


def test_a_writer_beside_a_server_is_told_its_address(open_tiny: Opener, tmp_path: Path) -> None:
    with process(hold, tmp_path / "data", "http://127.0.0.1:1") as (_, pipe):
        pipe.recv()
        with pytest.raises(BusyError, match=rf"{tmp_path / 'data'} at http://127\.0\.0\.1:1\."):
            open_tiny()


def test_a_reader_beside_a_writing_process_reads_what_is_committed_and_mends_nothing(
    open_tiny: Opener, tiny: TinyEmbedder, tmp_path: Path
) -> None:
    with process(hold, tmp_path / "data", "http://127.0.0.1:1") as (_, pipe):
        pid = pipe.recv()
        reader = open_tiny(write=False)
        with reader.library.read() as snapshot:
            assert [a.text for a in snapshot.articles()] == ["The fire is held by another process."]
            assert [i for i, _ in snapshot.search_keywords(["fire"], 10)] == snapshot.chunk_ids()
            assert reader.vectors.ids(snapshot.collection) == set()
        reader.close()
        assert WriterLock(tmp_path / "data").holder() == {
            "pid": pid,
            "url": "http://127.0.0.1:1",
            "instance": "somebody",
            "token": None,
        }
    assert tiny.embedded == []


def test_a_reader_leaves_the_way_free_for_a_writer(open_tiny: Opener) -> None:
    filled(open_tiny).close()
    reader = open_tiny(write=False)
    writer = open_tiny()
    with reader.library.read() as snapshot:
        assert snapshot.count("article") == 3
    assert is_whole(writer)


@pytest.mark.parametrize("made", [True, False])
def test_there_is_nothing_to_read_in_an_empty_folder_and_nothing_is_made_in_it(
    open_tiny: Opener, tmp_path: Path, made: bool
) -> None:
    if made:
        (tmp_path / "data").mkdir()
    with pytest.raises(InputError, match=rf"no articles in {tmp_path / 'data'} yet.*dateline add"):
        open_tiny(write=False)
    assert [p.name for p in tmp_path.rglob("*")] == (["data"] if made else [])


def test_a_data_folder_that_cannot_be_made_is_a_storage_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError, match="cannot be made"):
        open_index(Config(data=tmp_path / "file" / "data"), write=True, embedder=TinyEmbedder())


def test_a_library_that_cannot_be_read_is_a_storage_error_and_leaves_no_lock(open_tiny: Opener, tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "library.sqlite3").write_bytes(b"Dear diary, " * 500)
    for write in (True, False):
        with pytest.raises(StorageError, match="file is not a database"):
            open_tiny(write=write)
    (tmp_path / "data" / "library.sqlite3").unlink()
    assert is_whole(open_tiny())


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"chunk_tokens": 63}, "chunk_tokens is 63; it takes 64 to 100"),
        ({"chunk_tokens": 101}, "chunk_tokens is 101; it takes 64 to 100"),
        ({"chunk_tokens": 0}, "chunk_tokens is 0; it takes 64 to 100"),
        ({"overlap": -1}, "overlap is -1; it takes 0 to 5"),
        ({"overlap": 6}, "overlap is 6; it takes 0 to 5"),
    ],
)
def test_settings_that_make_no_index_are_config_errors(
    open_tiny: Opener, tmp_path: Path, settings: dict[str, int], said: str
) -> None:
    config = Config(data=tmp_path / "data", **settings)
    for _ in range(2):
        with pytest.raises(ConfigError, match=said):
            open_index(config, write=True, embedder=TinyEmbedder())
    filled(open_tiny).close()
    with pytest.raises(ConfigError, match=said):
        open_index(config, write=True, embedder=TinyEmbedder())


def test_the_extreme_settings_make_an_index(tmp_path: Path) -> None:
    config = Config(data=tmp_path / "data", chunk_tokens=64, overlap=0)
    index = open_index(config, write=True, embedder=TinyEmbedder())
    with index.library.read() as snapshot:
        assert snapshot.state is not None
        assert (snapshot.state.spec.chunk_tokens, snapshot.state.spec.overlap) == (64, 0)
    index.close()


def test_who_holds_the_lock_is_written_down_until_it_is_released(tmp_path: Path) -> None:
    lock = WriterLock(tmp_path)
    assert lock.holder() == {}
    lock.acquire()
    pid = os.getpid()
    assert lock.holder() == {"pid": pid, "url": None, "instance": None, "token": None}
    lock.announce("http://127.0.0.1:7860", "abc", token="secret")
    said = {"pid": pid, "url": "http://127.0.0.1:7860", "instance": "abc", "token": "secret"}
    assert WriterLock(tmp_path).holder() == said
    with pytest.raises(BusyError):
        WriterLock(tmp_path).acquire()
    WriterLock(tmp_path).release()  # by one who does not hold it
    assert lock.holder() != {}
    lock.release()
    lock.release()
    assert lock.holder() == {}
    WriterLock(tmp_path).acquire()


@pytest.mark.parametrize("note", ["", "{", "[1]", "\udcff"])
def test_a_note_that_cannot_be_read_names_nobody(tmp_path: Path, note: str) -> None:
    holder = WriterLock(tmp_path)
    holder.acquire()
    (tmp_path / "writer.json").write_bytes(note.encode("utf-8", "surrogateescape"))
    assert holder.holder() == {}
    with pytest.raises(BusyError, match="Another process is writing"):
        WriterLock(tmp_path).acquire()


def test_ids_and_keys_of_chunks_depend_on_all_that_they_stand_for(tiny: TinyEmbedder) -> None:
    article = Article(id="a", title="T", text="The bridge closed.", published="2026-06-11")
    spec = spec_of(tiny, None, None)

    def of(article: Article, spec: Spec = spec) -> tuple[str, bytes]:
        (only,) = cut(article, tiny, spec)
        assert only.span == Span(0, 18)
        return only.id, only.embedding

    name, key = of(article)
    assert of(replace(article, author="Somebody", url="https://example.org")) == (name, key)
    assert (len(name), len(key)) == (32, 20)
    assert of(replace(article, id="b"))[1] == key
    others = [
        of(article, replace(spec, fingerprint="other")),
        of(replace(article, title="U")),
        of(replace(article, published="2026-06-12")),
        of(replace(article, text="The bridge opened.")),
    ]
    assert len({key, *(k for _, k in others)}) == 5
    assert len({name, of(replace(article, id="b"))[0], *(n for n, _ in others)}) == 6
