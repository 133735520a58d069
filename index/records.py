"""One article's fields, as JSON, a CSV row or an API body spells them, become a `Record`."""

import json
import math
import re
import unicodedata
from collections.abc import Mapping
from itertools import islice

from index.errors import InputError
from index.types import Record

LONGEST_TEXT = 2_000_000
"""Characters of one article. A long novel has about a million; what is longer is a dump of many articles."""

LONGEST_KEY = 500

NAMES = {
    "id": ("id", "_id", "articleid", "guid", "uuid"),
    "title": ("title", "headline", "articletitle", "heading"),
    "text": (
        *("text", "body", "content", "articlebody", "maintext", "fulltext", "bodytext", "articletext"),
        *("contenttext", "contenthtml", "bodyhtml", "html", "article", "story"),
    ),
    "author": ("author", "authors", "byline", "creator", "dc:creator", "writer", "writers"),
    "publisher": ("publisher", "source", "site", "sitename", "outlet", "publication", "sourcename", "newspaper"),
    "published": (
        *("publishedat", "published", "datepublished", "pubdate", "publishdate", "publicationdate", "datepublish"),
        *("dateofpublication", "publishedon", "publisheddate", "publishedtime", "publishtime", "date"),
    ),
    "date_source": ("datesource",),
    "url": ("url", "link", "permalink", "canonicalurl", "articleurl", "weburl", "sourceurl"),
    "language": ("language", "lang", "languagecode", "locale"),
}
"""The spellings that are understood, lower-case and without `_`, `-` and blanks; the first that says something wins."""

HALF = re.compile("[\ud800-\udfff]")
HTML_START = re.compile(
    r"\s*<(?:!doctype|!--|/?(?:html|head|body|p|div|h[1-6]|article|section|ul|ol|figure|br|span|a|b|strong|em|i|img|"
    r"blockquote|table|main|header)\b)",
    re.IGNORECASE,
)
HTML_INSIDE = re.compile(r"</(?:p|div|li|h[1-6])>|<br ?/?>", re.IGNORECASE)


def record(fields: Mapping[str, object], *, origin: str | None, fallback_key: str | None) -> Record:
    """The record that `fields` describe. Only the text is required; names are matched whatever their case.

    `fallback_key` names the article when the fields give neither an id nor a URL.
    Raises InputError with one sentence that says which field is wrong and what it should be.
    """
    given = {_bare(name): (printable(str(name)), value) for name, value in fields.items() if not _says_nothing(value)}
    found = {field: next((given[n] for n in names if n in given), None) for field, names in NAMES.items()}
    if (body := found.pop("text")) is None:
        named = ", ".join(str(name)[:40] for name in islice(fields, 12)) or "none"
        raise InputError(f"It has no text: give it as 'text', 'body' or 'content'; its fields are {printable(named)}.")
    text_name, text = body
    if not isinstance(text, str):
        raise InputError(f"Its {text_name} is {_kind(text)}, not a string.")
    checked_text(text)
    value = {field: _string(*named, people=field in ("author", "publisher")) for field, named in found.items() if named}
    url = value.get("url")
    if any(HALF.search(said) for said in (text, *value.values())):
        raise InputError("It holds half characters (lone surrogates), which are no text: write it in UTF-8.")
    return Record(
        key=checked_key(value.get("id") or url or fallback_key or ""),
        text=text,
        format=_format(text, given.get("format", ("", None))[1], _bare(text_name)),
        title=value.get("title"),
        author=value.get("author"),
        publisher=value.get("publisher"),
        published=value.get("published"),
        date_source=value.get("date_source") if "published" in value else None,
        url=url,
        language=value.get("language"),
        origin=origin,
    )


def checked_key(key: str) -> str:
    """`key` without blanks around it. Raises InputError when it cannot name an article: it ends up in URLs."""
    key = key.strip()
    if not key:
        raise InputError("It has no id: give it an 'id' or a 'url'.")
    if len(key) > LONGEST_KEY:
        raise InputError(f"Its id has {len(key)} characters, and {LONGEST_KEY} is the most: {printable(key[:60])}…")
    if any(unicodedata.category(character) in ("Cc", "Cs", "Zl", "Zp") for character in key):
        raise InputError("Its id (or file name, when it has no id) has control or undecodable characters: rename it.")
    return key


def checked_text(text: str) -> str:
    """`text`, unless it is too long for one article. Raises InputError."""
    if len(text) > LONGEST_TEXT:
        raise InputError(f"Its text has {len(text):,} characters, and {LONGEST_TEXT:,} is the most: split it.")
    return text


def printable(text: str) -> str:
    """`text` on one line that a terminal can show: control, undecodable and direction characters escaped."""
    return "".join(
        character.encode("unicode_escape", "surrogatepass").decode()
        if unicodedata.category(character) in ("Cc", "Cs", "Zl", "Zp", "Cf")
        else character
        for character in text
    )


def looks_like_html(text: str) -> bool:
    """Whether `text` is marked up: it starts with a tag, or ends its paragraphs and lines with tags."""
    if HTML_START.match(text):
        return True
    ends = list(islice(HTML_INSIDE.finditer(text), 2))
    return len(ends) == 2 and "\n\n" not in text and "](" not in text


def _bare(name: object) -> str:
    return re.sub(r"[\s_-]+", "", str(name).removeprefix("\ufeff")).lower() or str(name)


def _says_nothing(value: object) -> bool:
    return value is None or (isinstance(value, str) and not value.strip()) or value in ([], {})


def _format(text: str, claimed: object, name: str) -> str:
    if claimed in ("text", "markdown", "html"):
        return str(claimed)
    return "html" if name.endswith("html") or looks_like_html(text) else "text"


def _string(name: str, value: object, *, people: bool) -> str:
    """A short field as a string. Names of people and publishers may be lists, or objects with a name."""
    if people:
        if isinstance(value, list):
            return ", ".join(_string(name, item, people=not isinstance(item, list)) for item in value if item)
        if isinstance(value, Mapping):
            value = next((value[key] for key in ("name", "title", "id") if value.get(key)), value)
    if isinstance(value, float) and not math.isfinite(value):
        raise InputError(f"Its {name} is {value}, not a string.")
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, int | float) and not isinstance(value, bool):
        return json.dumps(value)
    raise InputError(f"Its {name} is {_kind(value)}, not a string.")


def _kind(value: object) -> str:
    match value:
        case bool():
            return "true or false"
        case int() | float():
            return "a number"
        case list():
            return "a list"
        case Mapping():
            return "an object"
    return f"a {type(value).__name__}"
