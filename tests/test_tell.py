"""What is told while an answer is made: stages, sentences as they are checked, and how the work is given up."""

from collections.abc import Iterator

import pytest
from llm_server import LlmServer, serving
from test_compose import CRACKS, NOW, WHY

from index.store import Index
from qa.ask import ask
from qa.llm import Timeouts, Writer
from qa.rerank import Reranker
from qa.types import Answer, Shown, Stage


@pytest.fixture(scope="module")
def server() -> Iterator[LlmServer]:
    with serving() as running:
        yield running


class GivenUp(Exception):
    pass


def told(index: Index, reranker: Reranker, question: str, **options: object) -> tuple[list[Stage | Shown], Answer]:
    events: list[Stage | Shown] = []
    return events, ask(index, reranker, question, now=NOW, tell=events.append, **options)


def stages(events: list[Stage | Shown]) -> list[str]:
    return [e.name for e in events if isinstance(e, Stage)]


def assert_shown_is_answered(events: list[Stage | Shown], answer: Answer) -> None:
    shown = [e for e in events if isinstance(e, Shown)]
    assert tuple(e.sentence for e in shown) == answer.sentences
    assert tuple(c for e in shown for c in e.citations) == answer.citations


def test_stages_are_told_in_order_and_the_sentences_are_those_of_the_answer(
    samples_index: Index, reranker: Reranker
) -> None:
    events, answer = told(samples_index, reranker, WHY)
    assert stages(events) == ["understanding", "searching", "reading", "checking"]
    assert answer.sentences and isinstance(events[-1], Shown)
    assert_shown_is_answered(events, answer)


def test_a_refusal_tells_of_no_sentence(samples_index: Index, reranker: Reranker) -> None:
    events, answer = told(samples_index, reranker, "What is the capital of France?")
    assert answer.abstained and not [e for e in events if isinstance(e, Shown)]


def test_a_models_sentences_are_told_while_it_goes_on_writing(
    samples_index: Index, reranker: Reranker, server: LlmServer
) -> None:
    server.answer = (
        f"{CRACKS} Aliens did it. [1] The PAUSElonger of the two cracks measures 38 centimetres. [1] I am done now"
    )
    server.go_on.clear()
    seen: list[tuple[str, bool]] = []

    def tell(event: Stage | Shown) -> None:
        if isinstance(event, Shown):
            seen.append((event.sentence.text, server.paused))
            server.go_on.set()

    answer = ask(samples_index, reranker, WHY, now=NOW, tell=tell, writer=Writer("pausing", server.url))
    assert [text for text, _ in seen] == [s.text for s in answer.sentences] and len(seen) == 2
    assert seen[0][1], "the first sentence was not told before the last was written"
    assert answer.removed == 2 and answer.composer == "pausing"


def test_what_a_model_has_written_well_stays_when_it_breaks_off(
    samples_index: Index, reranker: Reranker, server: LlmServer
) -> None:
    server.answer = f"{CRACKS} The longer of the two cracks measures 38 centimetres. [1]"
    events, answer = told(samples_index, reranker, WHY, writer=Writer("breaking", server.url))
    assert [s.text for s in answer.sentences] == [CRACKS.removesuffix(" [1]")] and answer.composer == "breaking"
    assert any("hung up" in note and "until then" in note for note in answer.notes)
    assert_shown_is_answered(events, answer)


@pytest.mark.parametrize("at", ["understanding", "searching", "reading", "checking"])
def test_whoever_is_told_can_give_up_at_each_stage(samples_index: Index, reranker: Reranker, at: str) -> None:
    def tell(event: Stage | Shown) -> None:
        if event == Stage(at):
            raise GivenUp

    with pytest.raises(GivenUp):
        ask(samples_index, reranker, WHY, now=NOW, tell=tell)


def test_a_model_that_goes_on_and_on_is_given_up_with_the_question(
    samples_index: Index, reranker: Reranker, server: LlmServer
) -> None:
    server.answer = f"{CRACKS} And "
    writer = Writer("rambling", server.url, timeouts=Timeouts(5, 60, 60))

    def tell(event: Stage | Shown) -> None:
        if isinstance(event, Shown):
            raise GivenUp

    server.hung_up.clear()
    with pytest.raises(GivenUp):
        ask(samples_index, reranker, WHY, now=NOW, tell=tell, writer=writer)
    assert server.hung_up.wait(10), "the model's server was left writing"
