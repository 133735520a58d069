"""Which articles are one story: a wire report and those who print it, a page under two addresses.

The first article of a story stands for it. Another one belongs to it when half of the runs of RUN words that either
has stand in both, and the numbers of the one that has fewer stand in the other: reports of two days' weather share most
of their words. Which stories to compare it with, MinHash tells (datasketch), whose bands the library keeps.
"""

import sqlite3
from collections.abc import Iterable, Sequence
from hashlib import blake2b

from index import keywords
from index.batches import batches

SCHEMA = """
CREATE TABLE story (
    number INTEGER PRIMARY KEY,
    article TEXT NOT NULL UNIQUE,
    first INTEGER NOT NULL             -- number of the article that stands for the story
);
CREATE INDEX story_first ON story(first);
CREATE TABLE story_band (band INTEGER NOT NULL, number INTEGER NOT NULL, PRIMARY KEY (band, number)) WITHOUT ROWID;
"""

Run = tuple[str, ...]
RUN = 3
ALIKE = 0.5
"""The Jaccard similarity from which two texts are one story. The reprint among the samples has .63, no other two of
them over .03, no two of 189 news articles (onestopqa) over .01."""
SAME_NUMBERS = 0.9
LEAST = 10
"""Runs of a text below which it is a story of its own: "The page was not found."."""
BANDS, ROWS = 32, 4
"""Two texts have a band in common with a probability of .87 at a similarity of .5, .996 at .63, .00003 at .03."""
COMPARED = 10
"""Stories that an article is compared with at most."""


def place(db: sqlite3.Connection, article_id: str, text: str) -> None:
    """Put a new article to the story that it belongs to, or let it stand for one of its own."""
    bands = _bands(text)
    first = next((number for number, other in _candidates(db, bands) if same(text, other)), None)
    number = db.execute("INSERT INTO story (article, first) VALUES (?, ?)", (article_id, first or 0)).lastrowid
    if first is None:
        _stand(db, number, bands, instead_of=0)


def forget(db: sqlite3.Connection, article_id: str, text: str) -> None:
    """Take out an article that goes. If it stood for its story, the next one does from then on."""
    row = db.execute("SELECT number, first FROM story WHERE article = ?", (article_id,)).fetchone()
    if row is None:
        return
    number, first = row
    db.execute("DELETE FROM story WHERE number = ?", (number,))
    if number != first:
        return
    db.executemany("DELETE FROM story_band WHERE band = ? AND number = ?", [(band, number) for band in _bands(text)])
    heir = db.execute(
        """SELECT number, text FROM story JOIN article ON article.id = story.article WHERE first = ?
        ORDER BY number LIMIT 1""",
        (first,),
    ).fetchone()
    if heir:
        _stand(db, heir[0], _bands(heir[1]), instead_of=first)


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


def unplaced(db: sqlite3.Connection) -> int:
    """How many articles are in no story, not even one of their own."""
    return int(db.execute("SELECT count(*) FROM article WHERE id NOT IN (SELECT article FROM story)").fetchone()[0])


def same(one: str, other: str) -> bool:
    """Whether two texts are one story."""
    mine, theirs = set(runs(one)), set(runs(other))
    few, many = sorted((numbers(one), numbers(other)), key=len)
    return len(mine & theirs) >= ALIKE * len(mine | theirs) and len(few & many) >= SAME_NUMBERS * len(few)


def runs(text: str) -> list[Run]:
    """The runs of RUN words in a text, in order."""
    words = keywords.words(text)
    return [tuple(words[at : at + RUN]) for at in range(len(words) - RUN + 1)]


def numbers(text: str) -> set[str]:
    """The numbers in a text, "1,200" as "1200"."""
    return {word for word in keywords.words(text) if any(map(str.isdigit, word))}


def _bands(text: str) -> list[int]:
    """The bands of a text's MinHash; of a short text, none."""
    from datasketch import MinHash  # type: ignore[import-untyped]  # slow to import

    found = set(runs(text))
    if len(found) < LEAST:
        return []
    minhash = MinHash(num_perm=BANDS * ROWS)
    minhash.update_batch([" ".join(run).encode() for run in found])
    rows = minhash.hashvalues.reshape(BANDS, ROWS)
    digests = (blake2b(row.tobytes(), digest_size=8, salt=bytes([n])).digest() for n, row in enumerate(rows))
    return [int.from_bytes(digest, "big", signed=True) for digest in digests]


def _candidates(db: sqlite3.Connection, bands: Sequence[int]) -> list[tuple[int, str]]:
    """The stories that may be that of a text, most alike first: their numbers, and the texts that stand for them."""
    return db.execute(
        f"""SELECT number, text FROM (
            SELECT number, count(*) AS common FROM story_band WHERE band IN ({",".join("?" * len(bands))})
            GROUP BY number ORDER BY common DESC, number LIMIT {COMPARED}
        ) JOIN story USING (number) JOIN article ON article.id = story.article ORDER BY common DESC, number""",
        bands,
    ).fetchall()


def _stand(db: sqlite3.Connection, number: int | None, bands: Sequence[int], *, instead_of: int) -> None:
    """Let an article stand for the story that another one stood for; 0 is one that nobody told yet."""
    db.executemany("INSERT INTO story_band (band, number) VALUES (?, ?)", [(band, number) for band in bands])
    db.execute("UPDATE story SET first = ? WHERE first = ?", (number, instead_of))
