"""What programs and terminals are given."""

import html
import json
from dataclasses import replace

from page import BRIDGE as ARTICLE
from page import TEXT

from index.types import Article, Chunk, Filters, Hit, Report, Skip, Span, Status
from qa.types import Answer, Citation, Period, Sentence
from ui.exchange import exchange_html
from ui.render import (
    answer_json,
    answer_text,
    article_json,
    excerpt,
    hit_json,
    hits_text,
    printable,
    published_day,
    report_json,
    status_json,
    status_line,
)
from ui.talk import Exchange

BRIDGE = replace(ARTICLE, published="2026-06-11T06:30:00+02:00", date_source="header")
HIT = Hit(Chunk("bridge:0", BRIDGE, 0, 55), 0.912345, {"dense": 0.61239, "keyword": 3.0})
ANSWER = Answer(
    question="And why?",
    standalone_question="Why was the Harbour Bridge closed?",
    sentences=(Sentence("Two hangers had cracked.", (1,)),),
    citations=(Citation(1, BRIDGE, 31, 55, "Two hangers had cracked."),),
    hits=(HIT,),
    abstained=False,
    confidence=0.876543,
    index_version=3,
    removed=1,
    timings={"retrieve": 12.345},
)
REFUSED = Answer(
    question="Who won the cup?",
    standalone_question="Who won the cup?",
    sentences=(),
    citations=(),
    hits=(HIT,),
    abstained=True,
    confidence=0.1,
    index_version=3,
)
STATUS = Status(
    articles=11,
    chunks=60,
    chunks_embedded=60,
    publishers=("North Coast Wire", "Port Halden Courier"),
    first_day="2026-06-11",
    last_day="2026-10-19",
    undated=1,
    tokens=4000,
    bytes_on_disk=9,
    model="m",
    chunking="c",
    index_version=3,
)


def test_an_answer_as_json_has_every_field_in_the_documented_order() -> None:
    expected = {
        "question": "And why?",
        "standalone_question": "Why was the Harbour Bridge closed?",
        "abstained": False,
        "confidence": 0.8765,
        "text": "Two hangers had cracked. [1]",
        "sentences": [{"text": "Two hangers had cracked.", "citations": [1], "about": ""}],
        "citations": [
            {
                "n": 1,
                "article_id": "bridge",
                "title": "Harbour Bridge closed",
                "author": "Marta Ellingsen",
                "publisher": "Port Halden Courier",
                "published_at": "2026-06-11T06:30:00+02:00",
                "date_source": "header",
                "date_certainty": "stated",
                "url": "https://courier.example.org/bridge",
                "language": None,
                "quote": "Two hangers had cracked.",
                "start": 31,
                "end": 55,
                "also": [],
            }
        ],
        "hits": [
            {
                "article_id": "bridge",
                "title": "Harbour Bridge closed",
                "publisher": "Port Halden Courier",
                "published_at": "2026-06-11T06:30:00+02:00",
                "date_source": "header",
                "date_certainty": "stated",
                "start": 0,
                "end": 55,
                "text": "The bridge closed on Thursday. Two hangers had cracked.",
                "score": 0.9123,
                "parts": {"dense": 0.6124, "keyword": 3.0},
            }
        ],
        "removed": 1,
        "period": None,
        "notes": ["1 sentence could not be verified and was left out."],
        "composer": "extractive",
        "index_version": 3,
        "timings_ms": {"retrieve": 12.3},
    }
    assert json.dumps(answer_json(ANSWER)) == json.dumps(expected)


def test_an_answer_in_a_terminal_shows_its_words_and_where_they_stand() -> None:
    assert answer_text(answer_json(ANSWER), width=60) == (
        "Two hangers had cracked. [1]\n"
        "\n"
        "Understood as: Why was the Harbour Bridge closed?\n"
        "\n"
        "1 sentence could not be verified and was left out.\n"
        "\n"
        "Sources\n"
        "[1] Harbour Bridge closed — Port Halden Courier, 11 June\n"
        "    2026\n"
        "    “Two hangers had cracked.”\n"
        "    https://courier.example.org/bridge, characters 31-55"
    )


def test_a_refusal_in_a_terminal_says_that_the_passages_are_not_answers() -> None:
    assert answer_text(answer_json(REFUSED), width=60) == (
        "The articles don't answer this.\n"
        "\n"
        "Nearest passages (not answers):\n"
        "- Harbour Bridge closed — Port Halden Courier, 11 June 2026\n"
        "  The bridge closed on Thursday. Two hangers had cracked."
    )


def test_a_source_without_publisher_date_and_url_is_found_by_its_id() -> None:
    bare = Article(id="notes/bridge.txt", title="Harbour Bridge closed", text=TEXT)
    answer = Answer(
        question="Why?",
        standalone_question="Why?",
        sentences=(Sentence("Two hangers had cracked.", (1,)),),
        citations=(Citation(1, bare, 31, 55, "Two hangers had cracked."),),
        hits=(),
        abstained=False,
        confidence=1.0,
        index_version=1,
    )
    assert answer_text(answer_json(answer)) == (
        "Two hangers had cracked. [1]\n"
        "\n"
        "Sources\n"
        "[1] Harbour Bridge closed — undated\n"
        "    “Two hangers had cracked.”\n"
        "    notes/bridge.txt, characters 31-55"
    )


def test_nothing_that_a_terminal_obeys_reaches_it() -> None:
    hostile = "\x1b[2J\x1b]0;owned\x07red\r\n\x9b31mtext\u202egnp\u2028end\ud800"
    assert printable(hostile) == "[2J ]0;owned red 31mtext gnp end"
    article = Article(id="\x1bid", title=hostile, text=hostile, publisher=hostile, url=None)
    answer = Answer(
        question=hostile,
        standalone_question=f"About {hostile}",
        sentences=(Sentence(hostile, (1,)),),
        citations=(Citation(1, article, 0, len(hostile), hostile),),
        hits=(Hit(Chunk("c", article, 0, len(hostile)), 1.0, {}),),
        abstained=False,
        confidence=1.0,
        index_version=1,
    )
    shown = answer_text(answer_json(answer), width=200) + hits_text([hit_json(answer.hits[0])], width=200)
    assert not set(shown) & set("\x1b\x07\x9b\r\u202e\u2028\ud800")


def test_a_url_longer_than_the_terminal_is_not_broken() -> None:
    url = "https://courier.example.org/" + "a" * 80
    answer = answer_json(ANSWER) | {"citations": [{**_citation(), "url": url}]}
    assert url in answer_text(answer, width=40)


def _citation() -> dict[str, object]:
    citations = answer_json(ANSWER)["citations"]
    assert isinstance(citations, list)
    return dict(citations[0])


def test_passages_in_a_terminal_show_what_their_scores_are_made_of() -> None:
    assert hits_text([hit_json(HIT)], width=100) == (
        "1. Harbour Bridge closed — Port Halden Courier, 11 June 2026\n"
        "   The bridge closed on Thursday. Two hangers had cracked.\n"
        "   bridge, characters 0-55, score 0.912 (dense 0.612, keyword 3.000)"
    )


def test_a_passage_in_a_terminal_says_what_its_day_rests_on() -> None:
    implied = replace(HIT, chunk=replace(HIT.chunk, article=replace(HIT.chunk.article, date_source="url")))
    assert "11 June 2026 (implied by its URL)" in hits_text([hit_json(implied)], width=100)
    assert hits_text([]) == "No passage fits."


def test_an_article_as_json_keeps_its_text_and_headings() -> None:
    article = Article(id="a", title="T", text="Head\n\nBody.", headings=(Span(0, 4),))
    assert article_json(article) == {
        "id": "a",
        "title": "T",
        "author": None,
        "publisher": None,
        "published_at": None,
        "date_source": None,
        "date_certainty": None,
        "url": None,
        "language": None,
        "origin": None,
        "text": "Head\n\nBody.",
        "headings": [[0, 4]],
    }


def test_a_report_as_json_keeps_every_reason() -> None:
    report = Report(
        added=("a",),
        unchanged=("b",),
        undated=("a",),
        skipped=(Skip("x.png", "Not text."),),
        notes=(Skip("a", "No date."),),
    )
    assert report_json(report) == {
        "added": ["a"],
        "changed": [],
        "unchanged": ["b"],
        "undated": ["a"],
        "skipped": [{"source": "x.png", "reason": "Not text."}],
        "notes": [{"source": "a", "reason": "No date."}],
    }


def test_the_status_as_json_can_be_written_down_and_read_again() -> None:
    assert json.loads(json.dumps(status_json(STATUS))) == {
        "articles": 11,
        "chunks": 60,
        "chunks_embedded": 60,
        "publishers": ["North Coast Wire", "Port Halden Courier"],
        "first_day": "2026-06-11",
        "last_day": "2026-10-19",
        "undated": 1,
        "tokens": 4000,
        "bytes_on_disk": 9,
        "model": "m",
        "chunking": "c",
        "index_version": 3,
    }


def test_a_comparison_names_its_sides_in_a_terminal_and_in_the_page() -> None:
    sides = (Sentence("It rose.", (1,), "The ferry"), Sentence("So it did.", (1,), "The ferry"))
    compared = replace(ANSWER, sentences=(*sides, Sentence("It broke.", (1,), "The bridge")))
    shown = answer_text(answer_json(compared), width=60)
    assert shown.startswith("The ferry: It rose. [1] So it did. [1]\n\nThe bridge: It broke. [1]\n\n")
    page = exchange_html(Exchange(question="Why?", filters=Filters(), answer=compared), 0)
    assert page.index("<strong>The ferry:</strong> It rose") < page.index("<br><strong>The bridge:</strong> It broke")


def test_the_status_line_names_days_and_publishers() -> None:
    days = "11 articles · 11 June to 19 October 2026"
    assert status_line(STATUS) == f"{days}, 1 undated · North Coast Wire, Port Halden Courier"
    assert status_line(replace(STATUS, undated=0)) == f"{days} · North Coast Wire, Port Halden Courier"


def test_days_read_as_people_write_them() -> None:
    days = [
        published_day("2026-09-14", "header"),
        published_day("2026-09-04T23:59:00-11:00", "header"),
        published_day("2026-09-14", "text"),
        published_day("2026-09-14", "url"),
        published_day("2026-09-14", "update"),
        published_day("2026-09-14", "page"),
        published_day("2026-09-14", "the archive's own"),
        published_day("last week", "header"),
        published_day(None, None),
    ]
    assert days == [
        "14 September 2026",
        "4 September 2026",
        "14 September 2026 (inferred from the text)",
        "14 September 2026 (implied by its URL)",
        "14 September 2026 (implied by its last update)",
        "14 September 2026 (inferred from the page)",
        "14 September 2026",
        "last week",
        "undated",
    ]


def test_an_excerpt_ends_between_words() -> None:
    assert [excerpt("one two three", limit) for limit in (13, 12, 7, 6)] == [
        "one two three",
        "one two …",
        "one …",
        "one …",
    ]


def test_what_is_to_be_said_about_an_answer_is_said_with_it() -> None:
    wire = Article(id="wire", title="Bridge shut", text="x", publisher="North Coast Wire", published="2026-06-11")
    told = replace(
        ANSWER,
        citations=tuple(replace(c, also=(wire,)) for c in ANSWER.citations),
        period=Period("2026-06-01", "2026-06-30", "in June"),
        notes=("The newest source is old.",),
        composer="tiny-llm",
    )
    shown = " ".join(answer_text(answer_json(told), width=200).split())
    page = html.unescape(exchange_html(Exchange(question="Why?", filters=Filters(), answer=told), 0))
    for words in (
        "Looked at articles published from 1 to 30 June 2026 only.",
        "The newest source is old.",
        "Written by tiny-llm; every sentence was checked against its quotes.",
        "1 sentence could not be verified and was left out.",
    ):
        assert words in shown
        assert words in page
    assert "Also in: Bridge shut — North Coast Wire, 11 June 2026" in shown
    assert "Also in 1 other article: North Coast Wire" in page
