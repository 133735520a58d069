"""The login in a real browser, which decides by itself what it sends with a form and a cookie."""

import os
import re
import shutil
from pathlib import Path

import pytest
from conftest import Indifferent, serving, whole_app
from test_browser import ARGUMENTS, PATIENCE
from tiny import NOW, TinyEmbedder, news

from index.build import add
from index.config import Config
from index.opening import open_index
from ui.access import Access
from ui.keys import Keys
from ui.service import Service
from ui.sessions import Sessions
from ui.visit import ASK, demand_change

pytestmark = pytest.mark.browser


def test_one_logs_in_with_a_key_and_out_again_on_a_phone(tmp_path: Path) -> None:
    playwright = pytest.importorskip("playwright.sync_api", reason="needs playwright: pip install -e '.[dev]'")
    chromium = os.environ.get("DATELINE_CHROMIUM") or shutil.which("chromium")
    if chromium is None:
        pytest.skip("needs chromium on the PATH, or its path in DATELINE_CHROMIUM")
    keys = Keys(tmp_path / "data")
    key = keys.add("ada", ASK, today=NOW.date())
    index = open_index(Config(data=tmp_path / "data"), write=True, embedder=TinyEmbedder())
    add(index, [news("bridge", "The bridge is closed.")], now=NOW)
    service = Service(index, Indifferent(), now=lambda: NOW, permit=demand_change)
    access = Access(keys, always=True)
    app = whole_app(service, instance="login", access=access)
    with serving(app) as url, playwright.sync_playwright() as started:
        browser = started.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        page = browser.new_page(viewport={"width": 360, "height": 640})
        page.set_default_timeout(PATIENCE)
        page.goto(f"{url}/?q=Is%20the%20bridge%20closed%3F")
        if folder := os.environ.get("DATELINE_SCREENSHOTS"):
            page.screenshot(path=f"{folder}/login.png")
        assert page.evaluate("document.documentElement.scrollWidth") == 360
        page.get_by_label("Your key").fill("dl_wrong")
        page.get_by_role("button", name="Log in").click()
        assert page.get_by_role("alert").inner_text().startswith("That key is not known here.")
        page.get_by_label("Your key").fill(key)
        page.get_by_label("Your key").press("Enter")
        page.locator("#x0 [data-event=like]").first.wait_for()
        page.wait_for_url(re.compile(r"/\?c=\w+$"))
        assert page.locator("#who").inner_text() == "ada · Log out"
        page.get_by_role("tab", name="Articles").click()
        page.locator("#listed").get_by_text("1 article").wait_for()
        assert page.locator("#adding").count() == page.get_by_role("button", name="Remove").count() == 0
        assert "dateline_session" not in page.evaluate("document.cookie")
        page.get_by_role("tab", name="Ask").click()
        page.locator("#question textarea").fill("And when?")
        access.sessions = Sessions()
        page.locator("#question textarea").press("Enter")
        page.get_by_role("alert").get_by_text("Your login has ended.").wait_for()
        assert "Authorization" not in page.locator("body").inner_text()
        page.get_by_role("link", name="Log in again").click()
        page.get_by_label("Your key").fill(key)
        page.get_by_label("Your key").press("Enter")
        page.locator("#x0", has_text="Is the bridge closed?").wait_for()
        page.wait_for_function("document.querySelector('#question textarea').value === 'And when?'")
        page.get_by_role("link", name="Log out").click()
        page.get_by_role("button", name="Log out").click()
        assert page.evaluate("sessionStorage.length") == 0  # of what is still in the box
        page.get_by_label("Your key").wait_for()
        page.goto(url)
        page.get_by_label("Your key").wait_for()
        browser.close()
    index.close()
