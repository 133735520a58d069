"""One question, one answer. The command line, the API, the chat window and the evaluation all call `ask`."""

import re
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import TypeVar

from index.errors import CollectionGone, InputError, StorageError
from index.snapshot import Snapshot, compared
from index.store import Index
from index.types import Filters, Hit
from index.vectors import Vectors
from qa.across import read_across
from qa.compose import compose
from qa.followup import stand_alone
from qa.llm import LlmError, Writer
from qa.read import DEPTH, Candidate, inside, ranked, read
from qa.rerank import Reranker
from qa.retrieve import retrieve
from qa.survey import spread
from qa.types import Answer, Draft, Stage, Tell, Turn, tell_nobody
from qa.verify import Verification
from qa.write import write

LONGEST = 2000
"""Characters of a question; the cross-encoder reads about 500 of them."""
LONGEST_NAME = 500
"""Characters of a publisher's name or an article's id."""
MOST_PUBLISHERS = 100
MOST_ARTICLE_IDS = 10_000
"""How many of them filters may name."""
SHOWN = 10
"""Hits that an answer may rest on, if nothing else is asked for."""
MOST_HITS = 50
TRIES = 3
GONE = "The vectors of the passages are gone. Run: dateline verify --repair."
BY_WORDS = "The passages were searched by words only."

T = TypeVar("T")


def ask(
    index: Index,
    reranker: Reranker,
    question: str,
    *,
    history: Sequence[Turn] = (),
    filters: Filters | None = None,
    top_k: int = SHOWN,
    now: datetime | None = None,
    writer: Writer | None = None,
    tell: Tell = tell_nobody,
) -> Answer:
    """Answer a question from the indexed articles, or abstain.

    `history` holds the earlier turns, oldest first; `top_k` is how many hits the answer may rest on, 1 to 50; `now` is
    what "last week" counts from (None: this moment); `writer` is the language model, if one is configured; `tell` hears
    of each stage and of each sentence as soon as it is checked. Raises InputError on an empty or overlong question and
    on filters that cannot be met.
    """
    question = checked(question, filters, top_k=top_k)
    tell(Stage("understanding"))
    today = (now or datetime.now(UTC)).date()
    clock = _Clock()
    standalone, notes = _stand_alone(question, history, writer)
    clock.lap("followup")

    def answer(snapshot: Snapshot, vectors: Vectors | None, lost: str) -> Answer:
        if filters and filters.publishers:
            _check_publishers(snapshot, filters.publishers)

        verification = Verification(snapshot, tell)

        def find(wanted: str, where: Filters | None, several: int) -> tuple[tuple[Hit, ...], list[Candidate]]:
            tell(Stage("searching"))
            found = _retrieve(index, snapshot, vectors, wanted, where, max(top_k, DEPTH), several=several > 0)
            clock.lap("retrieve")
            tell(Stage("reading"))
            candidates = _read(index, snapshot, reranker, wanted, found, several=several)
            hits = ranked(found, candidates)[:top_k]
            clock.lap("read")
            return hits, inside(candidates, hits)

        def written(draft: Draft) -> Draft:
            if writer is None:
                return draft
            tell(Stage("writing"))
            draft = write(draft, writer, reranker, standalone, today=today, propose=verification.take)
            clock.lap("write")
            return draft

        draft, period = compose(snapshot, reranker, find, written, standalone, filters, today=today, lap=clock.lap)
        tell(Stage("checking"))
        found = verification.answer(
            replace(draft, notes=(*notes, *_unfound(snapshot, lost), *draft.notes)),
            question=question,
            standalone_question=standalone,
            period=period,
        )
        clock.lap("verify")
        return replace(found, timings=clock.laps)

    return _on_one_state(index, answer)


def _stand_alone(question: str, history: Sequence[Turn], writer: Writer | None) -> tuple[str, tuple[str, ...]]:
    """The question made to stand alone, by the language model if there is one and it can; and what to say of that."""
    plainly = stand_alone(question, history)
    if writer is None or plainly == question:
        return plainly, ()
    try:
        return writer.stand_alone(question, history), ()
    except LlmError as error:
        return plainly, (str(error),)


def _unfound(snapshot: Snapshot, lost: str) -> tuple[str, ...]:
    """What is to be said when not every passage could be found by its meaning."""
    if lost:
        return (f"{lost} {BY_WORDS}",)
    behind = snapshot.behind()
    if not behind:
        return ()
    return (f"{behind:,} of {snapshot.count('chunk'):,} passages are being indexed, and were searched by words only.",)


def search(
    index: Index, reranker: Reranker, question: str, *, filters: Filters | None = None, top_k: int = SHOWN
) -> tuple[Hit, ...]:
    """The hits for a question with their score parts, best first. Raises InputError as `ask` does."""
    question = checked(question, filters, top_k=top_k)

    def hits(snapshot: Snapshot, vectors: Vectors | None, _: str) -> tuple[Hit, ...]:
        if filters and filters.publishers:
            _check_publishers(snapshot, filters.publishers)
        found = _retrieve(index, snapshot, vectors, question, filters, max(top_k, DEPTH))
        return ranked(found, _read(index, snapshot, reranker, question, found))[:top_k]

    return _on_one_state(index, hits)


def _retrieve(
    index: Index,
    snapshot: Snapshot,
    vectors: Vectors | None,
    question: str,
    filters: Filters | None,
    k: int,
    *,
    several: bool = False,
) -> tuple[Hit, ...]:
    """The k best hits by embedding and keywords; those of `several` articles, if asked for."""
    if snapshot.state is None:  # a reader came before the first writer had finished
        return ()
    embedder = index.embedder_of(snapshot.state.spec)
    found = retrieve(snapshot, vectors, embedder, question, filters=filters, k=2 * k if several else k)
    return spread(found, k) if several else found


def _read(
    index: Index, snapshot: Snapshot, reranker: Reranker, question: str, hits: Sequence[Hit], *, several: int = 0
) -> list[Candidate]:
    """The sentences of the hits, best first, each read by a model that knows its language."""
    if snapshot.state is None:
        return []
    candidates = read(snapshot, reranker, question, hits, several=several)
    return read_across(index.embedder_of(snapshot.state.spec), question, candidates)


def _check_publishers(snapshot: Snapshot, wanted: Sequence[str]) -> None:
    """Raise InputError on a publisher of whom there is nothing: it is a misspelt one."""
    known = snapshot.publishers()
    names = set(map(compared, known))
    if strangers := [name for name in wanted if compared(name) not in names]:
        some = ", ".join(known[:10]) or "none named"
        raise InputError(f"No article is from {', '.join(map(repr, strangers))}. Publishers there are: {some}.")


def _on_one_state(index: Index, work: Callable[[Snapshot, Vectors | None, str], T]) -> T:
    """Do work on one state of the library; on the next one, when a rebuild took its vectors away meanwhile.

    Without vectors, and told why, when Chroma cannot be used, or they are gone and no rebuild took them.
    """
    lost = GONE
    for _ in range(TRIES):
        try:
            with index.library.read() as snapshot:
                return work(snapshot, index.vectors, "")
        except CollectionGone:
            continue
        except StorageError as error:  # if it is the library's, it comes again
            lost = str(error)
            break
    with index.library.read() as snapshot:
        return work(snapshot, None, lost)


def checked(question: str, filters: Filters | None, *, top_k: int = SHOWN) -> str:
    """The question without white space around it; raises InputError on anything that cannot be asked.

    What is too large is refused before anything else looks at it.
    """
    question = question.strip()
    if len(question) > LONGEST:
        raise InputError(f"The question has {len(question)} characters; the most is {LONGEST}. Shorten it.")
    if filters:
        _check_names("publishers", filters.publishers, MOST_PUBLISHERS)
        _check_names("articles", filters.article_ids, MOST_ARTICLE_IDS)
    _check_characters(question, *(filters.publishers + filters.article_ids if filters else ()))
    if not re.search(r"\w", question):
        raise InputError("The question is empty. Ask something in words.")
    if not 1 <= top_k <= MOST_HITS:
        raise InputError(f"top_k is {top_k}; it takes 1 to {MOST_HITS}.")
    if filters:
        for name, day in (("from", filters.since), ("to", filters.until)):
            _check_day(name, day)
        if filters.since and filters.until and filters.since > filters.until:
            raise InputError(f"The filter starts on {filters.since}, after its end on {filters.until}. Swap them.")
    return question


def _check_names(what: str, names: Sequence[str], most: int) -> None:
    if len(names) > most:
        raise InputError(f"The filter names {len(names)} {what}; the most is {most}. Leave some out.")
    if not all(map(str.strip, names)):
        raise InputError(f"Among the filter's {what} is an empty name. Write one, or leave it out.")
    if any(len(name) > LONGEST_NAME for name in names):
        raise InputError(f"The filter's {what} have names of up to {LONGEST_NAME} characters. Shorten them.")


def _check_characters(*texts: str) -> None:
    """Half a character, as broken JSON and arguments that are no UTF-8 have it, breaks the tokenizer and SQLite."""
    for text in texts:
        try:
            text.encode()
        except UnicodeEncodeError as error:
            raise InputError(f"{text!a} holds bytes that are no text; write it in UTF-8.") from error


def _check_day(name: str, day: str | None) -> None:
    if day is None:
        return
    try:
        if date.fromisoformat(day).isoformat() == day:
            return
    except ValueError:
        pass
    raise InputError(f"The filter {name!r} is {day!r:.40}; give a day as YYYY-MM-DD.")


class _Clock:
    """Milliseconds by stage; a stage that is done twice counts both."""

    def __init__(self) -> None:
        self.laps: dict[str, float] = {}
        self._at = time.perf_counter()

    def lap(self, stage: str) -> None:
        now = time.perf_counter()
        self.laps[stage] = self.laps.get(stage, 0.0) + (now - self._at) * 1000
        self._at = now
