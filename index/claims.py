"""What a text says about itself at its top: front matter, header lines, a headline."""

import re
from collections.abc import Sequence
from itertools import takewhile
from pathlib import Path

from index.around import Page, bare, is_around
from index.paragraphs import Paragraph, normalised
from index.records import NAMES
from index.types import Record

FIELD = re.compile(r"\s*([A-Za-z][A-Za-z_ -]{1,24}?)\s*:\s*(\S.*)?$")
KICKER = re.compile(
    r"world|news|politics|business|sports?|opinion|analysis|tech|technology|health|science|culture|entertainment|europe|"
    r"us|uk|u\.s\.|asia|africa|americas|middle east|local|national|international|lifestyle|travel|climate|environment|"
    r"economy|(?:local|world|national|breaking|top) (?:news|stories)",
    re.IGNORECASE,
)
"""The names of sections, which stand above headlines."""
TRAIL = re.compile(r"\w\s?[>›»]\s?\w")


def claims(text: str) -> tuple[dict[str, str], str]:
    """What front matter, or header lines at the very top, claim; and the text after them."""
    text = text.lstrip("\n ")
    fenced = text.startswith("---\n")
    found: dict[str, str] = {}
    for number, line in enumerate(text[4 if fenced else 0 : 20_000].split("\n")[:80]):
        if fenced and line.rstrip() in ("---", "..."):
            return (found, _after(text, number + 2)) if found else ({}, text)
        field = FIELD.match(line)
        name = _claim(field[1]) if field else None
        value = (field[2] or "").strip().strip("\"'[]") if field else ""
        if name and value:
            found.setdefault(name, value)
        elif not fenced:
            certain = len(found) > 1 or {"title", "url"} & set(found)
            return (found, _after(text, number)) if certain else ({}, text)
    return {}, text


def title(page: Page, given: str | None, record: Record) -> str:
    """The title; the paragraphs that repeat it go."""
    found = given or _first_heading(page.lines) or _headline(page)
    if found is None:
        return _file_name(record) or _first_words(page.lines)
    same = bare(found)
    repeats = {
        n
        for n, line in enumerate(page.lines)
        if len(line.text) <= 2 * len(found) + 20
        and bare(line.text) == same
        and (found.endswith(".") or not line.text.endswith("."))  # with a full stop it is a sentence of the article
    }
    if same and len(repeats) < len(page.lines):
        page.gone |= repeats
    return found


def _claim(name: str) -> str | None:
    """The field that a header's name stands for."""
    spelt = re.sub(r"[\s_-]+", "", name).lower()
    return next((field for field, names in NAMES.items() if spelt in names and field not in ("id", "text")), None)


def _after(text: str, lines: int) -> str:
    return text.split("\n", lines)[-1] if text.count("\n") >= lines else ""


def _first_heading(lines: Sequence[Paragraph]) -> str | None:
    """The heading with which Markdown opens, a little furniture above it at most."""
    opening = next((line for line in lines[:4] if line.heading or not is_around(line.text)), None)
    return opening.text if opening and opening.heading else None


def _headline(page: Page) -> str | None:
    """The first line when it reads like a headline; a menu or a section's name above it goes."""
    lines = [(n, line.text) for n, line in enumerate(page.lines[:20]) if not is_around(line.text)]
    if len(lines) < 2 or any(line.heading for line in page.lines):
        return None
    menu = list(takewhile(lambda line: len(line[1].split()) <= 3, lines))
    if len(menu) > 1 and KICKER.fullmatch(menu[0][1]) and len(lines) > len(menu) + 1:
        page.gone |= {n for n, _ in menu}
        lines = lines[len(menu) :]
    lines = lines[:2]
    (first, opening), (_, second) = lines
    is_section = len(opening) <= 80 and (KICKER.fullmatch(opening) or TRAIL.search(opening))
    if is_section and _reads_like_headline(second) and len(second.split()) > 3:
        page.gone.add(first)
        return second
    # Headlines have more than three words; what has fewer, above a longer one, is the topic, and stays.
    third = next((line.text for n, line in enumerate(page.lines) if n > lines[1][0]), "")
    is_topic = (
        len(opening.split()) <= 3 and len(second.split()) > 4 and (is_around(third) or _reads_like_headline(third))
    )
    if is_topic and _reads_like_headline(second):
        return second
    return opening if _reads_like_headline(opening) else None


def _reads_like_headline(text: str) -> bool:
    return 3 <= len(text) <= 200 and re.search(r"[.,;:…–—-]\W*$", text) is None and any(c.isalpha() for c in text)


def _file_name(record: Record) -> str | None:
    """The file's name in words, when it has some: "river-floods-town.txt"."""
    if record.origin is None or record.key != record.origin:
        return None
    name = re.sub(r"[\s_+-]+", " ", normalised(Path(record.origin).stem)).strip()
    words = [
        word for word in name.split() if len(word) > 2 and word.isalpha() and re.search(r"[aeiouy]|\W", word, re.I)
    ]
    return name[:1].upper() + name[1:] if len(words) > 1 else None


def _first_words(lines: Sequence[Paragraph]) -> str:
    words = next((line.text for line in lines if not is_around(line.text)), "Untitled")[:400].split()
    short = " ".join(words[:12])[:120]
    return short + "…" if len(words) > 12 or len(short) == 120 else short
