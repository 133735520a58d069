"""What a web page claims about itself: its address, its day, its headline and who wrote it."""

import json
import re
from collections import deque
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import SplitResult, urlsplit

from index.around import bare
from index.byline import dated, signed
from index.paragraphs import unescaped
from index.publication import in_url, says_a_day

if TYPE_CHECKING:
    from lxml.html import HtmlElement  # type: ignore[import-untyped]

JSON_LD = "//script[@type='application/ld+json']"
MOST_CLAIMS = 10_000
"""Items of a page's JSON-LD that are looked at."""
MOST_NAMES = 100
SHARED = 0.5
"""The share of the shorter headline's words that the page's and an item's have in common at least, if they are one."""
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
MODIFIED = "//meta[contains(@property, 'modified_time')]/@content | //time[@itemprop='dateModified']/@datetime"
NO_ARTICLE = {"VideoObject", "ImageObject", "AudioObject", "Comment", "Review", "ItemList", "Person", "Organization"}
ABOVE, UNDER = 4, 12
"""Lines above and under a page's headline in which its byline is looked for: standfirst and buttons are there too."""
NOBODY = re.compile(r"user ?name|admin(?:istrator)?|web ?master|guest|editor|author|anonymous", re.IGNORECASE)
"""What blogs and templates have for an author when nobody is named."""
SEPARATOR = r"\s+(?:[-–—|•·»:]|::)\s+"


def own_url(tree: "HtmlElement", at: str | None) -> str | None:
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


def date(
    tree: "HtmlElement", items: Sequence[dict[str, Any]], url: str | None, near: Sequence[str]
) -> tuple[str | None, str | None]:
    """Where the page says when it was published, and what it says there; `items` are of its JSON-LD, `near` are the
    lines at its headline.

    The first claim, in the order of `index.certainty.SOURCES`, that says a day; else the first one.
    """
    said = [("json-ld", day) for item in items if isinstance(day := item.get("datePublished"), str)]
    said += [("microdata", value) for value in _microdata(tree)]
    said += [("meta", value) for value in _meta(tree)]
    said += [("url", day) for day in [in_url(url or "")] if day]
    days = [day for line in near for day in dated(line) or () if day.labelled]
    said += [("byline", day.value) for day in days if not day.updated]
    said += [("time tag", value) for value in _time_tag(tree)]
    said += [("update", day.value) for day in days if day.updated]
    said += [("update", value) for value in tree.xpath(MODIFIED)]
    readable = (claim for claim in said if says_a_day(claim[1]))
    return next(readable, said[0] if said else (None, None))


def json_ld(tree: "HtmlElement") -> list[dict[str, Any]]:
    """What the page's JSON-LD says of articles, then of the page and of what has no type."""
    found: list[tuple[bool, dict[str, Any]]] = []
    looked = 0
    for script in tree.xpath(JSON_LD):
        try:
            queue = deque([json.loads(script.text or "null", strict=False)])
        except (ValueError, RecursionError):
            continue
        while queue and looked < MOST_CLAIMS:
            item = queue.popleft()
            looked += 1
            if isinstance(item, list):
                queue.extend(item[:MOST_CLAIMS])
            elif isinstance(item, dict) and not _kinds(item) & NO_ARTICLE:
                found.append((not _is_article(item), item))
                queue.extend(item[key] for key in ("@graph", "mainEntity", "mainEntityOfPage") if key in item)
    return [item for _, item in sorted(found, key=lambda claim: claim[0])]


def drop_json_ld(tree: "HtmlElement") -> None:
    """Take the page's JSON-LD out of it."""
    for script in tree.xpath(JSON_LD):
        script.drop_tree()


def of_this_page(items: Sequence[dict[str, Any]], title: str | None) -> list[dict[str, Any]]:
    """The page's JSON-LD without what describes other articles: that whose headline has few words of the page's. Those
    with its very headline come first.
    """
    wanted = set(bare(title or "").split())
    kept = []
    for item in items:
        headline = next((text for name in ("headline", "name") if isinstance(text := item.get(name), str)), None)
        words = set(bare(headline or "").split())
        is_told = _is_article(item) or not _kinds(item)
        if (
            not is_told
            or headline is None
            or not wanted
            or len(words & wanted) >= SHARED * min(len(words), len(wanted))
        ):
            kept.append((words != wanted, item))
    return [item for _, item in sorted(kept, key=lambda entry: entry[0])]


def own_article(items: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Of what describes the page, the first that describes an article; without a type, the first that has a headline or
    a day; an empty one where there is none.
    """
    untyped = (item for item in items if not _kinds(item) and item.keys() & {"headline", "datePublished"})
    return next(filter(_is_article, items), next(untyped, {}))


def _kinds(item: dict[str, Any]) -> set[str]:
    kind = item.get("@type")
    return set(map(str, kind if isinstance(kind, list) else [kind] if kind else []))


def _is_article(item: dict[str, Any]) -> bool:
    return any(kind.endswith(("Article", "BlogPosting", "MediaPosting", "Report")) for kind in _kinds(item))


def _names(said: object) -> list[str]:
    """The names in what JSON-LD has for somebody: a text, an object with a name, or a list of these."""
    every = said if isinstance(said, list) else [said]
    named = [one.get("name") if isinstance(one, dict) else one for one in every[:MOST_NAMES]]
    texts = [" ".join(unescaped(name).split()) for name in named if isinstance(name, str)]
    return [name for name in texts if name and not name.startswith(("http:", "https:"))]


def _meta(tree: "HtmlElement") -> list[str]:
    said: dict[str, str] = {}
    for tag in tree.xpath("//meta[@content]"):
        name = tag.get("property") or tag.get("name") or tag.get("itemprop") or ""
        said.setdefault(name.strip().lower(), tag.get("content").strip())
    return [said[name] for name in PUBLISHED_META if said.get(name)]


def _microdata(tree: "HtmlElement") -> list[str]:
    """What a `<time>` says that is marked as the publication's."""
    marked = "//time[@pubdate or contains(translate(@itemprop, 'P', 'p'), 'published')]/@datetime"
    return [str(value) for value in tree.xpath(marked) if value.strip()][:1]


def _time_tag(tree: "HtmlElement") -> list[str]:
    """The first `<time>` in the article, else the only one of the page, those of an update left out."""
    kept = (
        "[not(contains(@itemprop, 'odified') or (contains(@class, 'updated') and not(contains(@class, 'published'))))]"
    )
    for path in (f"(//article//time{kept}/@datetime)[1]", f"(//main//time{kept}/@datetime)[1]"):
        if values := [str(value) for value in tree.xpath(path) if value.strip()]:
            return values
    values = sorted({str(value) for value in tree.xpath(f"//time{kept}/@datetime")})
    return values if len(values) == 1 else []


def headline(tree: "HtmlElement", title: str | None) -> str | None:
    """`title` without its site's name, as a heading of the page shows; that heading which alone the page's title names.

    The page's title is what its tab is called; `title` may come from elsewhere, such as a tag for those who share it.
    """
    if not title:
        return None
    headings = [text for text in _headings(tree, "//h1 | //h2") if len(text) >= 10]
    whole = [text for text in headings if text != title and text in title and _is_site(*title.split(text, 1))]
    named = bare(tree.findtext(".//title") or "")
    if not whole and bare(title) not in {named, *map(bare, headings)} and bare(title) not in named:
        whole = [text for text in headings if len(text.split()) > 2 and bare(text) in named]
    return max(whole, key=len, default=title)


def _is_site(before: str, behind: str) -> bool:
    """Whether what stands before and behind a headline in a title is no part of it."""
    return re.fullmatch(rf"(?:.{{2,60}}{SEPARATOR})?", before) is not None and (
        re.fullmatch(rf"(?:{SEPARATOR}.{{2,60}})?", behind) is not None
    )


def at_headline(lines: Sequence[str], tree: "HtmlElement", title: str | None) -> tuple[list[str], list[str]]:
    """The page's lines close above and under its title or a main heading that its title names, wherever they are."""
    wanted = {bare(title or "")} - {""}
    named = bare(tree.findtext(".//title") or "")
    wanted |= {text for text in map(bare, _headings(tree, "//h1")) if len(text.split()) > 2 and text in named}
    at = [n for n, line in enumerate(lines) if len(line) <= 500 and bare(line) in wanted][:5]
    above = [line for n in at for line in lines[max(0, n - ABOVE) : n]]
    return above, [line for n in at for line in lines[n + 1 : n + 1 + UNDER]]


def _headings(tree: "HtmlElement", path: str) -> list[str]:
    return [" ".join(tag.text_content().split()) for tag in tree.xpath(path)[:50]]


def publisher(found: str | None, url: str | None, own: dict[str, Any]) -> str | None:
    """The site's name as trafilatura finds it; before its mere address, the publisher in the article's own JSON-LD."""
    is_address = found is not None and re.search(rf"//(?:[\w-]+\.)?{re.escape(found)}(?:/|$)", url or "")
    named = _names(own.get("publisher"))
    return named[0] if named and (not found or is_address) else found or None


def author(found: str | None, own: dict[str, Any], site: str | None, under: Sequence[str]) -> str | None:
    """The people in `found`, as trafilatura lists them, without the site and placeholders; else those in the article's
    own JSON-LD; else whom a byline names.
    """
    said = own.get("author")
    persons = [one for one in (said if isinstance(said, list) else [said]) if not _is_organization(one)]
    names, own_names = (
        [name for name in dict.fromkeys(every) if name and not NOBODY.fullmatch(name)]
        for every in ((found or "").split("; "), _names(persons))
    )
    people, own_people = (
        [name for name in every if bare(name).replace(" ", "") not in bare(site or "").replace(" ", "")]
        for every in (names, own_names)
    )
    signs = (byline[0] for line in under if (byline := signed(line)) and byline[0])
    return "; ".join(people or names or own_people) or next(signs, None)


def _is_organization(said: object) -> bool:
    return isinstance(said, dict) and any(kind.endswith("Organization") for kind in _kinds(said))
