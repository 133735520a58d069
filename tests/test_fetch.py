"""Pages from the web: what is read of them, what they may not do, and where they may not lead."""

import gzip
import socket
import ssl
import subprocess
import time
import tracemalloc
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path

import brotli
import httpcore
import pytest
from test_load import JSON_LD, PAGE, pdf
from web_server import Handler, Page, WebServer, page, redirect, web_server

from index import isolated
from index.connect import is_public, resolve
from index.fetch import fetch, is_address
from index.fetched import Fetched
from index.page import as_markdown
from index.sources import items
from index.types import Record, Skip
from index.web import Limits, Web

LONG = "The council met for three hours on Monday and heard from the engineers about the dam. "


def html(text: str, head: str = "") -> str:
    body = f"<body><article><p>{text}</p></article></body>"
    return f"<!doctype html><html><head><title>A dam</title>{head}</head>{body}</html>"


@pytest.fixture
def site() -> Iterator[WebServer]:
    with web_server() as server:
        yield server


def got(tmp_path: Path, *urls: str, **options: object) -> list[Record | Skip]:
    """What is fetched from addresses, private ones included unless a test says otherwise."""
    with Web(**{"allow_private": True, **options}) as web:
        return list(fetch(urls, seen=Fetched(tmp_path, version=0), web=web))


def reason(tmp_path: Path, url: str, **options: object) -> str:
    """Why an address was skipped."""
    (skip,) = got(tmp_path, url, **options)
    assert isinstance(skip, Skip), skip
    assert "\n" not in skip.reason
    return skip.reason


def article(tmp_path: Path, url: str, **options: object) -> Record:
    (record,) = got(tmp_path, url, **options)
    assert isinstance(record, Record), record
    return record


# What is read


def test_a_page_is_read_as_a_saved_one_is_under_its_own_address(tmp_path: Path, site: WebServer) -> None:
    own = f"{site.url}/river?id=7"
    served = PAGE.format(head=JSON_LD, time="").replace("https://example.org/river", own)
    site.pages["/r"] = page(served)
    found = article(tmp_path, f"{site.url}/r#comments")
    assert (found.key, found.url, found.origin) == (own, own, None)
    assert (found.title, found.author, found.publisher) == ("River floods town", "Ann Roe", "The Daily Example")
    assert (found.published, found.date_source) == ("2024-03-04T09:10:00+01:00", "json-ld")
    assert found.format == "markdown" and found.language == "en-GB"
    assert "**rose** by two metres" in found.text and "Sport" not in found.text
    assert site.asked == ["/r"]
    said = site.requests[-1][1]
    assert said["user-agent"].startswith("Dateline/0.1.0 (+")
    assert said["accept-encoding"] == "gzip" and "cookie" not in said


def test_half_characters_that_a_page_spells_are_replaced(tmp_path: Path, site: WebServer) -> None:
    said = '<script type="application/ld+json">{"@type": "Article", "datePublished": "\\ud8002024"}</script>'
    site.pages["/a"] = page(html(LONG * 3, said))
    assert article(tmp_path, f"{site.url}/a").published == "?2024"


@pytest.mark.parametrize(
    "own",
    ["https://elsewhere.example/river", "https://u:p@127.0.0.1/river", "/", "https://ex℀mple.com/x", "http://[x/"],
)
def test_an_address_that_a_page_cannot_have_is_not_its_key(tmp_path: Path, site: WebServer, own: str) -> None:
    site.pages["/2024/03/04/dam"] = page(html(LONG * 3, f'<link rel="canonical" href="{own}">'))
    found = article(tmp_path, f"{site.url}/2024/03/04/dam")
    assert found.key == found.url == f"{site.url}/2024/03/04/dam"
    assert (found.published, found.date_source) == ("2024-03-04", "url")


@pytest.mark.parametrize(
    "own",
    ["http://127.0.0.1:1/x", "https://127.0.0.1/x", "http://127.0.0.1/x", "http://127.0.0.1:99999999/x", "http://[/x"],
)
def test_an_address_of_another_port_is_not_a_pages_own(tmp_path: Path, site: WebServer, own: str) -> None:
    site.pages["/a"] = page(html(LONG * 3, f'<link rel="canonical" href="{own}">'))
    assert article(tmp_path, f"{site.url}/a").key == f"{site.url}/a"


def test_http_and_https_are_one_site() -> None:
    record = Record(key="a", text=html(LONG * 3, '<link rel="canonical" href="https://a.example.com:443/x">'))
    assert as_markdown(record, at="http://a.example.com/a").url == "https://a.example.com:443/x"


def test_a_page_may_not_replace_the_article_of_another_page(tmp_path: Path, site: WebServer) -> None:
    claim = f'<link rel="canonical" href="{site.url}/true">'
    site.pages |= {
        "/true": page(html(LONG * 3)),
        "/false": page(html(LONG * 4, claim)),
        "/moved": redirect("/false"),
        "/print": page(html(LONG * 5, f'<link rel="canonical" href="{site.url}/screen">')),
    }
    seen = Fetched(tmp_path, version=0)
    pages = [f"{site.url}/{name}" for name in ("true", "false", "moved", "print")]
    with Web(allow_private=True) as web:
        found = [record.key for record in fetch(pages, seen=seen, web=web) if isinstance(record, Record)]
        assert found == [*(f"{site.url}/{name}" for name in ("true", "false", "false", "screen"))]
        seen.accept(found, version=1)
        (record,) = fetch(pages[1:2], seen=Fetched(tmp_path, version=1), web=web)
        assert isinstance(record, Record) and (record.key, record.url) == (pages[1], pages[1])
        (record,) = fetch(pages[1:2], seen=Fetched(tmp_path / "new", version=0), web=web)
        assert isinstance(record, Record) and record.key == pages[0]  # nothing was fetched from there


def test_plain_text_markdown_and_pdf_are_read_too(tmp_path: Path, site: WebServer) -> None:
    printed = pdf(tmp_path / "a.pdf", "The dam is safe.", title="On the dam").read_bytes()
    site.pages |= {
        "/t": page(LONG, "text/plain"),
        "/m": page(f"# Dam\n\n{LONG}", "text/markdown; charset=UTF-8"),
        "/p": page(printed, "application/pdf"),
        "/q": page(printed, "application/octet-stream"),
        "/h": page(html(LONG * 3), None),
        "/x": page('<?xml version="1.0" encoding="utf-8"?>' + html(LONG * 3), "text/xml"),
    }
    text, markdown, *rest = got(tmp_path, *(f"{site.url}/{name}" for name in "tmpqhx"))
    at = f"{site.url}/"
    assert text == Record(key=f"{at}t", url=f"{at}t", text=LONG)
    assert markdown == Record(key=f"{at}m", url=f"{at}m", text=f"# Dam\n\n{LONG}", format="markdown")
    assert [(r.key, r.url, r.origin) for r in rest if isinstance(r, Record)] == [(at + n, at + n, None) for n in "pqhx"]
    assert [r.title for r in rest if isinstance(r, Record)][:2] == ["On the dam", "On the dam"]


@pytest.mark.parametrize(
    ("media", "head", "written"),
    [
        ("text/html; charset=windows-1251", '<meta charset="utf-8">', "cp1251"),  # the header comes first
        ("text/html", '<meta charset="windows-1251">', "cp1251"),
        ("text/html; charset=hex", '<meta charset="windows-1251">', "cp1251"),
        ("text/html; charset=unicode_escape", '<meta charset="base64">', "utf-8"),
        ("text/html; charset=windows-1251", "", "utf-8-sig"),  # a byte order mark knows better
        ("text/html; charset=us-ascii", '<meta charset="shift_jis">', "utf-8"),
        ("text/html", "", "cp1251"),
    ],
)
def test_the_charset_is_the_headers_else_the_pages_else_it_is_found(
    tmp_path: Path, site: WebServer, media: str, head: str, written: str
) -> None:
    text = "Совет заседал три часа в понедельник и выслушал инженеров, которые шли вдоль плотины всю неделю. " * 3
    if "us-ascii" in media:
        text = "月曜日、議会は三時間にわたって開かれ、その週にダムを歩いた技術者たちの話を聞いた。" * 3
    site.pages["/c"] = page(html(text, head).encode(written), media)
    assert text.strip() in article(tmp_path, f"{site.url}/c").text


def test_a_packed_page_is_unpacked(tmp_path: Path, site: WebServer) -> None:
    packed = gzip.compress(html(LONG * 3).encode())
    site.pages["/z"] = page(packed + b"tail", Content_Encoding="gzip")
    assert LONG.strip() in article(tmp_path, f"{site.url}/z").text
    site.pages |= {
        "/cut": page(packed[:-20], Content_Encoding="gzip"),
        "/not": page(html(LONG), Content_Encoding="gzip"),
        "/br": page(brotli.compress(html(LONG).encode()), Content_Encoding="br"),
    }
    assert reason(tmp_path, f"{site.url}/cut").startswith("It broke off before its end")
    assert reason(tmp_path, f"{site.url}/not").startswith("It was packed wrongly")
    assert reason(tmp_path, f"{site.url}/br") == "It came packed as br, though only gzip was asked for."


# Redirects


def test_redirects_are_followed_and_the_last_address_counts(tmp_path: Path, site: WebServer) -> None:
    for n, status in enumerate((301, 302, 303, 307, 308)):
        site.pages[f"/{n}"] = redirect(f"/{n + 1}#part" if n % 2 else f"{site.url}/{n + 1}", status)
    site.pages["/5"] = page(html(LONG * 3))
    assert article(tmp_path, f"{site.url}/0").key == f"{site.url}/5"
    site.pages["/-1"] = redirect("/0")
    assert reason(tmp_path, f"{site.url}/-1") == "It redirects more than 5 times."
    site.requests.clear()
    site.pages["/loop"] = redirect("/loop")
    assert reason(tmp_path, f"{site.url}/loop") == "It redirects more than 5 times."
    assert site.asked == ["/loop"] * 6


@pytest.mark.parametrize(
    ("to", "why"),
    [
        ("file:///etc/passwd", "It is not an address that can be fetched: those start with http"),
        ("ftp://127.0.0.1/a", "It is not an address that can be fetched: those start with http"),
        ("http://127.0.0.1:99999/", "It is not an address that can be fetched: those start with http"),
        ("http://\x7f/", "It cannot be reached (Invalid URL in location header"),
        ("http://user:secret@127.0.0.1/", "Its address holds a user's name or password"),
    ],
)
def test_a_redirect_leads_to_addresses_of_the_web_only(tmp_path: Path, site: WebServer, to: str, why: str) -> None:
    site.pages["/r"] = redirect(to)
    said = reason(tmp_path, f"{site.url}/r")
    assert said.startswith(why) and "secret" not in said


def test_what_is_no_address_is_skipped_and_no_password_is_shown(tmp_path: Path) -> None:
    skips = got(tmp_path, "ftp://example.org/a", "http://me:secret@127.0.0.1/a", "http://", "http://a\x1b[2Jb/")
    assert [s.source for s in skips if isinstance(s, Skip)] == [
        "ftp://example.org/a",
        "http://127.0.0.1/a",
        "http://",
        r"http://a\x1b[2Jb/",
    ]
    assert not any("\x1b" in s.reason or "secret" in s.reason for s in skips if isinstance(s, Skip))
    assert is_address("HTTPS://a/b") and not any(map(is_address, ("a/b", "./http:/x", "C:\\x", "//x/y")))


# Where nothing leads


@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "127.8.8.8", "10.0.0.1", "172.16.3.4", "192.168.1.1", "169.254.169.254", "0.0.0.0", "0.1.2.3"),
        *("100.64.0.1", "100.127.255.255", "192.0.0.8", "192.0.2.1", "198.18.0.1", "203.0.113.9", "224.0.0.1"),
        *("239.1.1.1", "240.0.0.1", "255.255.255.255", "192.88.99.1"),
        *("::", "::1", "fe80::1", "fe80::1%eth0", "fc00::1", "fd12::1", "fec0::1", "ff02::1", "2001:db8::1", "100::1"),
        *("::ffff:10.0.0.1", "::ffff:93.184.216.34", "::127.0.0.1", "64:ff9b::a00:1", "64:ff9b:1::1"),
        *("2002:7f00:1::", "2001:0:1::1", "3fff::1", "3fff:fff::1", "5f00::1", "100:0:0:1::1"),
    ],
)
def test_an_address_inside_a_network_is_not_public(address: str) -> None:
    assert not is_public(address)


def test_public_addresses_are() -> None:
    assert all(
        map(is_public, ("93.184.216.34", "1.1.1.1", "100.63.0.1", "100.128.0.1", "2606:2800:21f:cb07::1", "3ffe::1"))
    )


@pytest.mark.parametrize("inside", ["127.0.0.1", "169.254.169.254", "::1", "::ffff:10.0.0.1", "fe80::1%eth0"])
@pytest.mark.parametrize("beside", [[], ["93.184.216.34"]])
def test_a_name_for_an_address_inside_a_network_is_refused(tmp_path: Path, inside: str, beside: list[str]) -> None:
    wire = Wire(0)
    said = reason(tmp_path, "http://news.example/", allow_private=False, resolve=Names([*beside, inside]), backend=wire)
    assert said.startswith(f"news.example is at {inside}, an address inside a network") and "--allow-private" in said
    assert wire.connected == []


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]", "0.0.0.0"])
def test_an_address_of_this_machine_is_refused_by_the_systems_resolver_too(
    tmp_path: Path, site: WebServer, host: str
) -> None:
    said = reason(tmp_path, f"http://{host}:{site.port}/a", allow_private=False, advice="Or ask Otto.")
    assert said.endswith("an address inside a network and not on the public internet. Or ask Otto.")
    assert f"is at {host.strip('[]')}" not in said
    assert site.requests == []


@pytest.mark.parametrize("host", ["2130706433", "0x7f000001", "127.1", "0177.0.0.1"])
def test_numbers_written_oddly_are_resolved_before_they_are_checked(host: str) -> None:
    flags = socket.AI_NUMERICHOST  # as getaddrinfo reads them, with no look-up
    try:
        found = [str(at[4][0]) for at in REAL_LOOK_UP(host, 80, type=socket.SOCK_STREAM, flags=flags)]
    except socket.gaierror:
        pytest.skip("this system does not take it for an address")
    assert found == ["127.0.0.1"]


REAL_LOOK_UP = socket.getaddrinfo


def test_the_systems_resolver_gives_each_address_once() -> None:
    assert resolve("127.0.0.1", 80) == ["127.0.0.1"]


class Names:
    """A resolver that gives one answer after another, the last one for ever."""

    def __init__(self, *answers: Sequence[str]) -> None:
        self.answers = list(answers)
        self.asked: list[str] = []

    def __call__(self, host: str, port: int) -> Sequence[str]:
        self.asked.append(host)
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


class Wire(httpcore.NetworkBackend):
    """Every address leads to the test's own server; it lists those that were connected to."""

    def __init__(self, port: int, deaf: Sequence[str] = ()) -> None:
        self.port = port
        self.deaf = deaf
        self.connected: list[str] = []

    def connect_tcp(self, host: str, port: int, *options: object, **more: object) -> httpcore.NetworkStream:
        self.connected.append(host)
        if host in self.deaf:
            raise httpcore.ConnectError("nobody there")
        return httpcore.SyncBackend().connect_tcp("127.0.0.1", self.port, *options, **more)


def test_the_connection_goes_to_the_very_address_that_was_checked(tmp_path: Path, site: WebServer) -> None:
    site.pages["/a"] = page(html(LONG * 3))
    wire, names = Wire(site.port, deaf=["93.184.216.34"]), Names(["93.184.216.34", "93.184.216.35"])
    found = article(tmp_path, "http://news.example/a", allow_private=False, resolve=names, backend=wire)
    assert found.key == "http://news.example/a"
    assert wire.connected == ["93.184.216.34", "93.184.216.35"] * 2  # for the robots.txt, then for the page
    assert site.requests[-1][1]["host"] == "news.example"


def test_a_name_that_turns_private_a_moment_later_gets_nothing(tmp_path: Path, site: WebServer) -> None:
    """DNS rebinding: the robots.txt comes from a public address, the page is meant to come from a private one."""
    site.pages["/robots.txt"] = page("", "text/plain", Connection="close")
    site.pages["/a"] = page(html(LONG * 3))
    wire, names = Wire(site.port), Names(["93.184.216.34"], ["127.0.0.1"])
    said = reason(tmp_path, "http://news.example/a", allow_private=False, resolve=names, backend=wire)
    assert said.startswith("news.example is at 127.0.0.1")
    assert (wire.connected, site.asked) == (["93.184.216.34"], [])


def test_a_redirect_to_a_private_address_is_refused(tmp_path: Path, site: WebServer) -> None:
    site.pages |= {"/a": redirect(f"{site.url}/secret"), "/secret": page(html(LONG * 3))}
    wire = Wire(site.port)

    def names(host: str, port: int) -> list[str]:
        return ["93.184.216.34"] if host == "news.example" else [host]

    said = reason(tmp_path, "http://news.example/a", allow_private=False, resolve=names, backend=wire)
    assert said.startswith("127.0.0.1 is an address inside a network")
    assert (set(wire.connected), site.asked) == ({"93.184.216.34"}, ["/a"])


def test_what_was_meant_for_a_proxy_is_not_used(
    tmp_path: Path, site: WebServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    site.pages["/a"] = page(html(LONG * 3))
    assert article(tmp_path, f"{site.url}/a").url == f"{site.url}/a"


def test_an_unknown_name_is_said_to_be_unknown(tmp_path: Path) -> None:
    def nobody(host: str, port: int) -> list[str]:
        raise socket.gaierror(-2, "Name or service not known")

    said = "since its site's robots.txt cannot be read: It cannot be reached (the name news.example is not known)."
    assert said in reason(tmp_path, "http://news.example/", resolve=nobody)
    assert "stands for no address" in reason(tmp_path, "http://news.example/", resolve=Names([]))


def test_certificates_are_checked_against_the_name_and_not_the_address(tmp_path: Path, site: WebServer) -> None:
    made = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    made += ["-keyout", "key.pem", "-out", "cert.pem", "-subj", "/CN=x", "-addext", "subjectAltName=DNS:news.example"]
    try:
        subprocess.run(made, cwd=tmp_path, check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("needs the openssl command")
    ours = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ours.load_cert_chain(tmp_path / "cert.pem", tmp_path / "key.pem")
    named: list[str | None] = []
    ours.sni_callback = lambda sock, name, context: named.append(name)
    site.socket = ours.wrap_socket(site.socket, server_side=True)
    site.pages["/a"] = page(html(LONG * 3))
    tls = ssl.create_default_context(cafile=tmp_path / "cert.pem")
    wire = Wire(site.port)
    options = {"allow_private": False, "resolve": Names(["93.184.216.34"]), "backend": wire, "tls": tls}
    assert article(tmp_path, "https://news.example/a", **options).key == "https://news.example/a"
    assert (set(wire.connected), set(named)) == ({"93.184.216.34"}, {"news.example"})
    assert "certificate is not valid for 'other.example'" in reason(tmp_path, "https://other.example/a", **options)
    del options["tls"]
    assert "self-signed certificate" in reason(tmp_path, "https://news.example/a", **options)


# Limits


def test_a_page_that_is_too_big_is_not_read_to_its_end(tmp_path: Path, site: WebServer) -> None:
    sent = []

    def endless(handler: Handler) -> None:
        handler.begin(200, {"Content-Type": "text/html"})
        for _ in range(10_000):
            handler.wfile.write(b"x" * 10_000)
            sent.append(1)

    site.pages["/big"] = endless
    limits = Limits(size=100_000)
    assert (
        reason(tmp_path, f"{site.url}/big", limits=limits) == "It has more than 0.1 MB, which is the most for a page."
    )
    assert len(sent) < 5000
    site.pages["/fits"] = page(LONG + "x" * (100_000 - len(LONG)), "text/plain")
    assert len(article(tmp_path, f"{site.url}/fits", limits=limits).text) == 100_000


def test_a_small_packet_that_unpacks_to_much_is_not_unpacked(tmp_path: Path, site: WebServer) -> None:
    packer = zlib.compressobj(9, wbits=zlib.MAX_WBITS | 16)
    bomb = b"".join([packer.compress(bytes(1_000_000)) for _ in range(100)]) + packer.flush()
    assert len(bomb) < 150_000
    site.pages["/bomb"] = page(bomb, Content_Encoding="gzip")
    tracemalloc.start()
    try:
        assert reason(tmp_path, f"{site.url}/bomb").startswith("It has more than 10 MB")
        assert tracemalloc.get_traced_memory()[1] < 40_000_000
    finally:
        tracemalloc.stop()


def hang_up(handler: Handler) -> None:
    handler.connection.shutdown(socket.SHUT_RDWR)
    handler.close_connection = True


def dripping(start: bytes, drop: bytes) -> Page:
    def drip(handler: Handler) -> None:
        handler.wfile.write(start)
        for _ in range(200):
            handler.wfile.write(drop)
            handler.wfile.flush()
            time.sleep(0.02)

    return drip


@pytest.mark.parametrize(
    ("start", "drop"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n", b"x"),
        (b"HTTP/1.1 200 OK\r\n", b"X: y\r\n"),  # headers without an end
    ],
)
def test_a_server_that_drips_is_left_when_the_time_is_up(
    tmp_path: Path, site: WebServer, start: bytes, drop: bytes
) -> None:
    site.pages["/drip"] = dripping(start, drop)
    began = time.monotonic()
    said = reason(tmp_path, f"{site.url}/drip", limits=Limits(read=5, total=0.3))
    assert said.startswith("It took too long")
    assert time.monotonic() - began < 3  # it would drip for 4 seconds and more


def test_a_server_that_says_nothing_is_left_after_the_time_for_one_read(tmp_path: Path, site: WebServer) -> None:
    site.pages["/mute"] = lambda handler: time.sleep(0.6)
    assert reason(tmp_path, f"{site.url}/mute", limits=Limits(read=0.2)).startswith("It took too long")


@pytest.mark.parametrize(
    ("served", "why"),
    [
        (page("{}", "application/json"), "It is application/json; Dateline reads web pages, plain text, PDF"),
        (page("x", "video/mp4\x1b"), r"It is video/mp4\x1b; Dateline reads"),
        (page("PK" * 9, "application/octet-stream"), "It is neither a web page, a plain text, a PDF nor a feed."),
        (page("<urlset/>", "application/xml"), "It is neither a web page, a plain text, a PDF nor a feed."),
        (page(b"\x00\x01\x02", "text/plain"), "It is binary, not text."),
        (page("", "text/html"), "It is empty."),
        (page(html("Hi."), status=404), "There is no such page, or no longer (status 404)."),
        (page(html("Hi."), status=410), "There is no such page, or no longer (status 410)."),
        (page(html("Hi."), status=403), "Its server does not let it be read (status 403)."),
        (page(html("Hi."), status=500), "Its server cannot give it now (status 500): try again later."),
        (page(html("Hi."), status=206), "Its server answered with status 206 and no page."),
        (page("", status=304), "Its server answered with status 304 and no page."),
        (page("<html><body></body></html>"), "No article was found in the page"),
        (page("%PDF-1.4", "application/pdf"), "It is not a PDF that can be read"),
        (lambda handler: handler.wfile.write(b"\x15\x03\x01\x00"), "It cannot be reached ("),
        (hang_up, "It cannot be reached ("),
    ],
)
def test_what_is_no_article_is_skipped_with_the_reason(tmp_path: Path, site: WebServer, served: Page, why: str) -> None:
    site.pages["/a"] = served
    assert reason(tmp_path, f"{site.url}/a").startswith(why)


def test_a_page_that_breaks_the_parser_does_not_end_the_run(
    tmp_path: Path, site: WebServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    isolated.close()
    monkeypatch.setattr(isolated, "PROGRAM", "bad_worker")
    site.pages |= {"/a": page("segfault"), "/b": page(LONG, "text/plain")}
    skip, record = got(tmp_path, f"{site.url}/a", f"{site.url}/b")
    isolated.close()
    assert skip == Skip(f"{site.url}/a", "It crashed the library that reads such files.") and isinstance(record, Record)


def test_half_a_page_is_not_taken_for_a_page(tmp_path: Path, site: WebServer) -> None:
    def cut(handler: Handler) -> None:
        handler.begin(200, {"Content-Type": "text/html", "Content-Length": "5000"})
        handler.wfile.write(html(LONG * 3).encode())
        handler.close_connection = True

    site.pages["/cut"] = cut
    assert reason(tmp_path, f"{site.url}/cut").startswith("It cannot be reached (peer closed connection")


# robots.txt

RULES = "User-agent: *\nDisallow: /\n\nUser-agent: dateline\nDisallow: /private\nAllow: /private/press\n"


def test_a_robots_txt_is_read_once_and_obeyed(tmp_path: Path, site: WebServer) -> None:
    site.pages |= {f"/{name}": page(html(LONG * 3)) for name in ("a", "private/b", "private/press/c")}
    site.pages |= {"/robots.txt": page(RULES, "text/plain"), "/to": redirect("/private/b")}
    found = got(tmp_path, *(f"{site.url}/{name}" for name in ("a", "private/b", "private/press/c", "to")))
    assert [type(item) for item in found] == [Record, Skip, Record, Skip]
    assert {item.reason for item in found if isinstance(item, Skip)} == {
        "Its site's robots.txt does not allow Dateline to read it."
    }
    assert [path for path, _ in site.requests] == ["/robots.txt", "/a", "/private/press/c", "/to"]


@pytest.mark.parametrize(
    ("robots", "allowed"),
    [
        (page("x", status=404), True),
        (page("x", status=403), True),
        (page("<html>Welcome!</html>"), True),
        (redirect("/rules"), False),
        (page("x", status=500), False),
        (page("x", status=503), False),
        (hang_up, False),
    ],
)
def test_where_a_robots_txt_cannot_be_read_nothing_is(
    tmp_path: Path, site: WebServer, robots: Page, allowed: bool
) -> None:
    site.pages |= {"/robots.txt": robots, "/a": page(html(LONG * 3)), "/rules": page("User-agent: *\nDisallow: /")}
    (found,) = got(tmp_path, f"{site.url}/a")
    assert isinstance(found, Record) is allowed
    if isinstance(found, Skip):
        assert "robots.txt" in found.reason and site.asked in ([], ["/rules"])


# Together with files


def test_files_and_addresses_come_in_one_stream_and_no_way_out_is_opened_for_files(
    tmp_path: Path, site: WebServer
) -> None:
    file = tmp_path / "a.txt"
    file.write_text(LONG)
    site.pages["/a"] = page(html(LONG * 3))

    def no_way() -> Web:
        raise AssertionError("the web was opened")

    seen = Fetched(tmp_path, version=0)
    assert [r.key for r in items([str(file)], seen=seen, web=no_way) if isinstance(r, Record)] == [str(file)]
    mixed = items([f"{site.url}/a", str(file), f"{site.url}/a"], seen=seen, web=lambda: Web(allow_private=True))
    assert [r.key for r in mixed if isinstance(r, Record)] == [str(file), f"{site.url}/a"]
    assert site.asked == ["/a"]


def test_pages_are_fetched_only_when_they_are_wanted(tmp_path: Path, site: WebServer) -> None:
    site.pages |= {f"/{n}": page(html(LONG * 3 + str(n))) for n in range(3)}
    with Web(allow_private=True) as web:
        stream = fetch([f"{site.url}/{n}" for n in range(3)], seen=Fetched(tmp_path, version=0), web=web)
        next(stream)
        assert site.asked == ["/0"]
        stream.close()
