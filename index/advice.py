"""What to do when a data folder cannot be used: a sentence for the end of an error."""

import os
import shutil
from pathlib import Path

LITTLE = 1_000_000
"""Bytes of free space below which it is the disk that is full."""


def advice(folder: Path, said: object = "") -> str:
    """What to do about an error of the operating system, SQLite or Chroma in a folder; "" when there is no telling."""
    if any(words in str(said) for words in ("malformed", "not a database")):
        return (
            " The file is damaged. What can be mended is mended by: dateline verify --repair. Else put a copy of the "
            "folder back, or add or import the articles again into another one: --data DIR"
        )
    if not folder.is_dir():
        return ""
    if not os.access(folder, os.W_OK):
        return " Dateline writes there even to read: get the right to, or copy the folder and give the copy: --data DIR"
    if "is full" in str(said) or shutil.disk_usage(folder).free < LITTLE:
        return " The disk is full: free some space and run the same again. What was added is safe."
    return ""
