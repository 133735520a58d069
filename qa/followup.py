"""A follow-up question made to stand alone, without a language model."""

import re
from collections.abc import Sequence

from qa.types import Turn

_NAME = re.compile(r"\b[A-Z][\w’'-]*(?:[ ](?:(?:of|the|al|de|la|van|von|bin)[ -])?[A-Z][\w’'-]*)*")
_LEANS = re.compile(
    r"^(?:and|but|so|or|what about|how about|why|when|where|who|how)\??$|^(?:and|but|so|what about|how about)\b"
    r"|\b(?:he|she|it|they|him|her|his|hers|its|them|their|theirs|this|that|these|those|there|then|else|one|ones|same)\b",
    re.IGNORECASE,
)
_OPENERS = frozenset(
    """what who whom whose which when where why how did does do is are was were has have had can could will would should
    and but so or in on at the a an tell give list show name please if for from i""".split()
)


def names(text: str) -> list[str]:
    """The capitalised names in a text, in order, each once; a question word at the start of a sentence is none."""
    found = []
    for match in _NAME.finditer(text):
        words = match.group().split(" ")
        while words and words[0].lower() in _OPENERS:
            words.pop(0)
        name = re.sub(r"['’]s$", "", " ".join(words))
        if name and name not in found:
            found.append(name)
    return found


def stand_alone(question: str, history: Sequence[Turn]) -> str:
    """The question with what it leans on: the names of the last turn that has any, when it says "he", "it", "and …".

    A question that leans on nothing is returned as it is.
    """
    if not history or not _LEANS.search(question.strip()):
        return question
    own = names(question)
    for turn in reversed(history):
        carried = [n for n in names(turn.question) if n not in own] or [n for n in names(turn.answer) if n not in own][
            :2
        ]
        if carried:
            return f"{question.rstrip()} ({', '.join(carried)})"
    return f"{question.rstrip()} ({history[-1].question.strip()})"
