"""The only way from a draft to an answer: every quote is looked up in the stored article."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from index.snapshot import Snapshot
from qa.copies import copies
from qa.count import count_holds
from qa.support import unsupported_terms
from qa.types import Answer, Citation, Draft, DraftSentence, Period, Quote, Sentence


def verify(
    snapshot: Snapshot,
    draft: Draft,
    *,
    question: str,
    standalone_question: str,
    timings: Mapping[str, float],
    period: Period | None = None,
) -> Answer:
    """Check every sentence of a draft and number its citations.

    A sentence stays when it has at least one quote, each of its quotes is, in the article as the library holds it now,
    exactly the words at its offsets, and the quotes bear it out: it is their very words, or a count of the articles
    quoted, or every name, number and date in it stands in them. The others are removed and counted. With none left, the
    answer abstains.
    """
    sentences: list[Sentence] = []
    citations: dict[tuple[str, int, int], Citation] = {}
    removed = draft.refused
    for proposed in draft.sentences:
        checked = _check(snapshot, proposed)
        if not checked:
            removed += 1
            continue
        for citation in checked:
            key = (citation.article.id, citation.start, citation.end)
            if key not in citations:
                also = copies(snapshot, Quote(citation.article, citation.start, citation.end))
                citations[key] = replace(citation, n=len(citations) + 1, also=also)
        numbers = (citations[c.article.id, c.start, c.end].n for c in checked)
        sentences.append(Sentence(proposed.text, tuple(dict.fromkeys(numbers))))
    return Answer(
        question=question,
        standalone_question=standalone_question,
        sentences=tuple(sentences),
        citations=tuple(citations.values()),
        hits=draft.hits,
        abstained=not sentences,
        confidence=draft.confidence,
        index_version=snapshot.state.version if snapshot.state else 0,
        removed=removed,
        period=period,
        notes=draft.notes,
        composer=draft.composer,
        timings=dict(timings),
    )


def _check(snapshot: Snapshot, proposed: DraftSentence) -> tuple[Citation, ...]:
    """The quotes of a sentence as citations, still without numbers; none of them if one fails."""
    checked = []
    for quote in proposed.quotes:
        stored = snapshot.article(quote.article.id)
        if stored is None or not 0 <= quote.start < quote.end <= len(stored.text):
            return ()
        words = stored.text[quote.start : quote.end]
        if words != quote.article.text[quote.start : quote.end] or not words.strip():
            return ()
        checked.append(Citation(0, stored, quote.start, quote.end, words))
    quotes = [Quote(c.article, c.start, c.end) for c in checked]
    return tuple(checked) if _borne_out(proposed.text, quotes) else ()


def _borne_out(text: str, quotes: Sequence[Quote]) -> bool:
    """Whether the words at the quotes bear a sentence out; without quotes, nothing does."""
    words = " ".join(q.line for q in quotes)
    return bool(quotes) and (text == words or count_holds(text, quotes) or not unsupported_terms(text, quotes))
