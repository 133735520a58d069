"""The lists of the page as HTML: the articles, and the conversations."""

from collections.abc import Sequence

from index.conversations import Conversation
from index.types import Article
from qa.sources import day
from ui.markup import button, byline, escape


def articles_html(articles: Sequence[Article], total: int, *, sought: str, step: int, removable: bool) -> str:
    """The newest articles, each with what can be done with it, how many there are, and a way to `step` older ones.

    `sought` are the words that all of them have.
    """
    shown = f", the newest {len(articles)} of them here" if len(articles) < total else ""
    found = f"{total:,} article{'' if total == 1 else 's'}{shown}" if total else "No article fits."
    count = f'<p class="dl-note" role="status" data-sought="{escape(sought)}">{found}</p>'
    if not total:
        return count
    items = "".join(_article_html(article, removable=removable) for article in articles)
    older = min(total - len(articles), step)
    more = f"<p>{button(f'Show {older} more', 'expand', look='dl-text-button')}</p>" if older > 0 else ""
    return f'{count}<ul class="dl-list">{items}</ul>{more}'


def _article_html(article: Article, *, removable: bool) -> str:
    remove = button("Remove", "delete", article.id, look="dl-text-button", confirm="Remove for good?")
    return (
        f"<li><div>{button(article.title, 'select', article.id, look='dl-title-button')}"
        f'<p class="dl-by">{byline(article)}</p></div>{remove if removable else ""}</li>'
    )


def conversations_html(conversations: Sequence[Conversation]) -> str:
    """The conversations, the last one first, each to be opened or deleted."""
    if not conversations:
        return '<p class="dl-note">What you ask is kept here.</p>'
    return f'<ul class="dl-list">{"".join(map(_conversation_html, conversations))}</ul>'


def _conversation_html(conversation: Conversation) -> str:
    questions = f"{conversation.questions} question{'' if conversation.questions == 1 else 's'}"
    delete = button("Delete", "delete", conversation.id, look="dl-text-button", confirm="Delete for good?")
    return (
        f"<li><div>{button(conversation.title, 'select', conversation.id, look='dl-title-button')}"
        f'<p class="dl-by">{_time_html(conversation.asked_at)} · {questions}</p></div>{delete}</li>'
    )


def _time_html(at: str) -> str:
    """A moment in UTC, of which page.js makes one of where it is read."""
    return f'<time datetime="{escape(at)}">{escape(day(at))}, {escape(at[11:16])} UTC</time>'
