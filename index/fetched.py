"""What was fetched before and is in the index, so that it need not be fetched again: a small file in the data folder.

| State found | What happens |
|---|---|
| the file is missing or broken | everything is fetched again |
| it knows a later version of the index than there is (a backup came back, or the library is new) | the same |
| a page was handed out, but its run was killed before the index had it | it is fetched again |
| a feed names a page that could not be fetched | the feed and that page are fetched again |
| two processes write at once | one of them is forgotten, and what it noted is fetched again |
"""

import json
import os
import tempfile
from collections.abc import Collection
from dataclasses import asdict, dataclass, field
from pathlib import Path

from index.errors import StorageError

FILE = "fetched.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """The version of a page or feed that is in the index: as its server names it, and as its feed lists it.

    `address` is where the link to it led; None where that was not noted yet.
    """

    etag: str | None = None
    modified: str | None = None
    listed: str | None = None
    address: str | None = None


Marks = dict[str, dict[str, Mark]]
"""By source, then by link: a page has one mark, under its own address; a feed one for each page, and its own when all
of them are in the index."""


@dataclass(slots=True)
class _Found:
    """What this run saw of a source: each link's mark with the key of its article, None where that was there before."""

    links: dict[str, tuple[Mark, str | None]] = field(default_factory=dict)
    whole: bool = True
    own: Mark | None = None


class Fetched:
    """What was fetched before, and what is found now. Nothing found is noted before `accept` says that it went in."""

    def __init__(self, data: Path, *, version: int) -> None:
        """What the file in the data folder says about an index of that version."""
        self._file = data / FILE
        self._marks = _read(self._file, version)
        self._found: dict[str, _Found] = {}
        self._read_at = {mark.address or link for links in self._marks.values() for link, mark in links.items()}
        self.unchanged: list[str] = []
        """The addresses that were passed over."""

    def mark(self, source: str, link: str) -> Mark:
        """What is known of a page that a source names; nothing, if it is new."""
        return self._marks.get(source, {}).get(link, Mark())

    def is_feed(self, source: str) -> bool:
        """Whether a source is known to name other pages."""
        return any(link != source for link in self._marks.get(source, ()))

    def was_read_at(self, address: str) -> bool:
        """Whether a page was fetched from that very address."""
        return address in self._read_at

    def passed_over(self, source: str, link: str, mark: Mark) -> None:
        """A page is as it was when the index took it."""
        self._of(source).links[link] = (mark, None)
        self.unchanged.append(link)

    def source_unchanged(self, source: str) -> None:
        """A source is as it was, and so all that it names counts as unchanged."""
        self.unchanged += [link for link in self._marks[source] if link != source or not self.is_feed(source)]

    def handed_out(self, source: str, link: str, mark: Mark, *, key: str) -> None:
        """The article of that key was made from a page, and is on its way to the index."""
        self._of(source).links[link] = (mark, key)
        self._read_at.add(mark.address or link)

    def failed(self, source: str) -> None:
        """Something that a feed names could not be fetched."""
        self._of(source).whole = False

    def listed(self, source: str, mark: Mark) -> None:
        """A feed was read to its end."""
        self._of(source).own = mark

    def accept(self, keys: Collection[str], *, version: int) -> None:
        """Note what was found, of the articles handed out only those with `keys`; the index has that version now.

        Raises StorageError when the file cannot be written.
        """
        if not self._found:
            return
        marks = _read(self._file, version)  # again: another process may have written
        for source, found in self._found.items():
            kept = {link: mark for link, (mark, key) in found.links.items() if key is None or key in keys}
            if found.own and found.whole and len(kept) == len(found.links):
                kept[source] = found.own
            marks[source] = kept
        self._found.clear()
        try:
            _write(self._file, marks, version)
        except OSError as error:
            raise StorageError(
                f"{self._file} cannot be written ({error}). The articles are in, and are fetched again next time."
            ) from error

    def _of(self, source: str) -> _Found:
        return self._found.setdefault(source, _Found())


def _read(file: Path, version: int) -> Marks:
    try:
        said = json.loads(file.read_text("utf-8"))
        if said["index_version"] > version:
            return {}
        return {
            source: {link: Mark(**{name: _text(value) for name, value in mark.items()}) for link, mark in links.items()}
            for source, links in said["sources"].items()
        }
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return {}


def _text(value: object) -> str | None:
    if value is None or isinstance(value, str):
        return value
    raise TypeError(value)


def _write(file: Path, marks: Marks, version: int) -> None:
    """Replace the file in one step, so that a reader sees the old one or the new one."""
    said = {
        "index_version": version,
        "sources": {source: {link: asdict(mark) for link, mark in links.items()} for source, links in marks.items()},
    }
    with tempfile.NamedTemporaryFile("w", dir=file.parent, prefix=file.name, encoding="utf-8", delete=False) as new:
        try:
            json.dump(said, new, indent=1)
            new.flush()
            os.fsync(new.fileno())
            os.replace(new.name, file)
        except BaseException:
            os.unlink(new.name)
            raise
