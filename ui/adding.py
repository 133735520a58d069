"""The form of the Articles tab: files, a pasted article and addresses, and what became of them."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import suppress
from typing import Any

from index.errors import DatelineError, NotFoundError
from index.load import FORMATS
from index.types import Progress, Report, Status
from ui.gr import PLAIN, QUIET, gr
from ui.handed import Form, Handed, Pasted
from ui.jobs import Work, changes
from ui.markup import button, job_html, message_html, report_html
from ui.render import report_json, status_json, status_line
from ui.scripts import CLICKS, DAY_CHANGED
from ui.service import Service
from ui.visit import may_change, of, resumed

TAKEN = f"{', '.join(FORMATS[:-1])} or {FORMATS[-1]}"
REBUILDING = "Cuts and embeds every article anew; questions are answered meanwhile."
SHOW_RESULT = """() => document.querySelector("#result").scrollIntoView({block: "nearest"})"""
DAY = '<label>Date <input type="date" value="${value}"></label>'


class Adding:
    """What happens in the form, over one service. Each public method but `build` is an event of it.

    What changes the index is a job. Events run in a queue, after the request that began them: each goes on with its
    visit.
    """

    def __init__(self, service: Service) -> None:
        self._service = service

    def build(self, page: gr.Blocks) -> list[Any]:
        """Put the form together where one stands in the page; the events after which other articles are there."""
        with gr.Column(scale=2, elem_id="adding") as adding:
            files = gr.File(file_count="multiple", label="Files", height=150, elem_id="files")
            gr.HTML(message_html(TAKEN), **PLAIN)
            text = gr.Textbox(label="Or paste an article", lines=4, max_lines=12)
            title = gr.Textbox(label="Its title, if you have one", max_lines=1)
            with gr.Accordion("Its publisher, date and address", open=False, elem_id="details"):
                publisher = gr.Textbox("", label="Publisher", max_lines=1)
                day = gr.HTML("", html_template=DAY, js_on_load=DAY_CHANGED, elem_id="day", **PLAIN)
                url = gr.Textbox("", label="Its address on the web", max_lines=1)
            address = gr.Textbox(label="Or the address of a page or a feed", max_lines=1)
            add = gr.Button("Add", variant="primary")
            result = gr.HTML(elem_id="result", **PLAIN)
            giving_up = gr.HTML(elem_id="giving-up", js_on_load=CLICKS, **PLAIN)
            rebuild = gr.Button("Rebuild the index", elem_id="rebuild")
            gr.HTML(message_html(REBUILDING), **PLAIN)
        page.load(self.open_to, None, adding, **QUIET)
        in_line: dict[str, Any] = {"concurrency_limit": None, **QUIET}  # the jobs have their own line
        form = [files, text, title, publisher, day, url, address]
        asked = [add.click, address.submit]
        added = gr.on(asked, self.add, form, [*form, result, giving_up], **in_line)
        rebuilt = rebuild.click(self.rebuild, None, [result, giving_up], **in_line)
        giving_up.stop(self.cancel, **QUIET)
        gr.on([*asked, rebuild.click], None, js=SHOW_RESULT, **QUIET)
        return [added, rebuilt]

    def open_to(self, request: gr.Request) -> Any:
        """The form, for those who may change anything."""
        return gr.Column(visible=may_change(request.request))

    async def add(
        self,
        files: Sequence[str] | None,
        text: str,
        title: str,
        publisher: str,
        day: str,
        url: str,
        address: str,
        request: gr.Request,
    ) -> AsyncGenerator[tuple[Any, ...], None]:
        """Add what the form holds, and leave in it what was not taken; then what happened."""
        handed = Handed(Form(tuple(files or ()), Pasted(text, title, publisher, day, url), address))
        reports: list[Report] = []

        def work(progress: Progress) -> dict[str, Any]:
            reports.append(self._service.add(handed.records(), progress, addresses=handed.addresses))
            return report_json(reports[0])

        async for shown in self._worked("add", work, request):
            yield *[gr.skip()] * 7, *shown
        if reports:
            left = handed.left(reports[0])
            fields = (left.pasted.text, left.pasted.title, left.pasted.publisher, left.pasted.day, left.pasted.url)
            report = await asyncio.to_thread(self._report_html, reports[0])
            yield list(left.files) or None, *fields, left.addresses, report, ""

    async def rebuild(self, request: gr.Request) -> AsyncGenerator[tuple[Any, ...], None]:
        """Build the index anew."""
        statuses: list[Status] = []

        def work(progress: Progress) -> dict[str, Any]:
            statuses.append(self._service.rebuild(progress=progress))
            return status_json(statuses[0])

        async for shown in self._worked("rebuild", work, request):
            yield shown
        if statuses:
            yield message_html(f"Rebuilt: {status_line(statuses[0])}"), ""

    async def _worked(self, kind: str, work: Work, request: gr.Request) -> AsyncGenerator[tuple[Any, ...], None]:
        """A job as it goes on, to its end, and the way to give it up. It goes on too when nobody looks any more."""
        jobs = self._service.jobs
        try:
            with resumed(of(request.request)):
                job = jobs.start(kind, work)
            # drawn once: a click on a button that is drawn anew in the midst of it is none
            yield job_html(job), button("Cancel", "stop", job.id, look="dl-text-button")
            async for now in changes(jobs, job.id):
                if now:
                    yield job_html(now), "" if now.ended else gr.skip()
        except DatelineError as error:
            yield message_html(str(error)), ""

    def cancel(self, event: gr.EventData, request: gr.Request) -> None:
        """Give a job up, unless it has ended."""
        with resumed(of(request.request)), suppress(DatelineError):
            self._service.jobs.cancel(event.value)

    def _report_html(self, report: Report) -> str:
        """What happened to the articles that were handed in, which are named by their titles."""
        titles = {}
        for article_id in (*report.added, *report.changed, *report.unchanged):
            with suppress(NotFoundError):  # a page that was passed over may have none
                titles[article_id] = self._service.article(article_id).title
        return report_html(report, titles)
