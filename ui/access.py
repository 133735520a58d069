"""Who may come in: whoever shows a key, is logged in with one, or can read the data folder."""

import hmac
import secrets

from starlette.datastructures import Headers
from starlette.requests import HTTPConnection

from index.errors import ForbiddenError, StorageError
from ui.keys import LOCAL, Key, Keys
from ui.rates import Rates
from ui.sessions import COOKIE, Sessions
from ui.visit import CHANGE, current, demand_change


class Access:
    """The keys of a data folder, who is logged in with one, and the token that lets the command line in.

    Keys are needed where others can reach the server (`always`), and everywhere as soon as there are any.
    """

    def __init__(self, keys: Keys, *, always: bool = False) -> None:
        self.keys = keys
        self.sessions = Sessions()
        self.guesses = Rates()
        self.token = secrets.token_urlsafe(32)
        self._always = always

    def needed(self) -> bool:
        """Whether one needs a key. Keys that cannot be read are needed like any other."""
        try:
            return self._always or bool(self.keys.all())
        except StorageError:
            return True

    def holder(self, request: HTTPConnection) -> Key | None:
        """The key that a request comes with, if it comes with one; the token is one that the file does not have.

        Raises StorageError.
        """
        secret = bearer(request.headers)
        if secret is None:
            return self.logged_in(request)
        if hmac.compare_digest(secret.encode("utf-8", "surrogatepass"), self.token.encode()):
            return Key(LOCAL, CHANGE, "", "")
        return self.keys.find(secret)

    def demand_change(self) -> None:
        """Raise ForbiddenError unless this is a part of a request that may change the index, or goes on with one.

        The key is looked up again: what one has begun may come up long after it was revoked. Raises StorageError.
        """
        demand_change()
        visit = current()
        if visit and visit.digest and not any(key.sha256 == visit.digest for key in self.keys.all()):
            raise ForbiddenError(
                f"The key of {visit.key} was revoked, so what it has begun goes no further. Begin it with another key."
            )

    def logged_in(self, request: HTTPConnection) -> Key | None:
        """The key that a browser has logged in with, while there is that key."""
        digest = self.sessions.key_of(request.cookies.get(COOKIE, ""))
        return next((key for key in self.keys.all() if key.sha256 == digest), None)


def bearer(headers: Headers) -> str | None:
    """What a request shows as its key."""
    scheme, _, secret = headers.get("authorization", "").partition(" ")
    return secret.strip() if scheme.lower() == "bearer" else None
