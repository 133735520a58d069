"""What an answer rests on, as HTML: the cards beside it, and the whole article with the quotes marked."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise

from index.types import Article, Hit, Span
from qa.standing import Standing
from qa.types import Citation
from ui.markup import button, byline, escape, icon, in_language
from ui.render import EXCERPT, excerpt

AROUND = 150  # characters of the article shown on each side of a quote
CHANGED = "This passage has changed since. It was:"
GONE = "This article is not there any more. It said:"
NOW = "It is now:"


def sources_html(citations: Sequence[Citation], place: str, lost: Mapping[int, Standing] | None = None) -> str:
    """One card for each article that is cited, in the order of its numbers, with each quote marked in its passage.

    `place` names the exchange: it begins the names of the quotes on the page, and says where "read" is to look. A quote
    that is `lost`, by its number, says so itself, with the words as they were and what stands there now.
    """
    cards = "".join(_source_html(group, place, lost or {}) for group in by_article(citations))
    return f'<h3 class="dl-label">Sources</h3>{cards}' if cards else ""


def nearest_html(hits: Sequence[Hit], place: str) -> str:
    """The passages that come nearest to a question that they don't answer."""
    cards = "".join(
        _card(hit.chunk.article, "", _quoted(hit.chunk.article, escape(excerpt(hit.chunk.text, 2 * EXCERPT))), read)
        for hit, read in ((hit, f"{place}:hit{number}") for number, hit in enumerate(hits))
    )
    return f'<h3 class="dl-label">Nearest passages, which are not answers</h3>{cards}' if cards else ""


def reader_html(article: Article, citations: Sequence[Citation] = (), at: int | None = None) -> str:
    """A dialog with the whole article, in which every quote is marked; it opens at the quote `at`."""
    quotes = [c for c in citations if c.article.id == article.id]
    opens = f' data-at="read-{at}"' if at is not None else ""
    spoken, title = in_language(article.language), escape(article.title)
    return (
        f'<dialog class="dl-reader" aria-labelledby="reader-title"{opens}><header><div>'
        f'<h2 id="reader-title" tabindex="-1"{spoken}>{title}</h2><p class="dl-by">{byline(article)}</p>'
        f'{_link(article.url)}</div><button type="button" class="dl-icon" data-close aria-label="Close" title="Close">'
        f'{icon("close")}</button></header><div class="dl-article"{spoken}>'
        f"{_marked(article, Span(0, len(article.text)), quotes, 'read')}</div></dialog>"
    )


def by_article(citations: Sequence[Citation]) -> list[list[Citation]]:
    """Citations in groups of one article each, both in the order of their numbers."""
    groups: dict[str, list[Citation]] = {}
    for citation in sorted(citations, key=lambda citation: citation.n):
        groups.setdefault(citation.article.id, []).append(citation)
    return list(groups.values())


def _source_html(citations: Sequence[Citation], place: str, lost: Mapping[int, Standing]) -> str:
    standing = [c for c in citations if c.n not in lost]
    first = standing[0] if standing else citations[0]
    article = first.article if standing else lost[first.n].article or first.article
    passages = "".join(_passage_html(article, p, standing, place) for p in _merged(_passage(c) for c in standing))
    passages += "".join(_lost_html(c, lost[c.n], place) for c in citations if c.n in lost)
    others = {other.id: other.publisher or other.title for c in citations for other in c.also}
    also = ""
    if others:
        names = ", ".join(dict.fromkeys(others.values()))
        also = f'<p class="dl-by">Also in {_others(len(others))}: {escape(names)}</p>'
    numbers = "".join(f'<span class="dl-n">{c.n}</span>' for c in citations)
    there = standing or lost[first.n].article
    return _card(article, numbers, passages + also, f"{place}:{first.n}" if there else None)


def _lost_html(citation: Citation, became: Standing, place: str) -> str:
    """The words of a quote as they were, and those that stand there now."""
    was = _passage_html(citation.article, Span(0, len(citation.quote)), (citation,), place)
    said = f'<p class="dl-by dl-problem">{CHANGED if became.article else GONE}</p>{was}'
    if not became.words:
        return said
    return f'{said}<p class="dl-by">{NOW}</p>{_quoted(became.article or citation.article, escape(became.words))}'


def _others(count: int) -> str:
    return f"{count} other article{'' if count == 1 else 's'}"


def _card(article: Article, numbers: str, body: str, read: str | None) -> str:
    reads = button("Read the article", "select", read, look="dl-text-button") if read else ""
    spoken = in_language(article.language)
    return (
        f'<article class="dl-source"><h4 class="dl-title"{spoken}>{numbers}{escape(article.title)}</h4>'
        f'<p class="dl-by">{byline(article)}</p>{body}'
        f'<p class="dl-links">{reads}{_link(article.url)}</p></article>'
    )


def _link(url: str | None) -> str:
    if url is None or not url.lower().startswith(("http://", "https://")):
        return ""
    host = url.split("/")[2]
    return f'<a class="dl-by" href="{escape(url)}" target="_blank" rel="noopener noreferrer">{escape(host)}</a>'


def _passage(citation: Citation) -> Span:
    """The quote and the whole words around it, as far as its paragraph goes."""
    text = citation.article.text
    start, end = max(citation.start - AROUND, 0), min(citation.end + AROUND, len(text))
    if (before := text.rfind("\n\n", start, citation.start)) >= 0:
        start = before + 2
    if (after := text.find("\n\n", citation.end, end)) >= 0:
        end = after
    while 0 < start < citation.start and not text[start - 1].isspace():
        start += 1
    while citation.end < end < len(text) and not text[end].isspace():
        end -= 1
    return Span(start, end)


def _merged(spans: Iterable[Span]) -> list[Span]:
    """The spans in order, those that overlap made one."""
    merged: list[Span] = []
    for span in sorted(spans):
        if merged and span.start < merged[-1].end:
            merged[-1] = Span(merged[-1].start, max(merged[-1].end, span.end))
        else:
            merged.append(span)
    return merged


def _passage_html(article: Article, passage: Span, citations: Sequence[Citation], place: str) -> str:
    before = "… " if passage.start > 0 else ""
    after = " …" if passage.end < len(article.text) else ""
    return _quoted(article, f"{before}{_marked(article, passage, citations, place)}{after}")


def _quoted(article: Article, words: str) -> str:
    return f"<blockquote{in_language(article.language)}>{words}</blockquote>"


def _marked(article: Article, passage: Span, citations: Sequence[Citation], place: str) -> str:
    """Some of an article, with its headings, and its quotes in `<mark>` before their numbers; quotes may overlap."""
    inside = [c for c in citations if passage.start <= c.start and c.end <= passage.end]
    headings = [h for h in article.headings if passage.start <= h.start and h.end <= passage.end]
    cuts = sorted({*passage, *(cut for c in inside for cut in (c.start, c.end)), *(cut for h in headings for cut in h)})
    parts: list[str] = []
    for start, end in pairwise(cuts):
        text = escape(article.text[start:end])
        if any(h.start <= start and end <= h.end for h in headings):
            text = f"<strong>{text}</strong>"
        parts.extend(f'<span id="{place}-{c.n}" tabindex="-1"></span>' for c in inside if c.start == start)
        quoted = any(c.start <= start and end <= c.end for c in inside)
        parts.append(f"<mark>{text}</mark>" if quoted else text)
        parts.extend(f"<sup>{c.n}</sup>" for c in inside if c.end == end)
    return "".join(parts)
