"""What stands around an article on its page goes; what it told is kept.

| Zone | What goes | What it tells |
|---|---|---|
| head, the first paragraphs | byline, dateline, the author's role | author, dates |
| everywhere | buttons, captions, credits | |
| tail, the last paragraphs | author box, endnotes, links to other articles | author |
"""

from index.byline import LABELLED, dated, is_name, is_role, people, signed
from index.furniture import (
    AFTERWORD,
    AUTHOR_MARK,
    LINK,
    MORE,
    is_biography,
    is_caption,
    is_credit,
    is_endnote,
    is_interface,
)

HEAD = 12
"""Paragraphs from the top in which a byline is looked for: headline, standfirst, picture and buttons come before it."""
TAIL = 15


def _head(page: _Page) -> None:
    """Bylines and datelines go; author and dates are learned."""
    top = [n for n in range(len(page.lines)) if n not in page.gone][:HEAD]
    days = {n: found for n in top if (found := dated(page.lines[n].text)) is not None}
    bare = [n for n, found in days.items() if not all(day.labelled for day in found)]
    if len(bare) > 2:  # a timeline or release notes: each day is the heading of what happened on it
        days = {n: found for n, found in days.items() if n not in bare}
    page.gone |= set(days)
    page.dates += [day for found in days.values() for day in found]
    beside = {n + step for n, found in days.items() if found or LABELLED.match(page.lines[n].text) for step in (-1, 1)}
    for n in top:
        text = page.lines[n].text
        if n not in page.gone and (byline := signed(text)):
            page.gone.add(n)
            page.author = page.author or byline[0]
            page.dates += dated(byline[1]) or []
        elif page.author is None and (n in beside or _in_author_box(page, text)) and (who := people(text)):
            page.gone.add(n)
            page.author = who
    for n in top:
        text = page.lines[n].text
        alone = page.author is not None and _bare(text) == _bare(page.author)
        if alone or (n - 1 in page.gone and n - 1 in top and is_role(text)):
            page.gone.add(n)


def _in_author_box(page: _Page, text: str) -> bool:
    """Whether `text` stands at the page's end again, above what is said of an author."""
    return any(
        page.lines[n].text == text
        and (AUTHOR_MARK.fullmatch(_below(page, n)) or is_biography(_below(page, n), author=text, marked=False))
        for n in range(max(HEAD, len(page.lines) - TAIL), len(page.lines))
    )


def _middle(page: _Page) -> None:
    """Buttons, captions and credits go, and a caption that stands beside itself without its credit."""
    captions: set[int] = set()
    for n, line in enumerate(page.lines):
        if is_caption(line.text) or is_credit(line.text):
            captions.add(n)
        elif is_interface(line.text):
            page.gone.add(n)
    for n in sorted(captions):
        caption = _bare(page.lines[n].text[:700])
        for beside in (n - 1, n + 1):
            if 0 <= beside < len(page.lines) and beside not in captions and len(page.lines[beside].text) <= 600:
                text = _bare(page.lines[beside].text)
                if len(text) >= 25 and caption.startswith(text):
                    page.gone.add(beside)
    page.gone |= captions


def _tail(page: _Page) -> None:
    """From the end upwards, the author box and the page's own notes go, until a sentence of the article comes."""
    start = max(0, len(page.lines) - TAIL)
    _links(page, start)
    for n in range(len(page.lines) - 1, start - 1, -1):
        text = page.lines[n].text
        if n in page.gone:
            continue
        above = next((page.lines[m].text for m in range(n - 1, -1, -1) if m not in page.gone), "")
        marked = AUTHOR_MARK.fullmatch(above) is not None or (is_name(above) and text.startswith(above))
        if is_name(text) and AUTHOR_MARK.fullmatch(_below(page, n)):
            page.author = page.author or text
        named = page.author is not None and _bare(text) == _bare(page.author)
        if not (
            named
            or AUTHOR_MARK.fullmatch(text)
            or AFTERWORD.fullmatch(text)
            or is_endnote(text)
            or is_biography(text, author=page.author, marked=marked)
            or (
                is_name(text)
                and n + 1 in page.gone
                and n > 0
                and _below(page, n).startswith((text, "Author", "author"))
            )
        ):
            return
        page.gone.add(n)


def _below(page: _Page, n: int) -> str:
    return page.lines[n + 1].text if n + 1 < len(page.lines) else ""


def _links(page: _Page, start: int) -> None:
    """Headlines of other articles under "More on this story" go, when nothing but such lines follows."""
    for n in range(len(page.lines) - 1, start - 1, -1):
        text = page.lines[n].text
        if MORE.fullmatch(text):
            page.gone |= set(range(n, len(page.lines)))
        elif not (n in page.gone or is_endnote(text) or LINK.fullmatch(text)):
            return
