"""What a text says about itself at its top: front matter, header lines, a headline."""

import re
from collections.abc import Sequence
from pathlib import Path

from index.paragraphs import Paragraph, normalised
from index.records import NAMES
from index.types import Record

FIELD = re.compile(r"\s*([A-Za-z][A-Za-z_ -]{1,24}?)\s*:\s*(\S.*)?$")
KICKER = re.compile(
    "world|news|politics|business|sports?|opinion|analysis|tech|technology|health|science|culture|entertainment|europe|"
    "us|uk|u\\.s\\.|asia|africa|americas|middle east|local|national|international|lifestyle|travel|climate|"
    "environment|economy",
    re.IGNORECASE,
)


def claims(text: str) -> tuple[dict[str, str], str]:
    """What front matter, or header lines at the very top, claim; and the text after them."""
    text = text.lstrip("\n ")
    fenced = text.startswith("---\n")
    found: dict[str, str] = {}
    lines = text[4 if fenced else 0 : 20_000].split("\n")[:80]
    for number, line in enumerate(lines):
        if fenced and line.rstrip() in ("---", "..."):
            return (found, _after(text, number + 2)) if found else ({}, text)
        field = FIELD.match(line)
        name = _claim(field[1]) if field else None
        if not fenced and not (name and field and field[2]):
            certain = len(found) > 1 or {"title", "url"} & set(found)
            return (found, _after(text, number)) if certain else ({}, text)
        if name and field and (value := (field[2] or "").strip().strip("\"'[]")):
            found.setdefault(name, value)
    return {}, text


def _claim(name: str) -> str | None:
    bare = re.sub(r"[\s_-]+", "", name).lower()
    return next((field for field, names in NAMES.items() if bare in names and field not in ("id", "text")), None)


def _after(text: str, lines: int) -> str:
    return text.split("\n", lines)[-1] if text.count("\n") >= lines else ""


def _title(page: _Page, given: str | None, record: Record) -> str:
    """The title; the paragraphs that repeat it go."""
    title = given or _first_heading(page.lines) or _headline(page)
    if title is None:
        return _file_name(record) or _first_words(page.lines)
    same = _bare(title)
    repeats = {
        n
        for n, line in enumerate(page.lines)
        if len(line.text) <= 2 * len(title) + 20
        and _bare(line.text) == same
        and (title.endswith(".") or not line.text.endswith("."))  # with a full stop it is a sentence of the article
    }
    if same and len(repeats) < len(page.lines):
        page.gone |= repeats
    return title


def _first_heading(lines: Sequence[Paragraph]) -> str | None:
    """The heading with which Markdown opens."""
    return next((line.text for line in lines[:3] if line.heading), None)


def _headline(page: _Page) -> str | None:
    """The first line when it reads like a headline; a section's name above it goes."""
    lines = [(n, line.text) for n, line in enumerate(page.lines) if not _is_around(line.text)][:2]
    if len(lines) < 2 or any(line.heading for line in page.lines):
        return None
    (first, kicker), (_, title) = lines
    if _reads_like_headline(title) and (KICKER.fullmatch(kicker) or re.search(r"\w\s?[>›»]\s?\w", kicker)):
        if len(kicker) <= 80 and len(title.split()) > 3:
            page.gone.add(first)
            return title
    return kicker if _reads_like_headline(kicker) else None


def _reads_like_headline(text: str) -> bool:
    return 3 <= len(text) <= 200 and re.search(r"[.,;:…]\W*$", text) is None and any(c.isalpha() for c in text)


def _is_around(text: str) -> bool:
    return bool(is_interface(text) or is_credit(text) or is_caption(text) or dated(text) is not None or signed(text))


def _file_name(record: Record) -> str | None:
    """The file's name in words, when it has some: "river-floods-town.txt"."""
    if record.origin is None or record.key != record.origin:
        return None
    words = re.sub(r"[\s_+-]+", " ", normalised(Path(record.origin).stem)).strip()
    told = [
        word
        for word in words.split()
        if len(word) > 2 and word.isalpha() and re.search("[aeiouyAEIOUY]|[^\x00-\x7f]", word)
    ]
    return words[:1].upper() + words[1:] if len(told) > 1 else None


def _first_words(lines: Sequence[Paragraph]) -> str:
    words = next((line.text for line in lines if any(c.isalnum() for c in line.text)), "Untitled")[:400].split()
    title = " ".join(words[:12])[:120]
    return title + "…" if len(words) > 12 or len(title) == 120 else title


def _bare(text: str) -> str:
    return re.sub(r"[\W_]+", " ", text).strip().casefold()
