"""The wire: connections go to public addresses only and end when their time is up. Only this module imports httpcore.

| What a page might try | What stops it |
|---|---|
| a name for an address in here, or a number written oddly | names are resolved here, every address is checked |
| a name for another address a moment later (DNS rebinding) | the connection goes to the checked address itself |
| a redirect to an address in here | each connection is checked, whatever led to it |
| one byte a minute | each read and write gets what is left of the time for all of them |
"""

import socket
import ssl
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from ipaddress import ip_address, ip_network
from math import inf
from time import monotonic
from typing import Any

import httpcore
import httpx

from index.errors import InputError

Resolve = Callable[[str, int], Sequence[str]]
"""The addresses of a host, as numbers. Raises OSError when it has none."""

Backend = httpcore.NetworkBackend
"""What opens connections."""

ALSO_INSIDE = [
    ip_network(network)
    for network in (
        *("100.64.0.0/10", "192.0.0.0/24", "192.88.99.0/24", "198.18.0.0/15", "240.0.0.0/4"),
        *("::/96", "::ffff:0:0/96", "64:ff9b::/96", "64:ff9b:1::/48", "2001::/23", "2002::/16", "fec0::/10"),
        *("100:0:0:1::/64", "3fff::/20", "5f00::/16"),
    )
]
"""What `is_global` lets pass in some versions of Python: carrier NAT, tests, documentation, segment routing, and IPv6
that stands for an IPv4 address."""


def is_public(address: str) -> bool:
    """Whether an address is one of the public internet, as the IANA special-purpose registries have it."""
    at = ip_address(address)
    return at.is_global and not at.is_multicast and not any(at in network for network in ALSO_INSIDE)


def resolve(host: str, port: int) -> list[str]:
    """The addresses that the system knows for a host."""
    return list(dict.fromkeys(str(found[4][0]) for found in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)))


ADVICE = "If it is meant to be read: --allow-private."
"""What one who fetches on the command line can do about a private address."""


class Guard(httpcore.NetworkBackend):
    """Connects to what may be reached, while `deadline`, in seconds of `time.monotonic`, has not come.

    `advice` says to whom it refuses a private address how it is allowed.
    """

    def __init__(
        self,
        *,
        allow_private: bool = False,
        advice: str = ADVICE,
        resolve: Resolve = resolve,
        backend: Backend | None = None,
    ) -> None:
        self.deadline = inf
        self._allow_private = allow_private
        self._advice = advice
        self._resolve = resolve
        self._backend = backend or httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        """A connection to the first address of `host` that takes one. Raises InputError when any is not public."""
        failure: Exception = httpcore.ConnectError(f"the name {host} stands for no address")
        for address in self._addresses(host, port):
            try:
                stream = self._backend.connect_tcp(address, port, self.left(timeout), local_address, socket_options)
                return _Stream(stream, self)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
        raise failure

    def left(self, timeout: float | None) -> float:
        """Seconds that the next step may take."""
        left = self.deadline - monotonic()
        if left <= 0:
            raise httpcore.ReadTimeout("the time for the whole page is up")
        return left if timeout is None else min(timeout, left)

    def _addresses(self, host: str, port: int) -> Sequence[str]:
        try:
            found = self._resolve(host, port)
        except (OSError, UnicodeError) as error:
            raise httpcore.ConnectError(f"the name {host} is not known") from error
        inside = [] if self._allow_private else [address for address in found if not is_public(address)]
        if inside:
            at = "" if inside[0] == host else f"at {inside[0]}, "
            raise InputError(
                f"{host} is {at}an address inside a network and not on the public internet. {self._advice}"
            )
        return found


class _Stream(httpcore.NetworkStream):
    """A connection whose every step is over when the guard's time is."""

    def __init__(self, stream: httpcore.NetworkStream, guard: Guard) -> None:
        self._stream = stream
        self._guard = guard

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, self._guard.left(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, self._guard.left(timeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        return _Stream(self._stream.start_tls(ssl_context, server_hostname, self._guard.left(timeout)), self._guard)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


class Transport(httpx.BaseTransport):
    """What httpx sends its requests through: httpcore's pool over a guard."""

    def __init__(self, guard: Guard, tls: ssl.SSLContext) -> None:
        self._pool = httpcore.ConnectionPool(ssl_context=tls, network_backend=guard, keepalive_expiry=5)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        url = httpcore.URL(
            scheme=request.url.raw_scheme,
            host=request.url.raw_host,
            port=request.url.port,
            target=request.url.raw_path,
        )
        with _errors():
            found = self._pool.handle_request(
                httpcore.Request(request.method, url, headers=request.headers.raw, extensions=request.extensions)
            )
        return httpx.Response(found.status, headers=found.headers, stream=_Body(found), extensions=found.extensions)

    def close(self) -> None:
        self._pool.close()


class _Body(httpx.SyncByteStream):
    def __init__(self, response: httpcore.Response) -> None:
        self._response = response

    def __iter__(self) -> Iterator[bytes]:
        with _errors():
            yield from self._response.iter_stream()

    def close(self) -> None:
        self._response.close()


@contextmanager
def _errors() -> Iterator[None]:
    """httpcore's errors as httpx's."""
    try:
        yield
    except httpcore.TimeoutException as error:
        raise httpx.TimeoutException(str(error)) from error
    except (httpcore.NetworkError, httpcore.ProtocolError, httpcore.UnsupportedProtocol) as error:
        raise httpx.TransportError(str(error)) from error
