"""A raw record becomes a cleaned article: what was written, without what stood around it on its page.

| Step | What it takes away or learns |
|---|---|
| claims | front matter and header lines ("Title: …", "Date: …") |
| paragraphs | Markdown's marks; wrapped lines are joined (see `paragraphs`, `markdown`) |
| title | given, else claimed, else `# `, else the first line, else the file's name, else the first words; its repeats go |
| head | byline and dateline |
| middle | buttons, captions, credits (see `furniture`) |
| tail | author box, endnotes, links to other articles |
| date | record, header, byline, URL, text: the first that says a day (see `publication`) |
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import NamedTuple

from index import markdown
from index.byline import LABELLED, Dated, dated, is_name, is_role, people, signed
from index.errors import InputError
from index.furniture import (
    AFTERWORD,
    AUTHOR_MARK,
    LINK,
    MORE,
    is_biography,
    is_caption,
    is_credit,
    is_endnote,
    is_interface,
)
from index.paragraphs import ENDS_SENTENCE, Paragraph, normalised, paragraphs
from index.publication import in_url, infer, read
from index.records import NAMES
from index.types import Article, Record, Span

HEAD = 12
"""Paragraphs from the top in which a byline is looked for: headline, standfirst, picture, share buttons come before it."""
TAIL = 15

FIELD = re.compile(r"\s*([A-Za-z][A-Za-z_ -]{1,24}?)\s*:\s*(\S.*)?$")
KICKERS = frozenset(
    "world news politics business sport sports opinion analysis tech technology health science culture entertainment europe "
    "us uk u.s. asia africa americas local national international lifestyle travel climate environment economy".split()
)


class Cleaned(NamedTuple):
    """An article, and what to know about it, such as a date that could not be read."""

    article: Article
    notes: tuple[str, ...]


@dataclass(slots=True)
class _Page:
    """The paragraphs of one page, which of them go, and what they told before they went."""

    lines: list[Paragraph]
    gone: set[int]
    author: str | None
    dates: list[Dated]


def clean(record: Record, *, today: date) -> Cleaned:
    """The article in `record`, and notes on what could not be used. Raises InputError when no text is left."""
    if record.format == "html":
        from index.page import as_markdown

        record = as_markdown(record)
    claims, text = _claims(normalised(record.text))
    lines = markdown.paragraphs(text) if record.format == "markdown" else paragraphs(text)
    page = _Page(lines, set(), _line(record.author) or claims.get("author"), [])
    title = _title(page, _line(record.title) or claims.get("title"), record)
    _head(page)
    _middle(page)
    _tail(page)
    kept = [line for n, line in enumerate(lines) if n not in page.gone]
    if not any(character.isalnum() for line in kept for character in line.text):
        raise InputError("No text is left of it once buttons, captions and credits are taken away.")
    url = _line(record.url) or claims.get("url")
    whole = "\n".join(line.text for line in lines)
    published, source, notes = _published(record, claims, page.dates, url, whole, today)
    body, headings = _assembled(kept, guess=record.format != "markdown")
    article = Article(
        id=record.key,
        title=title,
        text=body,
        author=page.author,
        publisher=_line(record.publisher) or claims.get("publisher"),
        published=published,
        date_source=source,
        url=url,
        language=_line(record.language) or claims.get("language"),
        origin=record.origin,
        headings=headings,
    )
    return Cleaned(article, notes)


def _line(text: str | None) -> str | None:
    """A claim on one line, without control characters; None when it says nothing."""
    return " ".join(normalised(text or "").split()) or None


def _claims(text: str) -> tuple[dict[str, str], str]:
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
    if _reads_like_headline(title) and (kicker.lower().strip(":|") in KICKERS or re.search(r"\w\s?[>›»]\s?\w", kicker)):
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
    told = [word for word in words.split() if len(word) > 2 and word.isalpha() and re.search("[aeiouyAEIOUY]|[^\x00-\x7f]", word)]
    return words[:1].upper() + words[1:] if len(told) > 1 else None


def _first_words(lines: Sequence[Paragraph]) -> str:
    words = next((line.text for line in lines if any(c.isalnum() for c in line.text)), "Untitled")[:400].split()
    title = " ".join(words[:12])[:120]
    return title + "…" if len(words) > 12 or len(title) == 120 else title


def _bare(text: str) -> str:
    return re.sub(r"[\W_]+", " ", text).strip().casefold()


def _head(page: _Page) -> None:
    """Bylines and datelines go; author and dates are learned."""
    top = [n for n in range(len(page.lines)) if n not in page.gone][:HEAD]
    days = {n: found for n in top if (found := dated(page.lines[n].text)) is not None}
    bare = [n for n, found in days.items() if not all(day.labelled for day in found)]
    if len(bare) > 2:  # a timeline or release notes: each day is the heading of what happened on it
        days = {n: found for n, found in days.items() if n not in bare}
    page.gone |= set(days)
    page.dates += [day for found in days.values() for day in found]
    beside = {n + step for n, found in days.items() if found or LABELLED.match(page.lines[n].text) for step in (-1, 1)}
    for n in top:
        text = page.lines[n].text
        if n not in page.gone and (byline := signed(text)):
            page.gone.add(n)
            page.author = page.author or byline[0]
            page.dates += dated(byline[1]) or []
        elif page.author is None and (n in beside or _in_author_box(page, text)) and (who := people(text)):
            page.gone.add(n)
            page.author = who
    for n in top:
        text = page.lines[n].text
        alone = page.author is not None and _bare(text) == _bare(page.author)
        if alone or (n - 1 in page.gone and n - 1 in top and is_role(text)):
            page.gone.add(n)


def _in_author_box(page: _Page, text: str) -> bool:
    """Whether `text` stands at the page's end again, above what is said of an author."""
    return any(
        page.lines[n].text == text
        and (AUTHOR_MARK.fullmatch(_below(page, n)) or is_biography(_below(page, n), author=text, marked=False))
        for n in range(max(HEAD, len(page.lines) - TAIL), len(page.lines))
    )


def _middle(page: _Page) -> None:
    """Buttons, captions and credits go, and a caption that stands beside itself without its credit."""
    captions: set[int] = set()
    for n, line in enumerate(page.lines):
        if is_caption(line.text) or is_credit(line.text):
            captions.add(n)
        elif is_interface(line.text):
            page.gone.add(n)
    for n in sorted(captions):
        caption = _bare(page.lines[n].text[:700])
        for beside in (n - 1, n + 1):
            if 0 <= beside < len(page.lines) and beside not in captions and len(page.lines[beside].text) <= 600:
                text = _bare(page.lines[beside].text)
                if len(text) >= 25 and caption.startswith(text):
                    page.gone.add(beside)
    page.gone |= captions


def _tail(page: _Page) -> None:
    """From the end upwards, the author box and the page's own notes go, until a sentence of the article comes."""
    start = max(0, len(page.lines) - TAIL)
    _links(page, start)
    for n in range(len(page.lines) - 1, start - 1, -1):
        text = page.lines[n].text
        if n in page.gone:
            continue
        above = next((page.lines[m].text for m in range(n - 1, -1, -1) if m not in page.gone), "")
        marked = AUTHOR_MARK.fullmatch(above) is not None or (is_name(above) and text.startswith(above))
        if is_name(text) and AUTHOR_MARK.fullmatch(_below(page, n)):
            page.author = page.author or text
        named = page.author is not None and _bare(text) == _bare(page.author)
        if not (
            named
            or AUTHOR_MARK.fullmatch(text)
            or AFTERWORD.fullmatch(text)
            or is_endnote(text)
            or is_biography(text, author=page.author, marked=marked)
            or (is_name(text) and n + 1 in page.gone and n > 0 and _below(page, n).startswith((text, "Author", "author")))
        ):
            return
        page.gone.add(n)


def _below(page: _Page, n: int) -> str:
    return page.lines[n + 1].text if n + 1 < len(page.lines) else ""


def _links(page: _Page, start: int) -> None:
    """Headlines of other articles under "More on this story" go, when nothing but such lines follows."""
    for n in range(len(page.lines) - 1, start - 1, -1):
        text = page.lines[n].text
        if MORE.fullmatch(text):
            page.gone |= set(range(n, len(page.lines)))
        elif not (n in page.gone or is_endnote(text) or LINK.fullmatch(text)):
            return


def _published(
    record: Record, claims: dict[str, str], dates: Sequence[Dated], url: str | None, text: str, today: date
) -> tuple[str | None, str | None, tuple[str, ...]]:
    """The date, where it was found, and a note on each claim that could not be used."""
    said = [(record.published, record.date_source or "record"), (claims.get("published"), "header")]
    said += [(day.value, "byline") for day in sorted(dates, key=lambda day: day.updated)]
    said += [(in_url(url or ""), "url")]
    notes = []
    for value, source in said:
        if value and value.strip():
            try:
                return read(value, today=today), source, tuple(notes)
            except ValueError as error:
                notes.append(f"Its date {' '.join(value.split())[:60]!r} ({source}) was not used: it {error}.")
    found = infer(text, today=today)
    return found, "text" if found else None, tuple(notes)


def _assembled(lines: Sequence[Paragraph], *, guess: bool) -> tuple[str, tuple[Span, ...]]:
    """The paragraphs as one text, and where its headings are."""
    headings = []
    at = 0
    for n, line in enumerate(lines):
        if line.heading or (guess and _is_heading(lines, n)):
            headings.append(Span(at, at + len(line.text)))
        at += len(line.text) + 2
    return "\n\n".join(line.text for line in lines), tuple(headings)


def _is_heading(lines: Sequence[Paragraph], n: int) -> bool:
    """Whether plain text reads like a heading: a short line alone above a paragraph, not one of several short lines."""
    text = lines[n].text
    return (
        _is_short(text)
        and n + 1 < len(lines)
        and len(lines[n + 1].text) > max(90, len(text))
        and not (n > 0 and _is_short(lines[n - 1].text))
        and any(character.isalpha() for character in text)
    )


def _is_short(text: str) -> bool:
    return len(text) <= 90 and len(text.split()) <= 12 and ENDS_SENTENCE.search(text) is None and text[-1] not in ",;"
