"""Answers that are opened again: what they rest on is compared with the articles as they are now."""

from collections.abc import Callable

import pytest
from conftest import Indifferent
from tiny import NOW, news

from index.build import add, remove
from index.store import Index
from index.types import Chunk, Filters, Hit
from qa.types import Draft, DraftSentence, Quote
from qa.verify import Verification
from ui.kept import restored, written
from ui.service import Service

TEXT = "The dam holds. It was built in 1904."


@pytest.fixture
def index(open_tiny: Callable[..., Index]) -> Index:
    opened = open_tiny()
    add(opened, [news("dam", TEXT)], now=NOW)
    return opened


def opened_again(index: Index, change: Callable[[], object]) -> tuple[str, str, bool]:
    """What is left of a kept answer after a change: its quote, the text of its article, and whether that differs."""
    service = Service(index, Indifferent(), now=lambda: NOW)  # type: ignore[arg-type]
    dam = service.article("dam")
    draft = Draft((DraftSentence.verbatim(Quote(dam, 0, 14)),), (Hit(Chunk("c", dam, 15, len(TEXT)), 1.0, {}),), 0.9)
    with index.library.read() as snapshot:
        answer = Verification(snapshot).answer(draft, question="Why?", standalone_question="Why?", timings={})
    kept = written(0, "Why?", Filters(), answer)
    change()
    found, differs = restored(kept, service)
    assert found.sentences == answer.sentences and len(found.hits) == (0 if differs else 1)
    (citation,) = found.citations
    assert citation.article.text[citation.start : citation.end] == citation.quote
    return citation.quote, citation.article.text, differs


def test_an_answer_comes_back_as_it_was_while_its_article_is(index: Index) -> None:
    assert opened_again(index, lambda: None) == ("The dam holds.", TEXT, False)


def test_of_an_article_that_was_changed_or_removed_only_the_quote_is_left(index: Index) -> None:
    def change() -> None:
        add(index, [news("dam", "At last the dam broke.")], now=NOW)

    assert opened_again(index, change) == ("The dam holds.", "The dam holds.", True)


def test_of_an_article_that_is_gone_too(index: Index) -> None:
    assert opened_again(index, lambda: remove(index, "dam")) == ("The dam holds.", "The dam holds.", True)
