"""The page in a real browser, against a real server that holds the sample articles."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page

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
HOSTILE_TITLE = '<img src=x onerror="window.hacked=1"> **Zwetschgen** [prices](http://evil.example.org)'
HOSTILE_TEXT = (
    "Zwetschgen cost 7 euros a kilo in Quorrin </blockquote></details><script>window.hacked=1</script> "
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


@pytest.fixture
def page(browser: "Browser", server_url: str) -> Iterator["Page"]:
    """The page, loaded, with its examples; it fails a test whose page asked any other host for something."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    context.set_default_timeout(PATIENCE)
    opened = context.new_page()
    asked: list[str] = []
    opened.on("request", lambda request: asked.append(request.url))
    opened.goto(server_url)
    opened.locator("#chat .example").first.wait_for()
    yield opened
    context.close()
    assert [url for url in asked if not url.startswith((server_url, "data:", "blob:"))] == []


def ask(page: "Page", question: str) -> "Locator":
    """Ask, and wait for the answer to be there."""
    answers = page.locator("#chat .dl-answer")
    before = answers.count()
    box = page.locator("#question textarea")
    box.fill(question)
    box.press("Enter")
    answers.nth(before).wait_for()
    return answers.nth(before)


def lines(locator: "Locator") -> list[str]:
    return [line for line in locator.inner_text().splitlines() if line]


def add(page: "Page", text: str, title: str = "") -> list[str]:
    """Paste an article, and give what the page says about it."""
    page.get_by_role("tab", name="Add articles").click()
    page.get_by_label("Or paste an article").fill(text)
    page.get_by_label("Its title").fill(title)
    page.get_by_role("button", name="Add", exact=True).click()
    said = lines(page.locator("#result .dl-answer"))
    page.get_by_role("tab", name="Ask").click()
    return said


def article_texts(server_url: str) -> list[str]:
    listed = httpx.get(f"{server_url}/v1/articles?limit=1000").json()["articles"]
    return [httpx.get(f"{server_url}/v1/articles/{article['id']}").json()["text"] for article in listed]


def test_a_number_in_the_answer_to_an_example_opens_the_quoted_words(page: "Page", server_url: str) -> None:
    page.locator("#chat .example").first.click()
    answer = page.locator("#chat .dl-answer")
    marks = answer.locator("mark")
    answer.wait_for()
    assert not marks.first.is_visible()
    answer.locator(".dl-text sup a").first.click()
    marks.first.wait_for(state="visible")
    quote = marks.first.text_content()
    assert quote
    assert any(quote in text for text in article_texts(server_url))


def test_a_question_that_no_article_answers_is_refused_with_the_nearest_passages(page: "Page") -> None:
    answer = ask(page, "What is the boiling point of mercury?")
    assert answer.locator(".dl-refusal").inner_text() == "The articles don't answer this."
    assert answer.locator("mark").count() == 0
    answer.locator("summary").first.click()
    assert answer.locator("blockquote").first.is_visible()


def test_enter_sends_and_shift_with_enter_starts_a_line(page: "Page") -> None:
    box = page.locator("#question textarea")
    box.fill("Why was the Harbour Bridge")
    box.press("Shift+Enter")
    box.type("closed?")
    assert box.input_value() == "Why was the Harbour Bridge\nclosed?"
    box.press("Enter")
    page.locator("#chat .dl-question").wait_for()
    assert box.input_value() == ""
    page.locator("#chat .dl-answer").wait_for()


def test_an_empty_question_does_nothing(page: "Page") -> None:
    box = page.locator("#question textarea")
    box.fill("   ")
    box.press("Enter")
    page.wait_for_timeout(1000)
    assert page.locator("#chat .dl-question").count() == 0


def test_a_question_that_is_too_long_gets_a_sentence_that_says_so(page: "Page") -> None:
    answer = ask(page, "why " * 5000)
    assert answer.inner_text().startswith("The question has 19999 characters")


def test_a_phone_shows_the_whole_width_and_always_the_box(page: "Page") -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    first = overflow(page)
    answer = ask(page, "Why was the Harbour Bridge closed?")
    answer.locator(".dl-text sup a").first.click()
    answer.locator("mark").first.wait_for(state="visible")
    answered = overflow(page)
    box = page.locator("#question textarea").bounding_box()
    page.get_by_role("tab", name="Add articles").click()
    page.get_by_label("Or paste an article").wait_for()
    assert (first, answered, overflow(page)) == (0, 0, 0)
    assert box is not None
    assert box["y"] + box["height"] <= 844


def overflow(page: "Page") -> int:
    """How many pixels of the page lie beyond the right edge of the window."""
    return int(page.evaluate("document.documentElement.scrollWidth - window.innerWidth"))


def test_a_pasted_article_answers_the_next_question(page: "Page") -> None:
    said = add(page, "The Ostrava lighthouse in Grumby was sold to Petra Klun for 84,000 euros.", "Lighthouse sold")
    answer = ask(page, "Who bought the lighthouse in Grumby?")
    assert said == ["Added: 1", "Lighthouse sold"]
    assert "Petra Klun" in answer.locator(".dl-text").inner_text()


def test_dropped_files_are_added_or_refused_with_a_reason(page: "Page", tmp_path: Path) -> None:
    (tmp_path / "ferry.md").write_text("# Ferry renamed\n\nThe Grumby ferry is called Sea Parsnip since Monday.\n")
    (tmp_path / "photo.png").write_bytes(b"\x89PNG\r\n\x1a\n\x00\x00")
    page.get_by_role("tab", name="Add articles").click()
    page.locator("#adding input[type=file]").set_input_files([tmp_path / "ferry.md", tmp_path / "photo.png"])
    page.locator("#adding").get_by_text("photo").wait_for()
    page.get_by_role("button", name="Add", exact=True).click()
    said = lines(page.locator("#result .dl-answer"))
    assert said[:3] == ["Added: 1", "Ferry renamed", "Skipped: 1"]
    assert said[3].startswith("photo.png: ")


def test_markup_in_an_article_stays_text(page: "Page") -> None:
    add(page, HOSTILE_TEXT, HOSTILE_TITLE)
    answer = ask(page, "What do Zwetschgen cost in Quorrin?")
    answer.locator("summary").first.click()
    assert "<img src=x" in answer.locator("summary").first.inner_text()
    assert "<script>window.hacked=1</script>" in (answer.locator("blockquote").first.text_content() or "")
    assert page.locator("#chat img, #chat script, #result img").count() == 0
    assert page.evaluate("window.hacked") is None
