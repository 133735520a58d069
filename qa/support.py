"""What a language model wrote → sentences, each with the words of the cited passages that support it."""

import re
from collections.abc import Callable, Iterator, Sequence
from datetime import date

from index import keywords
from index.chunk import sentences
from index.types import Article, Chunk, Hit, Span
from qa.days import meant
from qa.denials import turned_round
from qa.hidden import hidden_names
from qa.rerank import Reranker
from qa.terms import day_keys, holds, keys, terms
from qa.types import DraftSentence, Quote
from qa.written import written_sentences

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
people wrote as answers 81 % | 73 %, questions with their right answers put in 58 % | 54 %; of false claims, those with
a number changed 3 % | 0 %, turned round 0 % | 0 %, cited to the likest other passage 5 % | 7 %, with another name of
the same passage 42 % | 40 %, questions with their traps put in 31 % | 46 %. All in all 69 % | 63 % of the true ones are
kept, 81 % | 77 % of the false ones refused. The checks of units, clauses, opposites and hidden names cost 1 % | 2.5 %
of the true ones. What gets through says something else about the right names: neither score sees that.
"""

_CLAUSES = re.compile(
    r"[;:] | [-–—] |, (?=(?:and|but|or|so|which|who|whom|whose|where|when|while|because|although|though|after|before|as"
    r"|since|with|saying|adding|making|causing|leaving)\b)|(?= (?:because|although|though|whereas)\b)",
    re.IGNORECASE,
)
LEAST_WORDS = 4
"""Content words of a clause that is looked at by itself."""
_OF_ITSELF = re.compile(r"\b(?:publish\w*|articles?)\b", re.IGNORECASE)
"""What a sentence says of an article, and not of what the article tells."""


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

    Names and dates may also stand in the title and the publisher of an article that is quoted. The day it was published
    counts for a sentence about the article, and lends its date to what the quote says of "today" or "Friday".
    """
    held: set[str] = set()
    words = ""
    for quote in quotes:
        article = quote.article
        day = date.fromisoformat(article.published[:10]) if article.published else None
        year = day.year if day else None
        quoted = article.text[quote.start : quote.end]
        words += quoted + "\n"
        around = keys(f"{article.title}\n{article.publisher or ''}", year=year)
        held |= {key for key in around if key[0] in "dw"}
        held |= keys(quoted, year=year)
        for spoken in meant(quoted, day) if day else ():
            held |= day_keys(spoken)
        if day and _of_article(text, article):
            held |= day_keys(day)
    held |= {key for day in map(_day, held) if day for key in day_keys(day)}
    missing = [term.text for term in terms(text) if not holds(held, term)]
    return tuple(dict.fromkeys(missing + turned_round(text, words)))


def _of_article(text: str, article: Article) -> bool:
    """Whether a sentence speaks of an article: of articles, of publishing, or of its publisher ("The Gazette said")."""
    name = keywords.analyse(article.publisher or "")[-1:]
    return bool(_OF_ITSELF.search(text)) or any(f"w{word}" in term.keys for word in name for term in terms(text))


def _day(key: str) -> date | None:
    """The day of the key of a whole date."""
    try:
        return date.fromisoformat(key[1:]) if key[0] == "d" and len(key) == 11 and key[1] != "-" else None
    except ValueError:
        return None  # 31 February


def supported(score: float, overlap: float) -> bool:
    """Whether the cross-encoder's logit and the share of a sentence's words that its quote holds suffice."""
    return score >= SUPPORTS and overlap >= OVERLAPS


def overlap(text: str, quote: Quote) -> float:
    """The share of a sentence's other words, which are no names or numbers, that its quote or the title holds.

    Each clause of LEAST_WORDS such words is looked at by itself, and the least share counts: nothing may be hung on a
    sentence that is borne out. One is added to both counts, so that a single word that is paraphrased does not decide
    alone.
    """
    named = {key[1:] for term in terms(text) for key in term.keys}
    held = _held(quote)
    clauses = [_content(clause, named) for clause in _CLAUSES.split(text)]
    parts = [_content(text, named), *(clause for clause in clauses if len(clause) >= LEAST_WORDS)]
    return min((len(wanted & held) + 1) / (len(wanted) + 1) for wanted in parts)


def _held(quote: Quote) -> set[str]:
    """The stems of a quote and of its article's title."""
    return set(keywords.analyse(f"{quote.article.title} {quote.article.text[quote.start : quote.end]}"))


def _content(text: str, named: set[str]) -> set[str]:
    """The stems of a text that are no names and no numbers."""
    return {stem for stem in keywords.query_terms(text) if stem not in named and not stem[0].isdigit()}


def scored_quotes(sentence: str, chunk: Chunk, reranker: Reranker) -> list[tuple[Quote, float]]:
    """The quotes of a chunk that hold all terms and hidden names of a sentence; the logits of the READ likeliest."""
    hidden = hidden_names(sentence, f"{chunk.article.title}\n{chunk.text}", reranker.knows)
    runs = [q for q in _runs(chunk) if hidden <= _held(q) and not unsupported_terms(sentence, (q,))]
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
