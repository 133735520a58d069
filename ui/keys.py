"""The keys that let people and programs in from elsewhere: a file in the data folder that holds their digests."""

import fcntl
import hashlib
import hmac
import json
import os
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path

from index.errors import InputError, NotFoundError, StorageError
from index.private import write_private
from ui.visit import Right

FILE = "keys.json"
PREFIX = "dl_"
"""What every key begins with, for people and for programs that look for leaked ones."""
LOCAL = "local"
"""The name that the command line goes by, which lets itself in by what it can read in the data folder."""
NAME = re.compile(r"[\w.@-]{1,60}")


@dataclass(frozen=True, slots=True)
class Key:
    """Whose key it is, what it may do, the day it was made, and its SHA-256: a key is random, so that suffices."""

    name: str
    may: Right
    created: str
    sha256: str


class Keys:
    """The keys of a data folder. A change in the file counts from the next look on, whoever made it."""

    def __init__(self, data: Path) -> None:
        self._data = data
        self._file = data / FILE
        self._read: tuple[tuple[int, ...] | None, tuple[Key, ...]] = (None, ())

    def all(self) -> tuple[Key, ...]:
        """Every key, oldest first. Raises StorageError when the file cannot be read."""
        try:
            found = os.stat(self._file)
            state = (found.st_mtime_ns, found.st_size, found.st_ino)
            if self._read[0] != state:
                self._read = (state, tuple(Key(**key) for key in json.loads(self._file.read_text("utf-8"))["keys"]))
        except FileNotFoundError:
            return ()
        except (OSError, ValueError, TypeError, KeyError) as error:
            raise StorageError(f"The keys in {self._file} cannot be read: {error}") from error
        return self._read[1]

    def add(self, name: str, may: Right, *, today: date) -> str:
        """A new key, which is nowhere to be read again.

        Raises InputError when the name is taken or cannot be one, StorageError when the file cannot be written.
        """
        if not NAME.fullmatch(name) or name == LOCAL:
            raise InputError(f"{name!r} cannot be a key's name. It takes up to 60 letters, digits and . _ @ -")
        secret = PREFIX + secrets.token_urlsafe(32)
        with self._changing():
            keys = self.all()
            if any(key.name == name for key in keys):
                raise InputError(f"There is a key of {name} already. To take it away: dateline keys revoke {name}")
            self._write((*keys, Key(name, may, today.isoformat(), _digest(secret))))
        return secret

    def revoke(self, name: str) -> None:
        """Take a key away, at once. Raises NotFoundError when there is none of that name, StorageError as `add`."""
        with self._changing():
            keys = self.all()
            left = tuple(key for key in keys if key.name != name)
            if left == keys:
                raise NotFoundError(f"There is no key of {name!r}. To see which there are: dateline keys list")
            self._write(left)

    def find(self, secret: str) -> Key | None:
        """The key that a secret is, if it is one. It takes as long whichever it is, or none."""
        digest = _digest(secret)
        found = None
        for key in self.all():
            if hmac.compare_digest(digest, key.sha256):
                found = key
        return found

    @contextmanager
    def _changing(self) -> Iterator[None]:
        """One change at a time, across processes: none undoes another."""
        try:
            self._data.mkdir(parents=True, exist_ok=True)
            folder = os.open(self._data, os.O_RDONLY)
            try:
                fcntl.flock(folder, fcntl.LOCK_EX)
                yield
            finally:
                os.close(folder)
        except OSError as error:
            raise StorageError(f"The keys in {self._file} cannot be changed: {error}") from error

    def _write(self, keys: tuple[Key, ...]) -> None:
        write_private(self._file, json.dumps({"keys": [asdict(key) for key in keys]}, indent=2) + "\n")


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()
