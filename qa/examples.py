"""Example questions, each of which Dateline answers from the indexed article it was made from."""

import re
from collections.abc import Callable, Collection, Iterable, Iterator
from itertools import islice

from index import keywords
from index.types import Article
from qa.types import Answer

NEWEST = 12
"""Articles that are looked at."""
TRIED = 8
"""Questions that are tried; each takes as long as an answer."""

_WORD = r"[A-Z](?:['’][A-Z])?[\w-]*[a-z]"
_OPENER = rf"(?i:{'|'.join(keywords.STOPWORDS)}|(?:mon|tues|wednes|thurs|fri|satur|sun)day)"
_NAME = rf"(?!{_OPENER} )(?:Dr |Mrs? |Ms )?{_WORD}(?: {_WORD}){{1,2}}"
_PLACE = re.compile(
    r"(?:Street|Road|Avenue|Lane|Square|Bridge|Park|River|Lake|Valley|Hills?|Island|Bay|Beach|Harbou?r|Port|Station"
    r"|Airport|Plant|Tower|Hall|Castle|Palace|Stadium|County|Coast)$"
)
"""How the names of places end, of which no one asks who they are or what they said."""
_ROLE = (
    r"(?:director|mayor|minister|president|spokes(?:man|woman|person)|head|chief|leader|chair(?:man|woman)?|captain|coach"
    r"|engineer|professor|secretary|inspector|officer|judge|founder|owner|analyst|researcher|manager)"
)
_FORMS = (
    (re.compile(rf"\b{_ROLE},? ({_NAME})|\b({_NAME}), (?:the|a|an|who) (?:[a-z’'-]+ )*{_ROLE}\b"), "Who is {}?"),
    (
        # who is "of Port Halden" said it, and not the place
        re.compile(rf"\b(?:(?:in|on|at|of|near|from) (?:the )?{_NAME}|({_NAME})) (?:said|told|warned|announced)\b"),
        "What did {} say?",
    ),
    (re.compile(rf"\b({_NAME})\b"), "What do the articles say about {}?"),
)


def example_questions(
    articles: Iterable[Article],
    ask: Callable[[str], Answer],
    *,
    asked: Collection[str] = (),
    count: int = 3,
    tries: int = TRIED,
) -> tuple[str, ...]:
    """Questions of different forms, from different articles where there are enough, each of which `ask` answers.

    None of those that were `asked` already is among them; at most `tries` are tried.
    """
    known = {question.casefold().strip() for question in asked}
    made = [
        (article.id, [(form, q) for form, q in _made(article) if q.casefold() not in known])
        for article in islice(articles, NEWEST)
    ]
    chosen: dict[str, str] = {}  # question → article
    tried: set[str] = set()
    for again in (False, True):
        for form in range(len(_FORMS)):
            for article_id, candidates in made:
                question = next((q for f, q in candidates if f == form and q not in tried), None)
                if question is None or (not again and article_id in chosen.values()):
                    continue
                if len(chosen) == count or len(tried) == tries:
                    return tuple(chosen)
                tried.add(question)
                answer = ask(question)
                if not answer.abstained and answer.citations[0].article.id == article_id:
                    chosen[question] = article_id
                    break
    return tuple(chosen)


def _made(article: Article) -> Iterator[tuple[int, str]]:
    """The questions that an article suggests: form and question. Names of the last form are those in the title."""
    for form, (pattern, template) in enumerate(_FORMS):
        for match in pattern.finditer(article.text):
            name = next(filter(None, match.groups()), "")
            fits = name in article.title if template == _FORMS[-1][1] else not _PLACE.search(name)
            if name and fits:
                yield form, template.format(name)
