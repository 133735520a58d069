"""All that is true in a library, in one file that other programs read too: see `index.pack` for the file itself.

| Member           | A line is                                                                                     |
|------------------|-----------------------------------------------------------------------------------------------|
| articles.jsonl   | an article as it is cited, its `original`, the `fingerprint` of its record, and `added_at`    |
| versions.jsonl   | what an article was before it changed: the same, with `replaced_at`                           |
| exchanges.jsonl  | a question: `owner` (a key's name, "" for none), conversation, filters, answer, thumb, time   |
| embeddings.jsonl | `key` in hex, `vector` as base64 of little-endian float32; only if asked for                  |

Lines are in the order of ids. What can be worked out of them (chunks, keywords, vectors in Chroma) is not there, nor
are keys and settings.
"""

import base64
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.conversations import Asked, asked
from index.history import Stored
from index.library import Library
from index.pack import Fields, packing
from index.types import Progress, no_progress

ARTICLES, VERSIONS, EXCHANGES, EMBEDDINGS = (
    f"{name}.jsonl" for name in ("articles", "versions", "exchanges", "embeddings")
)


def export(
    library: Library, path: Path, *, now: datetime, embeddings: bool = False, force: bool = False,
    progress: Progress = no_progress,
) -> Mapping[str, int]:  # fmt: skip
    """Write one state of a library to a file, whoever changes it meanwhile; how many lines each member has.

    Raises InputError when there is a file of that name and not `force`, StorageError when it cannot be written.
    """

    def told(rows: Iterator[Fields], stage: str, total: int = 0) -> Iterator[Fields]:
        for done, row in enumerate(rows, 1):
            if done % 100 == 0:
                progress(stage, done, total)
            yield row

    with packing(path, force=force) as pack, library.read() as snapshot:
        pack.add(ARTICLES, told(map(_stored_fields, snapshot.stored()), "articles", snapshot.count("article")))
        pack.add(VERSIONS, told(map(_stored_fields, snapshot.versions()), "versions"))
        pack.add(EXCHANGES, told(map(_asked_fields, asked(snapshot)), "questions"))
        about: dict[str, Any] = {"created": now.isoformat(timespec="seconds")}
        if embeddings and snapshot.state:
            vectors = ({"key": key.hex(), "vector": _base64(v)} for key, v in snapshot.serving_embeddings())
            pack.add(EMBEDDINGS, told(vectors, "embeddings", snapshot.count("chunk")))
            spec = snapshot.state.spec
            about["embeddings"] = {n: getattr(spec, n) for n in ("model", "fingerprint", "dimension")}
        pack.finish(about)
    return {name: member["lines"] for name, member in pack.members.items()}


def _stored_fields(kept: Stored) -> Fields:
    fields = asdict(kept.article) | asdict(kept)
    del fields["article"]
    if kept.replaced_at is None:
        del fields["replaced_at"]
    return fields


def _asked_fields(question: Asked) -> Fields:
    where = {"owner": question.owner, "conversation": question.conversation, "asked_at": question.asked_at}
    return where | asdict(question.kept)


def _base64(vector: NDArray[np.float32]) -> str:
    return base64.b64encode(vector.astype("<f4").tobytes()).decode()
