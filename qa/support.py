"""What a language model wrote → sentences, each with the words of the cited passages that support it."""

import re
from collections.abc import Callable, Iterator, Sequence
from datetime import date

from index import keywords
from index.chunk import sentences
from index.types import Chunk, Hit, Span
from qa.rerank import Reranker
from qa.terms import day_keys, holds, keys, terms
from qa.types import DraftSentence, Quote

LONGEST_QUOTE = 3
"""Consecutive sentences that one quote may have."""
MOST = 12
"""Sentences of an answer that are checked: it was to have three."""
HEARD, BEGUN = 20, 3
"""Characters that have to come before an answer is looked at again, and letters by which a next sentence has begun."""
READ = 6
"""Quotes of one passage that the cross-encoder reads for a sentence."""
SUPPORTS, OVERLAPS = 0.0, 0.5
"""The least logit and the least overlap of a quote that supports a sentence.

Fitted by `tests/bench/support.py --claims 80` on half of 800 claims. Kept on that half | on the other: sentences that
people wrote as answers 82 % | 75 %, questions with their right answers put in 60 % | 56 %; of false claims, those with
a number changed 10 % | 0 %, turned round 0 % | 3 %, cited to the likest other passage 10 % | 7 %, with another name of
the same passage 45 % | 40 %, questions with their traps put in 34 % | 52 %. All in all 71 % | 66 % of the true ones are
kept, 78 % | 74 % of the false ones refused. What gets through says something else about the right names: neither score
sees that (with a logit of 6 it is still 17 % of the false claims, and 63 % of the true ones).
"""

_NUMBERS = r"\d{1,9}(?:\s*(?:,|;|and|&|-|–)\s*\^?\d{1,9})*"
_MARKER = re.compile(
    rf"\s*[\[【](?:passages?|sources?|articles?)?\s*[\^#]?({_NUMBERS})(?:†[^\]】]*)?[\]】]", re.IGNORECASE
)
_BEHIND = re.compile(rf"([.!?…]+[\"'”’)»*_]*)((?:{_MARKER.pattern})+)", re.IGNORECASE)
_LIST_OF_SOURCES = re.compile(r"^\W*(?:sources|references|citations)\W*$.*", re.DOTALL | re.IGNORECASE | re.MULTILINE)
_NOT = re.compile(r"\b(?:not|no(?!,)|never|none|nobody|nothing|neither|nor|without|cannot)\b|n[’']t\b", re.IGNORECASE)
_CLAUSE_END = re.compile(r"[.,;:!?—–()\n]|\b(?:but|and|which|who|that)\b")
_DENIED, _REACH = 3, 80
"""Words behind a "not" that it denies, and the characters in which they stand."""


class Drafting:
    """The sentences of an answer that is being written, each looked at as soon as the next one has begun.

    A sentence counts its citations from 1 along `hits`, as [1][2] or [1, 2], before or behind its full stop. It is kept
    when it has any, all of them are in range, and at least one cited passage supports it; its quotes are the supporting
    words, one quote for each passage that does. What repeats a sentence, or comes behind MOST of them, is refused.
    `propose` gets each that is kept.
    """

    def __init__(
        self, hits: Sequence[Hit], reranker: Reranker, propose: Callable[[DraftSentence], None] = lambda sentence: None
    ) -> None:
        self._hits = hits
        self._reranker = reranker
        self._propose = propose
        self._heard = 0
        self._kept: list[DraftSentence] = []
        self.refused = 0

    @property
    def kept(self) -> tuple[DraftSentence, ...]:
        """The sentences that are supported, so far."""
        return tuple(self._kept)

    def hear(self, text: str) -> None:
        """Take in what has been written so far; its last sentence may go on, or its citations may be still to come."""
        if len(text) - self._heard >= HEARD:
            self._heard = len(text)
            *ended, (last, _) = written_sentences(text) or [("", ())]
            if sum(map(str.isalpha, last)) >= BEGUN:
                self._take(ended)

    def end(self, text: str) -> None:
        """Take in the whole of what was written."""
        self._take(written_sentences(text))

    def _take(self, sentences: Sequence[tuple[str, tuple[int, ...]]]) -> None:
        for sentence, cited in sentences[len(self._kept) + self.refused :]:
            quotes: list[Quote] = []
            fresh = len(self._kept) + self.refused < MOST and sentence not in (k.text for k in self._kept)
            if fresh and all(1 <= n <= len(self._hits) for n in cited):
                found = (_supporting_words(sentence, self._hits[n - 1].chunk, self._reranker) for n in cited)
                quotes = [quote for quote in found if quote]
            if quotes:
                self._kept.append(DraftSentence(sentence, tuple(quotes)))
                self._propose(self._kept[-1])
            else:
                self.refused += 1


def unsupported_terms(text: str, quotes: Sequence[Quote]) -> tuple[str, ...]:
    """What a sentence states that its quotes do not hold: names, numbers, dates, addresses, and what only one denies.

    Names and dates may also stand in the title, the publisher and the date of an article that is quoted.
    """
    held: set[str] = set()
    words = ""
    for quote in quotes:
        article = quote.article
        day = date.fromisoformat(article.published[:10]) if article.published else None
        year = day.year if day else None
        words += article.text[quote.start : quote.end] + "\n"
        around = keys(f"{article.title}\n{article.publisher or ''}", year=year) | (day_keys(day) if day else set())
        held |= keys(article.text[quote.start : quote.end], year=year)
        held |= {key for key in around if key[0] in "dw"}
    missing = [term.text for term in terms(text) if not holds(held, term)]
    return tuple(dict.fromkeys(missing + _turned_round(text, words)))


def supported(score: float, overlap: float) -> bool:
    """Whether the cross-encoder's logit and the share of a sentence's words that its quote holds suffice."""
    return score >= SUPPORTS and overlap >= OVERLAPS


def overlap(text: str, quote: Quote) -> float:
    """The share of a sentence's other words, which are no names or numbers, that its quote or the title holds.

    One is added to both counts, so that a single word that is paraphrased does not decide alone.
    """
    named = {key[1:] for term in terms(text) for key in term.keys}
    wanted = {stem for stem in keywords.query_terms(text) if stem not in named and not stem[0].isdigit()}
    held = set(keywords.analyse(f"{quote.article.title} {quote.article.text[quote.start : quote.end]}"))
    return (len(wanted & held) + 1) / (len(wanted) + 1)


def written_sentences(text: str) -> list[tuple[str, tuple[int, ...]]]:
    """The sentences of a model's answer in plain words, without their markers, each with the numbers it cites."""
    found = []
    for line in _plain(text).splitlines():
        line = _BEHIND.sub(lambda m: f"{m[2]}{m[1]} ", line)
        for part in sentences(line, ()):
            said = line[part.start : part.end]
            cited = dict.fromkeys(n for marker in _MARKER.finditer(said) for n in _counted(marker[1]))
            said = " ".join(_MARKER.sub("", said).split())
            if re.search(r"\w", said):
                ended = re.search(r"[.!?…][\"'”’)»]*$", said)
                found.append((said if ended else said.rstrip(" ,;:") + ".", tuple(cited)))
    return found


def _counted(numbers: str) -> list[int]:
    """`1, 3-5` → 1, 3, 4, 5."""
    found: list[int] = []
    for part in re.split(r"\s*(?:,|;|and|&)\s*", numbers):
        ends = [int(n.strip(" ^")) for n in re.split("[-–]", part)]
        found += range(ends[0], min(ends[-1], ends[0] + 50) + 1) if len(ends) == 2 else ends
    return found


def _plain(text: str) -> str:
    """An answer without its list of sources and Markdown; a marker on a line of its own joins the line before."""
    text = _LIST_OF_SOURCES.sub("", text)
    text = re.sub(rf"\s*\n(?=(?:{_MARKER.pattern})+\s*(?:\n|\Z))", " ", text, flags=re.IGNORECASE)
    text = re.sub(r"^\s*(?:#{1,6}\s+|>\s*|[-*+•]\s+|\d{1,2}[.)]\s+)+", "", text, flags=re.MULTILINE)
    text = re.sub(r"\[?(\[\d+\])\]?\(\S*?\)|\[([^\[\]\n]+)\]\(\S*?\)", lambda link: link[1] or link[2], text)
    return re.sub(r"(\*\*|__|`+|(?<!\w)[*_](?=\S)|(?<=\S)[*_](?!\w))", "", text)


def scored_quotes(sentence: str, chunk: Chunk, reranker: Reranker) -> list[tuple[Quote, float]]:
    """The quotes of a chunk that hold all terms of a sentence, with the logits of the READ likeliest."""
    runs = [q for q in _runs(chunk) if not unsupported_terms(sentence, (q,))]
    runs = sorted(runs, key=lambda q: -overlap(sentence, q))[:READ]
    scores = reranker.scores(sentence, [q.article.text[q.start : q.end] for q in runs])
    return [(quote, float(score)) for quote, score in zip(runs, scores, strict=True)]


def _supporting_words(sentence: str, chunk: Chunk, reranker: Reranker) -> Quote | None:
    """The shortest quote of a chunk that supports a sentence; of two as short, the better one."""
    scored = scored_quotes(sentence, chunk, reranker)
    good = [(q.end - q.start, -score, q) for q, score in scored if supported(score, overlap(sentence, q))]
    return min(good, key=lambda entry: entry[:2])[2] if good else None


def _runs(chunk: Chunk) -> Iterator[Quote]:
    """One to LONGEST_QUOTE consecutive sentences of a chunk, no heading among them."""
    headings = [Span(h.start - chunk.start, h.end - chunk.start) for h in chunk.article.headings]
    parts = sentences(chunk.text, headings, chunk.article.language)
    for first in range(len(parts)):
        for last in range(first, min(first + LONGEST_QUOTE, len(parts))):
            if parts[last].heading:
                break
            yield Quote(chunk.article, chunk.start + parts[first].start, chunk.start + parts[last].end)


def _turned_round(text: str, words: str) -> list[str]:
    """The "not" of a sentence whose quotes deny nothing, else what one of the two denies and the other states."""
    if (negation := _NOT.search(text)) and not _NOT.search(words):
        return [negation.group()]
    here, there = _denied(text), _denied(words)
    clash = ((there - here) & set(keywords.analyse(text))) | ((here - there) & set(keywords.analyse(words)))
    return [word for word in keywords.words(text) if keywords.stem(word) in clash]


def _denied(text: str) -> set[str]:
    """The stems of the words behind each "not", as far as its clause goes."""
    denied: set[str] = set()
    for negation in _NOT.finditer(text):
        clause = _CLAUSE_END.split(text[negation.end() : negation.end() + _REACH], maxsplit=1)[0]
        content = [word for word in keywords.words(clause) if word not in keywords.STOPWORDS]
        denied |= {keywords.stem(word) for word in content[:_DENIED]}
    return denied
