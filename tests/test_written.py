"""What a language model wrote, as plain sentences and the numbers they cite."""

import pytest

from index.types import Article
from qa.llm import LONGEST
from qa.support import MOST, unsupported_terms
from qa.types import Quote
from qa.written import written_sentences

WRITTEN = [
    ("It was closed [1].", [("It was closed.", (1,))]),
    ("It was closed. [1] It cost a lot. [2]", [("It was closed.", (1,)), ("It cost a lot.", (2,))]),
    ("It was closed [1][2]. It is [1, 3].", [("It was closed.", (1, 2)), ("It is.", (1, 3))]),
    ("It was closed 【1】. It is【2†source】.", [("It was closed.", (1,)), ("It is.", (2,))]),
    ("It was closed [Passage 1] and opened [passages 2 and 3].", [("It was closed and opened.", (1, 2, 3))]),
    ("“It was bad.” [2] He left! [1]", [("“It was bad.”", (2,)), ("He left!", (1,))]),
    ("It is said [1-3].", [("It is said.", (1, 2, 3))]),
    ("Dr. Solvang of the U.S. left. [1]", [("Dr. Solvang of the U.S. left.", (1,))]),
    ("- **It was closed** [1]\n* It _cost_ a lot [2]", [("It was closed.", (1,)), ("It cost a lot.", (2,))]),
    ("1. It was closed [1]\n2) So it is [3]", [("It was closed.", (1,)), ("So it is.", (3,))]),
    ("## Answer\n\nIt was closed.\n[1]", [("Answer.", ()), ("It was closed.", (1,))]),
    ("See [the page](http://evil.example/x) [1].", [("See the page.", (1,))]),
    ("It was closed. [1]\n\nSources:\n[1] Bridge closed, Courier", [("It was closed.", (1,))]),
    ("It was closed. [[1]](http://evil.example/) [2](x)", [("It was closed.", (1, 2))]),
    ("No marker at all", [("No marker at all.", ())]),
    ("He said [sic] so. [1]", [("He said [sic] so.", (1,))]),
    ("They [put](javascript:alert(f(1))) it off. [1]", [("They put it off.", (1,))]),
    ("They ![x][r] put ![y](z(1)) it [off][r]. [1]", [("They put it off.", (1,))]),
    ("It [grew][1] and [fell][2][3].", [("It [grew] and [fell].", (1, 2, 3))]),
    ("It cost 4\u200b7\u00a0euros.\u2028\u202e[1]", [("It cost 47 euros.", (1,))]),
    ("It \ud83dwas.\n\n \n [1] \n\n[2]", [("It was.", (1, 2))]),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), WRITTEN)
def test_what_is_written_becomes_plain_sentences_and_their_numbers(
    text: str, expected: list[tuple[str, tuple[int, ...]]]
) -> None:
    assert list(written_sentences(text)) == expected


PIECES = """[ ] ( ) * _ ` # > - . , ; : ” “ ’ 1 A é ½ € [” *” .” ...” [1 [1, [1- [1† [1] [1][ .[1] ]( [a]( [1]( ![a](
    [a][ [a] (a) 1. 1, 1: 4,7 1,000 9e5 5cm $5 A. A’ a. a@ a@a. www. https:// data:a n’t ¬ <think> Sources: *sources*
    May 2026-""".split()
REPEATED = [
    *PIECES, *(f"{p} " for p in PIECES), *(f"{p}\n" for p in PIECES), " ", "\n", "\t", "\u200b", "\ud800", "\x0b",
    "not ", "a million ", "half a ", "denied that ", ", and ", "5 km to ", "on Friday ", "rose fell ", "12 May ",
]  # fmt: skip


@pytest.mark.timeout(60)  # a wrong pattern takes for ever, a right one less than a second
@pytest.mark.parametrize("piece", REPEATED)
def test_an_answer_made_to_keep_a_computer_busy_does_not(piece: str) -> None:
    article = Article(id="a", title="Bridge", text="The bridge was closed on 12 May.", published="2026-06-11")
    repeated = piece * (LONGEST // len(piece))
    for sentence, _ in written_sentences(f"A. [1]{repeated}x")[:MOST]:
        unsupported_terms(sentence, [Quote(article, 0, 32)])
    unsupported_terms(repeated, [Quote(article, 0, 32)])
