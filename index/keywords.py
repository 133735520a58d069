"""The keyword index: BM25 over stemmed words, kept inside the library.

It is SQLite FTS5 rather than tantivy, although tantivy answers a common-word query over 100,000 passages in 2 ms and
FTS5 in 175–390 ms: inside the library, an article, its chunks and its keywords become visible in one commit, and there
is no third store to fall out of step. What made FTS5 slow are words that a tenth of all passages hold; without them it
takes 15 ms, and BM25 gives those words next to no weight.

FTS5 holds no text of its own (`content=''`): it is given the stems, so that one `analyse` serves the index, the
question and the composer. An article's words have the stems of its language, and a question is looked for under those
of every language that the library holds.

A language is an ISO 639-1 code; None, where it is not known, is taken for English. Words of one without a Snowball
stemmer are their own stems. Chinese, Japanese, Korean, Thai, Lao, Burmese and Khmer are cut into pairs of characters,
since most of them put no blanks between words.
"""

import re
import sqlite3
import unicodedata
from bisect import bisect_right
from collections.abc import Iterable
from functools import lru_cache
from itertools import accumulate
from threading import local

import Stemmer

from index.language import ENGLISH, name

SCHEMA = """
CREATE VIRTUAL TABLE keyword USING fts5(title, body, content='', tokenize="ascii tokenchars '.'");
CREATE VIRTUAL TABLE keyword_count USING fts5vocab(keyword, row);
"""

TITLE_WEIGHT = 1.0
COMMON = 0.1
"""A word that more than this share of passages holds is left out of a query, in a library of MANY passages."""
MANY = 5000
SCORED = 4000
"""Passages that are scored for a query in such a library, about: those that hold its rarest words. Of 150 questions
(clapnq) over 74,251 passages the gold article is among the first 50 passages for .747 so and for .733 if all are scored
that hold any of its words, with MRR .706 and .713, in 5 ms (95th percentile 8) and 9 (20)."""

_UNSPACED = r"\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3\uf900-\ufaff"
_INDIC = r"\u0900-\u0963\u0966-\u0dff"  # whose vowel signs are no letters to `re`
_LETTER = rf"[^\W\d_{_UNSPACED}{_INDIC}]"
_WORD = re.compile(
    rf"(?:{_LETTER}\.){{2,}}|\d+(?:[.,]\d+)*|{_LETTER}+(?:['’]{_LETTER}+)?|[{_UNSPACED}]+|[{_INDIC}]+|[^\W_{_UNSPACED}]+"
)
_PAIRED = re.compile(rf"[{_UNSPACED}]{{2,}}")
_ACCENT = re.compile(r"(?<![\u0400-\u04ff])[\u0300-\u036f\u0591-\u05c7\u064b-\u065f]+")
"""What letters are written with and without; й is not и."""
_ELIDED = frozenset("qu jusqu lorsqu puisqu dell nell dall sull quell".split())
_APOSTROPHE = re.compile("['’]")
_POSSESSIVE = re.compile(r"(?<=[\w.])['’]s\b")
_CAPITALS = re.compile(r"\b(?:(?:[A-Z]\.){2,}|[A-Z]{2,}\b)")

STOPWORDS = frozenset(
    """a about after all also am an and any are as at be because been before being but by can could did do does
    doing during each either for from further had has have having he her here hers him his how i if in into is
    it its itself just let many may me might more most much must my no nor not now of off on once only or other
    our ours out over own said same say says shall she should so some such tell than that the their theirs them
    then there these they this those through to too under until up upon us was we were what when where which
    while who whom whose why will with would you your yours""".split()
)

_stemmers = local()


@lru_cache(maxsize=65536)
def stem(word: str, language: str | None = None) -> str:
    """The Snowball stem of a lower-case word without accents, in the language it stands in."""
    if language in (None, ENGLISH):
        return _stemmed("english", word)
    called = name(str(language))
    # twice: without its accent "fermee" becomes "ferme" first, and "ferme", which had one too, "ferm". Of 158 pairs of
    # inflected words in 19 languages 137 meet so, 125 stemmed once, 135 if stems were taken with accents; and 174 of
    # 178 words meet themselves typed without accents, 173 and 156
    return _stemmed(called, _stemmed(called, word)) if called in Stemmer.algorithms() else word


def _stemmed(algorithm: str, word: str) -> str:
    if not hasattr(_stemmers, algorithm):
        setattr(_stemmers, algorithm, Stemmer.Stemmer(algorithm))  # not safe to share between threads
    return str(getattr(_stemmers, algorithm).stemWord(word))


@lru_cache(maxsize=256)
def stop_words(language: str | None) -> frozenset[str]:
    """The words of a language that say nothing by themselves, as `words` gives them; none where they are not known."""
    if language in (None, ENGLISH):
        return STOPWORDS
    from stop_words import AVAILABLE_LANGUAGES, get_stop_words

    called = name(str(language))
    return frozenset(words(" ".join(get_stop_words(called)))) if called in AVAILABLE_LANGUAGES else frozenset()


def words(text: str) -> list[str]:
    """The words of a text in order: lower case, without accents, `1,000` as `1000`, `U.S.` as `us`, no possessive.

    Of `O'Brien` and `l'eau` the name is kept, of `don't` the front. Text without blanks comes in pairs of characters.
    """
    plain = text.lower() if text.isascii() else _unaccented(text).lower()
    found = []
    for match in _WORD.finditer(_POSSESSIVE.sub("", plain)):
        word = match.group()
        if word[0].isdigit():
            word = word.replace(",", "")
        elif "." in word:
            word = word.replace(".", "")
        elif _PAIRED.match(word):
            found += [word[at : at + 2] for at in range(len(word) - 2)]
            word = word[-2:]
        elif apostrophe := _APOSTROPHE.search(word):
            front, back = word[: apostrophe.start()], word[apostrophe.end() :]
            word = back if (len(front) == 1 and front != "i") or front in _ELIDED else front
        found.append(word)
    return found


def _unaccented(text: str) -> str:
    return unicodedata.normalize("NFC", _ACCENT.sub("", unicodedata.normalize("NFKD", text)))


def analyse(text: str, language: str | None = None) -> list[str]:
    """The index terms of a text, in order: stems of its words, stop words and all."""
    return [stem(word, language) for word in words(text)]


def spoken(question: str, languages: Iterable[str]) -> str | None:
    """Which of some languages, or English, a question is in: that whose stop words it has most of, if it has any."""
    said = words(question)
    counts = {language: sum(word in stop_words(language) for word in said) for language in (ENGLISH, *languages)}
    best = max(counts, key=lambda language: counts[language])
    return best if counts[best] else None


def query_terms(
    question: str, languages: Iterable[str | None] = (ENGLISH,), *, asked_in: str | None = ENGLISH
) -> list[str]:
    """The distinct terms of a question that are worth looking for: no stop words, unless it has nothing else.

    Each word has its stems in all the languages. What is written in capitals is a name: the US, the WHO.
    """
    heard = words(question)
    names = set() if question.isupper() else set(words(" ".join(_CAPITALS.findall(question))))
    chosen = [w for w in heard if w not in stop_words(asked_in) or w in names] or heard
    return list(dict.fromkeys(stem(word, language) for language in languages for word in chosen))


def insert(db: sqlite3.Connection, rowid: int, title: str, body: str, language: str | None) -> None:
    """Index one chunk under the row id of the chunk table."""
    db.execute(
        "INSERT INTO keyword(rowid, title, body) VALUES (?, ?, ?)",
        (rowid, " ".join(analyse(title, language)), " ".join(analyse(body, language))),
    )


def delete(db: sqlite3.Connection, rowid: int, title: str, body: str, language: str | None) -> None:
    """Take one chunk out again; FTS5 without content has to be told the very words that went in."""
    db.execute(
        "INSERT INTO keyword(keyword, rowid, title, body) VALUES ('delete', ?, ?, ?)",
        (rowid, " ".join(analyse(title, language)), " ".join(analyse(body, language))),
    )


def clear(db: sqlite3.Connection) -> None:
    """Empty the keyword index."""
    db.execute("INSERT INTO keyword(keyword) VALUES ('delete-all')")


def document_counts(db: sqlite3.Connection, terms: list[str]) -> dict[str, int]:
    """In how many chunks each term stands."""
    marks = ",".join("?" * len(terms))
    rows = db.execute(f"SELECT term, doc FROM keyword_count WHERE term IN ({marks})", terms)
    return dict(rows.fetchall())


def selective(terms: list[str], counts: dict[str, int], chunks: int) -> list[str]:
    """The terms worth searching for: those that occur, less the common ones where passages are MANY."""
    known = [t for t in terms if counts.get(t)]
    if chunks < MANY:
        return known
    rare = [t for t in known if counts[t] <= COMMON * chunks]
    return rare or sorted(known, key=lambda t: counts[t])[:1]


def match_expression(terms: list[str], counts: dict[str, int], chunks: int) -> str:
    """The FTS5 query for any of the terms, of which one is among the rarest where passages are MANY."""
    rarest = sorted(terms, key=lambda t: counts.get(t, 0))
    enough = bisect_right(list(accumulate(counts.get(t, 0) for t in rarest)), SCORED) or 1
    if chunks < MANY or enough == len(terms):
        return _any_of(terms)
    return f"({_any_of(rarest[:enough])}) AND ({_any_of(terms)})"


def _any_of(terms: list[str]) -> str:
    return " OR ".join(f'"{t}"' for t in terms)
