"""Real Chroma: what is written is found, in the order of its cosine, and what is broken is said to be."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from index.errors import CollectionGone, StorageError
from index.vectors import BATCH, FolderVectors, Vectors, discard

NAME = "chunks-1-test"
IDS = [f"c{n}" for n in range(40)]
VECTORS = np.random.default_rng(7).normal(size=(40, 9)).astype(np.float32)
QUERY = np.random.default_rng(8).normal(size=9).astype(np.float32)


@pytest.fixture
def vectors(tmp_path: Path) -> Iterator[Vectors]:
    found = FolderVectors(tmp_path / "chroma")
    found.create(NAME)
    found.upsert(NAME, IDS, VECTORS)
    yield found
    found.close()


def by_cosine(ids: list[str], vectors: np.ndarray, query: np.ndarray) -> list[tuple[str, object]]:
    cosine = vectors @ query / np.linalg.norm(vectors, axis=1) / np.linalg.norm(query)
    return [(ids[n], pytest.approx(float(cosine[n]), abs=1e-5)) for n in np.argsort(-cosine)]


def test_a_query_finds_the_nearest_by_cosine_best_first(vectors: Vectors) -> None:
    assert list(vectors.query(NAME, QUERY, 40)) == by_cosine(IDS, VECTORS, QUERY)
    assert list(vectors.query(NAME, QUERY, 5)) == by_cosine(IDS, VECTORS, QUERY)[:5]


def test_a_query_for_more_than_there_is_finds_what_there_is(vectors: Vectors) -> None:
    assert list(vectors.query(NAME, QUERY, 1000)) == by_cosine(IDS, VECTORS, QUERY)
    vectors.create("chunks-2-empty")
    assert list(vectors.query("chunks-2-empty", QUERY, 10)) == []


def test_a_query_looks_only_at_the_allowed_ids_and_passes_over_unknown_ones(vectors: Vectors) -> None:
    some = [3, 14, 15, 9, 26]
    expected = by_cosine([IDS[n] for n in some], VECTORS[some], QUERY)
    assert list(vectors.query(NAME, QUERY, 40, allowed=[IDS[n] for n in some])) == expected
    assert list(vectors.query(NAME, QUERY, 40, allowed=["gone", *(IDS[n] for n in some), "lost"])) == expected
    assert list(vectors.query(NAME, QUERY, 2, allowed=[IDS[n] for n in some])) == expected[:2]
    assert list(vectors.query(NAME, QUERY, 40, allowed=["gone"])) == []
    assert list(vectors.query(NAME, QUERY, 40, allowed=[])) == []


class Raced(FolderVectors):
    """A folder from which another process removes one more id before each query, as long as there are any."""

    def __init__(self, path: Path, removed: list[str]) -> None:
        super().__init__(path)
        self._removed = removed

    def _collection(self, name: str) -> "Raced":
        self._inner = super()._collection(name)
        return self

    def get(self, **options: object) -> object:
        return self._inner.get(**options)

    def query(self, *args: Any, **options: Any) -> Any:
        if args:
            return super().query(*args, **options)
        if self._removed:
            self._inner.delete(ids=[self._removed.pop()])
        return self._inner.query(**options)


def test_a_query_beside_a_process_that_removes_what_is_allowed_finds_the_others(vectors: Vectors) -> None:
    vectors.close()
    raced = Raced(Path(str(vectors.path)), ["c3", "c5", "c7"])  # type: ignore[attr-defined]
    left = [n for n in range(10) if n not in (3, 5, 7)]
    assert list(raced.query(NAME, QUERY, 40, allowed=IDS[:10])) == by_cosine(
        [IDS[n] for n in left], VECTORS[left], QUERY
    )
    raced.close()


def test_writing_the_same_again_changes_nothing_and_writing_another_vector_replaces_the_first(vectors: Vectors) -> None:
    vectors.upsert(NAME, IDS[:10], VECTORS[:10])
    assert vectors.ids(NAME) == set(IDS)
    assert list(vectors.query(NAME, QUERY, 40)) == by_cosine(IDS, VECTORS, QUERY)
    vectors.upsert(NAME, ["c0"], QUERY[None])
    assert vectors.ids(NAME) == set(IDS)
    assert next(vectors.query(NAME, QUERY, 1)) == ("c0", pytest.approx(1.0))


def test_more_vectors_than_chroma_takes_at_once_are_all_written_and_deleted(vectors: Vectors) -> None:
    many = [f"m{n}" for n in range(6 * BATCH)]
    vectors.upsert(NAME, many, np.random.default_rng(9).normal(size=(len(many), 9)).astype(np.float32))
    assert vectors.ids(NAME) == {*IDS, *many}
    vectors.delete(NAME, many)
    assert vectors.ids(NAME) == set(IDS)


def test_deleting_leaves_the_others_and_passes_over_unknown_ids(vectors: Vectors) -> None:
    vectors.delete(NAME, ["unknown"])
    vectors.delete(NAME, [])
    assert vectors.ids(NAME) == set(IDS)
    vectors.delete(NAME, [*IDS[:38], "unknown"])
    assert vectors.ids(NAME) == {"c38", "c39"}
    assert list(vectors.query(NAME, QUERY, 40)) == by_cosine(IDS[38:], VECTORS[38:], QUERY)


def test_a_dropped_collection_is_gone_for_everything(vectors: Vectors) -> None:
    vectors.create("chunks-2-test")
    vectors.drop(NAME)
    assert vectors.collections() == ["chunks-2-test"]
    with pytest.raises(CollectionGone):
        vectors.query(NAME, QUERY, 1)
    with pytest.raises(CollectionGone):
        vectors.query(NAME, QUERY, 1, allowed=["c1"])
    with pytest.raises(CollectionGone):
        vectors.ids(NAME)
    with pytest.raises(CollectionGone):
        vectors.upsert(NAME, ["c1"], VECTORS[:1])
    with pytest.raises(CollectionGone):
        vectors.delete(NAME, ["c1"])
    with pytest.raises(CollectionGone):
        vectors.drop(NAME)


def test_a_dropped_collection_leaves_nothing_on_the_disk_and_neither_does_what_is_not_kept(vectors: Vectors) -> None:
    vectors.create("chunks-2-test")
    vectors.drop(NAME)
    assert [p.name for p in vectors.path.iterdir()] == ["chunks-2-test"]
    vectors.create("chunks-3-test")
    (vectors.path / "chroma.sqlite3").write_text("as older versions had it")
    (vectors.path / "never-opened").mkdir()
    vectors.keep_only("chunks-3-test")
    assert [p.name for p in vectors.path.iterdir()] == ["chunks-3-test"]
    assert vectors.count("chunks-3-test") == 0


def test_a_closed_folder_opens_again_with_everything_in_it(vectors: Vectors) -> None:
    vectors.close()
    again = FolderVectors(vectors.path)
    assert again.collections() == [NAME]
    assert again.ids(NAME) == set(IDS)
    assert list(again.query(NAME, QUERY, 40)) == by_cosine(IDS, VECTORS, QUERY)
    again.close()


@pytest.mark.parametrize("damage", ["garbage", "half"])
def test_a_broken_folder_is_a_storage_error_and_can_be_thrown_away(tmp_path: Path, damage: str) -> None:
    path = tmp_path / "chroma"
    found = FolderVectors(path)
    found.create(NAME)
    found.upsert(NAME, IDS, VECTORS)
    found.close()
    file = path / NAME / "chroma.sqlite3"
    file.write_bytes(b"garbage" * 5000 if damage == "garbage" else file.read_bytes()[: file.stat().st_size // 2])
    broken = FolderVectors(path)
    for _ in range(2):
        with pytest.raises(StorageError, match=str(path / NAME)):
            broken.count(NAME)
    broken.close()
    discard(path)
    again = FolderVectors(path)
    assert again.collections() == []
    again.close()


def test_a_file_where_the_folder_should_be_is_a_storage_error_and_can_be_thrown_away(tmp_path: Path) -> None:
    path = tmp_path / "chroma"
    path.write_text("not a folder")
    with pytest.raises(StorageError, match=str(path)):
        FolderVectors(path)
    discard(path)
    FolderVectors(path).close()
    discard(tmp_path / "never was")


def _large(path: Path) -> None:
    """More vectors than Chroma keeps in its log alone."""
    found = FolderVectors(path)
    found.create(NAME)
    ids = [f"m{n}" for n in range(1100)]
    found.upsert(NAME, ids, np.random.default_rng(9).normal(size=(len(ids), 9)).astype(np.float32))
    found.close()


def test_vectors_that_are_lost_while_their_ids_remain_are_a_storage_error(tmp_path: Path) -> None:
    path = tmp_path / "chroma"
    _large(path)
    for folder in [p for p in (path / NAME).iterdir() if p.is_dir()]:
        shutil.rmtree(folder)
    found = FolderVectors(path)
    with pytest.raises(StorageError, match="dateline verify --repair"):
        found.ids(NAME)
    found.close()


def test_vectors_that_are_garbage_are_a_storage_error(tmp_path: Path) -> None:
    path = tmp_path / "chroma"
    _large(path)
    for file in path.rglob("*.bin"):
        file.write_bytes(b"garbage")
    found = FolderVectors(path)
    with pytest.raises(StorageError, match="dateline verify --repair"):
        found.ids(NAME)
    with pytest.raises(StorageError, match="dateline verify --repair"):
        found.query(NAME, QUERY, 3)
    with pytest.raises(StorageError, match="dateline verify --repair"):
        found.upsert(NAME, IDS, VECTORS)
    found.close()
