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
    (
        rf"(?P<kept>\b{_ARTICLES}\b.+?)(?: (?:that |which )?(?:were|was|are|is))?(?: {_SAY})? (?:from|by|in) {{name}}"
        r"(?=\W*$)",
        r"\g<kept>",
    ),
)
"""What stands around a publisher that is asked after, and what is left of it: "by the bridge" names none."""


def publishers_asked(question: str, publishers: Sequence[str]) -> tuple[str, tuple[str, ...]]:
    """The question without its publisher, and which of `publishers` that may be; as it is, and none, without one.

    A publisher goes by its name, or by the end of it, and several may share that: "the Herald". "The Times" with its
    capital is the one of that name; "the Times" may be the New York Times as well.
    """
    asked = " ".join(question.split())
    known = _names(publishers)
    either = "|".join(re.escape(name) for name in sorted(known, key=len, reverse=True))
    for form, left in _FORMS if known else ():
        found = re.search(form.format(name=f"(?P<name>{either})"), asked, re.IGNORECASE)
        if found:
            rest = f"{asked[: found.start()]}{found.expand(left)}{asked[found.end() :]}"
            own = tuple(name for name in publishers if name == found["name"])
            return " ".join(rest.split()), own or known[found["name"].casefold()]
    return question, ()


def _names(publishers: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """What publishers are called, in lower case, and who is: by a name, by the end of one, with or without "the"."""
    found: dict[str, dict[str, None]] = {}
    for name in publishers:
        words = name.casefold().split()
        for at in range(len(words)):
            end = " ".join(words[at:])
            for called in (end, f"the {end}"):
                found.setdefault(called, {})[name] = None
    return {called: tuple(names) for called, names in found.items()}
