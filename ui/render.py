"""What people and programs are given: JSON for the API, text for a terminal. `ui.markup` makes the HTML of the page.

Article text is untrusted: nothing reaches a terminal that has not been through `printable`.
"""

import textwrap
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from itertools import groupby
from typing import Any

from index.certainty import certainty
from index.types import Article, Hit, Report, Status
from qa.dates import span_words
from qa.sources import day
from qa.types import EXTRACTIVE, Answer, Citation, Shown
from ui.visit import current_id

EXCERPT = 200  # characters of a passage shown under a refusal in the terminal
NEAREST = 3  # passages shown under a refusal
NAMED = 4  # publishers named in the status line
SPELT = {"json-ld": "JSON-LD", "meta": "meta tags", "url": "URL", "update": "last update"}  # sources of dates

# Characters that turn the direction of what follows, and could so make a quote read as something else.
DIRECTION = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def answer_json(answer: Answer) -> dict[str, object]:
    """The answer as JSON, for the API, the command line and the tests: offsets count characters of the article."""
    return {
        "question": answer.question,
        "standalone_question": answer.standalone_question,
        "abstained": answer.abstained,
        "confidence": round(answer.confidence, 4),
        "text": answer.text,
        "sentences": [{"text": s.text, "citations": list(s.citations), "about": s.about} for s in answer.sentences],
        "citations": [_citation_json(citation) for citation in answer.citations],
        "hits": [hit_json(hit) for hit in answer.hits],
        "removed": answer.removed,
        "period": asdict(answer.period) if answer.period else None,
        "notes": notes(answer),
        "composer": answer.composer,
        "index_version": answer.index_version,
        "timings_ms": {stage: round(ms, 1) for stage, ms in answer.timings.items()},
    }


def shown_json(shown: Shown) -> dict[str, object]:
    """A checked sentence as JSON, with those of its citations that no sentence before it has."""
    return {
        "text": shown.sentence.text,
        "citations": list(shown.sentence.citations),
        "about": shown.sentence.about,
        "sources": [_citation_json(citation) for citation in shown.citations],
    }


def notes(answer: Answer) -> list[str]:
    """What is to be said about an answer besides what the articles say."""
    looked = [f"Looked at {span_words(answer.period)} only."] if answer.period else []
    written = [f"Written by {answer.composer}; every sentence was checked against its quotes."]
    return [
        *looked,
        *answer.notes,
        *(written if answer.sentences and answer.composer != EXTRACTIVE else []),
        *([removed(answer.removed)] if answer.removed else []),
    ]


def _citation_json(citation: Citation) -> dict[str, object]:
    article = citation.article
    return {
        "n": citation.n,
        "article_id": article.id,
        **_description(article),
        "quote": citation.quote,
        "start": citation.start,
        "end": citation.end,
        "also": [
            {"article_id": a.id, "title": a.title, "publisher": a.publisher, "published_at": a.published, "url": a.url}
            for a in citation.also
        ],
    }


def _description(article: Article) -> dict[str, object]:
    return {
        "title": article.title,
        "author": article.author,
        "publisher": article.publisher,
        "published_at": article.published,
        "date_source": article.date_source,
        "date_certainty": certainty(article.date_source),
        "url": article.url,
        "language": article.language,
    }


def hit_json(hit: Hit) -> dict[str, object]:
    """A passage as JSON: its place in its article, its score, and what the score was made of."""
    return {
        "article_id": hit.chunk.article.id,
        "title": hit.chunk.article.title,
        "publisher": hit.chunk.article.publisher,
        "published_at": hit.chunk.article.published,
        "date_source": hit.chunk.article.date_source,
        "date_certainty": certainty(hit.chunk.article.date_source),
        "start": hit.chunk.start,
        "end": hit.chunk.end,
        "text": hit.chunk.text,
        "score": round(hit.score, 4),
        "parts": {name: round(score, 4) for name, score in hit.parts.items()},
    }


def article_json(article: Article) -> dict[str, object]:
    """An article as JSON, with its whole text."""
    return {
        "id": article.id,
        **_description(article),
        "origin": article.origin,
        "text": article.text,
        "headings": [list(span) for span in article.headings],
    }


def listed_json(article: Article) -> dict[str, object]:
    """An article as JSON for a list: how long its text is instead of the text."""
    fields = article_json(article)
    for name in ("text", "headings"):
        del fields[name]
    return {**fields, "characters": len(article.text)}


def report_json(report: Report) -> dict[str, object]:
    """What happened to the articles that were handed in."""
    return {
        "added": list(report.added),
        "changed": list(report.changed),
        "unchanged": list(report.unchanged),
        "undated": list(report.undated),
        "skipped": [asdict(skip) for skip in report.skipped],
        "notes": [asdict(note) for note in report.notes],
    }


def status_json(status: Status) -> dict[str, object]:
    """What is indexed."""
    return {**asdict(status), "publishers": list(status.publishers)}


def answer_text(data: Mapping[str, Any], *, width: int = 80) -> str:
    """The answer for a terminal, made from `answer_json`, wrapped at `width` columns."""
    blocks = [wrapped(part, width) for part in _parts(data)]
    if data["standalone_question"] != data["question"]:
        blocks.append(wrapped(f"Understood as: {data['standalone_question']}", width))
    blocks += [wrapped(note, width) for note in data["notes"]]
    if data["abstained"] and data["hits"]:
        blocks.append("\n".join(["Nearest passages (not answers):", *_nearest_text(data, width)]))
    if data["citations"]:
        blocks.append("\n".join(["Sources", *(_source_text(citation, width) for citation in data["citations"])]))
    return "\n\n".join(blocks)


def _parts(data: Mapping[str, Any]) -> list[str]:
    """The answer in paragraphs: one, or in a comparison one for each side."""
    sides = groupby(data["sentences"], key=lambda sentence: str(sentence["about"]))
    told = [
        (about, [f"{s['text']} {''.join(f'[{n}]' for n in s['citations'])}" for s in said]) for about, said in sides
    ]
    return [" ".join([f"{about}:", *said] if about else said) for about, said in told] or [data["text"]]


def _source_text(citation: Mapping[str, Any], width: int) -> str:
    when = published_day(citation["published_at"], citation["date_source"])
    number = f"[{citation['n']}] "
    indent = " " * len(number)
    place = citation["url"] or citation["article_id"]
    others = also([named(a["title"], a["publisher"], published_day(a["published_at"], None)) for a in citation["also"]])
    return "\n".join(
        [
            wrapped(f"{number}{named(citation['title'], citation['publisher'], when)}", width, rest=indent),
            wrapped(f"“{citation['quote']}”", width, first=indent, rest=indent),
            *([wrapped(others, width, first=indent, rest=indent)] if others else []),
            wrapped(f"{place}, characters {citation['start']}-{citation['end']}", width, first=indent, rest=indent),
        ]
    )


def also(names: Sequence[str]) -> str:
    """That other articles carry the same words, in words; nothing when none does."""
    return f"Also in: {'; '.join(names)}" if names else ""


def _nearest_text(data: Mapping[str, Any], width: int) -> list[str]:
    lines = []
    for hit in data["hits"][:NEAREST]:
        when = published_day(hit["published_at"], None)
        lines.append(wrapped(f"- {named(hit['title'], hit['publisher'], when)}", width, rest="  "))
        lines.append(wrapped(excerpt(hit["text"], EXCERPT), width, first="  ", rest="  "))
    return lines


def hits_text(hits: Sequence[Mapping[str, Any]], *, width: int = 80) -> str:
    """Passages for a terminal, made from `hit_json`: best first, each with its score and what that was made of."""
    if not hits:
        return "No passage fits."
    return "\n\n".join(_hit_text(number, hit, width) for number, hit in enumerate(hits, 1))


def _hit_text(number: int, hit: Mapping[str, Any], width: int) -> str:
    label = f"{number}. "
    indent = " " * len(label)
    scores = ", ".join(f"{name} {score:.3f}" for name, score in hit["parts"].items())
    when = published_day(hit["published_at"], hit["date_source"])
    place = f"{hit['article_id']}, characters {hit['start']}-{hit['end']}, score {hit['score']:.3f}"
    return "\n".join(
        [
            wrapped(f"{label}{named(hit['title'], hit['publisher'], when)}", width, rest=indent),
            wrapped(excerpt(hit["text"], EXCERPT), width, first=indent, rest=indent),
            wrapped(f"{place} ({scores})" if scores else place, width, first=indent, rest=indent),
        ]
    )


def wrapped(text: str, width: int, *, first: str = "", rest: str = "") -> str:
    """`text` for a terminal, in lines of at most `width` columns that begin with `first`, then with `rest`."""
    return textwrap.fill(
        printable(text),
        max(width, 20),
        initial_indent=first,
        subsequent_indent=rest,
        break_long_words=False,
        break_on_hyphens=False,
    )


def printable(text: str) -> str:
    """`text` on one line, with nothing in it that a terminal would obey: no escape, control or direction characters."""
    return " ".join("".join(" " if is_control(character) else character for character in text).split())


def is_control(character: str) -> bool:
    """Whether a terminal or a page would obey the character rather than show it."""
    return character in DIRECTION or unicodedata.category(character) in {"Cc", "Cs", "Zl", "Zp"}


def excerpt(text: str, limit: int) -> str:
    """The first words of `text`, at most `limit` characters, on one line."""
    line = " ".join(text.split())
    return line if len(line) <= limit else f"{line[:limit].rsplit(' ', 1)[0]} …"


def published_day(published: str | None, date_source: str | None) -> str:
    """The day an article was published, as a reader writes it, with what it rests on where nothing states it.

    "14 September 2026", "14 September 2026 (implied by its URL)".
    """
    if published is None:
        return "undated"
    sure = certainty(date_source) in (None, "stated")
    return day(published) if sure or date_source is None else f"{day(published)} ({how_dated(date_source)})"


def how_dated(date_source: str) -> str:
    """Where a date was found and how sure it is, in words: "stated by its JSON-LD", "inferred from the text"."""
    name = SPELT.get(date_source, date_source)
    sure = certainty(date_source)
    return f"inferred from the {name}" if sure == "inferred" else f"{sure} by its {name}"


def named(title: str, publisher: str | None, when: str) -> str:
    """An article as one line names it: its title, its publisher and its day."""
    return f"{title} — {', '.join(part for part in (publisher, when) if part)}"


def removed(count: int) -> str:
    """How many sentences did not pass verification, in words."""
    return f"{_count(count, 'sentence')} could not be verified and {'was' if count == 1 else 'were'} left out."


def bug(what: str, error: BaseException) -> str:
    """What is said of an exception that nobody foresaw."""
    request = f", under request {current_id()}" if current_id() else ""
    kind = type(error).__name__
    return f"{what} failed inside Dateline ({kind}): this is a bug. The server's output has the details{request}."


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def status_line(status: Status) -> str:
    """What is indexed, in one line of plain text."""
    if not status.articles:
        return "No articles yet."
    parts = [_count(status.articles, "article"), _days(status), _publishers(status.publishers)]
    if status.chunks_embedded < status.chunks:
        parts.append(f"{status.chunks_embedded:,} of {_count(status.chunks, 'passage')} searchable so far")
    return " · ".join(part for part in parts if part)


def _days(status: Status) -> str:
    if status.first_day is None or status.last_day is None:
        return "undated"
    first, last = day(status.first_day), day(status.last_day)
    undated = f", {status.undated:,} undated" if status.undated else ""
    if first == last:
        return f"{first}{undated}"
    same_year = first[-5:] == last[-5:]
    return f"{first[:-5] if same_year else first} to {last}{undated}"


def _publishers(names: Sequence[str]) -> str:
    if len(names) > NAMED + 1:
        return f"{', '.join(names[:NAMED])} and {len(names) - NAMED} more"
    return ", ".join(names)
