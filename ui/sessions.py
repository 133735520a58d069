"""Who is logged in with a browser: tokens in memory, each good for half a day and no longer than its key."""

import hashlib
import secrets
import time
from collections.abc import Callable

from ui.keys import Key

COOKIE = "dateline_session"
LASTS = 12 * 3600
"""Seconds."""


class Sessions:
    """The tokens that are out, by their digest: what is in memory lets nobody in."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._open: dict[bytes, tuple[str, float]] = {}

    def open(self, key: Key) -> str:
        """A new token for one who has shown a key."""
        now = self._clock()
        self._open = {digest: entry for digest, entry in self._open.items() if entry[1] > now}
        token = secrets.token_urlsafe(32)
        self._open[_digest(token)] = (key.sha256, now + LASTS)
        return token

    def key_of(self, token: str) -> str | None:
        """The digest of the key that a token stands for, while it is good."""
        entry = self._open.get(_digest(token))
        return entry[0] if entry and entry[1] > self._clock() else None

    def close(self, token: str) -> None:
        """The token is good for nothing any more."""
        self._open.pop(_digest(token), None)


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()
