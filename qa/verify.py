"""The only way from a draft to an answer: every quote is looked up in the stored article."""

from collections.abc import Sequence
from dataclasses import replace

from index.snapshot import Snapshot
from qa.copies import copies
from qa.count import count_holds
from qa.support import unsupported_terms
from qa.types import Answer, Citation, Draft, DraftSentence, Period, Quote, Sentence, Shown, Tell, tell_nobody


class Verification:
    """The check of one draft, whose sentences may come one by one; those that stay are told as they are checked."""

    def __init__(self, snapshot: Snapshot, tell: Tell = tell_nobody) -> None:
        self._snapshot = snapshot
        self._tell = tell
        self._taken = 0
        self._sentences: list[Sentence] = []
        self._citations: dict[tuple[str, int, int], Citation] = {}

    def take(self, proposed: DraftSentence) -> None:
        """Check a sentence and number its citations.

        It stays when it has at least one quote, each of its quotes is, in the article as the library holds it now,
        exactly the words at its offsets, and the quotes bear it out: it is their very words, or a count of the articles
        quoted, or every name, number and date in it stands in them.
        """
        self._taken += 1
        checked = _check(self._snapshot, proposed)
        if not checked:
            return
        fresh: list[Citation] = []
        for citation in checked:
            key = (citation.article.id, citation.start, citation.end)
            if key not in self._citations:
                also = copies(self._snapshot, Quote(citation.article, citation.start, citation.end))
                self._citations[key] = replace(citation, n=len(self._citations) + 1, also=also)
                fresh.append(self._citations[key])
        numbers = (self._citations[c.article.id, c.start, c.end].n for c in checked)
        self._sentences.append(Sentence(proposed.text, tuple(dict.fromkeys(numbers)), proposed.about))
        self._tell(Shown(self._sentences[-1], tuple(fresh)))

    def answer(
        self,
        draft: Draft,
        *,
        question: str,
        standalone_question: str,
        period: Period | None = None,
    ) -> Answer:
        """The answer, once the sentences of the whole draft that were not taken yet are checked too.

        Those that were taken have to be its first. What did not stay is counted; with none left, the answer abstains.
        """
        for proposed in draft.sentences[self._taken :]:
            self.take(proposed)
        return Answer(
            question=question,
            standalone_question=standalone_question,
            sentences=tuple(self._sentences),
            citations=tuple(self._citations.values()),
            hits=draft.hits,
            abstained=not self._sentences,
            confidence=draft.confidence,
            index_version=self._snapshot.state.version if self._snapshot.state else 0,
            removed=draft.refused + len(draft.sentences) - len(self._sentences),
            period=period,
            notes=draft.notes,
            composer=draft.composer,
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
