"""The text of a PDF file. The only module that imports pypdf."""

import logging
import re
from collections import Counter
from pathlib import Path
from typing import BinaryIO

from index.errors import InputError
from index.types import Record

MOST_PAGES = 5000
NO_TITLE = re.compile(r"untitled|microsoft word|\.(?:docx?|indd|qxd|tex|dvi|pdf|html?)$|^https?:|^\W*$", re.IGNORECASE)


def read(file: Path | BinaryIO, *, key: str) -> Record:
    """The article in a PDF, its lines still as the page breaks them. Its date stays open: a PDF knows when it was made,
    not when it was published. Raises InputError when the file is encrypted, broken or has no text.
    """
    import pypdf  # slow to import

    logging.getLogger("pypdf").setLevel(logging.CRITICAL)  # it reports every oddity of a file it can read
    try:
        reader = pypdf.PdfReader(file)
        if reader.is_encrypted and not reader.decrypt(""):
            raise InputError("It is encrypted: save it without a password.")
        if len(reader.pages) > MOST_PAGES:
            raise InputError(f"It has {len(reader.pages):,} pages, and {MOST_PAGES:,} is the most: split it.")
        pages = [page.extract_text() for page in reader.pages]
        title, author = (_said(reader.metadata, name) for name in ("/Title", "/Author"))
    except (InputError, MemoryError):
        raise
    except Exception as error:  # a damaged file makes the parser raise nearly anything
        wrong = " ".join(str(error).split())[:120] or type(error).__name__
        raise InputError(f"It is not a PDF that can be read ({wrong}).") from error
    if not any(page.strip() for page in pages):
        raise InputError("It has no text layer (a scan?): run OCR on it first, for example `ocrmypdf in.pdf out.pdf`.")
    return Record(
        key=key,
        text="\n".join(_without_running_lines(pages)),
        title=None if title is None or NO_TITLE.search(title) else title,
        author=author,
        origin=key,
    )


def _said(metadata: object, name: str) -> str | None:
    value = metadata.get(name) if isinstance(metadata, dict) else None
    return value.strip() or None if isinstance(value, str) else None


def _without_running_lines(pages: list[str]) -> list[str]:
    """The pages without their page numbers and without the header and footer lines that most of them share."""
    split = [[line for line in page.splitlines() if line.strip()] for page in pages]
    edges = Counter(shape for lines in split for shape in {_shape(line) for line in lines[:2] + lines[-2:]})
    shared = {shape for shape, n in edges.items() if n >= 3 and n > len(pages) / 2 and not shape.endswith(".")}
    return [
        "\n".join(
            line
            for at, line in enumerate(page.splitlines())
            if not (_shape(line) in shared and line.strip() and _at_edge(page, at))
        )
        for page in pages
    ]


def _shape(line: str) -> str:
    return re.sub(r"\d+", "0", line.strip())


def _at_edge(page: str, at: int) -> bool:
    filled = [n for n, line in enumerate(page.splitlines()) if line.strip()]
    return at in filled[:2] or at in filled[-2:]
