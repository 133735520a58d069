"""RSS and Atom: what a feed lists. The only module that imports feedparser."""

import hashlib
import io
import re
from dataclasses import dataclass
from typing import Any

from index.errors import InputError
from index.paragraphs import unescaped
from index.publication import says_a_day
from index.web import FEED, Reply

MOST_TAGS = 200_000
"""feedparser takes 30 s for a million tags; a feed of fifty whole articles has 20,000."""

ROOT = re.compile(
    rb"\A(?:\xef\xbb\xbf|\xff\xfe|\xfe\xff)?\s*"
    rb"(?:<\?(?:(?!\?>).)*\?>\s*|<!--(?:(?!-->).)*-->\s*|<!DOCTYPE[^>\[]*(?:\[[^\]]*\]\s*)?>\s*)*<(?:\w+:)?(?:rss|feed|RDF)[\s>]",
    re.DOTALL | re.IGNORECASE,
)
"""The first tag of a feed. What may stand before it is matched in one way only, or a hostile page could hang us."""

MAILED = re.compile(r"\S+@\S+(?: \((.+)\))?|(.+) \(\S+@\S+\)")
"""feedparser takes these apart too, but for top-level domains of up to four letters only."""
LONGEST_AUTHOR = 500
"""What is longer is nobody's name, and MAILED would take quadratic time for it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A page that a feed lists, and what it says about it. `digest` changes when any of that does.

    `link` is empty where the feed gives none.
    """

    link: str
    title: str | None
    author: str | None
    published: str | None
    updated: str | None
    digest: str


def is_feed(reply: Reply) -> bool:
    """Whether a reply is a feed, by what it is called or by how it starts; a page that only names one is none."""
    return reply.media in FEED or ROOT.match(reply.body[:4096].replace(b"\0", b"")) is not None


def entries(reply: Reply) -> list[Entry]:
    """The pages that a feed lists, each once, in its order. Raises InputError when it is no feed that can be read."""
    import feedparser

    if reply.body.count(b"<") > MOST_TAGS:
        raise InputError(f"It has over {MOST_TAGS:,} tags, more than a feed of articles.")
    charset = f"; charset={reply.charset}" if reply.charset else ""
    headers = {"content-type": f"application/xml{charset}", "content-location": reply.url}
    try:
        # A stream, because bytes that happen to be a file's name would be read from that file.
        found = feedparser.parse(
            io.BytesIO(reply.body), response_headers=headers, sanitize_html=False, resolve_relative_uris=False
        )
    except Exception as error:  # a damaged feed makes the parser raise nearly anything
        raise InputError(f"It is not a feed that can be read ({type(error).__name__}).") from error
    if not found.entries and (found.bozo or not found.get("version")):
        raise InputError("It is not a feed that can be read: it holds no entries and is damaged, or something else.")
    made: dict[str, Entry] = {}
    for entry in map(_entry, found.entries):
        made.setdefault(entry.link or entry.digest, entry)
    return list(made.values())


def _entry(item: Any) -> Entry:
    # `in` first: feedparser gives `published` for an `updated` that is not there, with a warning.
    said = {name: str(item[name]) for name in ("published", "created", "updated") if name in item}
    title, author = item.get("title"), item.get("author")
    told = "\0".join(str(part) for part in (item.get("id"), title, author, item.get("summary"), *said.values()))
    return Entry(
        link=item.get("link", "").strip(),
        title=_plain(title),
        author=_name(_plain(author)),
        published=next((said[name] for name in ("published", "created") if says_a_day(said.get(name, ""))), None),
        updated=said.get("updated"),
        digest=hashlib.sha256(told.encode("utf-8", "replace")).hexdigest()[:16],
    )


def _name(author: str | None) -> str | None:
    """An author without the e-mail address that RSS wants for one."""
    found = MAILED.fullmatch(author) if author and len(author) <= LONGEST_AUTHOR else None
    return next(filter(None, found.groups()), None) if found else author


def _plain(text: str | None) -> str | None:
    """A title on one line, without the tags that some feeds put into it."""
    return " ".join(unescaped(re.sub(r"<[^<>]*>", " ", text or "")).split()) or None
