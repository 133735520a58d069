"""A follow-up question made to stand alone, without a language model."""

import re
from collections.abc import Iterator, Sequence

from index.keywords import STOPWORDS, words
from qa.types import Turn

TOPIC_WORDS, LAST_WORDS = 8, 5
"""Most words carried of the question that set the topic, where it names nothing; and of the last, where that leans.

On the 82 mtrag questions of one half that lean, recall@5 was .626 as asked, .779 with the topic's names or words alone,
.797 with the last question's words too, .805 with no more of them than this.
"""
LONGEST_TOPIC = 300
"""Characters that a question may carry over: more would drown it."""

READ = 4000
"""Characters of an earlier question or answer that are read: twice as many as a question may have."""

_WORD = r"(?:(?:St|Dr|Mr|Mrs|Ms|Mt)\.|[A-ZÀ-ÖØ-ÞĆČĐĘĞİŁŃŐŘŚŞŠŹŻŽ][\w’'-]*)"
_NAME = re.compile(rf"\b{_WORD}(?:[ ](?:(?:of|the|al|de|la|van|von|bin)[ -])?{_WORD})*")
_LEANS = re.compile(
    r"^(?:and|but|so|or|what about|how about|why|when|where|who|how)\??$|^(?:and|but|so|what about|how about)\b"
    r"|\b(?:it|they|them|him|hers|theirs|these|those|then|else|same)\b|\b(?:her|any)\W*$"
    # not "this year", "one reason", "which one of the towns"
    r"|\bthis\b(?! (?:time|morning|evening|week(?:end)?|month|year|decade|century|spring|summer|autumn|fall|winter)\b)"
    r"|\bones\b(?! of\b)|\bone\W*$|\b(?:which|the|this|that|other|another|new|old|first|last|next) one\b(?! of\b)"
    # not "the fire that began", "is there a ferry"
    r"|\b(?:is|was|do|does|did|has|had|will|would|can|could|should|of|by|in|at|on|to|for|from|with"
    r"|about|like|than|after|before|since|during) that\b"
    r"|^that\b|\bthat\W*$|(?<!\bis)(?<!\bare)(?<!\bwas)(?<!\bwere)(?<!\bbeen)(?<!\bbe) there\b"
    r"(?! (?:is|are|was|were|has|have|will|would|can|could|may|might|should|must)\b)|\bthere\W*$",
    re.IGNORECASE,
)
_EMPTY_IT = re.compile(  # "is it true that", "how long does it take to cross": this "it" is nothing
    r"\bit (?:comes?|costs?|takes?|took|makes? sense|(?:(?:is|was|might be|will be|so|too|still) )*"
    r"(?:true|possible|legal|illegal|safe|hard|easy|difficult|dangerous|important|necessary|likely|worth))"
    r"(?: for \w+)? (?:to|that)\b",
    re.IGNORECASE,
)
_OWNER = re.compile(r"\b(?:he|she|his|her|its|their)\b", re.IGNORECASE)
_PERSON = re.compile(r"\b(?:he|she|him|her|his|hers)\b", re.IGNORECASE)
_THERE = re.compile(r"\bthere\b", re.IGNORECASE)
_WHERE = re.compile(r"^(?:(?:and|but|so) )?where\b", re.IGNORECASE)
_INSTEAD = re.compile(r"^(?:(?:and|but|so),? )?(?:what|how) about\b", re.IGNORECASE)
_OPENERS = frozenset(
    """what who whom whose which when where why how did does do is are was were has have had can could will would should
    and but so or in on at the a an tell give list show name please if for from i""".split()
)


def names(text: str) -> list[str]:
    """The capitalised names in a text, in order, each once; a question word at the start of a sentence is none."""
    return list(dict.fromkeys(name for _, name in _names(text)))


def _names(text: str) -> Iterator[tuple[int, str]]:
    """Where each name of a text begins, and the name."""
    for match in _NAME.finditer(text):
        start, parts = match.start(), match.group().split(" ")
        opens = text[max(start - 20, 0) : start].rstrip()[-1:] in ("", ".", "?", "!")
        while parts and (parts[0].lower() in _OPENERS or (opens and _says_nothing(parts[0]))):
            start += len(parts.pop(0)) + 1
        if name := re.sub(r"['’]s?$", "", " ".join(parts)):
            yield start, name


def _says_nothing(word: str) -> bool:
    """Whether it is a stop word, as "They", "I'm"; what is written in capitals is a name: the US, the WHO."""
    return not word.isupper() and STOPWORDS.issuperset(words(word))


def stand_alone(question: str, history: Sequence[Turn]) -> str:
    """The question with what it leans on, when it says "he", "it", "and …"; as it is when it leans on nothing.

    In parentheses it gets the topic: the names in the last question that has any or does not lean itself, or else that
    question's words. Then the person whom "he" or "she" is and the place that "there" is, when an answer names them,
    and the words of the last question, when that leans on the topic too. The other names in an answer lead astray more
    than they help.
    """
    if not history or not _leans(question):
        return question
    history = [Turn(turn.question[:READ], turn.answer[:READ]) for turn in history]
    last = history[-1].question
    at = next(
        (n for n in reversed(range(len(history))) if _subjects(history[n].question) or not _leans(history[n].question)),
        0,
    )
    carried = _topic(history[at].question, question)
    if _PERSON.search(question):
        carried += _person(history[at:])
    if _THERE.search(question) and _WHERE.search(last):
        carried += names(history[-1].answer)[:1]
    if at < len(history) - 1:
        carried.append(_content(last, LAST_WORDS))
    said = set(words(question))
    new = [part for part in dict.fromkeys(carried) if not said.issuperset(words(part))]
    return f"{question.rstrip()} ({', '.join(new)[:LONGEST_TOPIC]})" if new else question


def _leans(question: str) -> bool:
    question = _EMPTY_IT.sub(" ", question.strip())
    owner = _OWNER.search(question)  # it may follow its name: "Why did Ingrid Solvang leave her post?"
    return bool(_LEANS.search(question)) or bool(owner and not names(question[: owner.start()]))


def _subjects(question: str) -> list[str]:
    """The names in a question, less one word that opens it: its capital says nothing, unless all are."""
    return [name for at, name in _names(question) if at or " " in name or name.isupper()]


def _topic(asked: str, question: str) -> list[str]:
    """What an earlier question is about. After "What about Lindal?" it is what was asked, of another than Lindal."""
    subjects = _subjects(asked)
    if _INSTEAD.search(question) and _subjects(question):
        kept = asked.replace(subjects[0], " ") if len(subjects) == 1 else asked
        return [_content(kept, TOPIC_WORDS)]
    return list(dict.fromkeys(subjects)) or [_content(asked, TOPIC_WORDS)]


def _person(turns: Sequence[Turn]) -> list[str]:
    """The first person whom the last answer with any names: a name of several words without "the" or "in" before it."""
    for turn in reversed(turns):
        for at, name in _names(turn.answer):
            if " " in name and not re.search(r"\b(?:the|in|at) $", turn.answer[:at], re.IGNORECASE):
                return [name]
    return []


def _content(question: str, most: int) -> str:
    """The first words of a question that carry its meaning."""
    found = [w for w in re.findall(r"[\w’'-]+", question) if w.lower() not in _OPENERS and not _says_nothing(w)]
    return " ".join(found[:most])
