"""What Dateline can do, over one open index: the one thing that the API, the chat window and the command line call."""

import threading
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from functools import partial
from itertools import chain

from index import build, conversations
from index.config import Config
from index.conversations import Conversation, Kept
from index.errors import OverloadedError, StorageError
from index.fetch import fetch
from index.fetched import Fetched
from index.follow import Follower
from index.history import Stored
from index.store import Index
from index.types import Article, Filters, Hit, Progress, Record, Report, Size, Skip, Status, no_progress
from index.web import Web
from qa.ask import SHOWN, ask, search
from qa.examples import NEWEST, example_questions
from qa.llm import Writer
from qa.rerank import Reranker
from qa.types import Answer, Stage, Tell, Turn, tell_nobody
from ui.jobs import Jobs

ASKED_AT_ONCE = 4
"""Questions that are worked on side by side. 30 at once took 2.4 GB more, for two cores."""
MOST_WAITING = 60
"""Questions that wait in line; more are sent away. On two cores the last of them waits about a minute."""
SUGGESTED = 3
"""Questions suggested after an answer."""
TRIED_TO_SUGGEST = 5
"""Questions tried for that; each takes as long as an answer."""
LATER = (
    "The articles are in the library and found by their words. Their vectors have yet to follow, with the next "
    "addition or when the server starts again:"
)
LOOK = 0.5
"""Seconds after which one that waits is told so, and may give up."""


class Service:
    """An open index, the cross-encoder, a language model if there is one, and a clock. Threads may share it.

    `jobs` are the changes that nobody waits for. `permit` is called before every change, and raises ForbiddenError when
    whoever asks may make none; `admit` before every question, and raises TooOftenError; `observe` hears of every
    answer; `web` opens the way out to pages elsewhere. An addition waits for its vectors, with `patience` for so many
    seconds at most; those left follow by themselves.
    """

    def __init__(
        self,
        index: Index,
        reranker: Reranker,
        *,
        writer: Writer | None = None,
        now: Callable[[], datetime],
        permit: Callable[[], None] = lambda: None,
        admit: Callable[[], None] = lambda: None,
        observe: Callable[[Answer], None] = lambda answer: None,
        web: Callable[[], Web] = Web,
        patience: float | None = None,
    ) -> None:
        self._index = index
        self._follower = Follower(index)
        self._patience = patience
        self._reranker = reranker
        self._writer = writer
        self._now = now
        self.jobs = Jobs(now, permit)
        self._permit = permit
        self._admit = admit
        self._observe = observe
        self._web = web
        self._examples: tuple[int, tuple[str, ...]] = (-1, ())
        self._examples_lock = threading.Lock()
        self._suggesting = threading.Lock()
        self._verifying = threading.Lock()
        self._asking = threading.Semaphore(ASKED_AT_ONCE)
        self._waiting = threading.Semaphore(MOST_WAITING)
        self._line = Counter[str]()
        self._line_lock = threading.Lock()

    def ask(
        self,
        question: str,
        *,
        history: Sequence[Turn] = (),
        filters: Filters | None = None,
        top_k: int = SHOWN,
        tell: Tell = tell_nobody,
    ) -> Answer:
        """See `qa.ask.ask`. Raises OverloadedError when too many questions wait already, or this is one too many."""
        self._admit()
        with self._turn(tell):
            answer = ask(
                self._index,
                self._reranker,
                question,
                history=history,
                filters=filters,
                top_k=top_k,
                now=self._now(),
                writer=self._writer,
                tell=tell,
            )
        self._observe(answer)
        return answer

    def search(
        self, question: str, *, filters: Filters | None = None, top_k: int = SHOWN, tell: Tell = tell_nobody
    ) -> tuple[Hit, ...]:
        """See `qa.ask.search`; `tell` hears that it waits. Raises OverloadedError as `ask` does."""
        self._admit()
        with self._turn(tell):
            return search(self._index, self._reranker, question, filters=filters, top_k=top_k)

    def examples(self) -> tuple[str, ...]:
        """Up to three questions that the indexed articles answer; made once for each version of the index."""
        with self._examples_lock:
            version = self.version()
            if self._examples[0] != version:
                _, newest = self.find_articles("", NEWEST)
                self._examples = (version, example_questions(newest, self._ask_plainly))
            return self._examples[1]

    def suggestions(self, answer: Answer, asked: Sequence[str], filters: Filters) -> tuple[str, ...]:
        """Up to three questions about the cited articles that are answered under the filters and nobody `asked` yet.

        None while it makes some for another answer: real questions go first.
        """
        cited = {citation.article.id: citation.article for citation in answer.citations}
        if not cited or not self._suggesting.acquire(blocking=False):
            return ()
        try:
            return example_questions(
                cited.values(),
                partial(self._ask_plainly, filters=filters),
                asked=asked,
                count=SUGGESTED,
                tries=TRIED_TO_SUGGEST,
            )
        finally:
            self._suggesting.release()

    def _ask_plainly(self, question: str, filters: Filters | None = None) -> Answer:
        """Without the language model, which takes long and costs."""
        with self._turn(tell_nobody):
            return ask(self._index, self._reranker, question, filters=filters, now=self._now())

    @contextmanager
    def _turn(self, tell: Tell) -> Iterator[None]:
        """One's turn, after those who wait already."""
        if not self._asking.acquire(blocking=False):
            if not self._waiting.acquire(blocking=False):
                raise OverloadedError(f"{MOST_WAITING} questions wait in line already. Ask again in a few seconds.")
            try:
                with self._counted("waiting"):
                    while not self._asking.acquire(timeout=LOOK):
                        tell(Stage("waiting"))
            finally:
                self._waiting.release()
        try:
            with self._counted("working"):
                yield
        finally:
            self._asking.release()

    @contextmanager
    def _counted(self, where: str) -> Iterator[None]:
        with self._line_lock:
            self._line[where] += 1
        try:
            yield
        finally:
            with self._line_lock:
                self._line[where] -= 1

    def line(self) -> tuple[int, int]:
        """How many questions are worked on, and how many wait."""
        return self._line["working"], self._line["waiting"]

    def articles(self) -> tuple[Article, ...]:
        """Every article, newest first."""
        return build.articles(self._index)

    def article(self, article_id: str) -> Article:
        """One article; raises NotFoundError."""
        return build.article(self._index, article_id)

    def named(self, name: str) -> Article:
        """The one article that a name means; see `index.build.named`."""
        return build.named(self._index, name)

    def history(self, article_id: str) -> tuple[Stored, ...]:
        """An article with all that it was before, the oldest first; raises NotFoundError."""
        self.article(article_id)
        with self._index.library.read() as snapshot:
            return (*snapshot.versions(article_id), *snapshot.stored(article_id))

    def find_articles(self, words: str, limit: int, offset: int = 0) -> tuple[int, list[Article]]:
        """How many articles have the words in title, author or publisher, and the newest from an offset on."""
        with self._index.library.read() as snapshot:
            return snapshot.matching(words, limit, offset)

    def keep(self, conversation: str, kept: Kept, owner: str) -> int:
        """See `index.conversations.keep`."""
        return conversations.keep(self._index.library, conversation, kept, now=self._now(), owner=owner)

    def judge(self, conversation: str, number: int, thumb: int, owner: str) -> None:
        """Write down how an answer was judged: 1, -1, or 0 to take that back."""
        conversations.judge(self._index.library, conversation, number, thumb, owner=owner)

    def forget(self, conversation: str, owner: str, *, since: int = 0) -> None:
        """Remove a conversation, or its questions from a number on."""
        conversations.forget(self._index.library, conversation, since=since, owner=owner)

    def conversations(self, owner: str) -> tuple[Conversation, ...]:
        """The conversations of an owner, the last one first."""
        return conversations.conversations(self._index.library, owner=owner)

    def conversation(self, name: str, owner: str) -> tuple[Kept, ...]:
        """What was asked in a conversation; nothing when there is none of that id."""
        return conversations.conversation(self._index.library, name, owner=owner)

    def add(
        self, records: Iterable[Record | Skip], progress: Progress = no_progress, *, addresses: Sequence[str] = ()
    ) -> Report:
        """Add articles, then the pages at addresses and all that the feeds among them list.

        See `index.build.add` and `index.fetch.fetch`; pages that need not be fetched count as unchanged, by their
        address. Where vectors cannot follow, a note says why. Raises ForbiddenError, as every change does, when whoever
        asks may make none.
        """
        self._permit()
        report = self._put(records, progress, addresses)
        self.follow()
        try:
            self._follower.wait(self._patience, progress)
        except StorageError as error:
            note = Skip("vectors", f"{LATER} {error}")
            return replace(report, notes=(*report.notes, note))
        return report

    def _put(self, records: Iterable[Record | Skip], progress: Progress, addresses: Sequence[str]) -> Report:
        put = partial(build.put, self._index, now=self._now(), progress=progress, committed=self.follow)
        if not addresses:
            return put(records)
        seen = Fetched(self._index.config.data, version=self.version())
        with self._web() as way_out:
            pages = fetch(addresses, seen=seen, web=way_out, passed=lambda: progress("reading", len(seen.unchanged), 0))
            report = put(chain(records, pages))
        seen.accept({*report.added, *report.changed, *report.unchanged}, version=self.version())
        return replace(report, unchanged=(*report.unchanged, *seen.unchanged))

    def follow(self) -> None:
        """Let the vectors of what is in the library follow, in the background."""
        self._follower.wake()

    def remove(self, name: str) -> tuple[str, ...]:
        """See `index.build.remove`."""
        self._permit()
        return build.remove(self._index, name)

    def rebuild(self, config: Config | None = None, progress: Progress = no_progress) -> Status:
        """See `index.build.rebuild`; without a config, as the index is configured."""
        self._permit()
        return build.rebuild(self._index, config or self._index.config, progress=progress)

    def verify(self) -> list[str]:
        """See `index.build.verify`. It keeps changes waiting, so it takes the right to make one.

        Raises OverloadedError while the index is being verified or repaired already.
        """
        with self._alone():
            return build.verify(self._index)

    def repair(self, progress: Progress = no_progress) -> list[str]:
        """See `index.build.repair`; what is wrong after that. Raises OverloadedError as `verify` does."""
        with self._alone():
            build.repair(self._index, progress=progress)
            return build.verify(self._index)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        self._permit()
        if not self._verifying.acquire(blocking=False):
            raise OverloadedError("The index is being verified already. Ask again when that has ended.")
        try:
            yield
        finally:
            self._verifying.release()

    def status(self) -> Status:
        """What is indexed."""
        return build.status(self._index)

    def size(self) -> Size:
        """How much is indexed, told at once."""
        return build.size(self._index)

    def version(self) -> int:
        """The version of the index: it grows with every change."""
        return build.version(self._index)

    def close(self) -> None:
        """Let go of the index, once the running job has."""
        self.jobs.close()
        self._follower.close()
        self._index.close()
