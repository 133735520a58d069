"""Whose articles a question asks after: "What did the Courier say about …", "How many articles are by Nina Holt?"."""

import re
from collections.abc import Callable, Collection, Sequence

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
_WRITTEN = (
    (rf"\b(?P<kept>{_ARTICLES}) (?:did|does|do|has|have) {{name}} {_SAY}\b", r"\g<kept>"),
    (
        rf"\b(?P<kept>{_ARTICLES}\b.*?)(?: (?:that |which )?(?:were|was|are|is))?(?: {_SAY})? by {{name}}(?![\w’'])",
        r"\g<kept>",
    ),
)
"""The same of an author."""


def publishers_asked(question: str, publishers: Sequence[str]) -> tuple[str, tuple[str, ...]]:
    """The question without its publisher, and which of `publishers` that may be; as it is, and none, without one.

    A publisher goes by its name, or by the end of it, and several may share that: "the Herald". "The Times" with its
    capital is the one of that name; "the Times" may be the New York Times as well.
    """
    known = _names(publishers)
    rest, name = _taken_out(question, _FORMS, known)
    own = tuple(publisher for publisher in publishers if publisher == name)
    return rest, own or known.get(name.casefold(), ())


def authors_asked(question: str, authors: Callable[[], Sequence[str]]) -> tuple[str, tuple[str, ...]]:
    """The question without its author, and who that is; as it is, and none, without one. `authors` takes time."""
    if not any(re.search(form.format(name=".+"), question, re.IGNORECASE) for form, _ in _WRITTEN):
        return question, ()
    known = {name.casefold(): name for name in authors() if name.casefold() in question.casefold()}
    rest, name = _taken_out(question, _WRITTEN, known)
    return rest, (known[name.casefold()],) if name else ()


def _taken_out(question: str, forms: Sequence[tuple[str, str]], known: Collection[str]) -> tuple[str, str]:
    """The question without the name that stands in one of the forms, and that name; as it is, and "", without one."""
    asked = " ".join(question.split())
    either = "|".join(re.escape(name) for name in sorted(known, key=len, reverse=True))
    for form, left in forms if known else ():
        if found := re.search(form.format(name=f"(?P<name>{either})"), asked, re.IGNORECASE):
            rest = f"{asked[: found.start()]}{found.expand(left)}{asked[found.end() :]}"
            return " ".join(rest.split()), found["name"]
    return question, ""


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
