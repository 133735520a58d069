"""A follow-up question made to stand alone, without a language model."""

import re
from collections.abc import Sequence

from qa.types import Turn

_WORD = r"(?:(?:St|Dr|Mr|Mrs|Ms|Mt)\.|[A-ZÀ-ÖØ-ÞĆČĐĘĞİŁŃŐŘŚŞŠŹŻŽ][\w’'-]*)"
_NAME = re.compile(rf"\b{_WORD}(?:[ ](?:(?:of|the|al|de|la|van|von|bin)[ -])?{_WORD})*")
_LEANS = re.compile(
    r"^(?:and|but|so|or|what about|how about|why|when|where|who|how)\??$|^(?:and|but|so|what about|how about)\b"
    r"|\b(?:he|she|it|they|him|her|his|hers|its|them|their|theirs|this|these|those|then|else|same)\b|\bones?\b(?! of\b)"
    # not "the fire that began", "is there a ferry"
    r"|\b(?:is|was|do|does|did|of|by|in|at|on|to|for|from|with|about|like|than|after|before|since|during) that\b"
    r"|^that\b|\bthat\W*$|(?<!\bis)(?<!\bare)(?<!\bwas)(?<!\bwere)(?<!\bbeen)(?<!\bbe) there\b|\bthere\W*$",
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
