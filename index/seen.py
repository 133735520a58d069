"""HTML as a reader sees it, before its tags go: what is struck out or hidden goes, and raised figures stay apart.

| In the page | Is written |
|---|---|
| `<del>`, `<s>`, `<strike>` | not at all |
| `hidden`, `display:none` | not at all |
| `<sup>` that is a link or in brackets: a footnote's mark | not at all |
| 10`<sup>`6`</sup>`, km`<sup>`2`</sup>` | 10^6, km^2: glued to it, the digits would make another number |
| 4`<sub>`2`</sub>` | 4_2, but H2O as it is |
| 3`<sup>`1`</sup>`/`<sub>`2`</sub>` | 3 1/2 |
| 1`<sup>`st`</sup>` | 1st |
"""

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lxml.html import HtmlElement  # type: ignore[import-untyped]

NUMBER = re.compile(r"\s*[+−–-]?\d")
BRACKETED = re.compile(r"\s*\[.*\]\s*", re.DOTALL)
STROKE = re.compile(r"\s*[/⁄]\s*")
# Elements are emptied and renamed, not taken out: joining what is around them would take quadratic time.


def as_seen(tree: "HtmlElement") -> None:
    """Empty what is struck out in `tree` and the marks of footnotes; set raised and lowered figures apart."""
    for element in tree.iter("del", "s", "strike"):
        _empty(element)
    figures = [*tree.iter("sub", "sup")]
    for element in reversed(figures):  # the inner ones first
        if element.tag == "sup" and _is_footnote(element):
            _empty(element)
        elif NUMBER.match(element.text_content()):
            element.text = _apart(element) + (element.text or "")
    for element in figures:
        element.tag = "span"  # trafilatura would write <sup> again


def without_hidden(tree: "HtmlElement") -> None:
    """Empty what no browser shows. A whole page that its script shows later stays."""
    for element in tree.iter():
        style = "".join(element.get("style", "").lower().split())
        if element.tag not in ("html", "body") and (
            element.get("hidden", "until-found") != "until-found" or "display:none" in style
        ):
            _empty(element)


def _empty(element: "HtmlElement") -> None:
    element.clear(keep_tail=True)
    element.tag = "span"


def _is_footnote(raised: "HtmlElement") -> bool:
    around = raised.getparent()
    is_alone = raised.getprevious() is None and raised.getnext() is None
    is_all = is_alone and not f"{around.text or ''}{raised.tail or ''}".strip()
    is_link = raised.find(".//a") is not None or (around.tag == "a" and is_all)
    return is_link or BRACKETED.fullmatch(raised.text_content()) is not None


def _apart(figure: "HtmlElement") -> str:
    """What stands between a raised or lowered figure and the text before it."""
    before, after = figure.getprevious(), figure.getnext()
    text = (figure.getparent().text if before is None else before.tail or before.text_content()) or ""
    follows_digit = text[-1:].isdigit()
    if figure.tag == "sub":
        return "_" if follows_digit else ""
    if after is not None and after.tag == "sub" and STROKE.fullmatch(figure.tail or ""):
        return " " if follows_digit else ""
    return "^"
