"""The same text in several articles: a wire story that two papers print is one source."""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from difflib import SequenceMatcher
from itertools import groupby

from index import keywords
from index.chunk import sentences
from index.snapshot import Snapshot
from index.stories import Run, runs
from index.types import Article, Chunk
from qa.types import Quote

LEAST = 8
"""Words of a sentence below which it is anybody's: "The cause is not yet known."."""
RUN = 3
RUNS = 3
"""Runs of RUN words by which a copy is looked for, those that hold the rarest words: an edit hardly touches all."""
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
_WEEKDAYS = frozenset("monday tuesday wednesday thursday friday saturday sunday".split())
_OURS = frozenset("our this here".split())
_EMPTY = _WEEKDAYS | _OURS | frozenset("the a an on in today yesterday tomorrow tonight".split())
_CAPITAL = re.compile(r"\b[^\W\d_a-zß-öø-ÿ][\w'-]*")
_PLACE = re.compile(r"\A\W*[A-ZÀ-ÖØ-Þ][A-ZÀ-ÖØ-Þ .'-]+(?:,[\w. ]{1,20})?(?:\([^)]{1,30}\))?\s*-{1,2}\s")
_SAID = re.compile(r",\s+(?:(?!never\b|not\b|n't)[\w'-]+\s+){1,6}(?:said|says)\W*$")
_NOT = re.compile(r"n't\b")
_DECIMAL = re.compile(r"(?<=\d),(?=\d{1,2}(?!\d))")


def copies(snapshot: Snapshot, quote: Quote) -> tuple[Article, ...]:
    """The other articles whose text has the words of a quote, the earliest first, undated ones last.

    White space, case and the shape of quotes and dashes make no difference, nor do edits within what `same_words`
    allows. A quote of fewer than LEAST words has no copies.
    """
    words = quote.article.text[quote.start : quote.end]
    if len(keywords.words(words)) < LEAST:
        return ()
    exact = plain(words)
    stated, names = _worded(words)
    telling = set(stated) - names - _EMPTY
    found: dict[str, Article] = {}
    seen: set[str] = set()
    for run in _rarest_runs(snapshot, keywords.analyse(words, quote.article.language)):
        for chunk in snapshot.chunks_with([[run]]):
            if chunk.id in seen or chunk.article.id in {quote.article.id, *found}:
                continue
            seen.add(chunk.id)
            if exact in plain(chunk.text) or (
                telling <= set(_words(chunk.text)) and any(same_words(words, text) for text in _sentences(chunk))
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
    """Whether two sentences are the same but for what a paper changes in a report that it prints: the place before it,
    who said it behind it, the day ("today", "on Wednesday"), articles, and "our valley" for the Osk valley.

    Any other word that is left out, put in or put elsewhere may say something else: "went up" and "went down", "beat
    Holt" and "Holt beat", "will pay" and "failed to pay".
    """
    (mine, names), (theirs, others) = _worded(one), _worded(other)
    days = _WEEKDAYS.intersection(mine), _WEEKDAYS.intersection(theirs)
    if not mine or not theirs or (all(days) and days[0] != days[1]):
        return False
    edits = SequenceMatcher(None, mine, theirs, autojunk=False).get_opcodes()
    return all(
        tag == "equal"
        or _says_nothing(mine[i:j], theirs[k:m])
        or (not _OURS.isdisjoint(mine[i:j]) and _says_nothing(mine[i:j], set(theirs[k:m]) - others))
        or (not _OURS.isdisjoint(theirs[k:m]) and _says_nothing(theirs[k:m], set(mine[i:j]) - names))
        for tag, i, j, k, m in edits
    )


def _worded(text: str) -> tuple[list[str], set[str]]:
    """The words of a sentence without the place and who said it, and those that are written with a capital."""
    text = _SAID.sub("", _PLACE.sub("", text.translate(_ALIKE)))
    return _words(text), {word for name in _CAPITAL.findall(text) for word in keywords.words(name)}


def _words(text: str) -> list[str]:
    """The words of a text; "can't" is not "can", and 2,5 is not 25."""
    return keywords.words(_DECIMAL.sub(".", _NOT.sub(" not", text.translate(_ALIKE))))


def _says_nothing(*words: Iterable[str]) -> bool:
    return all(word in _EMPTY for some in words for word in some)


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
            mine, by = runs(_words(chunk.text)), self._told.setdefault(story, {})
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
