"""HTML becomes Markdown, and what a page says about itself becomes claims. Articles are found by trafilatura.

A whole page is searched for its article; a fragment, such as the body in a feed or an API, is an article already and
keeps all its text.
"""

import re
from dataclasses import replace
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING

from index import page_claims
from index.around import bare
from index.errors import InputError
from index.fragment import fragment, lines
from index.leftovers import is_wall, without_teasers
from index.publication import is_printed
from index.seen import as_seen, without_hidden
from index.types import Record

if TYPE_CHECKING:
    from lxml.html import HtmlElement  # type: ignore[import-untyped]

MOST_TAGS = 50_000
"""trafilatura took 20 s on 100,000 paragraphs and more than in proportion beyond; a long live blog has 20,000 tags."""

MOST_ATTRIBUTES = 1000
"""Of one tag. lxml and htmldate take quadratic time in them: 4 s together for 20,000."""
LONG_TAG = re.compile(r"<[a-zA-Z][^<>]{2000,}")
QUOTED = re.compile(r"\"[^\"]*\"|'[^']*'")

WHOLE = re.compile(r"<(?:!doctype\s+html|html|head|body)\b", re.IGNORECASE)
XML = re.compile(r"\A\s*<\?xml[^>]*>")
TAG = re.compile(r"<[a-zA-Z]")


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
    as_seen(tree)
    if not WHOLE.search(record.text[:5000]):
        without_hidden(tree)
        return replace(record, text=fragment(tree), format="markdown")
    return _whole(record, tree, at)


def _whole(record: Record, tree: "HtmlElement", at: str | None) -> Record:
    """The article in a page with everything around it, and the page's claims about it."""
    import trafilatura

    url = record.url or page_claims.own_url(tree, at) or at
    said, links = lines(tree), {bare(link.text_content()) for link in tree.iter("a") if link.get("href")}
    language = tree.get("lang") or tree.get("{http://www.w3.org/XML/1998/namespace}lang")
    described = partial(
        trafilatura.extract_metadata,
        default_url=url,
        date_config={"extensive_search": False, "original_date": True},
        extensive=False,
    )
    found = described(tree)
    title = page_claims.headline(tree, found.title or None)
    above, under = page_claims.at_headline(said, tree, title)
    every = page_claims.json_ld(tree)
    items = page_claims.of_this_page(every, title)
    if len(items) < len(every):  # it takes authors and publishers from what is said of other articles too
        page_claims.drop_json_ld(tree)
        found = described(tree)
    source, published = page_claims.date(tree, items, url, above + under)
    own = page_claims.own_article(items)
    publisher = page_claims.publisher(found.sitename, found.url, own)
    without_hidden(tree)  # only now: what a page claims about itself is often hidden
    text = trafilatura.extract(tree, url=url, output_format="markdown", include_comments=False)
    if not text or not text.strip():
        raise InputError("No article was found in the page: save its text as .txt if there is one.")
    if is_wall(text):
        raise InputError("It asks for a click, a login or JavaScript and holds no article: save the page in a browser.")
    if published is None and found.date and is_printed(found.date, "\n".join(under)):
        source, published = "page", found.date
    return replace(
        record,
        text=without_teasers(text, links),
        format="markdown",
        title=record.title or title,
        author=record.author or page_claims.author(found.author, own, publisher, under),
        publisher=record.publisher or publisher,
        published=record.published or published,
        date_source=record.date_source if record.published else source,
        url=url,
        language=record.language or language or found.language or None,
    )


def _attributes(tag: str) -> int:
    """About how many attributes a tag has."""
    bare = QUOTED.sub("", tag)
    return max(len(bare.split()), bare.count("="))
