"""Verification: the only way from a draft to an answer."""

import ast
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tiny import NOW, TinyEmbedder, news

from index.build import add, remove
from index.config import Config
from index.opening import open_index
from index.store import Index
from index.types import Article
from qa.types import REFUSAL, Answer, Citation, Draft, DraftSentence, Quote, Sentence
from qa.verify import Verification

ROOT = Path(__file__).parents[1]
BRIDGE = "The bridge was closed on Thursday. Inspectors found two cracks.\n\nA ferry will run every 20 minutes."
STRIKE = "Nurses began a two-day strike. “It’s about nights,” said Zoë Árnadóttir – 🙂 she smiled."


class Small:
    """A library of two articles, and what it held before: one article that was removed, one that was changed."""

    def __init__(self, index: Index) -> None:
        self.index = index
        gone = news("gone", "The mayor has resigned.")
        add(index, [news("bridge", BRIDGE), news("strike", "Nurses began a one-day strike."), gone], now=NOW)
        with index.library.read() as snapshot:
            self.changed, self.gone = stored(snapshot.article("strike")), stored(snapshot.article("gone"))
        add(index, [news("strike", STRIKE)], now=NOW)
        remove(index, "gone")
        with index.library.read() as snapshot:
            self.bridge, self.strike = stored(snapshot.article("bridge")), stored(snapshot.article("strike"))

    def verify(self, *sentences: DraftSentence) -> Answer:
        with self.index.library.read() as snapshot:
            return Verification(snapshot).answer(
                Draft(sentences, (), 0.9),
                question="And why?",
                standalone_question="And why? (Bridge)",
            )


def stored(article: Article | None) -> Article:
    assert article is not None
    return article


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Small]:
    index = open_index(Config(data=tmp_path_factory.mktemp("verify")), write=True, embedder=TinyEmbedder())
    yield Small(index)
    index.close()


def quote(article: Article, words: str) -> Quote:
    start = article.text.index(words)
    return Quote(article, start, start + len(words))


def nothing(small: Small, *, removed: int) -> Answer:
    """The answer that has no sentence left."""
    return Answer(
        question="And why?",
        standalone_question="And why? (Bridge)",
        sentences=(),
        citations=(),
        hits=(),
        abstained=True,
        confidence=0.9,
        index_version=3,
        removed=removed,
    )


def test_a_sentence_whose_words_stand_in_the_article_is_kept_with_its_citation(small: Small) -> None:
    cracks = quote(small.bridge, "Inspectors found two cracks.")
    answer = small.verify(DraftSentence("There were two cracks.", (cracks,)))
    assert answer == replace(
        nothing(small, removed=0),
        sentences=(Sentence("There were two cracks.", (1,)),),
        citations=(Citation(1, small.bridge, cracks.start, cracks.end, "Inspectors found two cracks."),),
        abstained=False,
    )
    assert answer.text == "There were two cracks. [1]"


def test_offsets_count_characters_also_behind_characters_of_several_bytes(small: Small) -> None:
    smile = quote(small.strike, "🙂 she smiled.")
    (citation,) = small.verify(DraftSentence("She smiled.", (smile,))).citations
    assert citation.quote == "🙂 she smiled." == small.strike.text[citation.start : citation.end]


BAD = {
    "a word differs by one character": lambda s: Quote(
        replace(s.bridge, text=BRIDGE.replace("two cracks", "ten cracks")), 35, 63
    ),
    "the offsets are one too far": lambda s: Quote(replace(s.bridge, text="." + BRIDGE), 1, 34),
    "it ends behind the article": lambda s: Quote(s.bridge, 0, len(s.bridge.text) + 1),
    "it starts before the article": lambda s: Quote(s.bridge, -5, 10),
    "it is counted from the end": lambda s: Quote(s.bridge, -20, -1),
    "it lies behind the article": lambda s: Quote(s.bridge, len(s.bridge.text) + 5, len(s.bridge.text) + 9),
    "it is empty": lambda s: Quote(s.bridge, 7, 7),
    "it ends before it starts": lambda s: Quote(s.bridge, 9, 7),
    "it is white space": lambda s: Quote(s.bridge, s.bridge.text.index("\n\n"), s.bridge.text.index("\n\n") + 2),
    "its article was removed": lambda s: Quote(s.gone, 0, len(s.gone.text)),
    "its article never was": lambda s: Quote(replace(s.bridge, id="never"), 0, 10),
    "its article has changed": lambda s: Quote(s.changed, 0, len("Nurses began a one-day strike.")),
}


@pytest.mark.parametrize("reason", BAD)
def test_a_sentence_is_removed_and_counted_when(small: Small, reason: str) -> None:
    assert small.verify(DraftSentence("Something else.", (BAD[reason](small),))) == nothing(small, removed=1)


def test_a_sentence_without_a_quote_is_removed(small: Small) -> None:
    assert small.verify(DraftSentence("I think so.", ())) == nothing(small, removed=1)


def test_one_bad_quote_among_good_ones_takes_the_sentence_with_it(small: Small) -> None:
    good = quote(small.bridge, "A ferry")
    answer = small.verify(
        DraftSentence("Both.", (good, Quote(small.gone, 0, 3))),
        DraftSentence("It was so.", (good,)),
        DraftSentence("No.", ()),
    )
    assert (answer.sentences, answer.removed, answer.abstained) == ((Sentence("It was so.", (1,)),), 2, False)
    assert [c.n for c in answer.citations] == [1]


def test_an_answer_without_a_sentence_left_is_the_refusal(small: Small) -> None:
    assert small.verify().text == small.verify(DraftSentence("No.", ())).text == REFUSAL
    assert small.verify() == nothing(small, removed=0)


def test_words_that_an_article_kept_through_a_change_may_be_quoted_and_the_stored_article_is_cited(
    small: Small,
) -> None:
    answer = small.verify(DraftSentence("They began.", (quote(small.changed, "Nurses began a"),)))
    assert answer.citations == (Citation(1, small.strike, 0, 14, "Nurses began a"),)


def test_citations_are_numbered_as_they_come_and_the_same_quote_twice_has_one_number(small: Small) -> None:
    ferry, cracks, nurses = (
        quote(small.bridge, "A ferry"),
        quote(small.bridge, "two cracks"),
        quote(small.strike, "Nurses"),
    )
    answer = small.verify(
        DraftSentence("It said a.", (cracks, ferry)),
        DraftSentence("It said b.", (ferry, nurses, ferry)),
        DraftSentence("It said c.", (cracks,)),
    )
    assert [s.citations for s in answer.sentences] == [(1, 2), (2, 3), (1,)]
    assert [(c.n, c.quote) for c in answer.citations] == [(1, "two cracks"), (2, "A ferry"), (3, "Nurses")]
    assert answer.text == "It said a. [1][2] It said b. [2][3] It said c. [1]"


@st.composite
def drafts(draw: st.DrawFn, small: Small) -> tuple[DraftSentence, ...]:
    def a_quote() -> Quote:
        article = draw(st.sampled_from([small.bridge, small.strike, small.changed, small.gone]))
        if draw(st.integers(0, 4)) == 0:
            at = draw(st.integers(0, len(article.text) - 1))
            article = replace(article, text=article.text[:at] + draw(st.sampled_from("e x")) + article.text[at + 1 :])
        offsets = st.integers(-3, len(article.text) + 3)
        start = draw(offsets)
        end = draw(st.one_of(offsets, st.integers(start, start + 12)))
        return Quote(article, start, end)

    def a_sentence() -> DraftSentence:
        return DraftSentence(
            draw(st.text("aou ", max_size=8)), tuple(a_quote() for _ in range(draw(st.integers(0, 3))))
        )

    return tuple(a_sentence() for _ in range(draw(st.integers(0, 4))))


@given(data=st.data())
@settings(max_examples=200, deadline=None)
def test_whatever_is_proposed_every_citation_is_the_stored_words_at_its_offsets(
    small: Small, data: st.DataObject
) -> None:
    proposed = data.draw(drafts(small))
    answer = small.verify(*proposed)
    texts = {"bridge": small.bridge.text, "strike": small.strike.text}

    def holds(q: Quote) -> bool:
        text = texts.get(q.article.id, "")
        words = q.article.text[q.start : q.end]
        return 0 <= q.start < q.end <= len(text) and text[q.start : q.end] == words and not words.isspace()

    kept = [s for s in proposed if s.quotes and all(map(holds, s.quotes))]
    order = list(dict.fromkeys((q.article.id, q.start, q.end) for s in kept for q in s.quotes))
    assert answer.sentences == tuple(
        Sentence(s.text, tuple(dict.fromkeys(order.index((q.article.id, q.start, q.end)) + 1 for q in s.quotes)))
        for s in kept
    )
    assert [(c.n, c.article.id, c.start, c.end, c.quote) for c in answer.citations] == [
        (n, name, start, end, texts[name][start:end]) for n, (name, start, end) in enumerate(order, 1)
    ]
    assert (answer.removed, answer.abstained) == (len(proposed) - len(kept), not kept)


@pytest.mark.parametrize(
    "text",
    [
        "There were three cracks.",
        "Ingrid Solvang found two cracks.",
        "Inspectors found two cracks in 1974.",
        "No cracks.",
    ],
)
def test_a_sentence_with_a_name_number_or_denial_that_its_quote_lacks_is_removed(small: Small, text: str) -> None:
    cracks = quote(small.bridge, "Inspectors found two cracks.")
    assert small.verify(DraftSentence(text, (cracks,))) == nothing(small, removed=1)


def test_a_count_is_kept_only_when_it_counts_the_articles_quoted(small: Small) -> None:
    both = (quote(small.bridge, "Inspectors found two cracks."), quote(small.strike, "Nurses began a two-day strike."))
    right, wrong = "Of 2 articles, 2 mention “two”.", "Of 2 articles, 1 mentions “two”."
    answer = small.verify(DraftSentence(right, both), DraftSentence(wrong, both))
    assert ([s.text for s in answer.sentences], answer.removed) == ([right], 1)


def test_only_verify_makes_an_answer() -> None:
    makers = set()
    for path in sorted(p for folder in ("index", "qa", "ui") for p in (ROOT / folder).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            called = node.func if isinstance(node, ast.Call) else None
            if getattr(called, "id", None) == "Answer" or getattr(called, "attr", None) == "Answer":
                makers.add(path.relative_to(ROOT).as_posix())
            if isinstance(node, ast.alias) and node.name == "Answer" and node.asname:
                makers.add(f"{path.name} renames it")
    # the other opens answers that were kept, and compares each quote with its article again
    assert makers == {"qa/verify.py", "ui/kept.py"}
