"""The cards beside an answer and the reader: every quote marked where it stands, and nobody's markup."""

import html
from dataclasses import replace

from page import BRIDGE, HOSTILE, SHAPES, Page, cite

from index.types import Article, Chunk, Hit, Span
from qa.standing import Standing, standing
from ui.sources import nearest_html, reader_html, sources_html

CARD = {"h3", "article", "h4", "span", "p", "blockquote", "mark", "sup", "button", "a"}


def test_a_card_names_its_article_and_marks_the_quote_in_its_passage() -> None:
    assert html.unescape(sources_html((cite(1, BRIDGE, 31, 55),), "x0")) == (
        '<h3 class="dl-label">Sources</h3><article class="dl-source">'
        '<h4 class="dl-title"><span class="dl-n">1</span>Harbour Bridge closed</h4>'
        '<p class="dl-by">Port Halden Courier · Marta Ellingsen · 11 June 2026</p>'
        '<blockquote>The bridge closed on Thursday. <span id="x0-1" tabindex="-1"></span>'
        "<mark>Two hangers had cracked.</mark><sup>1</sup> …</blockquote>"
        '<p class="dl-links"><button type="button" class="dl-text-button" data-event="select" data-value="x0:1">'
        "<span>Read the article</span></button>"
        '<a class="dl-by" href="https://courier.example.org/bridge" target="_blank" rel="noopener noreferrer">'
        "courier.example.org</a></p></article>"
    )


def test_words_in_another_language_say_which_and_english_ones_do_not() -> None:
    german = replace(BRIDGE, language="de")
    hit = Hit(Chunk("c", german, 0, 30), 1.0, {})
    for shown in (sources_html((cite(1, german, 31, 55),), "x0"), nearest_html([hit], "x0"), reader_html(german)):
        assert shown.count(' lang="de" dir="auto"') == 2
    assert '<h4 class="dl-title" lang="de"' in sources_html((cite(1, german, 31, 55),), "x0")
    assert '<blockquote lang="de"' in sources_html((cite(1, german, 31, 55),), "x0")
    assert '<div class="dl-article" lang="de"' in reader_html(german)
    for language in (None, "en"):
        assert " lang=" not in reader_html(replace(BRIDGE, language=language))


def test_a_quote_stands_among_the_whole_words_of_its_paragraph() -> None:
    article = Article(id="a", title="T", text=f"{'before ' * 40}QUOTED{' after' * 40}")
    shown = Page(sources_html((cite(1, article, 280, 286),), "x0")).text.partition("undated")[2]
    assert shown == f"… {'before ' * 21}QUOTED1{' after' * 25} …Read the article"
    short = Article(id="a", title="T", text="Before.\n\nA QUOTED word.\n\nAfter.")
    assert "… A QUOTED1 word. …" in Page(sources_html((cite(1, short, 11, 17),), "x0")).text


def test_quotes_of_one_article_share_its_card_and_keep_their_numbers() -> None:
    other = Article(id="other", title="Other", text="Something else.")
    page = Page(sources_html((cite(1, BRIDGE, 0, 30), cite(2, other, 0, 15), cite(3, BRIDGE, 31, 55)), "x7"))
    assert page.tags.count("article") == 2
    assert page.values["id"] == ["x7-1", "x7-3", "x7-2"]
    assert page.text.startswith("Sources13Harbour Bridge closed")


def test_quotes_that_overlap_are_marked_once() -> None:
    shown = Page(sources_html((cite(1, BRIDGE, 0, 30), cite(2, BRIDGE, 4, 55)), "x0"))
    assert shown.text.partition("2026")[2].startswith("The bridge closed on Thursday.1 Two hangers had cracked.2")


def test_a_card_counts_and_names_the_articles_with_the_same_words() -> None:
    wire = Article(id="w", title="Bridge", text="", publisher="North Coast Wire")
    bare = Article(id="b", title="Closed", text="")
    shown = Page(sources_html((cite(1, BRIDGE, 0, 30, also=(wire, bare)), cite(2, BRIDGE, 31, 55, also=(wire,))), "x0"))
    assert "Also in 2 other articles: North Coast Wire, Closed" in shown.text


def test_a_passage_that_has_changed_says_so_beside_one_that_stands() -> None:
    was = replace(BRIDGE, text="The bridge closed on Friday.")
    lost = {2: standing(was.text, 0, BRIDGE), 3: standing(was.text, 0, replace(BRIDGE, text=""))}
    quotes = (cite(1, BRIDGE, 31, 55), cite(2, was, 0, 28))
    page = Page(sources_html(quotes, "x0", lost))
    assert page.text.partition("2026")[2] == (
        "The bridge closed on Thursday. Two hangers had cracked.1 …"
        "This passage has changed since. It was:The bridge closed on Friday.2It is now:The bridge closed on Thursday."
        "Read the articlecourier.example.org"
    )
    assert (page.values["id"], page.values["data-value"]) == (["x0-1", "x0-2"], ["x0:1"])
    alone = Page(sources_html((cite(3, was, 0, 28),), "x0", lost))
    assert "It was:The bridge closed on Friday.3Read" in alone.text and alone.values["data-value"] == ["x0:3"]


def test_an_article_that_is_gone_says_so_and_cannot_be_read() -> None:
    page = Page(sources_html((cite(1, BRIDGE, 0, 30),), "x0", {1: Standing(None)}))
    assert "This article is not there any more. It said:The bridge closed on Thursday.1" in page.text
    assert "button" not in page.tags


def test_without_citations_there_is_nothing_beside_the_answer() -> None:
    assert (sources_html((), "x0"), nearest_html((), "x0")) == ("", "")


def test_the_nearest_passages_are_shown_as_what_they_are() -> None:
    page = Page(nearest_html([Hit(Chunk("c", BRIDGE, 0, 30), 1.0, {})], "x2"))
    assert page.text.startswith("Nearest passages, which are not answersHarbour Bridge closed")
    assert page.values["data-value"] == ["x2:hit0"]
    assert "mark" not in page.tags


def test_the_reader_holds_the_whole_article_with_its_headings_and_all_its_quotes() -> None:
    text = "Dam opens\n\nIt cost 3 million. The sluices were tried.\n\nMoney\n\nNobody paid."
    heading = text.index("Money")
    dam = Article(id="dam", title="Dam", text=text, headings=(Span(heading, heading + 5),))
    quotes = (cite(1, dam, 11, 29), cite(2, BRIDGE, 0, 30), cite(3, dam, text.index("Nobody"), len(text)))
    page = Page(reader_html(dam, quotes, at=3))
    assert page.text == "Damundated" + text.replace("million.", "million.1") + "3"
    assert page.tags.count("mark") == 2
    assert page.values["data-at"] == ["read-3"]
    assert {"read-1", "read-3"} < set(page.values["id"])
    assert "<strong>Money</strong>" in reader_html(dam)


def test_only_web_addresses_become_links() -> None:
    for url in ("javascript:alert(1)", "data:text/html,x", "file:///etc/passwd", " https://x.example.org", ""):
        article = Article(id="a", title="T", text="Words.", url=url)
        assert Page(sources_html((cite(1, article, 0, 6),), "x0") + reader_html(article)).links == []


def test_a_hostile_article_stays_text() -> None:
    article = Article(
        id=HOSTILE,
        title=HOSTILE,
        text=HOSTILE,
        author=HOSTILE,
        publisher=HOSTILE,
        published=HOSTILE,
        url=f"https://{HOSTILE}",
        headings=(Span(0, 10),),
    )
    hit = Hit(Chunk("c", article, 0, len(HOSTILE)), 1.0, {})
    quotes = (cite(1, article, 3, 40, also=(article,)),)
    for source, tags in (
        (sources_html(quotes, "x0"), CARD | {"strong"}),
        (sources_html(quotes, "x0", {1: Standing(article, None, Span(0, len(HOSTILE)))}), CARD | {"strong"}),
        (nearest_html([hit], "x0"), CARD),
        (reader_html(article, quotes, at=1), CARD | SHAPES | {"dialog", "header", "div", "h2", "strong"}),
    ):
        page = Page(source)
        assert set(page.tags) <= tags
        assert not {name for name in page.attributes if name.startswith("on") or name in ("style", "src")}
        assert page.open == []
        assert "\n" not in source and "${" not in source and "{{" not in source
        assert "<script>alert(1)</script>" in page.text
