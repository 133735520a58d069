"""The composer that needs no language model: it picks the fewest sentences of the hits that answer the question."""

from collections.abc import Sequence

from index.types import Hit
from qa.confidence import ANSWERS, confidence
from qa.copies import same_words
from qa.read import TAKES_BACK, Candidate
from qa.types import Draft, DraftSentence, Quote

NEAR = 2.0
"""A second sentence is shown when its score is within this of the best one's.

The answer stands in what is shown for 82 %, 84 %, 88 % and 89 % of 150 squad2 questions (the half fitted to) with 0,
0.5, 2 and no bound at all; two sentences are shown for 5 %, 13 %, 39 % and all, and have 28, 28, 34 and 52 words.
"""
AS_WELL = 2.0
"""For a question about now, a sentence within this of the best score is as good, and may be newer."""
LEANS = 3.0
"""A sentence whose logit grows by more than this behind the one before it is shown behind that one, and so is one that
takes that back."""


def compose(question: str, candidates: Sequence[Candidate], hits: Sequence[Hit], *, newest: bool = False) -> Draft:
    """Choose the sentences that answer from the candidates, best first; none, when nothing in them does.

    Every sentence is the article's own words, and its one quote is itself. `newest` prefers, of those that answer about
    as well, the sentence of the newest article.
    """
    if not candidates:
        return Draft((), tuple(hits), 0.0)
    sure = confidence(question, candidates[0])
    if sure < ANSWERS:
        return Draft((), tuple(hits), sure)
    if newest:
        near = [
            c for c in candidates if candidates[0].score - c.score <= AS_WELL and confidence(question, c) >= ANSWERS
        ]
        first = max(near, key=lambda c: (c.article.published or "")[:10])  # of one day, the best
        candidates = [first, *(c for c in candidates if c is not first)]
    quotes = _choose(candidates)
    return Draft(tuple(map(DraftSentence.verbatim, quotes)), tuple(hits), sure)


def _choose(ranked: Sequence[Candidate]) -> list[Quote]:
    """The best sentence; before it the one that it leans on, or after it a second one that is nearly as good."""
    best = ranked[0]
    own = Quote(best.article, best.start, best.end)
    if best.before and (best.in_context - best.alone > LEANS or TAKES_BACK.match(best.text)):
        return [Quote(best.article, *best.before), own]
    for other in ranked[1:]:
        if best.score - other.score <= NEAR and not same_words(best.text, other.text):
            return [own, Quote(other.article, other.start, other.end)]
    return [own]
