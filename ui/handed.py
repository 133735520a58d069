"""What the form for adding hands in, as records, and what of it stays in the form because it was not taken."""

import hashlib
import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from index.errors import InputError
from index.load import load, record
from index.types import Record, Report, Skip

LOOKS = re.compile(r"\w[\w+.-]*://\S+|(localhost|([\w-]+\.)+[\w-]{2,}|(\d+\.){3}\d+)(:\d+)?([/?#]\S*)?")
NO_ADDRESS = "It is not an address. Write one as https://example.org/news, several with spaces between them."
NO_TEXT = "Its text is missing: paste the article's text as well."
PASTED = "The pasted article"


@dataclass(frozen=True, slots=True)
class Pasted:
    """An article as it is pasted: what is not known is empty. `day` is `YYYY-MM-DD`."""

    text: str = ""
    title: str = ""
    publisher: str = ""
    day: str = ""
    url: str = ""

    def record(self) -> Record | Skip | None:
        """The article, or why there is none; None when nothing was pasted."""
        fields = {"title": self.title, "publisher": self.publisher, "published_at": self.day, "url": _whole(self.url)}
        said = {name: value.strip() for name, value in fields.items() if value.strip()}
        if not self.text.strip():
            return Skip(self.title.strip() or PASTED, NO_TEXT) if said else None
        digest = hashlib.sha256(self.text.encode("utf-8", "surrogatepass")).hexdigest()
        try:
            return record({**said, "text": self.text}, origin=None, fallback_key=f"pasted:{digest[:16]}")
        except InputError as error:
            return Skip(self.title.strip() or PASTED, str(error))


def addresses(typed: str) -> tuple[list[str], list[Skip]]:
    """The addresses in a field, whole, or why there are none. Blanks part them, if all parts look like addresses."""
    parts = typed.split()
    if all(LOOKS.fullmatch(part) for part in parts):
        return [_whole(part) for part in parts], []
    return [], [Skip(" ".join(parts), NO_ADDRESS)]


def _whole(address: str) -> str:
    """An address as it can be fetched; people leave out how it begins."""
    address = address.strip()
    return address if "://" in address or not address else f"https://{address}"


def uploaded(files: Sequence[str]) -> Iterator[Record | Skip]:
    """The articles in uploaded files, named by the digest of their bytes: two people's `news.txt` are two articles."""
    for path in (Path(file).resolve() for file in files):
        folder = f"{path.parent}{os.sep}"  # Gradio names it by that digest
        for item in load([path]):
            if isinstance(item, Skip):
                yield replace(item, source=item.source.replace(folder, ""))
            else:
                yield replace(item, key=item.key.replace(folder, f"upload:{path.parent.name[:16]}/"), origin=None)


@dataclass(frozen=True, slots=True)
class Form:
    """What stands in the form's fields."""

    files: tuple[str, ...] = ()
    pasted: Pasted = Pasted()
    addresses: str = ""


class Handed:
    """The records of a form, while they are handed in, and the form as it is left then."""

    def __init__(self, form: Form) -> None:
        self._form = form
        self._keys: dict[str, set[str]] = {}
        self._record = form.pasted.record()
        self.addresses, self._no_addresses = addresses(form.addresses)

    def records(self) -> Iterator[Record | Skip]:
        """All but what is at addresses."""
        for file in self._form.files:
            for item in uploaded([file]):
                if isinstance(item, Record):
                    self._keys.setdefault(file, set()).add(item.key)
                yield item
        if self._record:
            yield self._record
        yield from self._no_addresses

    def left(self, report: Report) -> Form:
        """The form without what was taken: what was skipped can be put right there."""
        taken = {*report.added, *report.changed, *report.unchanged}
        skipped = {skip.source for skip in report.skipped}
        pasted = isinstance(self._record, Record) and self._record.key in taken
        fetched = " ".join(address for address in self.addresses if address in skipped)
        return Form(
            files=tuple(file for file in self._form.files if not self._keys.get(file, set()) & taken),
            pasted=Pasted() if pasted else self._form.pasted,
            addresses=self._form.addresses if self._no_addresses else fetched,
        )
