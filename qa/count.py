"""Counts and lists, made over the whole library and not over the hits: "How many articles mention the strike?"."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from index import keywords
from index.chunk import sentences
from index.snapshot import Snapshot
from index.types import Chunk, Filters, Hit, Span
from qa.sources import day
from qa.topic import Part, acronym, holds, parts, uncountable
from qa.types import Draft, DraftSentence, Quote

CITED = 20
"""Articles that a count quotes: the newest ones."""

_COUNT = re.compile(
    r"Of (?:the )?(?P<of>[\d,]+) articles?(?: .+?)?, (?P<held>[\d,]+) mentions? (?P<parts>“[^”]+”(?: and “[^”]+”)*)"
    r"(?:, of which the newest (?P<cited>\d+) are cited here)?\."
)


@dataclass(frozen=True, slots=True)
class Count:
    """A draft that counts, and how it was counted, in words. Without a sentence, the notes say why there is none."""

    draft: Draft
    notes: tuple[str, ...]


def compose_count(snapshot: Snapshot, topic: str, *, filters: Filters | None, kind: Literal["count", "list"]) -> Count:
    """Count the articles that hold a topic, and for a list quote each of the newest CITED.

    An article counts when its title and its text hold every part of the topic, word for word (`qa.topic`). The
    sentence that counts rests on one quote of each article, or of the newest CITED; `count_holds` checks it. A topic
    that is in no article, or that articles cannot be counted by, gives a draft without sentences.
    """
    if why := uncountable(topic):
        return Count(Draft((), (), 0.0), (why,))
    total = snapshot.count_articles(filters)
    asked, chunks = _holding(snapshot, parts(topic), filters)
    library = _library(total, filters)
    if not chunks:
        return Count(Draft((), (), 0.0), (_none(library, total, asked), *misspelt(snapshot, asked)))
    quotes = [_quote(chunk, asked) for chunk in chunks[:CITED]]
    count = DraftSentence(_said(library, len(chunks), asked), tuple(quotes))
    each = [DraftSentence.verbatim(quote) for quote in quotes] if kind == "list" else []
    hits = tuple(Hit(chunk, 1.0, {}) for chunk in chunks[:CITED])
    return Count(Draft((count, *each), hits, 1.0), (_over(library, filters), *_same(snapshot, chunks)))


def how_many(snapshot: Snapshot, filters: Filters | None) -> str:
    """How many articles pass the filters, in a sentence."""
    total = snapshot.count_articles(filters)
    articles = _library(total, filters).removeprefix("the ")
    return f"There {'is' if total == 1 else 'are'} {articles if total else articles.replace('0', 'no', 1)}."


def count_holds(text: str, quotes: Sequence[Quote]) -> bool:
    """Whether a counting sentence says what its quotes bear out.

    It has to have the form that `compose_count` gives it, to count exactly the articles it quotes, or to say that it
    quotes the newest CITED of more; and each article quoted has to hold the words that the sentence says it mentions.
    How many more there are, and how many articles in all, only the library can tell.
    """
    match = _COUNT.fullmatch(text)
    if not match:
        return False
    held, total = (int(match[name].replace(",", "")) for name in ("held", "of"))
    articles = {quote.article.id: quote.article for quote in quotes}
    complete = held > CITED == int(match["cited"]) == len(articles) if match["cited"] else held == len(articles)
    return (
        complete
        and held <= total
        and len(articles) == len(quotes)
        and all(
            any(holds(words, Part.of(asked)) for words in (article.title, article.text))
            for article in articles.values()
            for asked in re.findall("“([^”]+)”", match["parts"])
        )
    )


def _holding(
    snapshot: Snapshot, asked: tuple[Part, ...], filters: Filters | None
) -> tuple[tuple[Part, ...], list[Chunk]]:
    """A chunk of each article that holds all parts, newest first, and the parts: with their capitals, or without those
    that say nothing where that finds more."""
    languages = snapshot.languages()
    candidates = [list(snapshot.chunks_with(map(part.phrases, languages), filters)) for part in asked]
    small = tuple(_small(part, chunks) for part, chunks in zip(asked, candidates, strict=True))
    shared = set.intersection(*({chunk.article.id for chunk in chunks} for chunks in candidates))
    by_article: dict[str, dict[str, Chunk]] = {}  # the first part's articles come newest first
    for chunk in (chunk for chunks in candidates for chunk in chunks if chunk.article.id in shared):
        by_article.setdefault(chunk.article.id, {})[chunk.id] = chunk
    articles = [sorted(chunks.values(), key=lambda chunk: chunk.start) for chunks in by_article.values()]
    found = list(_checked(articles, asked))
    loosely = list(_checked(articles, small)) if small != asked else found
    return (small, loosely) if len(loosely) > len(found) else (asked, found)


def _small(part: Part, chunks: Sequence[Chunk]) -> Part:
    """A name without its capital, where no article has that within a sentence: "Nurses" is no name, "Greens" is.

    An acronym keeps its capitals, and so does a word that would say nothing without: the US is never us, nor May may.
    """
    kept = any(map(acronym, re.findall(r"\w+", part.text.replace(".", "")))) or not parts(part.text.lower())
    if not part.name or kept or any(re.search(rf"[a-z,;] {re.escape(part.text)}\b", c.text) for c in chunks):
        return part
    return Part.of(part.text.lower())


def _checked(articles: Iterable[Sequence[Chunk]], asked: Sequence[Part]) -> Iterator[Chunk]:
    """Of the chunks of each article that hold all parts together, its title counted in, the one that holds the most."""
    for chunks in articles:
        title = chunks[0].article.title
        inside = [[holds(chunk.text, part) for part in asked] for chunk in chunks]
        if all(any(has) or holds(title, part) for part, *has in zip(asked, *inside, strict=True)):
            yield max(zip(map(sum, inside), chunks, strict=True), key=lambda pair: pair[0])[1]


def _quote(chunk: Chunk, asked: Sequence[Part]) -> Quote:
    """The first sentence of a chunk that holds the most parts; the article's first, where only its title has them."""
    article = chunk.article
    headings = [Span(h.start - chunk.start, h.end - chunk.start) for h in article.headings if h.start >= chunk.start]
    found = [s for s in sentences(chunk.text, headings, article.language) if not s.heading]
    counts = [sum(holds(chunk.text[s.start : s.end], part) for part in asked) for s in found]
    if any(counts):
        best = found[counts.index(max(counts))]
        return Quote(article, chunk.start + best.start, chunk.start + best.end)
    whole = [s for s in sentences(article.text, article.headings, article.language) if not s.heading]
    return Quote(article, whole[0].start, whole[0].end) if whole else Quote(article, chunk.start, chunk.end)


def _said(library: str, held: int, asked: Sequence[Part]) -> str:
    newest = f", of which the newest {CITED} are cited here" if held > CITED else ""
    return f"Of {library}, {held:,} {'mentions' if held == 1 else 'mention'} {_words(asked)}{newest}."


def _none(library: str, total: int, asked: Sequence[Part]) -> str:
    if not total:
        return f"There are {library.replace('the 0', 'no')}."
    who = f"None of the {library.removeprefix('the ')}" if total > 1 else f"Not one of {library}"
    return f"{who} mentions {_words(asked)}."


def misspelt(snapshot: Snapshot, asked: Sequence[Part]) -> Iterator[str]:
    """A note on each word that no article holds in any form."""
    for part in asked:
        for word in part.text.split():
            stems = [stem for language in snapshot.languages() for stem in keywords.analyse(word, language)]
            if stems and not snapshot.term_counts(stems):
                yield f"No article of the library holds the word “{word}”: is it spelt right?"


def _over(library: str, filters: Filters | None) -> str:
    where = "of the library" if filters is None else "in the library"
    articles = library.removeprefix("the ")
    which = "the" if articles.startswith("1 ") else "all"
    return f"Counted over {which} {articles} {where}, not only over the passages found."


def _same(snapshot: Snapshot, chunks: Sequence[Chunk]) -> Iterator[str]:
    """A note when articles that count carry the same text."""
    ids = [chunk.article.id for chunk in chunks]
    stories = snapshot.stories(ids)
    texts = len({stories.get(article_id, article_id) for article_id in ids})
    if texts == 1 and len(ids) > 1:
        yield f"These {len(ids)} carry the same text, or nearly."
    elif more := len(ids) - texts:
        carry = "carries" if more == 1 else "carry"
        which = f"{more} of these {len(ids)} {carry} the same text, or nearly, as another of them"
        yield f"{which}: {texts} different texts."


def _library(total: int, filters: Filters | None) -> str:
    """The articles counted over: "11 articles", "the 4 articles from Veldmark Gazette since 1 September 2026"."""
    noun = f"{total:,} article{'' if total == 1 else 's'}"
    if filters is None:
        return noun
    by = f" by {' or '.join(filters.authors)}" if filters.authors else ""
    of = f" from {' or '.join(filters.publishers)}" if filters.publishers else ""
    since = f" since {day(filters.since)}" if filters.since else ""
    until = f" until {day(filters.until)}" if filters.until else ""
    return f"the {noun}{by}{of}{since}{until}{' among those chosen' if filters.article_ids else ''}"


def _words(asked: Sequence[Part]) -> str:
    return " and ".join(f"“{part.text}”" for part in asked)
