"""Files that want to do harm, the same each time: over 300, in kinds. `scale` 1 makes lines of 100 MB, 0.01 of 1 MB."""

import gzip
import io
import json
import os
import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random

# ruff: noqa: E501 - a table of files, one a line

SENTENCE = (
    "The harbour bridge was closed on Monday by the port authority after a ship struck it – “for weeks”, it said. "
)
TEXT = "\n\n".join(SENTENCE * 3 for _ in range(4))
PARAGRAPHS = "".join(f"<p>{SENTENCE * 3}</p>" for _ in range(4))
Made = Iterator[tuple[str | bytes, bytes]]


def page(inside: str = "", head: str = "") -> bytes:
    body = f"<article>{PARAGRAPHS}{inside}{PARAGRAPHS}</article>"
    return f"<!doctype html><html><head><title>The bridge</title>{head}</head><body>{body}</body></html>".encode()


def pdf(objects: dict[int, bytes], *, trailer: bytes = b"/Root 1 0 R") -> bytes:
    """A PDF of numbered objects, with a true table of where they are."""
    out = bytearray(b"%PDF-1.7\n")
    places = {}
    for number, content in objects.items():
        places[number] = len(out)
        out += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (max(objects) + 1)
    for number in range(1, max(objects) + 1):
        out += b"%010d 00000 n \n" % places.get(number, 0)
    return bytes(out + b"trailer\n<< /Size %d %s >>\nstartxref\n%d\n%%%%EOF" % (max(objects) + 1, trailer, start))


def stream(data: bytes, more: bytes = b"") -> bytes:
    return b"<< /Length %d %s >>\nstream\n%s\nendstream" % (len(data), more, data)


def one_page(content: bytes, resources: bytes = b"", **more: bytes) -> bytes:
    """A PDF of one page; `more` replaces objects, by "o" and their number."""
    objects = {
        1: b"<< /Type /Catalog /Pages 2 0 R >>",
        2: b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        3: b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] /Contents 4 0 R /Resources << /Font << /F 5 0 R >> "
        + resources + b" >> >>",
        4: content,
        5: b"<< /Type /Font /Subtype /Type1 /BaseFont /Courier >>",
    }  # fmt: skip
    return pdf(objects | {int(name[1:]): value for name, value in more.items()})


def shown(text: str) -> bytes:
    return b"BT /F 10 Tf 20 700 Td (%s) Tj ET" % text.encode("latin-1", "replace")


def good() -> dict[str, bytes]:
    """A sound file of each format."""
    rows = [{"id": f"row{n}", "title": f"Title {n}", "text": SENTENCE * 3, "date": "2026-05-01"} for n in range(5)]
    table = "id,title,text\n" + "".join(f'{r["id"]},{r["title"]},"{r["text"]}"\n' for r in rows)
    return {
        ".txt": TEXT.encode(),
        ".md": f"# The bridge\n\n{TEXT}\n\n- [a](b)\n".encode(),
        ".html": page(),
        ".pdf": one_page(stream(shown(SENTENCE * 3))),
        ".json": json.dumps(rows).encode(),
        ".jsonl": "\n".join(map(json.dumps, rows)).encode(),
        ".csv": table.encode(),
    }


def truncated(random: Random, scale: float) -> Made:
    for suffix, content in good().items():
        for n in range(5):
            yield f"cut{n}{suffix}", content[: random.randrange(1, len(content))]


def flipped(random: Random, scale: float) -> Made:
    for suffix, content in good().items():
        for n in range(5):
            damaged = bytearray(content)
            for _ in range(random.randrange(1, 1 + len(damaged) // (5, 50, 500)[n % 3])):
                damaged[random.randrange(len(damaged))] = random.randrange(256)
            yield f"flip{n}{suffix}", bytes(damaged)


def encodings(random: Random, scale: float) -> Made:
    text = "Żółć, naïve café, Straße. " * 20 + SENTENCE
    for name in ("utf-16-le", "utf-16", "utf-32", "utf-7", "cp1250", "cp037", "shift_jis", "koi8_r", "utf-8-sig"):
        for suffix in (".txt", ".html", ".csv"):
            whole = f"id,text\n1,{text}" if suffix == ".csv" else f"<p>{text}</p>" if suffix == ".html" else text
            yield f"{name}{suffix}", whole.encode(name, "replace")
    for n, bad in enumerate(
        (b"\xff\xfe\x00", b"\xef\xbb\xbf\xff", b"\xfe\xff\xd8\x00", b"\xc0\xaf" * 99, b"\xf4\x90\x80\x80")
    ):
        yield f"mark{n}.txt", bad + TEXT.encode()
        yield f"mark{n}.jsonl", bad + b'{"text": "A."}\n'
    for name in ("unicode_escape", "hex", "idna", "utf-7", "zlib", "no-such", "x" * 5000):
        yield f"says-{name[:20]}.html", page("é\xff", f'<meta charset="{name}">').decode().encode("latin-1", "replace")
    yield "noise.txt", random.randbytes(100_000)
    yield "noise.html", b"<html>" + random.randbytes(100_000).replace(b"\0", b"")


def bombs(random: Random, scale: float) -> Made:
    zeros = bytes(int(500_000_000 * scale))
    for suffix in (".html", ".pdf", ".txt", ".json"):
        yield f"gzip{suffix}", gzip.compress(zeros, 1)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("../../a.txt", zeros)
    for suffix in (".pdf", ".csv", ".md", ".docx"):
        yield f"zip{suffix}", packed.getvalue()
    once = zlib.compress(zeros, 9)
    yield "flate.pdf", one_page(stream(once, b"/Filter /FlateDecode"))
    yield "flates.pdf", one_page(stream(zlib.compress(once, 9), b"/Filter [/FlateDecode /FlateDecode]"))
    yield "filters.pdf", one_page(stream(once, b"/Filter [" + b"/FlateDecode " * 10_000 + b"]"))
    runs = b"\x81a" * int(20_000_000 * scale)
    yield "runs.pdf", one_page(stream(runs, b"/Filter /RunLengthDecode"))
    yield "shown.pdf", one_page(stream(zlib.compress(shown("a b ") * int(10_000_000 * scale)), b"/Filter /FlateDecode"))
    laughs = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))
    yield "laughs.html", f'<?xml version="1.0"?><!DOCTYPE html [<!ENTITY a0 "ha">{laughs}]><html>&a9;</html>'.encode()


def long_lines(random: Random, scale: float) -> Made:
    size = int(100_000_000 * scale)
    line = b"a" * size
    yield "line.txt", line
    yield "words.txt", b"a " * (size // 2)
    yield "line.md", line
    yield "line.html", b"<p>" + line + b"</p>"
    yield "line.json", b'{"text": "' + line + b'"}'
    yield "line.jsonl", b'{"text": "' + line + b'"}\n{"id": "x", "text": "A sound line."}'
    yield "junk.jsonl", line
    yield "line.csv", b"id,text\n1," + line
    yield "quoted.csv", b'id,text\n1,"' + line
    yield "header.csv", line
    yield "columns.csv", b"text," * (size // 5)
    yield "tabs.tsv", b"text\n" + b"\t" * size
    yield "author.txt", b"By " + b"Anna " * (min(size, 1_900_000) // 5) + b"\n\n" + TEXT.encode()


def nuls(random: Random, scale: float) -> Made:
    for suffix, content in good().items():
        yield f"all{suffix}", bytes(10_000)
        yield f"inside{suffix}", content[:200] + b"\0\0\0" + content[200:]
        yield f"late{suffix}", content + b"\n" + content[:50] * 8000 + bytes(int(50_000_000 * scale)) + b"\n"


def nested_json(random: Random, scale: float) -> Made:
    for n in (900, 100_000, int(20_000_000 * scale)):
        yield f"lists{n}.json", b"[" * n
        yield f"closed{n}.json", b"[" * n + b"]" * n
        yield f"objects{n}.json", b'{"text":' * n + b'"a"' + b"}" * n
        yield f"lists{n}.jsonl", b"[" * n + b"]" * n + b'\n{"id": "after", "text": "A sound line."}'
    for field in ("text", "author", "title", "date"):
        yield f"field-{field}.json", b'{"text": "A.", "%s": %s1%s}' % (field.encode(), b"[" * 900, b"]" * 900)


def odd_json(random: Random, scale: float) -> Made:
    many = int(10_000_000 * scale)
    yield "empties.json", b"[" + b"[]," * many + b"0]"
    yield "objects.json", b"[" + b"{}," * many + b"0]"
    yield "digits.json", b'{"text": "A.", "id": ' + b"9" * 100_000 + b"}"
    yield "number.json", b'{"text": "A.", "id": 1e999, "title": NaN}'
    yield "half.json", b'{"text": "\\ud800 A.", "title": "\\udfff"}'
    yield "nul.json", b'{"text": "A \\u0000 B.", "id": "a\\u0000b"}'
    yield "names.json", b'{"' + b"a" * 1_000_000 + b'": 1, "b": 2}'
    yield "same.json", b"[" + b",".join([b'{"id": "x", "text": "A."}', b'{"id": "x", "text": "B."}'] * 50) + b"]"
    yield "escapes.json", b'{"text": "' + b"\\u0041" * int(20_000_000 * scale) + b'"}'
    yield "flood.jsonl", b"x\n" * int(20_000_000 * scale)
    yield "flood.json", b"[" + b"1," * int(2_000_000 * scale) + b"1]"
    yield "flood.csv", b"id,text\n" + b"1,2,3\n" * int(5_000_000 * scale)
    for n, key in enumerate(
        ("../../etc/passwd", "a\nb", "\u202egnp.exe", "a\u200bb", "x" * 10_000, "%2e%2e%2f", "<b>", "'; DROP")
    ):
        yield f"id{n}.json", json.dumps({"id": key, "title": key, "text": SENTENCE}).encode()


def looped_pdfs(random: Random, scale: float) -> Made:
    text = stream(shown(SENTENCE))
    yield "kids.pdf", one_page(text, o2=b"<< /Type /Pages /Kids [2 0 R] /Count 1 >>")
    yield (
        "kids2.pdf",
        one_page(text, o2=b"<< /Type /Pages /Kids [6 0 R] /Count 9 >>", o6=b"<< /Type /Pages /Kids [2 0 R 2 0 R] >>"),
    )
    yield "parent.pdf", one_page(text, o2=b"<< /Type /Pages /Parent 2 0 R /Kids [3 0 R] /Count 1 >>")
    yield "count.pdf", one_page(text, o2=b"<< /Type /Pages /Kids [3 0 R] /Count 999999999 >>")
    yield "same.pdf", one_page(text, o2=b"<< /Type /Pages /Kids [" + b"3 0 R " * 100_000 + b"] /Count 100000 >>")
    yield "wide.pdf", one_page(text, o2=b"<< /Type /Pages /Kids [" + b"3 0 R " * 4000 + b"] /Count 4000 >>")
    yield "contents.pdf", one_page(b"[" + b"6 0 R " * 100_000 + b"]", o6=text)
    yield "itself.pdf", one_page(b"4 0 R")
    yield "circle.pdf", one_page(b"6 0 R", o6=b"7 0 R", o7=b"6 0 R")
    yield "length.pdf", one_page(b"<< /Length 4 0 R >>\nstream\n" + shown("a") + b"\nendstream")
    yield "filter.pdf", one_page(stream(b"a", b"/Filter 4 0 R"))
    form = b"/Type /XObject /Subtype /Form /BBox [0 0 9 9] /Resources << /XObject << /A 6 0 R /B 6 0 R >> >>"
    yield "forms.pdf", one_page(stream(b"/A Do"), b"/XObject << /A 6 0 R >>", o6=stream(b"/A Do /B Do", form))
    tower = {f"o{n}": stream(b"/A Do " * 10, form.replace(b"6 0 R", b"%d 0 R" % (n + 1))) for n in range(6, 26)}
    yield "tower.pdf", one_page(stream(b"/A Do"), b"/XObject << /A 6 0 R >>", **tower, o26=text)
    font = b"<< /Type /Font /Subtype /Type0 /BaseFont /A /Encoding /Identity-H /ToUnicode 6 0 R >>"
    ranges = b"1 beginbfrange\n<00000000> <FFFFFFFF> <0041>\nendbfrange\n"
    yield "range.pdf", one_page(stream(b"BT /F 9 Tf <0041> Tj ET"), o5=font, o6=stream(ranges))
    yield (
        "ranges.pdf",
        one_page(stream(b"BT /F 9 Tf <0041> Tj ET"), o5=font, o6=stream(ranges.replace(b"0000000", b"000") * 1000)),
    )
    yield "prev.pdf", one_page(text).replace(b"/Root 1 0 R", b"/Root 1 0 R /Prev 9")
    sound = one_page(text)
    start = sound.rindex(b"xref\n0")
    yield "prev-loop.pdf", sound.replace(b"/Root 1 0 R", b"/Root 1 0 R /Prev %d" % start)
    yield "start.pdf", sound[: sound.rindex(b"startxref")] + b"startxref\n999999999999\n%%EOF"
    yield "root.pdf", pdf({1: b"1 0 R"})
    yield "deep.pdf", pdf({1: b"[" * 100_000})
    yield "deep-dictionary.pdf", pdf({1: b"<< /A " * 50_000})
    yield "operators.pdf", one_page(stream(b"q " * 2_000_000))
    yield "operands.pdf", one_page(stream(b"[" * 200_000 + shown("a")))
    yield "string.pdf", one_page(stream(b"BT /F 9 Tf (" + b"(" * 500_000 + b") Tj ET"))
    yield (
        "encrypted.pdf",
        pdf({1: b"<< >>", 2: b"<< /Filter /Standard /V 5 /R 6 /Length 9999 >>"}, trailer=b"/Root 1 0 R /Encrypt 2 0 R"),
    )
    yield "head.pdf", b"%PDF-1.7\n"
    yield "tail.pdf", b"%PDF-1.4\n" + b"1 0 obj\n" * 300_000


def heavy_html(random: Random, scale: float) -> Made:
    n = int(1_000_000 * scale)
    yield "tags.html", page("<b>x</b>" * n)
    yield "unclosed.html", page("<div>" * n)
    yield "barely.html", page("<p>word here.</p>" * min(n, 24_000))
    yield "deep.html", page("<div>" * 5000 + "x" + "</div>" * 5000)
    yield "deep-inline.html", page("<b><i>" * 120 + "x")
    yield "tables.html", page("<table><tr><td>" * 80 + "x")
    yield "attributes.html", page("<p " + " ".join(f"a{i}=x" for i in range(int(80_000 * scale))) + ">x</p>")
    yield "attribute.html", page(f"<p title='{'x ' * n}'>x</p>")
    yield "json-ld.html", page(head='<script type="application/ld+json">[' + ",".join(["{}"] * n) + "]</script>")
    yield "json-deep.html", page(head='<script type="application/ld+json">' + "[" * 900 + "]" * 900 + "</script>")
    yield "meta.html", page(head="".join(f'<meta name="x{i}" content="2026-01-01">' for i in range(min(n, 45_000))))
    yield "author.html", page(head=f'<meta name="author" content="{"By a and " * (n // 10)}">')
    yield "date.html", page(head=f'<meta property="article:published_time" content="{"1 " * n}">')
    yield "title.html", page().replace(b"The bridge", b"a - " * n)
    yield "comments.html", page("<!--" * n)
    yield "less.html", page("<" * n)
    yield "references.html", page("&#x" * n + "&#" + "9" * 5000 + ";")
    yield "breaks.html", page("x<br>" * min(n, 45_000))
    yield "links.html", page('<a href="/x">y</a> ' * min(n, 20_000))
    yield "scripts.html", page("<script>x</script>" * min(n, 40_000))
    yield "svg.html", page("<svg>" * 10_000)
    yield "data.html", page(f"<img src='data:image/png;base64,{'A' * 10 * n}'>")
    yield "frames.html", b"<html><frameset>" + b"<frame src=x>" * 10_000
    yield "xml.html", b'<?xml version="1.0" encoding="' + b"x" * 100_000 + b'"?>' + page()
    yield "plaintext.html", page("<plaintext>" + "<p>" * 10_000)
    yield "fragment.html", b"<p>" + b"<a><b>" * 200 + b"x"
    yield "space.html", page("x" + " \n" * n + "y")


def directions(random: Random, scale: float) -> Made:
    marks = {
        "override": "\u202e",
        "isolate": "\u2067",
        "zero": "\u200b",
        "joiner": "\u200d",
        "bom": "\ufeff",
        "soft": "\u00ad",
    }
    for name, mark in (
        marks | {"tag": "\U000e0041", "none": "\ufdd0", "accent": "\u0301", "variant": "\ufe0f"}
    ).items():
        yield f"{name}.txt", mark.join(SENTENCE * 20).encode()
        yield (
            f"{name}.json",
            json.dumps(
                {"id": f"a{mark}b", "title": mark * 500, "author": mark, "text": f"{mark}A{mark * 5000} bridge."}
            ).encode(),
        )
    yield "stack.txt", ("e" + "\u0301" * 1_000_000).encode()
    yield "arabic.txt", ("\u0627\u0644\u062c\u0633\u0631 \u0645\u063a\u0644\u0642. " * 500).encode()
    yield "only.txt", "\u200b\u200e\u202e".encode() * 1000
    yield "ends.txt", "\u2028\u2029\x85\x0b\x0c".encode() * 10_000 + TEXT.encode()


def names(random: Random, scale: float) -> Made:
    spelled = [
        *("a\nb", "a\tb", "a\rb", "\x1b[2J\x1b]0;owned\x07", "..", "...", "-rf", "--help", "~", "*", "a'b\"c", "a;b", "$(x)"),
        *("`x`", "%2e%2e%2f", "..\\..\\x", "a\\nb", " ", "a ", "x" * 250, "CON", "\u202etxt.exe", "a\u200bb", "\u0301", "😀"),
        *("<script>alert(1)</script>".replace("/", ":"), "&amp;", "{0}", "%s%n", "a#b", "a?b", "\u2028", "\ufeff", "é", "e\u0301"),
    ]  # fmt: skip
    for name in spelled:
        yield f"{name}.txt", TEXT.encode()
    for raw in (b"\xff\xfe.txt", b"\xc3.md", b"a\x80b.html"):
        yield raw, page()


def slow_texts(random: Random, scale: float) -> Made:
    n = int(500_000 * scale)
    wrapped = "\n".join(f"Line {i} of a text that was wrapped at the width of some old" for i in range(60))
    pumps = {
        "hyphens": wrapped + "\n" + "a b-" + "\n" * n + ".", "word": wrapped + "\n" + "a " + "a" * 3 * n,
        "lines": "x y\n" * n, "dots": ". " * n, "capitals": "A " * n, "at": "a@" * n, "dates": "on May 5, " * (n // 5),
        "header": "---\n" + "title: x\n" * (n // 5), "quotes": "“a. " * (n // 3), "digits": "1 " * n,
        "reporting": ("Reporting by " + "A. " * 120 + "!\n\n") * 20, "names": "By " + "Ann Roe, " * (n // 9),
        "reference": "&#" + "1" * 5000 + ";", "blank": "x" + "\n" * n, "rules": "- " * 10_000 + "x",
        "credit": ("A" * 50 + " " + "Bb.'-" * 100 + "/") * 50, "follow": "follow " + "us coverage " * 30,
    }  # fmt: skip
    for name, text in pumps.items():
        yield f"{name}.txt", f"{text}\n\n{SENTENCE}".encode()
        yield f"{name}.md", f"{text}\n\n{SENTENCE}".encode()
    marks = (
        "[",
        "![a](",
        "*a ",
        "*",
        "_a_",
        "`",
        "> ",
        "# ",
        "<a ",
        "|",
        "\\",
        "~~a",
        "<!--",
        "[a]: ",
        "***a",
        "[a](<",
        '[a](b "c',
    )
    for number, mark in enumerate(marks):
        yield f"mark{number}.md", f"{SENTENCE}\n\n{mark * n}".encode()


def bad_tables(random: Random, scale: float) -> Made:
    yield "open.csv", b'id,text\n1,"' + TEXT.encode() * 100
    yield "many.csv", b"text," + b"a," * 9000 + b"\n" + b"A bridge." + b"," * 9000
    yield "wide.csv", b"id,text\n" + b"," * int(10_000_000 * scale)
    yield "returns.csv", b"id,text\r1,A bridge is closed.\r2,B.\r"
    yield "quotes.csv", b"id,text\n" + b'"' * int(10_000_000 * scale)
    yield "empty.csv", b"\n\n\n"
    yield "same.csv", b"text,text,text\nA,B,C\n"
    yield "marks.tsv", b'id\ttext\n1\t"A\tB\n'
    yield "head.csv", b'"text\nid","a"\n"A","B"\n'
    yield "formula.csv", b"id,text\n=cmd|' /C calc'!A0,=HYPERLINK(\"http://x\")\n"


KINDS: dict[str, Callable[[Random, float], Made]] = {
    "truncated": truncated, "bits flipped": flipped, "encodings": encodings, "bombs": bombs, "long lines": long_lines,
    "NULs": nuls, "nested JSON": nested_json, "odd JSON": odd_json, "looped PDFs": looped_pdfs, "heavy HTML": heavy_html,
    "directions": directions, "names": names, "slow texts": slow_texts, "tables": bad_tables,
}  # fmt: skip


def make(folder: Path, kind: str, *, scale: float = 1, seed: int = 8) -> Iterator[Path]:
    """The files of a kind, each made when it is asked for."""
    for name, content in KINDS[kind](Random(f"{seed} {kind}"), scale):
        path = Path(os.fsdecode(os.path.join(os.fsencode(folder), os.fsencode(name))))
        path.write_bytes(content)
        yield path


def make_odd_entries(folder: Path) -> None:
    """What is no file: folders of great depth, links in circles and to nothing, a pipe."""
    (folder / "circle").symlink_to(folder)
    (folder / "nothing.txt").symlink_to(folder / "gone")
    (folder / "self.txt").symlink_to(folder / "self.txt")
    os.mkfifo(folder / "pipe.txt")
    (folder / "null.txt").symlink_to("/dev/zero")
    (folder / "folder.pdf").mkdir()
    deep = folder
    for _ in range(1100):
        deep = deep / "d"
        deep.mkdir()
    (deep / "bottom.txt").write_text(TEXT)
