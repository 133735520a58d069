"""An exported file goes into an index: what it lacks is put in, what differs is kept beside it, nothing is lost.

| An article of the file  | What happens                                                                    |
|-------------------------|---------------------------------------------------------------------------------|
| is not there            | added, as it was                                                                |
| is there, the same      | nothing                                                                         |
| is newer than the one   | takes its place; the one that was there becomes an earlier version              |
| is older than the one   | becomes an earlier version of it                                                |
| has earlier versions    | they are put among those there are                                              |

Which of two is newer, `added_at` says. Of a question with two answers the later one stays.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from index.batches import batches
from index.build import BATCH
from index.conversations import merge
from index.exported import Export
from index.follow import catch_up, drop_stale
from index.history import Stored
from index.language import language_of
from index.prepare import cut
from index.store import Index
from index.tokens import count_tokens
from index.types import Progress, no_progress

ROWS = 1000
"""Questions or embeddings that are committed together."""


@dataclass(slots=True, kw_only=True)
class Imported:
    """What became of the articles of a file, and how many of the other things it brought."""

    added: int = 0
    replaced: int = 0
    older: int = 0
    unchanged: int = 0
    versions: int = 0
    questions: int = 0
    embeddings: int = 0
    embeddings_fit: bool = False
    """Whether its embeddings, if it has any, are of the model that the index has."""


def take_in(index: Index, export: Export, *, progress: Progress = no_progress) -> Imported:
    """Put all of a checked export into an index; when this returns, its vectors are there too.

    Embeddings of the model that the index has are taken over, those of another left out. Each batch of articles is
    committed with its versions, chunks and keywords: a killed run leaves whole articles only, and the next one goes on.
    """
    report = Imported()
    with index.library.read() as snapshot:
        assert snapshot.state is not None
        spec = snapshot.state.spec
    own = {"fingerprint": spec.fingerprint, "dimension": spec.dimension}
    report.embeddings_fit = export.embeddings is not None and own.items() <= export.embeddings.items()
    if report.embeddings_fit:
        for some in batches(export.vectors(), ROWS):
            with index.library.write() as change:
                there = change.embeddings(key for key, _ in some)
                new = [(key, vector) for key, vector in some if key not in there]
                change.put_embeddings(new)
            report.embeddings += len(new)
    done = 0
    for batch in batches(export.histories(), BATCH):
        _put(index, batch, report)
        done += len(batch)
        progress("reading", done, export.articles)
    for questions in batches(export.questions(), ROWS):
        report.questions += merge(index.library, questions)
    catch_up(index, progress=progress)
    return report


def _put(index: Index, batch: Sequence[tuple[Stored, Sequence[Stored]]], report: Imported) -> None:
    """Commit some articles with their versions. What takes long is done before the library is locked."""
    batch = [(_told(theirs), older) for theirs, older in batch]
    with index.library.read() as snapshot:
        assert snapshot.state is not None
        spec = snapshot.state.spec
        fates = [_fate(next(snapshot.stored(theirs.article.id), None), theirs) for theirs, _ in batch]
    ready = [
        (cut(theirs.article, index.embedder_of(spec), spec), count_tokens(theirs.article.text))
        if fate in ("added", "replaced")
        else ((), 0)
        for fate, (theirs, _) in zip(fates, batch, strict=True)
    ]
    with index.writing, index.library.write() as change:
        for fate, (theirs, older), (chunks, tokens) in zip(fates, batch, ready, strict=True):
            setattr(report, fate, getattr(report, fate) + 1)
            if fate in ("added", "replaced"):
                change.put_article(
                    theirs.article,
                    chunks,
                    fingerprint=theirs.fingerprint,
                    original=theirs.original,
                    tokens=tokens,
                    added_at=theirs.added_at,
                )
            elif fate == "older":
                (mine,) = change.stored(theirs.article.id)
                change.keep_version(replace(theirs, replaced_at=mine.added_at))
            report.versions += sum(change.keep_version(version) for version in older)
        if {"added", "replaced"} & set(fates):
            change.bump()
        collection = change.collection
    drop_stale(index, collection)


def _told(theirs: Stored) -> Stored:
    """The article with its language, which older files do not have, or as it was claimed."""
    return replace(theirs, article=replace(theirs.article, language=language_of(theirs.article)))


def _fate(mine: Stored | None, theirs: Stored) -> Literal["added", "replaced", "older", "unchanged"]:
    """What becomes of an article of the file, beside the one of its id that is there."""
    if mine is None:
        return "added"
    if mine.fingerprint == theirs.fingerprint:
        return "unchanged"
    return "replaced" if theirs.added_at > mine.added_at else "older"
