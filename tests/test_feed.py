"""Feeds: what they list is fetched, what they listed before is not, and nothing counts as done before it is indexed."""

import json
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from test_fetch import LONG, html
from tiny import NOW
from web_server import Handler, WebServer, page, redirect, web_server

from index import fetched, isolated
from index.build import add, version
from index.errors import InputError, StorageError
from index.feed import ROOT, _name, entries, is_feed
from index.fetch import fetch
from index.fetched import Fetched, Mark
from index.store import Index
from index.types import Record, Report, Skip
from index.web import Reply, Web

Open = Callable[..., Index]


def rss(*items: str, head: str = "") -> str:
    listed = "".join(f"<item>{item}</item>" for item in items)
    return f'<?xml version="1.0"?><rss version="2.0"><channel><title>News</title>{head}{listed}</channel></rss>'


def item(link: str, **said: str) -> str:
    return f"<link>{link}</link>" + "".join(f"<{name}>{value}</{name}>" for name, value in said.items())


ATOM = """<?xml version="1.0" encoding="utf-8"?><feed xmlns="http://www.w3.org/2005/Atom" xml:base="/blog/">
<title>Blog</title><id>urn:blog</id><updated>2026-03-05T00:00:00Z</updated>
<entry><title type="html">The &lt;b&gt;dam&lt;/b&gt; &amp;amp; us</title><id>urn:1</id>
<link href="one"/><link rel="self" href="x"/><author><name>Ann Roe</name></author>
<published>2026-03-04T09:00:00+01:00</published><updated>2026-03-05T00:00:00Z</updated></entry>
<entry><title>Two</title><id>urn:2</id><link rel="alternate" href="/two"/>
<updated>2026-03-06T00:00:00Z</updated></entry></feed>"""


@pytest.fixture
def site() -> Iterator[WebServer]:
    """A site with a feed of three pages, which names its versions."""
    with web_server() as server:
        for name in ("one", "two", "three"):
            server.pages[f"/{name}"] = page(html(f"{LONG * 3} This is page {name}."), etag=f'"{name}"')
        server.pages["/feed"] = feed(item("/one"), item("/two"), item("/three"), etag='"f1"')
        yield server


def feed(*items: str, **said: str) -> Callable[[Handler], None]:
    return page(rss(*items), "application/rss+xml", **said)


def reply(body: str | bytes, media: str = "application/rss+xml", url: str = "http://news.example/feed") -> Reply:
    content = body.encode() if isinstance(body, str) else body
    return Reply(url=url, media=media, charset=None, body=content, etag=None, modified=None)


def gathered(index: Index, *urls: str, again: bool = False, accept: bool = True) -> tuple[Report, Fetched]:
    """Fetch addresses into an index, as `ui.gather` does."""
    seen = Fetched(index.config.data, version=version(index))
    with Web(allow_private=True) as web:
        report = add(index, fetch(urls, seen=seen, web=web, again=again), now=NOW)
    if accept:
        seen.accept({*report.added, *report.changed, *report.unchanged}, version=version(index))
    return report, seen


# What a feed says


def test_a_feed_lists_links_made_whole_titles_made_plain_and_days_of_publication() -> None:
    one, two = entries(reply(ATOM, "application/atom+xml"))
    assert (one.link, one.title, one.author) == ("http://news.example/blog/one", "The dam & us", "Ann Roe")
    assert one.published == "2026-03-04T09:00:00+01:00"
    assert (two.link, two.title, two.author) == ("http://news.example/two", "Two", None)
    assert (two.published, two.updated) == (None, "2026-03-06T00:00:00Z")
    assert one.digest != two.digest
    (three,) = entries(
        reply(
            rss(item("a?b=1&amp;c=2", pubDate="Wed, 04 Mar 2026 09:00:00 GMT", author="jane@news.example (Jane Roe)"))
        )
    )
    assert (three.link, three.author) == ("http://news.example/a?b=1&c=2", "Jane Roe")
    assert three.published == "Wed, 04 Mar 2026 09:00:00 GMT"


def test_an_entry_is_another_when_any_of_what_is_said_about_it_changes() -> None:
    said = [{}, {"title": "T"}, {"title": "U"}, {"pubDate": "2026-03-04"}, {"description": "d"}, {"guid": "g"}]
    digests = [entries(reply(rss(item("/a", **fields))))[0].digest for fields in said]
    assert len(set(digests)) == len(said)
    assert digests[1] == entries(reply(rss(item("/a", title="T"))))[0].digest


@pytest.mark.parametrize(
    ("body", "media", "is_one"),
    [
        (rss(), "text/html", True),
        (ATOM, "text/plain", True),
        (ATOM.replace('encoding="utf-8"', "").encode("utf-16"), "application/xml", True),
        ("\ufeff<?xml version='1.0'?>\n<!-- a --> <?x y?><rdf:RDF xmlns:rdf='x'>", "", True),
        ("<!DOCTYPE rss PUBLIC 'a' 'b'><rss>", "text/xml", True),
        ("<!DOCTYPE rss [<!ENTITY nbsp '&#160;'>]>\n<rss>", "text/xml", True),
        ("anything", "application/atom+xml", True),
        (html(LONG, '<link rel="alternate" type="application/rss+xml" href="/feed">'), "text/html", False),
        ("The <rss> tag is the root of a feed.", "text/plain", False),
        ("<rssx>", "text/xml", False),
        ("{}", "application/json", False),
    ],
)
def test_a_feed_is_known_by_its_type_or_its_first_tag(body: str | bytes, media: str, is_one: bool) -> None:
    assert is_feed(reply(body, media)) is is_one


def test_no_page_can_make_the_search_for_the_first_tag_long() -> None:
    began = time.monotonic()
    for hostile in (
        b"<??>" * 1024,
        b"<!---->" * 600,
        b"<?" * 2048,
        b"<!DOCTYPE>" * 400,
        b"<!DOCTYPE[]>" * 300,
        b" " * 4096,
    ):
        assert ROOT.match(hostile) is None
    assert time.monotonic() - began < 5  # in a wrong pattern the age of the universe


@pytest.mark.parametrize(
    "body",
    [
        rss(item("/a", title="A & B")),  # not XML
        rss(item("/a")).replace("</channel></rss>", ""),
        rss(item("/a")).replace("<?xml", " \n<?xml"),
        rss(item("/a", title="caf\u00e9")).encode("latin-1"),
        '<!DOCTYPE rss [<!ENTITY x SYSTEM "file:///etc/passwd">]>' + rss(item("/a", title="&x;"))[21:],
    ],
)
def test_a_damaged_feed_is_read_as_far_as_it_goes(body: str | bytes) -> None:
    (entry,) = entries(reply(body))
    assert entry.link == "http://news.example/a"
    assert "root:" not in str(entry.title)


@pytest.mark.parametrize("body", ["", "anything", "<html><p>Hi</p></html>", "<rss", "\x00\x01", "/etc/passwd"])
def test_what_is_no_feed_says_so_and_is_never_taken_for_a_files_name(body: str) -> None:
    with pytest.raises(InputError, match="It is not a feed that can be read"):
        entries(reply(body))


def test_a_feed_that_would_take_minutes_to_read_is_not_read() -> None:
    with pytest.raises(InputError, match="over 200,000 tags"):
        entries(reply("<rss>" + "<a>" * 200_000))


@pytest.mark.parametrize("author", ["@" * 400_000 + " x", "a@" * 100_000, "a" * 200_000 + "@"])
def test_an_author_of_any_length_takes_no_time(author: str) -> None:
    start = time.monotonic()
    assert _name(author) == author
    assert time.monotonic() - start < 1


def test_a_feed_that_makes_its_library_hang_is_given_up_and_named(
    open_tiny: Open, site: WebServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(isolated.SECONDS, "feed", 1)
    monkeypatch.setattr(isolated, "BUSY", 100)
    site.pages["/bad"] = feed(item("/one", author="a" * 100_000))
    turns = 0
    with ThreadPoolExecutor() as pool:
        running = pool.submit(gathered, open_tiny(), f"{site.url}/bad", f"{site.url}/one")
        while not running.done():
            turns += 1
            time.sleep(0.02)
    report, _ = running.result()
    assert report.skipped == (Skip(f"{site.url}/bad", "Reading it took more than 1 s; it was given up."),)
    assert report.added == (f"{site.url}/one",) and turns > 25


def test_a_feed_that_grows_when_it_is_read_is_cut_short() -> None:
    lines = "".join(f'<!ENTITY x{n} "{f"&x{n - 1};" * 10}">' for n in range(1, 12))
    began = time.monotonic()
    found = entries(reply(f'<!DOCTYPE rss [<!ENTITY x0 "ha">{lines}]>' + rss(item("/a", title="&x11;"))[21:]))
    assert time.monotonic() - began < 5 and all(len(str(entry.title)) < 1000 for entry in found)


# What is fetched of it


def test_every_page_of_a_feed_is_fetched_and_the_feed_says_what_the_page_does_not(
    open_tiny: Open, site: WebServer
) -> None:
    dated = html(LONG * 3, '<meta name="author" content="Page Author"><meta name="date" content="2025-01-02">')
    site.pages["/2"] = page(dated)
    bare = f"<html><body><article><p>{LONG * 3}</p></article></body></html>"
    site.pages["/1"] = page(bare)
    said = {"title": "Feed title", "author": "x@y.example (Feed Author)", "pubDate": "Wed, 04 Mar 2026 09:00:00 GMT"}
    site.pages["/feed"] = feed(item("/1", **said), item(f"{site.url}/2", **said))
    index = open_tiny()
    report, _ = gathered(index, f"{site.url}/feed")
    assert (report.added, report.skipped) == ((f"{site.url}/1", f"{site.url}/2"), ())
    with index.library.read() as snapshot:
        one, two = (snapshot.article(f"{site.url}/{n}") for n in (1, 2))
    assert one and two
    assert (one.title, one.author, one.published, one.date_source) == (
        "Feed title",
        "Feed Author",
        "2026-03-04T09:00:00+00:00",
        "feed",
    )
    assert (two.title, two.author, two.published, two.date_source) == ("A dam", "Page Author", "2025-01-02", "meta")


def test_a_page_that_announces_a_feed_is_a_page(open_tiny: Open, site: WebServer) -> None:
    site.pages["/home"] = page(html(LONG * 3, '<link rel="alternate" type="application/rss+xml" href="/feed">'))
    report, _ = gathered(open_tiny(), f"{site.url}/home")
    assert (report.added, site.asked) == ((f"{site.url}/home",), ["/home"])


def test_what_cannot_be_fetched_of_a_feed_is_named_and_tried_again(open_tiny: Open, site: WebServer) -> None:
    site.pages["/feed"] = feed(
        item("/one"),
        item("/gone"),
        item("/feed2"),
        item("javascript:alert(1)"),
        "<title>\u202egone\u0085</title>",
        etag='"f"',
    )
    site.pages["/feed2"] = feed(item("/two"))
    index = open_tiny()
    report, _ = gathered(index, f"{site.url}/feed")
    assert report.added == (f"{site.url}/one",)
    assert [(s.source.removeprefix(site.url), s.reason.split(".")[0]) for s in report.skipped] == [
        ("/gone", "There is no such page, or no longer (status 404)"),
        ("/feed2", "It is a feed that another feed lists; add it by its own address"),
        (
            "javascript:alert(1)",
            "It is not an address that can be fetched: those start with http:// or https:// and a name",
        ),
        ("/feed", r"What it lists as '\u202egone' has no link to fetch"),
    ]
    site.requests.clear()
    site.pages["/gone"] = page(html(LONG * 3 + "It is back."))
    report, seen = gathered(index, f"{site.url}/feed")
    assert (report.added, len(report.skipped)) == ((f"{site.url}/gone",), 3)
    assert site.asked == ["/feed", "/gone", "/feed2"]
    assert seen.unchanged == [f"{site.url}/one"]


def test_a_feed_without_entries_is_no_mistake(open_tiny: Open, site: WebServer) -> None:
    site.pages["/feed"] = feed(etag='"none"')
    index = open_tiny()
    assert gathered(index, f"{site.url}/feed")[0] == Report()
    assert gathered(index, f"{site.url}/feed")[0] == Report()


def test_of_an_endless_feed_the_beginning_is_read(
    open_tiny: Open, site: WebServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("index.fetch.MOST_ENTRIES", 2)
    report, _ = gathered(open_tiny(), f"{site.url}/feed")
    assert (len(report.added), site.asked) == (2, ["/feed", "/one", "/two"])
    assert report.skipped == (Skip(f"{site.url}/feed", "It lists 3 articles; only the first 2 are read."),)


# What is remembered


def test_a_second_run_asks_only_whether_the_feed_has_changed(open_tiny: Open, site: WebServer) -> None:
    index, url = open_tiny(), f"{site.url}/feed"
    assert len(gathered(index, url)[0].added) == 3
    site.requests.clear()
    report, seen = gathered(index, url)
    assert (report, len(seen.unchanged), site.asked) == (Report(), 3, ["/feed"])
    assert site.requests[-1][1]["if-none-match"] == '"f1"'

    site.requests.clear()
    site.pages["/four"] = page(html(f"{LONG * 3} This is page four."))
    site.pages["/two"] = page(html(f"{LONG * 3} This is page two, corrected."), etag='"two-b"')
    site.pages["/feed"] = feed(
        item("/four"), item("/one", title="said anew"), item("/two", title="said anew"), item("/three"), etag='"f2"'
    )
    report, seen = gathered(index, url)
    assert (report.added, report.changed) == ((f"{site.url}/four",), (f"{site.url}/two",))
    assert site.asked == ["/feed", "/four", "/one", "/two"]
    assert seen.unchanged == [f"{site.url}/one", f"{site.url}/three"]

    site.requests.clear()
    assert (gathered(index, url)[0], site.asked) == (Report(), ["/feed"])


def test_a_feed_that_names_no_version_of_itself_is_read_again_and_its_pages_are_not(
    open_tiny: Open, site: WebServer
) -> None:
    site.pages["/feed"] = feed(item("/one"), item("/two"))
    index = open_tiny()
    gathered(index, f"{site.url}/feed")
    site.requests.clear()
    report, seen = gathered(index, f"{site.url}/feed")
    assert (report, len(seen.unchanged), site.asked) == (Report(), 2, ["/feed"])


def test_last_modified_is_a_version_too(open_tiny: Open, site: WebServer) -> None:
    site.pages["/feed"] = feed(item("/one"), last_modified="Wed, 04 Mar 2026 09:00:00 GMT")
    index = open_tiny()
    gathered(index, f"{site.url}/feed")
    assert len(gathered(index, f"{site.url}/feed")[1].unchanged) == 1
    assert site.requests[-1][1]["if-modified-since"] == "Wed, 04 Mar 2026 09:00:00 GMT"


def test_a_run_that_is_killed_before_the_index_took_its_pages_fetches_them_again(
    open_tiny: Open, site: WebServer
) -> None:
    index, url = open_tiny(), f"{site.url}/feed"
    seen = Fetched(index.config.data, version=version(index))
    with Web(allow_private=True) as web:
        assert len(list(fetch([url], seen=seen, web=web))) == 3  # handed out, and then the run is over
    assert not (index.config.data / fetched.FILE).exists()
    assert len(gathered(index, url)[0].added) == 3


def test_only_what_the_index_took_is_remembered(open_tiny: Open, site: WebServer) -> None:
    site.pages["/two"] = page("<p>Share</p>")  # fetched, but cleaning leaves nothing of it
    index, url = open_tiny(), f"{site.url}/feed"
    report, _ = gathered(index, url)
    assert (len(report.added), [s.source for s in report.skipped]) == (2, [f"{site.url}/two"])
    site.requests.clear()
    site.pages["/two"] = page(html(f"{LONG * 3} Now there is a text."))
    assert gathered(index, url)[0].added == (f"{site.url}/two",)
    assert site.asked == ["/feed", "/two"]


@pytest.mark.parametrize(
    "content",
    [
        *("", "{", "[]", b"\xff", '{"index_version": 0}', '{"index_version": 0, "sources": {"a": []}}'),
        '{"index_version": 0, "sources": {"a": {"b": {"etag": 1}}}}',
        '{"index_version": 0, "sources": {"a": {"b": {"other": "1"}}}}',
    ],
)
def test_a_file_that_is_broken_says_nothing(tmp_path: Path, content: str | bytes) -> None:
    (tmp_path / fetched.FILE).write_bytes(content.encode() if isinstance(content, str) else content)
    seen = Fetched(tmp_path, version=9)
    assert (seen.is_feed("a"), seen.mark("a", "b")) == (False, Mark())


def test_without_the_file_everything_is_fetched_again(open_tiny: Open, site: WebServer) -> None:
    index, url = open_tiny(), f"{site.url}/feed"
    gathered(index, url)
    file = index.config.data / fetched.FILE
    before = file.read_text()
    file.unlink()
    report, _ = gathered(index, url)
    assert (len(report.unchanged), site.asked) == (3, ["/feed", "/one", "/two", "/three"] * 2)
    assert json.loads(file.read_text()) == json.loads(before)


def test_a_file_from_a_later_index_means_that_everything_is_fetched(open_tiny: Open, site: WebServer) -> None:
    """A backup of the library came back, or somebody deleted it: what was added since is not there."""
    index, url = open_tiny(), f"{site.url}/feed"
    gathered(index, url)
    assert Fetched(index.config.data, version=version(index)).is_feed(url)
    assert not Fetched(index.config.data, version=version(index) - 1).is_feed(url)


def test_two_runs_at_once_keep_what_both_of_them_noted(tmp_path: Path) -> None:
    first, second = Fetched(tmp_path, version=0), Fetched(tmp_path, version=0)
    first.handed_out("a", "a", Mark(etag="1"), key="a")
    second.handed_out("b", "b", Mark(etag="2"), key="b")
    first.accept({"a"}, version=1)
    second.accept({"b"}, version=2)
    now = Fetched(tmp_path, version=2)
    assert (now.mark("a", "a"), now.mark("b", "b")) == (Mark(etag="1"), Mark(etag="2"))
    assert [p.name for p in tmp_path.iterdir()] == [fetched.FILE]


def test_a_file_that_cannot_be_written_is_said_to_be_so(tmp_path: Path) -> None:
    seen = Fetched(tmp_path / "gone", version=0)
    seen.handed_out("a", "a", Mark(), key="a")
    with pytest.raises(StorageError, match=r"cannot be written .* are fetched again next time"):
        seen.accept({"a"}, version=1)


def test_a_page_named_for_the_first_time_is_fetched_and_one_that_is_watched_is_asked_whether_it_changed(
    open_tiny: Open, site: WebServer
) -> None:
    index, url = open_tiny(), f"{site.url}/one"
    gathered(index, url)
    assert gathered(index, url)[0].unchanged == (url,)  # fetched whole: its article may have been removed
    assert "if-none-match" not in site.requests[-1][1]
    report, seen = gathered(index, url, again=True)
    assert (report, seen.unchanged) == (Report(), [url])
    assert site.requests[-1][1]["if-none-match"] == '"one"'
    site.pages["/one"] = page(html(f"{LONG * 3} It changed."), etag='"one-b"')
    assert gathered(index, url, again=True)[0].changed == (url,)


def test_of_pages_that_are_asked_for_and_have_not_changed_somebody_is_told(open_tiny: Open, site: WebServer) -> None:
    index = open_tiny()
    gathered(index, f"{site.url}/feed")
    site.pages["/feed"] = feed(*(item(f"/{name}", title="New") for name in ("one", "two", "three")), etag='"f2"')
    site.requests.clear()
    seen = Fetched(index.config.data, version=version(index))

    def stop() -> None:
        if len(seen.unchanged) == 2:
            raise KeyboardInterrupt

    with Web(allow_private=True) as web, pytest.raises(KeyboardInterrupt):
        list(fetch([f"{site.url}/feed"], seen=seen, web=web, passed=stop))
    assert site.asked == ["/feed", "/one", "/two"]


def test_two_links_to_one_article_are_both_remembered(open_tiny: Open, site: WebServer) -> None:
    site.pages |= {"/short": redirect("/one"), "/feed": feed(item("/short"), item("/one"), item("/one"), etag='"f"')}
    index = open_tiny()
    report, _ = gathered(index, f"{site.url}/feed")
    assert (report.added, report.unchanged) == ((f"{site.url}/one",), (f"{site.url}/one",))
    site.requests.clear()
    gathered(index, f"{site.url}/feed")
    assert site.asked == ["/feed"]


def test_records_come_one_at_a_time(open_tiny: Open, site: WebServer) -> None:
    seen = Fetched(open_tiny().config.data, version=0)
    with Web(allow_private=True) as web:
        stream = fetch([f"{site.url}/feed"], seen=seen, web=web)
        assert isinstance(next(stream), Record)
        assert site.asked == ["/feed", "/one"]
        stream.close()
