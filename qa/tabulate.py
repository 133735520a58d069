"""The measures over many questions: the rows of the table that `dateline eval` prints."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from qa.conflict import DISAGREE
from qa.metrics import auroc, contains, interval, recall, reciprocal_rank, token_f1
from qa.outcomes import Outcome


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


def tabulate(outcomes: Sequence[Outcome]) -> tuple[Row, ...]:
    """The measures over all outcomes; a measure that the set cannot tell is left out."""
    rows: list[Row] = []
    answerable = [o for o in outcomes if o.question.answerable]
    unanswerable = [o for o in outcomes if not o.question.answerable]
    known = [o for o in answerable if o.question.articles]
    _articles(rows, known)
    _evidence(rows, [o for o in known if o.located])
    _ablation(rows, [o for o in answerable if o.located and o.stages])
    _follow_ups(rows, [o for o in known if o.as_asked is not None])
    _answers(rows, [o for o in answerable if o.question.answers])
    _citations(rows, outcomes)
    _refusal(rows, answerable, unanswerable)
    _timings(rows, outcomes)
    return tuple(rows)


def mean(values: Sequence[float]) -> Estimate:
    """The mean with its interval."""
    low, high = interval(np.mean, values)
    return Estimate(float(np.mean(values)) if len(values) else float("nan"), low, high, len(values))


def _articles(rows: list[Row], outcomes: Sequence[Outcome]) -> None:
    if not outcomes:
        return
    ours, plain = [o.found for o in outcomes], [o.plain for o in outcomes]
    gold = [o.question.articles for o in outcomes]
    for k in (1, 5, 10):
        columns = [[recall(f.articles, g, k) for f, g in zip(side, gold, strict=True)] for side in (ours, plain)]
        rows.append(Row("retrieval", f"article recall@{k}", mean(columns[0]), mean(columns[1])))


def _evidence(rows: list[Row], outcomes: Sequence[Outcome]) -> None:
    if not outcomes:
        return
    ours, plain = [o.found for o in outcomes], [o.plain for o in outcomes]
    columns = [[reciprocal_rank(f.overlaps) for f in side] for side in (ours, plain)]
    rows.append(Row("retrieval", "MRR@10, first chunk on the evidence", mean(columns[0]), mean(columns[1])))
    for k in (5, 10):
        columns = [[_at(f.evidence, k) for f in side] for side in (ours, plain)]
        rows.append(Row("retrieval", f"evidence recall@{k}", mean(columns[0]), mean(columns[1])))


def _at(evidence: Sequence[float], k: int) -> float:
    return evidence[:k][-1] if evidence else 0.0


def _ablation(rows: list[Row], outcomes: Sequence[Outcome]) -> None:
    if not outcomes:
        return
    named = (("dense", "embedding alone"), ("keyword", "keywords alone"), ("fused", "both, fused"))
    for stage, name in named:
        ranks = [reciprocal_rank(o.stages[stage].overlaps) for o in outcomes]
        rows.append(Row("MRR@10 by stage", name, mean(ranks)))
    ranks = [reciprocal_rank(o.found.overlaps) for o in outcomes]
    rows.append(Row("MRR@10 by stage", "and sentences read by the cross-encoder", mean(ranks)))


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
    disagreeing = [float(any(note.startswith(DISAGREE) for note in o.answer.notes)) for o in outcomes]
    rows.append(Row("answer", "articles shown to disagree", mean(disagreeing)))


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
