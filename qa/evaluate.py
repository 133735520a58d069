"""How good the answers are: a set's questions asked as users ask them, and what came back measured."""

import hashlib
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from index import chunk as chunking
from index.build import add
from index.config import Config
from index.errors import InputError
from index.load import load
from index.opening import open_index
from index.store import Index
from index.types import Chunk, Filters, Progress, no_progress
from qa.ask import ask, search
from qa.dataset import ARTICLES, QUESTIONS, Question, digest, questions
from qa.outcomes import Outcome, measured, stages
from qa.rerank import Reranker
from qa.tabulate import Evaluation, tabulate
from qa.types import Answer, Turn

Ask = Callable[[str, Sequence[Turn], Filters | None], Answer]
Search = Callable[[str], Sequence[Chunk]]
USER_CACHE = Path("~/.cache/dateline/eval")


@contextmanager
def open_set(
    folder: Path, config: Config, *, cache: Path | None = None, now: datetime, progress: Progress = no_progress
) -> Iterator[Index]:
    """The index of a set's articles, kept so that the next run embeds nothing.

    It lies in `cache`, else beside the set, else (where that cannot be written) in the user's cache folder. Its name
    holds a digest of the articles, the settings and the code of `index/`: when one of them changes, another is made.
    Raises InputError when the set has no articles.
    """
    file = _articles(folder)
    total = hashlib.sha256(f"{config.model} {config.chunk_tokens} {config.overlap}".encode())
    for source in (*sorted(Path(chunking.__file__).parent.glob("*.py")), file):
        total.update(source.read_bytes())
    beside = folder.resolve().parent
    places = cache or (beside / ".dateline-eval" if os.access(beside, os.W_OK) else USER_CACHE.expanduser())
    data = places / f"{folder.resolve().name}-{total.hexdigest()[:12]}"
    with closing(open_index(replace(config, data=data), write=True, progress=progress)) as index:
        added = add(index, load([file]), now=now, progress=progress)
        with index.library.read() as snapshot:
            if not snapshot.count("article"):
                why = f" {added.skipped[0].reason}" if added.skipped else ""
                raise InputError(f"{file} holds no articles.{why}")
        yield index


def _articles(folder: Path) -> Path:
    """The file of a set's articles. Raises InputError when it is not there or empty."""
    file = folder / ARTICLES
    if not file.is_file():
        raise InputError(f"{file} is not there. A set holds {ARTICLES} and {QUESTIONS}.")
    if not file.stat().st_size:
        raise InputError(f"{file} is empty: there are no articles to ask.")
    return file


def evaluate(
    folder: Path,
    config: Config,
    *,
    asked: Path | None = None,
    limit: int | None = None,
    half: str | None = None,
    held_out: bool = False,
    ablation: bool = False,
    cache: Path | None = None,
    now: datetime,
    progress: Progress = no_progress,
) -> Evaluation:
    """Ask the questions of a set (or those of another set, `asked`, which its articles do not answer), and measure.

    `half` and `limit` choose among the questions, as `qa.dataset.questions` does. Raises InputError on what is no set.
    """
    wanted = questions(asked or folder, half=half, limit=limit)
    _articles(folder)  # before anything is loaded
    if asked:
        wanted = [replace(q, answerable=False, articles=(), evidence=()) for q in wanted]
    reranker = Reranker()
    with open_set(folder, config, cache=cache, now=now, progress=progress) as index:
        outcomes = run(
            index,
            lambda question, history, filters: ask(index, reranker, question, history=history, filters=filters),
            lambda question: [hit.chunk for hit in search(index, reranker, question)],
            wanted,
            held_out=held_out,
            ablation=ablation,
            progress=progress,
        )
        with index.library.read() as snapshot:
            spec = snapshot.state.spec if snapshot.state else None
            articles, chunks = snapshot.count("article"), snapshot.count("chunk")
    about = {
        "articles": f"{articles:,} of {folder.name}, {chunks:,} chunks",
        "questions": f"{len(outcomes):,} of {(asked or folder).name}" + (f", half {half}" if half else ""),
        "digest": digest(asked or folder),
        "index": str(spec),
    }
    return Evaluation(about, tabulate(outcomes), tuple(_notes(outcomes, asked)))


def run(
    index: Index,
    ask: Ask,
    search: Search,
    questions: Sequence[Question],
    *,
    held_out: bool = False,
    ablation: bool = False,
    progress: Progress = no_progress,
) -> list[Outcome]:
    """Ask every question.

    `held_out` asks each answerable one again, without the articles that hold its answer; `ablation` also looks at what
    each stage of the search finds.
    """
    outcomes = []
    with index.library.read() as snapshot:
        everything = [article.id for article in snapshot.articles()]
    progress("asking", 0, len(questions))
    for number, question in enumerate(questions, 1):
        answer = ask(question.question, question.history, None)
        without: Answer | None = None
        if held_out and question.answerable and question.articles:
            others = tuple(i for i in everything if i not in question.articles)
            without = ask(question.question, question.history, Filters(article_ids=others))
        as_asked = search(question.question) if question.history else None
        with index.library.read() as snapshot:
            by_stage = stages(index, snapshot, question) if ablation else {}
            outcomes.append(measured(index, snapshot, question, answer, without, as_asked, by_stage))
        progress("asking", number, len(questions))
    return outcomes


def _notes(outcomes: Sequence[Outcome], asked: Path | None) -> list[str]:
    answerable = [o for o in outcomes if o.question.answerable]
    notes = []
    if lost := sum(1 for o in answerable if o.question.evidence and not o.located):
        notes.append(f"{lost} answerable questions are left out of retrieval: their evidence is not in the articles.")
    if asked:
        notes.append(f"No article answers these questions: they are those of {asked.name}. Each should be refused.")
    elif len(answerable) < len(outcomes):
        notes.append(
            f"{len(outcomes) - len(answerable)} questions are unanswerable: the passage they were written on does not "
            "answer them; another passage of the set may, so that an answer to one is not always wrong."
        )
    if any(o.held_out for o in outcomes):
        notes.append(
            "Articles left out: each answerable question was asked again of all articles but those that answer it."
        )
    if any(o.as_asked for o in outcomes):
        notes.append(
            f"{sum(1 for o in outcomes if o.as_asked)} questions follow earlier turns, which were given along."
        )
    notes.append("Plain way: the nearest passage by embedding alone is the answer, and its cosine the confidence.")
    return notes
