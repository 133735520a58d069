"""The time of a question: its period, whether it is about now, its event, and the words of an answer about them."""

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qa.dates import LONGEST, SLACK, STALE, Event, event, is_now, no_days, period, span_words, staleness, without
from qa.types import Period

TODAY = date(2026, 11, 25)  # a Wednesday


def days(question: str) -> tuple[str | None, str | None] | None:
    found = period(question, today=TODAY)
    return (found.since, found.until) if found else None


STRICT = [
    ("What happened yesterday?", "2026-11-24", None),
    ("What happened the day before yesterday?", "2026-11-23", None),
    ("Who called last night?", "2026-11-24", None),
    ("What did the mayor say this morning?", "2026-11-25", None),
    ("What happened today?", "2026-11-25", None),
    ("What is in today's news?", "2026-11-25", None),
    ("What did the council decide last week?", "2026-11-16", None),
    ("What did the council decide this week?", "2026-11-23", None),
    ("What did the council decide last month?", "2026-10-01", "2026-11-03"),
    ("What did the council decide this month?", "2026-11-01", None),
    ("Who won last weekend?", "2026-11-21", None),
    ("Who won over the weekend?", "2026-11-21", None),
    ("Who won last Sunday?", "2026-11-22", None),
    ("Which strikes were there in the past 30 days?", "2026-10-26", None),
    ("Which strikes were there over the last three months?", "2026-08-25", None),
    ("Which strikes were there in the last week?", "2026-11-18", None),
    ("Which strikes were there in the last few weeks?", "2026-10-21", None),
    ("Which strikes were there in recent weeks?", "2026-10-21", None),
    ("What was said in the last 24 hours?", "2026-11-24", None),
    ("What was said a couple of days ago?", "2026-11-22", None),
    ("Who resigned 10 days ago?", "2026-11-15", "2026-11-18"),
    ("Who resigned two weeks ago?", "2026-11-08", "2026-11-17"),
    ("What has changed since March?", "2026-03-01", None),
    ("what has changed since Wednesday", "2026-11-18", None),
    ("What has changed since 3 December?", "2025-12-03", None),
    ("What has changed since 14 September 2026?", "2026-09-14", None),
    ("From March on, who pays?", "2026-03-01", None),
    ("articles from December 2024", "2024-12-01", "2024-12-31"),
    ("Which articles were published in May 2026?", "2026-05-01", "2026-05-31"),
    ("articles published between June and August 2026", "2026-06-01", "2026-08-31"),
    ("Show articles about the bridge from June 2026.", "2026-06-01", "2026-06-30"),
    ("Give me the news of 3 May 2026", "2026-05-03", "2026-05-03"),
    ("What was reported in 2025 about the ferry?", "2025-01-01", "2025-12-31"),
    ("news from last week", "2026-11-16", "2026-11-22"),
    ("What were last year's headlines?", "2025-01-01", "2025-12-31"),
    ("Is there any December 2024 news?", "2024-12-01", "2024-12-31"),
    ("Which articles from May say that fares will rise?", "2026-05-01", "2026-05-31"),
]


@pytest.mark.parametrize(("question", "since", "until"), STRICT)
def test_words_about_articles_or_counted_from_today_leave_other_articles_out(
    question: str, since: str | None, until: str | None
) -> None:
    found = period(question, today=TODAY)
    assert found == Period(since, until, found.words if found else "", strict=True)


PREFERRED = [
    ("What happened in Lindal in July 2026?", "2026-07-01", "2026-08-03"),
    ("In December 2024, who was mayor?", "2024-12-01", "2025-01-03"),
    ("What did Beyoncé do in 2003?", "2003-01-01", "2004-01-03"),
    ("When was the bridge built in 1974?", "1974-01-01", "1975-01-03"),
    ("What book was published in 1859?", "1859-01-01", "1860-01-03"),
    ("articles about the fire of 2004", "2004-01-01", "2005-01-03"),
    ("How many cases were reported in 2014?", "2014-01-01", "2015-01-03"),
    ("What happened in May?", "2026-05-01", "2026-06-03"),
    ("what happened in may?", "2026-05-01", "2026-06-03"),
    ("Who went on the march in March?", "2026-03-01", "2026-04-03"),
    ("What happened in December?", "2025-12-01", "2026-01-03"),
    ("What happened in November?", "2026-11-01", None),
    ("Who came second on Sunday?", "2026-11-22", None),
    ("Who won Sunday's election?", "2026-11-22", None),
    ("Why did sales fall due to snow in January?", "2026-01-01", "2026-02-03"),
    ("What was music like in the 1990s?", "1990-01-01", "2000-01-03"),
    ("What was music like in the early 1990s?", "1990-01-01", "1993-05-04"),
    ("What opened in spring 2025?", "2025-03-01", "2025-06-03"),
    ("What opened last summer?", "2026-06-01", "2026-09-03"),
    ("What opened last autumn?", "2025-09-01", "2025-12-03"),
    ("What opened in winter 2024?", "2024-12-01", "2025-03-03"),
    ("What were sales in Q3 2025?", "2025-07-01", "2025-10-03"),
    ("What were sales in the third quarter of 2025?", "2025-07-01", "2025-10-03"),
    ("What were sales last quarter?", "2026-07-01", "2026-10-03"),
    ("What were sales last year?", "2025-01-01", "2026-01-03"),
    ("What is this year's budget?", "2026-01-01", None),
    ("Is inflation higher than last month?", "2026-10-01", "2026-11-03"),
    ("How have tigers fared over the past five years?", "2021-11-25", None),
    ("What happened three months ago?", "2026-08-01", "2026-09-03"),
    ("What happened in the first week of May?", "2026-05-01", "2026-05-10"),
    ("What happened in the last week of May 2026?", "2026-05-25", "2026-06-03"),
    ("What happened in mid-July?", "2026-07-11", "2026-07-24"),
    ("What happened early in June?", "2026-06-01", "2026-06-13"),
    ("What happened at the end of May?", "2026-05-22", "2026-06-03"),
    ("What happened in late 2024?", "2024-09-01", "2025-01-03"),
    ("What happened between June and August 2026?", "2026-06-01", "2026-09-03"),
    ("What happened between December and February 2026?", "2025-12-01", "2026-03-03"),
    ("What happened from 3 to 5 May?", "2026-05-03", "2026-05-08"),
    ("What happened on 3-5 May 2026?", "2026-05-03", "2026-05-08"),
    ("What happened from 5 to 3 May?", "2026-05-03", "2026-05-08"),
    ("What happened between May 2026 and March 2026?", "2026-03-01", "2026-06-03"),
    ("What happened from 14.9.2026 to 1.9.2026?", "2026-09-01", "2026-09-17"),
    ("What happened from Monday to Friday?", "2026-11-16", "2026-11-23"),
    ("What happened between Friday and Monday?", "2026-11-20", None),
    ("What has changed in the last 1000 days?", "2024-02-29", None),
    ("What happened on May 3-5, 2026?", "2026-05-03", "2026-05-08"),
    ("What happened from 2019 to May 2021?", "2019-01-01", "2021-06-03"),
    ("What happened from 1.9.2026 to 14.9.2026?", "2026-09-01", "2026-09-17"),
    ("How many died in 1939–1945?", "1939-01-01", "1946-01-03"),
    ("Who voted on the May 3 law?", "2026-05-03", "2026-05-06"),
    ("Who voted on 29 February?", "2024-02-29", "2024-03-03"),
    ("Who voted on 14.9.2026?", "2026-09-14", "2026-09-17"),
    ("Who voted on 2026-09-14?", "2026-09-14", "2026-09-17"),
    ("Who voted on 9/14/2026?", "2026-09-14", "2026-09-17"),
    ("Who voted on 5/6/2026?", "2026-06-05", "2026-06-08"),
    ("the news of 5/6/2026", "2026-06-05", "2026-06-05"),
    ("Is there a strike on 10 april 2018", "2018-04-10", "2018-04-13"),
    ("Was the bridge closed until 4 October?", None, "2026-10-04"),
    ("What was finished by the end of 2024?", None, "2024-12-31"),
    ("What was there before 2020?", None, "2019-12-31"),
    ("What changed after September 11?", "2026-09-12", None),
    ("How many have there been since 1990?", "1990-01-01", None),
    ("And in July? (Harbour Bridge)", "2026-07-01", "2026-08-03"),
]


@pytest.mark.parametrize(("question", "since", "until"), PREFERRED)
def test_a_date_that_may_be_of_what_articles_tell_is_a_preference(
    question: str, since: str | None, until: str | None
) -> None:
    found = period(question, today=TODAY)
    assert found == Period(since, until, found.words if found else "", strict=False)


@pytest.mark.parametrize(
    "question",
    [
        "Who won the 1998 election?",
        "How did 1,200 people get home?",
        "Who won the 2000 metres?",
        "Were there more than 2000 people in 1500 cars?",
        "In May 20 people died where?",
        "How may 3 people march before they may vote?",
        "Who came second?",
        "What was built after the November Uprising?",
        "What was built in the 19th century?",
        "What does the Treaty allow today?",
        "What happened in the last year of the war?",
        "How does a spring work in the fall of a stone?",
        "Is the library open on Sundays?",
        "Is the library open Monday to Friday?",
        "Did Jan sell 12 dec computers?",
        "Who voted on 31 June 2026?",
        "Who met 999 decades ago?",
        "What opens in spring 2028?",
        "What happens next week?",
        "What will happen in December?",
        "What is planned for May?",
        "What will have been built by 2030?",
        "What comes after November?",
        "",
    ],
)
def test_other_numbers_months_that_are_verbs_and_the_future_are_no_period(question: str) -> None:
    assert days(question) is None


@pytest.mark.parametrize(
    ("question", "since", "until"),
    [
        ("How many articles mention Kelvar last week?", "2026-11-16", "2026-11-22"),
        ("What happened yesterday?", "2026-11-24", "2026-11-24"),
        ("What happened in October?", "2026-10-01", "2026-10-31"),
        ("Which articles mention Kelvar this month?", "2026-11-01", None),
    ],
)
def test_a_time_of_publication_is_kept_to_without_slack(question: str, since: str, until: str | None) -> None:
    found = period(question, today=TODAY, published=True)
    assert found == Period(since, until, found.words if found else "", strict=True)


@pytest.mark.parametrize(
    ("question", "words"),
    [
        ("What happened on 31 February 2026?", "31 February 2026"),
        ("Who voted on February 30?", "February 30"),
        ("Who voted on 29 February 2025?", "29 February 2025"),
        ("articles from 2026-13-45", "2026-13-45"),
        ("Who voted on 29 February?", None),
        ("Who met 999 decades ago?", None),
    ],
)
def test_a_day_that_no_calendar_has_is_said(question: str, words: str | None) -> None:
    assert no_days(question, today=TODAY) == ((f"{words} is no day; it was not used.",) if words else ())


@pytest.mark.parametrize("today", [date.min, date(1, 1, 5), date.max])
@pytest.mark.parametrize("words", ["last week", "this week", "this decade", "last winter", "yesterday", "in May"])
def test_at_the_ends_of_the_calendar_there_is_a_period_too(words: str, today: date) -> None:
    assert period(f"What happened {words}?", today=today)


def test_a_very_long_question_is_read_at_its_beginning_only() -> None:
    assert days(f"{'May I ask ' * (LONGEST // 10)} what happened last week?") is None
    assert event(f"{'a' * LONGEST} after the election") is None


def test_a_strict_period_comes_before_a_preferred_one() -> None:
    found = period("What was said last month about the law of 2004?", today=TODAY)
    assert found == Period("2026-10-01", "2026-11-03", "last month", strict=True)


@pytest.mark.parametrize(
    ("question", "words", "rest"),
    [
        ("What happened in Lindal in July 2026?", "in July 2026", "What happened in Lindal?"),
        ("Since March, what has changed?", "Since March", "what has changed?"),
        ("Who won Sunday's election?", "Sunday's", "Who won election?"),
        ("What  was between June\nand August 2026?", "between June and August 2026", "What was?"),
        ("over the past 30 days", "over the past 30 days", "over the past 30 days"),
    ],
)
def test_a_period_has_the_words_of_the_question_and_the_rest_can_be_searched(
    question: str, words: str, rest: str
) -> None:
    found = period(question, today=TODAY)
    assert found is not None
    assert (found.words, without(question, found)) == (words, rest)


def test_a_question_that_lacks_the_words_of_a_period_is_left_as_it_is() -> None:
    assert without("Who won?", Period("2026-05-01", None, "in May")) == "Who won?"


@pytest.mark.parametrize(
    "question",
    [
        "What is the latest on the strike?",
        "Who is mayor now?",
        "Who currently leads the party?",
        "Is there still a strike?",
        "Is there a ferry?",
        "Is the bridge open?",
        "Has the bridge reopened?",
        "Where is the nurse today?",
        "What is the current toll?",
        "What has changed since March at the moment?",
    ],
)
def test_a_question_about_the_present_is_about_now(question: str) -> None:
    assert is_now(question, period(question, today=TODAY))


@pytest.mark.parametrize(
    "question",
    [
        "Why was the bridge closed?",
        "What did Ingrid Solvang say?",
        "Is there a difference between a pier and a jetty?",
        "What is direct current in a wire?",
        "Was there still a strike in December 2024?",
        "Is there any strike in punjab on 10 april 2018",
    ],
)
def test_a_question_about_the_past_or_about_no_time_is_not_about_now(question: str) -> None:
    assert not is_now(question, period(question, today=TODAY))


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("What did he promise before the election?", Event("before", "election")),
        ("What changed since the fire in Eastbank?", Event("since", "fire in Eastbank")),
        ("After the strike ended, what did nurses do?", Event("after", "strike ended")),
        ("What did nurses do following the two-day strike about pay?", Event("after", "two-day strike")),
        ("Who paid prior to the bridge being closed?", Event("before", "bridge being closed")),
        ("What did he promise before last Sunday's election?", Event("before", "election")),
        ("Who paid until the bridge reopened?", Event("until", "bridge reopened")),
        ("What changed after the fire on 14 September?", Event("after", "fire")),
        ("What got worse since the 2008 financial crisis?", Event("since", "2008 financial crisis")),
        ("What was the river named after the battle?", None),
        ("Did he speak before the court?", None),
        ("What changed after May 2026?", None),
        ("What do we do after a flood?", None),
    ],
)
def test_an_event_is_what_a_question_dates_by(question: str, expected: Event | None) -> None:
    assert event(question) == expected


@pytest.mark.parametrize(
    ("newest", "expected"),
    [
        (TODAY + timedelta(days=1), None),
        (TODAY - STALE, None),
        (date(2026, 10, 25), "The newest source is from 25 October 2026, 4 weeks ago."),
        (date(2026, 9, 26), "The newest source is from 26 September 2026, 8 weeks ago."),
        (date(2026, 9, 14), "The newest source is from 14 September 2026, 2 months ago."),
        (date(2024, 11, 26), "The newest source is from 26 November 2024, 23 months ago."),
        (date(2024, 11, 25), "The newest source is from 25 November 2024, 2 years ago."),
    ],
)
def test_the_newest_source_is_called_old_after_thirty_days(newest: date, expected: str | None) -> None:
    assert staleness(newest, TODAY) == expected


@pytest.mark.parametrize(
    ("since", "until", "expected"),
    [
        ("2024-12-01", "2024-12-31", "articles published from 1 to 31 December 2024"),
        ("2026-07-01", "2026-08-03", "articles published from 1 July to 3 August 2026"),
        ("2024-12-01", "2025-01-03", "articles published from 1 December 2024 to 3 January 2025"),
        ("2026-05-03", "2026-05-03", "articles published on 3 May 2026"),
        ("2026-03-01", None, "articles published since 1 March 2026"),
        (None, "2019-12-31", "articles published until 31 December 2019"),
        (None, None, "articles of any day"),
    ],
)
def test_a_period_is_said_as_the_days_of_its_articles(since: str | None, until: str | None, expected: str) -> None:
    assert span_words(Period(since, until, "")) == expected


PIECES = (
    "since before until between from and to in on the last past this early late week weekend month year decade winter"
    " of May march 3 31 31st 12 1500 2024 2199 999 days ago a few recent 5/6/2026 31.2.2024 2026-13-40 1990s Sunday's"
    " today 2199-12-31 first quarter Q4 – - / , . ? news articles published than will ſpring thiſ ٣"
).split(" ")


@settings(deadline=None)
@given(
    st.text() | st.lists(st.sampled_from(PIECES)).map(" ".join),
    st.dates(date(1990, 1, 1), date(2100, 1, 1)),
)
def test_any_text_has_a_period_in_order_that_has_begun_or_none(question: str, today: date) -> None:
    found = period(question, today=today)
    if found:
        assert found.since or found.until
        assert (found.since or "") <= (found.until or today.isoformat()) <= today.isoformat()
        assert found.words in " ".join(question.split())
        assert isinstance(without(question, found), str)
        assert span_words(found).startswith("articles published ")
    is_now(question, found)
    event(question)


def test_what_happened_on_a_day_is_looked_for_until_the_slack_after_it() -> None:
    assert days("What happened on 3 May 2026?") == ("2026-05-03", (date(2026, 5, 3) + SLACK).isoformat())
