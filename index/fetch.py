"""Addresses on the web become records: pages, and all pages that a feed lists, one at a time.

What a page says about itself is read as it is from a saved page; what it doesn't say, its feed may.

| The address that a page gives for itself | The key of its article |
|---|---|
| none, or one of another host or port | the address that it was fetched from |
| one of the same site | the address that it gives |
| the same, but another page was fetched from there | the address that it was fetched from: it replaces no other |
"""

import math
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, replace

from index import isolated
from index.certainty import rank
from index.decode import decode
from index.errors import InputError
from index.feed import Entry, is_feed
from index.fetched import Fetched, Mark
from index.page import WHOLE
from index.publication import says_a_day
from index.records import checked_key, checked_text, looks_like_html, printable
from index.types import Record, Skip
from index.web import HTML, PDF, TEXT, Reply, Web, address

MOST_ENTRIES = 1000
"""Pages of one feed. The longest that newspapers serve list some hundred."""

ADDRESS = re.compile(r"[a-z][a-z0-9+.-]*://", re.IGNORECASE)


def is_address(source: str) -> bool:
    """Whether a source is an address on the web and not a path."""
    return ADDRESS.match(source) is not None


def fetch(
    urls: Iterable[str],
    *,
    seen: Fetched,
    web: Web,
    again: bool = False,
    passed: Callable[[], None] = lambda: None,
) -> Iterator[Record | Skip]:
    """The articles at `urls`, lazily: pages, plain texts and PDFs, and what the feeds among them list.

    What cannot be fetched yields one Skip each and never raises. What `seen` knows and has not changed is passed over;
    a page among `urls` only when looking `again`, since who names one for the first time may have removed its article.
    When the index has taken the records, tell `seen.accept`. Of pages that were asked for and passed over, which yield
    nothing, `passed` is told; what it raises comes out.
    """
    for url in dict.fromkeys(urls):
        try:
            source = str(address(url))
            known = seen.mark(source, source) if again or seen.is_feed(source) else Mark()
            reply = web.get(source, etag=known.etag, modified=known.modified)
            if reply is None:
                seen.source_unchanged(source)
                passed()
            elif is_feed(reply):
                yield from _feed(source, reply, seen, web, passed)
            else:
                found = _owned(article(reply), reply, seen)
                seen.handed_out(source, source, _mark(reply), key=found.key)
                yield found
        except InputError as error:
            yield _skip(url, error)


def article(reply: Reply) -> Record:
    """The article in a page, a PDF or a plain text. Raises InputError when there is none."""
    if reply.media in PDF or reply.body.startswith(b"%PDF-"):
        found = replace(isolated.pdf(reply.body, key=reply.url), origin=None, url=reply.url)
    else:
        found = _written(reply)
    checked_text(found.text)
    # Half characters, which a page's JSON can spell, could not be handed on to a server or written anywhere.
    whole = {name: said.encode("utf-8", "replace").decode() for name, said in asdict(found).items() if said}
    return replace(found, **{**whole, "key": checked_key(whole.get("url", reply.url))})


def _owned(record: Record, reply: Reply, seen: Fetched) -> Record:
    """`record`, under the address it was fetched from if another page was fetched from the one that it claims."""
    if record.url == reply.url or not seen.was_read_at(record.key):
        return record
    return replace(record, key=checked_key(reply.url), url=reply.url)


def _written(reply: Reply) -> Record:
    text = decode(reply.body, charset=reply.charset)
    raw = Record(key=reply.url, text=text, url=reply.url)
    if reply.media in TEXT:
        return replace(raw, format="markdown" if reply.media.endswith("markdown") else "text")
    if reply.media in HTML or WHOLE.search(text[:5000]) or looks_like_html(text):
        return isolated.page(replace(raw, format="html", url=None), at=reply.url)
    raise InputError("It is neither a web page, a plain text, a PDF nor a feed.")


def _feed(source: str, reply: Reply, seen: Fetched, web: Web, passed: Callable[[], None]) -> Iterator[Record | Skip]:
    found = isolated.feed(reply)
    if len(found) > MOST_ENTRIES:
        yield Skip(printable(source), f"It lists {len(found):,} articles; only the first {MOST_ENTRIES:,} are read.")
    for entry in found[:MOST_ENTRIES]:
        if not entry.link:
            yield Skip(printable(source), printable(f"What it lists as {entry.title!r} has no link to fetch."))
            continue
        known = seen.mark(source, entry.link)
        if known.listed == entry.digest:
            seen.passed_over(source, entry.link, known)
            continue
        try:
            page = web.get(entry.link, etag=known.etag, modified=known.modified)
            if page is None:
                seen.passed_over(source, entry.link, replace(known, listed=entry.digest))
                passed()
                continue
            if is_feed(page):
                raise InputError("It is a feed that another feed lists; add it by its own address.")
            made = _owned(_filled(article(page), entry), page, seen)
        except InputError as error:
            seen.failed(source)
            yield _skip(entry.link, error)
            continue
        seen.handed_out(source, entry.link, _mark(page, entry), key=made.key)
        yield made
    seen.listed(source, _mark(reply))


def _filled(record: Record, entry: Entry) -> Record:
    """`record` with what its feed says where its page doesn't; a date gives way to one that counts more."""
    known = rank(record.date_source) if record.published and says_a_day(record.published) else math.inf
    for said, source in ((entry.published, "feed"), (entry.updated, "update")):
        if said and says_a_day(said) and rank(source) < known:
            record = replace(record, published=said, date_source=source)
            break
    return replace(record, title=record.title or entry.title, author=record.author or entry.author)


def _mark(reply: Reply, entry: Entry | None = None) -> Mark:
    listed = entry.digest if entry else None
    return Mark(etag=reply.etag, modified=reply.modified, listed=listed, address=reply.url)


def _skip(url: str, error: InputError) -> Skip:
    named = re.sub(r"(?<=//)[^/@]*@", "", url)  # nobody's password is shown
    return Skip(printable(named), " ".join(printable(str(error)).split()))
