"""An article on its own, and what it was before it changed: as JSON, and for a terminal."""

from collections.abc import Iterator, Mapping, Sequence
from difflib import SequenceMatcher
from typing import Any

from index import language
from index.chunk import sentences
from index.history import Stored
from index.types import Span
from qa.sources import day
from ui.render import article_json, how_dated, printable, wrapped

Json = Mapping[str, Any]
COMPARED = ("title", "author", "publisher", "published_at", "url", "language")
"""What is compared besides the text."""
AROUND = 1
"""Sentences shown on each side of those that have changed."""


def history_json(whole: Sequence[Stored]) -> dict[str, object]:
    """An article as JSON with `versions`, what it was before, the oldest first; `whole` ends with what it is."""
    *before, now = whole
    versions = [
        {**article_json(old.article), "added_at": old.added_at, "replaced_at": old.replaced_at} for old in before
    ]
    return {**article_json(now.article), "added_at": now.added_at, "versions": versions}


def article_text(data: Json, *, width: int = 80) -> str:
    """An article for a terminal, made from `article_json`: what it is called, whose it is, of when, in which language,
    and its words."""
    spoken = language.name(data["language"]).capitalize() if data["language"] else None
    parts = (data["publisher"], data["author"], _dated(data), spoken)
    head = [data["title"], " · ".join(part for part in parts if part), data["url"] or data["id"]]
    paragraphs = [line for line in data["text"].split("\n") if line.strip()]
    return "\n\n".join(["\n".join(wrapped(line, width) for line in head), *(wrapped(p, width) for p in paragraphs)])


def _dated(data: Json) -> str:
    """When an article was published, where that was found, and how sure it is."""
    if data["published_at"] is None:
        return "undated"
    when = day(data["published_at"])
    return f"{when} ({how_dated(data['date_source'])})" if data["date_source"] else when


def history_text(data: Json, *, width: int = 80) -> str:
    """What has changed in an article and when, made from `history_json`, the last change first."""
    added = f"Added on {_moment(data['added_at'])}, and not changed since."
    versions = data["versions"]
    if not versions:
        return added
    blocks = [
        "\n".join([f"Changed on {_moment(old['replaced_at'])}:", *_changes(old, new, width)])
        for old, new in reversed(list(zip(versions, [*versions[1:], data], strict=True)))
    ]
    return "\n\n".join([*blocks, f"Added on {_moment(versions[0]['added_at'])}."])


def _moment(stamp: str) -> str:
    """A time in UTC as a reader writes it: "1 November 2026, 12:00 UTC"."""
    return f"{day(stamp)}, {stamp[11:16]} UTC"


def _changes(old: Json, new: Json, width: int) -> Iterator[str]:
    """Which fields, and which sentences, are others: those that went behind -, those that came behind +."""
    fields = [name for name in COMPARED if old[name] != new[name]]
    for name in fields:
        other = f"{name.removesuffix('_at')}: {old[name] or 'none'} → {new[name] or 'none'}"
        yield wrapped(other, width, first="  ", rest="  ")
    before, after = _sentences(old), _sentences(new)
    groups = list(SequenceMatcher(None, before, after).get_grouped_opcodes(AROUND))
    for number, group in enumerate(groups):
        if number:
            yield "  …"
        for what, a, b, c, d in group:
            marked = [(" ", before[a:b])] if what == "equal" else [("-", before[a:b]), ("+", after[c:d])]
            for mark, words in marked:
                yield from (wrapped(sentence, width, first=f"{mark} ", rest="  ") for sentence in words)
    if not groups and not fields:
        yield "  Nothing of what is shown of it."


def _sentences(data: Json) -> list[str]:
    text = data["text"]
    spans = [Span(*pair) for pair in data["headings"]]
    return [printable(text[s.start : s.end]) for s in sentences(text, spans, data["language"])]
