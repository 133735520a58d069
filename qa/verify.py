"""The only way from a draft to an answer: every quote is looked up in the stored article."""

from collections.abc import Mapping

from index.snapshot import Snapshot
from qa.types import Answer, Citation, Draft, DraftSentence, Sentence


def verify(
    snapshot: Snapshot,
    draft: Draft,
    *,
    question: str,
    standalone_question: str,
    timings: Mapping[str, float],
) -> Answer:
    """Check every sentence of a draft and number its citations.

    A sentence stays when it has at least one quote and each of its quotes is, in the article as the library holds it
    now, exactly the words at its offsets; the others are removed and counted. With none left, the answer abstains.
    """
    sentences: list[Sentence] = []
    citations: dict[tuple[str, int, int], Citation] = {}
    removed = 0
    for proposed in draft.sentences:
        checked = _check(snapshot, proposed)
        if not checked:
            removed += 1
            continue
        for citation in checked:
            key = (citation.article.id, citation.start, citation.end)
            if key not in citations:
                citations[key] = Citation(len(citations) + 1, citation.article, *key[1:], citation.quote)
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
    return tuple(checked)
