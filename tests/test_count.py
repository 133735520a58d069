"""Counts and lists over the whole library."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from tiny import NOW, news

from index.build import add
from index.store import Index
from index.types import Filters
from qa.count import CITED, Count, compose_count, count_holds
from qa.types import Draft

OpenTiny = Callable[..., Index]

WIRE = (
    "The alarm at Brenner Coatings was raised at one in the morning. The fire was out before noon on the same day. "
    "A forklift had been left in the loading bay overnight."
)


@pytest.fixture
def library(open_tiny: OpenTiny) -> Index:
    index = open_tiny()
    add(
        index,
        [
            news("courier", WIRE, publisher="Port Halden Courier", published="2026-09-14"),
            news("copy", f"{WIRE} Readers sent us pictures.", publisher="Osk Valley Herald", published="2026-09-15"),
            news(
                "greens", "The Greens took nine seats. They eat.", publisher="Veldmark Gazette", published="2026-10-05"
            ),
            news("cook", "Boil your greens and your paint-brush coatings. Brenner is a pass.", published="2026-10-06"),
            news("title", "It was loud.", title="Nurses begin a strike", published="2026-10-07"),
            news("us", "Nobody told us. Striking is not easy for nurses.", published="2026-10-08"),
        ],
        now=NOW,
    )
    return index


def counted(index: Index, topic: str, *, filters: Filters | None = None, kind: str = "count") -> Count:
    with index.library.read() as snapshot:
        count = compose_count(snapshot, topic, filters=filters, kind=kind)  # type: ignore[arg-type]
    for sentence in count.draft.sentences[:1]:
        assert count_holds(sentence.text, sentence.quotes)
    return count


def said(count: Count) -> list[tuple[str, list[tuple[str, str]]]]:
    """The sentences, each with the ids and words of its quotes."""
    return [
        (s.text, [(q.article.id, q.article.text[q.start : q.end]) for q in s.quotes]) for s in count.draft.sentences
    ]


def test_a_count_rests_on_a_sentence_of_each_article_and_says_what_it_was_counted_over(library: Index) -> None:
    count = counted(library, "Brenner Coatings")
    sentence = "The alarm at Brenner Coatings was raised at one in the morning."
    assert said(count) == [
        ("Of 6 articles, 2 mention “Brenner Coatings”.", [("copy", sentence), ("courier", sentence)])
    ]
    assert count.notes == (
        "Counted over all 6 articles of the library, not only over the passages found.",
        "These 2 carry the same text, or nearly.",
    )


def test_a_list_quotes_each_article_below_the_count_newest_first(library: Index) -> None:
    assert said(counted(library, "the strike", kind="list")) == [
        ("Of 6 articles, 2 mention “strike”.", [("us", "Striking is not easy for nurses."), ("title", "It was loud.")]),
        ("Striking is not easy for nurses.", [("us", "Striking is not easy for nurses.")]),
        ("It was loud.", [("title", "It was loud.")]),
    ]


def test_a_name_is_counted_with_its_capital_and_a_word_without_it(library: Index) -> None:
    assert said(counted(library, "the Greens"))[0] == (
        "Of 6 articles, 1 mentions “Greens”.",
        [("greens", "The Greens took nine seats.")],
    )
    assert said(counted(library, "Nurses"))[0][0] == "Of 6 articles, 2 mention “nurses”."


def test_an_acronym_and_a_name_that_is_a_stop_word_never_lose_their_capitals(open_tiny: OpenTiny) -> None:
    index = open_tiny()
    add(
        index,
        [
            news("us", "US and us."),
            news("it", "It told us. It may rain, and IT staff who said so know."),
            news("may", "May said so."),
        ],
        now=NOW,
    )
    assert [said(counted(index, topic))[0][0] for topic in ("the US", "IT", "May")] == [
        "Of 3 articles, 1 mentions “US”.",
        "Of 3 articles, 1 mentions “IT”.",
        "Of 3 articles, 1 mentions “May”.",
    ]
    assert counted(index, "the WHO").notes[0] == "None of the 3 articles mentions “WHO”."


def test_what_is_in_quotes_is_counted_as_it_is_checked(library: Index) -> None:
    assert said(counted(library, 'the word "Greens"'))[0][0] == "Of 6 articles, 1 mentions “Greens”."
    assert said(counted(library, '"greens"'))[0][0] == "Of 6 articles, 2 mention “greens”."


def test_an_article_counts_whose_parts_stand_far_from_one_another(open_tiny: OpenTiny) -> None:
    index = open_tiny()
    between = "\n\n".join(f"Paragraph {n} says nothing in many words and goes on for a while." for n in range(60))
    add(index, [news("long", f"A zebra ran.\n\n{between}\n\nA quagga stood."), news("zebra", "A zebra.")], now=NOW)
    with index.library.read() as snapshot:
        assert snapshot.count("chunk") > 3
    assert said(counted(index, "quagga and zebra")) == [
        ("Of 2 articles, 1 mentions “quagga” and “zebra”.", [("long", "A zebra ran.")])
    ]


def test_filters_narrow_the_library_and_the_sentence_says_so(library: Index) -> None:
    since = Filters(since="2026-09-15", until="2026-09-30")
    count = counted(library, "Brenner Coatings", filters=since)
    assert said(count)[0][0] == (
        "Of the 1 article since 15 September 2026 until 30 September 2026, 1 mentions “Brenner Coatings”."
    )
    assert counted(library, "the alarm", filters=Filters(since="2027-01-01")).notes[0] == (
        "There are no articles since 1 January 2027."
    )
    assert said(counted(library, "the alarm", filters=Filters(publishers=("Osk Valley Herald",))))[0][0] == (
        "Of the 1 article from Osk Valley Herald, 1 mentions “alarm”."
    )


def test_nothing_found_is_said_in_a_note_that_names_a_misspelt_word(library: Index) -> None:
    assert counted(library, "Brener Coatings") == Count(
        Draft((), (), 0.0),
        (
            "None of the 6 articles mentions “Brener Coatings”.",
            "No article of the library holds the word “Brener”: is it spelt right?",
        ),
    )
    assert counted(library, "Coatings Brenner").notes == ("None of the 6 articles mentions “Coatings Brenner”.",)


@pytest.mark.parametrize("topic", ["the", "it", "Renn or Ohlsen", "Renn without Ohlsen"])
def test_what_cannot_be_counted_is_refused_with_a_note(library: Index, topic: str) -> None:
    count = counted(library, topic)
    assert not count.draft.sentences and len(count.notes) == 1


def test_of_many_articles_the_newest_are_cited_and_all_are_counted(open_tiny: OpenTiny) -> None:
    index = open_tiny()
    add(index, [news(f"{n:03}", f"Fire {n}.", published=f"2026-01-{n % 28 + 1:02}") for n in range(25)], now=NOW)
    count = counted(index, "fire", kind="list")
    ((text, quotes), *each) = said(count)
    assert text == f"Of 25 articles, 25 mention “fire”, of which the newest {CITED} are cited here."
    assert len(quotes) == len(each) == CITED
    days = [s.quotes[0].article.published for s in count.draft.sentences[1:]]
    assert days == sorted(days, key=str, reverse=True)


def test_a_count_that_its_quotes_do_not_bear_out_does_not_hold(library: Index) -> None:
    (sentence,) = counted(library, "Brenner Coatings").draft.sentences
    quotes = sentence.quotes
    other = replace(quotes[0], article=replace(quotes[0].article, id="other", text="Nothing of it."), start=0, end=7)
    assert count_holds(sentence.text, quotes)
    assert not count_holds(sentence.text.replace("2 mention", "3 mention"), quotes)
    assert not count_holds(sentence.text.replace("2 mention", "1 mentions"), quotes)
    assert not count_holds(sentence.text.replace("Of 6", "Of 1"), quotes)
    assert not count_holds(sentence.text.replace("Brenner", "Bremer"), quotes)
    assert not count_holds(sentence.text, quotes[:1])
    assert not count_holds(sentence.text, (quotes[0], quotes[0]))
    assert not count_holds(sentence.text, (quotes[0], other))
    assert not count_holds("Two articles mention Brenner Coatings.", quotes)
    many = sentence.text.replace("2 mention", "22 mention").replace("Of 6", "Of 60")
    assert not count_holds(many.replace(".", f", of which the newest {CITED} are cited here."), quotes)
