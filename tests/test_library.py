"""The library on real SQLite: one commit or none, one state for one reader."""

import sqlite3
from pathlib import Path

import numpy as np
import pytest

from index.errors import StorageError
from index.library import SCHEMA_VERSION, Library
from index.snapshot import Snapshot, State, StoredChunk
from index.transaction import Transaction
from index.types import Article, Chunk, Filters, Span, Spec

SPEC = Spec(model="tiny", fingerprint="f" * 64, dimension=3, chunk_tokens=100, overlap=1)
STATE = State(0, "chunks-0-a", SPEC)
BRIDGE = Article(
    id="bridge",
    title="Harbour Bridge closed",
    text="Why\n\nThe bridge closed. Hangers had cracked.",
    author="Marta Ellingsen",
    publisher="Courier",
    published="2026-06-11T08:30:00+02:00",
    date_source="header",
    url="https://courier.example.org/bridge",
    language="en",
    origin="/news/june/bridge.md",
    headings=(Span(0, 3),),
)
STRIKE = Article(
    id="strike", title="Nurses strike", text="Nurses walked out.", publisher="Gazette", published="2026-05-01",
    origin="/news/may/strike.txt",
)  # fmt: skip
FIRE = Article(id="fire", title="Fire", text="A fire broke out.", publisher="courier", published="2026-06-11")
NOTE = Article(id="note", title="Note", text="Nobody dated this.", origin="/news/mayor.txt")
ALL = (BRIDGE, STRIKE, FIRE, NOTE)


@pytest.fixture
def library(tmp_path: Path) -> Library:
    found = Library(tmp_path / "library.sqlite3")
    with found.write() as change:
        change.set_state(STATE)
        for article in ALL:
            put(change, article)
    return found


def put(change: Transaction, article: Article, *spans: tuple[int, int]) -> None:
    spans = spans or ((0, len(article.text)),)
    change.put_article(
        article,
        [StoredChunk(f"{article.id}-{a}-{b}", Span(a, b), f"{article.id}-{a}".encode()) for a, b in spans],
        fingerprint=f"print of {article.id}",
        original=f"<raw>{article.text}</raw>",
        tokens=len(article.text),
        added_at="2026-11-01T12:00:00+00:00",
    )


def everything(library: Library) -> dict[str, list[tuple[object, ...]]]:
    """Every row that the library holds."""
    db = sqlite3.connect(library.path)
    found = {
        table: db.execute(f"SELECT * FROM {table}").fetchall()
        for table in ("state", "article", "chunk", "embedding", "keyword_count")
    }
    db.close()
    return found


def found_by(snapshot: Snapshot, *terms: str, filters: Filters | None = None) -> list[str]:
    return [chunk_id for chunk_id, _ in snapshot.search_keywords(list(terms), 10, filters)]


def test_an_article_comes_back_as_it_went_in(library: Library) -> None:
    with library.read() as snapshot:
        assert [snapshot.article(a.id) for a in ALL] == list(ALL)
        assert snapshot.article("unknown") is None
        assert (snapshot.fingerprint("bridge"), snapshot.fingerprint("unknown")) == ("print of bridge", None)


def test_the_original_text_is_kept(library: Library) -> None:
    with library.read() as snapshot:
        assert snapshot.original("bridge") == f"<raw>{BRIDGE.text}</raw>"
        assert snapshot.original("unknown") is None


def test_articles_come_newest_first_and_undated_ones_last(library: Library) -> None:
    with library.read() as snapshot:
        assert list(snapshot.articles()) == [BRIDGE, FIRE, STRIKE, NOTE]


def test_articles_are_found_by_words_of_title_author_and_publisher_the_newest_first(library: Library) -> None:
    with library.read() as snapshot:
        assert snapshot.matching("", 3) == (4, [BRIDGE, FIRE, STRIKE])
        assert snapshot.matching("COURIER", 1) == (2, [BRIDGE])
        assert snapshot.matching("nurse gazette", 9) == (1, [STRIKE])
        assert snapshot.matching("nurse courier", 9) == (0, [])


def test_what_is_counted_is_what_is_there(library: Library) -> None:
    with library.read() as snapshot:
        assert snapshot.state == STATE
        assert (snapshot.count("article"), snapshot.count("chunk")) == (4, 4)
        assert snapshot.days() == ("2026-05-01", "2026-06-11", 1)
        assert snapshot.publishers() == ("Courier", "Gazette", "courier")
        assert snapshot.tokens() == sum(len(a.text) for a in ALL)
        assert snapshot.term_counts(["bridg", "fire", "nowher"]) == {"bridg": 1, "fire": 1}


def test_an_empty_library_has_no_state_and_nothing_in_it(tmp_path: Path) -> None:
    with Library(tmp_path / "library.sqlite3").read() as snapshot:
        assert (snapshot.state, snapshot.collection) == (None, "")
        assert (list(snapshot.articles()), snapshot.chunk_ids(), snapshot.count("chunk")) == ([], [], 0)
        assert (snapshot.days(), snapshot.publishers(), snapshot.tokens()) == ((None, None, 0), (), 0)
        assert (snapshot.find("bridge"), found_by(snapshot, "bridg")) == ([], [])


@pytest.mark.parametrize(
    ("filters", "ids"),
    [
        (Filters(), ["bridge", "fire", "strike", "note"]),
        (Filters(since="2026-06-11"), ["bridge", "fire"]),
        (Filters(since="2026-06-12"), []),
        (Filters(until="2026-06-11"), ["bridge", "fire", "strike"]),
        (Filters(until="2026-06-10"), ["strike"]),
        (Filters(since="2026-05-01", until="2026-05-01"), ["strike"]),
        (Filters(publishers=("COURIER",)), ["bridge", "fire"]),
        (Filters(publishers=("Gazette", "courier")), ["bridge", "fire", "strike"]),
        (Filters(publishers=("Nobody",)), []),
        (Filters(article_ids=("note", "fire", "unknown")), ["fire", "note"]),
        (Filters(publishers=("courier",), until="2026-12-31", article_ids=("note", "fire")), ["fire"]),
        (Filters(publishers=("' OR 1 --",)), []),
    ],
)
def test_filters_hold_for_articles_chunks_and_keywords(library: Library, filters: Filters, ids: list[str]) -> None:
    with library.read() as snapshot:
        assert [a.id for a in snapshot.articles(filters)] == ids
        assert {i.split("-")[0] for i in snapshot.chunk_ids(filters)} == set(ids)
        words = ("bridg", "nurs", "fire", "nobodi")
        assert {i.split("-")[0] for i in found_by(snapshot, *words, filters=filters)} == set(ids)


@pytest.mark.parametrize(
    ("name", "ids"),
    [
        ("bridge", ["bridge"]),
        ("https://courier.example.org/bridge", ["bridge"]),
        ("/news/june/bridge.md", ["bridge"]),
        ("/news/june", ["bridge"]),
        ("/news/june/", ["bridge"]),
        ("/news/may", ["strike"]),
        ("/news", ["bridge", "note", "strike"]),
        ("/news/", ["bridge", "note", "strike"]),
        ("/", []),
        ("/new", []),
        ("/news/%", []),
        ("news", []),
        ("", []),
        ("BRIDGE", []),
    ],
)
def test_an_article_is_found_by_id_url_file_or_folder(library: Library, name: str, ids: list[str]) -> None:
    with library.read() as snapshot:
        assert snapshot.find(name) == ids


def test_an_id_goes_before_a_url_and_that_before_a_path(library: Library) -> None:
    with library.write() as change:
        put(change, Article(id="/news/june", title="T", text="By id."))
        put(change, Article(id="other", title="T", text="By URL.", url="/news/may"))
    with library.read() as snapshot:
        assert (snapshot.find("/news/june"), snapshot.find("/news/may")) == (["/news/june"], ["other"])


def test_chunks_come_with_their_article_and_unknown_ids_are_left_out(library: Library) -> None:
    with library.write() as change:
        put(change, BRIDGE, (0, 23), (24, 44))
    with library.read() as snapshot:
        chunks = snapshot.chunks(["bridge-24-44", "unknown", "strike-0-18", "bridge-0-23"])
        assert chunks == {
            "bridge-24-44": Chunk("bridge-24-44", BRIDGE, 24, 44),
            "strike-0-18": Chunk("strike-0-18", STRIKE, 0, 18),
            "bridge-0-23": Chunk("bridge-0-23", BRIDGE, 0, 23),
        }
        assert chunks["bridge-24-44"].text == "Hangers had cracked."
        assert len(snapshot.chunks([*(f"u{n}" for n in range(2000)), "strike-0-18"])) == 1
        assert snapshot.embedding_keys(["bridge-24-44", "unknown"]) == {"bridge-24-44": b"bridge-24"}


def test_embeddings_come_back_by_their_keys(library: Library) -> None:
    vectors = {b"one": np.array([1, 0, 0], np.float32), b"two": np.array([0, 0.6, 0.8], np.float32)}
    with library.write() as change:
        change.put_embeddings(vectors.items())
        change.put_embeddings([(b"one", vectors[b"one"])])
    with library.read() as snapshot:
        found = snapshot.embeddings([b"two", b"one", b"two", b"unknown"])
    assert {key: vector.tolist() for key, vector in found.items()} == {k: v.tolist() for k, v in vectors.items()}
    assert all(vector.dtype == np.float32 for vector in found.values())


def test_keywords_are_found_in_title_and_text_best_first_up_to_the_limit(library: Library) -> None:
    with library.read() as snapshot:
        assert found_by(snapshot, "bridg") == ["bridge-0-44"]
        assert found_by(snapshot, "harbour", "nurs", "nowher") == ["strike-0-18", "bridge-0-44"]
        assert len(snapshot.search_keywords(["bridg", "nurs", "fire", "note"], 2)) == 2
        assert [s > 0 for _, s in snapshot.search_keywords(["fire", "bridg"], 10)] == [True, True]
        assert found_by(snapshot, "nowher") == found_by(snapshot) == []


def test_an_article_its_chunks_and_its_keywords_appear_in_one_commit(library: Library) -> None:
    fossils = Article(id="fossils", title="Fossils", text="Sea lilies.")

    def seen() -> tuple[object, ...]:
        with library.read() as snapshot:
            return snapshot.article("fossils"), snapshot.chunk_ids()[4:], found_by(snapshot, "lili"), snapshot.state

    with library.write() as change:
        put(change, fossils)
        assert seen() == (None, [], [], STATE)
        change.bump()
        assert seen() == (None, [], [], STATE)
    assert seen() == (fossils, ["fossils-0-11"], ["fossils-0-11"], State(1, STATE.collection, SPEC))


def test_a_changed_article_leaves_no_trace_of_what_it_was(library: Library) -> None:
    with library.write() as change:
        put(change, BRIDGE, (0, 23), (24, 44))
        put(change, Article(id="bridge", title="Ferry", text="It sails."))
    with library.read() as snapshot:
        assert snapshot.chunk_ids(Filters(article_ids=("bridge",))) == ["bridge-0-9"]
        assert snapshot.term_counts(["bridg", "harbour", "hanger", "crack", "ferri", "sail"]) == {"ferri": 1, "sail": 1}
        assert snapshot.find(str(BRIDGE.url)) == []


def test_a_deleted_article_leaves_no_trace(library: Library, tmp_path: Path) -> None:
    for article in ALL[1:]:
        with library.write() as change:
            change.delete_article(article.id)
            change.delete_article("unknown")
    alone = Library(tmp_path / "alone.sqlite3")
    with alone.write() as change:
        change.set_state(STATE)
        put(change, BRIDGE)
    assert everything(library) == everything(alone)


def test_a_snapshot_sees_one_state_whatever_is_committed_meanwhile(library: Library) -> None:
    with library.read() as snapshot:
        with library.write() as change:
            change.delete_article("bridge")
            put(change, Article(id="fossils", title="Fossils", text="Sea lilies."))
            change.bump()
        with library.read() as later:
            assert (later.article("bridge"), later.count("article"), found_by(later, "bridg")) == (None, 4, [])
        assert snapshot.article("bridge") == BRIDGE
        assert list(snapshot.articles()) == [BRIDGE, FIRE, STRIKE, NOTE]
        assert (found_by(snapshot, "bridg"), found_by(snapshot, "lili")) == (["bridge-0-44"], [])
        assert snapshot.state == STATE


def test_a_failing_change_takes_everything_back(library: Library) -> None:
    before = everything(library)
    with pytest.raises(KeyboardInterrupt), library.write() as change:
        change.delete_article("bridge")
        put(change, Article(id="fossils", title="Fossils", text="Sea lilies."))
        change.put_embeddings([(b"key", np.zeros(3, np.float32))])
        change.set_state(State(9, "chunks-9", SPEC))
        raise KeyboardInterrupt
    with pytest.raises(StorageError, match=r"UNIQUE constraint failed"), library.write() as change:
        put(change, Article(id="fossils", title="Fossils", text="Sea lilies."), (0, 3), (0, 3))
    assert everything(library) == before
    with library.read() as snapshot:
        assert found_by(snapshot, "bridg") == ["bridge-0-44"]


def test_a_staged_collection_is_seen_by_nobody_until_the_switch(library: Library) -> None:
    new = State(1, "chunks-1-b", SPEC)
    with library.write() as change:
        change.put_embeddings([(key, np.ones(3, np.float32)) for key in (b"old", b"new")])
        for article in ALL:
            change.put_chunks(new.collection, article, [StoredChunk(f"new-{article.id}", Span(0, 4), b"new")])
    with library.read() as snapshot:
        assert snapshot.has_staged()
        assert [i.split("-")[0] for i in snapshot.chunk_ids()] == [a.id for a in ALL]
        assert (snapshot.count("chunk"), found_by(snapshot, "bridg")) == (4, ["bridge-0-44"])
        assert snapshot.chunks(["new-fire"]) == {}
        assert snapshot.chunks(["new-fire"], collection=new.collection) == {"new-fire": Chunk("new-fire", FIRE, 0, 4)}
    with library.write() as change:
        change.switch(new)
    with library.read() as snapshot:
        assert (snapshot.state, snapshot.has_staged()) == (new, False)
        assert snapshot.chunk_ids() == [f"new-{a.id}" for a in ALL]
        assert found_by(snapshot, "closed", "close") == ["new-bridge"]  # its title
        assert found_by(snapshot, "crack") == []
        assert set(snapshot.embeddings([b"old", b"new"])) == {b"new"}


def test_staged_chunks_can_be_discarded_and_go_with_their_article(library: Library) -> None:
    before = everything(library)
    with library.write() as change:
        change.put_chunks("chunks-1-b", BRIDGE, [StoredChunk("new", Span(0, 4), b"new")])
        assert change.discard_staged() == 1
    assert everything(library) == before
    with library.write() as change:
        change.put_chunks("chunks-1-b", BRIDGE, [StoredChunk("new", Span(0, 4), b"new")])
        change.delete_article("bridge")
        assert not change.has_staged()


def test_a_whole_library_has_no_problems_and_a_damaged_one_names_them(library: Library) -> None:
    with library.write() as change:
        assert change.problems() == []
    db = sqlite3.connect(library.path)
    db.execute("DELETE FROM article WHERE id = 'bridge'")
    db.execute("INSERT INTO keyword(keyword) VALUES ('delete-all')")
    db.commit()
    db.close()
    with library.write() as change:
        assert change.problems() == [
            "1 chunks belong to no article",
            "4 chunks are missing from the keyword index",
            "1 articles are not grouped by story as they should",
        ]
        change.discard_orphans()
        change.index_all_keywords()
        change.group_stories()
        assert change.problems() == []


def test_a_library_of_a_newer_dateline_is_refused_and_left_as_it_is(library: Library) -> None:
    db = sqlite3.connect(library.path)
    db.execute(f"PRAGMA user_version = {SCHEMA_VERSION + 1}")
    db.close()
    before = everything(library)
    with pytest.raises(StorageError, match=rf"schema version {SCHEMA_VERSION + 1}.*Install a newer one"):
        Library(library.path)
    assert everything(library) == before


def test_a_file_that_is_no_database_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "library.sqlite3"
    path.write_bytes(b"Dear diary, " * 500)
    with pytest.raises(StorageError, match=f"{path} cannot be used: file is not a database"):
        Library(path)
    assert path.read_bytes() == b"Dear diary, " * 500


def test_a_database_of_another_program_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "library.sqlite3"
    db = sqlite3.connect(path)
    db.execute("CREATE TABLE songs (title TEXT)")
    db.close()
    before = path.read_bytes()
    with pytest.raises(StorageError, match="another program"):
        Library(path)
    assert path.read_bytes() == before


def test_a_folder_that_is_not_there_is_a_storage_error(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="unable to open database file"):
        Library(tmp_path / "nowhere" / "library.sqlite3")


def test_a_library_opens_again_with_everything_in_it(library: Library) -> None:
    before = everything(library)
    with Library(library.path).read() as snapshot:
        assert list(snapshot.articles()) == [BRIDGE, FIRE, STRIKE, NOTE]
    assert everything(library) == before
