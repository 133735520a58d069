"""The page that people use in a browser, put together: ask, go back to what was asked, look after the articles."""

from pathlib import Path
from typing import Any

from fastapi import FastAPI

from ui.desk import ALL, Days, Desk, filters_of, who
from ui.exchange import filters_line
from ui.gr import PLAIN, QUIET, gr
from ui.scripts import CHANGED_DAYS, CLICKS, FOLLOW, OPEN_READER, PAGE, TO_THE_BOX
from ui.service import Service
from ui.shelf import Shelf
from ui.talk import Talk

CSS = Path(__file__).with_name("chat.css")
# Families that systems have. A font that had to be fetched would tell another machine who reads this page.
SERIF = ("Charter", "Iowan Old Style", "Georgia", "Liberation Serif", "Times New Roman", "serif")
MASTHEAD = "<h1>Dateline</h1><p>Answers from your articles, with the words they rest on.</p>"
LARGEST_FILE = "50mb"

DAYS = """<label>From <input type="date" value="${value.since}"></label>
<label>To <input type="date" value="${value.until}"></label>"""
NO_DAYS = {"since": "", "until": ""}


def mount(app: FastAPI, service: Service) -> FastAPI:
    """Put the page at `/` of `app`, behind every route that `app` has by then."""
    gr.mount_gradio_app(
        app,
        build(service),
        path="/",
        theme=gr.themes.Base(font=SERIF, font_mono=("ui-monospace", "monospace")),
        css_paths=CSS,
        js=PAGE.read_text("utf-8"),
        footer_links=[],
        run_history=False,  # it would keep every question in the browser
        show_error=False,  # it would show the text of exceptions that are not meant for people
        enable_monitoring=False,
        max_file_size=LARGEST_FILE,
        ssr_mode=False,
    )
    return app


def build(service: Service) -> gr.Blocks:
    """The page over one service."""
    desk, shelf = Desk(service), Shelf(service)
    page = gr.Blocks(title="Dateline", analytics_enabled=False)
    with page:
        with gr.Column(elem_id="masthead"):
            gr.HTML(MASTHEAD, **PLAIN)
            indexed = gr.HTML(elem_id="indexed", **PLAIN)
            name = gr.HTML(elem_id="who", **PLAIN)
        talk = gr.State(Talk())
        reader = gr.HTML(elem_id="reader", **PLAIN)
        with gr.Tabs(selected="ask") as tabs:
            with gr.Tab("Ask", id="ask"):
                shown = gr.HTML(elem_id="talk", js_on_load=CLICKS + FOLLOW, **PLAIN)
                with gr.Column(elem_id="asking"):
                    box = gr.Textbox(
                        elem_id="question",
                        placeholder="Ask a question",
                        label="Question",
                        show_label=False,
                        container=False,
                        max_lines=6,
                        submit_btn="Ask",
                        autofocus=True,
                    )
                    with gr.Accordion(ALL, open=False, elem_id="filters") as where, gr.Row():
                        days = gr.HTML(NO_DAYS, html_template=DAYS, js_on_load=CHANGED_DAYS, elem_id="days", **PLAIN)
                        publishers = gr.Dropdown([], multiselect=True, label="Publishers", elem_id="publishers")
            with gr.Tab("Conversations", id="conversations") as kept:
                conversations = gr.HTML(elem_id="conversations", js_on_load=CLICKS, **PLAIN)
            with gr.Tab("Articles", id="articles") as articles:
                changed = shelf.build(page, articles, reader)

        # Answers are waited for without a thread, and the service has its own line: Gradio's would only hide it.
        asking: dict[str, Any] = {"concurrency_limit": None, "trigger_mode": "multiple", **QUIET}
        box.submit(desk.ask, [box, days, publishers, talk], [box, shown], **asking)
        shown.example_select(desk.example, [days, publishers, talk], shown, **asking)
        shown.retry(desk.retry, talk, shown, **asking)
        page.load(who, None, name, **QUIET)
        opened = page.load(desk.opened, talk, [shown, days, publishers, where], concurrency_limit=None, **QUIET)
        opened.then(desk.begun, talk, shown, concurrency_limit=None, **QUIET)
        shown.stop(desk.stop, talk, shown, **QUIET)
        shown.edit(desk.edit, talk, [box, shown], **QUIET).then(None, js=TO_THE_BOX, **QUIET)
        shown.undo(desk.leave, talk, [box, shown], **QUIET)
        shown.like(desk.like, talk, shown, **QUIET)
        shown.clear(desk.clear, talk, shown, **QUIET).then(None, js=TO_THE_BOX, **QUIET)
        shown.select(desk.read, talk, reader, **QUIET).then(None, js=OPEN_READER, **QUIET)
        for changes in (days.input, publishers.change):  # what clears the publishers is no input to Gradio
            changes(_filtered, [days, publishers], where, trigger_mode="always_last", **QUIET)
        kept.select(desk.kept, talk, conversations, **QUIET)
        conversations.select(desk.open, talk, [conversations, shown, tabs], **QUIET)
        conversations.delete(desk.delete, talk, [conversations, shown], **QUIET)

        state: dict[str, Any] = {"inputs": publishers, "outputs": [indexed, publishers], **QUIET}
        page.load(desk.indexed, **state)
        for event in changed:
            event.then(desk.indexed, **state).then(desk.offer, talk, shown, **QUIET)
    return page


def _filtered(days: Days, publishers: list[str]) -> Any:
    """The filter's name: which articles it leaves."""
    return gr.Accordion(label=filters_line(filters_of(days, publishers)) or ALL)
