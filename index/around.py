"""What stands around an article on its page goes; what it told is kept.

| Zone | What goes | What it tells |
|---|---|---|
| head, the first paragraphs | byline, dateline, the author's role, the paper | author, dates, publisher |
| everywhere | buttons, captions, credits | |
| tail, the last paragraphs | author box, endnotes, links to other articles | author |
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from index.byline import AGENCY, LABELLED, MAIL, Dated, dated, is_name, is_role, people, signed
from index.furniture import (
    AFTERWORD,
    AUTHOR_MARK,
    LABEL_ALONE,
    LINK,
    MORE,
    RELATED,
    is_biography,
    is_caption,
    is_credit,
    is_endnote,
    is_interface,
)
from index.imprint import Imprint, imprint, is_paper, masthead
from index.paragraphs import ENDS_SENTENCE, Paragraph

HEAD = 12
"""Paragraphs from the top in which a byline is looked for: headline, standfirst, picture and buttons come before it."""
HEAD_SENTENCES = 3
"""A byline comes before the third paragraph that reads like the article's own: a standfirst may be above it."""
TAIL = 15
QUOTES = ('"', "'", "“", "‘", "«", "„")


@dataclass(slots=True)
class Page:
    """The paragraphs of one page, which of them go, and what they told before they went."""

    lines: Sequence[Paragraph]
    author: str | None = None
    publisher: str | None = None
    dates: list[Dated] = field(default_factory=list)
    gone: set[int] = field(default_factory=set)


def tidy(page: Page) -> None:
    """Mark in `page.gone` what is not the article, and fill in `author`, `publisher` and `dates`."""
    _head(page)
    _middle(page)
    _tail(page)


def is_around(text: str) -> bool:
    """Whether a paragraph at the top of a page can't be its headline."""
    if is_interface(text) or is_credit(text) or is_caption(text) or dated(text) is not None or signed(text):
        return True
    line = imprint(text) or masthead(text)
    return line is not None and line.place is None  # "Dam Holds | 3 March 2026 | By Jane Roe" has its headline in it


def bare(text: str) -> str:
    """The words of `text`, for comparing lines that differ in marks and capitals."""
    return re.sub(r"[\W_]+", " ", text).strip().casefold()


def _head(page: Page) -> None:
    """Bylines and datelines go; author, publisher and dates are learned."""
    top, highest = _top(page)
    days = {n: found for n in top if not page.lines[n].heading and (found := dated(page.lines[n].text)) is not None}
    plain = {n for n, found in days.items() if found and not all(day.labelled for day in found)}
    if len(plain) > 2:  # a timeline or release notes: each day is the heading of what happened on it
        highest = set()
    days = {n: found for n, found in days.items() if n not in plain or n in highest}
    page.gone |= set(days)
    page.dates += [day for found in days.values() for day in found]
    told = {n for n, found in days.items() if found or LABELLED.match(page.lines[n].text)}
    names: set[int] = set()
    if head := _masthead(page, top, highest):
        at, said = head
        page.author, page.publisher = page.author or said.author, said.publisher
        page.dates += said.days
        page.gone.add(at)
        told.add(at)
    for n in top:
        text = page.lines[n].text
        if n in page.gone:
            continue
        if (line := imprint(text)) and (n in highest or not line.days):
            names.add(n)
            page.author = page.author or line.author
            page.publisher = page.publisher or line.publisher
            page.dates += line.days
        elif byline := signed(text):
            names.add(n)
            page.author = page.author or byline[0]
            page.dates += dated(byline[1]) or []
        elif (
            page.author is None
            and not is_paper(text)
            and ((who := people(text)) or (is_name(text) and AGENCY.fullmatch(text)))
            and (_is_confirmed(page, n, told) or _in_author_box(page, text))
        ):
            names.add(n)
            page.author = who
    papers = [n for n in sorted(highest - page.gone) if names and told and _is_paper_beside(page, n, names | told)]
    page.publisher = page.publisher or next((page.lines[n].text for n in papers), None)
    page.gone |= set(papers)
    names |= {n for n in top if _is_author(page, page.lines[n].text)}
    page.gone |= names | {n for n in top if n - 1 in names and _is_about_author(page.lines[n].text)}


def _top(page: Page) -> tuple[list[int], set[int]]:
    """Where a byline may stand; and the part of it, above the article's second paragraph, where a mere day may."""
    top: list[int] = []
    highest: set[int] = set()
    sentences = 0
    for n, line in enumerate(page.lines):
        if n in page.gone:
            continue
        sentences += len(line.text) >= 80 and bool(ENDS_SENTENCE.search(line.text[-10:])) and not is_caption(line.text)
        if len(top) == HEAD or sentences == HEAD_SENTENCES:
            break
        top.append(n)
        if sentences < 2:
            highest.add(n)
    return top, highest


def _masthead(page: Page, top: Sequence[int], highest: set[int]) -> tuple[int, Imprint] | None:
    """The line that says nothing but the paper and the day, and where it is.

    Several of them are cuttings, and below a quotation it is the quotation's source.
    """
    lines = [(n, page.lines[n]) for n in top]
    found = [(n, said) for n, line in lines if not line.heading and (said := masthead(line.text))]
    if len(found) != 1 or found[0][0] not in highest:
        return None
    above = [line.text for n, line in lines if n < found[0][0] and n not in page.gone]
    return None if above and above[-1].startswith(QUOTES) else found[0]


def _is_about_author(text: str) -> bool:
    """Whether a line below a byline is the author's role or address."""
    return is_role(text) or MAIL.fullmatch(text) is not None


def _is_confirmed(page: Page, n: int, days: set[int]) -> bool:
    """Whether a line that could be a name stands beside a dateline, buttons in between, or above an author's role."""
    for step in (-1, 1):
        at = n + step
        while 0 <= at < len(page.lines) and at not in days and is_interface(page.lines[at].text):
            at += step
        if at in days:
            return True
    return is_role(_below(page, n))


def _is_paper_beside(page: Page, n: int, told: set[int]) -> bool:
    """Whether a line is a paper's name beside a byline or a dateline."""
    line = page.lines[n]
    return bool({n - 1, n + 1} & told) and not line.heading and is_paper(line.text)


def _is_author(page: Page, text: str) -> bool:
    return page.author is not None and len(text) <= 2 * len(page.author) and bare(text) == bare(page.author)


def _in_author_box(page: Page, text: str) -> bool:
    """Whether `text` stands at the page's end again, above what is said of an author."""
    return any(
        page.lines[n].text == text
        and (AUTHOR_MARK.fullmatch(_below(page, n)) or is_biography(_below(page, n), author=text, marked=False))
        for n in range(max(HEAD, len(page.lines) - TAIL), len(page.lines))
    )


def _middle(page: Page) -> None:
    """Buttons, captions and credits go, and a caption that stands beside itself without its credit."""
    captions: set[int] = set()
    for n, line in enumerate(page.lines):
        if is_caption(line.text) or is_credit(line.text):
            captions.add(n)
        elif is_interface(line.text) or RELATED.fullmatch(line.text):
            page.gone.add(n)
            if RELATED.fullmatch(line.text) and LINK.fullmatch(_below(page, n)):
                page.gone.add(n + 1)
    captions |= {n + 1 for n in captions if LABEL_ALONE.fullmatch(page.lines[n].text) and len(_below(page, n)) <= 200}
    for n in captions & set(range(len(page.lines))):
        caption = bare(page.lines[n].text)
        for beside in {n - 1, n + 1} - captions:
            text = page.lines[beside].text if 0 <= beside < len(page.lines) else ""
            if 25 <= len(text) <= len(page.lines[n].text) and bare(text) in caption:
                page.gone.add(beside)
    page.gone |= captions


def _tail(page: Page) -> None:
    """From the end upwards, the author box and the page's own notes go, until a sentence of the article comes."""
    start = max(0, len(page.lines) - TAIL)
    _links(page, start)
    for n in range(len(page.lines) - 1, start - 1, -1):
        text = page.lines[n].text
        if n in page.gone:
            continue
        if page.author is None and is_name(text) and AUTHOR_MARK.fullmatch(_below(page, n)):
            page.author = text
        byline = signed(text) or (None, "")
        page.author = page.author or byline[0]
        above = next((page.lines[m].text for m in range(n - 1, -1, -1) if m not in page.gone), "")
        marked = AUTHOR_MARK.fullmatch(above) is not None
        if not (
            _is_author(page, text)
            or (byline[0] == page.author is not None and not byline[1])
            or AUTHOR_MARK.fullmatch(text)
            or AFTERWORD.fullmatch(text)
            or is_endnote(text)
            or is_biography(text, author=page.author, marked=marked)
        ):
            return
        page.gone.add(n)


def _below(page: Page, n: int) -> str:
    return page.lines[n + 1].text if n + 1 < len(page.lines) else ""


def _links(page: Page, start: int) -> None:
    """Headlines of other articles under "More on this story" go, when nothing but such lines follows."""
    for n in range(len(page.lines) - 1, start - 1, -1):
        text = page.lines[n].text
        if MORE.fullmatch(text):
            page.gone |= set(range(n, len(page.lines)))
        elif not (n in page.gone or is_endnote(text) or LINK.fullmatch(text)):
            return
