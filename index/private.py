"""Files that only their owner may read, replaced in one go."""

import os
import secrets
from pathlib import Path


def write_private(path: Path, text: str) -> None:
    """Write a file of mode 0600: who reads it meanwhile finds the old text or the new one, never a part.

    Raises OSError.
    """
    temporary = path.with_name(f"{path.name}.{secrets.token_hex(4)}.tmp")
    try:
        with open(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
