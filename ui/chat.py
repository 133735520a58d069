"""The page that people use in a browser, put together: ask, go back to what was asked, look after the articles."""

from pathlib import Path
from typing import Any

from fastapi import FastAPI

from index.errors import DatelineError
from ui.desk import ALL, Days, Desk, filters_of
from ui.exchange import filters_line
from ui.gr import CLICKS, PLAIN, QUIET, gr
from ui.markup import escape
from ui.render import status_line
from ui.service import Service
from ui.shelf import Shelf
from ui.talk import Talk

HERE = Path(__file__).parent
# Families that systems have. A font that had to be fetched would tell another machine who reads this page.
SERIF = ("Charter", "Iowan Old Style", "Georgia", "Liberation Serif", "Times New Roman", "serif")
MASTHEAD = "<h1>Dateline</h1><p>Answers from your articles, with the words they rest on.</p>"
LARGEST_FILE = "50mb"

DAYS = """<label>From <input type="date" value="${value.since}"></label>
<label>To <input type="date" value="${value.until}"></label>"""
NO_DAYS = {"since": "", "until": ""}
CHANGED_DAYS = """
element.addEventListener("change", () => {
  const [since, until] = [...element.querySelectorAll("input")].map((input) => input.value);
  props.value = {since, until};
  trigger("input");
});
"""
# Escape leaves an edit. A new question comes to the top of the window. The address names the conversation, so that a reload opens it again.
FOLLOW = """
document.addEventListener("keydown", (event) => {
  const editing = element.querySelector(".dl-later") && !document.querySelector("dialog[open]");
  if (event.key === "Escape" && editing) trigger("undo");
});
let last = null;
watch("value", () => {
  const asked = [...element.querySelectorAll(".dl-exchange")].at(-1);
  if (asked && asked.id !== last) asked.scrollIntoView({block: "start"});
  last = asked?.id;
  const talk = element.querySelector("[data-conversation]")?.dataset.conversation;
  if (talk === undefined) return;
  const url = new URL(location.href);
  for (const name of ["q", "from", "to", "publisher", "c"]) url.searchParams.delete(name);
  if (talk) url.searchParams.set("c", talk);
  if (url.href !== location.href) history.replaceState(history.state, "", url);
});
"""
OPEN_READER = """() => setTimeout(() => {
  const reader = document.querySelector("#reader dialog");
  if (!reader) return;
  if (!reader.open) reader.showModal();
  reader.querySelector("h2").focus();
  reader.scrollTop = 0;
  document.getElementById(reader.dataset.at)?.nextElementSibling?.scrollIntoView({block: "center"});
}, 50)"""
TO_THE_BOX = """() => setTimeout(() => {
  const box = document.querySelector("#question textarea");
  box.focus();
  box.setSelectionRange(box.value.length, box.value.length);
}, 100)"""


def mount(app: FastAPI, service: Service) -> FastAPI:
    """Put the page at `/` of `app`, behind every route that `app` has by then."""
    gr.mount_gradio_app(
        app,
        build(service),
        path="/",
        theme=gr.themes.Base(font=SERIF, font_mono=("ui-monospace", "monospace")),
        css_paths=HERE / "chat.css",
        js=(HERE / "page.js").read_text("utf-8"),
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
                        publishers = gr.Dropdown(
                            [], multiselect=True, allow_custom_value=True, label="Publishers", elem_id="publishers"
                        )
            with gr.Tab("Conversations", id="conversations") as kept:
                conversations = gr.HTML(elem_id="conversations", js_on_load=CLICKS, **PLAIN)
            with gr.Tab("Articles", id="articles") as articles:
                changed = shelf.build(articles, reader, OPEN_READER)

        # Answers are waited for without a thread, and the service has its own line: Gradio's would only hide it.
        asking: dict[str, Any] = {"concurrency_limit": None, "trigger_mode": "multiple", **QUIET}
        box.submit(desk.ask, [box, days, publishers, talk], [box, shown], **asking)
        shown.example_select(desk.example, [days, publishers, talk], shown, **asking)
        shown.retry(desk.retry, talk, shown, **asking)
        page.load(desk.opened, talk, [shown, days, publishers, where], concurrency_limit=None, **QUIET)
        shown.stop(desk.stop, talk, shown, **QUIET)
        shown.edit(desk.edit, talk, [box, shown], **QUIET).then(None, js=TO_THE_BOX, **QUIET)
        shown.undo(desk.leave, talk, [box, shown], **QUIET)
        shown.like(desk.like, talk, shown, **QUIET)
        shown.clear(desk.clear, talk, shown, **QUIET).then(None, js=TO_THE_BOX, **QUIET)
        shown.select(desk.read, talk, reader, **QUIET).then(None, js=OPEN_READER, **QUIET)
        for control in (days, publishers):
            control.input(_filtered, [days, publishers], where, **QUIET)
        kept.select(desk.kept, talk, conversations, **QUIET)
        conversations.select(desk.open, talk, [conversations, shown, tabs], **QUIET)
        conversations.delete(desk.delete, talk, [conversations, shown], **QUIET)

        def describe() -> tuple[str, Any]:
            return _indexed(service)

        page.load(describe, None, [indexed, publishers], **QUIET)
        for event in changed:
            event.then(describe, None, [indexed, publishers], **QUIET).then(desk.offer, talk, shown, **QUIET)
    return page


def _filtered(days: Days, publishers: list[str]) -> Any:
    """The filter's name: which articles it leaves."""
    return gr.Accordion(label=filters_line(filters_of(days, publishers)) or ALL)


def _indexed(service: Service) -> tuple[str, Any]:
    """What is indexed, or why that cannot be told; and the publishers to choose from."""
    try:
        status = service.status()
    except DatelineError as error:
        return escape(str(error)), gr.skip()
    return f"<p>{escape(status_line(status))}</p>", gr.Dropdown(choices=list(status.publishers))
