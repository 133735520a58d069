"""The same text in several articles."""

from collections.abc import Callable

import pytest
from tiny import NOW, news

from index.build import add
from index.store import Index
from qa.copies import copies, same_words
from qa.types import Quote

OpenTiny = Callable[..., Index]

LEAD = (
    "About 31,000 households were without water on Wednesday after a main burst under Lindal's “old” pumping station."
)
CURLED = LEAD.replace("'", "’").replace("“old”", '"old"').replace(" were ", "  WERE ")
EDITED = LEAD.replace("on Wednesday", "today").replace("About", "LINDAL (NCW) - About")
OTHER = LEAD.replace("31,000", "29,000")
SHORT = "The cause is not yet known."


def copied(index: Index, article_id: str, words: str) -> list[str]:
    with index.library.read() as snapshot:
        article = snapshot.article(article_id)
        assert article is not None
        start = article.text.index(words)
        return [a.id for a in copies(snapshot, Quote(article, start, start + len(words)))]


@pytest.fixture
def library(open_tiny: OpenTiny) -> Index:
    index = open_tiny()
    add(
        index,
        [
            news("wire", f"{LEAD} {SHORT}", published="2026-07-08T14:20:00+02:00"),
            news("undated", f"It came over the wire. {CURLED} {SHORT}"),
            news("paper", f"{EDITED} {SHORT}", published="2026-07-08T16:05:00+02:00"),
            news("first", f"{LEAD} {SHORT}", published="2026-07-07"),
            news("figures", f"{OTHER} {SHORT}", published="2026-07-09"),
            news("same words", " ".join(reversed(LEAD.split())), published="2026-07-09"),
        ],
        now=NOW,
    )
    return index


def test_copies_are_the_other_articles_with_the_same_words_the_earliest_first(library: Index) -> None:
    assert copied(library, "wire", LEAD) == ["first", "paper", "undated"]
    assert copied(library, "paper", EDITED) == ["first", "wire", "undated"]
    assert copied(library, "figures", OTHER) == []


def test_a_short_sentence_is_no_copy_of_another(library: Index) -> None:
    assert copied(library, "wire", SHORT) == []


def test_sentences_are_the_same_but_for_small_edits() -> None:
    assert same_words(LEAD, LEAD) and same_words(LEAD, CURLED) and same_words(EDITED, LEAD)
    assert same_words("The bridge was closed on Thursday.", "The bridge was closed on Thursday, police said.")
    assert same_words("Yes.", "Yes.")


def test_sentences_that_say_something_else_in_the_same_words_are_not_the_same() -> None:
    assert not same_words(LEAD, OTHER)
    assert not same_words("Three firefighters were treated for smoke.", "Four firefighters were treated for smoke.")
    assert not same_words("The mayor said that Renn had paid for it.", "The mayor said that Ohlsen had paid for it.")
    assert not same_words("The bridge will be closed on Thursday.", "The bridge will not be closed on Thursday.")
    assert not same_words("The bridge was closed on Thursday morning.", "The bridge was closed on Friday morning.")
    assert not same_words("The nurses began a strike on Thursday.", "The ferry ran for the last time.")
    rose = "The number of visitors to the museum rose by 12 percent in the last year."
    assert not same_words(rose, rose.replace("rose", "fell"))
    assert not same_words(rose, rose.replace("museum", "castle"))
    fünf = "Beim Brand im Hafen von Kirchau wurden in der Nacht fünf Arbeiter verletzt."
    assert not same_words(fünf, fünf.replace("fünf", "sieben"))
    assert not same_words(fünf, fünf.replace("verletzt", "nicht verletzt"))
    assert not same_words("", LEAD)
    assert same_words("The road is closed in our valley.", "The road is closed in the Osk valley.")
    assert not same_words("The road is closed in our valley.", "The road is closed in the lower valley.")
    assert not same_words(LEAD, LEAD[LEAD.index("were") :])


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Holt beat Ohlsen in the vote.", "Ohlsen beat Holt in the vote."),
        ("The ship sails from Lindal to the coast.", "The ship sails from the coast to Lindal."),
        ("The council will pay for the wall.", "Nobody in the council will pay for the wall."),
        ("The council will pay for the wall.", "The council failed to pay for the wall."),
        ("The price of bread went up by 12 per cent.", "The price of bread went down by 12 per cent."),
        ("The bridge is closed until 19 October.", "The bridge is closed since 19 October."),
        ("All nurses of the hospital are on strike.", "Some nurses of the hospital are on strike."),
        ("Nurses of the hospital are on strike.", "Few nurses of the hospital are on strike."),
        ("It was the driver, the police said.", "It was the driver, the police denied."),
        ("He had taken the money.", "He had allegedly taken the money."),
        ("He had taken the money.", "She had taken the money."),
        ("Der Rat zahlt die neue Mauer am Hafen.", "Der Rat zahlt niemals die neue Mauer am Hafen."),
        ("Drei Menschen starben im Hafen.", "Drei Menschen starben fast im Hafen."),
        ("You can drink the water in the whole valley.", "You can’t drink the water in the whole valley."),
        ("Rents in the old town rose by 2,5 per cent.", "Rents in the old town rose by 25 per cent."),
        ("The dam will hold this year, engineers said.", "The dam will hold this year, engineers never said."),
    ],
)
def test_one_word_that_says_something_else_makes_another_sentence(one: str, other: str) -> None:
    assert not same_words(one, other) and not same_words(other, one)


def test_of_the_samples_the_wire_story_and_its_reprint_carry_the_same_text(samples_index: Index) -> None:
    with samples_index.library.read() as snapshot:
        stories = snapshot.stories(article.id for article in snapshot.articles())
        wire = [article for article in snapshot.articles() if article.id in stories]
        assert {a.publisher for a in wire} == {"North Coast Wire", "Osk Valley Herald"} and len(wire) == 2
        one = next(a for a in wire if a.publisher == "North Coast Wire")
        lead = one.text[: one.text.index("\n\n")]
        assert [a.publisher for a in copies(snapshot, Quote(one, 0, len(lead)))] == ["Osk Valley Herald"]
