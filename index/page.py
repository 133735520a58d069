"""HTML becomes Markdown, and what a page says about itself becomes claims. The only module that imports trafilatura.

A whole page is searched for its article; a fragment, such as the body in a feed or an API, is an article already and
keeps all its text.
"""

import json
import re
from collections import deque
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, urlsplit

from index.errors import InputError
from index.publication import in_url, says_a_day
from index.types import Record

if TYPE_CHECKING:
    from lxml.html import HtmlElement  # type: ignore[import-untyped]

MOST_TAGS = 50_000
"""trafilatura took 20 s on 100,000 paragraphs and more than in proportion beyond; a long live blog has 20,000 tags."""

MOST_ATTRIBUTES = 1000
"""Of one tag. lxml and htmldate take quadratic time in them: 4 s together for 20,000."""
LONG_TAG = re.compile(r"<[a-zA-Z][^<>]{2000,}")
QUOTED = re.compile(r"\"[^\"]*\"|'[^']*'")
MOST_CLAIMS = 10_000
"""Items of a page's JSON-LD that are looked at."""

WHOLE = re.compile(r"<(?:!doctype\s+html|html|head|body)\b", re.IGNORECASE)
XML = re.compile(r"\A\s*<\?xml[^>]*>")
TAG = re.compile(r"<[a-zA-Z]")
UNREAD = re.compile("script|style|noscript|template|svg|iframe|form|button|nav|figcaption|object|head")
BLOCK = re.compile(
    "p|div|article|section|main|header|footer|aside|[uod]l|d[td]|li|h[1-6]|blockquote|pre|figure|table|tr|hr|address"
)
HEADINGS = {f"h{n}": "#" * max(n, 2) + " " for n in range(1, 7)}
SPECIAL = re.compile(r"[\\`*_\[\]<>#|~&]|(?<![^\n])[-+=]|(?<=\d)[.)](?=\s)")
PUBLISHED_META = (
    *("article:published_time", "og:article:published_time", "og:published_time", "datepublished", "publishdate"),
    *(
        "publish-date",
        "publish_date",
        "pubdate",
        "pub_date",
        "publication_date",
        "parsely-pub-date",
        "article.published",
    ),
    *("sailthru.date", "citation_publication_date", "dc.date.issued", "dcterms.issued", "dc.date", "dcterms.date"),
    *("dcterms.created", "cxenseparse:recs:publishtime", "date"),
)
NO_ARTICLE = {"VideoObject", "ImageObject", "AudioObject", "Comment", "Review", "ItemList", "Person", "Organization"}


def as_markdown(record: Record, *, at: str | None = None) -> Record:
    """`record` with its HTML as Markdown; where it is silent, what the page claims about itself.

    `at` is the address that a page was fetched from; another one that it gives as its own counts on the same site only.
    Raises InputError when the page holds no article, or is too big to be one.
    """
    from lxml.etree import LxmlError  # type: ignore[import-untyped]
    from lxml.html import HTMLParser, document_fromstring  # slow to import, as trafilatura is

    if next(islice(TAG.finditer(record.text), MOST_TAGS, None), None):
        raise InputError(f"Its HTML has over {MOST_TAGS:,} tags, more than an article: split it.")
    if any(_attributes(tag[0]) > MOST_ATTRIBUTES for tag in LONG_TAG.finditer(record.text)):
        raise InputError(f"One of its tags has over {MOST_ATTRIBUTES:,} attributes, which no article has.")
    parser = HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, huge_tree=True)
    try:
        # Encoded, because lxml refuses text whose XML declaration names an encoding.
        tree = document_fromstring(XML.sub("", record.text).encode("utf-8", "replace"), parser=parser)
    except (LxmlError, ValueError) as error:
        raise InputError("Its HTML has no content.") from error
    if any("depth" in entry.message for entry in parser.error_log):  # what is deeper was cut off
        raise InputError("Its HTML is nested too deeply to be an article.")
    if not WHOLE.search(record.text[:5000]):
        return replace(record, text=_fragment(tree), format="markdown")
    return _whole(record, tree, at)


def _whole(record: Record, tree: "HtmlElement", at: str | None) -> Record:
    """The article in a page with everything around it, and the page's claims about it."""
    import trafilatura

    url = record.url or _own_url(tree, at) or at
    source, published = _date(tree, url)
    language = tree.get("lang") or tree.get("{http://www.w3.org/XML/1998/namespace}lang")
    found = trafilatura.extract_metadata(
        tree, default_url=url, date_config={"extensive_search": False, "original_date": True}, extensive=False
    )
    text = trafilatura.extract(tree, url=url, output_format="markdown", include_comments=False)
    if not text or not text.strip():
        raise InputError("No article was found in the page: save its text as .txt if there is one.")
    if published is None and found.date:
        source, published = "page", found.date
    return replace(
        record,
        text=text,
        format="markdown",
        title=record.title or found.title or None,
        author=record.author or "; ".join(dict.fromkeys((found.author or "").split("; "))) or None,
        publisher=record.publisher or found.sitename or None,
        published=record.published or published,
        date_source=record.date_source if record.published else source,
        url=url,
        language=record.language or language or found.language or None,
    )


def _attributes(tag: str) -> int:
    """About how many attributes a tag has."""
    bare = QUOTED.sub("", tag)
    return max(len(bare.split()), bare.count("="))


def _own_url(tree: "HtmlElement", at: str | None) -> str | None:
    """The page's address for itself, of the same site as `at`: its host, and its port or http beside https.

    A bare home page is none: templates put it on every page.
    """
    for path in ("//link[@rel='canonical']/@href", "//meta[@property='og:url']/@content"):
        for value in map(str, tree.xpath(path)):
            try:
                parts = urlsplit(value.strip())
                same_site = at is None or _site(parts) == _site(urlsplit(at))
            except ValueError:  # brackets, a port that is none, or characters that would turn into a slash
                continue
            named = parts.scheme in ("http", "https") and parts.netloc and "@" not in parts.netloc
            if named and same_site and (parts.path.strip("/") or parts.query):
                return value.strip()
    return None


def _site(parts: SplitResult) -> tuple[str | None, int | None]:
    """Host and port; the port is None where it is the one that its scheme has of itself."""
    usual = {"http": 80, "https": 443}.get(parts.scheme)
    return parts.hostname, None if parts.port == usual else parts.port


def _date(tree: "HtmlElement", url: str | None) -> tuple[str | None, str | None]:
    """Where the page says when it was published, and what it says there."""
    said = [("json-ld", value) for value in _json_ld(tree)]
    said += [("meta", value) for value in _meta(tree)]
    said += [("time tag", value) for value in _time_tag(tree)]
    said += [("url", day) for day in [in_url(url or "")] if day]
    readable = (claim for claim in said if says_a_day(claim[1]))
    return next(readable, said[0] if said else (None, None))


def _json_ld(tree: "HtmlElement") -> list[str]:
    """`datePublished` of the articles that the page's JSON-LD describes, then of the page itself."""
    found: list[tuple[bool, str]] = []
    looked = 0
    for script in tree.xpath("//script[@type='application/ld+json']"):
        try:
            queue = deque([json.loads(script.text or "null", strict=False)])
        except (ValueError, RecursionError):
            continue
        while queue and looked < MOST_CLAIMS:
            item = queue.popleft()
            looked += 1
            if isinstance(item, list):
                queue.extend(item[:MOST_CLAIMS])
            elif isinstance(item, dict):
                kind = item.get("@type")
                kinds = set(map(str, kind if isinstance(kind, list) else [kind]))
                if kinds & NO_ARTICLE:
                    continue
                if isinstance(value := item.get("datePublished"), str):
                    found.append((not any(kind.endswith(("Article", "Posting", "Report")) for kind in kinds), value))
                queue.extend(item[key] for key in ("@graph", "mainEntity", "mainEntityOfPage") if key in item)
    return [value for _, value in sorted(found, key=lambda claim: claim[0])]


def _meta(tree: "HtmlElement") -> list[str]:
    said: dict[str, str] = {}
    for tag in tree.xpath("//meta[@content]"):
        name = tag.get("property") or tag.get("name") or tag.get("itemprop") or ""
        said.setdefault(name.strip().lower(), tag.get("content").strip())
    return [said[name] for name in PUBLISHED_META if said.get(name)]


def _time_tag(tree: "HtmlElement") -> list[str]:
    """The `<time>` marked as publication, else the first in the article, else the only one of the page."""
    for path in (
        "//time[@pubdate or contains(translate(@itemprop, 'P', 'p'), 'published')]/@datetime",
        "(//article//time/@datetime)[1]",
        "(//main//time/@datetime)[1]",
    ):
        if values := [str(value) for value in tree.xpath(path) if value.strip()]:
            return values[:1]
    values = sorted({str(value) for value in tree.xpath("//time/@datetime")})
    return values if len(values) == 1 else []


def _fragment(tree: "HtmlElement") -> str:
    """All the text under `tree` as Markdown paragraphs, with what Markdown would read as marks escaped."""
    paragraphs: list[str] = [""]
    for mark, text in _pieces(tree):
        if mark is None:
            paragraphs[-1] += text
        else:
            paragraphs.append(mark)
    kept = (_escaped(paragraph) for paragraph in paragraphs)
    return "\n\n".join(paragraph for paragraph in kept if paragraph.strip("#- "))


def _pieces(tree: "HtmlElement") -> Iterator[tuple[str | None, str]]:
    """Text as (None, text); the start of a paragraph as (its Markdown mark, "")."""
    todo: list[tuple[HtmlElement, bool]] = [(tree, True)]  # not recursive: pages nest deeper than Python does
    while todo:
        element, opening = todo.pop()
        tag = element.tag if isinstance(element.tag, str) else "script"
        block = BLOCK.fullmatch(tag)
        if opening:
            if block:
                yield HEADINGS.get(tag, "- " if tag == "li" else ""), ""
            if UNREAD.fullmatch(tag):
                yield None, element.tail or ""
                continue
            yield None, " | " if tag in ("td", "th") and element.getprevious() is not None else ""
            yield None, "\n" if tag == "br" else element.text or ""
            todo.append((element, False))
            todo.extend((child, True) for child in reversed(element))
        else:
            if block:
                yield "", ""
            yield None, element.tail or ""


def _escaped(paragraph: str) -> str:
    mark = re.match(r"#+ |- |", paragraph)
    start = mark.end() if mark else 0
    words = " ".join(paragraph[start:].split())
    return paragraph[:start] + SPECIAL.sub(r"\\\g<0>", words) if words else ""
