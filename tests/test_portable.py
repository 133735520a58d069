"""A library in one file: out, checked, in again; whatever is wrong with the file changes nothing."""

import hashlib
import io
import json
import os
import shutil
import tracemalloc
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from conftest import Indifferent
from processes import STORIES, import_slowly, process
from test_store import is_whole, seen
from tiny import NOW, TinyEmbedder, news

from index import pack
from index.build import add, version
from index.config import Config
from index.conversations import Kept, asked, conversation, judge, keep
from index.errors import InputError, StorageError
from index.exported import checked
from index.imports import Imported, take_in
from index.opening import open_index
from index.portable import ARTICLES, EMBEDDINGS, EXCHANGES, VERSIONS, export
from index.store import Index
from ui.service import Service

LATER = NOW + timedelta(hours=1)
LAST = NOW + timedelta(hours=2)
ASKED = Kept(number=0, question="Why?", filters={"since": None}, answer={"text": "Thus.", "confidence": 0.1}, thumb=1)
Opener = Callable[[str], Index]


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Opener]:
    """Open an index of a name, with an embedder of its own."""
    there: list[Index] = []

    def open_it(name: str, model: str = "tiny") -> Index:
        there.append(open_index(Config(data=tmp_path / name), write=True, embedder=TinyEmbedder(model)))
        return there[-1]

    yield open_it
    for index in there:
        index.close()


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with `data`, three articles, one of them in its third version, and two conversations; and `a.zip`."""
    folder = tmp_path_factory.mktemp("made")
    index = open_index(Config(data=folder / "data"), write=True, embedder=TinyEmbedder())
    heat = news("fire", "# Heat\n\nThe fire is out. ☂", format="markdown")
    for hours, text in enumerate(["The bridge is open.", "The bridge is closed.", "The bridge is open again."]):
        add(index, [news("bridge", text, published="2026-10-01"), heat], now=NOW + timedelta(hours=hours))
    add(index, [news("https://example.org/a/b", "Nurses are on strike in the harbour.", author="A. B.")], now=NOW)
    keep(index.library, "one", ASKED, now=NOW)
    keep(index.library, "one", replace(ASKED, number=1, thumb=0), now=NOW)
    keep(index.library, "two", ASKED, now=NOW, owner="ada")
    out(index, folder / "a.zip", embeddings=True)
    index.close()
    return folder


@pytest.fixture
def full(made: Path, tmp_path: Path, opened: Opener) -> Index:
    """A copy of that index, to be changed."""
    shutil.copytree(made / "data", tmp_path / "full")
    return opened("full")


@pytest.fixture
def file(made: Path, tmp_path: Path) -> Path:
    """A copy of that file, to be changed."""
    return Path(shutil.copy(made / "a.zip", tmp_path / "a.zip"))


def kept(index: Index) -> list[object]:
    """All that is true in an index."""
    with index.library.read() as snapshot:
        return [*snapshot.stored(), *snapshot.versions(), *asked(snapshot)]


def out(index: Index, path: Path, **options: bool) -> Path:
    export(index.library, path, now=NOW, **options)
    return path


def taken(index: Index, path: Path) -> Imported:
    with checked(path) as found:
        return take_in(index, found)


def digests(path: Path) -> dict[str, str]:
    with zipfile.ZipFile(path) as archive:
        members = json.loads(archive.read(pack.MANIFEST))["members"]
        for name, member in members.items():
            assert hashlib.sha256(archive.read(name)).hexdigest() == member["sha256"]
        return {name: member["sha256"] for name, member in members.items()}


def test_what_goes_out_comes_in_whole_and_goes_out_the_same(
    full: Index, file: Path, opened: Opener, tmp_path: Path
) -> None:
    other = opened("other")
    assert taken(other, file) == Imported(added=3, versions=2, questions=3, embeddings=3, embeddings_fit=True)
    assert kept(other) == kept(full)
    assert is_whole(other)
    assert other.embedder.embedded == []  # type: ignore[attr-defined]
    both = [seen(index) for index in (full, other)]
    for name in ("articles", "chunks", "keywords", "vectors"):
        assert both[0][name] == both[1][name]
    answers = [Service(i, Indifferent(), now=lambda: NOW).ask("Is the bridge open?").text for i in (full, other)]  # type: ignore[arg-type]
    assert answers[0] == answers[1] and "open again" in answers[0]

    before = (kept(other), version(other))
    assert taken(other, file) == Imported(unchanged=3, embeddings_fit=True)
    assert (kept(other), version(other)) == before
    assert add(other, [news("bridge", "The bridge is open again.", published="2026-10-01")], now=LAST).unchanged
    assert digests(out(other, tmp_path / "b.zip", embeddings=True)) == digests(file)


def test_without_embeddings_they_are_computed_and_those_of_another_model_are_left_out(
    full: Index, opened: Opener, tmp_path: Path
) -> None:
    for name, model, file in (
        ("plain", "tiny", out(full, tmp_path / "plain.zip")),
        ("foreign", "another", out(full, tmp_path / "with.zip", embeddings=True)),
    ):
        other = opened(name, model)  # type: ignore[call-arg]
        assert taken(other, file) == Imported(added=3, versions=2, questions=3)
        assert len(other.embedder.embedded) == 3 and is_whole(other)  # type: ignore[attr-defined]


def test_the_file_is_read_without_dateline(file: Path) -> None:
    with zipfile.ZipFile(file) as archive:
        lines = {n: [json.loads(line) for line in archive.read(n).splitlines()] for n in archive.namelist()[:-1]}
        manifest = json.loads(archive.read("manifest.json"))
    assert list(lines) == [ARTICLES, VERSIONS, EXCHANGES, EMBEDDINGS] == list(manifest["members"])
    assert (manifest["format"], manifest["format_version"], manifest["created"]) == (
        "dateline-library", 1, "2026-11-01T12:00:00+00:00",
    )  # fmt: skip
    assert manifest["embeddings"] == {"model": "tiny", "fingerprint": "tiny-weights", "dimension": 9}
    bridge, fire, _ = lines[ARTICLES]
    assert (bridge["id"], bridge["text"], bridge["original"]) == ("bridge", *["The bridge is open again."] * 2)
    assert (bridge["added_at"], bridge["published"]) == ("2026-11-01T14:00:00+00:00", "2026-10-01")
    assert (fire["text"], fire["headings"]) == ("Heat\n\nThe fire is out. ☂", [[0, 4]])
    assert fire["original"].startswith("# Heat")
    assert [(v["text"], v["replaced_at"]) for v in lines[VERSIONS]] == [
        ("The bridge is open.", "2026-11-01T13:00:00+00:00"),
        ("The bridge is closed.", "2026-11-01T14:00:00+00:00"),
    ]
    assert [(q["owner"], q["conversation"], q["number"], q["thumb"]) for q in lines[EXCHANGES]] == [
        ("", "one", 0, 1), ("", "one", 1, 0), ("ada", "two", 0, 1),
    ]  # fmt: skip
    assert lines[EXCHANGES][0]["answer"] == {"text": "Thus.", "confidence": 0.1}


@pytest.mark.parametrize("newer_is_here", [True, False])
def test_of_two_that_differ_the_one_added_later_serves_and_the_other_is_kept(
    opened: Opener, tmp_path: Path, newer_is_here: bool
) -> None:
    here, there = opened("here"), opened("there")
    moments = (LAST, LATER) if newer_is_here else (LATER, LAST)
    add(there, [news("a", "The fire began.")], now=NOW)
    for index, text, now in zip((here, there), ("The water is here.", "The fire is there."), moments, strict=True):
        add(index, [news("a", text)], now=now)
    file = out(there, tmp_path / "there.zip")
    report = taken(here, file)
    assert (report.replaced, report.older, report.versions) == (0 if newer_is_here else 1, int(newer_is_here), 1)
    with here.library.read() as snapshot:
        (now_it_is,) = snapshot.stored("a")
        was = [(v.article.text, v.replaced_at) for v in snapshot.versions("a")]
    texts = ["The fire began.", "The water is here.", "The fire is there."]
    if newer_is_here:
        texts[1], texts[2] = texts[2], texts[1]
    assert [*(text for text, _ in was), now_it_is.article.text] == texts
    assert was[1][1] == now_it_is.added_at and is_whole(here)
    again = (kept(here), version(here))
    taken(here, file)
    assert (kept(here), version(here)) == again
    taken(there, out(here, tmp_path / "here.zip"))
    assert kept(there) == kept(here)


def test_conversations_are_merged_by_their_places(opened: Opener, tmp_path: Path) -> None:
    here, there = opened("here"), opened("there")
    for index in (here, there):
        keep(index.library, "same", replace(ASKED, thumb=0), now=NOW)
    keep(there.library, "same", replace(ASKED, number=1, question="Later?"), now=LATER)
    keep(here.library, "same", replace(ASKED, number=1, question="Earlier?"), now=NOW)
    keep(here.library, "same", replace(ASKED, number=2, question="Last?"), now=LAST)
    keep(there.library, "same", replace(ASKED, number=2, question="Not last?"), now=LATER)
    judge(there.library, "same", 0, -1)
    file = out(there, tmp_path / "there.zip")
    assert (taken(here, file).questions, taken(here, file).questions) == (2, 0)
    found = conversation(here.library, "same")
    assert [(k.question, k.thumb) for k in found] == [("Why?", -1), ("Later?", 1), ("Last?", 1)]


def test_a_file_that_is_there_is_kept_and_a_failed_export_leaves_nothing(full: Index, tmp_path: Path) -> None:
    file = tmp_path / "a.zip"
    file.write_text("mine")
    with pytest.raises(InputError, match=r"a\.zip is there already.*--force"):
        out(full, file)
    assert file.read_text() == "mine"

    def dying(stage: str, done: int, total: int) -> None:
        raise KeyboardInterrupt

    add(full, STORIES * 2, now=NOW)
    add(full, [replace(s, key=f"{s.key}-{n}") for s in STORIES for n in (1, 2)], now=NOW)
    with pytest.raises(KeyboardInterrupt):
        export(full.library, file, now=NOW, force=True, progress=dying)
    assert (file.read_text(), [p.name for p in tmp_path.glob("a.zip*")]) == ("mine", ["a.zip"])
    export(full.library, file, now=NOW, force=True)
    assert digests(file) and file.stat().st_mode & 0o777 == 0o600
    with pytest.raises(StorageError, match="cannot be written: No such file"):
        out(full, tmp_path / "missing" / "a.zip")
    with pytest.raises(InputError, match="is a folder"):
        out(full, tmp_path, force=True)


def test_an_export_is_one_moment_of_a_library_that_is_being_changed(full: Index, tmp_path: Path) -> None:
    add(full, [replace(s, key=f"{s.key}-{n}") for s in STORIES for n in (1, 2)], now=NOW)
    before = kept(full)
    done: list[str] = []

    def change(stage: str, n: int, total: int) -> None:
        if not done:
            done.append(stage)
            add(full, [news("bridge", "The bridge is gone."), news("zz", "Last water.")], now=LAST)
            keep(full.library, "three", ASKED, now=LAST)

    export(full.library, tmp_path / "a.zip", now=NOW, progress=change)
    assert done == ["articles"] and kept(full) != before
    with checked(tmp_path / "a.zip") as found:
        pairs = list(found.histories())
        assert [a for a, _ in pairs] + [v for _, older in pairs for v in older] + list(found.questions()) == before


# --- what is wrong with a file


def repacked(file: Path, change: Callable[[dict[str, bytes]], None], **options: int) -> Path:
    """The file with other members, packed anew."""
    with zipfile.ZipFile(file) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    change(members)
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, **options) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return file


def signed(members: dict[str, bytes], name: str, data: bytes, **fields: object) -> None:
    """Put a member in, with the digest that goes with it: somebody means it."""
    members[name] = data
    manifest = json.loads(members[pack.MANIFEST]) | fields
    digest = hashlib.sha256(data).hexdigest()
    manifest["members"][name] = {"lines": data.count(b"\n"), "bytes": len(data), "sha256": digest}
    members[pack.MANIFEST] = json.dumps(manifest).encode()


def article_line(members: dict[str, bytes], **changes: object) -> bytes:
    first, *rest = members[ARTICLES].splitlines(keepends=True)
    return json.dumps(json.loads(first) | changes).encode() + b"\n" + b"".join(rest)


def other_manifest(**changes: object) -> Callable[[dict[str, bytes]], None]:
    def change(members: dict[str, bytes]) -> None:
        members[pack.MANIFEST] = json.dumps(json.loads(members[pack.MANIFEST]) | changes).encode()

    return change


def other_article(**changes: object) -> Callable[[dict[str, bytes]], None]:
    return lambda members: signed(members, ARTICLES, article_line(members, **changes))


def without(name: str) -> Callable[[dict[str, bytes]], None]:
    return lambda members: members.pop(name) and None


WRONG: dict[str, tuple[Callable[[dict[str, bytes]], None], str]] = {
    "one letter": (lambda m: m.update({ARTICLES: m[ARTICLES].replace(b"again", b"never")}), "its digest is another"),
    "a question": (lambda m: m.update({EXCHANGES: m[EXCHANGES][:-1] + b" \n"}), "its digest is another"),
    "a vector": (lambda m: m.update({EMBEDDINGS: b""}), "its digest is another"),
    "no end": (lambda m: signed(m, ARTICLES, m[ARTICLES][:-1]), "articles.jsonl, line 3, is cut off"),
    "no manifest": (without(pack.MANIFEST), "it is no export of Dateline"),
    "another format": (other_manifest(format="pile"), "it is no export of Dateline"),
    "a newer one": (other_manifest(format_version=2), "has format 2, and this Dateline reads up to 1; install a newer"),
    "no number": (other_manifest(format_version="1"), "it is no export of Dateline"),
    "no members": (other_manifest(members=[]), "its manifest names no members"),
    "a missing member": (without(VERSIONS), "does not hold the members that its manifest names"),
    "one too many": (lambda m: m.update({"../evil": b""}), "does not hold the members that its manifest names"),
    "a foreign member": (lambda m: signed(m, "x.jsonl", b""), "does not hold articles, versions and exchanges"),
    "no model": (other_manifest(embeddings=None), "does not say which model"),
    "no text": (other_article(text=None), "articles.jsonl, line 1, has no 'text'"),
    "no word": (other_article(text=" \n ", headings=[]), "articles.jsonl, line 1, has 'text' without a word"),
    "a day": (other_article(published="soon"), "articles.jsonl, line 1, has 'published', which is no day as"),
    "a week": (other_article(published="2026-W27-3"), "articles.jsonl, line 1, has 'published', which is no day as"),
    "much behind a day": (other_article(published="2026-06-11\n<b>"), "articles.jsonl, line 1, has 'published'"),
    "no month": (other_article(added_at="9999-99-99T99:99:99+00:00"), "articles.jsonl, line 1, has 'added_at', which"),
    "other digits": (other_article(added_at="٢٠٢٦-١١-٢٦T21:00:00+00:00"), "articles.jsonl, line 1, has 'added_at', w"),
    "a moment": (other_article(added_at="9999"), "articles.jsonl, line 1, has 'added_at', which is no time in UTC"),
    "a heading": (other_article(headings=[[0, 9999]]), "headings that are not in its text"),
    "an id": (other_article(id="a\nb"), "articles.jsonl, line 1, Its id (or file name"),
    "the order": (other_article(id="zzz"), "in the order of ids"),
    "half characters": (other_article(title="\ud800"), "articles.jsonl, line 1, is no JSON"),
    "a long text": (other_article(text="x" * 4_000_001), "has over 4,000,000 characters"),
    "deep JSON": (lambda m: signed(m, EXCHANGES, b"[" * 100_000 + b"\n"), "exchanges.jsonl, line 1, is no JSON"),
    "a list": (lambda m: signed(m, EXCHANGES, b"[]\n"), "exchanges.jsonl, line 1, is no object"),
    "a thumb": (
        lambda m: signed(m, EXCHANGES, m[EXCHANGES].replace(b'"thumb":1', b'"thumb":9')), "a thumb that is none"
    ),
    "a name": (
        lambda m: signed(m, EXCHANGES, m[EXCHANGES].replace(b'"two"', b'"<b>"')), "a conversation that is no name"
    ),
    "a vector's size": (
        lambda m: signed(m, EMBEDDINGS, b'{"key":"%s","vector":"AAAA"}\n' % (b"00" * 20)), "embeddings.jsonl, line 1,"
    ),
    "lone versions": (
        lambda m: signed(m, VERSIONS, m[VERSIONS].replace(b'"bridge"', b'"nobody"')), "of articles that are not there"
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", WRONG)
def test_a_file_with_anything_wrong_is_refused_in_a_sentence(file: Path, what: str) -> None:
    change, words = WRONG[what]
    repacked(file, change)
    with pytest.raises(InputError) as refusal, checked(file):
        pytest.fail("it was let in")
    said = str(refusal.value)
    assert said.startswith(f"{file} was not imported, and nothing was changed: ") and words in said
    assert "\n" not in said and said.endswith(".")


def test_a_file_that_is_cut_off_or_no_export_is_refused(file: Path, tmp_path: Path) -> None:
    whole = file.read_bytes()
    for data in (b"", b"PK", b"# Notes\n", whole[:-1], whole[: len(whole) // 2], whole[100:]):
        file.write_bytes(data)
        with pytest.raises(InputError, match="nothing was changed: "), checked(file):
            pytest.fail("it was let in")
    with pytest.raises(InputError, match="there is no such file"), checked(tmp_path / "none.zip"):
        pytest.fail("it was let in")


def test_no_byte_of_a_file_can_change_unseen(file: Path) -> None:
    """Whatever bit is turned, the file is refused, or it says the same."""
    whole = file.read_bytes()
    with checked(file) as found:
        said = list(found.histories())
    for at in range(0, len(whole), 7):
        file.write_bytes(whole[:at] + bytes([whole[at] ^ 1 << at % 8]) + whole[at + 1 :])
        try:
            with checked(file) as found:
                assert list(found.histories()) == said
        except InputError:
            pass


def test_a_bomb_is_refused_before_it_is_unpacked(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pack, "SLACK", 10_000_000)
    repacked(file, lambda m: signed(m, EXCHANGES, b"\n" * 30_000_000))
    tracemalloc.start()
    with pytest.raises(InputError, match="unpack to over 200 times its size"), checked(file):
        pytest.fail("it was let in")
    assert tracemalloc.get_traced_memory()[1] < 5_000_000
    tracemalloc.stop()


def test_a_line_without_an_end_is_not_read_to_its_end(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pack, "LONGEST", 1_000_000)
    repacked(file, lambda m: signed(m, EXCHANGES, b"[" * 60_000_000))
    tracemalloc.start()
    with pytest.raises(InputError, match=r"exchanges.jsonl, line 1, is cut off, or has over"), checked(file):
        pytest.fail("it was let in")
    assert tracemalloc.get_traced_memory()[1] < 20_000_000
    tracemalloc.stop()


def test_a_killed_import_leaves_whole_articles_and_the_next_one_goes_on(opened: Opener, tmp_path: Path) -> None:
    index = opened("there")
    for now in (NOW, LATER):
        add(index, [replace(s, text=f"{s.text} It is {now.hour} now.") for s in STORIES], now=now)
    file = out(index, tmp_path / "a.zip")
    with process(import_slowly, tmp_path / "here", file) as (importing, pipe):
        assert pipe.recv() == "dying"
        importing.join(20)
    here = opened("here")
    with here.library.read() as snapshot:
        ids = [kept.article.id for kept in snapshot.stored()]
        assert 0 < len(ids) < len(STORIES)
        assert [v.article.id for v in snapshot.versions()] == ids
    taken(here, file)
    assert kept(here) == kept(index) and is_whole(here)


def test_memory_does_not_grow_with_the_library(tmp_path: Path, opened: Opener) -> None:
    """Ten times the articles, the same memory, both ways of reading."""
    index = opened("large")
    text = "Word after word about water. " * 300

    def peak(work: Callable[[], object]) -> int:
        tracemalloc.start()
        work()
        found = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return found

    def check() -> None:
        with checked(tmp_path / "a.zip"):
            pass

    peaks = []
    for count in (60, 600):
        with index.library.write() as change:
            change._db.execute("DELETE FROM article")
            change._db.executemany(
                """INSERT INTO article (id, title, text, headings, tokens, fingerprint, original, added_at)
                VALUES (?, 'T', ?, '[]', 1, 'f', ?, '2026-11-01T12:00:00+00:00')""",
                ((f"{n:06}", f"{os.urandom(8).hex()} {text}", text) for n in range(count)),
            )
        peaks.append((peak(lambda: out(index, tmp_path / "a.zip", force=True)), peak(check)))
    assert all(more < less + 2_000_000 for less, more in zip(*peaks, strict=True)), peaks


def test_a_packed_line_is_what_json_says(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        packing = pack.Packing(archive)
        packing.add("a.jsonl", iter([{"text": 'a\nb\u2028c "d" ☂'}]))
    assert zipfile.ZipFile(buffer).read("a.jsonl") == '{"text":"a\\nb\u2028c \\"d\\" ☂"}\n'.encode()
    assert packing.members["a.jsonl"]["lines"] == 1
