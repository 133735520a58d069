"""Raw text becomes paragraphs: characters normalised, lines that were wrapped joined again."""

import html
import re
import unicodedata
from itertools import pairwise
from typing import NamedTuple

from index.imprint import own_lines

UNSEEN = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufdd0-\ufdef"
    "\ufff9-\ufffb\ud800-\udfff\U000e0000-\U000e007f]"
    "|(?<![\u0590-\U0010ffff])[\u200c\u200d]"  # joiners shape Arabic, Indic and emoji; elsewhere they hide
)
BREAK = re.compile("\r\n?|[\u2028\u2029\u0085\v\f]")
CONTROL = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f]")
BLANKS = re.compile("[ \t\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]+")
LIGATURES = {0xFB00: "ff", 0xFB01: "fi", 0xFB02: "fl", 0xFB03: "ffi", 0xFB04: "ffl", 0xFB05: "st", 0xFB06: "st"}
ENTITIES = {"&amp;": "&", "&nbsp;": " ", "&quot;": '"', "&apos;": "'", "&#39;": "'", "&#039;": "'"}
LONG_NUMBER = re.compile("&#[0-9]{12,};?")
ENTITY = re.compile("&(?:amp|nbsp|quot|apos|#0?39);")

MOST_MARKS = 30  # as Unicode's stream-safe format has it (UAX #15, section 13)
WIDEST_WRAP = 110
"""Mail wraps at 72 characters, Gutenberg at 75, a PDF's column rarely beyond 100."""
FULL_LINE = 0.8
"""A line is full when the next one's first word would have made it longer than this share of the widest. In PDFs the
letters' widths differ, so that full lines have between 80 % and 100 % of the characters of the widest."""

STARTS_ITEM = re.compile(r"[•▪◦●*–—-]\s|\(?\d{1,3}[.)]\s|[>|#]")
BROKEN = re.compile(r"\b\w+-[^\S\n]*\n\s*\w+")
"""A word that the end of its line broke. Matched in one way only: the time for it has to be linear."""
ENDS_SENTENCE = re.compile(r"[.!?…:][”’\"')\]]*$")


class Paragraph(NamedTuple):
    """One paragraph on one line. `heading` is True when its source marks it so."""

    text: str
    heading: bool = False


def normalised(text: str) -> str:
    """`text` in NFC without control, zero-width and direction characters, with plain blanks and line ends."""
    text = BREAK.sub("\n", text)
    text = CONTROL.sub("", UNSEEN.sub("", text).translate(LIGATURES))
    text = ENTITY.sub(lambda match: ENTITIES[match[0]], text)
    text = BLANKS.sub(" ", text)
    return text if text.isascii() else unicodedata.normalize("NFC", _unstacked(text))


def unescaped(text: str) -> str:
    """`text` with HTML's character references as the characters they stand for."""
    # Numbers of over 4300 digits, which Python refuses to read, are no characters.
    return html.unescape(LONG_NUMBER.sub("\ufffd", text))


def _unstacked(text: str) -> str:
    """`text` with no more than MOST_MARKS combining marks on a letter: NFC takes quadratic time in their number."""
    kept = []
    marks = 0
    for character in text:
        marks = marks + 1 if unicodedata.combining(character) else 0
        if marks <= MOST_MARKS:
            kept.append(character)
    return "".join(kept)


def paragraphs(text: str) -> list[Paragraph]:
    """The paragraphs of normalised plain text. A line is one, unless the text was wrapped at some width.

    Bylines at its top stay lines even then.
    """
    lines = [line.strip() for line in text.split("\n")]
    width = _wrapped_at(lines)
    if not width:
        return [Paragraph(line) for line in lines if line]
    words = _words(text)
    own = own_lines(lines)
    found: list[list[str]] = []
    joins = False
    for n, (line, after) in enumerate(pairwise([*lines, ""])):
        if not line:
            joins = False
            continue
        if joins:
            found[-1][-1] = _before(line, found[-1][-1], words)
            found[-1].append(line)
        else:
            found.append([line])
        joins = bool(after) and not STARTS_ITEM.match(after) and not _ends_short(line, after, width)
        joins = joins and not {n, n + 1} & own
    return [Paragraph("".join(pieces)) for pieces in found]


def _wrapped_at(lines: list[str]) -> int:
    """The width at which the lines of a text were wrapped, or 0 when they were not."""
    lengths = sorted(len(line) for line in lines if " " in line)
    if len(lengths) < 4:
        return 0
    width = lengths[-1 - len(lengths) // 50]  # a few long lines, such as URLs, don't count
    followed = [(line, after) for line, after in pairwise(lines) if line and after]
    full = [(line, after) for line, after in followed if not _fits(line, after, width)]
    running = sum(not ENDS_SENTENCE.search(line) for line, _ in full)
    wrapped = (
        40 <= width <= WIDEST_WRAP
        and len(full) >= 3
        and len(full) >= 0.6 * len(followed)
        and running >= 0.6 * len(full)  # in a list of sentences, each line ends one
    )
    return width if wrapped else 0


def _fits(line: str, after: str, width: int) -> bool:
    return len(line) + 1 + len(after.split(" ", 1)[0]) <= width * FULL_LINE


def _ends_short(line: str, after: str, width: int) -> bool:
    """Whether `line` stops well before the margin, as the last line of a paragraph and a heading do."""
    return _fits(line, after, width) and (ENDS_SENTENCE.search(line) is not None or not after[:1].islower())


def _before(after: str, line: str, words: set[str]) -> str:
    """`line` as it goes before `after`: with a blank, or without the hyphen that broke a word at its end."""
    broken = re.search(r"(\w+)-$", line[-40:])
    rest = re.match(r"\w+", after[:60])
    if not broken or not rest or not rest[0][0].islower():
        return f"{line} "
    first, second = broken[1].lower(), rest[0].lower()
    hyphenated = f"{first}-{second}" in words or (first in words and second in words)
    return line if hyphenated and first + second not in words else line[:-1]


def _words(text: str) -> set[str]:
    """The words of a text, without those that a line's end may have broken."""
    return set(re.findall(r"\w+(?:-\w+)*", BROKEN.sub(" ", text.lower())))
