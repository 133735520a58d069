"""The Ask and the Conversations tab: what each click and each question does."""

import asyncio
import re
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing, suppress
from typing import Any

from index.conversations import Kept
from index.errors import DatelineError, InputError
from index.types import Filters
from ui.exchange import filters_line, talk_html
from ui.gr import gr
from ui.lists import conversations_html
from ui.markup import escape, message_html, who_html
from ui.render import status_line
from ui.service import Service
from ui.sources import reader_html
from ui.talk import BEGUN, Talk, judge, reopen, work
from ui.visit import of, owner

ALL = "All dates and publishers"
GONE = "That conversation is not there any more."

DAY = re.compile(r"\d{4}-\d\d-\d\d")

Days = dict[str, str]
"""`{"since": "2026-06-01", "until": ""}`"""


def filters_of(days: Days, publishers: list[str] | None) -> Filters:
    """What stands in the filter's fields."""
    return Filters(
        since=days["since"] or None, until=days["until"] or None, publishers=tuple(dict.fromkeys(publishers or ()))
    )


def own(talk: Talk, request: gr.Request) -> None:
    """Make sure that a tab's conversation is that of whoever comes: which tab it is, Gradio takes their word for."""
    if talk.owner != (whose := owner(request.request)):
        talk.clear()
        talk.owner = whose


def who(request: gr.Request) -> str:
    """Who is logged in, with the way out; nothing where no key is needed."""
    return who_html(owner(request.request))


class Desk:
    """What happens in these tabs, over one service. Each public method is an event of the page.

    Each looks whose the tab is before anything else.
    """

    def __init__(self, service: Service) -> None:
        self._service = service

    async def opened(self, talk: Talk, request: gr.Request) -> tuple[Any, ...]:
        """The conversation or the question that the address names, with its filters; `begun` goes on with it."""
        own(talk, request)
        wanted = request.query_params
        unchanged = (gr.skip(), gr.skip(), gr.skip())
        if wanted.get("q", "").strip():
            days = {"since": wanted.get("from", ""), "until": wanted.get("to", "")}
            publishers = wanted.getlist("publisher")
            filters = filters_of(days, publishers)
            # into the fields go days alone: what is no day could be markup there, and the answer says what is wrong
            days = {name: day if DAY.fullmatch(day) else "" for name, day in days.items()}
            chosen = gr.Dropdown(choices=self._choices(publishers), value=publishers)
            name = gr.Accordion(label=filters_line(filters_of(days, publishers)) or ALL)
            try:
                await self._begin(talk, wanted["q"], filters)
            except InputError as error:
                talk.message = str(error)
            return talk_html(talk), days, chosen, name
        if wanted.get("c") and not await reopen(self._service, talk, wanted["c"]):
            talk.message = GONE
        return talk_html(talk), *unchanged

    async def begun(self, talk: Talk, request: gr.Request) -> AsyncGenerator[Any, None]:
        """Work on the question of the address; where nothing is asked or opened, offer something to begin with."""
        own(talk, request)
        number = max(talk.exchanges, default=None)
        if number is not None and talk.exchanges[number].stage == BEGUN:
            async for shown in self._worked(talk, number, request):
                yield shown
            return
        if not talk.exchanges:
            await asyncio.to_thread(self._offer, talk)
        yield talk_html(talk)

    def indexed(self, chosen: Sequence[str] | None, request: gr.Request) -> tuple[str, Any]:
        """What is indexed, or why that cannot be told; and the publishers to choose from, with those chosen."""
        try:
            status = self._service.status()
        except DatelineError as error:
            return escape(str(error)), gr.skip()
        choices = self._choices([*(chosen or ()), *request.query_params.getlist("publisher")])
        return f"<p>{escape(status_line(status))}</p>", gr.Dropdown(choices=choices)

    def _choices(self, chosen: Sequence[str]) -> list[str]:
        """The publishers there are, and those that are chosen: a link may name one that is not there, or no more."""
        with suppress(DatelineError):  # as in `offer`
            return list(dict.fromkeys([*self._service.status().publishers, *chosen]))
        return list(chosen)

    def offer(self, talk: Talk, request: gr.Request) -> str:
        """The page, with questions to begin with that the articles of this moment answer."""
        own(talk, request)
        self._offer(talk)
        return talk_html(talk)

    def _offer(self, talk: Talk) -> None:
        with suppress(DatelineError):  # what keeps it from having any stands in the status line
            talk.examples = self._service.examples()

    async def ask(
        self, question: str, days: Days, publishers: list[str], talk: Talk, request: gr.Request
    ) -> AsyncGenerator[tuple[Any, str], None]:
        """Take the question from the box, and show its answer come about."""
        own(talk, request)
        if not question.strip():
            yield gr.skip(), talk_html(talk)
            return
        try:
            number = await self._begin(talk, question, filters_of(days, publishers))
        except InputError as error:
            yield gr.skip(), talk_html(talk) + message_html(str(error))
            return
        yield "", talk_html(talk)
        async for shown in self._worked(talk, number, request):
            yield gr.skip(), shown

    async def example(
        self, days: Days, publishers: list[str], talk: Talk, event: gr.EventData, request: gr.Request
    ) -> AsyncGenerator[str, None]:
        """Ask a question that was offered."""
        own(talk, request)
        async for shown in self._asked(talk, event.value, filters_of(days, publishers), request):
            yield shown

    async def retry(self, talk: Talk, event: gr.EventData, request: gr.Request) -> AsyncGenerator[str, None]:
        """Ask a question of the conversation again."""
        own(talk, request)
        talk.retry(int(event.value))
        async for shown in self._worked(talk, int(event.value), request):
            yield shown

    async def _begin(self, talk: Talk, question: str, filters: Filters) -> int | None:
        """Put a question at the end of a conversation, with which another tab may have gone on; its number.

        None when that conversation has been left meanwhile. Raises InputError on what cannot be asked.
        """
        kept: Sequence[Kept] = ()
        if conversation := talk.id:
            with suppress(DatelineError):  # what keeps it from being read will be said with the answer
                kept = await asyncio.to_thread(self._service.conversation, conversation, talk.owner)
            if talk.id != conversation:
                return None
        return talk.begin(question, filters, after=max((row.number for row in kept), default=-1))

    async def _asked(
        self, talk: Talk, question: str, filters: Filters, request: gr.Request
    ) -> AsyncGenerator[str, None]:
        """The conversation, again and again, while a new question is worked on; or why that cannot be asked."""
        try:
            number = await self._begin(talk, question, filters)
        except InputError as error:
            yield talk_html(talk) + message_html(str(error))
            return
        async for shown in self._worked(talk, number, request):
            yield shown

    async def _worked(self, talk: Talk, number: int | None, request: gr.Request) -> AsyncGenerator[str, None]:
        """The conversation, again and again, while a question of it is worked on."""
        whose = talk.owner
        yield talk_html(talk)
        if number is None:
            return
        async with aclosing(work(self._service, talk, number, of(request.request))) as steps:
            async for _ in steps:
                yield talk_html(talk)
        if talk.owner == whose:  # Gradio sends the last one once more at the end: others may have drawn since
            yield talk_html(talk)

    async def stop(self, talk: Talk, event: gr.EventData, request: gr.Request) -> str:
        """Give up a question that is worked on."""
        own(talk, request)
        talk.stop(int(event.value))
        return talk_html(talk)

    async def edit(self, talk: Talk, event: gr.EventData, request: gr.Request) -> tuple[str, str]:
        """Put a question into the box. Asked from there, it takes the place of itself and of all after it."""
        own(talk, request)
        talk.editing = int(event.value)
        return talk.exchanges[talk.editing].question, talk_html(talk)

    async def leave(self, talk: Talk, request: gr.Request) -> tuple[str, str]:
        """Edit nothing after all."""
        own(talk, request)
        if talk.editing is None:
            return gr.skip(), gr.skip()
        talk.editing = None
        return "", talk_html(talk)

    async def like(self, talk: Talk, event: gr.EventData, request: gr.Request) -> str:
        """Judge an answer."""
        own(talk, request)
        number, thumb = map(int, event.value.split(":"))
        await judge(self._service, talk, number, thumb)
        return talk_html(talk)

    async def clear(self, talk: Talk, request: gr.Request) -> str:
        """Begin a new conversation."""
        own(talk, request)
        talk.clear()
        await asyncio.to_thread(self._offer, talk)
        return talk_html(talk)

    def read(self, talk: Talk, event: gr.EventData, request: gr.Request) -> str:
        """The article behind a card: `x3:2` is that of citation 2 in exchange 3, `x3:hit0` that of its first hit."""
        own(talk, request)
        place, _, which = event.value.partition(":")
        exchange = talk.exchanges[int(place.removeprefix("x"))]
        if which.startswith("hit") and exchange.answer:
            return reader_html(exchange.answer.hits[int(which.removeprefix("hit"))].chunk.article)
        citation = next(c for c in exchange.citations if c.n == int(which))
        standing = [c for c in exchange.citations if c.n not in exchange.lost]
        if citation in standing:
            return reader_html(citation.article, standing, at=citation.n)
        return reader_html(exchange.lost[citation.n].article or citation.article)

    def kept(self, talk: Talk, request: gr.Request) -> str:
        """The list of conversations."""
        own(talk, request)
        try:
            return conversations_html(self._service.conversations(talk.owner))
        except DatelineError as error:
            return message_html(str(error))

    async def open(self, talk: Talk, event: gr.EventData, request: gr.Request) -> tuple[str, str, Any]:
        """Go on with a conversation of the list."""
        own(talk, request)
        if not await reopen(self._service, talk, event.value):
            return message_html(GONE), gr.skip(), gr.skip()
        return gr.skip(), talk_html(talk), gr.Tabs(selected="ask")

    async def delete(self, talk: Talk, event: gr.EventData, request: gr.Request) -> tuple[str, str]:
        """Remove a conversation from the list, and from the tab if it is open there."""
        own(talk, request)
        if talk.id == event.value:
            talk.clear()
        await asyncio.to_thread(self._service.forget, event.value, talk.owner)
        return self.kept(talk, request), talk_html(talk)
