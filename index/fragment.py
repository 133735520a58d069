"""All the text of an HTML tree as paragraphs: nothing is left out but scripts, menus and forms."""

import re
from collections.abc import Iterator, Set
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lxml.html import HtmlElement  # type: ignore[import-untyped]

UNREAD = frozenset("script style noscript template svg iframe form button nav figcaption object head".split())
BLOCK = re.compile(
    "p|div|article|section|main|header|footer|aside|[uod]l|d[td]|li|h[1-6]|blockquote|pre|figure|table|tr|hr|address"
)
HEADINGS = {f"h{n}": "#" * max(n, 2) + " " for n in range(1, 7)}
SPECIAL = re.compile(r"[\\`*_\[\]<>#|~&]|(?<![^\n])[-+=]|(?<=\d)[.)](?=\s)")


def fragment(tree: "HtmlElement") -> str:
    """All the text under `tree` as Markdown paragraphs, with what Markdown would read as marks escaped."""
    kept = (_escaped(paragraph) for paragraph in _paragraphs(tree, UNREAD))
    return "\n\n".join(paragraph for paragraph in kept if paragraph.strip("#- "))


def lines(tree: "HtmlElement") -> list[str]:
    """The same of a whole page, which may be one form, each paragraph on a line and without any mark."""
    found = _paragraphs(tree, UNREAD - {"form"})
    kept = (" ".join(paragraph.removeprefix(_mark(paragraph)).split()) for paragraph in found)
    return [line for line in kept if line]


def _paragraphs(tree: "HtmlElement", unread: Set[str]) -> list[str]:
    found: list[list[str]] = [[]]
    for mark, text in _pieces(tree, unread):
        if mark is None:
            found[-1].append(text)
        else:
            found.append([mark])
    return ["".join(pieces) for pieces in found]


def _pieces(tree: "HtmlElement", unread: Set[str]) -> Iterator[tuple[str | None, str]]:
    """Text as (None, text); the start of a paragraph as (its Markdown mark, "")."""
    todo: list[tuple[HtmlElement, bool]] = [(tree, True)]  # not recursive: pages nest deeper than Python does
    while todo:
        element, opening = todo.pop()
        tag = element.tag if isinstance(element.tag, str) else "script"
        block = BLOCK.fullmatch(tag)
        if opening:
            if block:
                yield HEADINGS.get(tag, "- " if tag == "li" else ""), ""
            if tag in unread:
                yield None, element.tail or ""
                continue
            yield None, " | " if tag in ("td", "th") and element.getprevious() is not None else ""
            yield None, "\n" if tag == "br" else element.text or ""
            todo.append((element, False))
            todo.extend((child, True) for child in reversed(element))
        else:
            if block:
                yield "", ""
            yield None, element.tail or ""


def _mark(paragraph: str) -> str:
    found = re.match(r"#+ |- |", paragraph)
    return found[0] if found else ""


def _escaped(paragraph: str) -> str:
    mark = _mark(paragraph)
    words = " ".join(paragraph.removeprefix(mark).split())
    return mark + SPECIAL.sub(r"\\\g<0>", words) if words else ""
