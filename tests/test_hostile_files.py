"""Files that want to do harm: a few of each kind, small. All of them, big: `python tests/bench/hostile.py`."""

import os
import re
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from itertools import islice
from pathlib import Path

import pytest
from hostile_files import KINDS, SENTENCE, make, make_odd_entries
from hypothesis import example, given, settings
from hypothesis import strategies as st
from tiny import NOW, TinyEmbedder, news

from index import isolated
from index.build import add, article, verify
from index.chunk import LONGEST_PIECE, chunk, sentences
from index.clean import clean
from index.decode import decode
from index.errors import InputError
from index.feed import Entry, entries, is_feed
from index.fetch import article as fetched_article
from index.furniture import is_biography, is_caption, is_endnote, is_interface
from index.load import MOST_NAMED, load
from index.page import as_markdown
from index.paragraphs import normalised, paragraphs, unescaped
from index.records import record
from index.rows import MOST_VALUES, rows
from index.store import Index
from index.types import Article, Record, Skip, Span
from index.web import Reply

Open = Callable[..., Index]
PER_KIND = 8


def test_there_are_over_three_hundred_and_they_are_the_same_each_time(tmp_path: Path) -> None:
    light = [kind for kind in KINDS if kind not in ("long lines", "bombs", "heavy HTML")]
    first, second = (
        {(kind, p.name): p.read_bytes() for kind in light for p in make(tmp_path, kind, scale=0.0001)} for _ in range(2)
    )
    assert first == second
    others = sum(1 for kind in set(KINDS) - set(light) for _ in make(tmp_path, kind, scale=0.0001))
    assert len(first) + others >= 300


def test_each_file_is_added_or_skipped_by_name_and_the_index_stays_whole(
    open_tiny: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(isolated.SECONDS, "pdf", 3)
    index = open_tiny()
    add(index, [news("nurses", "Nurses went on strike.")], now=NOW)
    for kind in KINDS:
        folder = tmp_path / kind
        folder.mkdir()
        files = list(islice(make(folder, kind, scale=0.001), 0, None, 3))[:PER_KIND]
        for left in set(folder.iterdir()) - set(files):
            left.unlink()
        report = add(index, load([folder]), now=NOW)
        ids = " ".join((*report.added, *report.changed, *report.unchanged))
        with index.library.read() as snapshot:
            origins = {snapshot.article(found).origin for found in (*report.added, *report.changed)}
        for file in files:
            if file.name.startswith("."):  # hidden, and passed over in folders
                continue
            escaped = os.fsdecode(file).encode("unicode_escape", "surrogatepass").decode()
            named = any(s.source.startswith((str(file), escaped)) or file.name in s.source for s in report.skipped)
            assert str(file) in origins or str(file) in ids or named or not file.name.isprintable(), (kind, file.name)
        for skip in report.skipped:
            assert (skip.source + skip.reason).isprintable() and skip.reason.endswith((".", "?", "…")), skip
        assert len(report.added) + len(report.changed) + len(report.skipped) >= len(files) / 2
    assert verify(index) == []
    assert article(index, "nurses").text == "Nurses went on strike."


def test_folders_of_any_depth_links_and_pipes_are_passed_or_named(tmp_path: Path) -> None:
    make_odd_entries(tmp_path)
    try:
        found = {Path(skip.source).name: skip.reason for skip in load([tmp_path]) if isinstance(skip, Skip)}
    finally:
        subprocess.run(["rm", "-rf", *tmp_path.iterdir()], check=True)  # too deep for Python
    assert found.pop("bottom.txt").startswith("Its id has 2")
    assert found == {
        "circle": "It links to a folder that was already read.",
        "nothing.txt": "It is a link to nothing.",
        "self.txt": "It is a link that goes in circles.",
        "pipe.txt": "It is a pipe, a socket or a device, not a file.",
        "null.txt": "It is a pipe, a socket or a device, not a file.",
    }


def skips(path: Path, content: bytes) -> list[Skip]:
    path.write_bytes(content)
    return [item for item in load([path]) if isinstance(item, Skip)]


def test_of_a_flood_of_bad_records_a_thousand_are_named(tmp_path: Path) -> None:
    bad = skips(tmp_path / "a.jsonl", b"x\n" * 100_000)
    assert len(bad) == MOST_NAMED + 1
    assert bad[-1] == Skip(
        f"{tmp_path}/a.jsonl", f"{MOST_NAMED + 1:,} of its records cannot be used and 0 can; the rest was not read."
    )
    bad = skips(tmp_path / "b.jsonl", b'{"text": "A bridge."}\n' * 500 + b"x\n" * 2000)
    assert len(bad) == MOST_NAMED + 1
    assert bad[-1] == Skip(f"{tmp_path}/b.jsonl", "1,000 more of its records cannot be used.")


def test_a_file_without_articles_says_so(tmp_path: Path) -> None:
    (skip,) = skips(tmp_path / "a.csv", b"id,text\n,\n")
    assert skip.reason == "It has no articles in it."


def test_what_would_take_gigabytes_is_not_read(tmp_path: Path) -> None:
    (skip,) = skips(tmp_path / "a.json", b"[" + b"[]," * MOST_VALUES + b"0]")
    assert "3,000,000 values" in skip.reason
    path = tmp_path / "a.jsonl"
    with path.open("wb") as file:
        file.write(b'{"text": "A bridge."}\n' * 20_000)
        file.truncate(10**12)  # a hole
    start = time.monotonic()
    *records, skip = load([path])
    assert "binary from some line on" in skip.reason and len(records) == 20_000  # type: ignore[union-attr]
    assert time.monotonic() - start < 20


@pytest.mark.parametrize(
    "rule", [is_endnote, is_caption, is_interface, lambda s: is_biography(s, author="A", marked=True)]
)
@pytest.mark.parametrize("opening", ["Reporting by ", "With files from ", "Share ", ""])
@pytest.mark.parametrize("word", ["A. ", "Ann ", "A.", "share, ", "Aa/Aa ", "AP/"])
def test_no_line_takes_a_rule_long(rule: Callable[[str], bool], opening: str, word: str) -> None:
    start = time.monotonic()
    rule(opening + word * (380 // len(word)) + "!")
    assert time.monotonic() - start < 0.5


@pytest.mark.parametrize("attribute", ["a{}=x ", "a{} ", "a{}='x y'"])
def test_a_tag_of_very_many_attributes_is_refused_at_once_and_one_of_long_ones_is_not(attribute: str) -> None:
    tag = "<p " + "".join(attribute.format(n) for n in range(80_000)) + ">x</p>"
    start = time.monotonic()
    with pytest.raises(InputError, match="over 1,000 attributes"):
        as_markdown(Record(key="a", text=tag))
    assert time.monotonic() - start < 2
    long = f"""<p data-a="{"x = y " * 5000}" data-b='{"x = y " * 5000}'>The bridge.</p>"""
    assert as_markdown(Record(key="a", text=long)).text == "The bridge."


@pytest.mark.parametrize(
    "text",
    [
        "a b-" + "\n" * 200_000 + ".",
        "a " + "a" * 500_000,
        "x" + "- \n" * 100_000 + "y",
    ],
)
def test_wrapped_text_is_joined_in_linear_time(text: str) -> None:
    wrapped = "\n".join(f"Line {n} of a text that was wrapped at the width of an old" for n in range(60))
    start = time.monotonic()
    paragraphs(normalised(f"{wrapped}\n{text}"))
    assert time.monotonic() - start < 5


def test_a_paragraph_of_very_many_sentences_is_cut_where_they_end() -> None:
    text = "“It is so. " * 20_000
    start = time.monotonic()
    found = sentences(text, ())
    assert time.monotonic() - start < 5
    assert len(found) > 19_000 and len(text) > 5 * LONGEST_PIECE
    check_chunks(Article(id="a", title="T", text=text[: 3 * LONGEST_PIECE]))


def test_a_number_that_python_will_not_read_is_no_character() -> None:
    assert unescaped(f"a &#65; &#{'9' * 5000}; &#{'1' * 50} b") == "a A \ufffd \ufffd b"
    text = clean(Record(key="a", text=f"# T\n\nA bridge &#{'1' * 5000};.", format="markdown"), today=NOW.date())
    assert text.article.text == "A bridge \ufffd."


# Whatever comes in

MARKUP = st.lists(
    st.sampled_from(
        [
            *(
                "<p>",
                "</p>",
                "<div>",
                "<b>",
                "<!--",
                "-->",
                "<script>",
                "<![CDATA[",
                "<?xml ",
                "<html>",
                "<head>",
                "<title>",
            ),
            *(
                "<meta name='author' content='",
                "<script type='application/ld+json'>",
                '{"@type": "Article", "datePublished":',
            ),
            *(
                "<time datetime='",
                "2026-05-01",
                "'>",
                "&#",
                "&#x110000;",
                "&amp;",
                "\x00",
                "\ud800",
                "\u202e",
                "\n\n",
                "é",
            ),
            *(
                "<item>",
                "<link>",
                "http://a.example.com/",
                "http://[",
                "<author>",
                "a@b.c (A)",
                "<rss version='2.0'><channel>",
            ),
            *(
                "<a href='",
                "<table><td>",
                "[",
                "{",
                '"',
                SENTENCE,
                "<link rel='canonical' href='",
                "<pubDate>",
                "]]>",
                "<svg>",
            ),
        ]
    )
    | st.text(max_size=10),
    max_size=40,
).map("".join)
BYTES = st.binary(max_size=200) | MARKUP.map(lambda text: text.encode("utf-8", "surrogatepass"))
JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=20) | MARKUP,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)
FIELD = st.sampled_from(["id", "title", "text", "body", "author", "publisher", "date", "url", "format", "language"])


@given(BYTES, st.sampled_from([None, "utf-8", "utf-16", "latin-1", "utf-7", "no-such", "hex", "\x00"]))
@settings(max_examples=100, deadline=None)
def test_bytes_become_text_or_an_input_error(data: bytes, charset: str | None) -> None:
    try:
        assert "\0" not in decode(data, charset=charset)
    except InputError as error:
        assert str(error).endswith(".")


@given(st.dictionaries(FIELD | st.text(max_size=8), JSON, max_size=8))
@settings(max_examples=100, deadline=None)
def test_fields_become_a_record_or_an_input_error(fields: dict[str, object]) -> None:
    try:
        found = record(fields, origin=None, fallback_key="a")
    except InputError:
        return
    assert found.text.strip() and found.key == found.key.strip() != ""


@given(
    st.sampled_from([".json", ".jsonl", ".csv", ".tsv"]),
    BYTES | st.text(',;\t"\n\r[]{}:ab', max_size=60).map(str.encode),
)
@settings(max_examples=100, deadline=None)
def test_a_file_becomes_rows_and_input_errors(
    tmp_path_factory: pytest.TempPathFactory, suffix: str, content: bytes
) -> None:
    path = tmp_path_factory.getbasetemp() / f"rows{suffix}"
    path.write_bytes(b"text,id\n" * (suffix == ".csv") + content)
    with suppress(InputError):
        for place, fields in rows(path, suffix):
            assert place.isprintable() and isinstance(fields, dict | InputError)


@given(MARKUP, st.sampled_from([None, "http://a.example.com/x", "http://[", ""]))
@example("<html><link rel='canonical' href='http://a.example.com:99999/x'>" + SENTENCE * 20, "http://a.example.com/x")
@settings(max_examples=100, deadline=None)
def test_markup_becomes_an_article_or_an_input_error(text: str, at: str | None) -> None:
    try:
        found = isolated.page(Record(key="a", text=text, format="html"), at=at)
    except InputError as error:
        assert "crashed" not in str(error)
        return
    assert found.format == "markdown"


@given(BYTES)
@settings(max_examples=100, deadline=None)
def test_a_reply_becomes_entries_or_an_article_or_an_input_error(body: bytes) -> None:
    reply = Reply(url="http://a.example.com/x", media="text/xml", charset=None, body=body, etag=None, modified=None)
    for read in (entries, isolated.feed):
        with suppress(InputError):
            assert all(isinstance(entry, Entry) for entry in read(reply))
    with suppress(InputError):
        assert is_feed(reply) or isinstance(fetched_article(reply), Record)


@given(MARKUP | st.text("\n#*_[]()`<>!|-=~&;.“” aA1:\\", max_size=200), st.sampled_from(["text", "markdown"]))
@settings(max_examples=150, deadline=None)
def test_what_is_cleaned_is_cut_into_chunks_that_cover_it_and_fit(text: str, format: str) -> None:
    try:
        found = clean(Record(key="a", text=text, format=format), today=NOW.date()).article
    except InputError:
        return
    check_chunks(found)


@given(st.text(max_size=300), st.lists(st.tuples(st.integers(0, 300), st.integers(0, 300)), max_size=4))
@settings(max_examples=150, deadline=None)
def test_any_text_is_cut_into_chunks_that_cover_it_and_fit(text: str, headings: list[tuple[int, int]]) -> None:
    spans = tuple(Span(min(pair), max(pair)) for pair in headings)
    check_chunks(Article(id="a", title="T", text=text, headings=spans))


@given(st.integers(0, 3), st.sampled_from(["a", "a ", "“a. ", "A. ", "a.\u2003", "é! ", "(a. "]))
@settings(max_examples=30, deadline=None)
def test_paragraphs_longer_than_are_looked_at_at_once_are_covered_too(more: int, word: str) -> None:
    text = word * ((LONGEST_PIECE + more) // len(word)) + "End of it."
    check_chunks(Article(id="a", title="T", text=text))


def check_chunks(found: Article) -> None:
    embedder = TinyEmbedder()
    spans = chunk(found, embedder.token_spans, max_tokens=64, overlap=1)
    covered = "".join(re.sub(r"\s", "", found.text[a:b]) for a, b in disjoint(spans))
    assert covered == re.sub(r"\s", "", found.text)
    for start, end in spans:
        assert 0 <= start < end <= len(found.text)
        assert len(embedder.token_spans([f"T\n{found.text[start:end]}"])[0]) <= 64


def disjoint(spans: list[Span]) -> Iterator[tuple[int, int]]:
    """The spans without what the one before has too."""
    at = 0
    for start, end in spans:
        yield max(start, at), end
        at = max(at, end)
