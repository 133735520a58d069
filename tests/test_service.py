"""What a service does besides what it hands on."""

from collections.abc import Callable

import pytest
from conftest import Indifferent
from tiny import NOW
from web_server import page, web_server

from index.errors import ForbiddenError
from index.store import Index
from index.web import Web
from ui.service import Service

HTML = (
    "<html><head><title>Dam</title></head><body><article><p>The dam at Norby holds again.</p></article></body></html>"
)


def private() -> Web:
    return Web(allow_private=True)


def test_a_page_is_added_by_its_address_and_found_unchanged_the_next_time(open_tiny: Callable[..., Index]) -> None:
    index = open_tiny()
    service = Service(index, Indifferent(), now=lambda: NOW, web=private)  # type: ignore[arg-type]
    outside = Service(index, Indifferent(), now=lambda: NOW)  # type: ignore[arg-type]
    with web_server() as site:
        site.pages["/dam"] = page(HTML)
        first = service.add([], addresses=[f"{site.url}/dam", f"{site.url}/gone"])
        second = service.add([], addresses=[f"{site.url}/dam"])
        refused = outside.add([], addresses=[f"{site.url}/dam"])
    assert first.added == (f"{site.url}/dam",) and [skip.source for skip in first.skipped] == [f"{site.url}/gone"]
    assert "The dam at Norby holds again." in service.article(first.added[0]).text
    assert (second.added, second.unchanged) == ((), first.added)
    assert not refused.added and "private" in refused.skipped[0].reason


def test_who_may_only_ask_has_nothing_fetched(open_tiny: Callable[..., Index]) -> None:
    def never() -> None:
        raise ForbiddenError("no")

    service = Service(open_tiny(), Indifferent(), now=lambda: NOW, permit=never, web=private)  # type: ignore[arg-type]
    with web_server() as site:
        site.pages["/dam"] = page(HTML)
        with pytest.raises(ForbiddenError):
            service.add([], addresses=[f"{site.url}/dam"])
        assert site.requests == []
