"""Every chunk that holds some phrases, over the whole library."""

from collections.abc import Callable

from tiny import NOW, news

from index import keywords
from index.build import add
from index.store import Index
from index.types import Filters

OpenTiny = Callable[..., Index]


def found(index: Index, *phrases: str, filters: Filters | None = None) -> list[str]:
    with index.library.read() as snapshot:
        chunks = list(snapshot.chunks_with([[keywords.analyse(phrase) for phrase in phrases]], filters))
    assert all(chunk.text == chunk.article.text[chunk.start : chunk.end] for chunk in chunks)
    return [chunk.article.id for chunk in chunks]


def test_a_phrase_is_found_in_a_row_in_text_or_title_and_the_newest_article_comes_first(open_tiny: OpenTiny) -> None:
    index = open_tiny()
    add(
        index,
        [
            news("undated", "The paint maker burned.", title="Fire"),
            news("old", "The paint maker burned.", title="Fire", published="2026-01-02"),
            news("new", "It burned.", title="Paint maker on fire", published="2026-02-03"),
            news("apart", "The maker of paint burned.", title="Fire", published="2026-03-04"),
        ],
        now=NOW,
    )
    assert found(index, "paint maker") == ["new", "old", "undated"]
    assert found(index, "paint", "maker") == ["apart", "new", "old", "undated"]
    assert found(index, "paint maker", "zebra") == []
    assert found(index, "paint maker", filters=Filters(since="2026-01-15")) == ["new"]


def test_articles_are_counted_within_filters(open_tiny: OpenTiny) -> None:
    index = open_tiny()
    add(
        index,
        [
            news("one", "It burned.", publisher="Gazette", published="2026-01-02"),
            news("two", "It rained.", publisher="Courier", published="2026-01-02"),
            news("three", "It snowed.", publisher="Gazette"),
        ],
        now=NOW,
    )
    with index.library.read() as snapshot:
        assert snapshot.count_articles() == 3
        assert snapshot.count_articles(Filters(publishers=("gazette",))) == 2
        assert snapshot.count_articles(Filters(publishers=("Gazette",), since="2026-01-01")) == 1
