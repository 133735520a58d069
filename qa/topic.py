"""What a question is about, as words that an article either holds or does not."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from index import keywords
from qa.followup import names

_QUOTED = re.compile(r"“([^”]+)”|\"([^\"]+)\"|„([^“”]+)[“”]|«([^»]+)»|(?<!\w)['‘]([^'’]+)['’](?!\w)")
_POSSESSIVE = re.compile(r"['’]s\b")
_END = re.compile(r"(?<=\w{3})[.!?][\"'’”)\]]*\s")
"""The end of a sentence; not that of an abbreviation: "U.S. Senate" are words in a row."""
_GENERIC = keywords.STOPWORDS | frozenset(
    """article articles story stories report reports news newspaper newspapers paper papers topic topics subject word
    words name names term phrase thing things something anything everything someone anyone both either
    there""".split()
)
"""Words that make no topic: every article would hold them, or what they mean is not written in any."""


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a topic: words in a row, as they are asked for. A `name` or quoted words are looked for as written."""

    text: str
    name: bool
    quoted: bool = False

    @property
    def words(self) -> list[str]:
        return keywords.words(self.text)

    @property
    def stems(self) -> list[str]:
        return keywords.analyse(self.text)


def parts(topic: str) -> tuple[Part, ...]:
    """The parts of a topic: its quoted words, its capitalised names, and each other word that says something."""
    found: list[tuple[int, Part]] = []
    rest = topic
    for match in _QUOTED.finditer(topic):
        words = next(filter(None, match.groups()))
        found.append((match.start(), Part(words, name=False, quoted=True)))
        rest = rest.replace(match.group(), " " * len(match.group()))
    for name in names(rest):
        if any(word not in _GENERIC for word in keywords.words(name)) or name.isupper():
            found.append((rest.index(name), Part(name, name=True)))
            rest = re.sub(rf"{re.escape(name)}(?:['’]s)?", lambda m: " " * len(m.group()), rest, count=1)
    for match in re.finditer(r"[^\s;:!?()“”\"/]+", rest):
        word = match.group().strip(".,'’-–—")
        if any(w not in _GENERIC for w in keywords.words(word)):
            found.append((match.start(), Part(word, name=False)))
    return tuple(dict.fromkeys(part for _, part in sorted(found, key=lambda pair: pair[0]) if part.stems))


def holds(text: str, part: Part, *, capitals: bool = True) -> bool:
    """Whether a text holds a part of a topic, word for word.

    A name needs its capitals (Greens are not greens, and the US is not us) unless `capitals` is False; any other word
    may be inflected (strike, strikes, striking), which is less than sharing a stem (universe, university).
    """
    if part.name or part.quoted:
        return _in_a_row(text, part, str) and (not (part.name and capitals) or _capitals(text, part.text))
    return _in_a_row(text, part, _base)


def _in_a_row(text: str, part: Part, form: Callable[[str], str]) -> bool:
    """Whether the words of a part stand in a row, within a sentence, in a text."""
    wanted = [form(word) for word in part.words]
    for piece in [text] if len(wanted) == 1 else _END.split(text):
        held = [form(word) for word in keywords.words(piece)]
        if any(held[at : at + len(wanted)] == wanted for at in range(len(held) - len(wanted) + 1)):
            return True
    return False


def _capitals(text: str, name: str) -> bool:
    """Whether the words of a name that are written with a capital, or in capitals, are written so in the text too."""
    return all(
        _written(name, how) <= _written(text, how)
        for how in (lambda w: w[0].isupper(), lambda w: w.isupper() and len(w) > 1)
    )


def _written(text: str, how: Callable[[str], bool]) -> set[str]:
    """The words of a text that are written in some way."""
    tokens = re.findall(r"[^\W_](?:[\w.&]*\w)?\.?", _POSSESSIVE.sub("", text))
    return set(keywords.words(" ".join(token for token in tokens if how(token))))


@lru_cache(maxsize=65536)
def _base(word: str) -> str:
    """A lower-case word without its inflection, much as step 1 of Porter (1980): bodies and body, stopped and stop."""
    base = re.sub(r"(?<=[^\W\d_]{3})(?:ies|ied)$", "y", word)
    base = re.sub(r"(?<=[^\W\d_]{3})(?:ing|ed|es|e|(?<!s)s)$", "", base)
    return re.sub(r"([bdfgklmnprt])\1$", r"\1", base)
