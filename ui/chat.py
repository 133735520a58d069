"""The page that people use in a browser: ask, check the sources, add articles."""

import hashlib
import logging
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

# Gradio reads this when it is imported. Without exactly this word it reports each start to its makers.
os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"

import gradio as gr
from fastapi import FastAPI

from index.errors import DatelineError
from index.load import load
from index.types import Record, Skip
from qa.types import Turn
from ui import markup, visit
from ui.render import status_line
from ui.service import Service

CSS = Path(__file__).with_name("chat.css")
# Families that systems have. A font that had to be fetched would tell another machine who reads this page.
SERIF = ("Charter", "Iowan Old Style", "Georgia", "Liberation Serif", "Times New Roman", "serif")
MASTHEAD = "<h1>Dateline</h1><p>Answers from your articles, with the words they rest on.</p>"
WELCOME = "Ask a question. Every sentence of the answer is numbered; open a number to read the words in their article."
SEARCHING = '<p class="dl-searching">Searching the articles</p>'
FAILED = "Something went wrong inside Dateline; the server's terminal says what. Ask again, or ask something else."
SHOW_LAST_QUESTION = """() => setTimeout(() => [...document.querySelectorAll("#chat .user-row")].at(-1)
    ?.scrollIntoView({block: "start"}), 100)"""
SHOW_RESULT = """() => document.querySelector("#result").scrollIntoView({block: "nearest"})"""
ASKED_AT_ONCE = 8  # questions worked on at the same time; more wait in line
LARGEST_FILE = "50mb"

Message = dict[str, Any]
Turns = tuple[Turn, ...]


def mount(app: FastAPI, service: Service) -> FastAPI:
    """Put the page at `/` of `app`, behind every route that `app` has by then."""
    gr.mount_gradio_app(
        app,
        build(service),
        path="/",
        theme=gr.themes.Base(font=SERIF, font_mono=("ui-monospace", "monospace")),
        css_paths=CSS,
        footer_links=[],
        run_history=False,  # it would keep every question in the browser
        show_error=False,  # it would show the text of exceptions that are not meant for people
        enable_monitoring=False,
        max_file_size=LARGEST_FILE,
        ssr_mode=False,
    )
    return app


def build(service: Service) -> gr.Blocks:
    """The page, put together over one service."""
    page = gr.Blocks(title="Dateline", analytics_enabled=False, fill_height=True)
    with page:
        with gr.Column(elem_id="masthead"):
            gr.HTML(MASTHEAD)
            indexed = gr.Markdown(elem_id="indexed", sanitize_html=True)
        turns = gr.State(())
        with gr.Tab("Ask", scale=1):
            chat = gr.Chatbot(
                elem_id="chat",
                placeholder=WELCOME,
                show_label=False,
                container=False,
                layout="panel",
                buttons=[],
                autoscroll=False,  # it goes to the end of an answer, and people read from its start
                scale=1,
                sanitize_html=True,
                allow_tags=False,  # this and the next keep article text from becoming markup
                latex_delimiters=[],
            )
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
        with gr.Tab("Add articles"), gr.Column(elem_id="adding"):
            files = gr.File(
                file_count="multiple", label="Text, Markdown, HTML, PDF, JSON, JSON Lines or CSV", height=140
            )
            text = gr.Textbox(label="Or paste an article", lines=5, max_lines=20)
            title = gr.Textbox(label="Its title, if you have one", max_lines=1)
            button = gr.Button("Add", variant="primary")
            result = gr.Markdown(elem_id="result", sanitize_html=True)

        answering = (partial(respond, service), [box, chat, turns], [box, chat, turns])
        quiet: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
        box.submit(*answering, concurrency_limit=ASKED_AT_ONCE, **quiet)
        chat.example_select(picked, None, box, **quiet).then(*answering, concurrency_limit=ASKED_AT_ONCE, **quiet)
        chat.change(None, js=SHOW_LAST_QUESTION, **quiet)
        chat.clear(lambda: (), None, turns, **quiet)
        added = button.click(
            _for_whom(service),
            [files, title, text],
            [files, title, text, result],
            show_progress_on=result,
            api_visibility="private",
        )
        button.click(None, js=SHOW_RESULT, **quiet)
        for refresh in (page.load, added.then):
            refresh(partial(status, service), None, indexed, **quiet)
            refresh(partial(examples, service), None, chat, **quiet)
    return page


def respond(
    service: Service, question: str, messages: list[Message], turns: Turns
) -> Iterator[tuple[Any, list[Message], Turns]]:
    """Show the question at once, then its answer. A turn that failed is not part of the conversation."""
    if not question.strip():
        yield gr.skip(), messages, turns
        return
    asked = [*messages, _message("user", markup.question_html(question))]
    yield "", [*asked, _message("assistant", SEARCHING)], turns
    try:
        answer = service.ask(question, history=turns)
    except DatelineError as error:
        yield gr.skip(), [*asked, _message("assistant", markup.message_html(str(error)))], turns
        return
    except Exception:  # a bug: whoever runs the server gets its trace, whoever asked must not wait for ever
        logging.getLogger(__name__).exception("a question failed")
        yield gr.skip(), [*asked, _message("assistant", markup.message_html(FAILED))], turns
        return
    shown = markup.answer_html(answer, anchor=f"source-{len(asked)}")
    yield gr.skip(), [*asked, _message("assistant", shown)], (*turns, Turn(question, answer.text))


def _message(role: str, content: str) -> Message:
    return {"role": role, "content": content}


def picked(event: gr.SelectData) -> str:
    """The example question that was clicked."""
    return str(event.value["text"])


def _for_whom(service: Service) -> Callable[..., tuple[Any, Any, Any, str]]:
    """`add` with the right of whoever asks for it: it runs in a queue, after the request that began it."""

    def added(
        files: Sequence[str] | None,
        title: str,
        text: str,
        request: gr.Request,  # which Gradio gives to functions, and not to partial ones
        progress: gr.Progress = gr.Progress(),  # noqa: B008 - how Gradio asks for a progress bar
    ) -> tuple[Any, Any, Any, str]:
        with visit.resumed(visit.of(request.request)):
            return add(service, files, title, text, progress)

    return added


def add(
    service: Service,
    files: Sequence[str] | None,
    title: str,
    text: str,
    progress: gr.Progress,
) -> tuple[Any, Any, Any, str]:
    """Add dropped files and pasted text; empty the form when that worked, and say what happened."""

    def show(stage: str, done: int, total: int) -> None:
        progress((done, total or None), desc=stage.capitalize(), unit="")

    try:
        report = service.add((*_uploaded(files or ()), *_pasted(title, text)), show)
        titles = {article.id: article.title for article in service.articles()}
    except DatelineError as error:
        return gr.skip(), gr.skip(), gr.skip(), markup.message_html(str(error))
    return None, "", "", markup.report_html(report, titles)


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
        yield Record(key=f"pasted:{digest[:16]}", text=text, title=title.strip() or None)


def status(service: Service) -> str:
    """What is indexed, or why that cannot be told."""
    try:
        return markup.escape(status_line(service.status()))
    except DatelineError as error:
        return markup.escape(str(error))


def examples(service: Service) -> Any:
    """The chat with questions to click on. What keeps it from having any stands in the status line."""
    try:
        return gr.Chatbot(examples=[{"text": question} for question in service.examples()])
    except DatelineError:
        return gr.skip()
