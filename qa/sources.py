"""How an article is named in a sentence: who published it and when."""

from datetime import date

from index.types import Article


def day(published: str) -> str:
    """An ISO 8601 day as a reader writes it, "14 September 2026"; what is no day stays as it is."""
    try:
        found = date.fromisoformat(published[:10])
    except ValueError:
        return published
    return f"{found.day} {found:%B %Y}"


def source(article: Article) -> str:
    """The publisher, else the title, and the day: "Port Halden Courier, 14 September 2026"."""
    return f"{article.publisher or article.title}, {day(article.published) if article.published else 'undated'}"
