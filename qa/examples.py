"""Example questions, each of which Dateline answers from the indexed article it was made from."""

import re
from collections.abc import Callable, Iterable, Iterator
from itertools import islice

from index.chunk import sentences
from index.types import Article
from qa.types import Answer

NEWEST = 12
"""Articles that are looked at."""
TRIED = 8
"""Questions that are tried; each takes as long as an answer."""

_NAME = r"[A-Z][a-z’'-]+(?: [A-Z][a-z’'-]+){1,2}"
_FORMS = (
    (re.compile(r"\b\d[\d,]* ([a-z]+s|people) (were|have been|had been) ([a-z]+ed)\b"), "How many {0} {1} {2}?"),
    (re.compile(rf"({_NAME}), (?:the|a|an|who) [a-z]"), "Who is {0}?"),
    (re.compile(rf"({_NAME}) (?:said|told)\b"), "What did {0} say?"),
)


def example_questions(articles: Iterable[Article], ask: Callable[[str], Answer], *, count: int = 3) -> tuple[str, ...]:
    """Questions of different forms, each about another article, which `ask` answers from that article."""
    chosen: list[str] = []
    made = [list(_made(article)) for article in islice(articles, NEWEST)]
    used: set[int] = set()
    tried = 0
    for form in range(len(_FORMS)):
        for number, candidates in enumerate(made):
            if len(chosen) == count or tried == TRIED:
                return tuple(chosen)
            question = next((q for f, q, _ in candidates if f == form), None)
            if question is None or number in used:
                continue
            tried += 1
            answer = ask(question)
            if not answer.abstained and answer.citations[0].article.id == candidates[0][2]:
                chosen.append(question)
                used.add(number)
                break
    return tuple(chosen)


def _made(article: Article) -> Iterator[tuple[int, str, str]]:
    """The questions that one article's sentences suggest: form, question, article id."""
    for part in sentences(article.text, article.headings, article.language):
        if part.heading:
            continue
        for form, (pattern, template) in enumerate(_FORMS):
            if match := pattern.search(article.text, part.start, part.end):
                yield form, template.format(*match.groups()), article.id
