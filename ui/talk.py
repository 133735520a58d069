"""A conversation in one browser tab: what was asked, how far each answer is, and what of it is kept."""

import asyncio
import logging
import secrets
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from index.errors import DatelineError
from index.types import Filters
from qa.ask import checked
from qa.standing import Standing
from qa.types import Answer, Citation, Sentence, Shown, Stage, Tell, Turn
from ui.asking import events
from ui.kept import filters_from, restored, written
from ui.service import Service
from ui.visit import Visit, resumed

FAILED = "Something went wrong inside Dateline; the server's terminal says what. Ask again, or ask something else."
STOPPED = "Stopped."
CHANGED = "Articles have changed since; the quotes are shown as they were. Ask again for a new answer."
BEGUN = "understanding"


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """A question and what has become of it.

    While it is worked on `stage` says what is being done, and `shown` holds the sentences that are checked. `problem`
    is said in place of an answer, or about one. `place` is its number among those that are kept, once it is.
    `further` are questions to go on with. `lost` says what has become of the quotes that stand no more, by the numbers
    of their citations.
    """

    question: str
    filters: Filters
    stage: str | None = None
    shown: tuple[Shown, ...] = ()
    answer: Answer | None = None
    problem: str | None = None
    place: int | None = None
    thumb: int = 0
    further: tuple[str, ...] = ()
    lost: Mapping[int, Standing] = field(default_factory=dict)

    @property
    def sentences(self) -> tuple[Sentence, ...]:
        """Those of the answer, as far as it is there."""
        return self.answer.sentences if self.answer else tuple(shown.sentence for shown in self.shown)

    @property
    def citations(self) -> tuple[Citation, ...]:
        """Those of the answer, as far as it is there."""
        return self.answer.citations if self.answer else tuple(c for shown in self.shown for c in shown.citations)


@dataclass(slots=True)
class Talk:
    """What one tab holds: its exchanges by number, in order; the one being edited; questions to begin with.

    `replaced` is the first of those that an edit has taken the place of, while they are still kept. `message` says why
    what the address names is not here.

    Events of one tab run side by side and all see the same object, which is changed on the event loop only. Whoever
    works on an exchange looks whether it is still there before every change: it may have been stopped, edited away or
    asked again meanwhile.
    """

    owner: str = ""
    id: str = ""
    exchanges: dict[int, Exchange] = field(default_factory=dict)
    editing: int | None = None
    replaced: int | None = None
    examples: tuple[str, ...] = ()
    message: str = ""

    def clear(self) -> None:
        """Begin another conversation. What is worked on is given up."""
        self.id, self.exchanges, self.editing, self.replaced, self.message = "", {}, None, None, ""

    def begin(self, question: str, filters: Filters, *, after: int = -1) -> int:
        """Put a question at the end, or in the place of the one being edited; its number.

        `after` is the last number that is kept: another tab may hold the same conversation, and have gone on with it.
        Raises InputError on what cannot be asked: all that stands here is shown again at every step of an answer.
        """
        question = checked(question, filters)
        if self.editing is not None:
            place = self.exchanges[self.editing].place
            since = self.editing if place is None else place
            self.exchanges = {n: kept for n, kept in self.exchanges.items() if n < self.editing}
            self.replaced = since if self.replaced is None else min(since, self.replaced)
            self.editing = None
        if self.replaced is not None:  # those that are kept from there on are to go
            after = -1
        self.id = self.id or secrets.token_hex(16)
        number = max([*self.exchanges, after]) + 1
        self.exchanges[number] = Exchange(question=question, filters=filters, stage=BEGUN)
        return number

    def change(self, number: int, **fields: Any) -> Exchange:
        """Put an exchange with other fields in its place."""
        self.exchanges[number] = replace(self.exchanges[number], **fields)
        return self.exchanges[number]

    def retry(self, number: int) -> None:
        """Begin an exchange anew."""
        old = self.exchanges[number]
        self.exchanges[number] = Exchange(question=old.question, filters=old.filters, place=old.place, stage=BEGUN)

    def stop(self, number: int) -> None:
        """End the work on an exchange; the sentences that are there stay."""
        if self.exchanges[number].stage is not None:
            self.change(number, stage=None, problem=STOPPED)

    def turns(self, number: int) -> tuple[Turn, ...]:
        """What was said before an exchange. A question without an answer so far is part of it."""
        return tuple(
            Turn(kept.question, kept.answer.text if kept.answer else "")
            for n, kept in self.exchanges.items()
            if n < number and (kept.answer or kept.stage)
        )


async def work(service: Service, talk: Talk, number: int, visit: Visit | None = None) -> AsyncGenerator[None, None]:
    """Answer an exchange, keep the answer, and find questions to go on with; a None for each change, or each second.

    The question is that of a visit, which may be over: events run in a queue.
    """
    mine = talk.exchanges[number]
    turns = talk.turns(number)

    def ask(tell: Tell) -> Answer:
        with resumed(visit):
            return service.ask(mine.question, history=turns, filters=mine.filters, tell=tell)

    keeping: asyncio.Future[dict[str, Any]] | None = None
    try:
        async with aclosing(events(ask)) as told:
            async for event in told:
                if talk.exchanges.get(number) is not mine:
                    return
                match event:
                    case Stage(name):
                        mine = talk.change(number, stage=name)
                    case Shown():
                        mine = talk.change(number, shown=(*mine.shown, event))
                    case Answer():
                        mine = talk.change(number, answer=event, stage=None)
                        # at once, and to its end: the tab may be closed as soon as it shows the answer
                        keep = partial(_keep, service, talk.owner, talk.id, number, mine, event, talk.replaced)
                        keeping = asyncio.get_running_loop().run_in_executor(None, keep)
                        talk.replaced = None
                yield
    except Exception as error:
        if talk.exchanges.get(number) is not mine:
            return
        talk.change(number, stage=None, problem=_said(error))
        yield
    if mine.answer is None or keeping is None:
        return
    asked = [exchange.question for exchange in talk.exchanges.values()]
    suggest = partial(_suggest, service, mine, mine.answer, asked)
    for step in (lambda: asyncio.shield(keeping), lambda: asyncio.to_thread(suggest)):
        fields = await step()
        current = talk.exchanges.get(number)
        if current is None or current.answer is not mine.answer:
            return
        talk.change(number, **fields)
        yield


def _said(error: Exception) -> str:
    """What is said of an error. Of a bug, whoever runs the server gets the trace."""
    if isinstance(error, DatelineError):
        return str(error)
    logging.getLogger(__name__).error("a question failed", exc_info=error)
    return FAILED


def _keep(
    service: Service,
    owner: str,
    conversation: str,
    number: int,
    exchange: Exchange,
    answer: Answer,
    replaced: int | None,
) -> dict[str, Any]:
    try:
        if replaced is not None:  # it stands in the place of one that was edited, and of those after that
            service.forget(conversation, owner, since=replaced)
        number = number if exchange.place is None else exchange.place
        place = service.keep(conversation, written(number, exchange.question, exchange.filters, answer), owner)
    except DatelineError as error:
        return {"problem": f"This answer could not be kept. {error}"}
    return {"place": place}


def _suggest(service: Service, exchange: Exchange, answer: Answer, asked: Sequence[str]) -> dict[str, Any]:
    try:
        return {"further": service.suggestions(answer, asked, exchange.filters)}
    except DatelineError:  # questions to go on with are no answer that anybody waits for
        return {}


async def reopen(service: Service, talk: Talk, conversation: str) -> bool:
    """Put a kept conversation in the place of what the tab holds; False when there is none of that id."""
    found = await asyncio.to_thread(_opened, service, talk.owner, conversation)
    if found:
        talk.clear()
        talk.id, talk.exchanges = conversation, found
    return bool(found)


def _opened(service: Service, owner: str, conversation: str) -> dict[int, Exchange]:
    exchanges = {}
    for kept in service.conversation(conversation, owner):
        answer, lost = restored(kept, service.article)
        exchanges[kept.number] = Exchange(
            question=kept.question,
            filters=filters_from(kept.filters),
            answer=answer,
            place=kept.number,
            thumb=kept.thumb,
            problem=CHANGED if lost else None,
            lost=lost,
        )
    return exchanges


async def judge(service: Service, talk: Talk, number: int, thumb: int) -> None:
    """Keep how an answer is judged; the same once more takes it back."""
    exchange = talk.exchanges[number]
    if exchange.place is None:
        return
    thumb = 0 if exchange.thumb == thumb else thumb
    talk.change(number, thumb=thumb)
    await asyncio.to_thread(service.judge, talk.id, exchange.place, thumb, talk.owner)
