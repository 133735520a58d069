"""Chunks: whole sentences that fit the model, in order, and nothing of an article left out."""

import re
from itertools import pairwise

import pytest
from conftest import TinyEmbedder
from hypothesis import given, settings
from hypothesis import strategies as st

from index.chunk import TITLE_TOKENS, Sentence, chunk, context, embedded_text, sentences
from index.embed import Embedder
from index.types import Article, Chunk, Span

count = TinyEmbedder().token_spans

WORDS = st.sampled_from(
    ["a", "Bridge", "harbour", "Dr.", "U.S.", "1,000", "é", "Ünï", "😀", "日本。", "“Yes.”", "A\u00a0.", "x" * 40]
)
PARAGRAPHS = st.lists(WORDS, min_size=1, max_size=60).map(lambda words: " ".join(words) + ".")


@st.composite
def articles(draw: st.DrawFn) -> Article:
    """Articles of paragraphs and headings, as `clean` lays them out."""
    parts = draw(st.lists(st.tuples(PARAGRAPHS, st.booleans()), max_size=8))
    headings, at = [], 0
    for text, is_heading in parts:
        if is_heading:
            headings.append(Span(at, at + len(text)))
        at += len(text) + 2
    title = " ".join(draw(st.lists(WORDS, max_size=80)))
    published = draw(st.sampled_from([None, "2026-06-11", "2026-06-11T08:00:00+02:00"]))
    text = "\n\n".join(text for text, _ in parts)
    return Article(id="a", title=title, text=text, published=published, headings=tuple(headings))


def article(text: str, *, title: str = "T", headings: tuple[str, ...] = (), published: str | None = None) -> Article:
    spans = tuple(Span(text.index(h), text.index(h) + len(h)) for h in headings)
    return Article(id="a", title=title, text=text, headings=spans, published=published)


def texts(source: Article, *, max_tokens: int, overlap: int = 0) -> list[str]:
    return [source.text[s.start : s.end] for s in chunk(source, count, max_tokens=max_tokens, overlap=overlap)]


def numbered(*sizes: int) -> str:
    """Sentences of so many words each."""
    return " ".join(f"S{n}" + " word" * (size - 1) + "." for n, size in enumerate(sizes))


def uncovered(text: str, spans: list[Span]) -> str:
    """What of a text no span holds, without white space."""
    covered = {at for span in spans for at in range(*span)}
    return "".join(c for at, c in enumerate(text) if at not in covered and not c.isspace())


def check(source: Article, embedder: TinyEmbedder | Embedder, max_tokens: int, overlap: int) -> None:
    """Everything that holds for the chunks of any article."""
    spans = chunk(source, embedder.token_spans, max_tokens=max_tokens, overlap=overlap)
    assert uncovered(source.text, spans) == ""
    assert all(b.start > a.start and b.end > a.end for a, b in pairwise(spans))
    for span in spans:
        assert Chunk("c", source, *span).text == source.text[span.start : span.end] != ""
        embedded = embedded_text(source, span, embedder.token_spans)
        assert embedded.endswith("\n" + source.text[span.start : span.end])
        assert len(embedder.token_spans([embedded])[0]) <= max_tokens
    parts = sentences(source.text, source.headings)
    assert uncovered(source.text, [Span(p.start, p.end) for p in parts]) == ""
    assert all(a.end <= b.start for a, b in pairwise(parts))
    assert [p for p in parts if p.heading] == [p for p in parts if (p.start, p.end) in source.headings]


@given(articles(), st.integers(64, 100), st.integers(0, 5))
@settings(max_examples=150, deadline=None)
def test_chunks_are_slices_in_order_that_fit_and_cover_the_article(
    source: Article, max_tokens: int, overlap: int
) -> None:
    check(source, TinyEmbedder(), max_tokens, overlap)


@given(articles(), st.integers(64, 100), st.integers(0, 5))
@settings(max_examples=150, deadline=None)
def test_no_chunk_ends_on_a_heading_that_what_follows_fits_behind(
    source: Article, max_tokens: int, overlap: int
) -> None:
    spans = chunk(source, count, max_tokens=max_tokens, overlap=overlap)
    budget = max_tokens - len(count([context(source, count)])[0])
    parts = sentences(source.text, source.headings)
    for span in spans[:-1]:
        (last,) = (n for n, p in enumerate(parts) if p.start < span.end <= p.end)
        if not parts[last].heading or span.end < parts[last].end:
            continue
        first = last
        while first > 0 and parts[first - 1].heading:
            first -= 1
        below = last + 1
        while below < len(parts) - 1 and parts[below].heading:
            below += 1
        sizes = [len(count([source.text[p.start : p.end]])[0]) for p in parts[first : below + 1]]
        assert sum(sizes[last - first :]) > budget
        assert sizes[-1] <= budget or sum(sizes[:-1]) >= budget  # of an overlong sentence, the beginning fits


@given(articles(), st.integers(64, 100), st.integers(0, 5))
@settings(max_examples=150, deadline=None)
def test_a_chunk_starts_and_ends_with_a_sentence_unless_that_is_too_long(
    source: Article, max_tokens: int, overlap: int
) -> None:
    budget = max_tokens - len(count([context(source, count)])[0])
    parts = sentences(source.text, source.headings)
    fitting = [p for p in parts if len(count([source.text[p.start : p.end]])[0]) <= budget]
    for span in chunk(source, count, max_tokens=max_tokens, overlap=overlap):
        assert not [p for p in fitting if p.start < span.start < p.end or p.start < span.end < p.end]


def test_chunks_share_as_many_sentences_as_asked_where_they_fit() -> None:
    source = article(numbered(*[10] * 10))
    starts = {
        overlap: [re.findall(r"S\d", t) for t in texts(source, max_tokens=41, overlap=overlap)]
        for overlap in (0, 1, 2, 5)
    }
    assert starts == {
        0: [["S0", "S1", "S2", "S3"], ["S4", "S5", "S6", "S7"], ["S8", "S9"]],
        1: [["S0", "S1", "S2", "S3"], ["S3", "S4", "S5", "S6"], ["S6", "S7", "S8", "S9"]],
        2: [["S0", "S1", "S2", "S3"], ["S2", "S3", "S4", "S5"], ["S4", "S5", "S6", "S7"], ["S6", "S7", "S8", "S9"]],
        5: [["S0", "S1", "S2", "S3"]] + [[f"S{n}" for n in range(a, a + 4)] for a in range(1, 7)],
    }


def test_an_overlap_that_leaves_no_room_for_the_next_sentence_is_dropped() -> None:
    source = article(numbered(10, 30, 15, 10))
    assert [re.findall(r"S\d", t) for t in texts(source, max_tokens=41, overlap=1)] == [
        ["S0", "S1"],
        ["S2", "S3"],
    ]


def test_a_heading_goes_with_what_is_below_it() -> None:
    source = article(f"{numbered(30)}\n\nThe harbour\n\n{'xx ' * 19}xx.", headings=("The harbour",))
    assert texts(source, max_tokens=41) == [numbered(30), "The harbour\n\n" + "xx " * 19 + "xx."]


def test_headings_one_above_the_other_stay_together() -> None:
    source = article(f"{numbered(35)}\n\nNews\n\nThe harbour\n\n{numbered(10)}", headings=("News", "The harbour"))
    assert texts(source, max_tokens=41) == [numbered(35), f"News\n\nThe harbour\n\n{numbered(10)}"]


def test_an_overlap_does_not_part_a_heading_from_what_is_below_it() -> None:
    source = article(f"{numbered(20, 15)}\n\nThe harbour\n\n{'xx ' * 29}xx.", headings=("The harbour",))
    assert texts(source, max_tokens=41, overlap=1) == [numbered(20, 15), "The harbour\n\n" + "xx " * 29 + "xx."]


def test_a_heading_above_an_overlong_sentence_goes_with_its_beginning() -> None:
    long = " ".join(f"w{n}" for n in range(100)) + "."
    source = article(f"The harbour\n\n{long}", headings=("The harbour",))
    found = texts(source, max_tokens=41)
    assert [len(t.split()) for t in found] == [40, 40, 22]
    assert found[0].startswith("The harbour\n\nw0 w1 ")
    assert " ".join(found).split() == source.text.split()


def test_a_heading_at_the_end_of_an_article_is_kept() -> None:
    source = article("One sentence.\n\nMore on this", headings=("More on this",))
    assert texts(source, max_tokens=64) == ["One sentence.\n\nMore on this"]


def test_an_article_of_nothing_but_headings_is_kept() -> None:
    source = article("News\n\nMore news", headings=("News", "More news"))
    assert texts(source, max_tokens=64) == ["News\n\nMore news"]


def test_an_empty_text_has_no_chunks() -> None:
    assert texts(article(""), max_tokens=64) == []
    assert texts(article(" \n\n \n"), max_tokens=64) == []


def test_an_empty_heading_and_one_that_is_no_paragraph_are_passed_over() -> None:
    source = Article(id="a", title="T", text="One sentence.\n\nTwo.", headings=(Span(0, 0), Span(13, 13), Span(0, 3)))
    assert sentences(source.text, source.headings) == [Sentence(0, 13, False, 0), Sentence(15, 19, False, 1)]
    assert texts(source, max_tokens=64) == ["One sentence.\n\nTwo."]


def test_an_overlong_sentence_is_cut_between_words_and_loses_none() -> None:
    words = [f"w{n}" for n in range(205)]
    found = texts(article(" ".join(words) + "."), max_tokens=65)
    assert [t.split() for t in found] == [words[:64], words[64:128], words[128:192], [*words[192:-1], "w204."]]


def test_a_long_title_and_its_day_leave_room_for_the_text() -> None:
    source = article(numbered(*[9] * 6), title="t " * 500, published="2026-06-11T08:00:00+02:00")
    assert context(source, count) == ("t " * TITLE_TOKENS).strip() + " (2026-06-11)"
    assert texts(source, max_tokens=64) == [numbered(9)] + [f"S{n}" + " word" * 8 + "." for n in range(1, 6)]
    check(source, TinyEmbedder(), 64, 1)


def test_what_is_embedded_is_title_day_and_text() -> None:
    dated = article("It closed.", title="Bridge closed", published="2026-06-11T08:00:00+02:00")
    undated = article("It closed.", title="Bridge closed")
    assert embedded_text(dated, Span(0, 2), count) == "Bridge closed (2026-06-11)\nIt"
    assert embedded_text(undated, Span(0, 10), count) == "Bridge closed\nIt closed."


@pytest.mark.parametrize("language", [None, "", "en-GB", "de", "ja", "xx", "English"])
def test_any_language_tag_gives_sentences_that_cover_the_text(language: str | None) -> None:
    text = "Ünï 😀 said “no.” He left. 今日は。明日も。 J. Smith came\u2028. A\u00a0."
    found = sentences(text, (), language)
    assert len(found) >= 4
    assert uncovered(text, [Span(s.start, s.end) for s in found]) == ""


REAL = {
    "plain": article(numbered(*[12] * 60), title="Bridge closed", published="2026-06-11"),
    "long title": article(numbered(*[12] * 30), title="Unbelievably overlong headlines " * 40, published="2026-06-11"),
    "no blanks, in Japanese": article("カタカナノテキストハスペースガナイ" * 60),
    "a word of many tokens": article("See " + "qzxjvkw" * 13 + " and " + "pneumonoultramicroscopic" * 4 + " today."),
    "a word whose halves have more tokens than it": article(
        "See quesingizedxylovichcalquesabilitycalxylcalquesovichsselmentographshireurs today.",
        title="Unbelievably overlong headlines " * 40,
        published="2026-06-11",
    ),
    "an address": article("See https://example.org/" + "/".join(f"a{n}b-{n}" for n in range(300)) + " today."),
    "a word beyond the tokenizer": article("Aaa " + "a" * 5000 + " bbb. Ccc."),
    "accents and emoji": article("Élodie naïvely 😀 résumé—“naïf”… " * 80),
    "a list below a heading": article("Results\n\n" + "Oslo 3, Bergen 2; " * 120, headings=("Results",)),
}


@pytest.mark.parametrize("name", REAL)
@pytest.mark.parametrize(("max_tokens", "overlap"), [(64, 1), (254, 0)])
def test_the_real_tokenizer_finds_every_chunk_within_the_budget(
    embedder: Embedder, name: str, max_tokens: int, overlap: int
) -> None:
    check(REAL[name], embedder, max_tokens, overlap)


def test_a_word_longer_than_the_budget_is_cut_and_loses_nothing(embedder: Embedder) -> None:
    word = "qzxjvkw" * 13
    source = article(f"See {word} today.", title="Unbelievably overlong headlines " * 40, published="2026-06-11")
    spans = chunk(source, embedder.token_spans, max_tokens=64, overlap=0)
    assert len(spans) > 3
    assert "".join(source.text[s.start : s.end] for s in spans).replace(" ", "") == f"See{word}today."
