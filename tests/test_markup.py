"""What the chat window is given: the words of articles and users, and never their markup."""

import html
from html.parser import HTMLParser

from hypothesis import given
from hypothesis import strategies as st

from index.types import Article, Chunk, Hit, Report, Skip
from qa.types import Answer, Citation, Sentence
from ui.markup import answer_html, escape, message_html, question_html, report_html

TEXT = "The bridge closed on Thursday. Two hangers had cracked.\n\nThe mayor waived parking fees."
BRIDGE = Article(
    id="bridge",
    title="Harbour Bridge closed",
    text=TEXT,
    author="Marta Ellingsen",
    publisher="Port Halden Courier",
    published="2026-06-11",
    url="https://courier.example.org/bridge",
)
HOSTILE = (
    "<script>alert(1)</script> <img src=x onerror=alert(1)> **bold** [link](javascript:alert(1)) ![i](http://x.example.org)\n\n"
    '# heading\n    code\n> quote\n\n<div style="position:fixed">\n\n```\n$$x$$ &lt;b&gt; </details></div> https://x.example.org'
)
TAGS = {"div", "p", "sup", "a", "details", "summary", "span", "blockquote", "mark", "ul", "li"}


class Page(HTMLParser):
    """The tags, attributes and text of some HTML."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.open: list[str] = []
        self.links: list[str | None] = []
        self.attributes: set[str] = set()
        self.text = ""
        self.feed(source)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.open.append(tag)
        self.attributes |= {name for name, _ in attrs}
        self.links += [value for name, value in attrs if name == "href"]

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def answer(
    *citations: Citation, hits: tuple[Hit, ...] = (), question: str = "Why?", standalone: str = "Why?", removed: int = 0
) -> Answer:
    return Answer(
        question=question,
        standalone_question=standalone,
        sentences=tuple(Sentence(c.quote, (c.n,)) for c in citations),
        citations=citations,
        hits=hits,
        abstained=not citations,
        confidence=0.5,
        index_version=1,
        removed=removed,
    )


def cite(n: int, article: Article, start: int, end: int) -> Citation:
    return Citation(n, article, start, end, article.text[start:end])


def test_an_answer_shows_each_quote_marked_in_its_passage() -> None:
    hit = Hit(Chunk("bridge:0", BRIDGE, 0, 55), 1.0, {})
    assert html.unescape(answer_html(answer(cite(1, BRIDGE, 31, 55), hits=(hit,)))) == (
        '<div class="dl-answer">'
        '<p class="dl-text">Two hangers had cracked.<sup><a href="#source-1">[1]</a></sup></p>'
        '<p class="dl-label">Sources</p>'
        '<details><summary><sup>[1]</sup> <span class="dl-title">Harbour Bridge closed</span> — '
        '<span class="dl-by">Port Halden Courier, Marta Ellingsen, 11 June 2026</span></summary>'
        '<blockquote>The bridge closed on Thursday. <span id="source-1"></span>'
        "<mark>Two hangers had cracked.</mark><sup>[1]</sup> …</blockquote>"
        '<p class="dl-note"><a href="https://courier.example.org/bridge" target="_blank" rel="noopener noreferrer">'
        "Read the article at courier.example.org</a></p></details></div>"
    )


def test_a_quote_that_no_hit_holds_is_shown_among_the_whole_words_around_it() -> None:
    article = Article(id="a", title="T", text=f"{'before ' * 40}QUOTED{' after' * 40}")
    shown = Page(answer_html(answer(cite(1, article, 280, 286)))).text
    passage = shown.partition("undated")[2]
    assert passage == f"… {'before ' * 21}QUOTED[1]{' after' * 25} …"


def test_quotes_of_one_article_share_its_card_and_keep_their_numbers() -> None:
    other = Article(id="other", title="Other", text="Something else.")
    shown = answer_html(answer(cite(1, BRIDGE, 0, 30), cite(2, other, 0, 15), cite(3, BRIDGE, 31, 55)), anchor="a7")
    assert shown.count("<details>") == 2
    assert "<summary><sup>[1]</sup><sup>[3]</sup> " in shown
    assert [link for link in Page(shown).links if link and link.startswith("#")] == ["#a7-1", "#a7-2", "#a7-3"]
    assert all(f'id="a7-{n}"' in shown for n in (1, 2, 3))


def test_quotes_that_overlap_are_marked_once() -> None:
    shown = Page(answer_html(answer(cite(1, BRIDGE, 0, 30), cite(2, BRIDGE, 4, 55))))
    assert shown.text.partition("2026")[2].startswith("The bridge closed on Thursday.[1] Two hangers had cracked.[2]")


def test_a_refusal_shows_the_nearest_passages_as_what_they_are() -> None:
    hits = tuple(Hit(Chunk(str(n), BRIDGE, 0, 30), 1.0, {}) for n in range(5))
    shown = Page(answer_html(answer(hits=hits)))
    assert shown.tags.count("details") == 3
    assert shown.text.startswith("The articles don't answer this.Nearest passages, which are not answers")
    assert "mark" not in shown.tags


def test_what_was_understood_and_what_was_left_out_is_said() -> None:
    shown = Page(answer_html(answer(cite(1, BRIDGE, 0, 30), standalone="Why did it close?", removed=2))).text
    assert "Understood as: Why did it close?2 sentences could not be verified and were left out." in shown


def test_hostile_text_stays_text_everywhere() -> None:
    article = Article(
        id=HOSTILE,
        title=HOSTILE,
        text=HOSTILE,
        author=HOSTILE,
        publisher=HOSTILE,
        published=HOSTILE,
        url=f"https://{HOSTILE}",
    )
    hit = Hit(Chunk("c", article, 0, len(HOSTILE)), 1.0, {})
    report = Report(added=("a",), changed=(HOSTILE,), skipped=(Skip(HOSTILE, HOSTILE),))
    pages = [
        answer_html(answer(cite(1, article, 3, 40), hits=(hit,), question=HOSTILE, standalone=f"About {HOSTILE}")),
        answer_html(answer(hits=(hit,), question=HOSTILE)),
        question_html(HOSTILE),
        message_html(HOSTILE),
        report_html(report, {"a": HOSTILE}),
    ]
    for source in pages:
        page = Page(source)
        assert set(page.tags) <= TAGS
        assert page.attributes <= {"class", "id", "href", "target", "rel"}
        assert page.open == []
        assert "\n" not in source
        assert "<script>alert(1)</script>" in page.text


def test_only_web_addresses_become_links() -> None:
    for url in ("javascript:alert(1)", "data:text/html,x", "file:///etc/passwd", " https://x.example.org", ""):
        article = Article(id="a", title="T", text="Words.", url=url)
        assert [*Page(answer_html(answer(cite(1, article, 0, 6)))).links] == ["#source-1"]


@given(st.text())
def test_escaped_text_reads_the_same_and_holds_nothing_to_interpret(text: str) -> None:
    escaped = escape(text)
    assert not set(escaped) & set("<>\"'*_`[]()!|~\\$:./@=+-{}^%?,\n\t\r")
    kept = "".join(c for c in html.unescape(escaped) if c.isprintable() and c != " ")
    assert kept == "".join(c for c in text if c.isprintable() and c != " ")


def test_a_report_says_what_went_in_and_what_did_not() -> None:
    report = Report(added=("a", "b"), unchanged=("c",), skipped=(Skip("x.png", "Not text."),))
    assert html.unescape(report_html(report, {"a": "First", "c": "Third"})) == (
        '<div class="dl-answer"><p class="dl-label">Added: 2</p><ul><li>First</li><li>b</li></ul>'
        '<p class="dl-label">Already there: 1</p><ul><li>Third</li></ul>'
        '<p class="dl-label">Skipped: 1</p><ul><li>x.png: Not text.</li></ul></div>'
    )
