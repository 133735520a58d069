"""Bytes of unknown encoding become text, or a reason why they don't."""

import codecs
import re

from index.errors import InputError

BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
DECLARED = re.compile(rb"""<meta[^>]{0,200}charset\s*=\s*["']?([\w-]{2,40})""", re.IGNORECASE)
SAMPLE = 1 << 18
NOT_TEXT = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f-\x84\x86-\x9f\ufffd]")


def decode(data: bytes) -> str:
    """The text of a whole file. Raises InputError when it is empty, binary or in no encoding that can be told."""
    if not data.strip():
        raise InputError("It is empty.")
    name = encoding(data[:SAMPLE])
    try:
        text = data.decode(name)
    except UnicodeDecodeError:
        text = _guessed(data)
    return checked(text)


def encoding(head: bytes) -> str:
    """The encoding of a file that starts with `head`. Raises InputError when `head` is not text."""
    for bom, name in BOMS:
        if head.startswith(bom):
            return name
    if b"\0" in head:
        raise InputError("It is binary, not text.")
    if _decodes(head, "utf-8"):
        return "utf-8"
    declared = DECLARED.search(head[:8192])
    if declared and _decodes(head, declared[1].decode()):
        return declared[1].decode()
    return _guess(head)


def checked(text: str) -> str:
    """`text`, unless it reads like a binary file. Raises InputError."""
    sample = text[:SAMPLE]
    if "\0" in text or len(NOT_TEXT.findall(sample)) > 0.02 * len(sample):
        raise InputError("It is binary, not text, or its encoding cannot be told: save it as UTF-8.")
    return text


def _decodes(head: bytes, name: str) -> bool:
    try:
        codecs.getincrementaldecoder(name)().decode(head)
    except (UnicodeError, LookupError):
        return False
    return True


def _guess(data: bytes) -> str:
    from charset_normalizer import from_bytes  # slow to import, and seldom needed

    best = from_bytes(data).best()
    if best is None:
        raise InputError("Its encoding cannot be told: save it as UTF-8.")
    return best.encoding


def _guessed(data: bytes) -> str:
    """The text of a file whose beginning decoded and whose rest did not."""
    try:
        return data.decode(_guess(data[:SAMPLE] + data[-SAMPLE:]))
    except UnicodeDecodeError:
        raise InputError("It is not in one encoding throughout: save it as UTF-8.") from None
