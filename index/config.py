"""What can be set, and where from: an argument, else the environment, else `config.toml` in the data folder."""

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from index.errors import ConfigError

DEFAULT_DATA = ".dateline"
FILE = "config.toml"
SAMPLES = Path(__file__).parent / "samples"
"""The articles that ship with Dateline."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """Settings. None means: as the index was built; for a new index and for a rebuild, the
    default (a rebuild keeps the model).

    `model` is a sentence-transformers name or folder, `chunk_tokens` the most tokens of an embedded chunk, its title
    included, and `overlap` how many sentences a chunk shares with the one before.
    """

    data: Path
    model: str | None = None
    chunk_tokens: int | None = None
    overlap: int | None = None


def configure(
    *,
    data: str | Path | None = None,
    model: str | None = None,
    environ: Mapping[str, str] = os.environ,
) -> Config:
    """Put the settings together.

    Environment: DATELINE_DATA, DATELINE_MODEL. File: `model`, `chunk_tokens`, `overlap`. Raises ConfigError on a
    setting that is unknown or has the wrong type.
    """
    folder = Path(data or environ.get("DATELINE_DATA") or DEFAULT_DATA)
    file = folder / FILE
    settings: dict[str, object] = {}
    try:
        if file.is_file():
            settings = tomllib.loads(file.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        raise ConfigError(f"{file} cannot be read: {error}") from error
    known = {"model": str, "chunk_tokens": int, "overlap": int}
    for name, value in settings.items():
        if name not in known:
            raise ConfigError(f"{file} sets {name!r}, which is not a setting. There are: {', '.join(known)}.")
        if type(value) is not known[name]:
            raise ConfigError(f"{file} sets {name} = {value!r}; it takes a value of type {known[name].__name__}.")
    named = model or environ.get("DATELINE_MODEL") or settings.get("model")
    chunk_tokens, overlap = settings.get("chunk_tokens"), settings.get("overlap")
    assert isinstance(chunk_tokens, int | None) and isinstance(overlap, int | None)
    return Config(data=folder, model=str(named) if named else None, chunk_tokens=chunk_tokens, overlap=overlap)
