"""How good the answers are: a set's questions asked as users ask them, and what came back measured."""

import hashlib
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import numpy as np

from index import chunk as chunking
from index.build import add
from index.config import Config
from index.errors import InputError
from index.load import load
from index.snapshot import Snapshot
from index.store import Index, open_index
from index.types import Chunk, Filters, Progress, no_progress
from qa.ask import ask, search
from qa.dataset import ARTICLES, QUESTIONS, Question, digest, find_words, questions
from qa.metrics import auroc, contains, interval, recall, reciprocal_rank, token_f1
from qa.rerank import Reranker
from qa.types import Answer, Citation, Turn

Ask = Callable[[str, Sequence[Turn], Filters | None], Answer]
Search = Callable[[str], Sequence[Chunk]]

DEPTH = 10
COVERED = 0.5
"""Evidence counts as found when at least this share of it lies in the hits: its first words alone are not it."""

USER_CACHE = Path("~/.cache/dateline/eval")

Spans = Sequence[tuple[str, int, int]]
"""Where the evidence stands: article id, start, end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What a list of chunks holds of what was asked for, best chunk first."""

    articles: tuple[str, ...]
    overlaps: tuple[bool, ...]
    evidence: tuple[float, ...]
    """The share of the evidence spans that lie in the first 1, 2, … chunks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """One question, what was answered, and what the plain way (the nearest passage by embedding) gives."""

    question: Question
    answer: Answer
    located: bool
    """Whether the evidence was found in the stored articles."""
    found: Found
    plain: Found
    plain_text: str
    plain_score: float
    as_asked: Found | None
    """For a follow-up question: what is found without rewriting it."""
    held_out: Answer | None
    """The answer when the articles that hold it are left out."""
    verbatim: int
    """Citations whose quote stands in the stored article at its offsets."""
    on_evidence: int
    """Citations that overlap the evidence."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure, its 95 % bootstrap interval, and how many questions it rests on."""

    value: float
    low: float
    high: float
    n: int


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the table: what is measured, Dateline's figure, and the plain way's where it has one."""

    group: str
    measure: str
    ours: Estimate
    plain: Estimate | None = None


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The table, what it was measured on, and what a reader has to know of how it came about."""

    about: Mapping[str, object]
    rows: tuple[Row, ...]
    notes: tuple[str, ...]


@contextmanager
def open_set(
    folder: Path, config: Config, *, cache: Path | None = None, now: datetime, progress: Progress = no_progress
) -> Iterator[Index]:
    """The index of a set's articles, kept so that the next run embeds nothing.

    It lies in `cache`, else beside the set, else (where that cannot be written) in the user's cache folder. Its name
    holds a digest of the articles, the settings and the code of `index/`: when one of them changes, another is made.
    Raises InputError when the set has no articles.
    """
    file = folder / ARTICLES
    if not file.is_file():
        raise InputError(f"{file} is not there. A set holds {ARTICLES} and {QUESTIONS}.")
    total = hashlib.sha256(f"{config.model} {config.chunk_tokens} {config.overlap}".encode())
    for source in (*sorted(Path(chunking.__file__).parent.glob("*.py")), file):
        total.update(source.read_bytes())
    beside = folder.resolve().parent
    places = cache or (beside / ".dateline-eval" if os.access(beside, os.W_OK) else USER_CACHE.expanduser())
    data = places / f"{folder.resolve().name}-{total.hexdigest()[:12]}"
    with closing(open_index(replace(config, data=data), write=True, progress=progress)) as index:
        add(index, load([file]), now=now, progress=progress)
        yield index


def evaluate(
    folder: Path,
    config: Config,
    *,
    asked: Path | None = None,
    limit: int | None = None,
    half: str | None = None,
    held_out: bool = False,
    cache: Path | None = None,
    now: datetime,
    progress: Progress = no_progress,
) -> Evaluation:
    """Ask the questions of a set (or those of another set, `asked`, which its articles do not answer), and measure.

    `half` and `limit` choose among the questions, as `qa.dataset.questions` does. Raises InputError on what is no set.
    """
    wanted = questions(asked or folder, half=half, limit=limit)
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
    progress: Progress = no_progress,
) -> list[Outcome]:
    """Ask every question. `held_out` asks each answerable one again, without the articles that hold its answer."""
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
            outcomes.append(_outcome(index, snapshot, question, answer, without, as_asked))
        progress("asking", number, len(questions))
    return outcomes


def _outcome(
    index: Index,
    snapshot: Snapshot,
    question: Question,
    answer: Answer,
    held_out: Answer | None,
    as_asked: Sequence[Chunk] | None,
) -> Outcome:
    spans = evidence_spans(snapshot, question)
    nearest = list(index.vectors.query(snapshot.collection, index.embedder.question(question.question), DEPTH))
    chunks = snapshot.chunks([i for i, _ in nearest])
    plain = [chunks[i] for i, _ in nearest if i in chunks]
    return Outcome(
        question=question,
        answer=answer,
        located=bool(spans),
        found=found([hit.chunk for hit in answer.hits], spans),
        plain=found(plain, spans),
        plain_text=plain[0].text if plain else "",
        plain_score=nearest[0][1] if nearest else 0.0,
        as_asked=None if as_asked is None else found(as_asked, spans),
        held_out=held_out,
        verbatim=sum(_stands(snapshot, c) for c in answer.citations),
        on_evidence=sum(_overlaps((c.article.id, c.start, c.end), spans) for c in answer.citations),
    )


def evidence_spans(snapshot: Snapshot, question: Question) -> Spans:
    """Where the stored articles hold a question's evidence."""
    spans = []
    for article_id in question.articles:
        article = snapshot.article(article_id)
        for words in question.evidence if article else ():
            if article and (span := find_words(article.text, words)):
                spans.append((article_id, span.start, span.end))
    return spans


def found(chunks: Sequence[Chunk], spans: Spans) -> Found:
    """What chunks, best first, hold of the evidence."""
    places = [(c.article.id, c.start, c.end) for c in chunks]
    return Found(
        articles=tuple(dict.fromkeys(c.article.id for c in chunks)),
        overlaps=tuple(_overlaps(place, spans) for place in places),
        evidence=tuple(
            float(np.mean([_covered(span, places[:k]) >= COVERED for span in spans])) if spans else 0.0
            for k in range(1, len(places) + 1)
        ),
    )


def _overlaps(place: tuple[str, int, int], spans: Spans) -> bool:
    return any(place[0] == a and place[1] < end and start < place[2] for a, start, end in spans)


def _covered(span: tuple[str, int, int], places: Spans) -> float:
    """The share of a span's characters that lie in some of the places."""
    article, start, end = span
    inside = np.zeros(end - start, dtype=bool)
    for other, left, right in places:
        if other == article:
            inside[max(left - start, 0) : max(right - start, 0)] = True
    return float(inside.mean())


def _stands(snapshot: Snapshot, citation: Citation) -> bool:
    stored = snapshot.article(citation.article.id)
    return stored is not None and stored.text[citation.start : citation.end] == citation.quote != ""


def tabulate(outcomes: Sequence[Outcome]) -> tuple[Row, ...]:
    """The measures over all outcomes; a measure that the set cannot tell is left out."""
    rows: list[Row] = []
    answerable = [o for o in outcomes if o.question.answerable]
    unanswerable = [o for o in outcomes if not o.question.answerable]
    _retrieval(rows, [o for o in answerable if o.located])
    _follow_ups(rows, [o for o in answerable if o.located and o.as_asked is not None])
    _answers(rows, [o for o in answerable if o.question.answers])
    _citations(rows, outcomes)
    _refusal(rows, answerable, unanswerable)
    _timings(rows, outcomes)
    return tuple(rows)


def mean(values: Sequence[float]) -> Estimate:
    """The mean with its interval."""
    low, high = interval(np.mean, values)
    return Estimate(float(np.mean(values)) if len(values) else float("nan"), low, high, len(values))


def _retrieval(rows: list[Row], outcomes: Sequence[Outcome]) -> None:
    if not outcomes:
        return
    ours, plain = [o.found for o in outcomes], [o.plain for o in outcomes]
    gold = [o.question.articles for o in outcomes]
    for k in (1, 5, 10):
        columns = [[recall(f.articles, g, k) for f, g in zip(side, gold, strict=True)] for side in (ours, plain)]
        rows.append(Row("retrieval", f"article recall@{k}", mean(columns[0]), mean(columns[1])))
    columns = [[reciprocal_rank(f.overlaps) for f in side] for side in (ours, plain)]
    rows.append(Row("retrieval", "MRR@10, first chunk on the evidence", mean(columns[0]), mean(columns[1])))
    for k in (5, 10):
        columns = [[_at(f.evidence, k) for f in side] for side in (ours, plain)]
        rows.append(Row("retrieval", f"evidence recall@{k}", mean(columns[0]), mean(columns[1])))


def _at(evidence: Sequence[float], k: int) -> float:
    return evidence[:k][-1] if evidence else 0.0


def _follow_ups(rows: list[Row], outcomes: Sequence[Outcome]) -> None:
    if not outcomes:
        return
    gold = [o.question.articles for o in outcomes]
    columns = [
        [recall(f.articles, g, 5) for f, g in zip(side, gold, strict=True) if f]
        for side in ([o.found for o in outcomes], [o.as_asked for o in outcomes], [o.plain for o in outcomes])
    ]
    rows.append(Row("follow-ups", "article recall@5, rewritten", mean(columns[0]), mean(columns[2])))
    rows.append(Row("follow-ups", "article recall@5, as asked", mean(columns[1]), mean(columns[2])))


def _answers(rows: list[Row], outcomes: Sequence[Outcome]) -> None:
    if not outcomes:
        return
    ours = [" ".join(s.text for s in o.answer.sentences) for o in outcomes]
    plain = [o.plain_text for o in outcomes]
    gold = [o.question.answers for o in outcomes]
    for name, measure in (("gold answer contained", contains), ("token F1", token_f1)):
        columns = [[measure(text, g) for text, g in zip(side, gold, strict=True)] for side in (ours, plain)]
        rows.append(Row("answer", name, mean(columns[0]), mean(columns[1])))
    lengths = [[float(len(t.split())) for t in side if t] for side in (ours, plain)]
    rows.append(Row("answer", "words, median", *(_percentile(side, 50) for side in lengths)))
    sentences = [float(len(o.answer.sentences)) for o in outcomes if o.answer.sentences]
    rows.append(Row("answer", "sentences, mean", mean(sentences)))


def _percentile(values: Sequence[float], percent: float) -> Estimate:
    def statistic(sample: Sequence[float]) -> float:
        return float(np.percentile(sample, percent)) if len(sample) else float("nan")

    return Estimate(statistic(values), *interval(statistic, values), len(values))


def _citations(rows: list[Row], outcomes: Sequence[Outcome]) -> None:
    cited = [o for o in outcomes if o.answer.citations]
    if not cited:
        return
    quotes = [v for o in cited for v in [1.0] * o.verbatim + [0.0] * (len(o.answer.citations) - o.verbatim)]
    rows.append(Row("citations", "quotes verbatim at their offsets", mean(quotes)))
    known = [o for o in cited if o.question.answerable and o.question.articles]
    if known:
        right = [float(c.article.id in o.question.articles) for o in known for c in o.answer.citations]
        first = [float(bool(o.plain.articles) and o.plain.articles[0] in o.question.articles) for o in known]
        rows.append(Row("citations", "cited articles that are gold", mean(right), mean(first)))
    located = [o for o in known if o.located]
    if located:
        on = [v for o in located for v in [1.0] * o.on_evidence + [0.0] * (len(o.answer.citations) - o.on_evidence)]
        first = [float(o.plain.overlaps[:1] == (True,)) for o in located]
        rows.append(Row("citations", "citations on the evidence", mean(on), mean(first)))


def _refusal(rows: list[Row], answerable: Sequence[Outcome], unanswerable: Sequence[Outcome]) -> None:
    always = Estimate(1.0, 1.0, 1.0, 0)
    if answerable:
        answered = [float(not o.answer.abstained) for o in answerable]
        rows.append(Row("refusal", "answered, of the answerable", mean(answered), always))
    sure = [o.answer.confidence for o in answerable]
    near = [o.plain_score for o in answerable]
    if unanswerable:
        answered = [float(not o.answer.abstained) for o in unanswerable]
        rows.append(Row("refusal", "answered, of the unanswerable", mean(answered), always))
        if answerable:
            rows.append(
                Row(
                    "refusal",
                    "AUROC of confidence",
                    _auroc(sure, [o.answer.confidence for o in unanswerable]),
                    _auroc(near, [o.plain_score for o in unanswerable]),
                )
            )
    held = [o.held_out for o in answerable if o.held_out]
    if held:
        answered = [float(not a.abstained) for a in held]
        rows.append(Row("refusal", "answered, its articles left out", mean(answered), always))
        rows.append(Row("refusal", "AUROC against articles left out", _auroc(sure, [a.confidence for a in held])))


def _auroc(positive: Sequence[float], negative: Sequence[float]) -> Estimate:
    return Estimate(auroc(positive, negative), *interval(auroc, positive, negative), len(positive) + len(negative))


def _timings(rows: list[Row], outcomes: Sequence[Outcome]) -> None:
    stages = dict.fromkeys(stage for o in outcomes for stage in o.answer.timings)
    for stage in (*stages, "all"):
        times = [
            sum(o.answer.timings.values()) if stage == "all" else o.answer.timings[stage]
            for o in outcomes
            if stage == "all" or stage in o.answer.timings
        ]
        for percent in (50, 95):
            rows.append(Row("milliseconds", f"{stage}, p{percent}", _percentile(times, percent)))


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
