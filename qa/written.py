"""A language model's answer → plain sentences, each with the numbers that it cites.

Every expression here takes a time that grows with the text, not with its square: white space is collapsed before all
else, and what repeats gives nothing back once taken (`*+`, `++`).
"""

import re

from index.chunk import sentences
from qa.prompt import visible

_NUMBERS = r"\d{1,9}(?: ?(?:,|;|and|&|-|–) ?\^?\d{1,9})*+"
_MARKER = re.compile(
    rf" ?[\[【](?:passages?|sources?|articles?)? ?[\^#]?({_NUMBERS})(?:†[^\[\]【】\n]*+)? ?[\]】]", re.IGNORECASE
)
_BEHIND = re.compile(rf"(?<![.!?…])([.!?…]++[\"'”’)»*_]*+)((?:{_MARKER.pattern})++)", re.IGNORECASE)
_ON_ITS_OWN_LINE = re.compile(rf"\n(?=(?:{_MARKER.pattern})++ ?(?:\n|\Z))", re.IGNORECASE)
_LIST_OF_SOURCES = re.compile(
    r"^[^\w\n]*+(?:sources|references|citations)[^\w\n]*+$.*", re.DOTALL | re.IGNORECASE | re.MULTILINE
)
_LINE_START = re.compile(r"^ ?(?:#{1,6} |> ?|[-*+•] |\d{1,2}[.)] )++", re.MULTILINE)
_TARGET = r"[^()\n]*+"
for _ in range(3):  # parentheses in parentheses, as in (javascript:alert(f(1)))
    _TARGET = rf"[^()\n]*+(?:\({_TARGET}\)[^()\n]*+)*+"
_LABEL = r"\[([^\[\]\n]+)\]"
_IMAGE = re.compile(rf"!\[[^\[\]\n]*+\](?:\({_TARGET}\)|\[[^\[\]\n]*+\])")
_LINK = re.compile(
    rf"\[?(\[\d+\])\]?\({_TARGET}\)|{_LABEL}\({_TARGET}\)|{_LABEL}\[(?!\^?{_NUMBERS}\])[^\[\]\n]*+\]", re.IGNORECASE
)
_EMPHASIS = re.compile(r"\*\*|__|`+|(?<!\w)[*_](?=\S)|(?<=\S)[*_](?!\w)")
_ENDED = re.compile(r"[.!?…][\"'”’)»]*+$")


def written_sentences(text: str) -> list[tuple[str, tuple[int, ...]]]:
    """The sentences of a model's answer in plain words, without their markers, each with the numbers it cites.

    They hold no invisible characters.
    """
    found = []
    for line in _plain(text).splitlines():
        line = _BEHIND.sub(lambda m: f"{m[2]}{m[1]} ", line)
        for part in sentences(line, ()):
            said = line[part.start : part.end]
            cited = dict.fromkeys(n for marker in _MARKER.finditer(said) for n in _counted(marker[1]))
            said = " ".join(_MARKER.sub("", said).split())
            if re.search(r"\w", said):
                found.append((said if _ENDED.search(said) else said.rstrip(" ,;:") + ".", tuple(cited)))
    return found


def _counted(numbers: str) -> list[int]:
    """`1, 3-5` → 1, 3, 4, 5."""
    found: list[int] = []
    for part in re.split(" ?(?:,|;|and|&) ?", numbers, flags=re.IGNORECASE):
        ends = [int(n.strip(" ^")) for n in re.split("[-–]", part)]
        found += range(ends[0], min(ends[-1], ends[0] + 50) + 1) if len(ends) == 2 else ends
    return found


def _plain(text: str) -> str:
    """An answer without its list of sources and Markdown; a marker on a line of its own joins the line before."""
    lines = (" ".join(line.split()) for line in visible(text).split("\n"))
    text = "\n".join(line for line in lines if line)
    text = _LIST_OF_SOURCES.sub("", text)
    text = _ON_ITS_OWN_LINE.sub(" ", text)
    text = _LINE_START.sub("", text)
    text = _LINK.sub(lambda link: link[1] or link[2] or link[3], _IMAGE.sub("", text))
    return _EMPHASIS.sub("", text)
