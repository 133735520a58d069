"""The file that a library is exported to: a zip of JSON Lines, with a manifest that has their digests.

    manifest.json    {"format": …, "format_version": 1, "dateline": …, "created": …, "members": {name: {"lines": 11,
                     "bytes": 52017, "sha256": …}, …}, …}
    articles.jsonl   one JSON object a line, in UTF-8; so in every other member

Any zip program and anything that reads JSON can read it. Whoever wrote it may be a stranger: nothing is believed before
it is checked, and no line and no sum of lines is read that is larger than an honest file's.
"""

import hashlib
import io
import json
import os
import secrets
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Any

from index.errors import InputError, StorageError
from index.rows import LONGEST_LINE

FORMAT = "dateline-library"
FORMAT_VERSION = 1
MANIFEST = "manifest.json"
LARGEST_MANIFEST = 1_000_000
LONGEST = 2 * LONGEST_LINE
"""Bytes of a line: an article of the most characters is there twice, as it arrived and cleaned."""
MOST_PACKED = 200
"""How many times its size a file may unpack to. Text packs to a quarter, a zip bomb to a thousandth."""
LEVEL = 1
"""How hard zlib tries: of 10,000 articles (60 MB) level 1 made 20 MB in 4 seconds, level 6 made 17 MB in 25."""
SLACK = 100_000_000
"""Bytes that any file may unpack to."""

Fields = dict[str, Any]
_UNREADABLE = (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError, ValueError)
"""What Python's zipfile raises where a file is damaged, or was made to look like one."""


class Packing:
    """A file that is being written."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive
        self.members: dict[str, Fields] = {}

    def add(self, name: str, rows: Iterable[Mapping[str, Any]]) -> None:
        """Write a member, a line for each row as it comes."""
        digest, lines, size = hashlib.sha256(), 0, 0
        with self._archive.open(name, "w", force_zip64=True) as member:
            for row in rows:
                line = (json.dumps(row, ensure_ascii=False, separators=(",", ":")) + "\n").encode()
                member.write(line)
                digest.update(line)
                lines += 1
                size += len(line)
        self.members[name] = {"lines": lines, "bytes": size, "sha256": digest.hexdigest()}

    def finish(self, fields: Mapping[str, Any]) -> None:
        """Write the manifest, with fields of one's own."""
        known = {"format": FORMAT, "format_version": FORMAT_VERSION, "dateline": version("dateline")}
        manifest = {**known, **fields, "members": self.members}
        with self._archive.open(MANIFEST, "w") as member:
            member.write((json.dumps(manifest, ensure_ascii=False, indent=2) + "\n").encode())


@contextmanager
def packing(path: Path, *, force: bool) -> Iterator[Packing]:
    """A new file, for its owner only, which has its name once it is whole and on the disk.

    Raises InputError when there is one of that name and not `force`, StorageError when it cannot be written.
    """
    temporary = path.with_name(f"{path.name}.{secrets.token_hex(4)}.tmp")
    _check_free(path, force)
    try:
        with open(os.open(temporary, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600), "w+b") as file:
            with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=LEVEL) as archive:
                yield Packing(archive)
            file.flush()
            os.fsync(file.fileno())
        _check_free(path, force)
        temporary.replace(path)
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    except OSError as error:
        raise StorageError(f"{path} cannot be written: {error.strerror or error}") from error
    finally:
        temporary.unlink(missing_ok=True)


def _check_free(path: Path, force: bool) -> None:
    if path.is_dir():
        raise InputError(f"{path} is a folder. Name a file to export to.")
    if os.path.lexists(path) and not force:
        raise InputError(f"{path} is there already. Name another file, or replace it: --force")


class Packed:
    """A file that is being read."""

    def __init__(self, archive: zipfile.ZipFile, size: int) -> None:
        """Look at the manifest and at what the file says it holds. Raises InputError."""
        self._archive = archive
        entries = {entry.filename: entry for entry in archive.infolist()}
        if MANIFEST not in entries or entries[MANIFEST].file_size > LARGEST_MANIFEST:
            raise InputError("it is no export of Dateline")
        self.manifest = self._manifest()
        self.members: Mapping[str, Fields] = self.manifest["members"]
        if len(archive.infolist()) != len(self.members) + 1 or entries.keys() != {*self.members, MANIFEST}:
            raise InputError("it does not hold the members that its manifest names")
        for entry in entries.values():
            if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) or entry.flag_bits & 1:
                raise InputError(f"{entry.filename} is packed in a way that Dateline does not read")
        if sum(entry.file_size for entry in entries.values()) > SLACK + MOST_PACKED * size:
            raise InputError(f"it would unpack to over {MOST_PACKED} times its size")

    def _manifest(self) -> Fields:
        with self._archive.open(MANIFEST) as member:
            manifest = _parsed(member.read(LARGEST_MANIFEST), MANIFEST)
        number = manifest.get("format_version")
        if manifest.get("format") != FORMAT or type(number) is not int:
            raise InputError("it is no export of Dateline")
        if number > FORMAT_VERSION:
            raise InputError(
                f"it has format {number}, and this Dateline reads up to {FORMAT_VERSION}; install a newer one"
            )
        members = manifest.get("members")
        if not isinstance(members, dict) or not all(isinstance(m, dict) for m in members.values()):
            raise InputError("its manifest names no members")
        return manifest

    def lines(self, name: str) -> int:
        """How many lines the manifest says a member has."""
        count = self.members[name].get("lines")
        return count if type(count) is int else 0

    def rows(self, name: str) -> Iterator[tuple[str, Fields]]:
        """The rows of a member, each with its place ("articles.jsonl, line 7"); those before a damage too.

        Raises InputError where it is damaged, or at its end when it is not what the manifest says.
        """
        digest, number = hashlib.sha256(), 0
        with self._archive.open(name) as member, io.BufferedReader(member, 1 << 20) as file:  # type: ignore[type-var]
            while line := file.readline(LONGEST):
                number += 1
                place = f"{name}, line {number:,},"
                digest.update(line)
                if not line.endswith(b"\n"):
                    raise InputError(f"{place} is cut off, or has over {LONGEST // 1_000_000} MB")
                yield place, _parsed(line, place)
        if self.members[name].get("sha256") != digest.hexdigest() or self.lines(name) != number:
            raise InputError(f"{name} is not what it was when it was written: its digest is another")


@contextmanager
def unpacking(path: Path) -> Iterator[Packed]:
    """A file as it is found. Raises InputError, with what is wrong, as long as it is open."""
    try:
        with path.open("rb") as file, zipfile.ZipFile(file) as archive:
            yield Packed(archive, path.stat().st_size)
    except FileNotFoundError as error:
        raise InputError("there is no such file") from error
    except _UNREADABLE as error:
        raise InputError("it is no zip file, or is damaged or cut off") from error


def _parsed(line: bytes, place: str) -> Fields:
    """The JSON object in a line, all of it text that can be written again."""
    try:
        fields = json.loads(line)
        if b"\\ud" in line.lower():
            json.dumps(fields, ensure_ascii=False).encode()  # half characters are no text
    except (ValueError, RecursionError) as error:
        raise InputError(f"{place} is no JSON") from error
    if not isinstance(fields, dict):
        raise InputError(f"{place} is no object with fields")
    return fields
