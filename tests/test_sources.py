"""How an article is named in a sentence."""

from index.types import Article
from qa.sources import day, source


def test_an_article_is_named_by_its_publisher_or_title_and_its_day() -> None:
    article = Article(
        id="a", title="Fire", text="It burned.", publisher="Courier", published="2026-09-04T23:30:00+02:00"
    )
    assert source(article) == "Courier, 4 September 2026"
    assert source(Article(id="a", title="Fire", text="It burned.")) == "Fire, undated"
    assert day("soon") == "soon"
