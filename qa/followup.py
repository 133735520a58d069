"""A follow-up question made to stand alone, without a language model."""

import re
from collections.abc import Sequence

from index.keywords import STOPWORDS
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
LONGEST_TOPIC = 300
"""Characters that a question may carry over: more would drown it."""
_PERSON = re.compile(r"\b(?:he|she|him|her|his|hers)\b", re.IGNORECASE)
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
    """The question with what it leans on, when it says "he", "it", "and …"; as it is when it leans on nothing.

    It gets the names in the last question that did not lean itself, or else that question's words; and for "he" or
    "she" the first person whom the answer to it names. The other names in an answer lead astray more than they help.
    """
    if not history or not _LEANS.search(question.strip()):
        return question
    topic = next((turn for turn in reversed(history) if names(turn.question) or not _leans(turn)), history[0])
    said = names(topic.question) or [_words(topic.question)]
    if _PERSON.search(question):
        said += [name for name in names(topic.answer) if " " in name and name not in said][:1]
    own = names(question)
    carried = ", ".join(name for name in said if name and name not in own)
    return f"{question.rstrip()} ({carried[:LONGEST_TOPIC]})" if carried else question


def _leans(turn: Turn) -> bool:
    return bool(_LEANS.search(turn.question.strip()))


def _words(question: str) -> str:
    """The words of a question that carry its meaning."""
    return " ".join(w for w in re.findall(r"[\w’'-]+", question) if w.lower() not in STOPWORDS | _OPENERS)
