"""What a question asks for: one fact, or something that takes several articles."""

import re
from typing import Literal

Kind = Literal["fact", "which", "compare", "survey", "news", "count", "list"]

MOST_SIDES = 4
LONGEST = 500
"""Characters of a question whose form is read: a longer one is told by no form, and reading it takes long."""

_OPENING = re.compile(
    r"(?:(?:and|so|now|okay|ok|hi|hello|please|tell me|let me know|do you know"
    r"|(?:can|could|would|will) you(?: please)?|i(?:['’]d| would)? (?:like|want)(?: you)? to(?: know| see)?)[,:]?\s+)+",
    re.IGNORECASE,
)
_CLOSING = re.compile(
    r"(?:[\s.?!,;:]|\b(?:are there|please|(?:do )?(?:you|we) have"
    r"|(?:(?:that|which) )?(?:(?:was|were|are|is|has been|have been) )?(?:published|printed|posted|appeared|released)"
    r"|(?:in|from|across) (?:all |any of )?(?:the|these|those|my|our|your) (?:articles|library|collection|papers)))+$",
    re.IGNORECASE,
)

_SOME = (
    r"(?:(?:all|any|an?|each|every|other|more|different|recent|newest|latest|news|of|the|these|those|two|both|my|our|your)"
    r" )*"
)
_ARTICLES = rf"{_SOME}(?:articles?|stories|reports)"
_PRESS = rf"{_SOME}(?:articles?|stories|reports|papers|newspapers|press|media|library|collection|sources)"
_THERE = (
    r"(?: (?:are there|there are|do (?:you|we) have|(?:you|we) have|in (?:the|my|our|your) (?:library|collection)))?"
)
_ABOUT = (
    r"(?:(?:(?:that|which) )?(?:do |does |have |has )?"
    r"(?:(?:mention|cover|discuss)(?:s|ed)?|(?:deal|dealt) with|deals with"
    r"|(?:talk|speak|write|report)s? (?:about|on|of)|(?:wrote|reported|spoke) (?:about|on|of)"
    r"|say (?:some|any)thing about)"
    r"|(?:(?:that|which) )?(?:are|is|were) about"
    r"|mentioning|covering|discussing|dealing with|(?:talking|writing|reporting) (?:about|on)"
    r"|(?:(?:(?:was|were|have been) )?(?:written|published|printed|appeared) )?(?:about|on|regarding|concerning))"
)
"""What stands between articles and their topic. "How many articles does the constitution have?" has none of it."""
_IS = r"(?:is|are|was|were|has been|have been)"
_PASSIVE = (
    rf"(?:(?:{_IS} )(?P<topic>.+?) (?:mentioned|named|covered|discussed)|(?:do|does) (?P<other>.+?) (?:appear|occur))"
)
_SHOW = r"(?:list|show|give|find|name|get)(?: me)?"
_NEWS = r"(?:news|developments?|updates?|reports?|articles?|stories)"
_TOPIC = r"(?P<topic>.+)"
_PAIR = r"(?P<topic>.+?) {} (?P<other>.+)"

_FORMS: tuple[tuple[Kind, str], ...] = (
    ("count", rf"(?:how many|(?:what is |what['’]s )?the number of|count) {_ARTICLES}{_THERE} {_ABOUT} {_TOPIC}"),
    ("count", rf"in how many {_ARTICLES} {_PASSIVE}"),
    ("list", rf"(?:which|what) {_PRESS}{_THERE} {_ABOUT} {_TOPIC}"),
    ("list", rf"in (?:which|what) {_PRESS} {_PASSIVE}"),
    ("list", rf"(?:{_SHOW} |(?:are|is) there |do (?:you|we) have )?{_ARTICLES}{_THERE} {_ABOUT} {_TOPIC}"),
    (
        "list",
        rf"{_SHOW} (?:everything|anything|all)(?: that)?(?: there is| you have| we have)? (?:about|on) {_TOPIC}",
    ),
    (
        "survey",
        rf"what (?:do|does|did|have|has) {_PRESS} (?:say|said|report|write|written) (?:about|on|of) {_TOPIC}",
    ),
    ("survey", rf"what {_IS} (?:being )?(?:said|reported|written) (?:about|on) {_TOPIC}"),
    (
        "survey",
        rf"how (?:do|does|did|have|has) {_PRESS} (?:cover|covered|report on|reported on|describe|see) {_TOPIC}",
    ),
    (
        "survey",
        rf"summari[sz]e (?:(?:the )?(?:coverage|news|reporting)(?: of| on| about)|what (?:is|{_PRESS} say)"
        rf"(?: known| said| reported)? about|{_ARTICLES} {_ABOUT}) {_TOPIC}",
    ),
    (
        "survey",
        rf"(?:give me )?(?:an?|the) (?:summary|overview) of (?:the )?(?:coverage|news) (?:of|on|about) {_TOPIC}",
    ),
    (
        "survey",
        rf"(?:(?:what (?:is|are)|what['’]s) )?(?:the )?(?:latest|newest|most recent)(?: {_NEWS})?"
        rf" (?:on|about|of|from|in|with) {_TOPIC}",
    ),
    ("survey", rf"what(?:['’]s| is) new (?:on|about|in|with|at) {_TOPIC}"),
    ("compare", rf"(?:compare|contrast|(?:a |the )?comparison (?:of|between)) {_TOPIC}"),
    ("compare", rf"(?:(?:what (?:is|are)|what['’]s) )?(?:the )?differences? (?:between|among) {_TOPIC}"),
    ("which", rf"(?:which|who) of (?:the |these |those )?two {_TOPIC}"),
    ("compare", rf"how (?:do|does|did) {_PAIR.format('differ from')}"),
    ("compare", rf"how (?:do|does|did) {_PAIR.format('and')} (?:differ|compare)"),
    (
        "compare",
        rf"(?:where |on what |how )?do {_PRESS} (?:agree|disagree|differ) (?:on|about|over) {_TOPIC}",
    ),
)
_NOTHING_ELSE = re.compile(
    rf"(?:what (?:has |have |all )?(?:happened|is happening|was happening|went on|is going on|was going on)"
    rf"|what(?:['’]s| is| was| is being| has been) (?:there )?(?:in the news|the news|new|reported|the latest)"
    rf"|what did i miss|what (?:do|did|does) {_PRESS} (?:say|report|write|publish)"
    rf"|(?:{_SHOW} )?(?:the |any |all )*(?:latest |newest |recent |top |today['’]s )*(?:news|headlines)"
    r"|what(?:['’]s| is| are| was| were) the (?:latest |newest |recent |top )*(?:news|headlines))(?: there| here)?",
    re.IGNORECASE,
)
"""A question that names no topic, once its time is taken out: "What happened (last week)?"."""
_ALL_OF_THEM = re.compile(
    rf"(?:(?P<count>how many|(?:what is |what['’]s )?the number of|count)|which|what|{_SHOW}) {_ARTICLES}"
    r"(?: (?:is|are|was|were))?(?: there)?",
    re.IGNORECASE,
)
"""A count or a list that names no topic, once its time and its publisher are taken out: "How many were published"."""
_OF_ARTICLES = re.compile(
    rf"(?:in )?(?:how many|(?:what is |what['’]s )?the number of|count) {_ARTICLES}\b"
    rf"|(?:in )?(?:which|what|{_SHOW}) {_SOME}articles?\b|how (?:often|many times) .*\b(?:mention|name)",
    re.IGNORECASE,
)
UNCOUNTED = (
    "Articles are counted and listed by what they mention, who published or wrote them, and when; "
    "not by what they lack, how long they are or how often they say something."
)
_SIDES = re.compile(r",? (?:and|with|to|versus|vs\.?|or) (?=(?:the |a |an )?[\w“\"'])|, ", re.IGNORECASE)
_COMPILED = tuple((form, re.compile(words, re.IGNORECASE)) for form, words in _FORMS)


def kind(question: str) -> tuple[Kind, str]:
    """The kind of a question, and its topic: the words that it asks about; the whole question for "fact" and "which". A
    count or a list without a topic is of all articles.

    A rule reads the form of the question only: which words stand around "articles", "compare", "difference". The
    capitals of a question that is all in capitals say nothing.
    """
    asked = " ".join(question.split())
    if len(asked) > LONGEST:
        return "fact", question
    if opening := _OPENING.match(asked):
        asked = asked[opening.end() :]
    asked = _CLOSING.sub("", asked)
    if _NOTHING_ELSE.fullmatch(asked):
        return "news", ""
    if every := _ALL_OF_THEM.fullmatch(asked):
        return "count" if every["count"] else "list", ""
    for found, form in _COMPILED:
        if match := form.fullmatch(asked):
            said = match.groupdict()
            topic = " and ".join(words for words in (said.get("topic"), said.get("other")) if words)
            topic = _CLOSING.sub("", topic)
            if found == "which" or not re.search(r"\w", topic):
                return ("which" if found == "which" else "fact"), question
            return found, topic.lower() if asked.isupper() else topic
    return "fact", question


def of_articles(question: str) -> bool:
    """Whether a question asks for a count or a list of articles, be it by something that is not counted."""
    return bool(_OF_ARTICLES.match(question))


def sides(topic: str) -> tuple[str, ...]:
    """What a topic sets side by side: "the ferry and the bridge" are two; "the damage estimates" are one."""
    found = tuple(dict.fromkeys(part.strip() for part in _SIDES.split(topic) if part.strip()))
    return found if 2 <= len(found) <= MOST_SIDES else (topic,)
