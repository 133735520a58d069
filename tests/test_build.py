"""Changing the index: all of a change or nothing of it, and no trace of what was there before."""

import random
import shutil
import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from conftest import NOW, TinyEmbedder, news
from processes import STORIES, add_stories, process
from test_store import ARTICLES, Fragile, filled, is_whole, seen
from tiny import Ahead

from index import build, follow, keywords
from index.build import TELL, add, article, articles, put, rebuild, remove, repair, status, verify, version
from index.config import Config
from index.errors import CollectionGone, NotFoundError
from index.follow import catch_up
from index.keywords import analyse
from index.prepare import cut
from index.store import Index, spec_of
from index.types import Record, Report, Skip, Status

Opener = Callable[..., Index]

FERRY = news("bridge", "A ferry sails instead.")


class Stopped(BaseException):
    """What a progress bar may raise to end it all."""


def words_of(index: Index) -> set[str]:
    """Every term of the keyword index."""
    db = sqlite3.connect(index.library.path)
    found = {row[0] for row in db.execute("SELECT term FROM keyword_count")}
    db.close()
    return found


def expected_chunks(index: Index, embedder: TinyEmbedder) -> list[str]:
    """The ids of the chunks that every article should have, by the index's own spec."""
    with index.library.read() as snapshot:
        assert snapshot.state is not None
        return sorted(c.id for a in snapshot.articles() for c in cut(a, embedder, snapshot.state.spec))


def test_whoever_is_told_of_a_record_can_stop_before_the_next_is_read(open_tiny: Opener) -> None:
    read: list[str] = []

    def slow() -> Iterator[Record]:
        for record in ARTICLES:
            time.sleep(1.5 * TELL)
            read.append(record.key)
            yield record

    def stop(stage: str, done: int, total: int) -> None:
        if done == 2:
            raise Stopped

    index = open_tiny()
    with pytest.raises(Stopped):
        put(index, slow(), now=NOW, progress=stop)
    assert read == ["bridge", "strike"]
    assert is_whole(index)


def test_of_two_with_one_key_the_last_counts_however_far_ahead_they_are_prepared(
    open_tiny: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(build, "BATCH", 1)
    index = open_tiny()
    add(index, [ARTICLES[0]], now=NOW)
    before = article(index, "bridge")
    index.engine = Ahead()
    report = add(index, [FERRY, ARTICLES[0]], now=NOW)
    assert report == Report(changed=("bridge", "bridge"), undated=("bridge", "bridge"))
    assert article(index, "bridge") == before and is_whole(index)


def test_added_articles_are_reported_and_found(open_tiny: Opener, tiny: TinyEmbedder) -> None:
    index = open_tiny()
    told: list[tuple[str, int, int]] = []
    report = add(index, ARTICLES, now=NOW, progress=lambda *step: told.append(step))
    assert report == Report(added=("bridge", "strike", "fossil"), undated=("bridge", "strike", "fossil"))
    assert told == [("reading", 3, 0), ("embedding", 0, 4), ("embedding", 4, 4), ("embedding", 4, 4)]
    assert (len(tiny.embedded), version(index)) == (4, 1)
    assert [a.id for a in articles(index)] == ["bridge", "fossil", "strike"]
    assert article(index, "strike").text == ARTICLES[1].text
    with index.library.read() as snapshot:
        assert sorted(snapshot.chunk_ids()) == expected_chunks(index, tiny)
        assert snapshot.original("strike") == ARTICLES[1].text
    assert is_whole(index)


def test_adding_the_same_again_does_nothing_and_says_so(open_tiny: Opener, tiny: TinyEmbedder) -> None:
    index = filled(open_tiny)
    before = seen(index)
    tiny.embedded.clear()
    assert add(index, ARTICLES, now=NOW) == Report(unchanged=("bridge", "strike", "fossil"))
    assert (seen(index), tiny.embedded) == (before, [])


def test_adding_nothing_does_nothing(open_tiny: Opener) -> None:
    index = filled(open_tiny)
    before = seen(index)
    assert add(index, [], now=NOW) == Report()
    assert seen(index) == before


def test_a_changed_article_takes_the_place_of_what_it_was_without_a_trace(
    open_tiny: Opener, tiny: TinyEmbedder
) -> None:
    index = filled(open_tiny)
    words = words_of(index)
    assert add(index, [FERRY], now=NOW) == Report(changed=("bridge",), undated=("bridge",))
    assert article(index, "bridge").text == "A ferry sails instead."
    assert words - words_of(index) == {"close", "thursday", "hanger", "had", "crack", "night", "of", "in"}
    assert words_of(index) - words == {"ferri", "sail", "instead"}
    with index.library.read() as snapshot:
        assert sorted(snapshot.chunk_ids()) == expected_chunks(index, tiny)
        assert snapshot.count("chunk") == 3
        assert snapshot.original("bridge") == FERRY.text
    assert is_whole(index)
    assert version(index) == 2


def test_a_change_back_is_not_embedded_again(open_tiny: Opener, tiny: TinyEmbedder) -> None:
    index = filled(open_tiny)
    before = seen(index)
    add(index, [FERRY], now=NOW)
    tiny.embedded.clear()
    assert add(index, ARTICLES[:1], now=NOW) == Report(changed=("bridge",), undated=("bridge",))
    assert tiny.embedded == []
    after = seen(index)
    assert (after["articles"], after["vectors"]) == (before["articles"], before["vectors"])


def test_only_a_change_of_a_records_claims_is_a_change_too(open_tiny: Opener) -> None:
    index = filled(open_tiny)
    dated = replace(ARTICLES[1], published="2026-06-11")
    assert add(index, [dated], now=NOW) == Report(changed=("strike",))
    assert article(index, "strike").published == "2026-06-11"
    assert is_whole(index)


def test_the_last_of_two_records_with_one_key_counts(open_tiny: Opener) -> None:
    index = open_tiny()
    assert add(index, [ARTICLES[0], FERRY], now=NOW) == Report(
        added=("bridge",), changed=("bridge",), undated=("bridge", "bridge")
    )
    assert [a.text for a in articles(index)] == ["A ferry sails instead."]
    assert add(index, [ARTICLES[0], FERRY], now=NOW) == Report(
        changed=("bridge", "bridge"), undated=("bridge", "bridge")
    )
    assert [a.text for a in articles(index)] == ["A ferry sails instead."]
    assert is_whole(index)


def test_what_was_skipped_is_passed_on_and_what_has_no_text_is_skipped(open_tiny: Opener) -> None:
    index = open_tiny()
    torn = Skip("/news/torn.pdf", "It cannot be read.")
    empty = replace(news("empty", " \n "), origin="/news/empty.txt")
    report = add(index, [torn, empty, ARTICLES[1], replace(empty, key="nowhere", origin=None)], now=NOW)
    assert (report.added, report.skipped[0]) == (("strike",), torn)
    assert [s.source for s in report.skipped] == ["/news/torn.pdf", "/news/empty.txt", "nowhere"]
    assert all(s.reason.startswith("No text is left") for s in report.skipped[1:])
    assert [a.id for a in articles(index)] == ["strike"]


def test_an_article_whose_new_text_is_empty_stays_as_it_was(open_tiny: Opener) -> None:
    index = filled(open_tiny)
    before = seen(index)
    report = add(index, [news("bridge", "")], now=NOW)
    assert [s.source for s in report.skipped] == ["bridge"]
    assert seen(index) == before


def test_a_date_that_could_not_be_read_is_noted(open_tiny: Opener) -> None:
    report = add(open_tiny(), [replace(ARTICLES[1], published="the day after")], now=NOW)
    assert (report.added, [n.source for n in report.notes]) == (("strike",), ["strike"])
    assert "the day after" in report.notes[0].reason


def test_a_batch_that_fails_is_taken_back_and_those_before_it_stay(
    open_tiny: Opener, tiny: TinyEmbedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(build, "BATCH", 2)
    index = open_tiny()
    broken = replace(news("broken", "x"), text=None)  # type: ignore[arg-type]
    with pytest.raises(TypeError):
        add(index, [*ARTICLES, broken], now=NOW)
    assert [a.id for a in articles(index)] == ["bridge", "strike"]
    assert add(index, ARTICLES, now=NOW) == Report(
        added=("fossil",), unchanged=("bridge", "strike"), undated=("fossil",)
    )
    assert is_whole(index)


def test_a_source_that_fails_leaves_what_it_gave_before(open_tiny: Opener, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(build, "BATCH", 2)

    def source() -> Iterable[Record]:
        yield from ARTICLES[:2]
        raise OSError("the disk is gone")

    index = open_tiny()
    with pytest.raises(OSError, match="the disk is gone"):
        add(index, source(), now=NOW)
    assert [a.id for a in articles(index)] == ["bridge", "strike"]
    index.close()
    index = open_tiny()
    catch_up(index)
    assert is_whole(index)


PLACED = [
    replace(ARTICLES[0], url="https://example.org/bridge", origin="/news/june/bridge.md"),
    replace(ARTICLES[1], origin="/news/june/strike.md"),
    replace(ARTICLES[2], origin="/news/fossil.md"),
]


@pytest.mark.parametrize(
    ("name", "gone"),
    [
        ("strike", ("strike",)),
        ("https://example.org/bridge", ("bridge",)),
        ("/news/june/strike.md", ("strike",)),
        ("/news/june", ("bridge", "strike")),
        ("/news/june/", ("bridge", "strike")),
        ("/news", ("bridge", "fossil", "strike")),
    ],
)
def test_articles_are_removed_by_id_url_file_or_folder_without_a_trace(
    open_tiny: Opener, tiny: TinyEmbedder, name: str, gone: tuple[str, ...]
) -> None:
    index = filled(open_tiny, PLACED)
    assert remove(index, name) == gone
    left = [a for a in PLACED if a.key not in gone]
    assert sorted(a.id for a in articles(index)) == sorted(a.key for a in left)
    with index.library.read() as snapshot:
        assert sorted(snapshot.chunk_ids()) == expected_chunks(index, tiny)
    remaining = " ".join(f"{a.title} {a.text}" for a in left)
    assert words_of(index) == set(analyse(remaining))
    assert version(index) == 2
    assert is_whole(index)


@pytest.mark.parametrize("name", ["", "unknown", "/", "//", "/new", "/news/jun", "https://example.org", "%", "Bridge"])
def test_removing_what_is_not_there_is_an_error_and_removes_nothing(open_tiny: Opener, name: str) -> None:
    index = filled(open_tiny, PLACED)
    before = seen(index)
    with pytest.raises(NotFoundError, match="dateline list"):
        remove(index, name)
    assert seen(index) == before


def test_a_removed_article_can_be_added_again_and_is_not_embedded_again(open_tiny: Opener, tiny: TinyEmbedder) -> None:
    index = filled(open_tiny)
    before = seen(index)
    remove(index, "bridge")
    tiny.embedded.clear()
    assert add(index, ARTICLES[:1], now=NOW) == Report(added=("bridge",), undated=("bridge",))
    assert (seen(index)["vectors"], tiny.embedded) == (before["vectors"], [])


def test_an_unknown_article_is_not_found(open_tiny: Opener) -> None:
    with pytest.raises(NotFoundError, match="'unknown'"):
        article(open_tiny(), "unknown")


def test_a_rebuild_with_the_same_model_embeds_nothing_and_answers_the_same(
    open_tiny: Opener, tiny: TinyEmbedder
) -> None:
    index = filled(open_tiny)
    before = seen(index)
    tiny.embedded.clear()
    assert rebuild(index, index.config) == status(index)
    after = seen(index)
    assert tiny.embedded == []
    assert {k: after[k] for k in ("articles", "chunks", "keywords", "vectors")} == {
        k: before[k] for k in ("articles", "chunks", "keywords", "vectors")
    }
    assert after["collections"] != before["collections"]
    assert version(index) == 2
    assert is_whole(index)


def test_while_a_rebuild_runs_the_old_index_answers_and_then_it_switches_in_one_commit(open_tiny: Opener) -> None:
    index = filled(open_tiny)
    before = seen(index)
    other = TinyEmbedder("other")
    stages: list[str] = []

    def progress(stage: str, done: int, total: int) -> None:
        now = seen(index)
        assert {k: now[k] for k in before if k != "collections"} == {k: before[k] for k in before if k != "collections"}
        stages.append(stage)

    rebuild(index, Config(data=index.config.data, model="other"), embedder=other, progress=progress)
    assert stages == ["chunking", "embedding", "embedding", "embedding"]
    after = seen(index)
    assert (after["articles"], after["vectors"].keys()) == (before["articles"], before["vectors"].keys())
    assert not set(after["chunks"]) & set(before["chunks"])
    assert index.embedder is other


def test_a_reader_from_before_the_switch_sees_the_old_state_and_its_vectors_are_gone(open_tiny: Opener) -> None:
    index = filled(open_tiny)
    with index.library.read() as snapshot:
        state, chunks = snapshot.state, snapshot.chunks(snapshot.chunk_ids())
        found = snapshot.search_keywords(["bridg"], 10)
        rebuild(index, index.config)
        assert snapshot.state == state
        assert snapshot.chunks(snapshot.chunk_ids()) == chunks
        assert snapshot.search_keywords(["bridg"], 10) == found
        with pytest.raises(CollectionGone):
            index.vectors.query(snapshot.collection, index.embedder.question("bridge"), 3)
    with index.library.read() as snapshot:
        assert len(list(index.vectors.query(snapshot.collection, index.embedder.question("bridge"), 100))) == 4


class Wide(TinyEmbedder):
    """Another model, with vectors of another length."""

    WORDS = (*TinyEmbedder.WORDS, "ferry", "mayor")


def test_a_rebuild_with_another_model_embeds_every_text_once_and_serves_its_vectors(
    open_tiny: Opener, tiny: TinyEmbedder
) -> None:
    index = filled(open_tiny)
    wide = Wide("wide", max_tokens=80)
    found = rebuild(index, Config(data=index.config.data, model="wide"), embedder=wide)
    assert (found.model, found.chunking) == (
        "wide (11 dimensions, fp32)",
        "at most 80 tokens, overlapping by 1 sentence(s)",
    )
    assert len(wide.embedded) == len(set(wide.embedded)) == found.chunks == found.chunks_embedded
    with index.library.read() as snapshot:
        assert snapshot.state is not None
        assert snapshot.state.spec == spec_of(wide, 80, 1)
        assert sorted(snapshot.chunk_ids()) == expected_chunks(index, wide)
        keys = snapshot.embedding_keys(snapshot.chunk_ids())
        assert {v.shape for v in snapshot.embeddings(keys.values()).values()} == {(11,)}
        assert len(list(index.vectors.query(snapshot.collection, wide.question("mayor"), 100))) == found.chunks
    db = sqlite3.connect(index.library.path)
    assert db.execute("SELECT count(*) FROM embedding").fetchone()[0] == len(wide.embedded)
    db.close()
    assert add(index, [FERRY], now=NOW) == Report(changed=("bridge",), undated=("bridge",))
    assert is_whole(index)
    index.close()
    assert is_whole(open_tiny(embedder=wide))


def test_a_rebuild_with_another_chunking_cuts_every_article_anew(open_tiny: Opener, tiny: TinyEmbedder) -> None:
    index = filled(open_tiny)
    found = rebuild(index, Config(data=index.config.data, chunk_tokens=64, overlap=0))
    assert found.chunking == "at most 64 tokens, overlapping by 0 sentence(s)"
    with index.library.read() as snapshot:
        assert sorted(snapshot.chunk_ids()) == expected_chunks(index, tiny)
        starts = [c.start for c in snapshot.chunks(snapshot.chunk_ids()).values() if c.article.id == "bridge"]
        assert sorted(starts) == [0, 327, 663]
    assert is_whole(index)


def test_a_rebuild_that_fails_leaves_the_old_index_whole_and_the_next_one_succeeds(
    open_tiny: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(follow, "WINDOW", 2)
    index = filled(open_tiny)
    before = seen(index)
    for windows in (0, 1):
        fragile = Fragile(windows)
        fragile.name = fragile.fingerprint = "fragile"
        with pytest.raises(MemoryError):
            rebuild(index, Config(data=index.config.data), embedder=fragile)
        assert seen(index) == before
        assert is_whole(index)

    def interrupted(stage: str, done: int, total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        rebuild(index, index.config, progress=interrupted)
    assert seen(index) == before
    assert is_whole(index)
    other = TinyEmbedder("other")
    rebuild(index, Config(data=index.config.data), embedder=other)
    assert index.embedder is other
    assert is_whole(index)


def test_a_rebuild_gives_back_the_disk_space_of_what_was_removed(open_tiny: Opener, tmp_path: Path) -> None:
    index = open_tiny()
    many = [news(f"long{n}", f"Story {n}. " + "The bridge was on fire again. " * 300) for n in range(60)]
    add(index, [*ARTICLES, *(replace(m, origin="/long/story") for m in many)], now=NOW)
    before = status(index).bytes_on_disk
    remove(index, "/long/story")
    rebuild(index, index.config)
    assert status(index).bytes_on_disk < before / 2
    assert [p.name for p in (index.config.data / "chroma").iterdir()] == index.vectors.collections()
    assert is_whole(index) and len(articles(index)) == len(ARTICLES)


def test_an_empty_index_can_be_rebuilt(open_tiny: Opener) -> None:
    index = open_tiny()
    assert rebuild(index, index.config).articles == 0
    assert is_whole(index)


def test_status_says_what_is_indexed(open_tiny: Opener) -> None:
    index = filled(
        open_tiny,
        [
            replace(ARTICLES[0], published="2026-06-11T08:00:00+02:00", publisher="Courier"),
            replace(ARTICLES[1], published="2026-05-01", publisher="Courier"),
            replace(ARTICLES[2], publisher="Gazette"),
        ],
    )
    with index.library.read() as snapshot:
        first = snapshot.chunk_ids()[:1]
    with index.library.write() as change:
        change.mark_lacking(change.collection, first)
    found = status(index)
    assert found.bytes_on_disk > 100_000
    assert replace(found, bytes_on_disk=0, tokens=0) == Status(
        articles=3,
        chunks=5,
        chunks_embedded=4,
        publishers=("Courier", "Gazette"),
        first_day="2026-05-01",
        last_day="2026-06-11",
        undated=1,
        tokens=0,
        bytes_on_disk=0,
        model="tiny (9 dimensions, fp32)",
        chunking="at most 100 tokens, overlapping by 1 sentence(s)",
        index_version=1,
    )
    assert 200 < found.tokens < 300


def _delete_a_vector(index: Index) -> None:
    with index.library.read() as snapshot:
        index.vectors.delete(snapshot.collection, snapshot.chunk_ids()[:1])


def _write_a_foreign_vector(index: Index) -> None:
    with index.library.read() as snapshot:
        index.vectors.upsert(snapshot.collection, ["foreign", "alien"], np.ones((2, 9), np.float32))


def _drop_a_keyword_row(index: Index) -> None:
    db = sqlite3.connect(index.library.path)
    number, start, end = db.execute("SELECT number, start, end FROM chunk WHERE article = 'strike'").fetchone()
    found = article(index, "strike")
    keywords.delete(db, number, found.title, found.text[start:end], found.language)
    db.commit()
    db.close()


def _drop_the_collection(index: Index) -> None:
    (name,) = index.vectors.collections()
    index.vectors.drop(name)


def _remove_the_folder(index: Index) -> None:
    shutil.rmtree(index.config.data / "chroma")


def _lose_an_article(index: Index) -> None:
    db = sqlite3.connect(index.library.path)
    db.execute("INSERT INTO chunk SELECT 99, collection, 'lost', 'nobody', 0, 1, embedding, 0 FROM chunk LIMIT 1")
    db.commit()
    db.close()


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (_delete_a_vector, ["Chroma lacks the vectors of 1 chunks"]),
        (_write_a_foreign_vector, ["Chroma holds 2 vectors of chunks that the library does not have"]),
        (_drop_a_keyword_row, ["1 chunks are missing from the keyword index"]),
        (_drop_the_collection, ["collection {collection} is not in {chroma}"]),
        (_remove_the_folder, ["Chroma's folder {chroma} is gone"]),
        (
            _lose_an_article,
            [
                "1 chunks belong to no article",
                "1 chunks are missing from the keyword index",
            ],
        ),
    ],
)
def test_damage_is_found_and_mended_and_nothing_is_embedded_again(
    open_tiny: Opener, tiny: TinyEmbedder, damage: Callable[[Index], None], said: list[str]
) -> None:
    index = filled(open_tiny)
    before = seen(index)
    tiny.embedded.clear()
    assert verify(index) == []
    (collection,) = index.vectors.collections()
    damage(index)
    assert verify(index) == [s.format(collection=collection, chroma=index.config.data / "chroma") for s in said]
    repair(index)
    assert is_whole(index)
    assert (seen(index), tiny.embedded) == (before, [])


@pytest.mark.parametrize("seed", range(6))
def test_a_killed_add_leaves_whole_articles_and_adding_again_completes(
    tmp_path: Path, open_tiny: Opener, tiny: TinyEmbedder, seed: int
) -> None:
    """Killed at a moment between the first commit and the end; a failure names the seed of that moment."""
    moment = random.Random(seed).uniform(0.0, 0.25)
    with process(add_stories, tmp_path / "data") as (adding, pipe):
        assert pipe.recv() == "adding"
        time.sleep(moment)
        adding.kill()
        adding.join()
    index = open_tiny()
    assert verify(index) == []
    catch_up(index)
    assert is_whole(index)
    kept = {a.id: a for a in articles(index)}
    assert [s.key for s in STORIES[: len(kept)]] == list(dict.fromkeys(s.key for s in STORIES if s.key in kept))
    assert len(kept) % 7 == 0 or len(kept) == len(STORIES)
    with index.library.read() as snapshot:
        assert sorted(snapshot.chunk_ids()) == expected_chunks(index, tiny)
        assert {a.id: snapshot.original(a.id) for a in kept.values()} == {s.key: s.text for s in STORIES[: len(kept)]}
    report = add(index, STORIES, now=NOW)
    added = tuple(s.key for s in STORIES[len(kept) :])
    assert report == Report(added=added, undated=added, unchanged=tuple(s.key for s in STORIES[: len(kept)]))
    assert is_whole(index)
    assert {f"only{n}" for n in range(60)} <= {w for a in articles(index) for w in a.text.replace(".", "").split()}


def test_a_file_that_was_moved_is_still_the_same_article(open_tiny: Callable[..., Index]) -> None:
    index = open_tiny()
    add(index, [news("bridge", "The bridge was closed on Monday.", origin="/old/bridge.json")], now=NOW)
    report = add(index, [news("bridge", "The bridge was closed on Monday.", origin="/new/bridge.json")], now=NOW)
    assert report == Report(unchanged=("bridge",))


def test_adding_mends_a_chroma_folder_that_vanished_under_the_writer(open_tiny: Callable[..., Index]) -> None:
    index = open_tiny()
    add(index, [news("bridge", "The bridge was closed on Monday.")], now=NOW)
    shutil.rmtree(index.config.data / "chroma")
    add(index, [news("fire", "The fire began in the harbour.")], now=NOW)
    assert verify(index) == []


def test_how_many_chunks_there_are_is_told_of_each_state(open_tiny: Opener) -> None:
    index = open_tiny()
    for number, key in enumerate(("bridge", "strike", "fire"), 1):
        add(index, [news(key, f"The {key} is over.")], now=NOW)
        with index.library.read() as snapshot:
            assert (snapshot.count("chunk"), snapshot.count("chunk")) == (number, number)
    remove(index, "fire")
    with index.library.read() as snapshot:
        assert snapshot.count("chunk") == 2
