"""The page in a real browser, against a real server that holds the sample articles."""

import json
import os
import re
import shutil
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import httpx
import pytest

from index import build
from index.conversations import Kept
from index.load import FORMATS
from index.types import Article, Record
from qa.types import Answer, Citation, Sentence, Shown, Stage
from ui import service as service_module
from ui import shelf
from ui.service import Service

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Locator, Page

pytestmark = pytest.mark.browser

PATIENCE = 60_000  # milliseconds for an answer on a slow machine
ARGUMENTS = [
    "--no-sandbox",  # containers seldom allow it
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
WHY = "Why was the Harbour Bridge closed?"
MERCURY = "What is the boiling point of mercury?"
HOSTILE_TITLE = '<img src=x onerror="window.hacked=1"> **Zwetschgen** [prices](http://evil.example.org) ${x} {{x}}'
HOSTILE_TEXT = (
    "Zwetschgen cost 7 euros a kilo in Quorrin </blockquote></dialog><script>window.hacked=1</script> "
    "<img src=http://evil.example.org/x.png onerror=window.hacked=1> **today** ![x](http://evil.example.org/y.png)."
)


@pytest.fixture(scope="module")
def browser() -> Iterator["Browser"]:
    playwright = pytest.importorskip("playwright.sync_api", reason="needs playwright: pip install -e '.[dev]'")
    chromium = os.environ.get("DATELINE_CHROMIUM") or shutil.which("chromium")
    if chromium is None:
        pytest.skip("needs chromium on the PATH, or its path in DATELINE_CHROMIUM")
    with playwright.sync_playwright() as started:
        yield started.chromium.launch(executable_path=chromium, args=ARGUMENTS)


@pytest.fixture(scope="module")
def context(browser: "Browser") -> Iterator["BrowserContext"]:
    opened = browser.new_context(
        viewport={"width": 1280, "height": 900}, permissions=["clipboard-read", "clipboard-write"]
    )
    opened.set_default_timeout(PATIENCE)
    yield opened
    opened.close()


@pytest.fixture
def visit(context: "BrowserContext", server_url: str) -> Iterator[Callable[..., "Page"]]:
    """Open a tab; it fails a test whose page asked any other host for something, or had an error of its own."""
    wrong: list[str] = []
    tabs: list[Page] = []

    def visited(query: str = "", within: "BrowserContext" = context) -> "Page":
        tab = within.new_page()
        tabs.append(tab)
        own = (server_url, "data:", "blob:")
        tab.on("request", lambda request: None if request.url.startswith(own) else wrong.append(request.url))
        tab.on("pageerror", lambda error: wrong.append(str(error)))
        tab.goto(f"{server_url}/{query}", wait_until="commit")
        tab.locator(".dl-talk").wait_for()
        return tab

    yield visited
    for tab in tabs:
        tab.close()
    assert wrong == []


@pytest.fixture
def page(visit: Callable[..., "Page"]) -> "Page":
    return visit()


def ask(page: "Page", question: str) -> "Locator":
    """Ask, and wait for the answer to be there: its exchange."""
    number = page.locator(".dl-exchange").count()
    box = page.locator("#question textarea")
    box.fill(question)
    box.press("Enter")
    return answered(page, number)


def answered(page: "Page", number: int) -> "Locator":
    exchange = page.locator(f"#x{number}")
    exchange.locator("[data-event=retry]").wait_for()
    return exchange


def copied(exchange: "Locator", name: str) -> str:
    """What a click on a button has put on the clipboard."""
    page = exchange.page
    page.evaluate("navigator.clipboard.writeText('')")
    exchange.get_by_role("button", name=name).click()
    page.wait_for_function("navigator.clipboard.readText().then((text) => text !== '')")
    return str(page.evaluate("navigator.clipboard.readText()"))


# A flash is over after a moment, in which nobody may look.
FLASHED = """() => new MutationObserver((changes) => {
  if (changes.some(({target}) => target.matches(".dl-source mark.dl-flash"))) window.flashed = true;
}).observe(document.body, {subtree: true, attributes: true, attributeFilter: ["class"]})"""
BOTH_DAYS = """() => document.querySelectorAll("#days input").forEach((input, at) => setTimeout(() => {
  input.value = `2026-06-0${at + 1}`;
  input.dispatchEvent(new Event("change", {bubbles: true}));
}, 10 * at))"""
UNCOVERED = """(said) => {
  const { x, y } = said.getBoundingClientRect();
  return document.elementFromPoint(x + 1, y + 1) === said;
}"""
COPIED = """(button) => new Promise((done) => {
  const words = [];
  const seen = new MutationObserver(() => words.push(button.innerText) === 2 && done(words));
  setTimeout(() => {  // when what an earlier click has said is over
    seen.observe(button.querySelector("span"), {childList: true});
    button.click();
  }, 2000);
})"""


def kept(exchange: "Locator") -> "Locator":
    """An exchange, once it is kept."""
    exchange.locator("[data-event=like]").first.wait_for()
    return exchange


def lines(locator: "Locator") -> list[str]:
    return [line for line in locator.inner_text().splitlines() if line]


def open_tab(page: "Page", name: str, inside: str) -> "Locator":
    page.get_by_role("tab", name=name).click()
    found = page.locator(inside)
    found.wait_for()
    return found


def add(page: "Page", text: str, title: str = "") -> list[str]:
    """Paste an article, and give what the page says about it."""
    open_tab(page, "Articles", "#listed ul")
    page.get_by_label("Or paste an article").fill(text)
    page.get_by_label("Its title").fill(title)
    page.get_by_role("button", name="Add", exact=True).click()
    page.locator("#result .dl-report").wait_for()
    said = lines(page.locator("#result .dl-report"))
    page.get_by_role("tab", name="Ask").click()
    return said


def surely(row: "Locator", name: str) -> None:
    """Click a button that asks first, and what it asks; again where the list was drawn anew between the two."""
    while not row.get_by_role("button", name=f"{name} for good?").count():
        row.get_by_role("button", name=name).click()
    row.get_by_role("button", name=f"{name} for good?").click()


def remove(page: "Page", title: str) -> None:
    row = open_tab(page, "Articles", "#listed ul").locator("li", has_text=title)
    surely(row, "Remove")
    page.locator("#removal", has_text="Removed: ").wait_for()
    row.wait_for(state="detached")


def article_texts(server_url: str) -> list[str]:
    listed = httpx.get(f"{server_url}/v1/articles?limit=1000").json()["articles"]
    return [httpx.get(f"{server_url}/v1/articles/{article['id']}").json()["text"] for article in listed]


def box_of(locator: "Locator") -> dict[str, float]:
    found = locator.bounding_box()
    assert found is not None
    return dict(found)


def test_the_first_sight_says_what_is_indexed_and_offers_three_questions(page: "Page") -> None:
    page.locator(".dl-examples button").nth(2).wait_for()
    page.locator("#indexed p").wait_for()
    held = r"\d+ articles · 11 June to 19 October 2026(, \d+ undated)? · Port Halden Courier"  # others add some
    assert re.match(held, page.locator("#indexed").inner_text())
    assert page.locator(".dl-examples button").count() == 3
    assert page.locator("textarea:visible, input:visible").count() == 1
    page.locator(".dl-examples button").first.click()
    exchange = answered(page, 0)
    assert exchange.locator(".dl-source mark").first.is_visible()


def test_a_number_in_the_answer_leads_to_the_quoted_words(page: "Page", server_url: str) -> None:
    exchange = kept(ask(page, WHY))
    page.evaluate(FLASHED)
    exchange.locator(".dl-text sup a").first.click()
    page.wait_for_function("window.flashed")
    mark = exchange.locator(".dl-source mark").first
    words = mark.text_content()
    assert words
    assert any(words in text for text in article_texts(server_url))
    assert page.evaluate("document.activeElement.id") == "x0-1"


def test_the_whole_article_opens_at_the_quote_and_escape_goes_back(page: "Page", server_url: str) -> None:
    exchange = ask(page, WHY)
    button = exchange.get_by_role("button", name="Read the article").first
    button.click()
    reader = page.locator("dialog[open]")
    reader.wait_for()
    mark = reader.locator("mark").first
    assert mark.text_content() == exchange.locator(".dl-source mark").first.text_content()
    page.wait_for_function("document.querySelector('dialog mark').getBoundingClientRect().bottom < innerHeight")
    page.wait_for_function("document.activeElement.id === 'reader-title'")
    whole = reader.locator(".dl-article").evaluate(
        "(e) => [...e.childNodes].filter((n) => n.tagName !== 'SUP').map((n) => n.textContent).join('')"
    )
    assert whole in article_texts(server_url)
    page.keyboard.press("Escape")
    reader.wait_for(state="detached")
    assert button.evaluate("(e) => e === document.activeElement")


def test_a_follow_up_is_understood_and_a_suggestion_is_answered(page: "Page") -> None:
    ask(page, WHY)
    exchange = ask(page, "And when did it reopen?")
    assert "Understood as: And when did it reopen? (Harbour Bridge)" in exchange.inner_text()
    suggestion = page.locator(".dl-further button").last
    suggestion.wait_for()
    words = suggestion.inner_text()
    suggestion.click()
    third = answered(page, 2)
    assert third.locator("h2").inner_text() == words
    assert third.locator(".dl-source mark").count() > 0


def test_a_question_that_no_article_answers_is_refused_with_the_nearest_passages(page: "Page") -> None:
    exchange = ask(page, MERCURY)
    assert lines(exchange.locator(".dl-answer"))[:2] == [
        "The articles don't answer this.",
        "Try other words, or name who or what it is about.",
    ]
    assert exchange.locator("h3").inner_text() == "Nearest passages, which are not answers"
    assert exchange.locator("mark").count() == 0
    exchange.get_by_role("button", name="Read the article").first.click()
    page.locator("dialog[open] .dl-article").wait_for()


def test_filters_leave_other_articles_out(page: "Page") -> None:
    page.get_by_role("button", name="All dates and publishers").click()
    page.get_by_label("From").fill("2026-06-01")
    page.get_by_label("To", exact=True).fill("2026-06-30")
    page.get_by_role("combobox", name="Publishers").fill("Courier")
    page.get_by_role("option", name="Port Halden Courier").click()
    page.get_by_role("button", name="1 June 2026 to 30 June 2026 · Port Halden Courier").wait_for()
    exchange = ask(page, WHY)
    assert lines(exchange.locator("header")) == [WHY, "Only 1 June 2026 to 30 June 2026 · Port Halden Courier"]
    bylines = exchange.locator(".dl-title + .dl-by").all_inner_texts()
    assert bylines and all(line.startswith("Port Halden Courier") and "June 2026" in line for line in bylines)


def test_the_name_of_the_filter_follows_what_is_typed_and_cleared_and_a_name_nobody_has_is_refused(
    page: "Page",
) -> None:
    page.get_by_role("button", name="All dates and publishers", expanded=False).click()
    page.get_by_role("button", name="All dates and publishers", expanded=True).wait_for()
    publishers = page.get_by_role("combobox", name="Publishers")
    publishers.fill("Cour")
    publishers.press("Enter")
    page.get_by_role("button", name="Port Halden Courier", expanded=True).wait_for()
    publishers.fill("Nobody")
    publishers.press("Enter")
    said = publishers.evaluate("(input) => input.validationMessage")
    assert said == "No article is from a publisher named “Nobody”."
    publishers.press("Tab")
    page.locator("#publishers .remove-all").last.click()
    page.get_by_role("button", name="All dates and publishers").wait_for()
    page.evaluate(BOTH_DAYS)
    page.get_by_role("button", name="1 June 2026 to 2 June 2026").wait_for()


def test_a_link_may_name_a_publisher_that_is_not_there_and_no_markup(visit: Callable[..., "Page"]) -> None:
    hostile = '"><img src=x onerror="window.hacked=1">'
    page = visit(f"?q={quote(WHY)}&publisher=Grumby%20Post&from={quote(hostile)}")
    page.locator("#talk", has_text="give a day as YYYY-MM-DD").wait_for()
    page.locator("#filters > button", has_text="Grumby Post").click()
    page.locator("#publishers", has_text="Grumby Post").wait_for()
    assert page.locator("#days img").count() == 0 and page.evaluate("window.hacked") is None
    again = ask(page, "And when did it reopen?")
    assert "Only Grumby Post" in again.inner_text()


def test_a_conversation_that_is_not_there_is_said_to_be_gone(visit: Callable[..., "Page"]) -> None:
    page = visit("?c=0123456789abcdef")
    page.locator("#talk", has_text="That conversation is not there any more.").wait_for()
    page.locator(".dl-examples button").nth(2).wait_for()
    assert "That conversation is not there any more." in page.locator("#talk").inner_text()


def test_a_link_asks_its_question_with_its_filters_and_a_reload_opens_the_conversation(
    visit: Callable[..., "Page"],
) -> None:
    page = visit(f"?q={quote(WHY)}&publisher=Veldmark%20Gazette&from=2026-08-01")
    exchange = kept(answered(page, 0))
    assert "Only since 1 August 2026 · Veldmark Gazette" in exchange.inner_text()
    page.get_by_role("button", name="since 1 August 2026 · Veldmark Gazette").wait_for()
    said = exchange.locator(".dl-text").inner_text()
    page.wait_for_url(re.compile(r"\?c=\w+$"))
    link = copied(exchange, "Copy a link")
    page.reload(wait_until="commit")
    assert answered(page, 0).locator(".dl-text").inner_text() == said
    again = visit(link[link.index("?") :])
    assert answered(again, 0).locator(".dl-text").inner_text() == said


def test_an_answer_is_copied_with_its_references_judged_asked_again_and_edited(page: "Page", service: Service) -> None:
    exchange = kept(ask(page, WHY))
    whole = copied(exchange, "Copy the answer")
    assert exchange.get_by_role("button", name="Copy the answer").evaluate(COPIED) == ["Copied", "Copy"]
    assert whole.startswith(f"**{WHY}**\n\n") and re.search(r"^1\. \[.*\]\(https://.*\), .*: “", whole, re.MULTILINE)
    assert re.match(r"[A-Z].* “.*” .*2026\. https://", copied(exchange, "Copy the list of sources"))

    good = exchange.get_by_role("button", name="Good answer")
    good.click()
    page.locator("#x0 [aria-pressed=true]").wait_for()
    conversation = page.url.rpartition("=")[2]
    assert [row.thumb for row in service.conversation(conversation, "")] == [1]

    ask(page, MERCURY)
    exchange.get_by_role("button", name="Ask again").click()
    page.locator("#x0 [aria-pressed=true]").wait_for(state="detached")
    kept(answered(page, 0))
    exchange.get_by_role("button", name="Edit the question").click()
    page.locator("#x1.dl-later").wait_for()
    box = page.locator("#question textarea")
    page.wait_for_function(f"document.querySelector('#question textarea').value === {WHY!r}")
    box.fill("How old are the sea lilies?")
    box.press("Enter")
    page.locator("#x1").wait_for(state="detached")
    kept(answered(page, 0))
    assert [row.question for row in service.conversation(conversation, "")] == ["How old are the sea lilies?"]


def test_escape_ends_an_edit(page: "Page") -> None:
    exchange = ask(page, MERCURY)
    exchange.get_by_role("button", name="Edit the question").click()
    page.locator("#x0.dl-later").wait_for()
    page.keyboard.press("Escape")
    page.locator("#x0:not(.dl-later)").wait_for()
    page.wait_for_function("document.querySelector('#question textarea').value === ''")


def test_conversations_are_listed_opened_and_deleted(page: "Page") -> None:
    asked = f"{WHY} Tell me."
    kept(ask(page, asked))
    said = page.locator("#x0 .dl-text").inner_text()
    page.get_by_role("button", name="New conversation").click()
    page.locator(".dl-welcome").wait_for()
    kept(ask(page, MERCURY))
    row = open_tab(page, "Conversations", "#conversations ul").locator("li", has_text=asked)
    row.locator("time[data-local]").wait_for()
    assert re.fullmatch(r"\d+ \w+ \d{4}, \d\d:\d\d", row.locator("time").inner_text())
    row.get_by_role("button", name=asked).click()
    page.locator("#x0", has_text=asked).wait_for()
    assert page.locator("#x0 .dl-text").inner_text() == said
    assert page.locator(".dl-exchange").count() == 1
    row = open_tab(page, "Conversations", "#conversations ul").locator("li", has_text=asked)
    surely(row, "Delete")
    row.wait_for(state="detached")
    page.get_by_role("tab", name="Ask").click()
    page.locator(".dl-welcome").wait_for()


def test_the_end_of_a_question_draws_nothing_over_what_came_after_it(
    page: "Page", service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, go = threading.Event(), threading.Event()

    def suggestions(*args: object) -> tuple[str, ...]:
        begun.set()
        assert go.wait(PATIENCE / 1000)
        return ()

    monkeypatch.setattr(service, "suggestions", suggestions)
    kept(ask(page, WHY))
    assert begun.wait(PATIENCE / 1000)
    page.get_by_role("button", name="New conversation").click()
    page.locator(".dl-welcome").wait_for()
    go.set()
    page.wait_for_timeout(500)
    page.get_by_role("tab", name="Conversations").click()  # an event that begins after the question's end
    page.locator("#conversations ul").wait_for()
    assert page.locator(".dl-exchange").count() == 0
    assert page.locator(".dl-welcome").count() == 1


def test_a_question_of_a_conversation_that_is_left_at_once_is_not_asked_in_the_next(
    page: "Page", service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept(ask(page, WHY))
    begun, go, conversation = threading.Event(), threading.Event(), service.conversation

    def slow(*named: str) -> Sequence[Kept]:
        begun.set()
        assert go.wait(PATIENCE / 1000)
        return conversation(*named)

    monkeypatch.setattr(service, "conversation", slow)
    box = page.locator("#question textarea")
    box.fill(MERCURY)
    box.press("Enter")
    assert begun.wait(PATIENCE / 1000)
    page.get_by_role("button", name="New conversation").click()
    page.locator(".dl-welcome").wait_for()
    go.set()
    page.wait_for_function("document.querySelector('#question textarea').value === ''")
    page.wait_for_timeout(300)
    assert page.locator(".dl-exchange").count() == 0


def test_the_filters_of_a_link_can_be_changed_while_its_question_is_answered(
    visit: Callable[..., "Page"], told: "Told"
) -> None:
    page = visit(f"?q={quote(WHY)}&from=2026-06-01")
    page.locator(".dl-stage", has_text="Reading").wait_for()
    page.locator("#filters > button").click()
    since = page.locator("#days input").first
    since.fill("2026-01-05")
    told.tell.set()
    page.locator("#x0 .dl-text sup").wait_for()
    told.go.set()
    answered(page, 0)
    assert since.input_value() == "2026-01-05"


def test_nothing_is_removed_by_a_double_click_or_by_a_click_on_what_another_row_has_become(page: "Page") -> None:
    drawn = open_tab(page, "Articles", "#listed ul")
    page.locator("#listed li").nth(1).wait_for()
    page.evaluate("window.sent = []; const was = window.fetch; window.fetch = (...r) => (sent.push(r[0]), was(...r))")
    row = drawn.locator("li").nth(1)
    row.get_by_role("button", name="Remove").dblclick()
    asks = row.get_by_role("button", name="Remove for good?")
    asks.wait_for()
    titles = drawn.locator("li").all_inner_texts()
    asks.evaluate("(button) => { button.dataset.value = 'another'; }")
    row.get_by_role("button", name=re.compile("^Remove")).dispatch_event("click")
    page.wait_for_timeout(300)
    assert drawn.locator("li").all_inner_texts() == titles
    assert page.evaluate("sent.filter((url) => String(url).includes('queue/join'))") == []


def test_the_focus_leaves_a_button_that_is_drawn_anew_as_that_of_another_row(page: "Page") -> None:
    drawn = open_tab(page, "Articles", "#listed ul")
    button = drawn.locator("li").nth(1).get_by_role("button", name="Remove")
    button.click()
    button = drawn.locator("li").nth(1).get_by_role("button", name="Remove for good?")
    button.evaluate("(button) => { button.dataset.value = 'another'; button.className = 'dl-text-button'; }")
    page.wait_for_function("document.activeElement.dataset.value !== 'another'")
    page.get_by_role("tab", name="Ask").click()


class Told:
    """An `ask` that tells two sentences when it is let, and goes on until it is let go or given up."""

    def __init__(self, article: Article) -> None:
        self.tell, self.go, self.given_up = threading.Event(), threading.Event(), threading.Event()
        spans = [(m.start(), m.end()) for m in re.finditer(r"[A-Z][^.]{30,}\.(?=\s)", article.text)][:2]
        self._citations = [Citation(n, article, s, e, article.text[s:e]) for n, (s, e) in enumerate(spans, 1)]

    def __call__(
        self, *args: object, tell: Callable[[Stage | Shown], None] = lambda event: None, **options: object
    ) -> Answer:
        sentences = tuple(Sentence(c.quote, (c.n,)) for c in self._citations)
        try:
            self._wait(self.tell, tell)
            tell(Shown(sentences[0], (self._citations[0],)))
            self._wait(self.go, tell)
        except BaseException:
            self.given_up.set()
            raise
        tell(Shown(sentences[1], (self._citations[1],)))
        return Answer(
            question=str(args[2]), standalone_question=str(args[2]), sentences=sentences, abstained=False, confidence=1,
            citations=tuple(self._citations), hits=(), index_version=1,
        )  # fmt: skip

    def _wait(self, for_it: threading.Event, tell: Callable[[Stage | Shown], None]) -> None:
        while not for_it.wait(0.05):
            tell(Stage("reading"))


@pytest.fixture
def told(service: Service, monkeypatch: pytest.MonkeyPatch) -> Iterator[Told]:
    made = Told(next(a for a in service.articles() if a.title.startswith("Harbour Bridge closed")))
    monkeypatch.setattr(service_module, "ask", made)
    yield made
    made.tell.set()
    made.go.set()


def begin(page: "Page", question: str) -> None:
    box = page.locator("#question textarea")
    box.fill(question)
    box.press("Enter")
    page.locator(".dl-stage", has_text="Reading what was found").last.wait_for()


def test_sentences_stream_without_moving_what_is_there(page: "Page", told: Told) -> None:
    begin(page, WHY)
    heading = box_of(page.locator("#x0 h2"))
    told.tell.set()
    page.locator("#x0 .dl-source mark").wait_for()
    first, stage = page.locator("#x0 .dl-text").inner_text(), box_of(page.locator("#x0 .dl-source"))
    assert page.locator(".dl-stage").is_visible()
    told.go.set()
    answered(page, 0)
    assert page.locator("#x0 .dl-text").inner_text().startswith(first[:-1])
    assert box_of(page.locator("#x0 h2")) == heading
    assert {k: box_of(page.locator("#x0 .dl-source"))[k] for k in "xy"} == {k: stage[k] for k in "xy"}


def test_an_answer_can_be_stopped_and_its_work_is_given_up(page: "Page", told: Told) -> None:
    begin(page, WHY)
    page.get_by_role("button", name="Stop").click()
    exchange = answered(page, 0)
    assert "Stopped." in exchange.inner_text()
    assert told.given_up.wait(10)


def test_a_question_without_an_answer_yet_and_what_is_typed_are_in_the_box_after_a_reload(
    page: "Page", told: Told
) -> None:
    box = page.locator("#question textarea")
    for typed, found in (("", WHY), ("And when?", "And when?")):
        begin(page, WHY)
        box.fill(typed)
        page.reload(wait_until="commit")
        page.wait_for_function("(found) => document.querySelector('#question textarea')?.value === found", arg=found)
    box.fill("")
    page.reload(wait_until="commit")
    page.locator(".dl-examples button").first.wait_for()
    assert box.input_value() == ""


def test_work_for_a_tab_that_is_closed_is_given_up(visit: Callable[..., "Page"], told: Told) -> None:
    page = visit()
    begin(page, WHY)
    page.close()
    assert told.given_up.wait(20)


def test_a_question_can_be_asked_while_another_runs_and_two_tabs_do_not_mix(
    visit: Callable[..., "Page"], told: Told
) -> None:
    one, two = visit(), visit()
    begin(one, "First?")
    begin(one, "Second?")
    begin(two, "Third?")
    told.tell.set()
    told.go.set()
    for number in (0, 1):
        answered(one, number)
    answered(two, 0)
    assert one.locator("h2.dl-question").all_inner_texts() == ["First?", "Second?"]
    assert two.locator("h2.dl-question").all_inner_texts() == ["Third?"]


def test_what_cannot_be_asked_is_said_and_an_empty_question_does_nothing(page: "Page") -> None:
    box = page.locator("#question textarea")
    box.fill("   ")
    box.press("Enter")
    assert box.input_value() == "   "
    box.fill("why " * 5000)
    box.press("Enter")
    said = page.locator("#talk").get_by_text("The question has 19999 characters; the most is 2000. Shorten it.")
    said.wait_for()
    assert box.input_value() == "why " * 5000  # to be shortened
    assert ask(page, WHY).get_attribute("id") == "x0"
    assert said.count() == 0 and box.input_value() == ""
    box.fill("why " * 5000)
    box.press("Enter")
    said.wait_for()
    page.wait_for_function(UNCOVERED, arg=said.element_handle())


def test_everything_is_reached_with_the_keyboard(page: "Page") -> None:
    box = page.locator("#question textarea")
    page.wait_for_function("document.activeElement.tagName === 'TEXTAREA'")
    page.keyboard.type("Why was the Harbour Bridge")
    page.keyboard.press("Shift+Enter")
    page.keyboard.type("closed?")
    assert box.input_value() == "Why was the Harbour Bridge\nclosed?"
    page.keyboard.press("Enter")
    kept(answered(page, 0))
    assert box.input_value() == ""
    reached: list[str] = []
    for _ in range(40):
        page.keyboard.press("Shift+Tab")
        name = page.evaluate("(document.activeElement.ariaLabel || document.activeElement.innerText).trim()")
        reached.append(name)
        if name == "Source 1":
            break
    assert "Read the article" in reached and "Good answer" in reached and "Edit the question" in reached
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "x0-1"
    page.locator("#x0").get_by_role("button", name="Read the article").first.focus()
    page.keyboard.press("Enter")
    page.locator("dialog[open]").wait_for()
    page.keyboard.press("Escape")
    page.locator("dialog[open]").wait_for(state="detached")
    page.locator("#x0").get_by_role("button", name="Good answer").focus()
    page.keyboard.press("Enter")
    page.locator("#x0 [aria-pressed=true]").wait_for()
    page.wait_for_function("document.activeElement.ariaLabel === 'Good answer'")
    page.locator("#x0").get_by_role("button", name="Ask again").focus()
    page.keyboard.press("Enter")
    page.locator("#x0 [aria-pressed=true]").wait_for(state="detached")
    kept(answered(page, 0))
    page.wait_for_function("document.activeElement.id === 'x0-question'")


def test_a_phone_shows_the_whole_width_and_always_the_box(page: "Page") -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    first = overflow(page)
    exchange = ask(page, WHY)
    box = box_of(page.locator("#question textarea"))
    assert box["y"] + box["height"] <= 844
    answer, sources = box_of(exchange.locator(".dl-answer")), box_of(exchange.locator(".dl-sources"))
    assert sources["y"] >= answer["y"] + answer["height"]
    answer_wide = overflow(page)
    exchange.get_by_role("button", name="Read the article").first.click()
    page.locator("dialog[open]").wait_for()
    reader = box_of(page.locator("dialog[open]"))
    assert reader["x"] == 0 and reader["width"] >= 370  # all but the place of a scroll bar
    page.keyboard.press("Escape")
    open_tab(page, "Articles", "#listed ul")
    assert (first, answer_wide, overflow(page)) == (0, 0, 0)


def overflow(page: "Page") -> int:
    """How many pixels of the page lie beyond the right edge of the window."""
    return max(0, int(page.evaluate("document.documentElement.scrollWidth - innerWidth")))


CONTRASTS = """() => {
  const parts = (colour) => colour.match(/[\\d.]+/g).slice(0, 3).map(Number);
  const light = (colour) => parts(colour).map((c) => c / 255)
    .map((c) => c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)
    .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
  const ground = (element) => {
    for (let e = element; e; e = e.parentElement) {
      const colour = getComputedStyle(e).backgroundColor;
      if (!/, 0\\)$|transparent/.test(colour)) return colour;
    }
    return "rgb(255, 255, 255)";
  };
  const poor = [];
  for (const e of document.querySelectorAll("h1, h2, h4, p, button, a, sup, mark, label, span, textarea, input")) {
    if (!e.checkVisibility({visibilityProperty: true}) || !(e.innerText || e.value || "").trim()) continue;
    const [a, b] = [light(getComputedStyle(e).color), light(ground(e))].sort((x, y) => y - x);
    if ((a + 0.05) / (b + 0.05) < 4.5) poor.push(`${e.tagName} ${e.className} ${e.innerText}`);
  }
  return poor;
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_everything_is_readable_in_light_and_dark(
    browser: "Browser", visit: Callable[..., "Page"], scheme: str
) -> None:
    context = browser.new_context(color_scheme=scheme)  # type: ignore[arg-type]
    context.set_default_timeout(PATIENCE)
    page = visit("", context)
    kept(ask(page, WHY))
    red, _, _ = map(int, re.findall(r"\d+", page.evaluate("getComputedStyle(document.body).backgroundColor"))[:3])
    assert red < 40 if scheme == "dark" else red > 240
    poor = page.evaluate(CONTRASTS)
    open_tab(page, "Articles", "#listed ul")
    assert poor + page.evaluate(CONTRASTS) == []
    page.close()
    context.close()


def test_a_pasted_article_answers_the_next_question_until_it_is_removed(page: "Page") -> None:
    said = add(page, "The Ostrava lighthouse in Grumby was sold to Petra Klun for 84,000 euros.", "Lighthouse sold")
    exchange = ask(page, "Who bought the lighthouse in Grumby?")
    undated = "Without a date, and left out where a time is asked for: 1"
    assert said == ["Added: 1", "Lighthouse sold", undated, "Lighthouse sold"]
    assert "Petra Klun" in exchange.locator(".dl-text").inner_text()
    open_tab(page, "Articles", "#listed ul")
    page.get_by_label("Find an article").fill("light sold")
    page.wait_for_function("document.querySelectorAll('#listed li').length === 1")
    page.locator("#listed").get_by_role("button", name="Lighthouse sold").click()
    page.locator("dialog[open]", has_text="Petra Klun").wait_for()
    page.keyboard.press("Escape")
    page.get_by_label("Find an article").fill("")
    remove(page, "Lighthouse sold")
    page.get_by_role("tab", name="Ask").click()
    assert "Petra Klun" not in ask(page, "Who bought the lighthouse in Grumby?").locator(".dl-answer").inner_text()


def test_an_address_inside_the_network_is_refused_with_the_reason(page: "Page") -> None:
    open_tab(page, "Articles", "#listed ul")
    address = page.get_by_label("Or the address of a page or a feed")
    address.fill("http://127.0.0.1:9/secret")
    address.press("Enter")
    page.locator("#result", has_text="Skipped: 1").wait_for()
    assert "http://127.0.0.1:9/secret" in page.locator("#result").inner_text()
    assert address.input_value() == "http://127.0.0.1:9/secret"


def test_an_article_is_pasted_with_its_publisher_and_day_and_found_and_removed_on_a_phone(page: "Page") -> None:
    open_tab(page, "Articles", "#listed ul")
    page.set_viewport_size({"width": 390, "height": 844})
    page.get_by_role("button", name="Add articles").click()
    page.wait_for_function("Math.abs(document.querySelector('#adding').getBoundingClientRect().top) < 40")
    page.get_by_label("Its title").fill("Weir mended")
    page.get_by_role("button", name="Add", exact=True).click()
    page.locator("#result", has_text="Weir mended: Its text is missing").wait_for()
    assert page.get_by_label("Its title").input_value() == "Weir mended"
    page.get_by_label("Or paste an article").fill("The weir at Grumby was mended by Ida Korn.")
    page.get_by_role("button", name="Its publisher, date and address").click()
    page.get_by_label("Publisher", exact=True).fill("Grumby Post")
    page.get_by_label("Date").fill("2026-05-04")
    page.get_by_role("button", name="Add", exact=True).click()
    page.locator("#result", has_text="Added: 1").wait_for()
    page.wait_for_function("document.querySelector('#day input').value === ''")
    page.get_by_label("Find an article").fill("grumby post")
    page.wait_for_function("document.querySelectorAll('#listed li').length === 1")
    assert page.locator("#listed .dl-by").inner_text() == "Grumby Post · 4 May 2026"
    remove(page, "Weir mended")
    removed = box_of(page.locator("#removal p"))
    assert 0 <= removed["y"] < 844 - removed["height"]


def test_the_list_goes_on_to_older_articles(page: "Page", monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shelf, "LISTED", 4)
    open_tab(page, "Articles", "#listed ul")
    page.get_by_label("Find an article").fill("e")
    page.wait_for_function("document.querySelectorAll('#listed li').length === 4")
    page.get_by_role("button", name="Show 4 more").click()
    page.wait_for_function("document.querySelectorAll('#listed li').length === 8")
    page.get_by_label("Find an article").fill("harbour")
    page.wait_for_function("document.querySelectorAll('#listed li').length === 3")
    assert page.get_by_role("button", name="more").count() == 0


def test_a_list_that_is_not_of_what_stands_in_the_box_is_looked_for_again(page: "Page", service: Service) -> None:
    open_tab(page, "Articles", "#listed ul")
    page.evaluate("document.querySelector('#find textarea, #find input').value = 'hums'")  # and no event
    service.add([Record(key="late", text="The bridge hums in the wind.", title="Bridge hums")])
    open_tab(page, "Ask", "#question")
    open_tab(page, "Articles", "#listed [data-sought=hums]")
    assert page.locator("#listed li").count() == 1
    service.remove("late")


def test_an_answer_whose_article_is_gone_is_opened_with_a_word_about_that(page: "Page") -> None:
    add(page, "The Brindle ferry was christened by Otto Quandt on a rainy Sunday.", "Brindle ferry christened")
    kept(ask(page, "Who christened the Brindle ferry?"))
    remove(page, "Brindle ferry christened")
    page.reload(wait_until="commit")
    exchange = answered(page, 0)
    assert "Articles have changed since" in exchange.inner_text()
    assert "christened by Otto Quandt" in exchange.locator(".dl-source mark").inner_text()


def test_a_passage_that_has_changed_since_says_so_itself(page: "Page", service: Service) -> None:
    def tell(steps: int) -> None:
        text = f"The Ulm minaret opened on Friday. The Ulm minaret has {steps} steps. It is old."
        service.add([Record(key="minaret", text=text, title="Minaret")])

    tell(214)
    kept(ask(page, "How many steps does the Ulm minaret have?"))
    tell(215)
    page.reload(wait_until="commit")
    exchange = answered(page, 0)
    card = exchange.locator(".dl-source", has_text="Minaret")
    said = " ".join(lines(card))
    assert "This passage has changed since. It was: The Ulm minaret has 214 steps." in said
    assert "It is now: The Ulm minaret has 215 steps." in said
    assert "214 steps" in card.locator("mark").inner_text()
    assert page.evaluate(CONTRASTS) == []
    card.get_by_role("button", name="Read the article").click()
    reader = page.locator("dialog[open]", has_text="It is old.")
    reader.wait_for()
    assert "215 steps" in reader.inner_text() and "214 steps" not in reader.inner_text()
    assert reader.locator("mark").count() == 0
    service.remove("minaret")


def test_dropped_files_are_added_or_refused_with_a_reason(page: "Page", tmp_path: Path) -> None:
    (tmp_path / "ferry.md").write_text("# Ferry renamed\n\nThe Grumby ferry is called Sea Parsnip since Monday.\n")
    (tmp_path / "photo.png").write_bytes(b"\x89PNG\r\n\x1a\n\x00\x00")
    open_tab(page, "Articles", "#listed ul")
    hint = page.locator("#adding").inner_text()
    assert ".txt, .md," in hint and all(suffix in hint for suffix in FORMATS)
    page.locator("#adding input[type=file]").set_input_files([tmp_path / "ferry.md", tmp_path / "photo.png"])
    page.locator("#files").get_by_text("photo").wait_for()
    page.get_by_role("button", name="Add", exact=True).click()
    page.locator("#result .dl-report").wait_for()
    said = lines(page.locator("#result .dl-report"))
    assert said[:2] == ["Added: 1", "Ferry renamed"] and said[4] == "Skipped: 1"
    assert said[5].startswith("photo.png: ")
    remove(page, "Ferry renamed")


def test_an_addition_shows_how_far_it_is_and_can_be_cancelled(
    page: "Page", service: Service, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(build, "BATCH", 1)
    begun, going_on = threading.Event(), threading.Event()
    put_lot = build._put_lot

    def slow(*arguments: Any) -> bool:
        if begun.is_set():
            going_on.wait(60)
        begun.set()
        return put_lot(*arguments)

    monkeypatch.setattr(build, "_put_lot", slow)
    records = [{"title": f"Weir {n} mended", "text": f"The weir {n} at Grumby was mended by Ida Korn."} for n in "ABC"]
    (tmp_path / "weirs.jsonl").write_text("\n".join(map(json.dumps, records)))
    open_tab(page, "Articles", "#listed ul")
    page.locator("#adding input[type=file]").set_input_files(tmp_path / "weirs.jsonl")
    page.locator("#files").get_by_text("weirs").wait_for()
    page.get_by_role("button", name="Add", exact=True).click()
    page.locator("#result", has_text="Reading 1").wait_for()
    assert page.locator("#result progress").get_attribute("aria-label") == "Reading"
    page.get_by_role("button", name="Cancel").click()
    page.locator("#result", has_text="Cancelling").wait_for()
    going_on.set()
    page.locator("#result", has_text="Cancelled. What was done before that stays").wait_for()
    assert page.get_by_role("button", name="Cancel").count() == 0
    assert page.locator("#files").get_by_text("weirs").count() == 1
    page.get_by_label("Find an article").fill("weir")
    page.locator("#listed", has_text="Weir A mended").wait_for()
    assert not page.locator("#listed", has_text="Weir C mended").count()
    page.get_by_role("button", name="Add", exact=True).click()
    page.locator("#result .dl-report", has_text="Already there").wait_for()
    page.locator("#listed", has_text="Weir C mended").wait_for()
    for letter in "ABC":
        remove(page, f"Weir {letter} mended")


def test_the_index_is_rebuilt_while_questions_are_answered(visit: Callable[..., "Page"], service: Service) -> None:
    one, two = visit(), visit()
    version = service.version()
    open_tab(one, "Articles", "#listed ul")
    one.get_by_role("button", name="Rebuild the index").click()
    exchange = ask(two, WHY)
    assert exchange.locator(".dl-source mark").count() > 0
    one.locator("#result", has_text="Rebuilt: ").wait_for()
    assert service.version() == version + 1
    assert ask(two, WHY).locator(".dl-source mark").count() > 0


def test_markup_in_an_article_stays_text(page: "Page") -> None:
    add(page, HOSTILE_TEXT, HOSTILE_TITLE)
    exchange = ask(page, "What do Zwetschgen cost in Quorrin?")
    source = exchange.locator(".dl-source").first
    assert "<img src=x" in source.locator("h4").inner_text() and "${x} {{x}}" in source.locator("h4").inner_text()
    assert "<script>window.hacked=1</script>" in (source.locator("blockquote").text_content() or "")
    source.get_by_role("button", name="Read the article").click()
    page.locator("dialog[open]", has_text="<script>").wait_for()
    page.keyboard.press("Escape")
    open_tab(page, "Articles", "#listed ul")
    page.locator("#listed", has_text="<img src=x").wait_for()
    inside = ", ".join(
        f"#{place} {tag}" for place in ("talk", "reader", "listed", "result") for tag in ("img", "script")
    )
    assert page.locator(inside).count() == 0
    assert page.evaluate("window.hacked") is None
    remove(page, "Zwetschgen")
