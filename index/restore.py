"""A library whose file is damaged is written anew from what is true in it, beside it, and takes its place in one step.

| What cannot be read                              | What happens                                                      |
|--------------------------------------------------|-------------------------------------------------------------------|
| chunks, keywords, stories, what SQLite finds by  | made again                                                        |
| embeddings                                       | those that can be read are kept, the others computed again        |
| state, articles, versions, questions             | StorageError, and nothing is changed                              |
"""

import logging
from pathlib import Path

from index.errors import StorageError
from index.library import Library
from index.prepare import cut
from index.store import Index

BATCH = 1000
"""Articles that are looked up together."""
NEW = ".new"
"""What the name of the file ends in that is being written."""


def restore(index: Index) -> None:
    """Write the library anew; the damaged file is kept, and a warning says under which name.

    Raises StorageError, with nothing changed, when something true cannot be read, or there is no room.
    """
    path = index.library.path
    new = path.with_name(path.name + NEW)
    _discard(new)
    try:
        _write(index, new)
        kept = index.library.replace_by(new)
    except StorageError as error:
        raise StorageError(
            f"The library {path} could not be mended, and nothing was changed: {error.__cause__ or error}. "
            "Put a copy of the folder back, or save what can be read and put it into another folder: "
            "dateline export FILE, then dateline import FILE --data DIR"
        ) from error
    finally:
        _discard(new)
    logging.getLogger(__name__).warning(
        "The library's file was damaged and was written anew, with all its articles. The damaged one is kept: %s", kept
    )


def _write(index: Index, new: Path) -> None:
    with index.library.read() as old, Library(new).write() as change:
        assert old.state is not None
        spec = old.state.spec
        change.copy(old, spec.dimension)
        while batch := change.not_in(old.collection, BATCH):
            for article in batch:
                change.put_chunks(old.collection, article, cut(article, index.embedder_of(spec), spec))
        change.index_all_keywords()
        change.group_stories()
        change.bump()
        if wrong := change.problems():
            raise StorageError("; ".join(wrong))


def _discard(new: Path) -> None:
    for end in ("", "-wal", "-shm"):
        new.with_name(new.name + end).unlink(missing_ok=True)
