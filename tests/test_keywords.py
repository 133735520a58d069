"""The words of a text, and BM25 over them, against an implementation that is slow and plain to see."""

import math
import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index import keywords
from index.keywords import (
    analyse,
    clear,
    delete,
    document_counts,
    insert,
    match_expression,
    query_terms,
    selective,
    spoken,
    words,
)

CORPUS = [
    ("Harbour Bridge closed", "The bridge closed on Thursday. Two hangers of the bridge had cracked."),
    ("Nurses strike", "Nurses went on strike at the harbour hospital. The strike will last two days."),
    ("Sea lily fossils", "Fossils of sea lilies were found under the old bridge."),
    ("Water outage", "A water main burst. The harbour district had no water, and the bridge was flooded with water."),
    ("", "Élodie O'Brien of the U.S. Navy counted 1,000 fossils."),
    ("Bridge", ""),
]


@pytest.fixture
def db() -> Iterator[sqlite3.Connection]:
    found = sqlite3.connect(":memory:")
    found.executescript(keywords.SCHEMA)
    for number, (title, body) in enumerate(CORPUS, 1):
        insert(found, number, title, body, None)
    yield found
    found.close()


def ranked(db: sqlite3.Connection, terms: list[str]) -> list[tuple[int, float]]:
    rows = db.execute(
        f"SELECT rowid, -bm25(keyword, {keywords.TITLE_WEIGHT}, 1.0) AS score FROM keyword WHERE keyword MATCH ?"
        " ORDER BY score DESC, rowid",
        (match_expression(terms, document_counts(db, terms), 0),),
    )
    return [(number, pytest.approx(score, rel=1e-9)) for number, score in rows]


def bm25(corpus: dict[int, tuple[str, str]], terms: list[str]) -> list[tuple[int, float]]:
    """BM25 as SQLite's documentation of FTS5 writes it down."""
    k1, b = 1.2, 0.75
    columns = {number: (Counter(analyse(title)), Counter(analyse(body))) for number, (title, body) in corpus.items()}
    length = {number: title.total() + body.total() for number, (title, body) in columns.items()}
    average = sum(length.values()) / len(length)
    scores: dict[int, float] = {}
    for term in terms:
        holding = [number for number, (title, body) in columns.items() if title[term] or body[term]]
        idf = max(math.log((len(corpus) - len(holding) + 0.5) / (len(holding) + 0.5)), 1e-6)
        for number in holding:
            title, body = columns[number]
            f = keywords.TITLE_WEIGHT * title[term] + body[term]
            part = f * (k1 + 1) / (f + k1 * (1 - b + b * length[number] / average))
            scores[number] = scores.get(number, 0.0) + idf * part
    return sorted(scores.items(), key=lambda pair: (-pair[1], pair[0]))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", []),
        ("– … ?!", []),
        ("The Harbour Bridge", ["the", "harbour", "bridge"]),
        ("1,000 people, 1,234,567.8 in 2026; 3.5%", ["1000", "people", "1234567.8", "in", "2026", "3.5"]),
        ("the U.S. and the US, e.g. J. R. R. Smith.", ["the", "us", "and", "the", "us", "eg", *"jrr", "smith"]),
        ("Élodie’s naïve café in Malmö", ["elodie", "naive", "cafe", "in", "malmo"]),
        ("e\u0301lodie", ["elodie"]),
        (
            "the harbour's bridge, the nurses' strike, the U.S.'s",
            ["the", "harbour", "bridge", "the", "nurses", "strike", "the", "us"],
        ),
        ("O'Brien, d’Artagnan and O'Neill's", ["brien", "artagnan", "and", "neill"]),
        ("I've said I don't, it's y'all", ["i", "said", "i", "don", "it", "all"]),
        ("COVID-19 and B2B", ["covid", "19", "and", "b", "2", "b"]),
        ("ﬁre Ⅷ ２０２６ ß", ["fire", "viii", "2026", "ß"]),
        ("東京 Москва", ["東京", "москва"]),
        ("snake_case __init__", ["snake", "case", "init"]),
    ],
)
def test_the_words_of_a_text_are_plain_and_in_order(text: str, found: list[str]) -> None:
    assert words(text) == found


def test_index_terms_are_stems_and_stop_words_are_among_them() -> None:
    assert analyse("The nurses were striking at the bridges") == ["the", "nurs", "were", "strike", "at", "the", "bridg"]


@pytest.mark.parametrize(
    ("text", "language", "terms"),
    [
        ("Brücken Bruecke Häuser Straße", "de", ["bruck", "bruck", "haus", "strass"]),
        ("l'élection qu'elle fermées fermé", "fr", ["elect", "elle", "ferm", "ferm"]),
        ("российский российские", "ru", ["российск", "российск"]),
        ("bridges nurses", "xx", ["bridges", "nurses"]),
        ("bridges nurses", None, ["bridg", "nurs"]),
        ("東京の橋 2026年 水", "ja", ["東京", "京の", "の橋", "2026", "年", "水"]),
        ("สะพาน", "th", ["สะ", "ะพ", "พา", "าน"]),
        ("सरकार ने पुल।", "sa", ["सरकार", "ने", "पुल"]),
        ("dell'acqua", "sa", ["acqua"]),
    ],
)
def test_index_terms_are_those_of_the_language(text: str, language: str | None, terms: list[str]) -> None:
    assert analyse(text, language) == terms


@pytest.mark.parametrize(
    ("question", "spoken_in", "terms"),
    [
        ("Wann wird die Brücke gesperrt?", "de", ["bruck", "gesperrt"]),
        ("When was the bridge closed?", "en", ["bridg", "close", "closed"]),
        ("Which war ended in 1918?", "en", ["war", "end", "1918", "ended"]),
        ("Lindal", None, ["lindal"]),
    ],
)
def test_a_question_among_languages_loses_the_stop_words_of_its_own(
    question: str, spoken_in: str | None, terms: list[str]
) -> None:
    assert spoken(question, ["de", "xx"]) == spoken_in
    assert query_terms(question, ["en", "de"], asked_in=spoken_in) == terms


@pytest.mark.parametrize(
    ("question", "terms"),
    [
        ("Why was the Harbour Bridge closed?", ["harbour", "bridg", "close"]),
        ("bridge, Bridges, BRIDGE'S", ["bridg"]),
        ("What is it?", ["what", "is", "it"]),
        ("", []),
        ("What did the U.S. do?", ["us"]),
        ("What did the US and the WHO tell us?", ["us", "who"]),
        ("WHAT DID THE HARBOUR SAY?", ["harbour"]),
        ("How many of the 1,000 left in May 2026?", ["1000", "left", "2026"]),
    ],
)
def test_a_question_is_searched_by_its_distinct_telling_words(question: str, terms: list[str]) -> None:
    assert query_terms(question) == terms


@pytest.mark.parametrize(
    "question",
    [
        "bridge",
        "water harbour",
        "strike nurses hospital bridge",
        "fossils U.S. 1,000 Élodie",
        "harbor zeppelin",
        "the two of",
    ],
)
def test_the_order_and_the_scores_are_those_of_bm25(db: sqlite3.Connection, question: str) -> None:
    terms = query_terms(question)
    assert ranked(db, terms) == bm25(dict(enumerate(CORPUS, 1)), terms)


@given(st.lists(st.tuples(st.booleans(), st.integers(1, 12), st.integers(0, 5)), max_size=30))
@settings(max_examples=60, deadline=None)
def test_adding_replacing_and_deleting_leave_the_index_exact(changes: list[tuple[bool, int, int]]) -> None:
    db = sqlite3.connect(":memory:")
    db.executescript(keywords.SCHEMA)
    held: dict[int, tuple[str, str]] = {}
    for adding, number, which in changes:
        if number in held:
            delete(db, number, *held.pop(number), None)
        if adding:
            held[number] = CORPUS[which]
            insert(db, number, *held[number], None)
    vocabulary = sorted({term for title, body in CORPUS for term in analyse(title) + analyse(body)})
    expected = Counter(term for title, body in held.values() for term in set(analyse(title) + analyse(body)))
    assert document_counts(db, vocabulary) == dict(expected)
    for question in ("bridge water", "fossils", "strike harbour thursday"):
        assert ranked(db, query_terms(question)) == (bm25(held, query_terms(question)) if held else [])
    db.execute("INSERT INTO keyword(keyword) VALUES ('integrity-check')")
    db.close()


def test_a_cleared_index_finds_nothing_and_takes_words_again(db: sqlite3.Connection) -> None:
    clear(db)
    assert (ranked(db, ["bridg"]), document_counts(db, ["bridg"])) == ([], {})
    insert(db, 1, *CORPUS[0], None)
    assert document_counts(db, ["bridg", "harbour", "water"]) == {"bridg": 1, "harbour": 1}


@given(st.text())
@settings(max_examples=200, deadline=None)
def test_every_index_term_of_any_text_is_one_word_to_sqlite(text: str) -> None:
    db = sqlite3.connect(":memory:")
    db.executescript(keywords.SCHEMA)
    insert(db, 1, "", text, None)
    found = dict(db.execute("SELECT term, cnt FROM keyword_count").fetchall())
    db.close()
    assert found == dict(Counter(analyse(text)))


@pytest.mark.parametrize(
    "question",
    [
        'bridge AND "water" OR NOT harbour',
        "NEAR(bridge water, 2)",
        'title:bridge {title body}:water ^harbour "',
        "bridge* -water +harbour bridge' -- ;",
        '"""bridge"""',
        "bridge\0water",
        "Rates of 1.5 to 2.75 at the bridge",
    ],
)
def test_the_operators_of_fts5_are_words_like_any_other(db: sqlite3.Connection, question: str) -> None:
    terms = query_terms(question)
    assert "bridg" in terms
    assert ranked(db, terms) == bm25(dict(enumerate(CORPUS, 1)), terms)


@given(st.text(alphabet=st.sampled_from("aB1 .,:*\"'’()-^{}+\0é\u0301") | st.characters()))
@settings(max_examples=200, deadline=None)
def test_no_question_is_a_syntax_error(question: str) -> None:
    db = sqlite3.connect(":memory:")
    db.executescript(keywords.SCHEMA)
    insert(db, 1, *CORPUS[0], None)
    if terms := query_terms(question):
        ranked(db, terms)
    db.close()


def test_a_question_of_a_thousand_words_is_no_error(db: sqlite3.Connection) -> None:
    many = " ".join(f"word{chr(97 + n // 26 % 26)}{chr(97 + n % 26)}{'x' * (n // 676)}" for n in range(1000))
    insert(db, 7, "", many, None)
    terms = query_terms(many)
    assert len(terms) > 900
    assert [number for number, _ in ranked(db, terms)] == [7]
    assert len(document_counts(db, terms)) == len(terms)


def test_only_terms_that_occur_are_searched_for() -> None:
    assert selective(["a", "b", "c"], {"a": 3, "c": 1}, 4) == ["a", "c"]
    assert selective(["a"], {}, 4) == []


def test_where_passages_are_many_those_are_scored_that_hold_the_rarest_words(monkeypatch: pytest.MonkeyPatch) -> None:
    counts = {"common": 30, "two": 2, "one": 1}
    every = '"common" OR "two" OR "one"'
    assert match_expression(list(counts), counts, keywords.MANY - 1) == every
    assert match_expression(list(counts), counts, keywords.MANY) == every
    monkeypatch.setattr(keywords, "SCORED", 3)
    assert match_expression(list(counts), counts, keywords.MANY) == f'("one" OR "two") AND ({every})'
    monkeypatch.setattr(keywords, "SCORED", 0)
    assert match_expression(list(counts), counts, keywords.MANY) == f'("one") AND ({every})'
    with closing(sqlite3.connect(":memory:")) as db:
        db.executescript(keywords.SCHEMA)
        for number, body in enumerate(("common", "common one", "two common", "two"), 1):
            insert(db, number, "", body, None)
        found = db.execute(
            "SELECT rowid FROM keyword WHERE keyword MATCH ? ORDER BY rowid",
            (match_expression(list(counts), counts, keywords.MANY),),
        )
        assert found.fetchall() == [(2,)]


def test_common_terms_are_left_out_where_passages_are_many(monkeypatch: pytest.MonkeyPatch) -> None:
    counts = {"two": 2, "one": 1, "all": 10}
    assert selective(["two", "one", "all"], counts, 10) == ["two", "one", "all"]
    monkeypatch.setattr(keywords, "MANY", 10)
    assert selective(["two", "one", "all"], counts, 10) == ["one"]
    assert selective(["two", "one", "all"], counts, 9) == ["two", "one", "all"]
    assert selective(["all", "two"], counts, 10) == ["two"]
