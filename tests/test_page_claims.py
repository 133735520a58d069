"""What a page claims about itself: its day, in the order in which claims count, its headline and its author."""

import json
from datetime import date

import pytest

from index.clean import clean
from index.feed import Entry
from index.fetch import _filled
from index.page import as_markdown
from index.types import Record

TODAY = date(2026, 11, 23)
LONG = "The council met for three hours on Monday and heard from the engineers who had walked along the dam. "
ADDRESS = "https://example.org/dam"
DATED = "https://example.org/2024/03/05/dam"

JSON_LD = (
    '<script type="application/ld+json">{"@type": "NewsArticle", "dateModified": "2024-03-09", '
    '"datePublished": "2024-03-01"}</script>'
)
MICRODATA = (
    '<time itemprop="dateModified" datetime="2024-03-09">9 March</time>'
    '<time itemprop="datePublished" datetime="2024-03-02">2 March</time>'
)
META = (
    '<meta property="article:modified_time" content="2024-03-09">'
    '<meta property="article:published_time" content="2024-03-03">'
)
TIME = '<time class="updated" datetime="2024-03-09">9 March</time><time datetime="2024-03-07">7 March</time>'
PUBLISHED = "<p>Published 6 March 2024, updated 9 March 2024</p>"
UPDATED = "<p>Last updated: 9 March 2024</p>"


def page(head: str = "", under: str = "", *, title: str = "The dam will hold", rest: str = "") -> str:
    return (
        f"<!doctype html><html><head><title>{title}</title>{head}</head><body><header>Sunday, 22 November 2026</header>"
        f"<h1>The dam will hold</h1>{under}<article><p>{LONG * 2}</p><p>{LONG * 2}</p></article>{rest}</body></html>"
    )


def read(html: str, at: str | None = ADDRESS) -> Record:
    return as_markdown(Record(key="a", text=html, format="html"), at=at)


@pytest.mark.parametrize(
    ("head", "under", "at", "published", "source"),
    [
        (JSON_LD + META, MICRODATA, DATED, "2024-03-01", "json-ld"),
        (META, MICRODATA, DATED, "2024-03-02", "microdata"),
        (META, PUBLISHED, DATED, "2024-03-03", "meta"),
        ("", PUBLISHED + TIME, DATED, "2024-03-05", "url"),
        ("", PUBLISHED + TIME, ADDRESS, "6 March 2024", "byline"),
        ("", UPDATED + TIME, ADDRESS, "2024-03-07", "time tag"),
        ("", UPDATED, ADDRESS, "9 March 2024", "update"),
        ('<meta property="article:modified_time" content="2024-03-09">', "", ADDRESS, "2024-03-09", "update"),
        ("", "", ADDRESS, None, None),
    ],
)
def test_a_page_has_the_first_date_in_the_order_and_never_that_of_a_change_before_it(
    head: str, under: str, at: str, published: str | None, source: str | None
) -> None:
    found = read(page(head, under), at)
    assert (found.published, found.date_source) == (published, source)


def entry(published: str | None, updated: str | None = None) -> Entry:
    return Entry(link="/dam", title="T", author=None, published=published, updated=updated, digest="")


@pytest.mark.parametrize(
    ("known", "source", "listed", "expected"),
    [
        ("2024-03-05", "url", entry("2024-03-04"), ("2024-03-05", "url")),
        ("2024-03-06", "byline", entry("2024-03-04"), ("2024-03-04", "feed")),
        ("no day", "meta", entry("2024-03-04"), ("2024-03-04", "feed")),
        (None, None, entry(None, "2024-03-09"), ("2024-03-09", "update")),
        ("2024-03-06", "byline", entry(None, "2024-03-09"), ("2024-03-06", "byline")),
        ("2024-03-06", "page", entry(None, "2024-03-09"), ("2024-03-09", "update")),
        (None, None, entry("soon", "later"), (None, None)),
    ],
)
def test_a_feeds_day_comes_between_the_address_and_the_byline(
    known: str | None, source: str | None, listed: Entry, expected: tuple[str | None, str | None]
) -> None:
    found = _filled(Record(key="a", text=LONG, published=known, date_source=source), listed)
    assert (found.published, found.date_source) == expected


def test_the_day_that_a_page_was_read_or_saved_is_never_that_of_its_article() -> None:
    saved = "<!-- saved from url=(0023)https://example.org/dam on 2026-11-23 -->"
    clock = '<div class="clock"><time datetime="2026-11-23">Today</time></div><time datetime="2026-11-22">x</time>'
    for html in (page(), saved + page(), page(rest=clock), page('<meta name="generated-time" content="2026-11-23">')):
        article = clean(Record(key="a", text=html, format="html"), today=TODAY).article
        assert (article.published, article.date_source) == (None, None)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("Ann Roe | 23/03/2024 | 14", ("2024-03-23", "page")),
        ("Ann Roe | 3/09/2024 | 14", (None, None)),
        ("Ann Roe in Skerrin on March 3rd, 2024", ("2024-03-03", "page")),
    ],
)
def test_a_day_is_guessed_only_under_the_headline_and_where_it_can_be_read_in_one_way(
    line: str, expected: tuple[str | None, str | None]
) -> None:
    shown = f'<div class="date">{line}</div>'
    masthead = page().replace("<header>", f"<header>{shown}")
    found = [read(page(under=shown)), read(masthead)]
    assert [(record.published, record.date_source) for record in found] == [expected, (None, None)]


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("The dam will hold - Example News", "The dam will hold"),
        ("Example News | The dam will hold | Region", "The dam will hold"),
        ("The dam will hold, engineers say - Example News", "The dam will hold, engineers say - Example News"),
        ("The dam will hold", "The dam will hold"),
        ("Engineers are sure now", "The dam will hold"),
    ],
)
def test_a_title_is_the_headline_that_the_page_shows_without_its_sites_name(title: str, expected: str) -> None:
    tab = title if title.endswith("News") else "The dam will hold - Example News"
    assert read(page(f'<meta property="og:title" content="{title}">', title=tab)).title == expected


@pytest.mark.parametrize(
    ("head", "under", "expected"),
    [
        ("", "<div>Topics: dams</div><div>By: Ann Roe</div>", "Ann Roe"),
        ('<meta name="author" content="Jo Poe">', "<div>By: Ann Roe</div>", "Jo Poe"),
        ('<span class="author">Username</span>', "<div>By: Ann Roe</div>", "Ann Roe"),
        ('<meta property="og:site_name" content="Example News"><meta name="author" content="Jo Poe; Example News">',
         "", "Jo Poe"),
        ("", "", None),
    ],
)  # fmt: skip
def test_the_author_is_a_person_whom_the_page_or_its_byline_names(head: str, under: str, expected: str | None) -> None:
    assert read(page(head, under)).author == expected


OWN: dict[str, object] = {
    "headline": "The dam will hold",
    "datePublished": "2024-03-01",
    "author": {"name": "Nina Holt"},
    "publisher": {"name": "Eastmere Post"},
}
TYPED = {**OWN, "@context": "https://schema.org", "@type": "NewsArticle"}


def script(said: object) -> str:
    return f'<script type="application/ld+json">{json.dumps(said)}</script>'


@pytest.mark.parametrize("at", [ADDRESS, None])
@pytest.mark.parametrize(
    "said",
    [
        OWN,
        [OWN],
        {**OWN, "@context": "https://schema.org"},
        {**OWN, "@type": "NewsArticle"},
        {**OWN, "author": "Nina Holt", "publisher": "Eastmere Post"},
        {**OWN, "author": [{"@type": "Organization", "name": "Eastmere Post"}, "Nina Holt"]},
        {"@context": "https://schema.org", "@type": "WebPage", "mainEntity": TYPED},
        [{**OWN, "headline": "A film about dams", "@type": "VideoObject", "author": "Jo Poe"}, OWN],
        [{**OWN, "headline": "Ferries are late", "author": "Jo Poe", "publisher": "Skerrin Mail"}, OWN],
    ],
)
def test_author_and_publisher_are_read_from_json_ld_without_a_type_or_context(said: object, at: str | None) -> None:
    found = read(page(script(said)), at)
    assert (found.author, found.publisher) == ("Nina Holt", "Eastmere Post")
    assert (found.published, found.date_source) == ("2024-03-01", "json-ld")


@pytest.mark.parametrize(
    ("said", "head", "expected"),
    [
        (OWN, '<meta property="og:site_name" content="Skerrin Mail"><meta name="author" content="Jo Poe">',
         ("Jo Poe", "Skerrin Mail")),
        ({**OWN, "author": [{"name": "Jo Poe"}, "Nina Holt"]}, "", ("Jo Poe; Nina Holt", "Eastmere Post")),
        ({**OWN, "publisher": "Eastmere Post &amp; Mail "}, "", ("Nina Holt", "Eastmere Post & Mail")),
        ({**OWN, "author": ["Admin", "Eastmere Post"]}, "", ("Ann Roe", "Eastmere Post")),
        ({**OWN, "author": {"@id": "#nina"}, "publisher": {"@id": "#post"}}, "", ("Ann Roe", "example.org")),
        ({**OWN, "author": "https://example.org/nina", "publisher": [3, None]}, "", ("Ann Roe", "example.org")),
        ({**OWN, "author": {"name": {"name": "Nina"}}, "publisher": [[]]}, "", ("Ann Roe", "example.org")),
        ({**OWN, "@type": "VideoObject"}, "", ("Ann Roe", "example.org")),
        ({**OWN, "@type": "Product"}, "", ("Ann Roe", "example.org")),
        ({**OWN, "headline": "Ferries are late"}, "", ("Ann Roe", "example.org")),
    ],
)  # fmt: skip
def test_json_ld_names_author_and_publisher_after_the_head_and_before_byline_and_address(
    said: object, head: str, expected: tuple[str, str]
) -> None:
    found = read(page(script(said) + head, "<div>By: Ann Roe</div>"))
    assert (found.author, found.publisher) == expected


OTHER = {
    "@context": "https://schema.org", "@type": "NewsArticle",
    "headline": "Ferry fares rise again", "author": {"@type": "Person", "name": "Otto Other"},
    "publisher": {"@type": "Organization", "name": "Other Post"}, "datePublished": "2020-01-01",
}  # fmt: skip
MINE = {
    "@context": "https://schema.org", "@type": "NewsArticle", "headline": "Council repairs the harbour wall",
    "datePublished": "2026-03-03",
    "author": {"@type": "Person", "name": "Mia Mine"}, "publisher": {"@type": "Organization", "name": "Mine Post"},
}  # fmt: skip


@pytest.mark.parametrize(
    "said",
    [
        [[OTHER, MINE]],
        [OTHER, MINE],
        [{"@graph": [OTHER, MINE]}],
        [OTHER | {"@type": "LiveBlogPosting"}, MINE],
        [{"@type": "JobPosting", "title": "Clerk", "datePublished": "2020-01-01"}, MINE],
        [{name: said for name, said in OTHER.items() if name != "@type"}, MINE],
        [MINE | {"headline": "Harbour wall: council repairs it"}, OTHER],
    ],
)
def test_what_json_ld_says_of_other_articles_is_not_said_of_this_one(said: list[object]) -> None:
    scripts = "".join(f'<script type="application/ld+json">{json.dumps(item)}</script>' for item in said)
    sentence = "The council has begun to repair the harbour wall at Lindal, which a storm damaged in January."
    html = (
        f"<!DOCTYPE html><html><head><title>{MINE['headline']}</title>{scripts}</head><body><article>"
        f"<h1>{MINE['headline']}</h1><p>{sentence}</p><p>{sentence} Boats left it.</p></article></body></html>"
    )
    record = Record(key="a", text=html, format="html", url="https://mine.example.org/wall")
    found = clean(record, today=date(2026, 11, 26)).article
    assert (found.author, found.publisher, found.published) == ("Mia Mine", "Mine Post", "2026-03-03")
