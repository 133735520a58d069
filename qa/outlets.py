"""The publisher that a question asks after: "What did the Courier say about …", "… according to the Gazette"."""

import re
from collections.abc import Sequence

_ARTICLES = r"(?:articles?|stories|story|reports?|news|coverage|headlines)"
_SAY = r"(?:say|said|report|reported|write|written|publish|published|print|printed)"
_FORMS = (
    (rf"\bwhat (?:did|does|do|has|have) {{name}} {_SAY}\b", "what do the articles say"),
    (r",? ?\baccording to {name}(?:,)?", ""),
    (rf"\b(?P<kept>{_ARTICLES}) (?:did|does|do|has|have) {{name}} (?:run|carry|have|{_SAY})\b", r"\g<kept>"),
    (
        rf"\b(?P<kept>{_ARTICLES})(?: (?:that|which) (?:are|were))?(?: {_SAY})? (?:from|by|in|of) {{name}}(?![\w’'])",
        r"\g<kept>",
    ),
    (rf"(?P<kept>\b{_ARTICLES}\b.+) (?:from|by|in) {{name}}(?=\W*$)", r"\g<kept>"),
)
"""What stands around a publisher that is asked after, and what is left of it: "by the bridge" names none."""


def publisher(question: str, publishers: Sequence[str]) -> tuple[str, str | None]:
    """The question without its publisher, and which of `publishers` that is; as it is, and None, without one.

    A publisher goes by its name, or by the end of it where that is nobody else's: "the Courier".
    """
    asked = " ".join(question.split())
    known = _names(publishers)
    either = "|".join(re.escape(name) for name in sorted(known, key=len, reverse=True))
    for form, left in _FORMS if known else ():
        found = re.search(form.format(name=rf"(?:the )?(?P<name>{either})"), asked, re.IGNORECASE)
        if found:
            rest = f"{asked[: found.start()]}{found.expand(left)}{asked[found.end() :]}"
            return " ".join(rest.split()), known[found["name"].casefold()]
    return question, None


def _names(publishers: Sequence[str]) -> dict[str, str]:
    """What each publisher is called, in lower case: its name, and each end of it that is no other's."""
    found: dict[str, str | None] = {}
    for name in publishers:
        words = name.casefold().split()
        for at in range(1, len(words)):
            end = " ".join(words[at:])
            found[end] = None if end in found else name
    known = {end: name for end, name in found.items() if name}
    return known | {name.casefold(): name for name in publishers}
