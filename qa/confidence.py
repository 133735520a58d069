"""How sure it is that a sentence answers a question: a calibrated probability, by logistic regression."""

import math
import re

from index import keywords
from index.language import ENGLISH
from qa.followup import names
from qa.read import Candidate
from qa.terms import holds, keys, terms

WEIGHTS = {"logit": 0.23, "dense": 2.66, "missing": -1.57, "wanting": -1.75}
INTERCEPT = -0.77
"""Of the logistic regression, over the `signals` of the best candidate.

Fitted by `python tests/bench/confidence.py DATA --questions 120` to the half of squad2 and onestopqa that tuning may
see: 240 questions that their own articles answer against 240 asked of the other set's articles and 120 of squad2's
unanswerable ones, which together weigh 0.3 of those. On the other half the AUROC is .99 against the other set's ones.
Since then passages are embedded in int8 and each is read alone: the same fit gives the same weights within 0.15, and
these are kept.
"""
TITLED = 0.25
"""What the logit behind the title counts beside that without it. The sets are as well off with any share; in news,
where a headline names what every sentence of its article is about, a near miss looks like an answer behind it."""
ANSWERS = 0.44
"""The least confidence of an answer: above it lie 91 % of what the sets' own articles answer, and 5 % of what is asked
of the other set's articles (the half fitted to; on the other half 92 % and 3 %)."""

_HOW_MANY = re.compile(
    r"\bhow (?:many|much|old|long|far|tall|big|large|deep|wide|high|fast|often|heavy)\b|\bnumber of\b"
    r"|\bwhat (?:percent\w*|number|amount|share|proportion)\b",
    re.I,
)
_PRICE = re.compile(
    r"\bhow much (?:money|(?:is|are|was|were|do|does|did|will|would) .+ (?:cost|pay|paid|earn|spend|spent)\b)"
    r"|\bhow much (?:is|are|was|were) (?:an?|the) (?:\w+ )*(?:tickets?|fares?|fees?|rent|bill|price|salary|fine)\b",
    re.I,
)
_MONEY = re.compile(r"[€$£¥]|\b(?:euros?|dollars?|pounds?|cents?|pence|yen|yuan|francs?|crowns?|rupees?|free)\b", re.I)
_WHEN = re.compile(r"\bwhen\b|\b(?:what|which) (?:year|date|day|month|decade|century)\b", re.I)
_WHO = re.compile(r"\bwho(?:m|se)?\b", re.I)
_NUMBER = re.compile(
    r"\d|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|\w+teen|\w+ty|hundreds?|thousands?|millions?"
    r"|billions?|half|third|quarter|dozens?|both|several|once|twice|single|no|none)\b",
    re.I,
)
_TIME = re.compile(
    r"\d{3}|\b(?:January|February|March|April|May|June|July|August|September|October|November|December|today|yesterday"
    r"|century|(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day|(?:day|week|month|year|hour)s?|a\.m|p\.m)\b",
    re.I,
)
_PERSON = re.compile(r"\b(?:he|she|they|his|her|their|by|people|men|women|group|scientists|researchers)\b", re.I)

_HARM = (
    (
        r"\b(?:die[ds]?|dying|killed|deaths?|dead|fatalit\w+|lost (?:their|his|her) li(?:fe|ves))\b",
        r"\b(?:die[ds]?|dying|dead|deaths?|deadl\w+|kill\w*|fatal\w*|casualt\w+|victims?|bod(?:y|ies)|drown\w*|perish\w*"
        r"|murder\w*|massacre\w*|execut\w*|assassinat\w*|shot|crushed|suicide|toll|li(?:fe|ves)|mortality|surviv\w+|lost"
        r"|claimed|late|buried|funeral)\b",
    ),
    (
        r"\b(?:injur\w+|hurt|wounded)\b",
        r"\b(?:injur\w+|hurt|wound\w*|harm\w*|hospital\w*|casualt\w+|burn\w*|broke\w*|cut|bruis\w+|fractur\w+)\b",
    ),
    (
        r"\b(?:arrest\w*|detain\w*)\b",
        r"\b(?:arrest\w*|detain\w*|custody|held|charged|jail\w*|imprison\w*|seiz\w+|caught|captur\w+)\b",
    ),
)
"""What one asks how many or who it has befallen, and the words that tell of it: 212,000 people on a ferry did not die.
All 15 such questions of squad2 and mtrag have one of the words in their evidence."""


def signals(question: str, candidate: Candidate) -> dict[str, float]:
    """What the confidence is made of.

    `logit` is made of those with the title and without it; `missing` counts the names, numbers and dates of the
    question that neither the title nor the sentence nor the one before it holds; `wanting` is 1 when the question asks
    who, when or how many, and the two sentences, in English, have no new name, no time or no number, or tell of no harm
    where it asks whom that befell.
    """
    around, language = f"{candidate.article.title}\n{candidate.context}", candidate.article.language
    held = keys(around)
    # "Wann" and "Qui" begin a question with a capital and are no names
    stems = set(keywords.analyse(around, language)) | (keywords.stop_words(language) - keywords.STOPWORDS)
    lacking = [
        t for t in terms(question) if not holds(held, t) and not set(keywords.analyse(t.text, language)) <= stems
    ]
    return {
        "logit": TITLED * candidate.logit + (1 - TITLED) * candidate.untitled,
        "dense": candidate.dense,
        "missing": float(min(len(lacking), 3)),
        "wanting": float(language in (None, ENGLISH) and _wanting(question, candidate.context, around)),
    }


def _wanting(question: str, text: str, around: str) -> bool:
    counted = _HOW_MANY.search(question)
    harms = _HARM if counted or _WHO.search(question) else ()
    if any(re.search(asked, question, re.I) and not re.search(told, around, re.I) for asked, told in harms):
        return True
    if _PRICE.search(question):
        return not _MONEY.search(text)
    if counted:
        return not _NUMBER.search(text)
    if _WHEN.search(question):
        return not _TIME.search(text)
    if _WHO.search(question):
        asked = set(keywords.words(question))
        return not _PERSON.search(text) and all(set(keywords.words(name)) <= asked for name in names(text))
    return False


def confidence(question: str, candidate: Candidate) -> float:
    """The probability, 0 to 1, that the candidate answers the question."""
    found = signals(question, candidate)
    return 1 / (1 + math.exp(-(INTERCEPT + sum(weight * found[name] for name, weight in WEIGHTS.items()))))
