"""Articles in another language than the question, read by the embedding model: the cross-encoder knows English only."""

from collections.abc import Sequence
from dataclasses import replace

from index import keywords
from index.embed import Embedder
from index.language import ENGLISH
from qa.read import Candidate

SLOPE, EVEN = 20.0, 0.55
"""A sentence with cosine EVEN counts as logit 0, each 0.1 more as 2 more. Set by eye for
universal-sentence-encoder-multilingual (qa/EVALUATION.md); a model whose cosines lie higher will refuse less."""


def read_across(embedder: Embedder, question: str, candidates: Sequence[Candidate]) -> list[Candidate]:
    """The candidates, best first, those in another language than the question with logits by their embeddings.

    Whether they mean anything depends on the model: the packaged one knows English only.
    """
    asked_in = keywords.spoken(question, {c.article.language or ENGLISH for c in candidates})
    foreign = [c for c in candidates if asked_in and _is_foreign(c.article.language or ENGLISH, asked_in)]
    if not foreign:
        return list(candidates)
    query = embedder.question(question)
    cosines = embedder.passages([text for c in foreign for text in (c.text, c.context)]) @ query
    logits = SLOPE * (cosines.reshape(-1, 2).astype(float) - EVEN)
    read = [
        replace(c, alone=alone, in_context=together, untitled=max(alone, together))
        for c, (alone, together) in zip(foreign, logits.tolist(), strict=True)
    ]
    rest = [c for c in candidates if c not in foreign]
    return sorted([*rest, *read], key=lambda c: -c.score)


def _is_foreign(language: str, asked_in: str) -> bool:
    """Whether a language is surely not the one asked in, which only languages with known stop words can be."""
    return language != asked_in and bool(keywords.stop_words(language))
