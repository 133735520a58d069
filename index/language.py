"""Which language an article or a question is in, as an ISO 639-1 code ("de"); None where that is not known."""

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from index.types import Article

if TYPE_CHECKING:
    from py3langid.langid import LanguageIdentifier

ENGLISH = "en"
SHORT = 80
"""Characters below which nothing is told from a text: "Police in Łódź arrested Krzysztof Wiśniewski." looks Polish."""
FEWEST_SIGNS = 40
"""The same for letters that say more: all pieces with so many of them, of up to 79 characters, out of 39 texts in
Chinese, Japanese and Korean, were told rightly, and those with 20 too. But 18 English, German and French sentences with
names in such letters have up to 17, and one was taken for Japanese: 40 of 79 are most of a text."""
SIGNS = re.compile("[\u1100-\u11ff\u3041-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3]")
SPEAKING = re.compile("[\u1100-\u11ff\u3041-\u30ff\uac00-\ud7a3这们为说对时从个发现进还没问过让你她這們沒說對會來將與]")
"""Letters that only one of the three has. Ten of ten Japanese headlines without any were taken for Chinese."""
SURE = 0.9
"""What is less probable is not known. Of the 2,310 articles of squad2, onestopqa, clapnq and mtrag, which are English,
2,257 are then known to be, 52 lists and tables are not known, and one, a list in Spanish, is Spanish. Of 1,380 texts of
60 to 1,000 characters in 23 languages none is taken for another one so surely; of 60 characters 29 are less surely."""
CERTAIN = 0.99
LONG = 200
"""A text of so many characters that is so probably in a language is in it, whatever its source claims: templates say
lang="en" around German articles. Of those texts, none of 200 characters is ever taken for another language."""
OWN_NAMES = (
    "ar bg bn ca cs da de el es et eu fa fi fr ga gl he hi hr hu hy id is it ja ko lt lv mk ms nb nl nn no pl pt ro ru "
    "sk sl sq sr sv ta th tr uk ur vi zh"
).split()
"""Languages whose own names are known. For these, babel takes 0.25 s and 48 MB, for all of its 159 twice that."""
READ = 1000
"""Characters of a text that are looked at, behind the title."""


def language_of(article: Article) -> str | None:
    """The language of an article: the one that `article.language` claims, unless its text is certainly in another; else
    the text's."""
    text = f"{article.title}\n{article.text[:READ]}"
    said = code(article.language)
    if _is_short(text):
        return said
    found, probability = _detected(text)
    if said is None:
        return found if probability >= SURE else None
    return found if probability >= CERTAIN and len(text) >= LONG else said


def code(claimed: str | None) -> str | None:
    """The code that a claim means: "de-DE", "deu", "German" and "Deutsch" mean "de", "English (US)" means "en"; None
    when it means none.
    """
    if not claimed:
        return None
    from babel import Locale  # takes 50 ms
    from babel.core import get_global

    said = claimed.strip().lower()
    tag = re.split("[-_.,; ]", said)[0]
    tag = str(get_global("language_aliases").get(tag, tag))
    if len(tag) == 2 and tag in Locale("en").languages:
        return tag
    names = _names()
    return names.get(said) or names.get(re.sub(r"\s*[(（][^()（）]+[)）]$", "", said))


@lru_cache(maxsize=1)
def _names() -> dict[str, str]:
    """The codes of languages by what they are called in English and in themselves, in lower case."""
    from babel import Locale

    called = [(known, name) for own in OWN_NAMES for known, name in Locale(own).languages.items() if known[:2] == own]
    called += Locale("en").languages.items()
    codes = ((name.lower(), known.split("_")[0]) for known, name in called)  # "zh_Hans" is a language of its own
    return {name: language for name, language in codes if len(language) == 2}


@lru_cache(maxsize=256)
def name(language: str) -> str:
    """The English name of a language, such as "german" or "norwegian", by which stemmers and stop words go."""
    from babel import Locale

    return str(Locale("en").languages.get(language, language)).split()[0].lower()


def _is_short(text: str) -> bool:
    """Whether a text is too short to tell its language from it."""
    return len(text) < SHORT and not (len(SIGNS.findall(text)) >= FEWEST_SIGNS and SPEAKING.search(text))


def _detected(text: str) -> tuple[str, float]:
    """The most probable language of a text, of those that have a code, and how probable it is, 0 to 1."""
    language, probability = _identifier().classify(text)
    return str(language), float(probability)


@lru_cache(maxsize=1)
def _identifier() -> "LanguageIdentifier":
    from py3langid.langid import MODEL_FILE, LanguageIdentifier  # with its model it takes a second and 100 MB

    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    identifier.set_languages([label for label in identifier.labels if len(label) == 2])
    return identifier
