"""Adding what sources hold, with what is remembered of the web: for `add` and for each round of `watch`."""

from collections.abc import Callable, Sequence
from pathlib import Path

from index.fetch import is_address
from index.fetched import Fetched
from index.sources import items
from index.types import Progress
from index.web import Web
from ui.client import Client, Json


def gather(
    client: Client,
    sources: Sequence[str],
    *,
    data: Path,
    web: Callable[[], Web],
    again: bool = False,
    progress: Progress,
) -> Json:
    """What happened to the articles in files, folders, pages and feeds, as `Client.add` gives it.

    Those that need not be fetched count as unchanged. `again` is for sources gathered before; see `index.fetch.fetch`.
    """
    if not any(map(is_address, sources)):
        return client.add(items(sources, seen=Fetched(data, version=0), web=web), progress)
    version = client.status()["index_version"]
    seen = Fetched(data, version=version)
    report = client.add(items(sources, seen=seen, web=web, again=again), progress)
    if report["added"] or report["changed"]:
        version = client.status()["index_version"]
    seen.accept({*report["added"], *report["changed"], *report["unchanged"]}, version=version)
    report["unchanged"] += seen.unchanged
    return report
