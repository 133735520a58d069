"""A conversation in one tab: worked on, stopped, edited, kept, and opened again."""

import asyncio
from collections.abc import Callable

import pytest

from index.errors import OverloadedError
from index.types import Filters, Record
from qa.types import Shown, Stage, Turn
from ui import service as service_module
from ui.desk import Desk
from ui.kept import restored, written
from ui.service import Service
from ui.talk import CHANGED, FAILED, STOPPED, Exchange, Talk, judge, reopen, work
from ui.visit import Visit, current_id

WHY = "Why was the Harbour Bridge closed?"
FERRY = "How many people does the free ferry carry?"
ALL = Filters()


def worked(
    service: Service, talk: Talk, number: int, *, seen: Callable[[Exchange], object] = lambda e: None
) -> Exchange:
    """The exchange when all work on it is done; `seen` looks at each of its states."""

    async def whole() -> None:
        async for _ in work(service, talk, number):
            if number in talk.exchanges:
                seen(talk.exchanges[number])

    asyncio.run(whole())
    return talk.exchanges[number]


def test_an_exchange_is_answered_kept_and_followed_by_questions_that_are_answered(service: Service) -> None:
    talk = Talk()
    states: list[Exchange] = []
    exchange = worked(service, talk, talk.begin(f" {WHY} ", ALL), seen=states.append)
    stages = dict.fromkeys(state.stage for state in states)
    assert list(stages) == ["understanding", "searching", "reading", "checking", None]
    assert exchange.answer and exchange.citations == exchange.answer.citations != ()
    assert (exchange.question, exchange.stage, exchange.place) == (WHY, None, 0)
    assert all(not service.ask(question).abstained for question in exchange.further)
    assert WHY not in exchange.further
    assert [row.question for row in service.conversation(talk.id, "")] == [WHY]


def test_a_question_of_the_page_is_that_of_the_visit_that_began_it(service: Service) -> None:
    heard: list[str | None] = []
    watched = Service(
        service._index,
        service._reranker,
        now=service._now,
        admit=lambda: heard.append(current_id()),
        observe=lambda answer: heard.append(current_id()),
    )
    talk = Talk()
    number = talk.begin(WHY, ALL)

    async def whole() -> None:
        async for _ in work(watched, talk, number, Visit("one", over=True)):
            pass

    asyncio.run(whole())
    assert heard == ["one", "one"]


def test_an_answer_comes_back_as_it_was(service: Service) -> None:
    for question in (WHY, "What is the boiling point of mercury?", "How many articles mention the ferry last month?"):
        answer = service.ask(question)
        again, lost = restored(written(0, question, ALL, answer), service.article)
        assert lost == {}
        assert [(c.n, c.article, c.start, c.end, c.quote) for c in again.citations] == [
            (c.n, c.article, c.start, c.end, c.quote) for c in answer.citations
        ]
        assert [[other.id for other in c.also] for c in again.citations] == [
            [other.id for other in c.also] for c in answer.citations
        ]
        assert (again.sentences, again.notes, again.period, again.abstained, again.text) == (
            answer.sentences, answer.notes, answer.period, answer.abstained, answer.text
        )  # fmt: skip
        assert [hit.chunk.text for hit in again.hits] == [hit.chunk.text for hit in answer.hits]


def test_a_conversation_is_opened_again_with_its_judgements_and_filters(service: Service) -> None:
    talk = Talk(owner="ann")
    filters = Filters(since="2026-06-01", publishers=("Port Halden Courier",))
    exchange = worked(service, talk, talk.begin(WHY, filters))
    asyncio.run(judge(service, talk, 0, -1))
    other = Talk(owner="ann")
    assert asyncio.run(reopen(service, other, talk.id))
    found = other.exchanges[0]
    assert exchange.answer and found.answer and found.answer.text == exchange.answer.text
    assert (found.filters, found.thumb, found.problem, found.place) == (filters, -1, None, 0)
    asyncio.run(judge(service, other, 0, -1))
    assert other.exchanges[0].thumb == 0
    assert not asyncio.run(reopen(service, Talk(owner="bob"), talk.id))


def test_two_tabs_that_ask_in_one_conversation_at_the_same_moment_both_have_their_questions_kept(
    service: Service,
) -> None:
    one = Talk()
    worked(service, one, one.begin(WHY, ALL))
    other = Talk()
    assert asyncio.run(reopen(service, other, one.id))
    for talk, question in ((one, "How old are the sea lilies?"), (other, FERRY)):
        assert talk.begin(question, ALL, after=0) == 1
    for talk in (one, other):
        worked(service, talk, 1)
    asyncio.run(judge(service, other, 1, -1))
    other.retry(1)
    worked(service, other, 1)

    def there() -> list[tuple[int, str, int]]:
        return [(kept.number, kept.question, kept.thumb) for kept in service.conversation(one.id, "")]

    assert there() == [(0, WHY, 0), (1, "How old are the sea lilies?", 0), (2, FERRY, 0)]
    asyncio.run(judge(service, other, 1, 1))
    assert there()[2] == (2, FERRY, 1)
    other.editing = 1
    worked(service, other, other.begin("What do the articles say about the strike?", ALL))
    assert [question for _, question, _ in there()[:2]] == [WHY, "How old are the sea lilies?"]
    assert there()[2:] == [(2, "What do the articles say about the strike?", 0)]


def test_a_quote_whose_article_is_gone_is_shown_alone(service: Service) -> None:
    service.add([Record(key="grumby", text="The Grumby pier was painted green by Ludo Marsh.", title="Pier")])
    talk = Talk()
    worked(service, talk, talk.begin("Who painted the Grumby pier?", ALL))
    service.remove("grumby")
    assert asyncio.run(reopen(service, talk, talk.id))
    citation = talk.exchanges[0].citations[0]
    assert talk.exchanges[0].problem == CHANGED
    assert citation.article.text == citation.quote == citation.article.text[citation.start : citation.end]
    assert (citation.article.title, citation.start) == ("Pier", 0)


def test_an_edited_question_takes_the_place_of_itself_and_of_what_follows(service: Service) -> None:
    talk = Talk()
    for question in (WHY, "What is a bridge?", "What is a ferry?"):
        worked(service, talk, talk.begin(question, ALL))
    talk.editing = 1
    number = talk.begin("How old are the sea lilies?", ALL)
    worked(service, talk, number)
    assert number == 1 and list(talk.exchanges) == [0, 1]
    assert [row.question for row in service.conversation(talk.id, "")] == [WHY, "How old are the sea lilies?"]


def test_an_answer_that_was_shown_is_kept_though_its_tab_is_closed_at_once(service: Service) -> None:
    talk = Talk()
    number = talk.begin(WHY, ALL)

    async def closed() -> None:
        steps = work(service, talk, number)
        async for _ in steps:
            if talk.exchanges[number].answer:
                break
        await steps.aclose()
        async with asyncio.timeout(10):
            while not service.conversation(talk.id, ""):
                await asyncio.sleep(0.01)

    asyncio.run(closed())
    assert [row.question for row in service.conversation(talk.id, "")] == [WHY]


def test_two_tabs_go_on_with_one_conversation_and_keep_the_answers_of_both(service: Service) -> None:
    desk, one, two = Desk(service), Talk(), Talk()
    worked(service, one, one.begin(WHY, ALL))
    assert asyncio.run(reopen(service, two, one.id))
    for tab, question in ((two, "What is a ferry?"), (one, "What is a bridge?")):
        worked(service, tab, asyncio.run(desk._begin(tab, question, ALL)))
    one.retry(0)
    worked(service, one, 0)
    kept = [row.question for row in service.conversation(one.id, "")]
    assert kept == [WHY, "What is a ferry?", "What is a bridge?"]


def test_what_was_asked_before_is_known_even_without_an_answer() -> None:
    talk = Talk()
    talk.begin("First?", ALL)
    talk.begin("Second?", ALL)
    talk.stop(0)
    assert talk.turns(1) == ()
    assert talk.turns(2) == (Turn("Second?"),)


def asking(monkeypatch: pytest.MonkeyPatch, instead: Callable[[Callable[[Stage | Shown], None]], object]) -> None:
    monkeypatch.setattr(service_module, "ask", lambda *args, tell, **options: instead(tell))


def test_what_is_stopped_ends_and_says_so(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    given_up: list[BaseException] = []

    def endless(tell: Callable[[Stage | Shown], None]) -> None:
        try:
            while True:
                tell(Stage("searching"))
                tell(Stage("reading"))
        except BaseException as error:
            given_up.append(error)
            raise

    asking(monkeypatch, endless)
    talk = Talk()
    number = talk.begin(WHY, ALL)
    exchange = worked(service, talk, number, seen=lambda exchange: talk.stop(number))
    assert (exchange.stage, exchange.problem, exchange.answer) == (None, STOPPED, None)


def test_what_goes_wrong_is_said_and_a_bug_without_its_text(
    service: Service, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def overloaded(tell: object) -> None:
        raise OverloadedError("Too many wait.")

    def broken(tell: object) -> None:
        raise ZeroDivisionError("secret")

    talk = Talk()
    asking(monkeypatch, overloaded)
    assert worked(service, talk, talk.begin(WHY, ALL)).problem == "Too many wait."
    asking(monkeypatch, broken)
    assert worked(service, talk, talk.begin(WHY, ALL)).problem == FAILED
    assert "secret" in caplog.text
    assert service.conversation(talk.id, "") == ()


def test_a_conversation_that_is_left_is_not_written_into(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    asking(monkeypatch, lambda tell: tell(Stage("searching")))
    talk = Talk()
    number = talk.begin(WHY, ALL)
    steps = work(service, talk, number)

    async def left() -> None:
        await anext(steps)
        talk.clear()
        async for _ in steps:
            raise AssertionError("nothing is left to be shown")

    asyncio.run(left())
    assert talk.exchanges == {}
