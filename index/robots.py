"""What a site lets programs read, as its robots.txt says (RFC 9309). The only module that imports protego."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from index.errors import FetchError

if TYPE_CHECKING:
    from protego import Protego

AGENT = "Dateline"
"""The name that a robots.txt may speak to."""


class Robots:
    """The rules of the sites met so far; `get` fetches a robots.txt and raises FetchError.

    | robots.txt | The site's pages |
    |---|---|
    | is there | as it says |
    | answers with a status from 400 to 499 | may be read |
    | answers with another error, or cannot be reached | are not read, and it is said why |
    """

    def __init__(self, get: Callable[[str], bytes]) -> None:
        self._get = get
        self._sites: dict[str, Protego | str] = {}

    def check(self, site: str, url: str) -> None:
        """Raise FetchError when `url` may not be read; `site` is its scheme, host and port."""
        if site not in self._sites:
            self._sites[site] = self._read(site)
        rules = self._sites[site]
        if isinstance(rules, str):
            raise FetchError(rules)
        if not rules.can_fetch(url, AGENT):
            raise FetchError(f"Its site's robots.txt does not allow {AGENT} to read it.")

    def _read(self, site: str) -> "Protego | str":
        """The rules, or why there are none to go by."""
        from protego import Protego

        try:
            return Protego.parse(self._get(f"{site}/robots.txt").decode("utf-8", "replace"))
        except FetchError as error:
            if error.status is not None and 400 <= error.status < 500:
                return Protego.parse("")
            return f"It was not fetched, since its site's robots.txt cannot be read: {error}"
