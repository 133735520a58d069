"""What stands under a headline in one line: the paper, the day and the author."""

from datetime import date
from textwrap import fill

import pytest

from index.byline import Dated
from index.clean import clean
from index.imprint import Imprint, imprint, is_paper, masthead, own_lines
from index.types import Article, Record

TODAY = date(2026, 11, 23)
DAY = [Dated("3 March 2026", False, False)]
HEADLINE = "Storm takes the roof of the fish hall"
BODY = (
    "The storm came in from the sea on Monday night and took the roof of the fish hall with it, the mayor said.\n\n"
    "The hall will stay closed until May, and the market moves to the yard of the school, where it once had been."
)


def cleaned(text: str, **claims: str) -> Article:
    return clean(Record(key="a", text=text, **claims), today=TODAY).article


def told(article: Article) -> tuple[str, str | None, str | None, str | None, str | None, str]:
    said = (article.title, article.author, article.publisher, article.published, article.date_source)
    return (*said, article.text)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("Eastmere Post, 3 March 2026, by Nina Holt", Imprint("Nina Holt", DAY, "Eastmere Post", None)),
        ("The Eastmere Post | 3 March 2026 | By Nina Holt", Imprint("Nina Holt", DAY, "The Eastmere Post", None)),
        ("By Nina Holt, Eastmere Post, 3 March 2026", Imprint("Nina Holt", DAY, "Eastmere Post", None)),
        ("3 March 2026 · By Nina Holt and Jo Poe · Skerrin Mail",
         Imprint("Nina Holt, Jo Poe", DAY, "Skerrin Mail", None)),
        ("By Nina Holt, Health correspondent – EASTMERE POST – 3 March 2026",
         Imprint("Nina Holt", DAY, "EASTMERE POST", None)),
        ("Times of Eastmere, 3 March 2026 by Reuters", Imprint(None, DAY, "Times of Eastmere", None)),
        ("Published March 3, 2026, 9:14 p.m. | The Eastmerian | By NINA HOLT",
         Imprint("Nina Holt", [Dated("March 3, 2026, 9:14 p.m.", False, True)], None, "The Eastmerian")),
        ("13/03/2026, by Nina Holt, Daily Quay",
         Imprint("Nina Holt", [Dated("13/03/2026", False, False)], "Daily Quay", None)),
        ("Posted on 3 March 2026 by Nina Holt", Imprint("Nina Holt", [Dated("3 March 2026", False, True)], None, None)),
        ("LONDON, 3 March 2026, by Nina Holt", Imprint("Nina Holt", DAY, None, "LONDON")),
        ("Post Falls, 3 March 2026, by Nina Holt", Imprint("Nina Holt", DAY, None, "Post Falls")),
        ("World News | 3 March 2026 | By Nina Holt", Imprint("Nina Holt", DAY, None, "World News")),
        ("Interview by Nina Holt, Eastmere Post, 3 March 2026", Imprint("Nina Holt", DAY, "Eastmere Post", None)),
        ("Photographs and text by Nina Holt, 3 March 2026, Eastmere Post",
         Imprint("Nina Holt", DAY, "Eastmere Post", None)),
        ("By Nina Holt | nina.holt@example.org | 3 March 2026", Imprint("Nina Holt", DAY, None, None)),
        ("BY NINA HOLT, STAFF WRITER, EASTMERE POST", Imprint("Nina Holt", [], "EASTMERE POST", None)),
        ("By Nina Holt for The Eastmere Post", Imprint("Nina Holt", [], "The Eastmere Post", None)),
        ("By Nina Holt of the Eastmere Post", Imprint("Nina Holt", [], "Eastmere Post", None)),
        ("By Nina Holt, Jo Poe and Emily Post, 3 March 2026",
         Imprint("Nina Holt, Jo Poe, Emily Post", DAY, None, None)),
        ("By Nina Holt, European Space Agency", None),
        ("By Nina Holt for the Council", None),
        ("Eastmere Post, 3 March 2026", None),
        ("Eastmere Post, by Nina Holt", None),
        ("Eastmere Post, 3 hours ago, by Nina Holt", None),
        ("Eastmere Post, LONDON, 3 March 2026, by Nina Holt", None),
        ("By Nina Holt, Jo Poe, 3 March 2026", None),
        ("Storm Hits Coast - 3 March 2026 - By Nina Holt", None),
        ("The storm, 3 March 2026, by Nina Holt", None),
        ("Eastmere Post, 3 March 2026, by the river", None),
        ("Lindal, 3 March 1953, by Nina Holt", None),
        ("Starry Night, by Nina Holt, 3 March 2026", None),
        ("The Long Winter, by Nina Holt, 3 March 2026", None),
        ("Eastmere Post was sold on 3 March 2026, by Nina Holt.", None),
    ],
)  # fmt: skip
def test_a_line_is_a_day_a_byline_and_one_short_name_and_nothing_else(line: str, expected: Imprint | None) -> None:
    assert imprint(line) == expected


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("Eastmere Post, 3 March 2026", Imprint(None, DAY, "Eastmere Post", None)),
        ("3 March 2026 | Skerrin News & Observer", Imprint(None, DAY, "Skerrin News & Observer", None)),
        ("THE TIMES OF SKERRIN, 3 March 2026", Imprint(None, DAY, "THE TIMES OF SKERRIN", None)),
        ("The Herald, Tuesday, 3 March 2026",
         Imprint(None, [Dated("Tuesday, 3 March 2026", False, False)], "The Herald", None)),
        ("Eastmere Post | 3 March 2026 | Nina Holt", Imprint("Nina Holt", DAY, "Eastmere Post", None)),
        ("Eastmere Post | 3 March 2026 | Reuters", Imprint(None, DAY, "Eastmere Post", None)),
        ("Eastmere Post, nina.holt@example.org, 3 March 2026", Imprint(None, DAY, "Eastmere Post", None)),
        *(
            (f"{name}, 3 March 2026", None)
            for name in (
                "Mail Times Change", "Cook Becomes Star", "Voters Blame Press", "Told Sky News", "Many Times",
                "World News", "Good News", "Book Review", "Weekly Digest", "Daily Limit", "Guest Post", "Royal Mail",
                "North Star", "Environment Agency", "Times of Change", "Star of Eastmere", "Guardian of the Fish",
                "News and", "Nina and Jo Post", "Skerrin", "Newport News", "Post Falls", "Times Square",
                "The fish in the Eastmere Post",
            )
        ),
        ("Eastmere Post, 3 March 2026, Nina Holt", None),
        ("Eastmere Post | 3 March 2026 | Fish Market", None),
        ("Nina Holt | Eastmere Post | 3 March 2026", None),
        ("Eastmere Post | Skerrin | 3 March 2026", None),
        ("Eastmere Post, March 2026", None),
        ("Eastmere Post", None),
        ("3 March 2026", None),
        ("He wrote so in the Eastmere Post, 3 March 2026.", None),
    ],
)  # fmt: skip
def test_a_paper_and_a_day_do_without_a_byline_where_nothing_else_can_be_meant(
    line: str, expected: Imprint | None
) -> None:
    assert masthead(line) == expected


@pytest.mark.parametrize("format", ["text", "markdown"])
@pytest.mark.parametrize(
    ("head", "author", "publisher", "day"),
    [
        ("By Nina Holt\nEastmere Post, March 3, 2026", "Nina Holt", "Eastmere Post", "2026-03-03"),
        ("By Agency staff\nEastmere Post, 3 March 2026", None, "Eastmere Post", "2026-03-03"),
        ("Eastmere Post, 3 March 2026", None, "Eastmere Post", "2026-03-03"),
        ("Eastmere Post, Mar. 3, 2026\nBy NINA HOLT and JO POE\nStaff Writers", "Nina Holt, Jo Poe", "Eastmere Post",
         "2026-03-03"),
        ("Eastmere Post, 3 March 2026\nNina Holt", "Nina Holt", "Eastmere Post", "2026-03-03"),
        ("By Nina Holt\nnina.holt@example.org\nEastmere Post, 3 March 2026", "Nina Holt", "Eastmere Post",
         "2026-03-03"),
        ("By Nina Holt | nina.holt@example.org | Mar 3, 2026", "Nina Holt", None, "2026-03-03"),
        ("BY NINA HOLT, STAFF WRITER, EASTMERE POST", "Nina Holt", "EASTMERE POST", None),
        ("Published 3 March 2026\nUpdated 5 March 2026\nBy Nina Holt for The Eastmere Post", "Nina Holt",
         "The Eastmere Post", "2026-03-03"),
        ("By Staff Reporter", None, None, None),
        ("By Our Special Correspondent and Nina Holt", "Nina Holt", None, None),
    ],
)  # fmt: skip
def test_bylines_as_papers_print_them_are_claims_and_no_text(
    head: str, author: str | None, publisher: str | None, day: str | None, format: str
) -> None:
    found = cleaned(f"{HEADLINE}\n{head}\n\n{BODY}" if format == "text" else f"# {HEADLINE}\n\n{head}\n\n{BODY}",
                    format=format)  # fmt: skip
    assert told(found) == (HEADLINE, author, publisher, day, day and "byline", BODY)


def test_a_role_beside_a_day_is_nobody_and_no_text() -> None:
    found = cleaned(f"{HEADLINE}\nStaff Reporter\n3 March 2026\n\n{BODY}")
    assert told(found) == (HEADLINE, None, None, "2026-03-03", "byline", BODY)


def test_a_byline_may_be_the_last_line() -> None:
    found = cleaned(f"{HEADLINE}\nEastmere Post, 3 March 2026\n\n{STORY}\n\n{BODY}\n\nBy Nina Holt")
    assert told(found) == (HEADLINE, "Nina Holt", "Eastmere Post", "2026-03-03", "byline", f"{STORY}\n\n{BODY}")


@pytest.mark.parametrize(
    "head",
    [
        "Eastmere Post, 3 March 2026\n\nSkerrin Herald, 4 March 2026",
        "“The hall is gone, and with it the fish.”\n\nEastmere Post, 3 March 2026",
        "Good News, 3 March 2026\n\nAgency Staff Hold Fish",
    ],
)
def test_cuttings_and_the_source_of_a_quotation_are_no_claims(head: str) -> None:
    found = cleaned(f"{head}\n\n{BODY}", title=HEADLINE)
    assert (found.author, found.publisher, found.text) == (None, None, f"{head}\n\n{BODY}")


def test_a_headline_below_paper_and_day_stays() -> None:
    found = cleaned(f"Eastmere Post, 3 March 2026\n\nStaff fear for their fish\n\n{BODY}", title=HEADLINE)
    assert (found.publisher, found.text) == ("Eastmere Post", f"Staff fear for their fish\n\n{BODY}")


def test_a_wrapped_line_with_paper_and_day_goes_on_below() -> None:
    assert own_lines(["so it stood in the", "Eastmere Post, 3 March 2026", "and nowhere else"]) == set()
    assert own_lines(["Eastmere Post, 3 March 2026", "The storm came in"]) == {0}


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        *((name, True) for name in ("Eastmere Post", "Post and Courier", "Times of Skerrin", "Daily Quay", "Sky News")),
        *((name, False) for name in ("Post", "New York", "The Hague", "The Long Read", "Press Release", "Times Staff")),
        *(
            (name, False)
            for name in (
                "Newport News",
                "Times Square",
                "The Mirror",
                "the post",
                "Jo Poe and Emily Post",
                "A Day That Nobody In The Post",
            )
        ),
    ],
)
def test_a_paper_is_told_from_places_and_sections(name: str, expected: bool) -> None:
    assert is_paper(name) is expected


def test_paper_day_and_author_in_one_line_are_claims_and_no_text() -> None:
    for line in ("Eastmere Post, 3 March 2026, by Nina Holt", "By Nina Holt | 3 March 2026 | Eastmere Post"):
        found = cleaned(f"{HEADLINE}\n{line}\n\n{BODY}")
        assert told(found) == (HEADLINE, "Nina Holt", "Eastmere Post", "2026-03-03", "byline", BODY)


STORY = (
    "The storm came in from the sea on Monday night and took the roof of the fish hall with it, and it put out all the "
    "lamps along the old quay, where the mayor had gone to see to the boats with the men of the lifeboat station. The "
    "wind had turned within minutes, they told her, and the first tiles lay in the water before the siren went. Nobody "
    "was hurt, she said, and the hall had been empty since the evening, when the last of the fish were sold."
    "\n\n"
    "The hall will stay closed until May, and the market moves to the yard of the school, where it had been before the "
    "war and where the oldest of those who sell at it remember to have stood beside their parents as children. "
    "Who rents a table in the hall pays nothing until then, the council decided on Tuesday without a vote against it."
)
LONG_HEADLINE = "Storm takes the roof of the fish hall at Eastmere and the lamps of the old quay"


@pytest.mark.parametrize("format", ["text", "markdown"])
@pytest.mark.parametrize(
    "lines",
    [
        ("By Nina Holt", "Eastmere Post", "3 March 2026"),
        ("Eastmere Post", "3 March 2026", "By Nina Holt"),
        ("By Nina Holt", "3 March 2026", "Eastmere Post"),
        ("*By Nina Holt*", "Health correspondent", "Eastmere Post", "3 March 2026"),
        ("Eastmere Post, 3 March 2026, by Nina Holt",),
    ],
)
@pytest.mark.parametrize("gap", ["\n", "\n\n"])
@pytest.mark.parametrize("headline", [HEADLINE, LONG_HEADLINE])
def test_bylines_stay_lines_where_the_others_are_joined(
    headline: str, gap: str, lines: tuple[str, ...], format: str
) -> None:
    wrapped = "\n\n".join(fill(part, 72) for part in STORY.split("\n\n"))
    head = "\n".join(line.strip("*") if format == "text" else line for line in lines)
    found = cleaned(f"{headline}\n{head}{gap}{wrapped}", format=format)
    assert told(found) == (headline, "Nina Holt", "Eastmere Post", "2026-03-03", "byline", STORY)


@pytest.mark.parametrize("format", ["text", "markdown"])
def test_lines_that_look_like_bylines_in_the_prose_are_joined(format: str) -> None:
    prose = (
        "The quay of Eastmere was drawn and photographed for the guide to the coast\nby Nina Holt\nin a winter of fog. "
    )
    text = f"{'Boats lay in the mud. ' * 60}\n\n{prose}"
    assert " by Nina Holt in " in cleaned(fill(text, 72, replace_whitespace=False), title="T", format=format).text
    days = (
        "The fair was held in the yard of the school beside the hall until the day of\n3 March 2026\nin all weathers."
    )
    assert own_lines(days.split("\n")) == set()


def test_a_paper_is_no_author_and_a_section_no_paper() -> None:
    found = [cleaned(f"{HEADLINE}\n{line}\n3 March 2026\n\n{BODY}") for line in ("Eastmere Post", "World News")]
    assert [(article.author, article.publisher) for article in found] == [(None, None), (None, None)]
    assert found[0].text == f"Eastmere Post\n\n{BODY}"


def test_a_place_beside_day_and_author_is_no_publisher() -> None:
    found = cleaned(f"{HEADLINE}\nLONDON, 3 March 2026, by Nina Holt\n\n{BODY}")
    assert told(found) == (HEADLINE, "Nina Holt", None, "2026-03-03", "byline", BODY)


def test_what_the_record_says_outranks_the_line() -> None:
    found = cleaned(
        f"{HEADLINE}\nEastmere Post, 3 March 2026, by Nina Holt\n\n{BODY}",
        author="Jo Poe", publisher="Skerrin Mail", published="2026-03-02",
    )  # fmt: skip
    assert told(found) == (HEADLINE, "Jo Poe", "Skerrin Mail", "2026-03-02", "record", BODY)


def test_a_headline_with_day_and_author_behind_it_stays_the_headline() -> None:
    line = "Dam Holds | 3 March 2026 | By Nina Holt"
    assert cleaned(f"{line}\n\n{BODY}").title == line


def test_such_a_line_further_down_stays() -> None:
    text = f"{BODY}\n\nEastmere Harbour, 3 March 2026, by Nina Holt\n\n{BODY}"
    found = cleaned(text, title="Storm")
    assert (found.author, found.text) == (None, text)


@pytest.mark.parametrize(
    "line",
    ["Chief editor arrested in raid", "Staff at agency walk out", "Today in Lindal", "10 years ago in Lindal"],
)
def test_a_line_of_the_article_under_a_byline_stays(line: str) -> None:
    text = f"By Nina Holt\n\n{line}\n\nThe council met for three hours on Monday and heard from the engineers."
    found = clean(Record(key="a", text=text, title="Dam holds"), today=date(2026, 11, 26)).article
    assert (found.author, found.text.startswith(line)) == ("Nina Holt", True)
