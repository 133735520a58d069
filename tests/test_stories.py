"""Which articles are one story, and what that is worth when a question is asked."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import pairwise

import pytest
from tiny import NOW, TinyEmbedder, news

from index import stories
from index.build import add, remove, repair, verify
from index.snapshot import Snapshot
from index.store import Index
from qa.copies import Told
from qa.retrieve import retrieve

Opener = Callable[..., Index]

WIRE = (
    "A fire in the harbour of Grumby burnt for 14 hours and destroyed 3 warehouses, the fire service said. The first "
    "alarm came at 4:10 from a watchman, who saw smoke above pier 9. Ten engines came from Lindal and two from Renn. "
    "Nobody was hurt. The owner, Brindle Freight, put the damage at 2.5 million euros. The cause is not known."
)
REPRINT = "GRUMBY - " + WIRE.replace("the fire service said", "officials said").replace("Nobody", "No one")
LONGER = f"{WIRE} The mayor, Ida Korn, visited the bridge beside the harbour in the evening and thanked the crews."
OTHER_DAY = WIRE.replace("14", "11").replace("3 ware", "5 ware").replace("4:10", "6:25").replace("2.5", "7.5")
ELSEWHERE = "Nurses went on strike in Lindal on Monday, and the hospital put off 40 operations until next week."


@contextmanager
def reading(index: Index) -> Iterator[Snapshot]:
    with index.library.read() as snapshot:
        yield snapshot


def grouped(index: Index) -> list[set[str]]:
    """The groups of articles that are one story, those of more than one only."""
    with reading(index) as snapshot:
        found = snapshot.stories([article.id for article in snapshot.articles()])
    return sorted(({i for i in found if found[i] == number} for number in set(found.values())), key=min)


def full(index: Index) -> None:
    texts = {"wire": WIRE, "reprint": REPRINT, "longer": LONGER, "other day": OTHER_DAY, "elsewhere": ELSEWHERE}
    add(index, [news(key, text) for key, text in texts.items()], now=NOW)


def test_a_wire_report_and_its_reprints_are_one_story_and_other_figures_are_another(open_tiny: Opener) -> None:
    index = open_tiny()
    full(index)
    assert grouped(index) == [{"wire", "reprint", "longer"}]
    wire = stories.signature(WIRE)
    assert [wire.same(stories.signature(text)) for text in (REPRINT, OTHER_DAY, ELSEWHERE)] == [True, False, False]


def test_short_texts_are_no_story_together(open_tiny: Opener) -> None:
    index = open_tiny()
    add(index, [news(key, "The page was not found.") for key in "abc"], now=NOW)
    assert grouped(index) == []


def test_when_the_article_that_stands_for_a_story_goes_another_one_does(open_tiny: Opener) -> None:
    index = open_tiny()
    full(index)
    remove(index, "wire")
    assert grouped(index) == [{"longer", "reprint"}]
    add(index, [news("wire again", WIRE)], now=NOW)
    assert grouped(index) == [{"longer", "reprint", "wire again"}]
    for key in ("reprint", "longer"):
        remove(index, key)
    assert grouped(index) == []
    add(index, [news("late", REPRINT)], now=NOW)
    assert grouped(index) == [{"late", "wire again"}]
    assert left_over(index) == []


def test_an_article_that_changes_leaves_its_story(open_tiny: Opener) -> None:
    index = open_tiny()
    full(index)
    add(index, [news("reprint", ELSEWHERE)], now=NOW)
    assert grouped(index) == [{"elsewhere", "reprint"}, {"longer", "wire"}]
    assert left_over(index) == []


def left_over(index: Index) -> list[int]:
    """Numbers that bands are kept of and that stand for no story."""
    with index.library.read() as snapshot:
        rows = snapshot._db.execute(
            "SELECT DISTINCT number FROM story_band WHERE number NOT IN (SELECT first FROM story)"
        )
        return [row[0] for row in rows]


def test_a_repair_groups_all_anew(open_tiny: Opener) -> None:
    index = open_tiny()
    full(index)
    with index.library.write() as change:
        change._db.execute("DELETE FROM story")
    assert grouped(index) == []
    assert verify(index) == ["5 articles are not grouped by story as they should"]
    with index.library.write() as change:
        change._db.execute("INSERT INTO story (article, first) VALUES ('gone', 1)")
    assert verify(index) == ["6 articles are not grouped by story as they should"]
    repair(index)
    assert grouped(index) == [{"wire", "reprint", "longer"}]
    assert verify(index) == []


def test_a_thousand_reprints_are_each_compared_with_one_article_only(open_tiny: Opener) -> None:
    index = open_tiny()
    add(index, [news(f"paper {n}", REPRINT) for n in range(60)], now=NOW)
    with reading(index) as snapshot:
        assert snapshot._db.execute("SELECT count(*) FROM story_band").fetchone() == (stories.BANDS,)
        assert len(snapshot.stories(f"paper {n}" for n in range(60))) == 60


def test_what_one_story_says_is_found_once_and_leaves_room_for_others(open_tiny: Opener, tiny: TinyEmbedder) -> None:
    index = open_tiny()
    add(index, [news(f"paper {n}", WIRE) for n in range(30)], now=NOW)
    add(index, [news("longer", LONGER), news("other day", OTHER_DAY), news("elsewhere", ELSEWHERE)], now=NOW)
    with reading(index) as snapshot:
        hits = retrieve(snapshot, index.vectors, tiny, "Which warehouses burnt in the fire in the harbour?", k=5)
    articles = [hit.chunk.article.id for hit in hits]
    assert [article[:5] for article in articles[:2]] in (["paper", "other"], ["other", "paper"])
    assert {"other day", "elsewhere"} <= set(articles)
    assert sum(article.startswith("paper") for article in articles) == 1
    assert all(one.score >= other.score for one, other in pairwise(hits))


def told(index: Index, *order: str) -> list[str]:
    """Of articles of one passage each, in an order, those that say something new."""
    with reading(index) as snapshot:
        by_article = {c.article.id: c for c in snapshot.chunks(snapshot.chunk_ids()).values()}
        assert len(set(snapshot.stories(order).values())) == 1, "they are one story"
        return [c.article.id for c in Told(snapshot).new([by_article[key] for key in order])]


def test_a_passage_that_says_more_than_the_others_of_its_story_is_new(open_tiny: Opener) -> None:
    index = open_tiny()
    more = f"{WIRE} The mayor spoke of 9 million."
    again = f"GRUMBY, {WIRE}"
    add(index, [news("wire", WIRE), news("again", again), news("more", more), news("longer", LONGER)], now=NOW)
    assert told(index, "wire", "again", "more", "longer") == ["wire", "more", "longer"]
    assert told(index, "longer", "more", "wire", "again") == ["longer", "more"]


@pytest.mark.parametrize(
    ("was", "corrected"),
    [
        ("Nobody was hurt.", "Seven people were hurt."),
        ("from a watchman", "from Karl Benz"),
        ("Ten engines came", "Six engines came"),
        ("destroyed 3 warehouses", "destroyed 9 warehouses"),
        ("The cause is not known.", "The cause is known."),
        ("The cause is not known.", "Police arrested Otto Lenz."),
        ("put the damage at 2.5 million euros", "put the damage at 4.1 million euros"),
        ("Ten engines came from Lindal and two from Renn", "Ten engines came from Renn and two from Lindal"),
        ("Ships can call", "Ships can't call"),
    ],
)
def test_a_reprint_that_corrects_a_word_is_new(open_tiny: Opener, was: str, corrected: str) -> None:
    index = open_tiny()
    wire = (
        f"{WIRE} The harbour of Lindal opened in 1911, burnt in 1950 and 1972, and has 12 piers, 40 cranes and "
        "300 workers. Ships can call."
    )
    assert was in wire
    texts = {"wire": wire, "corrected": wire.replace(was, corrected)}
    add(index, [news(key, text) for key, text in texts.items()], now=NOW)
    assert told(index, "wire", "corrected") == ["wire", "corrected"]
    assert told(index, "corrected", "wire") == ["corrected", "wire"]


def test_however_many_reprints_there_are_another_article_is_found(open_tiny: Opener, tiny: TinyEmbedder) -> None:
    index = open_tiny()
    add(index, [news(f"paper {n}", WIRE) for n in range(120)], now=NOW)
    add(index, [news("other", "The nurses of Grumby go on strike.")], now=NOW)  # fits worse than each of the 120
    with reading(index) as snapshot:
        hits = retrieve(snapshot, index.vectors, tiny, "What of the fire in the harbour of Grumby?", k=20)
    assert {hit.chunk.article.id.split()[0] for hit in hits} == {"paper", "other"}
    assert len(hits) == 2


def test_each_passage_of_one_article_is_new_however_alike_they_are(open_tiny: Opener) -> None:
    index = open_tiny(embedder=TinyEmbedder(max_tokens=70))
    add(index, [news("long", f"{WIRE}\n\n{WIRE}"), news("twin", f"{WIRE}\n\n{WIRE}")], now=NOW)
    with reading(index) as snapshot:
        chunks = sorted(snapshot.chunks(snapshot.chunk_ids()).values(), key=lambda c: (c.article.id, c.start))
        found = [c.article.id for c in Told(snapshot).new(chunks)]
    assert found.count("long") == sum(c.article.id == "long" for c in chunks) > 1
    assert "twin" not in found
