"""The form of the Articles tab: files, a pasted article and addresses, and what became of them."""

from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from index.errors import DatelineError, NotFoundError
from index.types import Progress, Report
from ui.gr import PLAIN, QUIET, gr
from ui.handed import Form, Handed, Pasted
from ui.markup import message_html, report_html
from ui.render import status_line
from ui.scripts import DAY_CHANGED
from ui.service import Service
from ui.visit import may_change, of, resumed

FORMATS = "Text, Markdown, HTML, PDF, JSON, JSON Lines or CSV"
REBUILDING = "Cuts and embeds every article anew; questions are answered meanwhile."
SHOW_RESULT = """() => document.querySelector("#result").scrollIntoView({block: "nearest"})"""
DAY = '<label>Date <input type="date" value="${value}"></label>'


class Adding:
    """What happens in the form, over one service. Each public method but `build` is an event of it.

    Events run in a queue, after the request that began them: those that change the index go on with its visit.
    """

    def __init__(self, service: Service) -> None:
        self._service = service

    def build(self, page: gr.Blocks) -> list[Any]:
        """Put the form together where one stands in the page; the events after which other articles are there."""
        with gr.Column(scale=2, elem_id="adding") as adding:
            files = gr.File(file_count="multiple", label="Files", height=150, elem_id="files")
            gr.HTML(message_html(FORMATS), **PLAIN)
            text = gr.Textbox(label="Or paste an article", lines=4, max_lines=12)
            title = gr.Textbox(label="Its title, if you have one", max_lines=1)
            with gr.Accordion("Its publisher, date and address", open=False, elem_id="details"):
                publisher = gr.Textbox("", label="Publisher", max_lines=1)
                day = gr.HTML("", html_template=DAY, js_on_load=DAY_CHANGED, elem_id="day", **PLAIN)
                url = gr.Textbox("", label="Its address on the web", max_lines=1)
            address = gr.Textbox(label="Or the address of a page or a feed", max_lines=1)
            add = gr.Button("Add", variant="primary")
            result = gr.HTML(elem_id="result", **PLAIN)
            rebuild = gr.Button("Rebuild the index", elem_id="rebuild")
            gr.HTML(message_html(REBUILDING), **PLAIN)
        page.load(self.open_to, None, adding, **QUIET)
        with_progress: dict[str, Any] = {"show_progress_on": result, "api_visibility": "private"}
        form = [files, text, title, publisher, day, url, address]
        asked = [add.click, address.submit]
        added = gr.on(asked, self.add, form, [*form, result], **with_progress)
        rebuilt = rebuild.click(self.rebuild, None, result, **with_progress)
        gr.on([*asked, rebuild.click], None, js=SHOW_RESULT, **QUIET)
        return [added, rebuilt]

    def open_to(self, request: gr.Request) -> Any:
        """The form, for those who may change anything."""
        return gr.Column(visible=may_change(request.request))

    def add(
        self,
        files: Sequence[str] | None,
        text: str,
        title: str,
        publisher: str,
        day: str,
        url: str,
        address: str,
        request: gr.Request,
        progress: gr.Progress = gr.Progress(),  # noqa: B008 - how Gradio asks for a progress bar
    ) -> tuple[Any, ...]:
        """Add what the form holds, and leave in it what was not taken; then what happened."""
        handed = Handed(Form(tuple(files or ()), Pasted(text, title, publisher, day, url), address))
        try:
            with resumed(of(request.request)):
                report = self._service.add(handed.records(), shown(progress), addresses=handed.addresses)
        except DatelineError as error:
            return *[gr.skip()] * 7, message_html(str(error))
        left = handed.left(report)
        fields = (left.pasted.text, left.pasted.title, left.pasted.publisher, left.pasted.day, left.pasted.url)
        return list(left.files) or None, *fields, left.addresses, report_html(report, self._titles(report))

    def _titles(self, report: Report) -> dict[str, str]:
        """The titles of the articles of a report, by their ids; a page that was passed over may have none."""
        titles = {}
        for article_id in (*report.added, *report.changed, *report.unchanged):
            with suppress(NotFoundError):
                titles[article_id] = self._service.article(article_id).title
        return titles

    def rebuild(self, request: gr.Request, progress: gr.Progress = gr.Progress()) -> str:  # noqa: B008 - as above
        """Build the index anew."""
        try:
            with resumed(of(request.request)):
                status = self._service.rebuild(progress=shown(progress))
        except DatelineError as error:
            return message_html(str(error))
        return message_html(f"Rebuilt: {status_line(status)}")


def shown(progress: gr.Progress) -> Progress:
    """A progress that the page shows as a bar."""

    def show(stage: str, done: int, total: int) -> None:
        progress((done, total or None), desc=stage.capitalize(), unit="")

    return show
