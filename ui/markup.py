"""How an answer looks in the chat window: HTML, in which no article and no user can write markup.

Everything here goes into a Gradio Markdown or Chatbot message, which reads Markdown first and HTML then. `escape` makes
text inert for both, and nothing else may put text into a page. What is returned is one line that begins with a block
element, so that Markdown leaves all of it alone.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise

from index.types import Article, Hit, Report, Skip, Span
from qa.types import Answer, Citation
from ui.render import NEAREST, also, is_control, named, notes, published_day

AROUND = 150  # characters of the article shown on each side of a quote that no hit holds
MARKUP = re.compile(r"[!-/:-@\[-`{-~\n\t]")  # every ASCII character that Markdown or HTML could read as its own


def answer_html(answer: Answer, *, anchor: str = "source") -> str:
    """The answer for the chat window: one line of HTML, in which every word of an article or a user is escaped.

    A number links to its quote, and a browser opens the `<details>` around it. `anchor` begins the names of these
    places, and so has to differ between the answers on one page.
    """
    blocks = [_refusal_html(answer) if answer.abstained else _sentences_html(answer, anchor)]
    if answer.standalone_question != answer.question:
        blocks.append(f'<p class="dl-note">Understood as: {escape(answer.standalone_question)}</p>')
    blocks.extend(f'<p class="dl-note">{escape(note)}</p>' for note in notes(answer))
    if answer.abstained and answer.hits:
        nearest = "".join(_hit_html(hit) for hit in answer.hits[:NEAREST])
        blocks.append(f'<p class="dl-label">Nearest passages, which are not answers</p>{nearest}')
    if answer.citations:
        sources = "".join(_source_html(group, answer.hits, anchor) for group in _by_article(answer.citations))
        blocks.append(f'<p class="dl-label">Sources</p>{sources}')
    return f'<div class="dl-answer">{"".join(blocks)}</div>'


def question_html(question: str) -> str:
    """A question as it stands in the chat window."""
    return f'<div class="dl-question">{escape(question.strip())}</div>'


def message_html(message: str) -> str:
    """A note or an error for people, in the place of an answer."""
    return f'<div class="dl-answer"><p class="dl-note">{escape(message)}</p></div>'


def _sentences_html(answer: Answer, anchor: str) -> str:
    sentences = (f"{escape(s.text)}{_links(s.citations, anchor)}" for s in answer.sentences)
    return f'<p class="dl-text">{" ".join(sentences)}</p>'


def _refusal_html(answer: Answer) -> str:
    return f'<p class="dl-refusal">{escape(answer.text)}</p>'


def _by_article(citations: Sequence[Citation]) -> list[list[Citation]]:
    """Citations in groups of one article each, both in the order of their numbers."""
    groups: dict[str, list[Citation]] = {}
    for citation in sorted(citations, key=lambda citation: citation.n):
        groups.setdefault(citation.article.id, []).append(citation)
    return list(groups.values())


def _source_html(citations: Sequence[Citation], hits: Sequence[Hit], anchor: str) -> str:
    """One article that the answer cites: closed, its numbers and name; open, the passages with the quotes marked."""
    article = citations[0].article
    passages = _merged(_passage(citation, hits) for citation in citations)
    body = "".join(_passage_html(article, passage, citations, anchor) for passage in passages)
    others = dict.fromkeys(_named_article(other) for citation in citations for other in citation.also)
    if others:
        body += f'<p class="dl-note">{escape(also(list(others)))}</p>'
    return _card(_numbers([c.n for c in citations]), article, body)


def _named_article(article: Article) -> str:
    when = published_day(article.published, article.date_source)
    return named(article.title, article.publisher, when)


def _hit_html(hit: Hit) -> str:
    article = hit.chunk.article
    return _card("", article, _passage_html(article, Span(hit.chunk.start, hit.chunk.end)))


def _card(numbers: str, article: Article, body: str) -> str:
    when = published_day(article.published, article.date_source)
    byline = ", ".join(escape(part) for part in (article.publisher, article.author, when) if part)
    summary = f'{numbers} <span class="dl-title">{escape(article.title)}</span> — <span class="dl-by">{byline}</span>'
    return f"<details><summary>{summary}</summary>{body}{_link(article.url)}</details>"


def _link(url: str | None) -> str:
    if url is None or not url.lower().startswith(("http://", "https://")):
        return ""
    host = url.split("/")[2]
    return (
        f'<p class="dl-note"><a href="{escape(url)}" target="_blank" rel="noopener noreferrer">'
        f"Read the article at {escape(host)}</a></p>"
    )


def _passage(citation: Citation, hits: Sequence[Hit]) -> Span:
    """The hit that holds the quote, else the words around it."""
    for hit in hits:
        chunk = hit.chunk
        if chunk.article.id == citation.article.id and chunk.start <= citation.start and citation.end <= chunk.end:
            return Span(chunk.start, chunk.end)
    text = citation.article.text
    start, end = max(citation.start - AROUND, 0), min(citation.end + AROUND, len(text))
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


def _passage_html(article: Article, passage: Span, citations: Sequence[Citation] = (), anchor: str = "") -> str:
    """The passage with its quotes in `<mark>`, each followed by its number; quotes may overlap."""
    inside = [c for c in citations if passage.start <= c.start and c.end <= passage.end]
    cuts = sorted({*passage, *(c.start for c in inside), *(c.end for c in inside)})
    parts = ["… "] if passage.start > 0 else []
    for start, end in pairwise(cuts):
        text = escape(article.text[start:end])
        parts.extend(f'<span id="{anchor}-{c.n}"></span>' for c in inside if c.start == start)
        quoted = any(c.start <= start and end <= c.end for c in inside)
        parts.append(f"<mark>{text}</mark>" if quoted else text)
        parts.append(_numbers([c.n for c in inside if c.end == end]))
    if passage.end < len(article.text):
        parts.append(" …")
    return f"<blockquote>{''.join(parts)}</blockquote>"


def _numbers(numbers: Sequence[int]) -> str:
    return "".join(f"<sup>[{n}]</sup>" for n in numbers)


def _links(numbers: Sequence[int], anchor: str) -> str:
    return "".join(f'<sup><a href="#{anchor}-{n}">[{n}]</a></sup>' for n in numbers)


def escape(text: str) -> str:
    """`text` with every character that Markdown or HTML could read as its own written `&#N;`.

    The result is one line. Characters that no page should hold (control and direction characters) become spaces.
    """
    kept = "".join(" " if is_control(c) and c not in "\n\t" else c for c in text)
    return MARKUP.sub(lambda match: f"&#{ord(match[0])};", kept)


def report_html(report: Report, titles: Mapping[str, str]) -> str:
    """What happened to the articles that were handed in. `titles` names them by id."""
    blocks = [
        *_named("Added", report.added, titles),
        *_named("Replaced an earlier version", report.changed, titles),
        *_named("Already there", report.unchanged, titles),
        *_explained("Skipped", report.skipped),
        *_explained("To know", report.notes),
    ]
    return f'<div class="dl-answer">{"".join(blocks) or "<p>Nothing to add.</p>"}</div>'


def _named(label: str, ids: Sequence[str], titles: Mapping[str, str]) -> list[str]:
    return _list(label, [escape(titles.get(id, id)) for id in ids])


def _explained(label: str, skips: Sequence[Skip]) -> list[str]:
    return _list(label, [f"{escape(skip.source)}: {escape(skip.reason)}" for skip in skips])


def _list(label: str, items: Sequence[str]) -> list[str]:
    if not items:
        return []
    return [f'<p class="dl-label">{label}: {len(items)}</p><ul>{"".join(f"<li>{item}</li>" for item in items)}</ul>']
