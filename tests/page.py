"""Looking into the HTML that the page is given, and answers to put into it."""

from html.parser import HTMLParser

from index.types import Article, Filters, Hit
from qa.types import Answer, Citation, Sentence
from ui.talk import Exchange

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
    '# heading\n    code\n> quote\n\n<div style="position:fixed">\n\n```\n$$x$$ ${x} {{x}} &lt;b&gt; </dialog></div> https://x.example.org'
)
SHAPES = {"svg", "path"}


class Page(HTMLParser):
    """The tags, attributes and text of some HTML."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.open: list[str] = []
        self.links: list[str | None] = []
        self.values: dict[str, list[str | None]] = {}
        self.attributes: set[str] = set()
        self.text = ""
        self.feed(source)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.open.append(tag)
        for name, value in attrs:
            self.attributes.add(name)
            self.values.setdefault(name, []).append(value)
        self.links += [value for name, value in attrs if name == "href"]

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        self.open.pop()

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


def answered(*citations: Citation, filters: Filters | None = None, **fields: object) -> Exchange:
    """An exchange with an answer of those citations."""
    made = answer(*citations, **fields)  # type: ignore[arg-type]
    return Exchange(question=made.question, filters=filters or Filters(), answer=made)


def cite(n: int, article: Article, start: int, end: int, *, also: tuple[Article, ...] = ()) -> Citation:
    return Citation(n, article, start, end, article.text[start:end], also)
