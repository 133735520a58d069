"""What becomes of a quote when its article changes."""

import pytest

from index.types import Article, Span
from qa.standing import standing

QUOTE = "The tower has 214 steps."


@pytest.mark.parametrize(
    ("text", "state", "words"),
    [
        (f"It opens. {QUOTE}", "stands", None),
        (f"{QUOTE} It opens. {QUOTE}", "stands", None),
        ("It opens. The tower has 215 steps. It is old.", "changed", "The tower has 215 steps."),
        ("It opens. The tower of Quorrin has no steps. It is old.", "changed", "The tower of Quorrin has no steps."),
        ("It opens. It is old.", "changed", None),
        ("", "changed", None),
    ],
)
def test_a_quote_stands_is_changed_or_is_taken_out(text: str, state: str, words: str | None) -> None:
    article = Article(id="a", title="A", text=text)
    found = standing(QUOTE, 10, article)
    assert (found.state, found.words) == (state, words)
    assert (text[slice(*found.at)] if found.at else None) == (QUOTE if state == "stands" else None)


def test_a_quote_stands_where_it_stood_or_nearest_to_it() -> None:
    article = Article(id="a", title="A", text=f"{QUOTE} It opens. {QUOTE} It is old. {QUOTE}")
    places = [at for at in range(len(article.text)) if article.text.startswith(QUOTE, at)]
    assert [standing(QUOTE, at, article).at for at in places] == [Span(at, at + len(QUOTE)) for at in places]
    assert standing(QUOTE, places[1] + 3, article).at == Span(places[1], places[1] + len(QUOTE))


def test_a_part_of_a_word_is_not_the_quote() -> None:
    assert standing("Yes", 0, Article(id="a", title="A", text="It was Yesterday.")).state == "changed"


def test_a_quote_of_two_sentences_is_compared_with_two() -> None:
    quote = "The tower has 214 steps. It opens on Sunday."
    text = "It is old. The tower has 215 steps. It opens on Monday. It is tall."
    assert standing(quote, 0, Article(id="a", title="A", text=text)).words == (
        "The tower has 215 steps. It opens on Monday."
    )


def test_an_article_that_is_gone_has_nothing() -> None:
    found = standing(QUOTE, 0, None)
    assert (found.state, found.at, found.words) == ("gone", None, None)
