"""The right to write to a data folder."""

import json
import os
from contextlib import suppress
from pathlib import Path

from filelock import FileLock, Timeout

from index.advice import advice
from index.errors import BusyError, StorageError
from index.private import write_private

PATIENCE = 1.0
"""Seconds that a writer waits for the lock: a reader holds it for a moment, to mend what a killed writer left."""


class WriterLock:
    """The right to write to a data folder, held by one process at a time.

    Beside the lock lies a note of who holds it, which only its owner may read; a server writes its address there and
    what it lets the command line in with, which hands its work over.
    """

    def __init__(self, data: Path) -> None:
        self._lock = FileLock(data / "writer.lock")
        self._note = data / "writer.json"

    def acquire(self, *, wait: float = PATIENCE) -> None:
        """Take the right; raises BusyError, naming the holder, when another process has it."""
        try:
            self._lock.acquire(timeout=wait)
        except Timeout as error:
            holder = self.holder()
            if holder.get("url"):
                raise BusyError(
                    f"Dateline is already serving {self._note.parent} at {holder['url']}. Use that, or stop it first."
                ) from error
            who = f"process {holder['pid']}" if "pid" in holder else "another process"
            raise BusyError(
                f"{who.capitalize()} is writing to {self._note.parent}. Wait until it has finished, then try again."
            ) from error
        except OSError as error:
            raise self._unwritable(error) from error
        try:
            self.announce()
        except StorageError:
            self.release()
            raise

    def announce(self, url: str | None = None, instance: str | None = None, token: str | None = None) -> None:
        """Write down who holds the lock, where it serves, and what lets in whoever may read this folder.

        Raises StorageError.
        """
        note = {"pid": os.getpid(), "url": url, "instance": instance, "token": token}
        try:
            write_private(self._note, json.dumps(note))
        except OSError as error:
            raise self._unwritable(error) from error

    def _unwritable(self, error: OSError) -> StorageError:
        folder = self._note.parent
        return StorageError(f"{folder} cannot be written to: {error}.{advice(folder)}")

    def holder(self) -> dict[str, object]:
        """Who wrote the note, if it can be read."""
        try:
            note = json.loads(self._note.read_text())
            return note if isinstance(note, dict) else {}
        except (OSError, ValueError):
            return {}

    def is_held(self) -> bool:
        """Whether a process has the right: the note may be that of a killed one, or have come with a copied folder."""
        try:
            with self._lock.acquire(timeout=0):
                return False
        except (Timeout, OSError):  # one whom the system keeps from asking believes the note
            return True

    def release(self) -> None:
        """Give the right back."""
        if self._lock.is_locked:
            if self.holder().get("pid") == os.getpid():  # or it is that of another folder, which came to this place
                with suppress(OSError):
                    self._note.unlink(missing_ok=True)
            self._lock.release()
