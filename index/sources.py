"""Whatever someone may name as a source: files and folders are loaded, addresses are fetched."""

from collections.abc import Callable, Iterator, Sequence

from index.fetch import fetch, is_address
from index.fetched import Fetched
from index.load import load
from index.types import Record, Skip
from index.web import Web


def items(
    sources: Sequence[str], *, seen: Fetched, web: Callable[[], Web], again: bool = False
) -> Iterator[Record | Skip]:
    """The articles in files and folders, then those at addresses; see `load` and `fetch`.

    `web` opens the way out, which happens only if there is an address.
    """
    yield from load(source for source in sources if not is_address(source))
    if urls := [source for source in sources if is_address(source)]:
        with web() as opened:
            yield from fetch(urls, seen=seen, web=opened, again=again)
