import json
import re
from dataclasses import replace
from datetime import date, datetime, timedelta, timezone
from pathlib import Path
from time import process_time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml.html import document_fromstring

from index.byline import Dated, dated, people, signed
from index.certainty import SOURCES, certainty, rank
from index.clean import Cleaned, clean
from index.errors import InputError
from index.furniture import is_caption, is_endnote, is_interface
from index.paragraphs import normalised, paragraphs
from index.publication import in_url, infer, read
from index.seen import as_seen, without_hidden
from index.types import Article, Record, Span

TODAY = date(2026, 11, 23)
SHARED = Path(__file__).parents[2] / "shared" / "data"
LONG = "The council met for three hours on Monday and heard from the engineers who had walked along the dam that week."


def cleaned(text: str, **claims: str) -> Cleaned:
    return clean(Record(key="a", text=text, **claims), today=TODAY)


def headings(article: Article) -> list[str]:
    return [article.text[start:end] for start, end in article.headings]


# Pages as scrapers leave them, each in the layout of another kind of publisher


def test_a_page_with_player_time_caption_and_author_box_keeps_only_its_article() -> None:
    text = """Ferry Runs Aground Off Northern Island

The operator said that all passengers had been brought to safety and that the hull was intact.
Ferry Runs Aground Off Northern Island
The ferry leans on a sandbank near the harbor of Ulvik, on March 4, 2024. Pia Holm/AFP via Getty Images
Dana Whitfield
Updated:
0:00

A ferry with 212 people on board ran aground in fog on Tuesday, the coast guard said.

On March 5, the operator published the names of the ships that had helped.

‘Nobody Was Hurt’

The captain told reporters that the fog had come within minutes and that the radar had failed.

An undated image of the ferry (L) and her sister ship (R) in Ulvik, Norway. (Pia Holm/AFP/Getty Images)
An undated image of the ferry (L) and her sister ship (R) in Ulvik, Norway. Pia Holm/AFP/Getty Images

Dana Whitfield is also the name of the pilot who came on board, the coast guard said.

Reuters and The Associated Press contributed to this report.
Dana Whitfield
Dana Whitfield
Author
Dana Whitfield is an Oslo-based journalist who covers shipping and the sea."""
    body = (
        "The operator said that all passengers had been brought to safety and that the hull was intact.\n\n"
        "A ferry with 212 people on board ran aground in fog on Tuesday, the coast guard said.\n\n"
        "On March 5, the operator published the names of the ships that had helped.\n\n"
        "‘Nobody Was Hurt’\n\n"
        "The captain told reporters that the fog had come within minutes and that the radar had failed.\n\n"
        "Dana Whitfield is also the name of the pilot who came on board, the coast guard said."
    )
    assert cleaned(text) == Cleaned(
        Article(
            id="a",
            title="Ferry Runs Aground Off Northern Island",
            text=body,
            author="Dana Whitfield",
            published="2024-03-05",
            date_source="text",
            language="en",
            headings=(Span(body.index("‘"), body.index("’") + 1),),
        ),
        (),
    )


def test_a_broadcasters_page_loses_image_lines_share_buttons_and_links_to_other_stories() -> None:
    text = """Village shop saved by its customers
Published
14 May 2023
Share
Save
Priya Nolan
Business reporter, Example News
Image source, Getty Images
Image caption,
The shop had been open since 1931
Customers of a village shop have bought it after a year of collecting money, its new manager said.
"We never thought it would work," said Ms Obi, who has shopped there for 40 years and now serves at the till.
What happens now?
The shop will open on Sundays and sell bread from the bakery in the next village, the customers have decided.
More on this story
Shop to close after 90 years
Village pub saved by its guests
Related topics
Retailing"""
    article, notes = cleaned(text)
    assert article == Article(
        id="a",
        title="Village shop saved by its customers",
        text=article.text,
        author="Priya Nolan",
        published="2023-05-14",
        date_source="byline",
        language="en",
        headings=article.headings,
    )
    assert article.text.split("\n\n") == [
        "Customers of a village shop have bought it after a year of collecting money, its new manager said.",
        '"We never thought it would work," said Ms Obi, who has shopped there for 40 years and now serves at the till.',
        "What happens now?",
        "The shop will open on Sundays and sell bread from the bakery in the next village, the customers have decided.",
    ]
    assert notes == ()


def test_an_agencys_page_gives_its_byline_and_update_and_keeps_its_dateline() -> None:
    text = """Miners end strike after 40 days
By JO VANCE and ANA PRIETO
Updated 9:14 PM GMT, September 3, 2022

SANTA ROSA (AP) — Miners in the north ended their strike on Saturday after the company agreed to pay more.

The deal, first reported by Reuters, was signed at dawn.

Striking miners wait for news in Santa Rosa. (AP Photo/Luis Mora)

___

Follow AP's coverage of mining at https://example.org/mining"""
    article, _ = cleaned(text)
    assert (article.author, article.published, article.date_source) == (
        "Jo Vance, Ana Prieto",
        "2022-09-03T21:14:00+00:00",
        "update",
    )
    assert article.text.split("\n\n") == [
        "SANTA ROSA (AP) — Miners in the north ended their strike on Saturday after the company agreed to pay more.",
        "The deal, first reported by Reuters, was signed at dawn.",
    ]


def test_a_blog_in_markdown_loses_its_marks_and_keeps_its_headings() -> None:
    text = """---
title: "Why we repainted the bridge"
author: Lena Ott
date: 2021-06-01
publisher: Bridge Notes
url: https://example.org/bridge
lang: en
---
# Why we repainted the bridge

![The bridge](bridge.jpg "Old paint")

We **had** to, as the [inspector](https://example.org/i_(2)) wrote in _April_: it cost 3 \\* 4 = 12 thousand.

## What it took

- Two tonnes of paint
- A crane with `snake_case` written on it

> It was a cold month,
> and the paint froze.

```
crane --up
```

<!-- a note
to self -->
Setext heading
--------------
That is all[^1] there is to say about it.

[^1]: Not quite all.
[ref]: https://example.org"""
    article, notes = cleaned(text, format="markdown")
    assert article == Article(
        id="a",
        title="Why we repainted the bridge",
        text="We had to, as the inspector wrote in April: it cost 3 * 4 = 12 thousand.\n\n"
        "What it took\n\nTwo tonnes of paint\n\nA crane with snake_case written on it\n\n"
        "It was a cold month, and the paint froze.\n\ncrane --up\n\nSetext heading\n\n"
        "That is all there is to say about it.\n\nNot quite all.",
        author="Lena Ott",
        publisher="Bridge Notes",
        published="2021-06-01",
        date_source="header",
        url="https://example.org/bridge",
        language="en",
        headings=article.headings,
    )
    assert headings(article) == ["What it took", "Setext heading"]
    assert notes == ()


def test_header_lines_of_a_scraper_become_claims() -> None:
    text = f"Title: Dam holds\nAuthor: By Sam Lee\nDate: 2020/02/03\nSource: The Valley Post\nURL: https://x.org/d\n\n{LONG}"
    assert cleaned(text).article == Article(
        id="a",
        title="Dam holds",
        text=LONG,
        author="Sam Lee",
        publisher="The Valley Post",
        published="2020-02-03",
        date_source="header",
        url="https://x.org/d",
        language="en",
    )


def test_a_fragment_of_html_keeps_its_text_and_headings_and_loses_its_tags() -> None:
    text = f"<p>{LONG}</p><h2>Costs</h2><p>It is 3 * 4 &lt; 13 and a_b_c &amp; <b>more</b>.<br>Really.</p>"
    text += "<figcaption>x</figcaption>"
    article, _ = cleaned(text, format="html", title="Dam")
    assert article.text == f"{LONG}\n\nCosts\n\nIt is 3 * 4 < 13 and a_b_c & more. Really."
    assert headings(article) == ["Costs"]


SEEN = [
    (
        "310<sup>2</sup> people, 10<sup>6</sup> crowns, 10<sup>-3</sup> km<sup>2</sup>",
        "310^2 people, 10^6 crowns, 10^-3 km^2",
    ),
    ("the 1<sup>st</sup> of 9<sup>(a)</sup>", "the 1st of 9(a)"),
    ("in 1987<sup>[1]</sup>", "in 1987"),
    ("H<sub>2</sub>O of 4<sub>2</sub> tonnes", "H2O of 4_2 tonnes"),
    ("<del>twelve</del> <s>ten</s> seven people", "seven people"),
]
SEEN_IN_HTML = [
    *SEEN,
    ("in 1987<sup><a href='#n'>1</a></sup> and<a href='#n'> <sup>2</sup></a> 88", "in 1987 and 88"),
    ("the <a href='#n'>10<sup>6</sup></a> and <a href='#n'><sup>3</sup>He</a>", "the 10^6 and ^3He"),
    ("<b>4</b><sub>2</sub> and 10<sup><sup>6</sup></sup>", "4_2 and 10^6"),
    ("3<sup>1</sup>/<sub>2</sub> or <sup>1</sup>⁄<sub>2</sub>", "3 1/2 or 1⁄2"),
    ("was <span hidden>not</span><span style='Display : None'>not</span> drunk", "was drunk"),
    ("<strike>has lost</strike> <span hidden='until-found'>keeps</span>", "keeps"),
]


@pytest.mark.parametrize(("html", "expected"), SEEN_IN_HTML)
@pytest.mark.parametrize("whole", [False, True])
def test_what_is_struck_out_or_hidden_goes_and_raised_figures_join_no_number(
    html: str, expected: str, whole: bool
) -> None:
    text = f"<p>{LONG}</p><p>The report tells of {html}, and so does the mayor.</p><p>{LONG}</p><p hidden>It fell.</p>"
    if whole:
        text = f"<html><head><title>Dam</title></head><body><article><h1>Dam</h1>{text}</article></body></html>"
    article, _ = cleaned(text, format="html", title="Dam")
    assert article.text == f"{LONG}\n\nThe report tells of {expected}, and so does the mayor.\n\n{LONG}"


@pytest.mark.parametrize(
    ("text", "expected"), [*SEEN, ("~~twelve~~ seven, 87<sup>[1](#n)</sup>, 3 \\~~ 4 ~~ 5", "seven, 87, 3 ~~ 4 ~~ 5")]
)
def test_markdown_is_seen_as_html_is(text: str, expected: str) -> None:
    article, _ = cleaned(f"{LONG}\n\nThe report: {text}.", format="markdown", title="Dam")
    assert article.text == f"{LONG}\n\nThe report: {expected}."


@pytest.mark.parametrize("marks", ["<sup>1</sup>", "<del>x</del>y", "<b hidden>x</b>", "<sup>1</sup>/<sub>2</sub>"])
def test_any_number_of_marks_is_read_in_linear_time(marks: str) -> None:
    tree = document_fromstring(f"<a>{marks * 49_000}</a>")
    start = process_time()
    as_seen(tree)
    without_hidden(tree)
    assert process_time() - start < 5


def test_a_page_may_say_its_day_where_it_is_hidden() -> None:
    text = f"<html><body><article><h1>Dam</h1><p hidden><time pubdate datetime='2024-12-05'></time></p><p>{LONG}</p>"
    article, _ = cleaned(f"{text}<p>{LONG}</p></article></body></html>", format="html")
    assert (article.published, article.date_source) == ("2024-12-05", "microdata")


def test_wrapped_text_is_joined_and_its_broken_words_are_mended() -> None:
    text = """The river had risen all night, and by the morning of the second day the water
stood at the doors of the houses along the quay, where the fishermen kept their
nets. Nobody slept. The mayor, who had been awake for two days, asked the neigh-
bouring towns for sand and for people who could fill it into bags, and a well-
known engineer came from the city. He was known, and he knew the river well too.

It rained until noon. In the afternoon the wind turned, and the water began to go
down, slowly at first and then so quickly that boats were left lying in gardens."""
    assert paragraphs(normalised(text)) == [
        ("The river had risen all night, and by the morning of the second day the water stood at the doors of the "
         "houses along the quay, where the fishermen kept their nets. Nobody slept. The mayor, who had been awake for "
         "two days, asked the neighbouring towns for sand and for people who could fill it into bags, and a well-known "
         "engineer came from the city. He was known, and he knew the river well too.", False),
        ("It rained until noon. In the afternoon the wind turned, and the water began to go down, slowly at first "
         "and then so quickly that boats were left lying in gardens.", False),
    ]  # fmt: skip


def test_lines_that_are_paragraphs_stay_apart() -> None:
    poem = "Roses are red and stand by the wall\nViolets are blue\nThe gate is open for one and for all\nAnd so are you"
    assert [line.text for line in paragraphs(poem)] == poem.split("\n")


def test_links_to_other_articles_and_topics_above_the_headline_do_not_pass_for_the_article() -> None:
    text = "Harbour war\nGrain ship leaves port as talks resume\nLorenzo Tan in Oslo and Pia Holm\n"
    text += "Fri 8 Mar 2024 14.22 GMT\n"
    text += f"{LONG}\nRelated article\nShip waits for grain\n{LONG}\nPHOTO: The ship in the port, Feb. 2, 2024.\n"
    text += "The ship in the port, Feb. 2, 2024.\nExplore more on these topics\nHarbour\nShare\nReuse this content"
    article, _ = cleaned(text)
    assert article == Article(
        id="a",
        title="Grain ship leaves port as talks resume",
        text=f"Harbour war\n\n{LONG}\n\n{LONG}",
        author="Lorenzo Tan, Pia Holm",
        published="2024-03-08T14:22:00+00:00",
        date_source="byline",
        language="en",
        headings=article.headings,
    )


# Titles


@pytest.mark.parametrize(
    ("text", "claims", "title"),
    [
        (f"Dam holds\n\n{LONG}", {"title": "Given"}, "Given"),
        (f"World\nDam holds after a night of rain\n\n{LONG}", {}, "Dam holds after a night of rain"),
        (f"Home > News > Valley\nDam holds after a night of rain\n{LONG}", {}, "Dam holds after a night of rain"),
        (f"Share\n5 min read\nDam holds\n\n{LONG}", {}, "Dam holds"),
        (LONG, {}, " ".join(LONG.split()[:12]) + "…"),
        (f"{LONG}\n\n{LONG}", {"key": "/x/dam-holds_2.txt", "origin": "/x/dam-holds_2.txt"}, "Dam holds 2"),
        (f"{LONG}\n\n{LONG}", {"key": "/000_fc8.txt", "origin": "/000_fc8.txt"}, " ".join(LONG.split()[:12]) + "…"),
    ],
)  # fmt: skip
def test_the_title_is_given_or_the_headline_or_the_file_name_or_the_first_words(
    text: str, claims: dict[str, str], title: str
) -> None:
    article = clean(replace(Record(key="a", text=text), **claims), today=TODAY).article
    assert article.title == title
    assert article.text.replace("\n\n" + LONG, "") in (LONG, f"Dam holds\n\n{LONG}", "Dam holds")


def test_a_sentence_that_says_what_the_title_says_stays() -> None:
    assert cleaned(f"{LONG}\n\nThe dam holds.", title="The dam holds").article.text == f"{LONG}\n\nThe dam holds."


def test_plain_headings_are_short_lines_alone_above_a_paragraph() -> None:
    text = f"{LONG}\n\nWhat comes next\n\n{LONG}\n\nEggs\n\nMilk\n\nFlour\n\n{LONG}\n\nHe left.\n\n{LONG}"
    assert headings(cleaned(text, title="Dam").article) == ["What comes next"]


# What goes, and what must never go


CAPTIONS = [
    "A man walks past a shop in Kabul, on Jan. 2, 2024. Wakil KOHSAR/AFP via Getty Images",
    "Fans cheer at the stadium. (AP Photo/Ann Roe, File)",
    "Fans cheer at the stadium (Ann Roe/AFP/Getty Images)",
    "The bridge before the flood. Photograph: Ann Roe/The Guardian",
    "The bridge before the flood. Photo: Ann Roe",
    "The bridge before the flood. REUTERS/Ann Roe",
    "The bridge before the flood | Reuters/Ann Roe",
    "The bridge before the flood. © Ann Roe",
    "The bridge before the flood. (Courtesy of Ann Roe)",
    "The bridge before the flood. File photo",
    "The bridge before the flood (Shutterstock)",
    "FILE - The bridge before the flood, Jan. 5, 2019.",
    "FILE PHOTO: The bridge before the flood",
    "Image source, Getty Images",
    "Image caption, The bridge before the flood",
    "Pictured: the bridge before the flood.",
    "Photo by Ann Roe on Unsplash",
    "An undated image of a poster of the king (L) and his late father, in Amman.",
    "In this photo provided by the army, soldiers fill bags with sand.",
]


@pytest.mark.parametrize("line", CAPTIONS)
def test_captions_go(line: str) -> None:
    assert cleaned(f"{LONG}\n\n{line}\n\n{LONG}", title="T").article.text == f"{LONG}\n\n{LONG}"


FURNITURE = [
    "0:00", "00:00 / 03:12", "5 min read", "Listen to this article · 7 min", "Share", "Share on Facebook", "Save",
    "Print", "ADVERTISEMENT", "Story continues below advertisement", "Sign up", "Read more",
    "Read more: How the dam was built",
    "Related: The valley's three dams", "12 comments", "Comments (4)", "Facebook Twitter Email", "Subscribe now",
    "Sign up for our newsletter to get the news in your inbox.", "We use cookies to improve your visit.", "Accept all",
    "Skip to main content", "Topics: dams, rivers, Example News, engineers",
    "Read More: Federal Dam Board, Dam Safety, Rivers, Skerrin Valley, Floods, Business News",
    "To continue reading, subscribe or sign in.", "Already a subscriber? Log in.", "You have 2 free articles left.",
    "This article is available to our subscribers.",
]  # fmt: skip


@pytest.mark.parametrize("line", FURNITURE)
def test_buttons_go(line: str) -> None:
    assert cleaned(f"{LONG}\n\n{line}\n\n{LONG}", title="T").article.text == f"{LONG}\n\n{LONG}"


SENTENCES = [
    "To keep reading scores high, the schools hired more teachers.",
    "This story is for members of the club who remember the flood.",
    "The statement, obtained by AFP, said that the fighting had ended.",
    "LONDON (Reuters) - The bank raised its rate on Thursday.",
    "He told Reuters.",
    "The documents were published by Getty Images.",
    "The pictures were taken by Ann Roe for AFP.",
    "The ministry denied it. (Reuters)",
    "Officials said the road was open again. (AFP)",
    "Sen. John Doe (R) said on Monday that he would vote against it.",
    "Gov. Ann Roe (L) and Sen. John Doe (R) said on Monday that they would run.",
    "Jane Roe is a reporter who uncovered the fraud at the bank.",
    "By Monday morning, the water had gone.",
    "By Friday John Doe had left the city",
    "Published works of the poet fill two shelves",
    "Share prices fell by 5 % after the news.",
    "Save the Children said that it had sent two lorries.",
    "Print is not dead, said the publisher.",
    "Sign up, he told them, or leave.",
    "We use cookies, the baker said, to win people over, and cakes to keep them. It works. It always has. Ask anyone.",
    "Image is everything in this trade.",
    "In this photo, she said, you can see the crack.",
    "An undated image of the warehouse showed three lorries, according to the analysts.",
    "Copyright law protects the author for 70 years.",
    "Reporting by the newspaper led to his arrest.",
    "Contact the police at tips@example.org if you saw the car.",
    "Follow the money, the prosecutor said.",
    "The emissions contributed to this year’s heat.",
    "Updated plans for the bridge were shown on Monday.",
    "Author Jane Roe won the prize for her second book.",
    "Watch out for thieves, the police said.",
    "Related costs came to 3 million.",
    "Advertisement spending fell by a third.",
    "Comments on the plan are due in May.",
    "Credit: it is what the village lives on, the mayor said.",
    "The film was shot by Smith/Jones Productions.",
    "It was, as the AP photographer Luis Mora put it, a miracle.",
    "Photo opportunities were rare.",
    "The rate rose from 5:30 to 6:10 minutes.",
    "© marks stood on every page, the lawyer noted.",
]


@pytest.mark.parametrize("place", ["first", "middle", "last"])
@pytest.mark.parametrize("sentence", SENTENCES)
def test_sentences_of_the_article_stay(sentence: str, place: str) -> None:
    lines = [LONG, LONG, LONG]
    lines.insert(("first", "middle", "last").index(place) * 3 // 2, sentence)
    assert cleaned("\n\n".join(lines), title="T", author="Mo Lane").article.text == "\n\n".join(lines)


@pytest.mark.parametrize(
    "tail",
    [
        "Mo Lane\nMo Lane is a science reporter at The Example.",
        "About the author\nMo Lane writes about rivers and is a columnist.",
        "Additional reporting by Ann Roe in Oslo; Editing by Luis Mora",
        "The Associated Press contributed to this report.",
        "© 2024 The Example. All rights reserved.",
        "Copyright 2024 The Example",
        "Follow us on Twitter",
        "Follow Mo Lane on Twitter at @molane",
        "Tags: dams, rivers",
        "More on this story\nDam breaks after a night of rain\nHow the dam was built",
        "Our Standards: The Thomson Reuters Trust Principles.",
        "Most read\nA cat stops the traffic\n0:00\n© The Example",
    ],
)
def test_what_follows_an_article_goes(tail: str) -> None:
    assert cleaned(f"{LONG}\n\n{LONG}\n\n{tail}", title="T", author="Mo Lane").article.text == f"{LONG}\n\n{LONG}"


def test_the_biography_of_somebody_else_stays() -> None:
    text = f"{LONG}\n\nAnn Roe\n\nAnn Roe is a reporter who covered the war."
    assert cleaned(text, title="Ten to follow", author="Mo Lane").article.text == text


def test_a_timeline_keeps_its_days() -> None:
    text = "\n\n".join(["5 May 2020", "It began.", "6 May 2020", "It went on.", "7 May 2020", "It ended."])
    article, _ = cleaned(text, title="Three days")
    assert (article.text, article.published) == (text, None)


def test_text_with_nothing_but_furniture_is_refused() -> None:
    with pytest.raises(InputError, match="No text is left"):
        cleaned("Share\n\n0:00\n\n[ ]")


def test_unseen_characters_go_and_line_ends_are_one() -> None:
    text = "\ufeffThe\u00a0cos\u00adts\u200b rose\u202e to\x00 5\u2028 mil\ufb02ion. Cafe\u0301.\r\nمی\u200cخواهم"
    assert normalised(text) == "The costs rose to 5\n milflion. Café.\nمی\u200cخواهم"


# Bylines


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("By Jane Roe", ("Jane Roe", "")),
        ("BY JANE ROE AND JOHN POE", ("Jane Roe, John Poe", "")),
        ("By Jane Roe and John Poe, Associated Press", ("Jane Roe, John Poe", "")),
        ("By Jane Roe | 5 December 2024", ("Jane Roe", "5 December 2024")),
        ("By Jane Roe Dec. 5, 2024 3:04 pm ET", ("Jane Roe", "Dec. 5, 2024 3:04 pm ET")),
        ("Words by Ana de la Cruz", ("Ana de la Cruz", "")),
        ("By Reuters", (None, "")),
        ("By Monday the water had gone", None),
        ("By the river", None),
        ("By Jane Roe, who was there when it began.", None),
    ],
)
def test_a_byline_names_people(line: str, expected: tuple[str | None, str] | None) -> None:
    assert signed(line) == expected


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("Jane Roe", "Jane Roe"),
        ("Jane Roe in Damascus and John Poe", "Jane Roe, John Poe"),
        ("Jane Roe, Health correspondent", "Jane Roe"),
        ("Breaking News", None),
        ("jane roe", None),
        ("Jane", None),
        ("Jane Roe said", None),
    ],
)
def test_a_line_of_names_is_told_from_other_lines(line: str, expected: str | None) -> None:
    assert people(line) == expected


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("Updated:", []),
        ("3 hours ago", []),
        ("Published: 5 December 2024", [Dated("5 December 2024", False, True)]),
        ("December 5, 2024", [Dated("December 5, 2024", False, False)]),
        ("Thursday 5 December 2024 10.15 GMT", [Dated("Thursday 5 December 2024 10.15 GMT", False, False)]),
        (
            "Published 4 December 2024, updated 5 December 2024",
            [Dated("4 December 2024", False, True), Dated("5 December 2024", True, True)],
        ),
        ("Published works of the poet", None),
        ("Updated plans were shown on 5 December 2024", None),
        ("5 December 2024 (Version 1.2)", None),
        ("Nov 7 – Jan 31", None),
    ],
)
def test_a_dateline_is_told_from_other_lines(line: str, expected: list[Dated] | None) -> None:
    assert dated(line) == expected


# Dates


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2024-12-05", "2024-12-05"),
        ("2024-12-05T10:00:00Z", "2024-12-05T10:00:00+00:00"),
        ("2024-12-05T10:00:00.5+0100", "2024-12-05T10:00:00.500000+01:00"),
        ("2024-12-05 10:00", "2024-12-05T10:00:00"),
        ("2024/12/5", "2024-12-05"),
        ("20241205", "2024-12-05"),
        ("5.12.2024", "2024-12-05"),
        ("12/25/2024", "2024-12-25"),
        ("25/12/2024", "2024-12-25"),
        ("5/5/2024", "2024-05-05"),
        ("Thu, 05 Dec 2024 10:00:00 GMT", "2024-12-05T10:00:00+00:00"),
        ("Published: 5 December 2024", "2024-12-05"),
        ("Updated: Dec. 5, 2024 at 3:04 pm EST", "2024-12-05T15:04:00-05:00"),
        ("Dec. 5, 2024 at 3:04 pm ET", "2024-12-05T15:04:00"),
        ("5th of December, 2024", "2024-12-05"),
        ("05-Dec-2024", "2024-12-05"),
        ("1733400000", "2024-12-05T12:00:00+00:00"),
        ("1733400000000", "2024-12-05T12:00:00+00:00"),
        ("1733400000.0", "2024-12-05T12:00:00+00:00"),
        ("1815-06-18", "1815-06-18"),
        ("2026-11-25", "2026-11-25"),
    ],
)
def test_a_date_is_read_as_its_publisher_wrote_it(value: str, expected: str) -> None:
    assert read(value) == expected


OFFSETS = st.integers(-839, 839).map(lambda minutes: timezone(timedelta(minutes=minutes)))
MOMENTS = st.datetimes(datetime(1600, 1, 1), datetime(2100, 12, 31), timezones=st.none() | OFFSETS)


@given(st.dates(date(1600, 1, 1), date(2100, 12, 31)) | MOMENTS)
def test_a_date_that_was_read_is_read_the_same_again(when: date) -> None:
    once = read(when.isoformat())
    assert (once, read(once)) == (when.isoformat(), once)


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ("05/12/2024", "day/month or month/day"),
        ("05-12-2024", "day/month or month/day"),
        ("May", "no year"),
        ("10", "no year"),
        ("5 December", "no year"),
        ("12/5/24", "no year"),
        ("December 2024", "lacks"),
        ("2024", "lacks"),
        ("yesterday, 2024", "not a date"),
        ("2024-13-45", "."),
        ("0012-01-01", "before 1600"),
        ("2101-01-01", "after 2100"),
        ("9999-12-31T00:00:00Z", "after 2100"),
        ("9" * 200, "too long"),
        ("9" * 20, "no year"),
    ],
)
def test_a_date_that_is_not_certain_is_refused(value: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        read(value)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://x.org/2024/12/05/dam-holds", "2024-12-05"),
        ("https://x.org/world/2024/dec/05/dam-holds", "2024-12-05"),
        ("https://x.org/2024-12-05/dam", "2024-12-05"),
        ("https://x.org/news/20241205/dam", "2024-12-05"),
        ("https://x.org/2024/12/dam", None),
        ("https://x.org/2024/13/45/", None),
        ("https://x.org/id/1202412051", None),
    ],
)
def test_a_url_says_its_day(url: str, expected: str | None) -> None:
    assert in_url(url) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("A man walks on Dec. 4, 2024. On Dec. 5, the ministry spoke.", "2024-12-05"),
        ("It began on 30 December 2023. On Jan. 2, it ended.", "2024-01-02"),
        ("LONDON, Jan 2 (Reuters) - It ended.\nIt began on 30 December 2023.", "2024-01-02"),
        ("The battle of Hastings was fought on 14 October 1066. On Oct. 15, they rested.", None),
        ("It was signed on 4 May 2019.", None),
        ("On Dec. 5, the ministry spoke.", None),
        ("The attack of Oct. 7, 2023 began it. On Dec. 5, the ministry spoke.", None),
        ("It began on Dec. 4, 2022. On Dec. 5, they said that 2024 had been worse.", None),
        ("It began on Dec. 4, 2024. They will vote on Dec. 20.", None),
        ("Cases rose from January 1-April 26, 2019.", None),
        ("Two years after Oct. 7, 2023, they met. On Oct. 9, they left.", None),
        ("It is due on Dec. 4, 2029. On Dec. 5, the ministry spoke.", None),
        ("On May 10 people came. It began on May 4, 2024.", "2024-05-10"),
    ],
)
def test_a_day_is_inferred_only_where_a_full_date_gives_its_year(text: str, expected: str | None) -> None:
    assert infer(text, today=TODAY) == expected


def test_a_claim_that_cannot_be_read_is_noted_and_the_next_one_counts() -> None:
    text = f"---\ndate: 9999-12-31\n---\n# Dam holds\n\nBy Jane Roe\n\nPublished: 5 December 2024\n\n{LONG}"
    article, notes = cleaned(text, format="markdown", published="05/12/2024")
    assert (article.published, article.date_source, article.author) == ("2024-12-05", "byline", "Jane Roe")
    assert notes == (
        "Its date '05/12/2024' (record) was not used: it can be read as day/month or month/day.",
        "Its date '9999-12-31' (header) was not used: it lies before 1600 or after 2100.",
    )


@pytest.mark.parametrize("source", SOURCES)
def test_a_day_in_the_future_counts_where_its_source_says_it_plainly(source: str) -> None:
    header = "Date: 2026-12-01\nTitle: Dam\n\n" if source == "header" else ""
    said = {} if header else {"published": "2026-12-01", "date_source": source}
    (article, notes), (_, none) = cleaned(header + LONG, **said), cleaned(LONG, published="2026-11-25")
    if source in ("record", "header", "json-ld", "microdata", "meta", "feed"):
        assert (article.published, article.date_source) == ("2026-12-01", source)
        assert notes == (f"Its date 2026-12-01 ({source}) lies in the future.",)
    else:
        assert (article.published, article.date_source) == (None, None)
        assert notes == (f"Its date '2026-12-01' ({source}) was not used: it lies in the future.",)
    assert none == ()


def test_of_several_dates_the_one_counts_whose_source_comes_first() -> None:
    url = "https://x.org/2024/12/05/dam"
    updated = f"Dam holds\nUpdated 3 December 2024\n{LONG}"
    bylined = f"Dam holds\nPublished 2 December 2024, updated 3 December 2024\n{LONG}"
    said = [
        cleaned(updated, published="2024-12-06", date_source="json-ld", url=url),
        cleaned(updated, published="2024-12-06", url=url),
        cleaned(f"Date: 7 December 2024\nTitle: Dam\n\n{LONG}", published="2024-12-06", date_source="feed", url=url),
        cleaned(bylined, published="2024-12-06", date_source="feed", url=url),
        cleaned(bylined, published="2024-12-06", date_source="feed"),
        cleaned(bylined, published="2024-12-06", date_source="time tag"),
        cleaned(updated, published="2024-12-06", date_source="time tag"),
        cleaned(updated),
        cleaned("On May 10 people came. It began on May 4, 2024.", published="2024-12-06", date_source="page"),
        cleaned(LONG, published="2024-12-06", date_source="page"),
        cleaned(LONG, published="2024-12-06", date_source="their archive", url=url),
    ]
    assert [(found.article.published, found.article.date_source) for found in said] == [
        ("2024-12-06", "json-ld"),
        ("2024-12-06", "record"),
        ("2024-12-07", "header"),
        ("2024-12-05", "url"),
        ("2024-12-06", "feed"),
        ("2024-12-02", "byline"),
        ("2024-12-06", "time tag"),
        ("2024-12-03", "update"),
        ("2024-05-10", "text"),
        ("2024-12-06", "page"),
        ("2024-12-06", "their archive"),
    ]
    assert [rank(source) for source in SOURCES] == list(range(len(SOURCES)))


def test_how_sure_a_date_is_follows_from_where_it_was_found() -> None:
    sure = {level: [source for source in SOURCES if certainty(source) == level] for level in SOURCES.values()}
    assert sure == {
        "stated": ["record", "header", "json-ld", "microdata", "meta", "feed", "byline"],
        "implied": ["url", "time tag", "update"],
        "inferred": ["text", "page"],
    }
    assert (certainty("their archive"), certainty(None)) == ("stated", None)


def test_dates_that_disagree_by_more_than_two_days_are_noted() -> None:
    published = f"Dam holds\nPublished 5 December 2019\n{LONG}"
    said = [
        cleaned(published, published="2026-03-01", date_source="json-ld"),
        cleaned(published, published="2019-12-08", date_source="meta"),
        cleaned(published, url="https://x.org/2019/12/07/dam"),
        cleaned(published, published="2026-03-01", date_source="time tag"),
        cleaned(f"Dam holds\nUpdated 5 December 2019\n{LONG}", published="2019-01-01", date_source="meta"),
    ]
    assert [found.notes for found in said] == [
        (
            "Its date is 2026-03-01 (json-ld), and its byline says 2019-12-05: "
            "one of them may be that of a later edition.",
        ),
        ("Its date is 2019-12-08 (meta), and its byline says 2019-12-05: one of them may be that of a later edition.",),
        (),
        (),
        (),
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Feb. 23, 2024 -- Peanut allergies are rarer in children who eat peanuts.", "2024-02-23"),
        ("23 February 2024 – Peanut allergies are rarer.", "2024-02-23"),
        ("Feb. 23, 2034 -- The dam will be full.", None),
        ("Feb. 23, 2024 was cold.", None),
    ],
)
def test_a_text_may_open_with_its_day(text: str, expected: str | None) -> None:
    assert infer(text, today=TODAY) == expected


# Invariants


@settings(max_examples=300, deadline=None)
@given(
    st.lists(
        st.one_of(
            st.text(max_size=200),
            st.sampled_from(
                [LONG, "---", "# H", "By Jane Roe", "On Dec. 5, x", "<p>", *CAPTIONS, *FURNITURE, *SENTENCES]
            ),
        ),
        max_size=12,
    ).map("\n".join),
    st.sampled_from(["text", "markdown", "html"]),
    st.none() | st.text(max_size=40),
)
def test_cleaned_text_is_plain_and_headings_lie_in_it(text: str, format: str, claim: str | None) -> None:
    record = Record(key="a", text=text, format=format, title=claim, author=claim, published=claim, url=claim)
    try:
        article, notes = clean(record, today=TODAY)
    except InputError:
        return
    assert (
        re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\ud800-\udfff]", article.text + article.title + "".join(notes)) is None
    )
    assert all(line.strip() == line and line and "\n" not in line for line in article.text.split("\n\n"))
    ends = [at for span in article.headings for at in span]
    assert ends == sorted(set(ends)) and all(0 <= at <= len(article.text) for at in ends)
    assert article.title and all("\n" not in article.text[start:end] for start, end in article.headings)


@pytest.mark.parametrize("corpus", ["onestopqa", "squad2", "clapnq"])
def test_cleaning_clean_articles_loses_nothing(corpus: str) -> None:
    path = SHARED / corpus / "articles.jsonl"
    if not path.exists():
        pytest.skip("the corpora are not here")
    lost = []
    for line in path.read_text("utf-8").splitlines():
        found = json.loads(line)
        record = Record(key=found["id"], text=found["text"], title=found["title"])
        article = clean(record, today=TODAY).article
        kept = re.sub(r"\W+", "", article.text)
        lost += [part for part in normalised(record.text).split("\n") if re.sub(r"\W+", "", part) not in kept]
        again = clean(replace(record, text=article.text), today=TODAY).article
        assert again.text == article.text
    assert lost == []


def test_the_seed_article_comes_out_as_its_author_wrote_it() -> None:
    path = SHARED / "seed" / "000_fc87106b46c39df4.txt"
    if not path.exists():
        pytest.skip("the seed article is not here")
    raw = path.read_text("utf-8")
    article, notes = cleaned(raw)
    lines = [line for line in raw.split("\n") if line.strip()]
    body = [line for line in [lines[1], *lines[7:-5]] if not line.startswith("An undated image")]
    assert (article.title, article.author) == (lines[0], "Chris Summers")
    assert (article.published, article.date_source, notes) == ("2024-12-05", "text", ())
    assert article.text.split("\n\n") == body
    assert len(headings(article)) == 2


@pytest.mark.parametrize("format", ["text", "markdown"])
@pytest.mark.parametrize(
    "unit", ["a ", "[", "[a](", "<!--", "`", "**a ", "\u0316\u0301", "On May 5 and 4 May 2024 ", "> ", "A. "]
)
@pytest.mark.timeout(60)
def test_a_hostile_line_does_not_hang(unit: str, format: str) -> None:
    article, _ = cleaned("x " + unit * (200_000 // len(unit)) + " end", title="T", format=format)
    assert article.title == "T"


def test_the_rules_agree_on_the_lists_above() -> None:
    assert [line for line in CAPTIONS if not is_caption(line)] == ["Image source, Getty Images"][1:]
    assert [line for line in FURNITURE if not is_interface(line)] == []
    assert [line for line in SENTENCES if is_caption(line) or is_interface(line) or is_endnote(line)] == []


def test_a_menu_above_the_headline_and_an_author_box_below_go() -> None:
    page = """Home
News
Sport
Subscribe now
Ferry to Skerrin stops for the winter
By Tamsin Orrell, Coast correspondent
Published 12 March 2026 at 07:45

The last ferry to Skerrin leaves on Saturday, the harbour authority said, and the next one sails in April.

Tamsin Orrell has covered the coast since 2011. Follow her on Twitter @tamsinorrell
"""
    article = clean(Record(key="a", text=page), today=date(2026, 11, 1)).article
    assert (article.title, article.author, article.published, article.text) == (
        "Ferry to Skerrin stops for the winter",
        "Tamsin Orrell",
        "2026-03-12T07:45:00",
        "The last ferry to Skerrin leaves on Saturday, the harbour authority said, and the next one sails in April.",
    )


@pytest.mark.parametrize(
    ("claimed", "author"),
    [
        ("Von Petra Sander", "Petra Sander"),
        ("Par Jean Dupont", "Jean Dupont"),
        ("Ursula von der Leyen", None),
        ("Von Trier", None),
    ],
)
def test_an_author_is_named_without_the_word_for_by(claimed: str, author: str | None) -> None:
    record = Record(key="a", text="The bridge is open again. Cars crossed it on Monday.", author=claimed)
    assert clean(record, today=date(2026, 11, 1)).article.author == (author or claimed)
