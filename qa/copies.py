"""The same text in several articles: a wire story that two papers print is one source."""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from index import keywords
from index.chunk import sentences
from index.snapshot import Snapshot
from index.stories import Run, runs
from index.types import Article, Chunk
from qa.terms import Term, holds, keys, terms
from qa.types import Quote

LEAST = 8
"""Words of a sentence below which it is anybody's: "The cause is not yet known."."""
RUN = 3
RUNS = 3
"""Runs of RUN words by which a copy is looked for, those that hold the rarest words: an edit hardly touches all."""
SHARED = 0.7
"""Sentences are the same when SHARED of the shorter one's words stand in runs of RUN that the other has too.

On the samples a sentence and its edited copy share 0.90 or more, two of different articles 0.54 at most.
"""
NEW = 2
"""Untold runs in a row that make a passage new: one word for another makes three of them, a word left out two."""

_ALIKE = str.maketrans(
    {**dict.fromkeys("‘’‚‛′´`", "'"), **dict.fromkeys("“”„‟″«»", '"'), **dict.fromkeys("‐‑‒–—―−", "-")}
)
_COMMON = frozenset(map(keywords.stem, keywords.STOPWORDS))
_NEGATION = frozenset(
    """no not never none neither nor without nicht kein keine keinen keinem keiner nie niemand ne pas jamais aucun
    aucune non nunca ningun ninguna mai nessun nessuna niet geen nooit inte ikke""".split()
)
_WHEN = frozenset("today yesterday tomorrow tonight".split())
_WEEKDAYS = frozenset("monday tuesday wednesday thursday friday saturday sunday".split())


def copies(snapshot: Snapshot, quote: Quote) -> tuple[Article, ...]:
    """The other articles whose text has the words of a quote, the earliest first, undated ones last.

    White space, case and the shape of quotes and dashes make no difference, nor do edits within what `same_words`
    allows. A quote of fewer than LEAST words has no copies.
    """
    words = quote.article.text[quote.start : quote.end]
    if len(keywords.words(words)) < LEAST:
        return ()
    exact = plain(words)
    found: dict[str, Article] = {}
    for run in _rarest_runs(snapshot, keywords.analyse(words, quote.article.language)):
        for chunk in snapshot.chunks_with([[run]]):
            if chunk.article.id not in {quote.article.id, *found} and (
                exact in plain(chunk.text) or any(same_words(words, text) for text in _sentences(chunk))
            ):
                found[chunk.article.id] = chunk.article
    return tuple(sorted(found.values(), key=_age))


def _rarest_runs(snapshot: Snapshot, stems: Sequence[str]) -> list[Sequence[str]]:
    """The RUNS runs of RUN index terms, none overlapping another, that hold the rarest terms."""
    telling = [stem for stem in dict.fromkeys(stems) if stem not in _COMMON]  # to count those takes 100 ms
    counts = dict.fromkeys(telling, 0) | snapshot.term_counts(telling)
    rarity: dict[int, int] = {}
    for at in range(len(stems) - RUN + 1):
        if known := [counts[stem] for stem in stems[at : at + RUN] if stem in counts]:
            rarity[at] = min(known)
    chosen: list[int] = []
    for at in sorted(rarity, key=lambda at: (rarity[at], at)):
        # what stands in one chunk alone stands in no copy
        if rarity[at] > 1 and len(chosen) < RUNS and all(abs(at - other) >= RUN for other in chosen):
            chosen.append(at)
    return [stems[at : at + RUN] for at in chosen]


def same_words(one: str, other: str) -> bool:
    """Whether two sentences are the same but for small edits: a wire story twice, a standfirst and its paragraph.

    Sentences that say different things in the same words are not: no word that says something stands in the place of
    another one, the names, numbers and dates of the shorter one are in the longer one, and what one denies, the other
    denies too.
    """
    short, long = sorted((one, other), key=lambda text: len(keywords.words(text)))
    words = keywords.words(short)
    if not words or _share(words, keywords.words(long)) < SHARED or _denies(short) != _denies(long):
        return False
    if _telling(short, long) and _telling(long, short):  # it rose, it fell
        return False
    dayless = _WEEKDAYS.isdisjoint(keywords.words(long))
    names = [term for term in terms(short) if not (dayless and term.text.lower() in _WEEKDAYS)]
    return _hold(long, names) and _hold(short, [term for term in terms(long) if any(c.isdigit() for c in term.text)])


class Told:
    """What has been told of each story, and by which of its articles."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot
        self._told: dict[int, dict[str, set[Run]]] = {}

    def new(self, chunks: Iterable[Chunk]) -> Iterator[Chunk]:
        """The chunks without those that say nothing but what other articles of their story have told before.

        A passage is told when each of its words is, and all runs of them but one here and there, which holds no
        number and denies nothing: one word may be the correction.
        """
        chunks = list(chunks)
        stories = self._snapshot.stories({chunk.article.id for chunk in chunks})
        for chunk in chunks:
            story = stories.get(chunk.article.id)
            if story is None:
                yield chunk
                continue
            mine, by = runs(keywords.words(chunk.text)), self._told.setdefault(story, {})
            others = set[Run]().union(*(told for article, told in by.items() if article != chunk.article.id))
            if not others or _says_more(mine, others):
                by.setdefault(chunk.article.id, set()).update(mine)
                yield chunk


def _says_more(mine: Sequence[Run], others: set[Run]) -> bool:
    untold = [run for run in mine if run not in others]
    known = {word for run in others for word in run}
    if any(word not in known or word in _NEGATION or word[0].isdigit() for run in untold for word in run):
        return True
    stretches = (len(list(stretch)) for told, stretch in groupby(mine, others.__contains__) if not told)
    return max(stretches, default=0) >= NEW


def plain(text: str) -> str:
    """A text on one line and in one case, with one kind of quote and dash."""
    return " ".join(unicodedata.normalize("NFKC", text).translate(_ALIKE).casefold().split())


def _age(article: Article) -> tuple[bool, str, str]:
    return article.published is None, article.published or "", article.id


def _sentences(chunk: Chunk) -> Iterator[str]:
    for part in sentences(chunk.text, (), chunk.article.language):
        yield chunk.text[part.start : part.end]


def _hold(text: str, stated: Sequence[Term]) -> bool:
    held = keys(text)
    return all(holds(held, term) for term in stated)


def _share(short: list[str], long: list[str]) -> float:
    """The share of words that stand in runs of RUN which the longer list has too; of fewer words, all or none."""
    run = min(RUN, len(short))
    have = {tuple(long[at : at + run]) for at in range(len(long) - run + 1)}
    held = {at + n for at in range(len(short) - run + 1) if tuple(short[at : at + run]) in have for n in range(run)}
    return len(held) / len(short)


def _telling(text: str, other: str) -> set[str]:
    """The words of a text that the other lacks and that say something, but for the day."""
    lacking = set(keywords.words(text)) - set(keywords.words(other)) - keywords.STOPWORDS
    return lacking - _WEEKDAYS - _WHEN


def _denies(text: str) -> frozenset[str]:
    return _NEGATION.intersection(keywords.words(re.sub(r"n['’]t\b", " not", text)))
