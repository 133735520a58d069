"""A conversation as HTML: what is said at each step of an answer, and what can be done with it."""

import html
from dataclasses import replace
from urllib.parse import parse_qs

from page import BRIDGE, HOSTILE, SHAPES, Page, answered, cite

from index.types import Article, Chunk, Filters, Hit
from qa.types import Sentence, Shown
from ui.exchange import exchange_html, filters_line, link_to, talk_html
from ui.talk import Exchange, Talk

TAGS = SHAPES | set("div section header h2 h3 h4 aside article p sup a span blockquote mark button ul li".split())


def test_before_anything_is_asked_there_are_questions_to_begin_with() -> None:
    page = Page(talk_html(Talk(examples=("Who is Anna Berg?", "Why?"))))
    assert page.values["data-value"] == ["Who is Anna Berg?", "Why?"]
    assert page.values["data-event"] == ["example_select"] * 2
    assert page.text.startswith("Ask a question.")


def test_an_answer_that_is_on_its_way_says_what_is_being_done_and_can_be_stopped() -> None:
    quote = cite(1, BRIDGE, 0, 30)
    shown = Shown(Sentence(quote.quote, (1,)), (quote,))
    page = Page(exchange_html(Exchange(question="Why?", filters=Filters(), stage="waiting", shown=(shown,)), 3))
    assert page.text.startswith("Why?The bridge closed on Thursday.1Waiting in lineStopSources1Harbour Bridge closed")
    assert page.values["data-event"] == ["stop", "select"]
    assert page.values["data-value"] == ["3", "x3:1"]


def test_each_sentence_links_to_its_quotes() -> None:
    page = Page(exchange_html(answered(cite(1, BRIDGE, 0, 30), cite(2, BRIDGE, 31, 55)), 0))
    assert [link for link in page.links if link and link.startswith("#")] == ["#x0-1", "#x0-2"]
    assert {"x0-1", "x0-2"} < set(page.values["id"])


def test_a_sentence_in_another_language_says_which() -> None:
    shown = exchange_html(answered(cite(1, replace(BRIDGE, language="de"), 0, 30), cite(2, BRIDGE, 31, 55)), 0)
    said = html.unescape(shown.partition("<aside")[0])
    assert '<span lang="de" dir="auto">The bridge closed on Thursday.</span><sup>' in said
    assert said.count("lang=") == 1


def test_an_answer_reads_the_same_while_it_streams_and_when_it_is_there() -> None:
    quote = cite(1, BRIDGE, 31, 55)
    whole = answered(quote)
    streamed = Exchange(
        question="Why?", filters=Filters(), stage="checking", shown=(Shown(whole.sentences[0], (quote,)),)
    )
    sides = [exchange_html(exchange, 0).partition("<aside")[2] for exchange in (streamed, whole)]
    assert sides[0] == sides[1]


def test_a_refusal_says_what_to_try_and_shows_the_nearest_passages() -> None:
    hits = tuple(Hit(Chunk(str(n), BRIDGE, 0, 30), 1.0, {}) for n in range(5))
    page = Page(exchange_html(answered(hits=hits), 0))
    assert page.text.startswith("Why?The articles don't answer this.Try other words, or name who or what it is about.")
    assert page.tags.count("article") == 3
    assert "mark" not in page.tags
    filtered = Page(exchange_html(answered(filters=Filters(since="2026-06-01")), 0))
    assert "Only since 1 June 2026" in filtered.text and "try other dates or publishers" in filtered.text


def test_what_was_understood_what_was_left_out_and_what_went_wrong_is_said() -> None:
    exchange = answered(cite(1, BRIDGE, 0, 30), standalone="Why did it close?", removed=2)
    shown = Page(exchange_html(exchange, 0)).text
    assert "Understood as: Why did it close?2 sentences could not be verified and were left out." in shown
    failed = Page(exchange_html(Exchange(question="Why?", filters=Filters(), problem="It is empty."), 0))
    assert "It is empty." in failed.text
    assert failed.values["data-event"] == ["retry", "edit"]


def test_an_answer_can_be_copied_and_once_it_is_kept_judged() -> None:
    exchange = answered(cite(1, BRIDGE, 0, 30))
    page = Page(exchange_html(exchange, 4))
    assert page.values["data-copy"][0].startswith("**Why?**") and "courier.example.org" in str(
        page.values["data-copy"][1]
    )
    assert page.values["data-copy"][2] == "?q=Why%3F"
    assert "like" not in page.values["data-event"]
    kept = Exchange(question="Why?", filters=Filters(), answer=exchange.answer, place=0, thumb=-1)
    judged = Page(exchange_html(kept, 4))
    assert judged.values["aria-pressed"] == ["false", "true"]
    assert judged.values["data-value"][-3:] == ["4:1", "4:-1", "x4:1"]


def test_an_edited_question_marks_what_goes_with_it() -> None:
    talk = Talk(id="t")
    for question in ("One?", "Two?", "Three?"):
        talk.begin(question, Filters())
    talk.editing = 1
    assert talk_html(talk).count("dl-later") == 2


def test_the_link_of_a_question_carries_its_filters() -> None:
    filters = Filters(since="2026-06-01", publishers=("Veldmark Gazette", "A & B"))
    assert parse_qs(link_to("Why & how?", filters)) == {
        "q": ["Why & how?"],
        "from": ["2026-06-01"],
        "publisher": ["Veldmark Gazette", "A & B"],
    }


def test_filters_are_said_in_words() -> None:
    assert filters_line(Filters()) == ""
    assert filters_line(Filters(until="2026-06-01")) == "until 1 June 2026"
    both = Filters(since="2026-06-01", until="2026-07-02", publishers=("A", "B"))
    assert filters_line(both) == "1 June 2026 to 2 July 2026 · A, B"


def test_hostile_words_stay_text_everywhere() -> None:
    article = Article(id=HOSTILE, title=HOSTILE, text=HOSTILE, publisher=HOSTILE, url=f"https://{HOSTILE}")
    hit = Hit(Chunk("c", article, 0, len(HOSTILE)), 1.0, {})
    filters = Filters(since=HOSTILE, publishers=(HOSTILE,))
    told = answered(cite(1, article, 3, 40), hits=(hit,), question=HOSTILE, standalone=HOSTILE, filters=filters)
    refused = answered(hits=(hit,), question=HOSTILE, filters=filters)
    talk = Talk(id="t", exchanges=dict(enumerate((told, refused))))
    for source in (talk_html(talk), talk_html(Talk(examples=(HOSTILE,)))):
        page = Page(source)
        assert set(page.tags) <= TAGS
        assert not {name for name in page.attributes if name.startswith("on") or name in ("style", "src")}
        assert page.open == []
        assert "${" not in source and "{{" not in source
        assert "<script>alert(1)</script>" in page.text
