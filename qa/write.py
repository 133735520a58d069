"""The composer with a language model: an answer in its words, where the articles bear them out."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date

from qa.llm import LlmError, Writer
from qa.rerank import Reranker
from qa.support import Drafting
from qa.types import Draft, DraftSentence

SURE = 0.8
"""The confidence from which the articles' own sentences are shown although the language model finds no answer."""
_OWN = "This answer is made of the articles' own sentences."


def write(
    draft: Draft,
    writer: Writer,
    reranker: Reranker,
    question: str,
    *,
    today: date,
    propose: Callable[[DraftSentence], None],
) -> Draft:
    """The draft in the language model's words; else as it is, with a note that says why.

    `propose` gets each sentence as soon as it is written and found to be borne out: they are the first of the draft.
    """
    drafting = Drafting(draft.hits, reranker, propose)
    failure = None
    try:
        text = writer.write(question, draft.hits, today=today, hear=drafting.hear)
        drafting.end(text)
    except LlmError as error:
        text, failure = "", error
    kept, refused = drafting.kept, drafting.refused
    if kept:
        notes = (f"{failure} What it had written until then is shown.",) if failure else ()
        return replace(draft, sentences=kept, composer=writer.name, refused=refused, notes=(*draft.notes, *notes))
    if failure:
        return replace(draft, notes=(*draft.notes, f"{failure} {_OWN}"))
    if text:
        why = f"Nothing that the language model {writer.name} wrote is borne out by the articles. {_OWN}"
        return replace(draft, notes=(*draft.notes, why), refused=refused)
    if draft.confidence >= SURE:
        return replace(draft, notes=(*draft.notes, f"The language model {writer.name} found no answer. {_OWN}"))
    return Draft((), draft.hits, draft.confidence, (f"The language model {writer.name} found no answer either.",))
