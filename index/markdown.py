"""Markdown becomes plain paragraphs; only which of them are headings is kept of its marks."""

import re

from index.imprint import own_lines
from index.paragraphs import Paragraph, unescaped

ESCAPE = re.compile(r"\\([!-/:-@\[-`{-~])")
MARKS = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"
HIDDEN = {mark: chr(0xFDD0 + n) for n, mark in enumerate(MARKS)}
"""Escaped marks hide behind Unicode's 32 noncharacters, which no text has, until the other marks are gone."""
SHOWN = {ord(hidden): mark for mark, hidden in HIDDEN.items()}

HEADING = re.compile(r"#{1,6}[ \t]+(.*?)(?:[ \t]#+)?[ \t]*$")
UNDERLINE = re.compile(r"(?:=+|-+)\s*$")
FENCE = re.compile(r"(`{3,}|~{3,})")
RULE = re.compile(r"([-*_])(?:\s*\1){2,}\s*$")
ITEM = re.compile(r"(?:[-*+]|\d{1,3}[.)])\s+(?:\[[ xX]\]\s+)?")
DEFINITION = re.compile(r"\[[^\]^]{1,200}\]:\s+\S")
QUOTED = re.compile(r"^>[>\s]*")
COMMENT = re.compile(r"<!--(?:[^<]|<(?!!--))*?-->")
PLAIN = (
    (re.compile(r"~~[^~]+~~|<(del|s|strike)>[^<]*</\1>|<sup>\s*\[[^<]*</sup>"), ""),  # as `seen` has it
    (re.compile(r"!\[[^\[\]]*\]\((?:[^()\s]|\([^()\s]*\))*(?:\s+[\"'][^\"']*[\"'])?\s*\)"), ""),
    (re.compile(r"!\[[^\[\]]*\]\[[^\[\]]*\]"), ""),
    (re.compile(r"\[([^\[\]]*)\]\((?:<[^<>]*>|(?:[^()\s]|\([^()\s]*\))*)(?:\s+[\"'][^\"']*[\"'])?\s*\)"), r"\1"),
    (re.compile(r"\[\^[^\[\]\s]{1,40}\]:?"), ""),
    (re.compile(r"\[([^\[\]]+)\]\[[^\[\]]*\]"), r"\1"),
    (re.compile(r"<((?:https?|mailto):[^<>\s]+)>"), r"\1"),
    (re.compile(r"<sup>(?=[+−–-]?\d)"), "^"),
    (re.compile(r"(?<=\d)<sub>(?=\d)"), "_"),
    (re.compile(r"</?(?:a|abbr|b|br|center|cite|code|del|div|em|figure|font|h[1-6]|hr|i|img|ins|kbd|li|mark|ol|p|q|s|small|"
                r"span|strong|sub|sup|table|tbody|td|th|thead|tr|u|ul)\b[^<>]*>", re.IGNORECASE), ""),
    (re.compile(r"(?<!`)`{1,5}(?!`)([^`]+)`{1,5}"), r"\1"),
    (re.compile(r"\*\*\*(?=\S)([^*]+)\*\*\*"), r"\1"),
    (re.compile(r"\*\*(?=\S)([^*]+)\*\*"), r"\1"),
    (re.compile(r"(?<!\w)__(?=\S)([^_]+)__(?!\w)"), r"\1"),
    (re.compile(r"\*(?=[^\s*])([^*]+)(?<!\s)\*"), r"\1"),
    (re.compile(r"(?<!\w)_(?=[^\s_])([^_]+)(?<!\s)_(?!\w)"), r"\1"),
)  # fmt: skip
EMPHASIS = " *_\\"
"""What a line may be wrapped in, and end with to be one, without a change of what it says."""
BOLD_LINE = re.compile(r"(\*\*|__)[^*_]{2,90}\1:?$")


def paragraphs(text: str) -> list[Paragraph]:
    """The paragraphs of normalised Markdown, without its marks. A line that is all bold counts as a heading.

    Lines that follow one another are one paragraph, as Markdown has it, but for bylines at the top.
    """
    found: list[Paragraph] = []
    lines: list[str] = []
    fence = ""

    def end() -> None:
        if lines:
            whole = " ".join(lines)
            found.append(
                Paragraph(_plain(whole), bool(BOLD_LINE.match(whole)) and whole.rstrip("*_:")[-1:] not in ".!?,;")
            )
            lines.clear()

    every = COMMENT.sub("", text).split("\n")
    own = own_lines([line.strip(EMPHASIS) for line in every])
    for n, line in enumerate(every):
        bare = line.strip()
        if fence or FENCE.match(bare):
            end()
            mark = FENCE.match(bare)
            if mark and not fence:
                fence = mark[1]
            elif bare.startswith(fence) and not bare.strip(fence[0]):
                fence = ""
            elif bare:
                found.append(Paragraph(bare))
            continue
        bare = ESCAPE.sub(lambda match: HIDDEN[match[1]], bare)
        bare = QUOTED.sub("", bare)
        if not bare or DEFINITION.match(bare):
            end()
        elif lines and len(lines) == 1 and UNDERLINE.match(bare):
            found.append(Paragraph(_plain(lines.pop()), True))
        elif RULE.match(bare):
            end()
        elif heading := HEADING.match(bare):
            end()
            found.append(Paragraph(_plain(heading[1]), True))
        elif bare.startswith("|"):
            end()
            if bare.strip("|:- "):
                lines.append(" | ".join(cell.strip() for cell in bare.strip("|").split("|")))
            end()
        else:
            if item := ITEM.match(bare):
                end()
                bare = bare[item.end() :]
            if {n - 1, n} & own:
                end()
            lines.append(bare)
    end()
    return [paragraph for paragraph in found if paragraph.text]


def _plain(text: str) -> str:
    """One paragraph without its inline marks."""
    for pattern, kept in PLAIN:
        text = pattern.sub(kept, text)
    return " ".join(unescaped(text).translate(SHOWN).split())
