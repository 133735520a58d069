"""Pages as their servers give them, within limits of time and size, with robots.txt respected."""

import ssl
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from time import monotonic
from typing import Self

import httpx

from index.connect import ADVICE, Backend, Guard, Resolve, Transport, resolve
from index.errors import FetchError
from index.robots import AGENT, Robots

HTML = ("text/html", "application/xhtml+xml")
TEXT = ("text/plain", "text/markdown")
PDF = ("application/pdf",)
FEED = ("application/rss+xml", "application/atom+xml", "application/rdf+xml")
XML = ("application/xml", "text/xml")
UNNAMED = ("", "application/octet-stream", "binary/octet-stream")
READ = {*HTML, *TEXT, *PDF, *FEED, *XML, *UNNAMED}
REDIRECTS = (301, 302, 303, 307, 308)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one page may take: seconds, bytes once unpacked, and redirects."""

    connect: float = 10
    read: float = 20
    total: float = 60
    size: int = 10_000_000
    redirects: int = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What came back. `url` is where the redirects ended; `media` and `charset` are what its server calls it.

    `etag` and `modified` name this version of it, for the next time.
    """

    url: str
    media: str
    charset: str | None
    body: bytes
    etag: str | None
    modified: str | None


class Web:
    """The way out. One thread uses it at a time, and closes it.

    Nothing but public addresses is connected to, unless `allow_private`; `advice` says how that is allowed. The
    environment's proxies are not used: they would resolve the names. `resolve`, `backend` and `tls` stand in for the
    system's.
    """

    def __init__(
        self,
        *,
        allow_private: bool = False,
        advice: str = ADVICE,
        limits: Limits | None = None,
        resolve: Resolve = resolve,
        backend: Backend | None = None,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._limits = limits or Limits()
        self._guard = Guard(allow_private=allow_private, advice=advice, resolve=resolve, backend=backend)
        self._http = httpx.Client(
            transport=Transport(self._guard, tls or httpx.create_ssl_context()),
            headers={
                "User-Agent": f"{AGENT}/{version('dateline')} (+reads articles for one person's own collection)",
                "Accept-Encoding": "gzip",  # what can be unpacked within a limit
                "Accept": "text/html, application/xhtml+xml, application/rss+xml, application/atom+xml, */*;q=0.5",
            },
            timeout=httpx.Timeout(self._limits.read, connect=self._limits.connect),
            trust_env=False,
        )
        self._robots = Robots(lambda url: self._follow(address(url), {}, robots=True).body)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self._http.close()

    def get(self, url: str, *, etag: str | None = None, modified: str | None = None) -> Reply | None:
        """The page at `url`; None when it is still the version that `etag` and `modified` name.

        Raises FetchError with a sentence when it cannot be had or may not be read, and InputError when it is at a
        private address.
        """
        said = {"If-None-Match": etag, "If-Modified-Since": modified}
        headers = {name: value for name, value in said.items() if value}
        self._guard.deadline = monotonic() + self._limits.total
        try:
            return self._follow(address(url), headers, robots=False)
        except FetchError as error:
            if error.status == 304 and headers:
                return None
            raise

    def _follow(self, at: httpx.URL, headers: dict[str, str], *, robots: bool) -> Reply:
        for _ in range(self._limits.redirects + 1):
            if not robots:
                self._robots.check(f"{at.scheme}://{at.netloc.decode()}", str(at))
            found = self._once(at, headers, any_media=robots)
            if isinstance(found, Reply):
                return found
            at = found
        raise FetchError(f"It redirects more than {self._limits.redirects} times.")

    def _once(self, at: httpx.URL, headers: dict[str, str], *, any_media: bool) -> Reply | httpx.URL:
        """One request: what came back, or where it points to."""
        with _failures(), self._http.stream("GET", at, headers=headers) as response:
            if response.status_code in REDIRECTS and "location" in response.headers:
                return address(str(at.join(response.headers["location"])))
            if response.status_code != 200:
                raise FetchError(_status(response.status_code), status=response.status_code)
            media = response.headers.get("content-type", "").split(";")[0].strip().lower()
            if media not in READ and not any_media:
                raise FetchError(f"It is {media}; Dateline reads web pages, plain text, PDF, RSS and Atom.")
            return Reply(
                url=str(at),
                media=media,
                charset=response.charset_encoding,
                body=self._body(response),
                etag=_kept(response.headers.get("etag")),
                modified=_kept(response.headers.get("last-modified")),
            )

    def _body(self, response: httpx.Response) -> bytes:
        """All of it, unpacked. httpx would unpack a whole piece at once, and a bomb with it."""
        most = self._limits.size
        packing = response.headers.get("content-encoding", "").strip().lower()
        if packing not in ("", "identity", "gzip", "x-gzip"):
            raise FetchError(f"It came packed as {packing}, though only gzip was asked for.")
        unpack = zlib.decompressobj(zlib.MAX_WBITS | 16) if "gzip" in packing else None
        body = bytearray()
        try:
            for piece in response.iter_raw():
                body += unpack.decompress(piece, most + 1 - len(body)) if unpack else piece
                if len(body) > most:
                    raise FetchError(f"It has more than {most / 1e6:g} MB, which is the most for a page.")
                if unpack and unpack.eof:  # whatever follows, browsers ignore it too
                    break
        except zlib.error as error:
            raise FetchError(f"It was packed wrongly ({error}).") from error
        if unpack and not unpack.eof:
            raise FetchError("It broke off before its end: try again.")
        return bytes(body)


def address(url: str) -> httpx.URL:
    """`url`, spelled as all its like are and without its fragment. Raises FetchError when it cannot be fetched."""
    try:
        found = httpx.URL(url.strip())
    except httpx.InvalidURL as error:
        raise FetchError(f"It is not an address that can be fetched ({error}).") from error
    if found.scheme not in ("http", "https") or not found.host or (found.port or 0) > 65535:
        raise FetchError("It is not an address that can be fetched: those start with http:// or https:// and a name.")
    if found.userinfo:
        raise FetchError("Its address holds a user's name or password, which Dateline neither sends nor keeps.")
    return found.copy_with(fragment=None)


@contextmanager
def _failures() -> Iterator[None]:
    """httpx's errors as ours."""
    try:
        yield
    except httpx.TimeoutException as error:
        raise FetchError(f"It took too long ({error}): try again later.") from error
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise FetchError(f"It cannot be reached ({str(error) or 'no reason was given'}).") from error


def _status(status: int) -> str:
    match status:
        case 404 | 410:
            return f"There is no such page, or no longer (status {status})."
        case 401 | 402 | 403 | 407 | 451:
            return f"Its server does not let it be read (status {status})."
        case 429 | 500 | 502 | 503 | 504:
            return f"Its server cannot give it now (status {status}): try again later."
    return f"Its server answered with status {status} and no page."


def _kept(validator: str | None) -> str | None:
    """A validator as it may be sent back; None for what is no header."""
    return validator if validator and validator.isascii() and validator.isprintable() else None
