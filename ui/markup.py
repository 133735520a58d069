"""The ground of every page: text made inert, and the few elements that the rest of the HTML is put together from.

`escape` is the only way for the words of an article or a user into a page. What it returns stays text in HTML, in an
attribute's value and in Markdown alike.
"""

import re
from collections.abc import Mapping, Sequence

from index.language import ENGLISH
from index.types import Article, Report, Skip
from ui.jobs import Job
from ui.render import is_control, published_day

MARKUP = re.compile(r"[!-/:-@\[-`{-~\n\t]")  # every ASCII character that Markdown or HTML could read as its own

NAMED = 10
"""Articles of each kind that a report names."""

ICONS = {
    "bibliography": "M4 4h12v16H6a2 2 0 0 1-2-2zM16 8h4v10a2 2 0 0 1-2 2M7 8h6M7 12h6M7 16h4",
    "close": "M6 6l12 12M18 6 6 18",
    "copy": "M9 9h11v11H9zM5 15H4V4h11v1",
    "edit": "M4 20l1-4L16 5l3 3L8 19zM14 7l3 3",
    "link": "M10 14a4 4 0 0 0 6 0l3-3a4 4 0 0 0-6-6l-1 1M14 10a4 4 0 0 0-6 0l-3 3a4 4 0 0 0 6 6l1-1",
    "retry": "M20 11a8 8 0 1 0-2 6M20 4v7h-7",
    "thumb_down": "M17 14V3H7.5a2 2 0 0 0-2 1.6L4 12a2 2 0 0 0 2 2h5l-1 5a2 2 0 0 0 2 2l5-7M21 3v11",
    "thumb_up": "M7 10v11h9.5a2 2 0 0 0 2-1.6L20 12a2 2 0 0 0-2-2h-5l1-5a2 2 0 0 0-2-2l-5 7M3 21V10",
}
"""Paths of icons in a square of 24, drawn here so that none has to be fetched."""


def escape(text: str) -> str:
    """`text` with every character that Markdown or HTML could read as its own written `&#N;`.

    The result is one line. Characters that no page should hold (control and direction characters) become spaces.
    """
    kept = "".join(" " if is_control(c) and c not in "\n\t" else c for c in text)
    return MARKUP.sub(lambda match: f"&#{ord(match[0])};", kept)


def button(label: str, event: str, value: str = "", *, look: str = "dl-button", confirm: str = "") -> str:
    """A button that triggers an event of the component it stands in, which gets `value`.

    With `confirm` the first click only asks that, and the second one triggers.
    """
    sure = f' data-confirm="{escape(confirm)}"' if confirm else ""
    return (
        f'<button type="button" class="{look}" data-event="{event}" data-value="{escape(value)}"{sure}>'
        f"<span>{escape(label)}</span></button>"
    )


def icon(name: str) -> str:
    """One of ICONS; what it means is said beside it."""
    return f'<svg viewBox="0 0 24 24" aria-hidden="true"><path d="{ICONS[name]}"/></svg>'


def byline(article: Article) -> str:
    """Who published an article, who wrote it, and when."""
    when = published_day(article.published, article.date_source)
    return " · ".join(escape(part) for part in (article.publisher, article.author, when) if part)


def in_language(language: str | None) -> str:
    """What an element says of words in another language than the page's, for those who have it read aloud."""
    return f' lang="{escape(language)}" dir="auto"' if language not in (None, ENGLISH) else ""


def message_html(message: str) -> str:
    """A note or an error for people."""
    return f'<p class="dl-note">{escape(message)}</p>'


def job_html(job: Job) -> str:
    """How far a change of the index is, and at last what there is to say of it in general."""
    if job.state == "failed":
        return message_html(job.error or "")
    if job.state == "cancelled":
        return message_html("Cancelled. What was done before that stays, and the same again goes on from there.")
    stage = "Waiting for other changes" if job.state == "queued" else job.stage.capitalize() or "Beginning"
    of = f" of {job.total:,}" if job.total else ""
    count = f" {job.done:,}{of}" if job.done or job.total else ""
    part = f' value="{job.done}" max="{job.total}"' if job.total else ""
    return f'{message_html(stage + count)}<progress{part} aria-label="{escape(stage)}"></progress>'


def who_html(name: str) -> str:
    """Whose key one is logged in with, and the way out; nothing where none is needed."""
    return f'<p>{escape(name)} · <a href="/logout">Log out</a></p>' if name else ""


def report_html(report: Report, titles: Mapping[str, str]) -> str:
    """What happened to the articles that were handed in. `titles` names them by id."""
    blocks = [
        *_named("Added", report.added, titles),
        *_named("Replaced an earlier version", report.changed, titles),
        *_named("Already there", report.unchanged, titles),
        *_named("Without a date, and left out where a time is asked for", report.undated, titles),
        *_explained("Skipped", report.skipped),
        *_explained("To know", report.notes),
    ]
    return f'<div class="dl-report">{"".join(blocks) or "<p>Nothing to add.</p>"}</div>'


def _named(label: str, ids: Sequence[str], titles: Mapping[str, str]) -> list[str]:
    return _list(label, [escape(titles.get(id, id)) for id in ids])


def _explained(label: str, skips: Sequence[Skip]) -> list[str]:
    return _list(label, [f"{escape(skip.source)}: {escape(skip.reason)}" for skip in skips])


def _list(label: str, items: Sequence[str]) -> list[str]:
    if not items:
        return []
    more = [f"and {len(items) - NAMED:,} more"] if len(items) > NAMED + 1 else []
    shown = [*items[:NAMED], *more] if more else items
    return [f'<p class="dl-label">{label}: {len(items):,}</p><ul>{"".join(f"<li>{item}</li>" for item in shown)}</ul>']
