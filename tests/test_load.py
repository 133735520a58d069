import json
import os
import socket
import stat
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pypdf import PdfWriter
from pypdf.generic import DecodedStreamObject, DictionaryObject, NameObject

from index.clean import clean
from index.errors import InputError
from index.load import FORMATS, load, record
from index.records import LONGEST_TEXT
from index.types import Record, Skip

TEXT = "The council met for three hours on Monday and heard from the engineers."

PAGE = """<!doctype html><html lang="en-GB"><head><title>River floods town | The Daily Example</title>
<meta property="og:site_name" content="The Daily Example"><meta name="author" content="Ann Roe">
<meta property="og:title" content="River floods town"><link rel="canonical" href="https://example.org/river">
{head}</head><body><nav><a href="/">Home</a> <a href="/sport">Sport</a></nav><article><h1>River floods town</h1>
{time}<p>The river <b>rose</b> by two metres on Monday, and <a href="/r">officials said</a> that 300 homes were
<i>emptied</i>, at 3 * 4 = 12 euros an_hour each.</p><figure><img src="a.jpg" alt="x"><figcaption>The river</figcaption>
</figure><h2>What comes next</h2><p>Engineers will look at the dam on Tuesday morning, the council told residents at a
meeting.</p></article><footer>© 2019 The Daily Example</footer></body></html>"""

JSON_LD = '<script type="application/ld+json">{"@graph": [{"@type": "VideoObject", "datePublished": "2001-01-01"}, '
JSON_LD += '{"@type": ["NewsArticle"], "datePublished": "2024-03-04T09:10:00+01:00"}]}</script>'


def write(path: Path, content: str | bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def pdf(path: Path, *pages: str, title: str | None = None) -> Path:
    """A PDF with a line of text for each line of each page."""
    writer = PdfWriter()
    for page in pages:
        sheet = writer.add_blank_page(width=600, height=800)
        font = DictionaryObject(
            {
                NameObject(k): NameObject(v)
                for k, v in {"/Type": "/Font", "/Subtype": "/Type1", "/BaseFont": "/Courier"}.items()
            }
        )
        sheet[NameObject("/Resources")] = DictionaryObject(
            {NameObject("/Font"): DictionaryObject({NameObject("/F"): font})}
        )
        stream = DecodedStreamObject()
        lines = "".join(f"({line}) Tj T* " for line in page.split("\n"))
        stream.set_data(f"BT /F 10 Tf 12 TL 20 780 Td {lines} ET".encode())
        sheet[NameObject("/Contents")] = writer._add_object(stream)
    if title:
        writer.add_metadata({"/Title": title, "/Author": "Ann Roe"})
    writer.write(path)
    return path


def reason(path: Path) -> str:
    """The reason of the one Skip that a path yields."""
    (skip,) = load([path])
    assert isinstance(skip, Skip)
    assert skip.source.startswith(str(path)) and "\n" not in skip.reason
    return skip.reason


def test_a_text_file_is_one_article_named_by_its_path(tmp_path: Path) -> None:
    path = write(tmp_path / "a.txt", TEXT)
    assert list(load([path])) == [Record(key=str(path), text=TEXT, origin=str(path))]


def test_markdown_keeps_its_marks_for_cleaning(tmp_path: Path) -> None:
    path = write(tmp_path / "a.markdown", "# T\n\n" + TEXT)
    assert list(load([path])) == [Record(key=str(path), text="# T\n\n" + TEXT, format="markdown", origin=str(path))]


def test_a_relative_path_and_the_absolute_one_name_the_same_article(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(tmp_path / "a.txt", TEXT)
    monkeypatch.chdir(tmp_path)
    assert list(load(["a.txt", "./b/../a.txt", path])) == [Record(key=str(path), text=TEXT, origin=str(path))]


def test_folders_are_read_in_order_without_hidden_files_and_pictures(tmp_path: Path) -> None:
    for name in ("b/2.txt", "b/1.txt", "a.txt", ".git/x.txt", "b/.hidden.txt", "b/photo.JPG", "style.css"):
        write(tmp_path / name, f"{TEXT} {name}")
    assert [item.key for item in load([tmp_path]) if isinstance(item, Record)] == [
        str(tmp_path / "a.txt"),
        str(tmp_path / "b/1.txt"),
        str(tmp_path / "b/2.txt"),
    ]
    assert not any(isinstance(item, Skip) for item in load([tmp_path]))


def test_an_unknown_format_is_skipped_with_the_formats_that_are_known(tmp_path: Path) -> None:
    path = write(tmp_path / "a.docx", "PK")
    assert list(load([tmp_path])) == list(load([path]))
    assert all(suffix in reason(path) for suffix in FORMATS)
    assert reason(write(tmp_path / "photo.png", "x")).startswith("Dateline reads")


# Encodings


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252", "cp1251", "shift_jis"])
def test_the_encoding_of_a_file_is_found(tmp_path: Path, encoding: str) -> None:
    text = {
        "cp1251": "Совет заседал три часа в понедельник и выслушал инженеров, которые шли вдоль плотины всю неделю.",
        "shift_jis": "月曜日、議会は三時間にわたって開かれ、その週にダムを歩いた技術者たちの話を聞いた。",
    }.get(
        encoding, "Der Rat tagte über drei Stunden – “länger als üblich” – und hörte die Ingenieure an, die müde waren."
    )
    path = write(tmp_path / "a.txt", text.encode(encoding))
    assert [item.text for item in load([path]) if isinstance(item, Record)] == [text]


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("cp1252", "A £5 charge. It’s 20° in Zürich, and the mayor’s café is open."),
        ("cp1252", "Le conseil a siégé trois heures lundi, a-t-il déclaré à l’école, et les ingénieurs aussi."),
        ("cp1252", "El alcalde dijo que mañana habrá una reunión en el jardín de los niños."),
        ("cp1250", "Rada zasedala tři hodiny v pondělí a vyslechla inženýry, kteří procházeli hráz."),
    ],
)
def test_short_western_text_is_not_taken_for_another(tmp_path: Path, encoding: str, text: str) -> None:
    (item,) = load([write(tmp_path / "a.txt", text.encode(encoding))])
    assert isinstance(item, Record) and item.text == text


def test_a_damaged_byte_is_not_a_reason_to_garble_the_rest(tmp_path: Path) -> None:
    text = "Der Rat tagte über drei Stunden und hörte die müden Ingenieure."
    assert reason(write(tmp_path / "a.txt", text.encode() + b"\xff")) == (
        "Its byte 66 is not utf-8, as the rest is: save it as UTF-8."
    )


def test_a_page_says_its_own_encoding(tmp_path: Path) -> None:
    page = PAGE.format(head='<meta charset="windows-1252">', time="").replace("officials", "Björn Ångström")
    (item,) = load([write(tmp_path / "a.html", page.encode("cp1252"))])
    assert isinstance(item, Record) and "Björn Ångström" in item.text


# Web pages


@pytest.mark.parametrize(
    ("head", "time", "published", "source"),
    [
        (JSON_LD + '<meta name="date" content="2020-01-01">', "", "2024-03-04T09:10:00+01:00", "json-ld"),
        ('<meta property="article:published_time" content="2024-03-04T09:10Z">', "", "2024-03-04T09:10Z", "meta"),
        ("", '<time datetime="2024-03-04">4 March</time>', "2024-03-04", "time tag"),
        ('<meta property="og:url" content="https://example.org/2024/03/04/river">', "", None, None),
        ("", "", None, None),
        ('<script type="application/ld+json">{"datePublished": </script>', "", None, None),
    ],
)
def test_a_web_page_gives_its_article_and_says_where_its_date_was(
    tmp_path: Path, head: str, time: str, published: str | None, source: str | None
) -> None:
    path = write(tmp_path / "a.html", PAGE.format(head=head, time=time))
    (item,) = load([path])
    assert isinstance(item, Record)
    assert item == Record(
        key="https://example.org/river",
        text=item.text,
        format="markdown",
        title="River floods town",
        author="Ann Roe",
        publisher="The Daily Example",
        published=published,
        date_source=source,
        url="https://example.org/river",
        language="en-GB",
        origin=str(path),
    )
    article = clean(item, today=date(2026, 11, 23)).article
    assert article.text.split("\n\n") == [
        "The river rose by two metres on Monday, and officials said that 300 homes were emptied, at 3 * 4 = 12 euros "
        "an_hour each.",
        "What comes next",
        "Engineers will look at the dam on Tuesday morning, the council told residents at a meeting.",
    ]
    assert [article.text[start:end] for start, end in article.headings] == ["What comes next"]


def test_the_address_of_a_page_may_give_its_day(tmp_path: Path) -> None:
    page = PAGE.format(head="", time="").replace("example.org/river", "example.org/2024/03/04/river")
    (item,) = load([write(tmp_path / "a.htm", page)])
    assert isinstance(item, Record)
    assert (item.key, item.published, item.date_source) == ("https://example.org/2024/03/04/river", "2024-03-04", "url")


def test_a_page_whose_address_is_its_home_page_is_named_by_its_path(tmp_path: Path) -> None:
    path = write(tmp_path / "a.html", PAGE.format(head="", time="").replace("example.org/river", "example.org/"))
    (item,) = load([path])
    assert isinstance(item, Record) and (item.key, item.url) == (str(path), None)


@pytest.mark.parametrize(
    ("page", "expected"),
    [
        ("<html><body><script>x()</script></body></html>", "No article"),
        ("<html><body>" + "<p>x</p>" * 60_000, "over 50,000 tags"),
        ("<html><body>" + "<div>" * 3_000 + TEXT, "nested too deeply"),
        ("<html>", "No article"),
    ],
)
def test_a_page_without_an_article_is_skipped(tmp_path: Path, page: str, expected: str) -> None:
    assert expected in reason(write(tmp_path / "a.html", page))


# PDF


def test_a_pdf_gives_its_text_and_title_and_no_date(tmp_path: Path) -> None:
    pages = [
        f"The Daily Example {n}\n{TEXT}\nThat was page {word}.\n{n}"
        for n, word in ((1, "one"), (2, "two"), (3, "three"))
    ]
    path = pdf(tmp_path / "a.pdf", *pages, title="River floods town")
    assert list(load([path])) == [
        Record(
            key=str(path),
            text="\n".join(f"{TEXT}\nThat was page {word}." for word in ("one", "two", "three")),
            title="River floods town",
            author="Ann Roe",
            origin=str(path),
        )
    ]


def test_a_pdf_without_text_a_broken_one_and_a_locked_one_are_skipped(tmp_path: Path) -> None:
    scan = pdf(tmp_path / "scan.pdf", "")
    broken = write(tmp_path / "broken.pdf", "%PDF-1.7\nnothing here")
    locked = PdfWriter(clone_from=pdf(tmp_path / "a.pdf", TEXT))
    locked.encrypt("secret", algorithm="RC4-128")
    locked.write(tmp_path / "locked.pdf")
    assert "no text layer" in reason(scan) and "OCR" in reason(scan)
    assert "not a PDF" in reason(broken)
    assert "encrypted" in reason(tmp_path / "locked.pdf")


# Records


def test_records_are_read_under_the_names_that_people_give_their_fields() -> None:
    assert record(
        {
            "ID": 7,
            "Headline": "Dam holds",
            "body": TEXT,
            "authors": ["Ann Roe", {"name": "John Poe"}],
            "source": {"id": None, "name": "The Daily Example"},
            "pubDate": 1733400000,
            "link": "https://example.org/dam",
            "lang": "en",
            "score": float("nan"),
        },
        origin=None,
        fallback_key=None,
    ) == Record(
        key="7",
        title="Dam holds",
        text=TEXT,
        author="Ann Roe, John Poe",
        publisher="The Daily Example",
        published="1733400000",
        url="https://example.org/dam",
        language="en",
    )


def test_only_the_text_is_required() -> None:
    assert record({"text": TEXT, "title": None, "author": " "}, origin="/x", fallback_key="/x") == Record(
        key="/x", text=TEXT, origin="/x"
    )


@pytest.mark.parametrize(
    ("text", "format"),
    [
        (f"<p>{TEXT}</p>", "html"),
        (f"{TEXT}<br><br>{TEXT}", "html"),
        (f"{TEXT}\n\nWrite <br> twice: <br>.", "text"),
        ("3 < 4 and 5 > 4", "text"),
    ],
)
def test_text_with_tags_is_html(text: str, format: str) -> None:
    assert record({"id": "a", "text": text}, origin=None, fallback_key=None).format == format


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, "no text"),
        ({"id": "a", "title": "b"}, "its fields are id, title"),
        ({"text": 5}, "Its text is a number"),
        ({"text": [TEXT]}, "Its text is a list"),
        ({"text": TEXT, "title": [1]}, "Its title is a list"),
        ({"text": TEXT, "title": True}, "Its title is true or false"),
        ({"text": TEXT, "id": float("nan")}, "Its id is nan"),
        ({"text": TEXT, "url": {"a": 1}}, "Its url is an object"),
        ({"text": TEXT, "published_at": {"a": 1}}, "Its published_at is an object"),
        ({"Body Text": 1}, "Its Body Text is a number"),
        ({"text": TEXT}, "no id"),
        ({"text": TEXT, "id": "a\nb"}, "control"),
        ({"text": TEXT, "id": "\ud800"}, "half characters"),
        ({"text": "\ud800 lone", "id": "a"}, "half characters"),
        ({"text": TEXT, "id": "a" * 501}, "501 characters"),
        ({"text": "a" * (LONGEST_TEXT + 1), "id": "a"}, "2,000,001 characters"),
    ],
)
def test_a_record_that_cannot_be_used_says_why(fields: dict[str, object], expected: str) -> None:
    with pytest.raises(InputError, match=expected):
        record(fields, origin=None, fallback_key=None)


def test_json_may_hold_one_record_or_a_list_or_an_object_around_a_list(tmp_path: Path) -> None:
    one = {"id": "a", "text": TEXT}
    two = {"id": "b", "text": TEXT + " Again."}
    for number, whole in enumerate([[one, two], {"count": 2, "articles": [one, two]}]):
        path = write(tmp_path / f"{number}.json", json.dumps(whole))
        assert [item.key for item in load([path]) if isinstance(item, Record)] == ["a", "b"]
    path = write(tmp_path / "one.json", json.dumps(one | {"tags": [{"name": "x"}]}))
    assert list(load([path])) == [Record(key="a", text=TEXT, origin=str(path))]


def test_records_without_an_id_are_named_by_file_and_title(tmp_path: Path) -> None:
    rows = [{"title": "T", "text": TEXT}, {"title": "T", "text": "Other."}, {"text": TEXT}, {"url": "u", "text": TEXT}]
    path = write(tmp_path / "a.jsonl", "\n".join(map(json.dumps, rows)))
    keys = [item.key for item in load([path]) if isinstance(item, Record)]
    assert keys == [f"{path}#e632b7095b0b", f"{path}#e632b7095b0b-2", f"{path}#{keys[2][-12:]}", "u"]


def test_one_bad_line_does_not_stop_the_others(tmp_path: Path) -> None:
    lines = [
        '{"id": 1, "text": "One."}',
        "",
        "{",
        "[]",
        '{"id": 2}',
        b'{"id": 3, "text": "\xff"}',
        '{"id": 4, "text": "Four."}',
    ]
    path = write(
        tmp_path / "a.jsonl", b"\r\n".join(line if isinstance(line, bytes) else line.encode() for line in lines)
    )
    assert list(load([path])) == [
        Record(key="1", text="One.", origin=str(path)),
        Skip(f"{path} line 3", "It is not JSON: Expecting property name enclosed in double quotes at column 2."),
        Skip(f"{path} line 4", "It is not an object with fields."),
        Skip(f"{path} line 5", "It has no text: give it as 'text', 'body' or 'content'; its fields are id."),
        Skip(f"{path} line 6", "It has bytes that are not in the encoding of the file: save it as UTF-8."),
        Record(key="4", text="Four.", origin=str(path)),
    ]


def test_a_csv_is_read_with_its_quotes_and_whatever_separates_its_cells(tmp_path: Path) -> None:
    long = "word " * 60_000
    for name, content in {
        "a.csv": f'id,Title,Body\n1,"A, b","One\ntwo ""three"""\n2,C,"{long}"\n',
        "b.csv": f'\ufeffid;Title;Body\r\n1;A, b;"One\ntwo ""three"""\r\n2;C;{long}\r\n',
        "c.tsv": f'id\tTitle\tBody\n1\tA, b\t"One\ntwo ""three"""\n\n2\tC\t{long}\n',
    }.items():
        path = write(tmp_path / name, content)
        assert list(load([path])) == [
            Record(key="1", title="A, b", text='One\ntwo "three"', origin=str(path)),
            Record(key="2", title="C", text=long, origin=str(path)),
        ]


def test_rows_that_are_not_as_wide_as_the_header_are_skipped(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", 'id,text\n1,One.\n2,Two,three,four.\n3\n4,"Four.\n5,Five.\n')
    assert list(load([path])) == [
        Record(key="1", text="One.", origin=str(path)),
        Skip(f"{path} row 3", "It has 4 cells for 2 columns: is a quote missing?"),
        Skip(f"{path} row 4", "It has no text: give it as 'text', 'body' or 'content'; its fields are id."),
        Skip(f"{path} row 5", "A quotation mark that opens here is never closed."),
    ]


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("a.txt", "", "empty"),
        ("a.txt", " \n", "empty"),
        ("a.txt", b"abc\x00def", "binary"),
        ("a.txt", bytes(range(1, 9)) * 50, "binary"),
        ("a.txt", "a" * (LONGEST_TEXT + 1), "2,000,001 characters"),
        ("a.json", "", "empty"),
        ("a.json", '{"text":\n ]', "line 2, column 2"),
        ("a.json", "5", "neither"),
        ("a.json", "[]", "empty"),
        ("a.json", "[" * 100_000, "nested too deeply"),
        ("a.json", '{"text": ' + "9" * 5000 + "}", "a number of thousands of digits"),
        ("a.json", '{"text": NaN}', "Its text is a number"),
        ("a.jsonl", "", "empty"),
        ("a.jsonl", b"\x00\x01", "binary"),
        ("a.csv", "id,titel\n1,2\n", "its columns are id, titel"),
        ("a.csv", "", "empty"),
    ],
)
def test_a_file_that_cannot_be_used_is_skipped_once_with_its_reason(
    tmp_path: Path, name: str, content: str | bytes, expected: str
) -> None:
    assert expected in reason(write(tmp_path / name, content))


def test_a_file_that_is_too_big_is_skipped_unread(tmp_path: Path) -> None:
    for name in ("a.txt", "a.json", "a.pdf"):
        path = tmp_path / name
        with path.open("wb") as file:
            file.truncate(60_000_000)
        assert "60 MB" in reason(path)


def test_a_line_that_is_too_long_is_skipped_and_the_next_is_read(tmp_path: Path) -> None:
    path = write(tmp_path / "a.jsonl", '{"text": "' + "a" * 21_000_000 + '"}\n{"id": "b", "text": "B."}')
    assert list(load([path])) == [
        Skip(f"{path} line 1", "It has over 20 MB: one line is one article."),
        Record(key="b", text="B.", origin=str(path)),
    ]


def test_a_key_that_comes_twice_is_kept_once(tmp_path: Path) -> None:
    one = write(tmp_path / "1.jsonl", '{"id": "x", "text": "One."}\n{"id": "x", "text": "One."}')
    two = write(tmp_path / "2.jsonl", '{"id": "x", "text": "Two."}')
    assert list(load([one, two, one])) == [
        Record(key="x", text="One.", origin=str(one)),
        Skip(str(two), "The id 'x' is used twice for different articles; the first was kept."),
    ]


# What lies in folders that is not a file


def test_a_missing_path_is_skipped(tmp_path: Path) -> None:
    assert reason(tmp_path / "no.txt") == "There is no such file or folder."
    assert [type(item) for item in load([tmp_path / "a\0b"])] == [Skip]


@pytest.fixture
def pipe(tmp_path: Path) -> Iterator[Path]:
    os.mkfifo(tmp_path / "pipe.txt")
    yield tmp_path / "pipe.txt"


def test_pipes_sockets_and_devices_are_never_opened(pipe: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(pipe.parent)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("socket.txt")
        assert [item.source for item in load([pipe.parent]) if isinstance(item, Skip)] == [
            str(pipe),
            str(pipe.parent / "socket.txt"),
        ]
    assert "not a file" in reason(pipe)
    assert stat.S_ISCHR(os.stat("/dev/null").st_mode) and "not a file" in reason(Path("/dev/null"))


def test_links_that_lead_nowhere_or_in_circles_are_skipped(tmp_path: Path) -> None:
    write(tmp_path / "a/1.txt", TEXT)
    (tmp_path / "a/up").symlink_to(tmp_path)
    (tmp_path / "a/self").symlink_to(tmp_path / "a/self")
    (tmp_path / "a/gone.txt").symlink_to(tmp_path / "gone")
    assert list(load([tmp_path])) == [
        Record(key=str(tmp_path / "a/1.txt"), text=TEXT, origin=str(tmp_path / "a/1.txt")),
        Skip(str(tmp_path / "a/gone.txt"), "It is a link to nothing."),
        Skip(str(tmp_path / "a/self"), "It is a link that goes in circles."),
        Skip(str(tmp_path / "a/up"), "It links to a folder that was already read."),
    ]


def test_a_file_that_may_not_be_read_is_skipped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path / "a.txt", TEXT)
    path.chmod(0)
    if os.access(path, os.R_OK):
        pytest.skip("this user may read everything")
    assert "permissions" in reason(path)


def test_names_with_control_characters_are_shown_escaped(tmp_path: Path) -> None:
    write(tmp_path / "a\nb\x1b[2J.txt", TEXT)
    (skip,) = load([tmp_path])
    assert skip == Skip(
        f"{tmp_path}/a\\nb\\x1b[2J.txt",
        "Its id (or file name, when it has no id) has control or undecodable characters: rename it.",
    )


def test_loading_is_lazy(tmp_path: Path) -> None:
    path = write(tmp_path / "a.jsonl", "".join(f'{{"id": {n}, "text": "Text."}}\n' for n in range(50_000)))
    items = load([path])
    first = next(items)
    path.unlink()
    assert isinstance(first, Record) and first.key == "0"
    assert next(items) == Record(key="1", text="Text.", origin=str(path))


@settings(max_examples=150, deadline=None)
@given(
    st.sampled_from(FORMATS),
    st.binary(max_size=300) | st.text(st.characters(exclude_categories=["Cs"]), max_size=200).map(str.encode),
)
def test_whatever_a_file_holds_loading_never_raises(
    tmp_path_factory: pytest.TempPathFactory, suffix: str, content: bytes
) -> None:
    path = write(tmp_path_factory.mktemp("any") / f"a{suffix}", content)
    assert all(isinstance(item, Record | Skip) for item in load([path]))
