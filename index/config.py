"""What can be set, and where from: an argument, else the environment, else `config.toml` in the data folder."""

import os
import shlex
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

    `model` is a sentence-transformers name or folder, `precision` "int8" or "fp32" (see `index.embed`), `chunk_tokens`
    the most tokens of an embedded chunk, its title included, and `overlap` how many sentences a chunk shares with the
    one before.

    `engine` is where articles are cut and embedded: "ray" on a Ray cluster, else in this process (see `index.engine`).

    `chroma_url` is the address of a Chroma server that holds the vectors in place of a folder beside the library.

    `llm` names the language model that writes the answers; without it there is none, whatever the environment holds.
    `llm_url` is the address of the OpenAI-compatible server that runs it, and `llm_tokens` the most tokens of article
    text that it is sent for a question.
    """

    data: Path
    model: str | None = None
    precision: str | None = None
    chunk_tokens: int | None = None
    overlap: int | None = None
    chroma_url: str | None = None
    engine: str | None = None
    llm: str | None = None
    llm_url: str | None = None
    llm_tokens: int | None = None


def data_option(config: Config) -> str:
    """What a command that is named to the user has to say of the data folder, with a blank before it; "" by default."""
    return "" if config.data == Path(DEFAULT_DATA) else f" --data {shlex.quote(str(config.data))}"


def configure(
    *,
    data: str | Path | None = None,
    model: str | None = None,
    precision: str | None = None,
    chroma_url: str | None = None,
    engine: str | None = None,
    environ: Mapping[str, str] = os.environ,
) -> Config:
    """Put the settings together.

    Environment: DATELINE_DATA, DATELINE_MODEL, DATELINE_PRECISION, DATELINE_CHROMA_URL, DATELINE_LLM, and
    OPENAI_BASE_URL for `llm_url`, which the file overrules: that one may be there for another program. File: all but
    `data` and `engine`. Raises ConfigError on a setting that is unknown or has the wrong type.
    """
    folder = Path(data or environ.get("DATELINE_DATA") or DEFAULT_DATA)
    file = folder / FILE
    settings: dict[str, object] = {}
    try:
        if file.is_file():
            settings = tomllib.loads(file.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        raise ConfigError(f"{file} cannot be read: {error}") from error
    known: dict[str, type] = dict.fromkeys(("model", "precision", "chroma_url", "llm", "llm_url"), str)
    known |= dict.fromkeys(("chunk_tokens", "overlap", "llm_tokens"), int)
    for name, value in settings.items():
        if name not in known:
            raise ConfigError(f"{file} sets {name!r}, which is not a setting. There are: {', '.join(known)}.")
        if type(value) is not known[name]:
            raise ConfigError(f"{file} sets {name} = {value!r}; it takes a value of type {known[name].__name__}.")
    named = model or environ.get("DATELINE_MODEL") or settings.get("model")
    exact = precision or environ.get("DATELINE_PRECISION") or settings.get("precision")
    server = chroma_url or environ.get("DATELINE_CHROMA_URL") or settings.get("chroma_url")
    llm = environ.get("DATELINE_LLM") or settings.get("llm")
    llm_url = settings.get("llm_url") or environ.get("OPENAI_BASE_URL")
    chunk_tokens, overlap, llm_tokens = (settings.get(name) for name in ("chunk_tokens", "overlap", "llm_tokens"))
    assert (
        isinstance(chunk_tokens, int | None) and isinstance(overlap, int | None) and isinstance(llm_tokens, int | None)
    )
    return Config(
        data=folder,
        model=str(named) if named else None,
        precision=str(exact) if exact else None,
        chroma_url=str(server) if server else None,
        engine=engine,
        chunk_tokens=chunk_tokens,
        overlap=overlap,
        llm=str(llm) if llm else None,
        llm_url=str(llm_url) if llm_url else None,
        llm_tokens=llm_tokens,
    )
