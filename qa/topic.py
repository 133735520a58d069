"""What a question is about, as words that an article either holds or does not."""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from index import keywords

_QUOTED = re.compile(r"“([^”]+)”|\"([^\"]+)\"|„([^“”]+)[“”]|«([^»]+)»|(?<!\w)['‘]([^'’]+)['’](?!\w)")
_CUT = re.compile(r"(?<![\w.])((?:[^\W\d_]\.)+[^\W\d_])(?![\w.])")
"""Initials that lost their last full stop with the question mark: "the U.S"."""
_CAPITAL = r"[A-ZÀ-ÖØ-ÞĆČĐĘĞİŁŃŐŘŚŞŠŹŻŽΑ-ΩА-Я]"
_NAMED = rf"(?:[dl]['’]|\d+)?{_CAPITAL}(?:[\w’'&+#-]|\.(?=\w))*"
_NAME = re.compile(
    rf"(?<![\w.]){_NAMED}(?:(?:(?<!\w{{4}})\.)? (?:(?:of the|of|the|al|de la|de|la|van|von|bin|&)[ -])?{_NAMED})*"
    r"(?:(?<=\.\w)\.)?"
)
"""Capitalised words in a row: "Lord of the Rings", "Marks & Spencer", "U.S. Senate", "St. Brannoc", "G7"."""
_ARTICLE = re.compile(r"^(?:The|An?)(?: |$)")
_END = re.compile(r"(?<=\w{3})[.!?][\"'’”)\]]*\s")
"""The end of a sentence; not that of an abbreviation: "U.S. Senate" are words in a row."""
_WRITTEN = re.compile(
    r"(?:[^\W\d_]\.)+[^\W\d_](?!\w)\.?|\d+(?:[.,]\d+)*|[^\W\d_]+(?:'[^\W\d_]+)*[+#]*|[^\W_]+|[&%$€£¥]"
)
_POSSESSIVE = re.compile(r"(?<=[\w.])'s\b")
_ELISION = re.compile(r"\b[dl]'(?=[^\W\d_])")
_PERCENT = re.compile(r"\bper ?cent\b", re.IGNORECASE)
_GENERIC = keywords.STOPWORDS | frozenset(
    """article articles story stories report reports news newspaper newspapers paper papers topic topics subject word
    words name names term phrase thing things something anything everything someone anyone both either
    there""".split()
)
"""Words that make no topic: every article would hold them, or what they mean is not written in any."""
_UNSPACED = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]")
"""Thai, Lao, Burmese, Khmer, Japanese and Chinese, which put no spaces between words."""
_LACKING = re.compile(
    r"\b(?:without|neither|nor|except|excluding|lacking|other than|nothing but|(?:but|and) (?:not|NOT)|NOT)\b"
    r"|^\W*(?:not|only)\b|\bonly\W*$"
    r"|\b(?:once|twice|often|repeatedly|(?:\d+|two|three|four|five|several|many) times)\W*$"
)
_EITHER = re.compile(r"\b(?:or|OR|any of|one of)\b")


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a topic: words in a row, as they are asked for. A `name` or quoted words are looked for as written."""

    text: str
    name: bool
    quoted: bool = False

    @classmethod
    def of(cls, text: str) -> "Part":
        """A part that is not in quotes: a name, when it begins with a capital."""
        return cls(text, name=text[:1].isupper())

    @property
    def stems(self) -> list[str]:
        return keywords.analyse(self.text)

    def phrases(self, language: str) -> list[list[str]]:
        """The index terms that stand in a row in what holds the part in a language; "&" may be written "and"."""
        return [stems for piece in self.text.split("&") if (stems := keywords.analyse(piece, language))]


def parts(topic: str) -> tuple[Part, ...]:
    """The parts of a topic: its quoted words, its capitalised names, and each other word that says something."""
    found: list[tuple[int, Part]] = []

    def quoted(match: re.Match[str]) -> str:
        found.append((match.start(), Part(next(filter(None, match.groups())), name=False, quoted=True)))
        return ";" * len(match.group())

    def named(match: re.Match[str]) -> str:
        if name := re.sub(r"['’]s?$", "", _ARTICLE.sub("", match.group())):
            found.append((match.start(), Part.of(name)))
        return ";" * len(match.group())

    rest = _NAME.sub(named, _QUOTED.sub(quoted, _CUT.sub(r"\1.", topic)))
    for match in re.finditer(r"[^\s;:!?()“”\"/]+", rest):
        word = match.group().strip(".,'’-–—")
        if any(w not in _GENERIC for w in keywords.words(word)):
            found.append((match.start(), Part.of(word)))
    return tuple(dict.fromkeys(part for _, part in sorted(found, key=lambda pair: pair[0]) if part.stems))


def uncountable(topic: str) -> str | None:
    """Why articles cannot be counted by a topic, in a sentence; None when they can."""
    spoken = _QUOTED.sub(" ", topic)
    if match := re.search(rf"\w*{_UNSPACED.pattern}\w*", topic):
        return (
            f"“{match.group()}” is not counted: its script puts no spaces between words, and whole words are counted."
        )
    if _LACKING.search(spoken):
        return "Articles are counted by what they mention, not by what they lack or how often."
    if _EITHER.search(spoken):
        return "Articles are counted by one topic at a time."
    if not parts(topic):
        return "Articles are counted by a topic in words that say something: a name, or words in quotes."
    return None


def holds(text: str, part: Part, *, capitals: bool = True) -> bool:
    """Whether a text holds a part of a topic, word for word.

    A word that is asked for with a capital has one (Greens are not greens), and a short one in capitals has them all
    (the US is not us), unless `capitals` is False. Names and quoted words are as asked for; any other word may be
    inflected (strike, strikes, striking), which is less than sharing a stem (universe, university).
    """
    form = str.lower if part.name or part.quoted else _base
    asked = _written(part.text)
    wanted = [form(word) for word in asked]
    for piece in [text] if len(asked) == 1 else _END.split(text):
        written = _written(piece)
        held = [form(word) for word in written]
        for at in range(len(held) - len(wanted) + 1):
            if held[at] == wanted[0] and held[at : at + len(wanted)] == wanted:
                pairs = zip(asked, written[at : at + len(wanted)], strict=True)
                if not capitals or all(_capital(one, other, alone=len(asked) == 1) for one, other in pairs):
                    return True
    return False


def acronym(word: str) -> bool:
    """Whether a word is written in capitals: it is never what the same word is in small letters."""
    return len(word) > 1 and word.isupper()


def _capital(asked: str, held: str, *, alone: bool) -> bool:
    """Whether a word has the capitals it is asked for with: IT is not "It", but NATO may be "Nato"."""
    if not asked[0].isupper():
        return True
    if alone and acronym(asked) and (len(asked) <= 3 or asked.lower() in keywords.STOPWORDS):
        return held.isupper()
    return held[0].isupper()


def _written(text: str) -> list[str]:
    """The words and signs of a text in order, as `index.keywords.words`, but with their capitals, `O'Brien` and `C++`
    whole, `5%` in two and `&` as "and"."""
    plain = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c)).replace("’", "'")
    plain = _PERCENT.sub("%", _ELISION.sub("", _POSSESSIVE.sub("", plain)))
    found = (match.group() for match in _WRITTEN.finditer(plain))
    return [
        "and" if word == "&" else word.replace(",", "") if word[0].isdigit() else word.replace(".", "")
        for word in found
    ]


@lru_cache(maxsize=65536)
def _base(word: str) -> str:
    """A word in small letters without its inflection, much as step 1 of Porter (1980): bodies, body; stopped, stop."""
    base = re.sub(r"(?<=[^\W\d_]{3})(?:ies|ied)$", "y", word.lower())
    base = re.sub(r"(?<=[^\W\d_]{3})(?:ing|ed|es|e|(?<!s)s)$", "", base)
    return re.sub(r"([bdfgklmnprt])\1$", r"\1", base)
