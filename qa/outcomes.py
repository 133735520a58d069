"""One question of a set: what was answered and found, held against what is known."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from index.snapshot import Snapshot
from index.store import Index
from index.types import Chunk, Hit
from qa.dataset import Question, find_words
from qa.read import DEPTH as READ_DEPTH
from qa.retrieve import retrieve
from qa.types import Answer, Citation

DEPTH = 10
COVERED = 0.5
"""Evidence counts as found when at least this share of it lies in the hits: its first words alone are not it."""

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
    stages: dict[str, Found]
    """What each of the first stages of the search finds, by its name; empty if not asked for."""
    held_out: Answer | None
    """The answer when the articles that hold it are left out."""
    verbatim: int
    """Citations whose quote stands in the stored article at its offsets."""
    on_evidence: int
    """Citations that overlap the evidence."""


def measured(
    index: Index,
    snapshot: Snapshot,
    question: Question,
    answer: Answer,
    held_out: Answer | None,
    as_asked: Sequence[Chunk] | None,
    stages: dict[str, Found],
) -> Outcome:
    """What was answered, and the plain way's answer beside it, held against what is known of the question."""
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
        stages=stages,
        held_out=held_out,
        verbatim=sum(_stands(snapshot, c) for c in answer.citations),
        on_evidence=sum(_overlaps((c.article.id, c.start, c.end), spans) for c in answer.citations),
    )


def stages(index: Index, snapshot: Snapshot, question: Question) -> dict[str, Found]:
    """What is found by embedding alone, by keywords alone, and by both, over the same candidates."""
    spans = evidence_spans(snapshot, question)
    hits = retrieve(snapshot, index.vectors, index.embedder, question.question, k=READ_DEPTH)
    orders = {name: sorted(hits, key=_by_part(name)) for name in ("dense", "keyword")}
    return {name: found([h.chunk for h in order], spans) for name, order in (*orders.items(), ("fused", hits))}


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


def _by_part(name: str) -> Callable[[Hit], float]:
    return lambda hit: -hit.parts[name]
