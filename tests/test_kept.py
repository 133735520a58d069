"""Answers that are opened again: what they rest on is compared with the articles as they are now."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from conftest import Indifferent
from tiny import NOW, news

from index.build import add, remove
from index.errors import StorageError
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


Found = tuple[str, str, dict[int, tuple[str, str | None]]]


def opened_again(index: Index, change: Callable[[], object]) -> Found:
    """What is left of a kept answer after a change: its quote, the text of its article, and what is lost of it."""
    service = Service(index, Indifferent(), now=lambda: NOW)  # type: ignore[arg-type]
    dam = service.article("dam")
    draft = Draft(
        (DraftSentence("The dam holds.", (Quote(dam, 0, 14),), "The dam"),),
        (Hit(Chunk("c", dam, 15, len(TEXT)), 1.0, {}),),
        0.9,
    )
    with index.library.read() as snapshot:
        answer = Verification(snapshot).answer(draft, question="Why?", standalone_question="Why?")
    kept = written(0, "Why?", Filters(), answer)
    change()
    found, lost = restored(kept, service.article)
    assert found.sentences == answer.sentences
    (citation,) = found.citations
    assert citation.article.text[citation.start : citation.end] == citation.quote
    return citation.quote, citation.article.text, {n: (s.state, s.words) for n, s in lost.items()}


def changed_to(index: Index, text: str) -> Callable[[], object]:
    return lambda: add(index, [news("dam", text)], now=NOW)


def test_an_answer_comes_back_as_it_was_while_its_article_is(index: Index) -> None:
    assert opened_again(index, lambda: None) == ("The dam holds.", TEXT, {})


def test_a_quote_that_stands_elsewhere_in_its_article_now_still_stands(index: Index) -> None:
    text = "It rained. The dam holds. The end."
    assert opened_again(index, changed_to(index, text)) == ("The dam holds.", text, {})


def test_of_a_passage_that_was_changed_only_the_quote_is_left_and_what_is_there_now(index: Index) -> None:
    text = "It rained a lot. The dam broke. It was built in 1904."
    found = opened_again(index, changed_to(index, text))
    assert found == ("The dam holds.", "The dam holds.", {1: ("changed", "The dam broke.")})


def test_of_a_passage_that_was_taken_out_only_the_quote_is_left(index: Index) -> None:
    found = opened_again(index, changed_to(index, "Rivers are long."))
    assert found == ("The dam holds.", "The dam holds.", {1: ("changed", None)})


def test_of_an_article_that_is_gone_too(index: Index) -> None:
    found = opened_again(index, lambda: remove(index, "dam"))
    assert found == ("The dam holds.", "The dam holds.", {1: ("gone", None)})


@pytest.mark.parametrize(
    "change",
    [{"citations": [{"n": '"><b>'}]}, {"sentences": [{"text": "", "citations": ["<b>"]}]}, {"hits": 1}, None],
)
def test_what_is_no_answer_is_not_opened(index: Index, change: dict[str, object] | None) -> None:
    service = Service(index, Indifferent(), now=lambda: NOW)  # type: ignore[arg-type]
    kept = written(0, "Why?", Filters(), service.ask("Why?"))
    broken = replace(kept, answer={**kept.answer, **change} if change else {})
    restored(kept, service.article)
    with pytest.raises(StorageError, match="is not as Dateline keeps answers"):
        restored(broken, service.article)
