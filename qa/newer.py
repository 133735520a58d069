"""What is newer than an answer: an article among its hits that has the words of the question too."""

from index import keywords
from index.language import ENGLISH
from index.types import Article, Chunk
from qa.copies import plain
from qa.followup import names
from qa.sources import source
from qa.types import Draft


def newer_article(draft: Draft, question: str, *, now: bool = False) -> str | None:
    """A pointer to the newest hit that holds all words of the question, when it is newer than what is quoted.

    For a question about `now` a title with the names in it is enough: of the bridge's reopening it need not say "open".
    An article that only prints the quoted words again is not newer.
    """
    named = " and ".join(names(question)) if now else ""
    newest = newest_quoted(draft)
    asked_in = keywords.spoken(question, {hit.chunk.article.language or ENGLISH for hit in draft.hits})
    said = [plain(quote.line) for sentence in draft.sentences for quote in sentence.quotes]
    later = [
        hit.chunk.article
        for hit in draft.hits
        if newest
        and newest < (hit.chunk.article.published or "")[:10]
        and (_holds(hit.chunk, question, asked_in) or (named and _named(hit.chunk.article, named)))
        and not any(words in plain(hit.chunk.article.text) for words in said)
    ]
    article = max(later, key=lambda article: article.published or "", default=None)
    if article is None:
        return None
    told = f"speaks of {named}" if named else "has the words of this question"
    return f"A newer article {told} too: “{article.title}” ({source(article)})."


def _holds(chunk: Chunk, question: str, asked_in: str | None) -> bool:
    language = chunk.article.language
    wanted = keywords.query_terms(question, [language], asked_in=asked_in)
    return set(wanted) <= set(keywords.analyse(f"{chunk.article.title} {chunk.text}", language))


def _named(article: Article, names: str) -> bool:
    return set(keywords.query_terms(names)) <= set(keywords.analyse(article.title))


def newest_quoted(draft: Draft) -> str:
    """The day of the newest article that a draft quotes; "" when none has one."""
    return max(((q.article.published or "")[:10] for s in draft.sentences for q in s.quotes), default="")
