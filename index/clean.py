"""A raw record becomes a cleaned article: what was written, without what stood around it on its page.

| Step | What it takes away or learns |
|---|---|
| claims | front matter and header lines ("Title: …", "Date: …") |
| paragraphs | Markdown's marks; wrapped lines are joined (see `paragraphs`, `markdown`) |
| title | given, claimed, `# `, the first line, the file's name, or the first words; its repeats go |
| head | byline, dateline and the paper beside them |
| middle | buttons, captions, credits (see `furniture`) |
| tail | author box, endnotes, links to other articles |
| date | the first claim that says a day, in the order of `certainty.SOURCES`; else the text; see `_published` |
| language | claimed or told from the text (see `language`) |
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import NamedTuple

from index import isolated, markdown
from index.around import Page, tidy
from index.byline import Dated
from index.certainty import FIRM, is_plain, rank
from index.claims import claims, title
from index.errors import InputError
from index.language import language_of
from index.paragraphs import ENDS_SENTENCE, Paragraph, normalised, paragraphs
from index.publication import in_url, infer, is_ahead, read
from index.types import Article, Record, Span

LONGEST_CLAIM = 500


class Cleaned(NamedTuple):
    """An article, and what to know about it, such as a date that could not be read."""

    article: Article
    notes: tuple[str, ...]


def clean(record: Record, *, today: date) -> Cleaned:
    """The article in `record`, and notes on what could not be used. Raises InputError when no text is left."""
    if record.format == "html":
        record = isolated.page(record)
    said, text = claims(normalised(record.text))
    lines = markdown.paragraphs(text) if record.format == "markdown" else paragraphs(text)
    page = Page(lines, author=_person(record.author) or _person(said.get("author")))
    headline = title(page, _line(record.title) or _line(said.get("title")), record)
    tidy(page)
    kept = [line for n, line in enumerate(lines) if n not in page.gone]
    if not any(character.isalnum() for line in kept for character in line.text):
        raise InputError("No text is left of it once buttons, captions and credits are taken away.")
    url = _line(record.url) or said.get("url")
    whole = "\n".join(line.text for line in lines)
    published, source, notes = _published(record, said, page.dates, url, whole, today)
    body, headings = _assembled(kept, guess=record.format != "markdown")
    article = Article(
        id=record.key,
        title=headline,
        text=body,
        author=page.author,
        publisher=_line(record.publisher) or said.get("publisher") or page.publisher,
        published=published,
        date_source=source,
        url=url,
        language=_line(record.language) or said.get("language"),
        origin=record.origin,
        headings=headings,
    )
    return Cleaned(replace(article, language=language_of(article)), notes)


def _line(text: str | None) -> str | None:
    """A claim on one line, without control characters; None when it says nothing."""
    return " ".join(normalised((text or "")[: 2 * LONGEST_CLAIM]).split())[:LONGEST_CLAIM].strip() or None


def _person(text: str | None) -> str | None:
    """The author whom a claim names, without its "By" or "Von"."""
    by = r"\A(?:(?i:by|author)\b\s?:?|(?:Von|Par|Por)(?=\s[A-ZÀ-Þ]\S+\s[A-ZÀ-Þ]))\s+"  # but Ursula von der Leyen
    return re.sub(by, "", _line(text) or "") or None


def _published(
    record: Record, header: dict[str, str], dates: Sequence[Dated], url: str | None, text: str, today: date
) -> tuple[str | None, str | None, tuple[str, ...]]:
    """The date, where it was found, and a note on each claim that could not be used or says something else.

    What a source says plainly counts also where it lies in the future: a magazine is dated ahead, a clock set back. All
    else may speak of a day to come, and has to lie in the past.
    """
    said = [(record.published, record.date_source or "record"), (header.get("published"), "header")]
    said += [(day.value, "update" if day.updated else "byline") for day in dates] + [(in_url(url or ""), "url")]
    notes: list[str] = []
    found: list[tuple[str, str]] = []
    for value, source in sorted(said, key=lambda claim: rank(claim[1])):
        if value and value.strip():
            try:
                day = read(value)
                if is_ahead(day, today=today) and not is_plain(source):
                    raise ValueError("lies in the future")
                found.append((day, source))
            except ValueError as error:
                if not found:
                    notes.append(f"Its date {' '.join(value.split())[:60]!r} ({source}) was not used: it {error}.")
    if not found or rank(found[0][1]) > rank("text"):
        inferred = infer(text, today=today)
        found = [(inferred, "text")] if inferred else found
    if not found:
        return None, None, tuple(notes)
    published, source = found[0]
    if is_ahead(published, today=today):
        notes.append(f"Its date {published[:10]} ({source}) lies in the future.")
    firm = [(day[:10], which) for day, which in found if which in FIRM]
    if other := next((f"its {which} says {day}" for day, which in firm if _is_far(day, firm[0][0])), None):
        notes.append(f"Its date is {firm[0][0]} ({source}), and {other}: one of them may be that of a later edition.")
    return published, source, tuple(notes)


def _is_far(day: str, other: str) -> bool:
    return abs(date.fromisoformat(day[:10]) - date.fromisoformat(other[:10])) > timedelta(days=2)


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
