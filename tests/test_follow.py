"""Chroma following the library while others add, remove, rebuild and ask."""

import json
import os
import shutil
import signal
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
from conftest import Indifferent
from filelock import FileLock
from test_build import expected_chunks
from test_store import is_whole
from tiny import NOW, Ahead, TinyEmbedder, make_older, news

from index import follow
from index.build import add, articles, put, rebuild, remove, verify
from index.config import Config
from index.errors import StorageError
from index.follow import Follower, catch_up
from index.keywords import query_terms
from index.store import Index
from index.types import Filters, Span
from qa.ask import BY_WORDS, GONE
from qa.retrieve import retrieve
from ui.service import Service

Opener = Callable[..., Index]

MANY = [news(f"story{n}", f"The fire at pier {n} was put out. Its keeper is only{n}.") for n in range(20)]


class Gated(TinyEmbedder):
    """An embedder that embeds some lots of passages, and then waits until it is let on."""

    def __init__(self, name: str = "tiny", *, free: int = 0) -> None:
        super().__init__(name)
        self.reached, self.go = threading.Event(), threading.Event()
        self.free = free

    def passages(self, texts: Sequence[str], **options: object) -> np.ndarray:
        self.free -= 1
        if self.free < 0:
            self.reached.set()
            assert self.go.wait(20)
        return super().passages(texts, **options)  # type: ignore[arg-type]


@pytest.fixture
def small_windows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(follow, "WINDOW", 4)
    monkeypatch.setattr(follow, "ROWS", 3)


def found_by(index: Index, word: str) -> list[str]:
    with index.library.read() as snapshot:
        ids = [chunk_id for chunk_id, _ in snapshot.search_keywords(query_terms(word), 100)]
        return [chunk.article.id for chunk in snapshot.chunks(ids).values()]


def test_what_is_added_is_found_by_its_words_at_once_and_by_its_vector_later(
    open_tiny: Opener, small_windows: None
) -> None:
    gated = Gated()
    index = open_tiny(embedder=gated)
    service = Service(index, Indifferent(), now=lambda: NOW, patience=0.0)  # type: ignore[arg-type]
    assert len(service.add(MANY).added) == len(MANY)
    assert gated.reached.wait(20)
    assert found_by(index, "only7") == ["story7"]
    status = service.status()
    assert (status.chunks, status.chunks_embedded, verify(index)) == (len(MANY), 0, [])
    gated.go.set()
    catch_up(index)
    assert is_whole(index) and len(set(gated.embedded)) == len(MANY)
    service.close()


def test_an_answer_says_how_much_was_searched_by_words_only(open_tiny: Opener) -> None:
    index = open_tiny()
    put(index, MANY, now=NOW)
    service = Service(index, Indifferent(), now=lambda: NOW)  # type: ignore[arg-type]
    note = "20 of 20 passages are being indexed, and were searched by words only."
    assert note in service.ask("Who is the keeper only7?").notes
    catch_up(index)
    assert service.ask("Who is the keeper only7?").notes == ()
    service.close()


@pytest.mark.parametrize("whole", [True, False])
def test_without_chroma_answers_are_found_by_words_and_say_so(open_tiny: Opener, whole: bool) -> None:
    index = open_tiny()
    service = Service(index, Indifferent(), now=lambda: NOW)  # type: ignore[arg-type]
    service.add(MANY)
    before = service.search("Who is the keeper only7?")[0].chunk
    for path in [index.vectors.path] if whole else list(index.vectors.path.iterdir()):  # type: ignore[attr-defined]
        shutil.rmtree(path)
    assert service.search("Who is the keeper only7?")[0].chunk == before
    assert service.ask("Who is the keeper only7?").notes == (f"{GONE} {BY_WORDS}",)
    service.repair()
    assert service.verify() == [] and service.ask("Who is the keeper only7?").notes == ()
    service.close()


def test_a_patient_addition_returns_when_nothing_is_behind_and_tells_how_far_it_is(
    open_tiny: Opener, small_windows: None
) -> None:
    index = open_tiny()
    service = Service(index, Indifferent(), now=lambda: NOW)  # type: ignore[arg-type]
    service.add(MANY)
    assert is_whole(index)
    service.close()


def test_the_best_by_words_are_embedded_on_sight_while_their_vectors_have_yet_to_follow(
    open_tiny: Opener, tiny: TinyEmbedder
) -> None:
    index = open_tiny()
    put(index, MANY, now=NOW)
    with index.library.read() as snapshot:
        hits = retrieve(snapshot, index.vectors, tiny, "the fire at pier 7", k=3)
    assert all(hit.parts["dense"] > 0.5 for hit in hits)
    with index.library.read() as snapshot:
        assert snapshot.behind() == len(MANY)


def test_what_is_closed_half_way_goes_on_where_it_was(open_tiny: Opener, small_windows: None) -> None:
    gated = Gated(free=2)
    index = open_tiny(embedder=gated)
    follower = Follower(index)
    put(index, MANY, now=NOW, committed=follower.wake)
    assert gated.reached.wait(20)
    assert not follower.wait(0.1)
    threading.Timer(0.2, gated.go.set).start()
    follower.close()
    index.close()
    again = TinyEmbedder()
    index = open_tiny(embedder=again)
    with index.library.read() as snapshot:
        behind = snapshot.behind()
    assert behind == len(MANY) - 8
    catch_up(index)
    assert is_whole(index)
    assert len(again.embedded) == behind and len({*again.embedded, *gated.embedded}) == len(MANY)


def test_closing_after_ctrl_c_waits_for_what_is_being_embedded(open_tiny: Opener, small_windows: None) -> None:
    gated = Gated()
    index = open_tiny(embedder=gated)
    follower = Follower(index)
    put(index, MANY, now=NOW, committed=follower.wake)
    assert gated.reached.wait(20)
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    main = threading.main_thread().ident or 0
    threading.Timer(0.2, signal.pthread_kill, (main, signal.SIGINT)).start()
    with pytest.raises(KeyboardInterrupt):
        follower.wait(20)
    signal.signal(signal.SIGINT, before)
    threading.Timer(0.2, gated.go.set).start()
    follower.close()
    assert gated.go.is_set()


def test_a_text_that_is_being_embedded_is_not_begun_again_by_a_later_lot(
    open_tiny: Opener, tiny: TinyEmbedder, small_windows: None
) -> None:
    index = open_tiny()
    index.engine = Ahead()
    add(index, [news(f"copy{n}", "The fire was put out.", title="Fire") for n in range(20)] + MANY, now=NOW)
    assert len(tiny.embedded) == len(set(tiny.embedded)) == 1 + len(MANY) and is_whole(index)


def test_what_keeps_the_vectors_from_following_is_told_to_whoever_waits(
    open_tiny: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    index = open_tiny()
    follower = Follower(index)
    put(index, MANY, now=NOW)

    def full(*anything: object, **more: object) -> None:
        raise StorageError("The disk is full.")

    monkeypatch.setattr(index.vectors, "upsert", full)
    follower.wake()
    with pytest.raises(StorageError, match="The disk is full"):
        follower.wait(20)
    monkeypatch.undo()
    follower.wake()
    assert follower.wait(20)
    assert is_whole(index)


@pytest.mark.parametrize("model", ["tiny", "other"])
def test_what_is_added_changed_and_removed_during_a_rebuild_is_so_in_the_new_index_too(
    open_tiny: Opener, tiny: TinyEmbedder, small_windows: None, model: str
) -> None:
    index = open_tiny()
    add(index, MANY, now=NOW)
    gated = Gated(model)
    config = Config(data=index.config.data, model=model, chunk_tokens=64)
    rebuilding = threading.Thread(target=rebuild, args=(index, config), kwargs={"embedder": gated})
    if model == "tiny":  # its texts are known, and nothing would wait for them
        with index.library.write() as change:
            change._db.execute("DELETE FROM embedding")
    rebuilding.start()
    assert gated.reached.wait(20)
    add(index, [news("late", "A late fire."), news("story3", "The fire at pier 3 was lit again.")], now=NOW)
    remove(index, "story5")
    assert found_by(index, "late") == ["late"] and found_by(index, "only5") == []
    gated.go.set()
    rebuilding.join()
    assert index.embedder is gated and is_whole(index)
    assert {a.id for a in articles(index)} == {s.key for s in MANY} - {"story5"} | {"late"}
    assert found_by(index, "late") == ["late"] and found_by(index, "again") == ["story3"]
    assert set(found_by(index, "keeper")) == {s.key for s in MANY} - {"story3", "story5"}


def test_an_article_that_changes_while_a_rebuild_cuts_it_is_cut_as_it_is_then(
    open_tiny: Opener, tiny: TinyEmbedder
) -> None:
    index = open_tiny()
    add(index, MANY, now=NOW)

    class Meddling(TinyEmbedder):
        """An embedder that has an article changed when it first sees its text."""

        meddled = False

        def token_spans(self, texts: Sequence[str]) -> list[list[Span]]:
            if not self.meddled and any("pier 3 was put out" in text for text in texts):
                self.meddled = True
                add(index, [news("story3", "Nothing is left of pier 3.")], now=NOW)
            return super().token_spans(texts)

    rebuild(index, index.config, embedder=Meddling("other"))
    with index.library.read() as snapshot:
        assert sorted(snapshot.chunk_ids()) == expected_chunks(index, TinyEmbedder("other"))
    assert is_whole(index)


def test_twenty_ask_while_it_is_rebuilt_again_and_again_and_each_gets_the_answer_of_one_index(
    open_tiny: Opener,
) -> None:
    index = open_tiny()
    add(index, MANY, now=NOW)
    service = Service(index, Indifferent(), now=lambda: NOW)  # type: ignore[arg-type]
    question = "Who is the keeper of the fire at pier 7?"
    expected = {hit.chunk.id for hit in service.ask(question).hits}
    versions: set[int] = set()
    wrong: list[object] = []
    done = threading.Event()

    def asker() -> None:
        while not done.is_set():
            try:
                answer = service.ask(question)
            except Exception as error:
                wrong.append(error)
                return
            versions.add(answer.index_version)
            if {hit.chunk.id for hit in answer.hits} != expected:
                wrong.append(answer)

    askers = [threading.Thread(target=asker) for _ in range(20)]
    for thread in askers:
        thread.start()
    for _ in range(4):
        service.rebuild()
    done.set()
    for thread in askers:
        thread.join()
    assert wrong == [] and len(versions) > 2
    assert is_whole(index) and len(list((index.config.data / "chroma").iterdir())) == 1
    service.close()


def test_of_what_passes_a_filter_that_is_told_which_chroma_has(open_tiny: Opener) -> None:
    index = open_tiny()
    add(index, [news("old", "The bridge is closed.", publisher="Courier")], now=NOW)
    put(index, [news("new", "The bridge is open.", publisher="Courier")], now=NOW)
    with index.library.read() as snapshot:
        passing = snapshot.chunk_ids(Filters(publishers=("courier",)))
        has = snapshot.chunk_ids(Filters(publishers=("courier",)), written=True)
        assert len(passing) == 2 and has == passing[:1] and has == snapshot.chunk_ids(written=True)


def test_a_library_from_before_is_not_taken_over_while_another_process_writes_to_it(
    open_tiny: Opener, tiny: TinyEmbedder, tmp_path: Path
) -> None:
    index = open_tiny()
    add(index, MANY, now=NOW)
    index.close()
    make_older(index.library.path, 3)
    with FileLock(tmp_path / "data" / "writer.lock"):
        (tmp_path / "data" / "writer.json").write_text(json.dumps({"pid": os.getppid(), "url": None}))
        with pytest.raises(StorageError, match=r"perhaps an older Dateline, is writing to it\. Stop that first"):
            open_tiny(write=False)
    assert is_whole(open_tiny())


def test_a_library_from_before_is_taken_over_and_nothing_is_embedded_again(
    open_tiny: Opener, tiny: TinyEmbedder, tmp_path: Path
) -> None:
    index = open_tiny()
    add(index, MANY, now=NOW)
    index.close()
    make_older(index.library.path, 2)
    tiny.embedded.clear()
    assert is_whole(open_tiny())
    assert tiny.embedded == []
