"""Which articles are one story: a wire report and those who print it, a page under two addresses.

The first article of a story stands for it. Another one belongs to it when half of the runs of RUN words that either
has stand in both, and the numbers of the one that has fewer stand in the other: reports of two days' weather share most
of their words. Which stories to compare it with, MinHash tells (datasketch), whose bands the library keeps.
"""

import sqlite3
from collections.abc import Iterable, Sequence
from hashlib import blake2b
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from index import keywords
from index.batches import batches

SCHEMA = """
CREATE TABLE story (
    number INTEGER PRIMARY KEY,
    article TEXT NOT NULL UNIQUE,
    first INTEGER NOT NULL,            -- number of the article that stands for the story; of that one there are
    hashes BLOB, numbers TEXT          -- its MinHash, and the numbers in its text with blanks between them
);
CREATE INDEX story_first ON story(first);
CREATE TABLE story_band (band INTEGER NOT NULL, number INTEGER NOT NULL, PRIMARY KEY (band, number)) WITHOUT ROWID;
"""

Run = tuple[str, ...]
RUN = 3
ALIKE = 0.5
"""The Jaccard similarity, as MinHash has it (a standard deviation of .04), from which two texts are one story. The
reprint among the samples has .63, no other two of them over .03, no two of 189 news articles (onestopqa) over .01."""
SAME_NUMBERS = 0.9
LEAST = 10
"""Runs of a text below which it is a story of its own: "The page was not found."."""
BANDS, ROWS = 32, 4
"""Two texts have a band in common with a probability of .87 at a similarity of .5, .996 at .63, .00003 at .03."""
COMPARED = 10
"""Stories that an article is compared with at most."""


class Signature(NamedTuple):
    """What is known of a text when it is compared: BANDS × ROWS hashes, of a short one none, and its numbers."""

    hashes: NDArray[np.uint32]
    numbers: frozenset[str]

    @property
    def bands(self) -> list[int]:
        """What texts that are alike are likely to share one of."""
        rows = self.hashes.reshape(-1, ROWS)
        digests = (blake2b(row.tobytes(), digest_size=8, salt=bytes([n])).digest() for n, row in enumerate(rows))
        return [int.from_bytes(digest, "big", signed=True) for digest in digests]

    def same(self, other: "Signature") -> bool:
        """Whether two texts, neither of them short, are one story."""
        few, many = sorted((self.numbers, other.numbers), key=len)
        alike = float(np.mean(self.hashes == other.hashes)) >= ALIKE
        return alike and len(few & many) >= SAME_NUMBERS * len(few)


def signature(text: str) -> Signature:
    """The signature of a text."""
    from datasketch import MinHash  # type: ignore[import-untyped]  # slow to import

    words = keywords.words(text)
    found = set(runs(words))
    minhash = MinHash(num_perm=BANDS * ROWS)
    minhash.update_batch([" ".join(run).encode() for run in found])
    hashes = np.asarray(minhash.hashvalues, dtype=np.uint32)
    numbers = frozenset(word for word in words if any(map(str.isdigit, word)))
    return Signature(hashes if len(found) >= LEAST else hashes[:0], numbers)


def runs(words: Sequence[str]) -> list[Run]:
    """The runs of RUN words, in order."""
    return [tuple(words[at : at + RUN]) for at in range(len(words) - RUN + 1)]


def place(db: sqlite3.Connection, article_id: str, text: str) -> None:
    """Put a new article to the story that it belongs to, or let it stand for one of its own."""
    mine = signature(text)
    first = next((number for number, other in _candidates(db, mine.bands) if mine.same(other)), None)
    number = db.execute(
        "INSERT OR REPLACE INTO story (article, first) VALUES (?, ?)", (article_id, first or 0)
    ).lastrowid
    if first is None:
        _stand(db, number, mine, instead_of=0)


def forget(db: sqlite3.Connection, article_id: str) -> None:
    """Take out an article that goes. If it stood for its story, the next one does from then on."""
    row = db.execute("SELECT number, first, hashes, numbers FROM story WHERE article = ?", (article_id,)).fetchone()
    if row is None:
        return
    number, first, *kept = row
    db.execute("DELETE FROM story WHERE number = ?", (number,))
    if number != first:
        return
    bands = _signature(*kept).bands
    db.executemany("DELETE FROM story_band WHERE band = ? AND number = ?", [(band, number) for band in bands])
    heir = db.execute(
        """SELECT number, text FROM story JOIN article ON article.id = story.article WHERE first = ?
        ORDER BY number LIMIT 1""",
        (first,),
    ).fetchone()
    if heir:
        _stand(db, heir[0], signature(heir[1]), instead_of=first)


def regroup(db: sqlite3.Connection) -> None:
    """Group all articles anew, in the order in which they came."""
    db.execute("DELETE FROM story")
    db.execute("DELETE FROM story_band")
    for article_id, text in db.execute("SELECT id, text FROM article ORDER BY added_at, id"):
        place(db, article_id, text)


def shared(db: sqlite3.Connection, article_ids: Iterable[str]) -> dict[str, int]:
    """The stories of those articles whose story others tell too, by the articles' ids."""
    found: dict[str, int] = {}
    for some in batches(article_ids, 500):
        found |= db.execute(
            f"""SELECT article, first FROM story WHERE article IN ({",".join("?" * len(some))}) AND EXISTS
            (SELECT 1 FROM story AS other WHERE other.first = story.first AND other.number <> story.number)""",
            some,
        )
    return found


def misplaced(db: sqlite3.Connection) -> int:
    """How many articles are in no story, not even one of their own, or are in one and not in the library."""
    unplaced = db.execute("SELECT count(*) FROM article WHERE id NOT IN (SELECT article FROM story)").fetchone()[0]
    gone = db.execute("SELECT count(*) FROM story WHERE article NOT IN (SELECT id FROM article)").fetchone()[0]
    return int(unplaced + gone)


def _candidates(db: sqlite3.Connection, bands: Sequence[int]) -> list[tuple[int, Signature]]:
    """The stories that may be that of a text, most alike first: their numbers, and the signatures that they have."""
    rows = db.execute(
        f"""SELECT number, hashes, numbers FROM (
            SELECT number, count(*) AS common FROM story_band WHERE band IN ({",".join("?" * len(bands))})
            GROUP BY number ORDER BY common DESC, number LIMIT {COMPARED}
        ) JOIN story USING (number) ORDER BY common DESC, number""",
        bands,
    )
    return [(number, _signature(*kept)) for number, *kept in rows]


def _signature(hashes: bytes, numbers: str) -> Signature:
    return Signature(np.frombuffer(hashes, dtype=np.uint32), frozenset(numbers.split()))


def _stand(db: sqlite3.Connection, number: int | None, mine: Signature, *, instead_of: int) -> None:
    """Let an article stand for the story that another one stood for; 0 is one that nobody told yet."""
    db.executemany("INSERT INTO story_band (band, number) VALUES (?, ?)", [(band, number) for band in mine.bands])
    kept = (mine.hashes.tobytes(), " ".join(sorted(mine.numbers)))
    db.execute("UPDATE story SET hashes = ?, numbers = ? WHERE number = ?", (*kept, number))
    db.execute("UPDATE story SET first = ? WHERE first = ?", (number, instead_of))
