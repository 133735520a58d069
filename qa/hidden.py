"""Names that a sentence hides in small letters, where the check of names would not see them."""

import re
from collections.abc import Callable

from index import keywords

_SMALL = re.compile(r"(?<![^\W_])[a-z]{4,}(?![^\W_])")
_WITHIN = re.compile(r"(?<=[a-z,;] )[A-Z][^\W\d_]+")
"""A capitalised word that does not begin a sentence."""


def hidden_names(sentence: str, passage: str, known: Callable[[str], bool]) -> set[str]:
    """The stems of a sentence's words in small letters that are names: the passage has them with a capital alone, or
    neither the passage nor the language has them.

    `known` says whether a word is one of the language.
    """
    held = set(keywords.analyse(passage))
    names = _stems(_WITHIN, passage) - _stems(_SMALL, passage)
    found = {word: keywords.stem(word) for word in _SMALL.findall(sentence) if word not in keywords.STOPWORDS}
    return {stem for word, stem in found.items() if stem in names or not (stem in held or known(word))}


def _stems(words: re.Pattern[str], text: str) -> set[str]:
    return {keywords.stem(word.lower()) for word in words.findall(text)}
