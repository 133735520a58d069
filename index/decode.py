"""Bytes of unknown encoding become text, or a reason why they don't."""

import codecs
import re

from index.errors import InputError

BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
DECLARED = re.compile(rb"""<meta[^>]{0,200}charset\s*=\s*["']?([\w-]{2,40})""", re.IGNORECASE)
SAMPLE = 1 << 18
WESTERN = re.compile(
    r"\b(?:the|and|of|was|le|les|et|des|une|dans|el|los|que|una|der|die|und|das|nicht|il|che|het|een|och|att|og|det|uma)\b",
    re.IGNORECASE,
)
"""Frequent words of languages that are written in Windows-1252, none of them Polish, Czech or Hungarian too."""
NOT_WESTERN = re.compile(r"[^\x00-\x7f\xa0-\xff‘’“”‚„–—…•€™œŒ‹›†]|[¤¦¬¯±¶¸¹×Ð÷ð¥]")
NO_CHARSET = {"unicode_escape", "raw_unicode_escape", "punycode", "idna", "utf_7", "undefined"}
"""Python's codecs that no page is written in; the time that some of them take grows with the square of the length."""
WEB_NAMES = {
    **{"ascii": "cp1252", "iso8859-1": "cp1252", "iso8859-9": "cp1254"},
    **{"gb2312": "gb18030", "gbk": "gb18030", "shift_jis": "cp932", "euc_kr": "cp949"},
}
"""What these names mean on the web (WHATWG Encoding Standard, section 4.2)."""
NOT_TEXT = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f-\x84\x86-\x9f\ufffd]")


def decode(data: bytes, *, charset: str | None = None) -> str:
    """The text of a whole file. `charset` is what its server says it is written in; a byte order mark knows better, and
    so do bytes that are not in it.

    Raises InputError when it is empty, binary or in no encoding that can be told.
    """
    if not data.strip():
        raise InputError("It is empty.")
    marked = any(data.startswith(bom) for bom, _ in BOMS)
    named = _codec(charset) if charset and not marked else None
    name = named if named and _decodes(data, named) else encoding(data)
    try:
        text = data.decode(name)
    except UnicodeDecodeError as error:
        raise InputError(f"Its byte {error.start:,} is not {name}, as the rest is: save it as UTF-8.") from None
    return checked(text)


def encoding(data: bytes, *, guess: bool = True) -> str:
    """The encoding of a file that is or starts with `data`; "utf-8" where it would have to be guessed and may not.

    Raises InputError when `data` is not text.
    """
    for bom, name in BOMS:
        if data.startswith(bom):
            return name
    if b"\0" in data:
        raise InputError("It is binary, not text.")
    if not guess or _decodes(data, "utf-8"):
        return "utf-8"
    declared = DECLARED.search(data[:8192])
    named = _codec(declared[1].decode()) if declared else None
    if named and _decodes(data, named):
        return named
    return _guess(data)


def checked(text: str) -> str:
    """`text`, unless it reads like a binary file. Raises InputError."""
    sample = text[:SAMPLE]
    if "\0" in text or len(NOT_TEXT.findall(sample)) > 0.02 * len(sample):
        raise InputError("It is binary, not text, or its encoding cannot be told: save it as UTF-8.")
    return text


def _codec(charset: str) -> str | None:
    """Python's name for what a page says it is written in; None for what is no charset."""
    try:
        name = codecs.lookup(charset).name
        b" ".decode(name, "replace")  # raises for codecs that make no text, such as hex
    except (LookupError, ValueError):
        return None
    return None if name.replace("-", "_") in NO_CHARSET else WEB_NAMES.get(name, name)


def _decodes(head: bytes, name: str) -> bool:
    try:
        codecs.getincrementaldecoder(name)().decode(head)
    except (UnicodeError, LookupError):
        return False
    return True


def _guess(data: bytes) -> str:
    """The encoding of bytes that are not UTF-8. Raises InputError when there is none."""
    first = re.search(rb"[\x80-\xff]", data)
    data = data[max(0, first.start() - SAMPLE // 2) if first else 0 :][:SAMPLE]
    whole, damaged = (data.decode("utf-8", errors) for errors in ("ignore", "replace"))
    if sum(character > "\x7f" for character in whole) > damaged.count("\ufffd"):
        return "utf-8"  # but for some bytes: another encoding would garble the rest
    if _is_western(data):
        return "cp1252"
    from charset_normalizer import from_bytes  # slow to import, and seldom needed

    best = from_bytes(data).best()
    if best is None:
        raise InputError("Its encoding cannot be told: save it as UTF-8.")
    return best.encoding


def _is_western(data: bytes) -> bool:
    """Whether `data` is text in Windows-1252. charset_normalizer 3.5 took 5 of 6 short ones for others."""
    try:
        text = data.decode("cp1252")
    except UnicodeDecodeError:
        return False
    words = len(text.split())
    return NOT_WESTERN.search(text) is None and len(WESTERN.findall(text)) >= max(1, 0.02 * words)
