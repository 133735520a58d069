"""Where an article's date was found, and how sure it therefore is."""

from typing import Literal

Certainty = Literal["stated", "implied", "inferred"]
SOURCES: dict[str, Certainty] = {
    "record": "stated",  # a field of what was added
    "header": "stated",  # front matter, or a line "Date: …" at the top of a text
    "json-ld": "stated",  # schema.org's datePublished
    "microdata": "stated",  # a time tag marked as publication
    "meta": "stated",  # a meta tag for it, such as article:published_time
    "url": "implied",
    "feed": "stated",
    "byline": "stated",  # a line under the headline
    "time tag": "implied",  # one that is not marked
    "update": "implied",  # a byline or a feed that gives no other day than that of a change
    "text": "inferred",
    "page": "inferred",  # htmldate's guess, if it stands under the headline
}
"""Where a date can be found, the first that counts first, and how sure it is to be that of publication."""
FIRM = ("record", "header", "json-ld", "microdata", "meta", "url", "feed", "byline")
"""Sources that should agree."""


def certainty(source: str | None) -> Certainty | None:
    """How sure a date is, by where it was found; a source that came with the article counts as its own statement."""
    return SOURCES.get(source, "stated") if source else None


def rank(source: str | None) -> int:
    """0 for the source that counts most, more for the others."""
    return [*SOURCES].index(source) if source in SOURCES else 0


def is_plain(source: str) -> bool:
    """Whether a source says the day of publication in a field for it: it can be no other day that a text speaks of."""
    return certainty(source) == "stated" and source != "byline"
