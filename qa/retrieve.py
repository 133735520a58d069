"""A question to hits: dense and keyword search, fused."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from heapq import nlargest
from itertools import islice
from operator import itemgetter

import numpy as np
from numpy.typing import NDArray

from index import keywords
from index.batches import batches
from index.chunk import embedded_text
from index.embed import Embedder
from index.snapshot import Snapshot
from index.types import Chunk, Filters, Hit
from index.vectors import Vectors
from qa.copies import Told

CANDIDATES = 50
"""How many chunks each of the two searches contributes."""
MOST = 800
"""The most that each contributes, where reprints of the same words fill the list."""
FEW = 500
"""So few chunks that pass the filters are all compared with the question here. Chroma takes longer to leave out others:
56 ms for 100 of 100,000 on two cores, 24 for 300; finding as a whole takes 6 so for the 55 of a day."""
ON_SIGHT = 10
"""The best of them by keywords that are embedded for one question, where their vectors have yet to follow."""


def retrieve(
    snapshot: Snapshot,
    vectors: Vectors | None,
    embedder: Embedder,
    question: str,
    *,
    filters: Filters | None = None,
    k: int = 10,
) -> tuple[Hit, ...]:
    """The k chunks that fit a question best, best first. What articles of one story say word for word comes once.

    Cosine similarity and BM25 are each scaled to 0..1 over the candidates (min-max) and summed: measured on SQuAD
    (646 paragraphs, 1,500 questions) this has MRR@10 .871, reciprocal rank fusion with k=60 .831, dense alone .716.
    `parts` holds the raw "dense" cosine and "keyword" BM25 score. Without `vectors` the words alone find. Raises
    CollectionGone when a rebuild switched.
    """
    some = CANDIDATES
    while True:
        best, dense, keyword = _scored(snapshot, vectors, embedder, question, filters, some)
        found = list(islice(_told_once(snapshot, best, k), k))
        if len(found) == k or len(best) < some or some >= MOST:  # else reprints may have left no room for others
            break
        some *= 4
    return tuple(
        Hit(chunk, score, {"dense": dense.get(chunk.id, 0.0), "keyword": keyword.get(chunk.id, 0.0)})
        for score, chunk in found
    )


def _scored(
    snapshot: Snapshot, vectors: Vectors | None, embedder: Embedder, question: str, filters: Filters | None, some: int
) -> tuple[list[tuple[float, str]], dict[str, float], dict[str, float]]:
    """Fused scores and ids, best first, of `some` chunks from each search; their cosines and their BM25, by id."""
    with ThreadPoolExecutor(1, thread_name_prefix="nearest") as aside:  # SQLite looks for the words meanwhile
        embedded = aside.submit(embedder.question, question)
        nearest = _begin(aside, snapshot, vectors, embedded, some, filters)
        languages = snapshot.languages()
        terms = keywords.query_terms(question, languages, asked_in=keywords.spoken(question, languages))
        keyword = dict(snapshot.search_keywords(terms, some, filters))
        query, dense = embedded.result(), nearest()
    keys = snapshot.embedding_keys([*dense, *(i for i in keyword if i not in dense)])
    unmeasured = {i: keys[i] for i in keyword if i not in dense and i in keys}
    dense |= _cosines(snapshot, unmeasured, query)
    behind = snapshot.chunks([i for i in unmeasured if i not in dense][:ON_SIGHT])
    dense |= _on_sight(list(behind.values()), embedder, query)
    ids = list(keys)  # of the chunks that the library has committed
    fused = _scaled([dense.get(i) for i in ids]) + _scaled([keyword.get(i, 0.0) for i in ids])
    best = sorted(zip(map(float, fused), ids, strict=True), key=lambda pair: (-pair[0], pair[1]))
    return best, dense, keyword


def _told_once(snapshot: Snapshot, best: Sequence[tuple[float, str]], some: int) -> Iterator[tuple[float, Chunk]]:
    """The chunks with their scores, read `some` at a time, but for those that say what one before them says."""
    told = Told(snapshot)
    for batch in batches(best, some):
        chunks = snapshot.chunks([i for _, i in batch])
        new = {chunk.id for chunk in told.new([chunks[i] for _, i in batch])}
        yield from ((score, chunks[i]) for score, i in batch if i in new)


def _begin(
    aside: ThreadPoolExecutor,
    snapshot: Snapshot,
    vectors: Vectors | None,
    query: Future[NDArray[np.float32]],
    some: int,
    filters: Filters | None,
) -> Callable[[], dict[str, float]]:
    """Begin to look for `some` chunks by their vectors; what is returned waits for them, with their cosines.

    Only the thread that has the snapshot reads from it.
    """
    collection = snapshot.collection

    def asked(k: int, allowed: Sequence[str] | None = None) -> dict[str, float]:
        return {} if vectors is None else dict(vectors.query(collection, query.result(), k, allowed=allowed))

    if filters is None:
        return aside.submit(asked, some).result
    if many := snapshot.to_sift(filters, some):
        found = aside.submit(asked, many)

        def sifted() -> dict[str, float]:
            cosines = found.result()
            passing = snapshot.passing(list(cosines), filters)[:some]
            if len(passing) < some:  # what is nearest seldom passes
                return asked(some, snapshot.chunk_ids(filters, written=True))
            return {i: cosines[i] for i in passing}

        return sifted
    listed = snapshot.chunk_ids(filters)
    if len(listed) > FEW:
        return aside.submit(asked, some, snapshot.chunk_ids(filters, written=True)).result

    def compared() -> dict[str, float]:
        cosines = _cosines(snapshot, snapshot.embedding_keys(listed), query.result())
        return dict(nlargest(some, cosines.items(), key=itemgetter(1)))

    return compared


def _cosines(snapshot: Snapshot, keys: Mapping[str, bytes], query: NDArray[np.float32]) -> dict[str, float]:
    """The cosine similarity of those chunks, of which the keys are given, whose vectors the library has."""
    known = snapshot.embeddings(keys.values())
    return {i: float(known[key] @ query) for i, key in keys.items() if key in known}


def _on_sight(chunks: Sequence[Chunk], embedder: Embedder, query: NDArray[np.float32]) -> dict[str, float]:
    """The cosine similarity of chunks whose vectors have yet to follow."""
    if not chunks:
        return {}
    texts = [embedded_text(chunk.article, (chunk.start, chunk.end), embedder.token_spans) for chunk in chunks]
    return dict(zip((chunk.id for chunk in chunks), map(float, embedder.passages(texts) @ query), strict=True))


def _scaled(scores: Sequence[float | None]) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Scores on 0..1 by their minimum and maximum; a missing one counts as the minimum."""
    known = [s for s in scores if s is not None]
    if not known:
        return np.zeros(len(scores))
    low, spread = min(known), max(known) - min(known)
    return np.array([0.0 if s is None else (s - low) / spread if spread else 1.0 for s in scores])
