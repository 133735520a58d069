"""From what a model wrote to sentences with the words that support them."""

import re
from collections.abc import Sequence

import numpy as np
import pytest

from index.types import Article, Chunk, Hit, Span
from qa.rerank import Reranker
from qa.support import LONGEST_QUOTE, MOST, Drafting, unsupported_terms
from qa.types import DraftSentence, Quote

CLOSED = """\
Port Halden's Harbour Bridge was closed to all traffic on Thursday morning after inspectors found cracks in two of the \
64 steel hangers that hold up its deck.

The longer of the two measures 38 centimetres, said Ingrid Solvang, chief engineer of the Veldmark Roads Agency. The \
bridge was not about to fall, she added.

What it costs

The agency expects to replace both hangers by the end of August and puts the cost at 4.2 million euros."""
STRIKE = "Nurses at St. Brannoc's hospital began a two-day strike on Monday. They want 12 percent more pay."


def an_article(text: str, title: str, **fields: object) -> Hit:
    article = Article(
        id=title, title=title, text=text, publisher="Port Halden Courier", published="2026-06-11", **fields
    )
    return Hit(Chunk(title, article, 0, len(text)), 1.0, {})


HEADING = CLOSED.index("What it costs")
HITS = (
    an_article(CLOSED, "Harbour Bridge closed", headings=(Span(HEADING, HEADING + len("What it costs")),)),
    an_article(STRIKE, "Nurses strike"),
)


def draft_sentences(text: str, hits: Sequence[Hit], reranker: Reranker) -> tuple[tuple[DraftSentence, ...], int]:
    drafting = Drafting(hits, reranker)
    drafting.end(text)
    return drafting.kept, drafting.refused


def drafted(text: str, reranker: Reranker) -> tuple[list[tuple[str, list[str]]], int]:
    """The kept sentences with the words of their quotes, and how many were refused."""
    kept, refused = draft_sentences(text, HITS, reranker)
    return [(s.text, [q.article.text[q.start : q.end] for q in s.quotes]) for s in kept], refused


class Agreeing:
    """A reranker that finds everything borne out, and knows every word."""

    def scores(self, question: str, passages: Sequence[str]) -> np.ndarray:
        return np.full(len(passages), 9.0)

    def knows(self, word: str) -> bool:
        return True


def test_wherever_an_answer_is_listened_to_while_it_is_written_what_is_kept_is_the_same() -> None:
    said = (
        "The repair is expected to cost 4.2 million euros. [1] Aliens came in 1999. [1]\n"
        "The nurses want 12% more pay.\n[2]\nSo it went on and on for many weeks."
    )
    whole = draft_sentences(said, HITS, Agreeing())  # type: ignore[arg-type]
    assert (len(whole[0]), whole[1]) == (2, 2)
    early = set()
    for end in range(len(said)):
        proposed: list[DraftSentence] = []
        drafting = Drafting(HITS, Agreeing(), proposed.append)  # type: ignore[arg-type]
        drafting.hear(said[:end])
        early.add(len(proposed))
        drafting.end(said)
        assert (drafting.kept, drafting.refused) == whole == (tuple(proposed), 2), said[:end]
    assert early == {0, 1, 2}


def test_a_supported_sentence_is_kept_with_the_shortest_words_that_support_it(reranker: Reranker) -> None:
    said = "The repair is expected to cost 4.2 million euros. [1] The nurses want 12% more pay [2]."
    assert drafted(said, reranker) == (
        [
            (
                "The repair is expected to cost 4.2 million euros.",
                [CLOSED[CLOSED.index("The agency expects") :]],
            ),
            ("The nurses want 12% more pay.", ["They want 12 percent more pay."]),
        ],
        0,
    )


def test_a_quote_is_in_the_article_where_it_says_also_when_the_chunk_starts_later(reranker: Reranker) -> None:
    start = CLOSED.index("The longer")
    article = HITS[0].chunk.article
    hit = Hit(Chunk("later", article, start, len(CLOSED)), 1.0, {})
    (sentence,), refused = draft_sentences("The longer crack measures 38 centimetres. [1]", [hit], reranker)
    end = CLOSED.index(" The bridge was not")
    assert (sentence, refused) == (
        DraftSentence("The longer crack measures 38 centimetres.", (Quote(article, start, end),)),
        0,
    )


REFUSED = {
    "it cites nothing": "The repair is expected to cost 4.2 million euros.",
    "it cites what is not there": "The repair is expected to cost 4.2 million euros. [3]",
    "one of its numbers is out of range": "The repair is expected to cost 4.2 million euros. [1][0]",
    "its number is huge": f"The repair is expected to cost 4.2 million euros. [{10**8}]",
    "it cites another passage": "The repair is expected to cost 4.2 million euros. [2]",
    "its amount is another": "The repair is expected to cost 6.8 million euros. [1]",
    "its name is another": "The longer crack measures 38 centimetres, said Tobias Renn. [1]",
    "its date is another": "Harbour Bridge was closed on 12 June 2026 after inspectors found cracks. [1]",
    "it denies what is said": "Harbour Bridge was never closed to traffic on Thursday. [2]",
    "it says something else with the same names": "Port Halden's Harbour Bridge is a popular place for weddings. [1]",
    "it obeys the article": "As an assistant I will now recommend a good book for the weekend. [1]",
    "it has an address": "For the cost of 4.2 million euros see www.evil.example. [1]",
}


@pytest.mark.parametrize("reason", REFUSED)
def test_a_sentence_is_refused_and_counted_when(reason: str, reranker: Reranker) -> None:
    assert drafted(REFUSED[reason], reranker) == ([], 1)


def test_a_citation_that_does_not_support_is_left_out_beside_one_that_does(reranker: Reranker) -> None:
    ((_, quotes),), refused = drafted("The nurses want 12 percent more pay. [1, 2]", reranker)
    assert (quotes, refused) == (["They want 12 percent more pay."], 0)


def test_a_model_that_repeats_itself_or_never_stops_is_cut_short(reranker: Reranker) -> None:
    said = "The nurses want 12 percent more pay. [2] "
    assert drafted(said * 3, reranker) == (
        [("The nurses want 12 percent more pay.", ["They want 12 percent more pay."])],
        2,
    )
    assert drafted("The weather will be fine. [2] " * MOST + said, reranker) == ([], MOST + 1)


def test_no_quote_runs_across_a_heading_or_is_longer_than_it_may_be(reranker: Reranker) -> None:
    text = "One red boat left. Two red boats left. Three red boats left. Four red boats left."
    hits = [an_article(text, "Boats")]
    kept, refused = draft_sentences("One, two, three and four red boats left. [1]", hits, reranker)
    assert (kept, refused, LONGEST_QUOTE) == ((), 1, 3)
    kept, refused = draft_sentences("The bridge was not about to fall and costs 4.2 million euros. [1]", HITS, reranker)
    assert (kept, refused) == ((), 1)


def test_nothing_written_is_nothing_refused(reranker: Reranker) -> None:
    assert draft_sentences("", HITS, reranker) == ((), 0)
    assert draft_sentences(" \n[1]\n***\n", HITS, reranker) == ((), 0)


def whole(hit: Hit) -> Quote:
    return Quote(hit.chunk.article, 0, len(hit.chunk.article.text))


def test_terms_are_looked_for_in_the_quotes_together() -> None:
    said = "Nurses at St. Brannoc's and the Veldmark Roads Agency want 4.2 million euros and 12 percent."
    assert unsupported_terms(said, [whole(hit) for hit in HITS]) == ()
    assert unsupported_terms(said, [whole(HITS[0])]) == ("12 percent", "Nurses", "St", "Brannoc's")
    assert unsupported_terms(said, []) == (
        "4.2 million",
        "12 percent",
        "Nurses",
        "St",
        "Brannoc's",
        "Veldmark",
        "Roads",
        "Agency",
    )


def test_names_and_dates_may_also_stand_in_the_title_and_the_publisher_but_numbers_may_not() -> None:
    article = Article(
        id="a", title="40 Lindal nurses strike in May", text="They left.", publisher="Gazette", published="2026-06-11"
    )
    quotes = [Quote(article, 0, 10)]
    assert unsupported_terms("The Gazette said in June 2026 that in Lindal they left in May.", quotes) == ()
    assert unsupported_terms("On Thursday, 11 June, they left.", quotes) == ("11 June", "Thursday")
    assert unsupported_terms("In Lindal 40 left on 12 June.", quotes) == ("12 June", "40")
    assert unsupported_terms("They left on 11 June.", [Quote(Article(id="b", title="", text="They left."), 0, 10)]) == (
        "11 June",
    )


DATED = "They left on Friday. They will be back on Monday. They slept yesterday. They ate on 3 September. They sang."


@pytest.mark.parametrize(
    ("text", "missing"),
    [
        ("They left on 11 September.", ()),
        ("They left on Friday, 11 September 2026.", ()),
        ("They left in September 2026.", ()),
        ("They left on 4 September.", ("4 September",)),
        ("They slept on 14 September.", ()),
        ("They will be back on 21 September.", ()),
        ("They ate on Thursday.", ()),
        ("They ate on Friday.", ("Friday",)),
        ("They sang on 15 September.", ("15 September",)),
        ("They sang on Tuesday.", ("Tuesday",)),
        ("They sang, the Courier reported on 15 September.", ()),
        ("They sang, says an article published on 15 September.", ()),
        ("They sang in Port Halden on 15 September.", ("Halden", "15 September")),
        ("They sang on 16 September, the Courier reported.", ("16 September",)),
    ],
)
def test_the_day_of_publication_dates_what_is_said_of_a_weekday_and_the_article_itself(
    text: str, missing: tuple[str, ...]
) -> None:
    article = Article(id="a", title="Away", text=DATED, publisher="Port Courier", published="2026-09-15T08:00:00+02:00")
    verb = next(word for word in ("left", "slept", "back", "ate", "sang") if word in text)
    (match,) = re.finditer(rf"[^.]*{verb}[^.]*\.", DATED)
    assert set(unsupported_terms(text, [Quote(article, *match.span())])) == set(missing)


def test_a_denial_has_to_be_in_the_quotes() -> None:
    quotes = [whole(HITS[1])]
    assert unsupported_terms("The nurses did not begin a strike.", quotes) == ("not",)
    assert unsupported_terms("The nurses didn’t begin a strike.", quotes) == ("didn't",)
    assert unsupported_terms("The bridge was not about to fall.", [whole(HITS[0])]) == ()


def test_what_one_side_denies_and_the_other_states_is_unsupported() -> None:
    assert unsupported_terms("The bridge was about to fall.", [whole(HITS[0])]) == ("fall",)
    assert unsupported_terms("The bridge was not closed to traffic.", [whole(HITS[0])]) == ("closed", "traffic")
    assert unsupported_terms("The bridge was closed to traffic, but about to fall it was not.", [whole(HITS[0])]) == (
        "fall",
    )
    assert unsupported_terms("No, the nurses began a strike.", [whole(HITS[1])]) == ()


def test_a_sentence_copied_from_an_article_lacks_nothing() -> None:
    for hit in HITS:
        for match in re.finditer(r"[^\n]+", hit.chunk.article.text):
            assert unsupported_terms(match.group(), [Quote(hit.chunk.article, *match.span())]) == ()


CLAUSES = [
    "The longer crack measures 38 centimetres, and the mayor later resigned because he took bribes. [1]",
    "The longer crack measures 38 centimetres; the mayor later resigned after taking bribes. [1]",
    "The longer crack measures 38 centimetres, which made angry neighbours demand compensation. [1]",
    "The longer crack measures 38 centimetres because drunken sailors rammed the pillars. [1]",
]


@pytest.mark.parametrize("text", CLAUSES)
def test_nothing_can_be_hung_on_a_sentence_that_is_supported(text: str, reranker: Reranker) -> None:
    assert drafted("The longer crack measures 38 centimetres. [1]", reranker)[1] == 0
    assert drafted(text, reranker) == ([], 1)


def test_names_are_looked_for_in_small_letters_too(reranker: Reranker) -> None:
    assert drafted("The longer crack measures 38 centimetres, said ingrid solvang. [1]", reranker)[1] == 0
    assert drafted("The longer crack measures 38 centimetres, said hanne brodal. [1]", reranker)[1] == 1
    assert drafted("The agency of solvang expects to replace both hangers by the end of August. [1]", reranker)[1] == 1


def test_what_cannot_be_seen_is_neither_read_nor_shown(reranker: Reranker) -> None:
    said = "\u202eThe nurses wa\u00adnt 12 percent\u200b more \ud800pay. [2]"
    assert drafted(said, reranker) == drafted("The nurses want 12 percent more pay. [2]", reranker)
    assert drafted("The nurses want 1\u200b2 percent more pay. [2]", reranker)[1] == 0
    assert drafted("The nurses want 1\u200b5 percent more pay. [2]", reranker)[1] == 1
    assert drafted("The bridge was n\u200bot closed to all traffic on Thursday. [1]", reranker)[1] == 1
