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
SURE = 0.9
"""What is less probable is not known. Of the 2,310 articles of squad2, onestopqa, clapnq and mtrag, which are English,
2,257 are then known to be, 52 lists and tables are not known, and one, a list in Spanish, is Spanish. Of 1,380 texts of
60 to 1,000 characters in 23 languages none is taken for another one so surely; of 60 characters 29 are less surely."""
CERTAIN = 0.99
LONG = 200
"""A text of so many characters that is so probably in a language is in it, whatever its source claims: templates say
lang="en" around German articles. Of those texts, none of 200 characters is ever taken for another language."""
READ = 1000
"""Characters of a text that are looked at, behind the title."""


def language_of(article: Article) -> str | None:
    """The language of an article: the one that `article.language` claims, unless its text is certainly in another; else
    the text's."""
    text = f"{article.title}\n{article.text[:READ]}"
    said = code(article.language)
    if len(text) < SHORT:
        return said
    found, probability = _detected(text)
    if said is None:
        return found if probability >= SURE else None
    return found if probability >= CERTAIN and len(text) >= LONG else said


def code(claimed: str | None) -> str | None:
    """The code that a claim means: "de-DE", "deu" and "German" mean "de"; None when it means none."""
    if not claimed:
        return None
    from babel import Locale  # takes 50 ms
    from babel.core import get_global

    names = Locale("en").languages
    said = claimed.strip().lower()
    tag = re.split("[-_.,; ]", said)[0]
    tag = get_global("language_aliases").get(tag, tag)
    named = next((known for known, name in names.items() if name.lower() == said), tag)
    return named if len(named) == 2 and named in names else None


@lru_cache(maxsize=256)
def name(language: str) -> str:
    """The English name of a language, such as "german" or "norwegian", by which stemmers and stop words go."""
    from babel import Locale

    return str(Locale("en").languages.get(language, language)).split()[0].lower()


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
