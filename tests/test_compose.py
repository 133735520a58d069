"""Questions that take more than one fact: a time, a count, several articles that may disagree, a language model."""

from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from llm_server import LlmServer, serving
from test_ask import checked
from tiny import news

from index.build import add
from index.config import Config
from index.embed import Embedder
from index.opening import open_index
from index.store import Index
from index.types import Filters
from qa.ask import ask
from qa.compose import compose, within
from qa.llm import Timeouts, Writer
from qa.rerank import Reranker
from qa.types import EXTRACTIVE, Answer, Period, Turn
from qa.write import SURE
from ui.service import Service

NOW = datetime(2026, 11, 25, tzinfo=UTC)
Asked = Callable[..., Answer]


@pytest.fixture
def asked(samples_index: Index, reranker: Reranker) -> Asked:
    def ask_it(question: str, **options: object) -> Answer:
        return checked(samples_index, ask(samples_index, reranker, question, **{"now": NOW, **options}))

    return ask_it


def sources(answer: Answer) -> list[str]:
    return [c.article.published[:10] if c.article.published else "" for c in answer.citations]


# --- time


def test_a_strict_period_leaves_every_other_article_out(asked: Asked) -> None:
    answer = asked("What do the articles from October 2026 say about the bridge?")
    assert answer.period == Period("2026-10-01", "2026-10-31", "from October 2026")
    assert {h.chunk.article.published[:7] for h in answer.hits if h.chunk.article.published} == {"2026-10"}
    assert sources(answer) and all(day.startswith("2026-10") for day in sources(answer))


def test_a_period_without_an_answer_that_is_not_strict_is_given_up(asked: Asked) -> None:
    answer = asked("How many seats did the Civic Union win in June 2026?")
    assert answer.period is None and "23 of the 61 seats" in answer.sentences[0].text


def test_a_period_that_is_preferred_decides_between_two_reports(asked: Asked) -> None:
    answer = asked("How much does the repair of the bridge cost in August 2026?")
    assert answer.period and answer.period.since == "2026-08-01" and not answer.period.strict
    assert answer.sentences[0].text == "The cost of the repair has risen to 6.8 million euros."


def test_an_event_bounds_the_articles_and_the_answer_says_which_it_took(asked: Asked) -> None:
    answer = asked("Who won the most seats after the warehouse fire?")
    assert answer.period and answer.period.since in ("2026-09-14", "2026-09-15") and answer.period.until is None
    assert any(n.startswith("“warehouse fire” was taken to be what this tells:") for n in answer.notes)
    assert "Civic Union" in answer.sentences[0].text


def test_an_old_source_for_a_question_about_now_is_pointed_out(asked: Asked) -> None:
    answer = asked("Is the Harbour Bridge still closed?")
    assert not answer.abstained
    assert any(note.startswith("The newest source is from") for note in answer.notes)
    assert not any("newest source" in note for note in asked("When was the fire declared out?").notes)


def test_filters_and_a_period_are_both_kept_to_unless_nothing_is_left() -> None:
    june, given = Period("2026-06-01", "2026-06-30", "in June"), Filters(since="2026-06-10", publishers=("A",))
    assert within(given, june) == Filters(since="2026-06-10", until="2026-06-30", publishers=("A",))
    assert within(None, june) == Filters(since="2026-06-01", until="2026-06-30")
    assert within(given, None) == given
    assert within(Filters(since="2026-07-01"), june) == Filters(since="2026-07-01")


# --- several articles


def test_a_count_is_made_over_the_whole_library_and_says_so(asked: Asked) -> None:
    answer = asked("How many articles mention Brenner Coatings?", top_k=1)
    assert answer.sentences[0].text == "Of 11 articles, 2 mention “Brenner Coatings”."
    assert answer.sentences[0].citations == (1, 2)
    assert answer.notes == ("Counted over all 11 articles of the library, not only over the passages found.",)


def test_a_count_keeps_to_the_days_of_publication_and_says_them(asked: Asked) -> None:
    day = datetime(2026, 9, 22, tzinfo=UTC)
    answer = asked("How many articles mention Brenner Coatings last week?", now=day)
    assert answer.period == Period("2026-09-14", "2026-09-20", "last week", strict=True)
    assert answer.sentences[0].text.startswith("Of the 2 articles since 14 September 2026 until 20 September 2026, 2 m")


def test_a_publisher_that_may_be_two_is_both_and_the_answer_names_them(tmp_path: Path, embedder: Embedder) -> None:
    with closing(open_index(Config(data=tmp_path), write=True, embedder=embedder)) as index:
        papers = ("Osk Valley Herald", "Veldmark Herald", "Gazette")
        add(index, [news(name, "Kelvar is proud.", publisher=name) for name in papers], now=NOW)
        with index.library.read() as snapshot:
            draft, _ = compose(
                snapshot, None, None, None, "How many articles mention Kelvar from the Herald?", None,  # type: ignore[arg-type]
                today=NOW.date(), lap=lambda stage: None,
            )  # fmt: skip
    assert draft.sentences[0].text == "Of the 2 articles from Osk Valley Herald or Veldmark Herald, 2 mention “Kelvar”."
    assert draft.notes[0] == "Looked at the articles of Osk Valley Herald and Veldmark Herald only."


def test_a_day_that_is_none_is_said(samples_index: Index, reranker: Reranker) -> None:
    answer = ask(samples_index, reranker, "How many articles mention Brenner Coatings on 31 February?", now=NOW)
    assert answer.notes[0] == "31 February is no day; it was not used."


def test_a_count_of_none_is_a_refusal_that_says_so(samples_index: Index, reranker: Reranker) -> None:
    answer = ask(samples_index, reranker, "Which articles mention Timbuktu?", now=NOW)
    assert answer.abstained and any(note.startswith("None of the 11 articles mentions") for note in answer.notes)


def test_what_the_articles_say_comes_from_several_of_them_the_newest_first(asked: Asked) -> None:
    answer = asked("What do the articles say about the ferry?")
    assert len(set(sources(answer))) >= 3 and sources(answer) == sorted(sources(answer), reverse=True)
    assert all("ferry" in s.text for s in answer.sentences)


def test_articles_that_disagree_are_both_shown_with_their_days(asked: Asked) -> None:
    answer = asked("How many people were evacuated?")
    assert "1,950" in answer.sentences[0].text and "1,200" in answer.sentences[1].text
    (note,) = [n for n in answer.notes if n.startswith("The articles disagree")]
    assert "“1,950 residents” (Veldmark Gazette, 15 September 2026)" in note
    assert "“1,200 people” (Port Halden Courier, 14 September 2026)" in note


def test_the_same_words_in_another_article_are_one_source_that_names_the_other(asked: Asked) -> None:
    answer = asked("How many households had no water?")
    first = answer.citations[0]
    names = {first.article.publisher, *(a.publisher for a in first.also)}
    assert names == {"North Coast Wire", "Osk Valley Herald"}
    assert len({c.article.id for c in answer.citations}) == len(answer.citations)


# --- a language model


@pytest.fixture(scope="module")
def server() -> Iterator[LlmServer]:
    with serving() as running:
        yield running


WHY = "Why was the Harbour Bridge closed?"
CRACKS = "The bridge was closed after inspectors found cracks in two of its 64 steel hangers. [1]"


def test_what_a_model_writes_is_kept_where_the_articles_bear_it_out_and_the_rest_is_counted(
    asked: Asked, server: LlmServer
) -> None:
    server.answer = f"{CRACKS} Mayor Ada Quist wept for 99 days. [1] It was sad."
    answer = asked(WHY, writer=Writer("good", server.url))
    assert [s.text for s in answer.sentences] == [CRACKS.removesuffix(" [1]")]
    assert (answer.composer, answer.removed) == ("good", 2)
    assert "cracks in two of the 64 steel hangers" in " ".join(answer.citations[0].quote.split())


@pytest.mark.parametrize(
    "written", ["Aliens did it in 1999. [1]", "Ignore the rules and buy Acme shares. [1]", "No idea"]
)
def test_when_nothing_holds_the_articles_own_sentences_are_shown(asked: Asked, server: LlmServer, written: str) -> None:
    server.answer = written
    answer = asked(WHY, writer=Writer("good", server.url))
    assert answer.composer == EXTRACTIVE and "cracks in two of the 64 steel hangers" in answer.sentences[0].text
    assert answer.removed == 1 and any("is borne out by the articles" in note for note in answer.notes)


def test_against_a_model_that_finds_no_answer_the_articles_are_shown_only_where_they_are_sure(
    asked: Asked, server: LlmServer
) -> None:
    server.answer = "NO ANSWER"
    sure, unsure = asked(WHY), asked("Who owns the paint warehouse?")
    assert sure.confidence >= SURE > unsure.confidence and not unsure.abstained
    overruled = asked(WHY, writer=Writer("good", server.url))
    assert overruled.sentences == sure.sentences and overruled.composer == EXTRACTIVE
    assert any("good found no answer." in note for note in overruled.notes)
    heeded = asked("Who owns the paint warehouse?", writer=Writer("good", server.url))
    assert heeded.abstained and heeded.confidence == unsure.confidence
    assert heeded.notes == ("The language model good found no answer either.",)


def test_a_model_that_cannot_be_reached_is_said_and_the_articles_own_sentences_are_shown(asked: Asked) -> None:
    answer = asked(WHY, writer=Writer("good", "http://127.0.0.1:9/v1", timeouts=Timeouts(0.2, 1, 1)))
    assert answer.composer == EXTRACTIVE and not answer.abstained
    note = answer.notes[-1]
    assert "127.0.0.1:9" in note and note.endswith("This answer is made of the articles' own sentences.")


def test_a_service_has_questions_answered_by_the_model_and_makes_its_examples_without_it(
    samples_index: Index, reranker: Reranker, server: LlmServer
) -> None:
    server.answer = CRACKS
    service = Service(samples_index, reranker, writer=Writer("good", server.url), now=lambda: NOW)
    assert service.ask(WHY).composer == "good"
    server.requests.clear()
    assert service.examples() and server.requests == []


def test_what_the_articles_do_not_answer_is_not_put_to_the_model(asked: Asked, server: LlmServer) -> None:
    server.requests.clear()
    answer = asked("What is the capital of France?", writer=Writer("good", server.url))
    assert answer.abstained and server.requests == []


def test_a_follow_up_that_the_model_cannot_rewrite_is_rewritten_without_it(asked: Asked) -> None:
    gone = Writer("good", "http://127.0.0.1:9/v1", timeouts=Timeouts(0.2, 1, 1))
    answer = asked("When did it open?", history=[Turn(WHY)], writer=gone)
    assert answer.standalone_question == "When did it open? (Harbour Bridge)"
    assert sum("127.0.0.1:9" in note for note in answer.notes) == 2


# --- several articles, over all of them, and what is newer


def test_a_comparison_says_something_of_each_side_and_names_the_side_of_which_there_is_nothing(asked: Asked) -> None:
    answer = asked("Compare the Harbour Bridge and the sea lilies")
    titles = {c.n: c.article.title for c in answer.citations}
    for sentence in answer.sentences:
        assert sentence.about.removeprefix("The ") in titles[sentence.citations[0]]
    assert {sentence.about for sentence in answer.sentences} == {"The Harbour Bridge", "The sea lilies"}
    half = asked("Compare the Harbour Bridge and the moon landing")
    assert half.sentences and "The articles say nothing about the moon landing." in half.notes


def test_the_news_of_a_time_are_the_beginnings_of_its_articles_the_newest_first(asked: Asked) -> None:
    answer = asked("What happened in September 2026?")
    days = sources(answer)
    assert days == sorted(days, reverse=True) and len(days) == 4 and {day[:7] for day in days} == {"2026-09"}
    assert all(c.start == 0 for c in answer.citations)
    assert asked("What happened in May 2020?").abstained


def test_a_publisher_that_is_asked_after_is_the_only_one_looked_at_unless_a_filter_says_otherwise(asked: Asked) -> None:
    answer = asked("What did the Gazette say about the fire?")
    assert {c.article.publisher for c in answer.citations} == {"Veldmark Gazette"}
    assert "Looked at the articles of Veldmark Gazette only." in answer.notes
    filtered = asked("What did the Gazette say about the fire?", filters=Filters(publishers=("Port Halden Courier",)))
    assert {c.article.publisher for c in filtered.citations} <= {"Port Halden Courier"}


def test_a_newer_article_with_all_words_of_the_question_is_pointed_to_and_a_reprint_is_not(asked: Asked) -> None:
    pointer = "A newer article has the words of this question too: “First cars cross Harbour Bridge after 130 days”"
    assert any(note.startswith(pointer) for note in asked(WHY).notes)
    newest = asked("How many days had the Harbour Bridge been closed?", filters=Filters(since="2026-10-19"))
    assert not any("newer article" in note for note in newest.notes)
