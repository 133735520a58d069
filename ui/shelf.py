"""The Articles tab: what there is, to be read, searched, added to, removed and indexed anew."""

import hashlib
import os
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from itertools import chain
from pathlib import Path
from typing import Any

from index.errors import DatelineError, NotFoundError
from index.load import load
from index.records import checked_text
from index.types import Progress, Record, Report, Skip
from ui.gr import PLAIN, QUIET, gr
from ui.lists import articles_html
from ui.markup import message_html, report_html
from ui.render import status_line
from ui.scripts import CLICKS, OPEN_READER
from ui.service import Service
from ui.sources import reader_html
from ui.visit import may_change, of, resumed

LISTED = 50
FORMATS = "Text, Markdown, HTML, PDF, JSON, JSON Lines or CSV"
REBUILDING = "Cuts and embeds every article anew; questions are answered meanwhile."
SHOW_RESULT = """() => document.querySelector("#result").scrollIntoView({block: "nearest"})"""


class Shelf:
    """What happens in this tab, over one service. Each public method but `build` is an event of it.

    Events run in a queue, after the request that began them: those that change the index go on with its visit.
    """

    def __init__(self, service: Service) -> None:
        self._service = service

    def build(self, page: gr.Blocks, tab: gr.Tab, reader: gr.HTML) -> list[Any]:
        """Put the tab together where one stands in the page; the events after which other articles are there."""
        with gr.Row(elem_id="shelf"):
            with gr.Column(scale=3):
                words = gr.Textbox(
                    elem_id="find", label="Find an article", placeholder="Find by title, author or publisher",
                    show_label=False, container=False, max_lines=1,
                )  # fmt: skip
                listed = gr.HTML(elem_id="listed", js_on_load=CLICKS, **PLAIN)
            with gr.Column(scale=2, elem_id="adding") as adding:
                files = gr.File(file_count="multiple", label="Files", height=150, elem_id="files")
                gr.HTML(message_html(FORMATS), **PLAIN)
                text = gr.Textbox(label="Or paste an article", lines=4, max_lines=12)
                title = gr.Textbox(label="Its title, if you have one", max_lines=1)
                address = gr.Textbox(label="Or the address of a page or a feed", max_lines=1)
                add = gr.Button("Add", variant="primary")
                result = gr.HTML(elem_id="result", **PLAIN)
                rebuild = gr.Button("Rebuild the index", elem_id="rebuild")
                gr.HTML(message_html(REBUILDING), **PLAIN)
        page.load(self.open_to, None, adding, **QUIET)
        with_progress: dict[str, Any] = {"show_progress_on": result, "api_visibility": "private"}
        form = [files, title, text, address]
        added = add.click(self.add, form, [*form, result], **with_progress)
        rebuilt = rebuild.click(self.rebuild, None, result, **with_progress)
        for button in (add, rebuild):
            button.click(None, js=SHOW_RESULT, **QUIET)
        removed = listed.delete(self.remove, None, result, **QUIET)
        listed.select(self.read, None, reader, **QUIET).then(None, js=OPEN_READER, **QUIET)
        in_order: dict[str, Any] = {"concurrency_id": "find", **QUIET}  # or an older list could come in last
        words.change(self.find, words, listed, trigger_mode="always_last", **in_order)
        for event in (tab.select, added.then, removed.then):
            event(self.find, words, listed, **in_order)
        return [added, removed, rebuilt]

    def open_to(self, request: gr.Request) -> Any:
        """The form, for those who may change anything."""
        return gr.Column(visible=may_change(request.request))

    def find(self, words: str, request: gr.Request) -> str:
        """The newest articles that have these words in title, author or publisher."""
        try:
            total, found = self._service.find_articles(words, LISTED)
        except DatelineError as error:
            return message_html(str(error))
        return articles_html(found, total, removable=may_change(request.request))

    def read(self, event: gr.EventData) -> str:
        """The whole of an article."""
        try:
            return reader_html(self._service.article(event.value))
        except DatelineError as error:  # removed meanwhile
            return message_html(str(error))

    def add(
        self,
        files: Sequence[str] | None,
        title: str,
        text: str,
        address: str,
        request: gr.Request,
        progress: gr.Progress = gr.Progress(),  # noqa: B008 - how Gradio asks for a progress bar
    ) -> tuple[Any, Any, Any, Any, str]:
        """Add dropped files, pasted text and what is at an address; empty the form when that worked, and say what
        happened."""
        records = chain(_uploaded(files or ()), _pasted(title, text))
        try:
            with resumed(of(request.request)):
                report = self._service.add(records, _shown(progress), addresses=address.split())
        except DatelineError as error:
            return *[gr.skip()] * 4, message_html(str(error))
        return None, "", "", "", report_html(report, self._titles(report))

    def _titles(self, report: Report) -> dict[str, str]:
        """The titles of the articles of a report, by their ids; a page that was passed over may have none."""
        titles = {}
        for article_id in (*report.added, *report.changed, *report.unchanged):
            with suppress(NotFoundError):
                titles[article_id] = self._service.article(article_id).title
        return titles

    def remove(self, event: gr.EventData, request: gr.Request) -> str:
        """Remove an article."""
        try:
            title = self._service.article(event.value).title
            with resumed(of(request.request)):
                self._service.remove(event.value)
        except DatelineError as error:
            return message_html(str(error))
        return message_html(f"Removed: {title}")

    def rebuild(self, request: gr.Request, progress: gr.Progress = gr.Progress()) -> str:  # noqa: B008 - as above
        """Build the index anew."""
        try:
            with resumed(of(request.request)):
                status = self._service.rebuild(progress=_shown(progress))
        except DatelineError as error:
            return message_html(str(error))
        return message_html(f"Rebuilt: {status_line(status)}")


def _shown(progress: gr.Progress) -> Progress:
    def show(stage: str, done: int, total: int) -> None:
        progress((done, total or None), desc=stage.capitalize(), unit="")

    return show


def _uploaded(files: Sequence[str]) -> Iterator[Record | Skip]:
    """The articles in uploaded files, named by the digest of their bytes: two people's `news.txt` are two articles."""
    for path in (Path(file).resolve() for file in files):
        folder = f"{path.parent}{os.sep}"  # Gradio names it by that digest
        for item in load([path]):
            if isinstance(item, Skip):
                yield replace(item, source=item.source.replace(folder, ""))
            else:
                yield replace(item, key=item.key.replace(folder, f"upload:{path.parent.name[:16]}/"), origin=None)


def _pasted(title: str, text: str) -> Iterator[Record]:
    if text.strip():
        digest = hashlib.sha256(text.encode()).hexdigest()
        yield Record(key=f"pasted:{digest[:16]}", text=checked_text(text), title=title.strip() or None)
