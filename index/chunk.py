"""Articles into chunks: whole sentences, within the embedding model's window, overlapping by sentences."""

import re
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from sentencex import get_sentence_boundaries

from index.types import Article, Span

TokenSpans = Callable[[Sequence[str]], list[list[Span]]]
"""The tokens of each text as character ranges: `Embedder.token_spans`."""

TITLE_TOKENS = 48
"""A longer title is cut where it serves as context; every article's own text is embedded whole."""

LONGEST_PIECE = 20_000
"""Characters of a paragraph whose sentences are looked for at once."""

_BLANK = re.compile(r"[^\S\n]")
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
        plain = _BLANK.sub(" ", match.group())  # sentencex panics on an initial before a blank of several bytes
        for at, piece in _boundaries(plain, language or "en"):
            left = start + at + len(piece) - len(piece.lstrip())
            right = start + at + len(piece.rstrip())
            if left < right:
                found.append(Sentence(left, right, False, number))
    return found


def _boundaries(text: str, language: str) -> Iterator[tuple[int, str]]:
    """The sentences of a paragraph, and where each starts.

    A long one is looked at piece by piece: sentencex took 61 s for 200,000 sentences with quotation marks. The last
    sentence of a piece may go on in the next, which begins with it.
    """
    at = 0
    while at < len(text):
        end = at + LONGEST_PIECE
        if end < len(text):
            end = max(text.rfind(" ", at + 1, end), 0) or end
        pieces = get_sentence_boundaries(language, text[at:end])
        if end < len(text) and len(pieces) > 1:
            end = at + pieces.pop()["start_index"]
        yield from ((at + piece["start_index"], piece["text"]) for piece in pieces)
        at = end


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

    A chunk ends between sentences, not on a heading if what is below it fits behind it, and starts with the last
    `overlap` sentences of the chunk before, where they fit. A sentence that is too long alone is cut between words.
    Every sentence is in some chunk.
    """
    budget = max_tokens - len(token_spans([context(article, token_spans) + "\n"])[0])
    units = _fitting(article, token_spans, budget)
    chunks: list[Span] = []
    at = 0
    while at < len(units):
        end, size = _step(units, at, budget)
        room = budget - size
        first = at
        while first > 0 and at - first < overlap and not units[first - 1].heading and units[first - 1].tokens <= room:
            first -= 1
            room -= units[first].tokens
        while end < len(units):
            further, size = _step(units, end, budget)
            if size > room:
                break
            end = further
            room -= size
        chunks.append(Span(units[first].start, units[end - 1].end))
        at = end
    return chunks


class _Unit(NamedTuple):
    start: int
    end: int
    heading: bool
    tokens: int


def _step(units: Sequence[_Unit], at: int, budget: int) -> tuple[int, int]:
    """Where a chunk that goes on with unit `at` may end next, and the tokens up to there.

    Headings take along what is below them, if that fits into a chunk at all.
    """
    end, size = at + 1, units[at].tokens
    while units[end - 1].heading and end < len(units):
        size += units[end].tokens
        if size > budget:
            return at + 1, units[at].tokens
        end += 1
    return end, size


def _fitting(article: Article, token_spans: TokenSpans, budget: int) -> list[_Unit]:
    """The sentences with their sizes, the too long ones cut into pieces that fit, the first below its headings."""
    parts = sentences(article.text, article.headings, article.language)
    units: list[_Unit] = []
    above = 0
    for part, tokens in zip(parts, token_spans([article.text[p.start : p.end] for p in parts]), strict=True):
        if len(tokens) <= budget:
            units.append(_Unit(part.start, part.end, part.heading, len(tokens)))
        else:
            room = budget - above if above < budget else budget
            for piece, size in _pieces(article.text[part.start : part.end], tokens, token_spans, room, budget):
                units.append(_Unit(part.start + piece.start, part.start + piece.end, part.heading, size))
        above = above + len(tokens) if part.heading else 0
    return units


def _pieces(
    text: str, tokens: Sequence[Span], token_spans: TokenSpans, room: int, budget: int
) -> Iterator[tuple[Span, int]]:
    """A sentence cut between words, with the tokens of each piece; the first fits `room`, the others `budget`.

    A word is cut where it alone is too long. Its parts are measured anew: by themselves they may have more tokens.
    """
    at = 0
    while at < len(tokens):
        cut = end = min(at + room, len(tokens))
        while at < cut < len(tokens) and tokens[cut].start == tokens[cut - 1].end:
            cut -= 1
        cut = end if cut == at else cut
        while True:
            piece = Span(tokens[at].start if at else 0, tokens[cut - 1].end if cut < len(tokens) else len(text))
            size = len(token_spans([text[slice(*piece)]])[0])
            if size <= room or cut == at + 1:
                break
            cut -= 1
        yield piece, size
        at, room = cut, budget
