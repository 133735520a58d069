"""Files and folders become records, one at a time; whatever cannot be read becomes a `Skip` that says why.

| What | Key of its article |
|---|---|
| a record with an id | the id |
| a record with a URL, or a web page that names its own | the URL |
| a file with one article | its absolute path |
| one of many records in a file, with neither | the path, `#`, and a digest of its title (else of its text) |
"""

import errno
import hashlib
import os
import re
import stat
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from index import isolated
from index.decode import decode
from index.errors import InputError
from index.records import checked_key, checked_text, printable, record
from index.rows import rows
from index.types import Record, Skip

__all__ = ["FORMATS", "load", "record"]

LARGEST_FILE = 50_000_000
MOST_NAMED = 1000
"""Records of one file that are named when they cannot be used."""
LONGEST_REASON = 400
ONE = {".txt": "text", ".md": "markdown", ".markdown": "markdown", ".html": "html", ".htm": "html", ".pdf": "pdf"}
MANY = (".json", ".jsonl", ".ndjson", ".csv", ".tsv")
FORMATS = (*ONE, *MANY)
TWICE = "The id '{}' is used twice for different articles; the first was kept."
NO_ARTICLE = re.compile(
    r"\.(?:png|jpe?g|gif|webp|svg|ico|bmp|tiff?|avif|heic|mp[34]|m4a|wav|ogg|webm|mov|avi|mkv|css|m?js|map|woff2?|ttf|otf|eot)"
)
"""What lies beside saved articles and is passed over in folders."""


def load(sources: Iterable[str | Path]) -> Iterator[Record | Skip]:
    """The articles in files and folders, lazily and in a stable order.

    Folders are read with all their subfolders, hidden ones left out. Input that cannot be used yields one Skip each
    and never raises. A key met before with the same content is passed over; with other content it is a Skip.
    """
    seen: dict[str, bytes] = {}
    for source in sources:
        for item in _source(os.path.abspath(source)):
            if isinstance(item, Record):
                digest = hashlib.sha256(repr(replace(item, origin=None)).encode("utf-8", "surrogatepass")).digest()[:16]
                known = seen.setdefault(item.key, digest)
                if known is not digest:
                    if known != digest:
                        yield Skip(printable(item.origin or item.key), TWICE.format(printable(item.key)))
                    continue
            yield item


def _source(path: str) -> Iterator[Record | Skip]:
    """A file, or all files of a folder. Not recursive: folders nest deeper than Python does."""
    seen: set[tuple[int, int]] = set()
    todo = [path]
    while todo:
        at = todo.pop()
        try:
            found = os.stat(at)
            if not stat.S_ISDIR(found.st_mode):
                if at == path or not NO_ARTICLE.fullmatch(Path(at).suffix.lower()):
                    yield from _file(at, found.st_mode)
                continue
            if (found.st_dev, found.st_ino) in seen:
                yield Skip(printable(at), "It links to a folder that was already read.")
                continue
            seen.add((found.st_dev, found.st_ino))
            names = sorted(os.listdir(at), reverse=True)
        except (OSError, ValueError) as error:
            yield _skip(at, error)
            continue
        todo.extend(os.path.join(at, name) for name in names if not name.startswith("."))


def _file(path: str, mode: int) -> Iterator[Record | Skip]:
    suffix = Path(path).suffix.lower()
    if not stat.S_ISREG(mode):  # opening a pipe would wait for ever
        yield Skip(printable(path), "It is a pipe, a socket or a device, not a file.")
    elif suffix in MANY:
        yield from _records(Path(path), suffix)
    elif suffix in ONE:
        try:
            yield _article(Path(path), ONE[suffix])
        except (InputError, OSError, RecursionError) as error:
            yield _skip(path, error)
    else:
        yield Skip(printable(path), f"Dateline reads {', '.join(FORMATS)}; convert it to one of these.")


def _article(path: Path, format: str) -> Record:
    """A file that is one article. Raises InputError, OSError."""
    size = path.stat().st_size
    if size > LARGEST_FILE:
        raise InputError(
            f"It has {size // 1_000_000:,} MB, and {LARGEST_FILE // 1_000_000} is the most for one article."
        )
    key = checked_key(str(path))
    if format == "pdf":
        found = isolated.pdf(path, key=key)
    else:
        found = Record(key=key, text=decode(path.read_bytes()), format=format, origin=str(path))
    if format == "html":
        found = isolated.page(found)
        found = replace(found, key=checked_key(found.url or key))
    checked_text(found.text)
    return found


def _records(path: Path, suffix: str) -> Iterator[Record | Skip]:
    """A file that may hold many articles."""
    same: dict[str, int] = {}
    good = bad = 0
    try:
        for place, fields in rows(path, suffix):
            source = printable(f"{path} {place}".strip())
            try:
                if isinstance(fields, InputError):
                    raise fields
                found = record(fields, origin=str(path), fallback_key=str(path))
                yield found if found.key != str(path) else replace(found, key=_numbered(found, path, same))
                good += 1
            except (InputError, RecursionError) as error:
                bad += 1
                if bad <= MOST_NAMED:
                    yield _skip(source, error)
                elif bad > 10 * good:
                    reason = f"{bad:,} of its records cannot be used and {good:,} can; the rest was not read."
                    yield Skip(printable(str(path)), reason)
                    return
    except (InputError, OSError, RecursionError) as error:
        bad += 1
        yield _skip(str(path), error)
    if not good and not bad:
        yield Skip(printable(str(path)), "It has no articles in it.")
    if bad > MOST_NAMED:
        yield Skip(printable(str(path)), f"{bad - MOST_NAMED:,} more of its records cannot be used.")


def _numbered(found: Record, path: Path, same: dict[str, int]) -> str:
    digest = hashlib.sha256((found.title or found.text).encode("utf-8", "surrogatepass")).hexdigest()[:12]
    same[digest] = same.get(digest, 0) + 1
    return checked_key(f"{path}#{digest}" + (f"-{same[digest]}" if same[digest] > 1 else ""))


def _skip(source: str, error: Exception) -> Skip:
    """The one line that says what is wrong with `source`."""
    match error:
        case InputError():
            reason = str(error)
        case FileNotFoundError():
            reason = "It is a link to nothing." if os.path.islink(source) else "There is no such file or folder."
        case PermissionError():
            reason = "It may not be read: check its permissions."
        case OSError(errno=errno.ELOOP):
            reason = "It is a link that goes in circles."
        case RecursionError():
            reason = "It is nested too deeply to be an article."
        case _:
            reason = f"It cannot be read: {getattr(error, 'strerror', None) or error}."
    if len(reason) > LONGEST_REASON:
        reason = f"{reason[:LONGEST_REASON]}…"
    return Skip(printable(source), " ".join(printable(reason).split()))
