"""Articles into chunks: whole sentences, within the embedding model's window, overlapping by sentences."""

import re
from collections.abc import Callable, Sequence
from typing import NamedTuple

from sentencex import get_sentence_boundaries

from index.types import Article, Span

TokenSpans = Callable[[Sequence[str]], list[list[Span]]]
"""The tokens of each text as character ranges: `Embedder.token_spans`."""

TITLE_TOKENS = 48
"""A longer title is cut where it serves as context; every article's own text is embedded whole."""

_PARAGRAPH = re.compile(r"[^\n]+(?:\n(?!\n)[^\n]+)*")


class Sentence(NamedTuple):
    """A sentence, or a section heading, of an article's text."""

    start: int
    end: int
    heading: bool
    paragraph: int


def sentences(text: str, headings: Sequence[Span], language: str | None = None) -> list[Sentence]:
    """Every sentence and heading of a text in order; together they cover all of it but white space."""
    found: list[Sentence] = []
    titles = set(headings)
    for number, match in enumerate(_PARAGRAPH.finditer(text)):
        start, end = match.span()
        if (start, end) in titles:
            found.append(Sentence(start, end, True, number))
            continue
        for boundary in get_sentence_boundaries(language or "en", match.group()):
            piece = boundary["text"]
            left = start + boundary["start_index"] + len(piece) - len(piece.lstrip())
            right = start + boundary["start_index"] + len(piece.rstrip())
            if left < right:
                found.append(Sentence(left, right, False, number))
    return found


def context(article: Article, token_spans: TokenSpans) -> str:
    """What a chunk is embedded with besides its own words: the article's title and day."""
    title = article.title
    tokens = token_spans([title])[0]
    if len(tokens) > TITLE_TOKENS:
        title = title[: tokens[TITLE_TOKENS - 1].end]
    return f"{title} ({article.published[:10]})" if article.published else title


def embedded_text(article: Article, span: tuple[int, int], token_spans: TokenSpans) -> str:
    """The text whose embedding stands for a chunk."""
    return f"{context(article, token_spans)}\n{article.text[slice(*span)]}"


def chunk(article: Article, token_spans: TokenSpans, *, max_tokens: int, overlap: int) -> list[Span]:
    """Cut an article into chunks whose embedded text has at most `max_tokens` tokens.

    A chunk ends between sentences, never on a heading, and starts with the last `overlap` sentences of the chunk
    before, where they fit. A sentence that is too long alone is cut between words. Every sentence is in some chunk.
    """
    budget = max_tokens - len(token_spans([context(article, token_spans)])[0])
    units = _fitting(article, token_spans, budget)
    chunks: list[Span] = []
    at = 0
    while at < len(units):
        # go back for the overlap, as far as the sentence at `at` still fits behind it
        first = at
        room = budget - units[at].tokens
        while first > 0 and at - first < overlap and not units[first - 1].heading and units[first - 1].tokens <= room:
            first -= 1
            room -= units[first].tokens
        end = at + 1
        while end < len(units) and units[end].tokens <= room:
            room -= units[end].tokens
            end += 1
        while end - 1 > at and end < len(units) and units[end - 1].heading:
            end -= 1
        chunks.append(Span(units[first].start, units[end - 1].end))
        at = end
    return chunks


class _Unit(NamedTuple):
    start: int
    end: int
    heading: bool
    tokens: int


def _fitting(article: Article, token_spans: TokenSpans, budget: int) -> list[_Unit]:
    """The sentences with their sizes, the too long ones cut into pieces that fit."""
    parts = sentences(article.text, article.headings, article.language)
    units: list[_Unit] = []
    for part, tokens in zip(parts, token_spans([article.text[p.start : p.end] for p in parts]), strict=True):
        at = 0
        while len(tokens) - at > budget:
            cut = at + budget
            while cut > at + 1 and tokens[cut].start == tokens[cut - 1].end:
                cut -= 1  # back to a white space, so that no word is cut in two
            if cut == at + 1:
                cut = at + budget
            units.append(_Unit(part.start + tokens[at].start, part.start + tokens[cut - 1].end, part.heading, cut - at))
            at = cut
        start = part.start + tokens[at].start if at else part.start
        units.append(_Unit(start, part.end, part.heading, len(tokens) - at))
    return units
