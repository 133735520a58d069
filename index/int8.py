"""Embeddings by the model's own weights in a byte each: three times as fast as torch on a CPU, and no torch to import.

The first time a model is used so, it is exported to ONNX and quantized, which takes some ten seconds; the result, a
quarter of the size, is kept in the user's cache, and made anew when it is gone.
"""

import hashlib
import json
import os
import tempfile
import warnings
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from tokenizers import Tokenizer

from index.embed import PACKAGED, expected_digest, load, model_folder, weights_digest
from index.errors import ConfigError
from index.types import Span

RECIPE = "int8-1"
"""Part of the fingerprint: another way to export or quantize makes other vectors."""
TOLD = 16
"""Passages between two words about how many are finished."""
INPUTS = ("input_ids", "attention_mask", "token_type_ids")


class Int8Embedder:
    """A sentence-transformers model with quantized weights, on the CPU."""

    precision = "int8"

    def __init__(self, name: str = PACKAGED, *, cores: int | None = None) -> None:
        """Load a model by name or folder, exported before or now.

        Raises ConfigError when it is missing or damaged, cannot be exported, or the cache cannot be written.
        """
        folder = model_folder(name)
        self.name = name
        self._cores = cores or os.cpu_count() or 1
        self.fingerprint = hashlib.sha256(f"{expected_digest(name, folder)} {RECIPE}".encode()).hexdigest()
        file = cache() / f"{self.fingerprint[:32]}.onnx"
        if not file.is_file():
            weights_digest(name, folder)
            _make(folder, file)
        self._session = _session(file)
        self.dimension = int(self._session.get_outputs()[0].shape[-1])
        self._tokenizer = _tokenizer(folder)
        self._inputs = [found.name for found in self._session.get_inputs()]
        prompts = _json(folder / "config_sentence_transformers.json").get("prompts") or {}
        self._prompts = {kind: str(prompts.get(kind) or "") for kind in ("query", "document")}
        limit = int(_json(folder / "sentence_bert_config.json").get("max_seq_length") or 512)
        special = self._tokenizer.num_special_tokens_to_add(False)
        self.max_tokens = limit - special - len(self.token_spans([self._prompts["document"]])[0])
        self._reading = _tokenizer(folder)
        self._reading.enable_truncation(limit)

    def token_spans(self, texts: Sequence[str]) -> list[list[Span]]:
        """The tokens of each text as character ranges, without special tokens; nothing is cut off."""
        encoded = self._tokenizer.encode_batch(list(texts), add_special_tokens=False)
        return [[Span(*pair) for pair in one.offsets] for one in encoded]

    def passages(
        self, texts: Sequence[str], *, done: Callable[[int], None] = lambda count: None
    ) -> NDArray[np.float32]:
        """Embed passages: shape (len(texts), dimension), unit length. `done` is told how many are finished.

        Each is computed alone by one core, as many side by side as there are cores to take: nothing is padded.
        """
        vectors = np.zeros((len(texts), self.dimension), dtype=np.float32)
        prompted = [self._prompts["document"] + text for text in texts]
        with ThreadPoolExecutor(self._cores, thread_name_prefix="embedding") as cores:
            try:
                for at, vector in enumerate(cores.map(self._vector, prompted)):
                    vectors[at] = vector
                    if (at + 1) % TOLD == 0 or at + 1 == len(texts):
                        done(at + 1)
            except BaseException:
                cores.shutdown(cancel_futures=True)
                raise
        return vectors

    def question(self, text: str) -> NDArray[np.float32]:
        """Embed a question: shape (dimension,), unit length."""
        return self._vector(self._prompts["query"] + text)

    def _vector(self, text: str) -> NDArray[np.float32]:
        encoded = self._reading.encode(text)
        said = dict(zip(INPUTS, (encoded.ids, encoded.attention_mask, encoded.type_ids), strict=True))
        (found,) = self._session.run(None, {name: np.array([said[name]], dtype=np.int64) for name in self._inputs})
        vector: NDArray[np.float32] = found[0]
        return vector / np.linalg.norm(vector)


def cache() -> Path:
    """Where exported models are kept."""
    return Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache").expanduser() / "dateline" / "models"


def _tokenizer(folder: Path) -> Any:
    try:
        tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    except Exception as error:  # the library raises plain Exceptions
        raise ConfigError(f"{folder} has no tokenizer.json that can be read, which int8 takes: {error}") from error
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer


def _json(file: Path) -> dict[str, Any]:
    return dict(json.loads(file.read_text("utf-8"))) if file.is_file() else {}


def _session(file: Path) -> Any:
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    options.intra_op_num_threads = 1
    try:
        return onnxruntime.InferenceSession(str(file), options, providers=["CPUExecutionProvider"])
    except Exception as error:  # as above
        file.unlink(missing_ok=True)
        raise ConfigError(
            f"{file} was damaged and is deleted ({error}). Run the same again: it is made anew."
        ) from error


def _make(folder: Path, file: Path) -> None:
    """Export a model's weights, quantize them, and put the result where it is looked for, in one step."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=file.parent) as aside:
            whole, small = Path(aside) / "whole.onnx", Path(aside) / "small.onnx"
            try:
                _export(folder, whole)
                _quantize(whole, small)
            except ConfigError:
                raise
            except Exception as error:  # whatever a strange model makes of the exporter
                raise ConfigError(
                    f"The model in {folder} cannot be made int8 ({type(error).__name__}: {str(error)[:200]}). "
                    "Use it as it is: --precision fp32."
                ) from error
            os.replace(small, file)
    except OSError as error:
        raise ConfigError(
            f"The int8 form of the model cannot be written to {file.parent}: {error}. "
            "Set XDG_CACHE_HOME to a folder that can be written to, or use --precision fp32."
        ) from error


def _export(folder: Path, file: Path) -> None:
    model = load(folder).to("cpu").eval()
    import torch  # seconds to import

    class Traced(torch.nn.Module):
        """All of the model, from the tokens to the sentence's vector."""

        def __init__(self) -> None:
            super().__init__()
            self.model = model

        def forward(self, *tokens: torch.Tensor) -> torch.Tensor:
            found: torch.Tensor = self.model(dict(zip(names, tokens, strict=True)))["sentence_embedding"]
            return found

    names = [name for name in INPUTS if name in model.tokenizer.model_input_names]
    example = tuple(torch.ones(2, 16, dtype=torch.long) for _ in names)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the newer exporter takes six times as long, and its graph runs slower
        torch.onnx.export(
            Traced(),
            example,
            str(file),
            input_names=names,
            output_names=["vector"],
            dynamic_axes={**{name: {0: "texts", 1: "tokens"} for name in names}, "vector": {0: "texts"}},
            opset_version=17,
            dynamo=False,
        )


def _quantize(whole: Path, small: Path) -> None:
    import logging

    from onnxruntime.quantization import quantize_dynamic

    before = logging.root.manager.disable
    logging.disable(logging.WARNING)  # it advises a preparation that changes nothing here
    try:
        quantize_dynamic(whole, small, per_channel=True)
    finally:
        logging.disable(before)
