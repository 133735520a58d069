"""Sizes in cl100k tokens, from the vocabulary that is installed."""

import os
import tempfile
from pathlib import Path

import pytest
import tiktoken.registry

from index import tokens
from index.tokens import count_tokens


@pytest.fixture
def fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is loaded yet, neither here nor in tiktoken."""
    tokens._encoding.cache_clear()
    monkeypatch.setattr(tiktoken.registry, "ENCODINGS", {})


@pytest.mark.usefixtures("fresh")
def test_texts_have_as_many_tokens_as_openai_counts() -> None:
    found = {
        text: count_tokens(text)
        for text in ("tiktoken is great!", "antidisestablishmentarianism", "2 + 2 = 4", "お誕生日おめでとう", "")
    }
    assert found == {
        "tiktoken is great!": 6,
        "antidisestablishmentarianism": 6,
        "2 + 2 = 4": 7,
        "お誕生日おめでとう": 9,
        "": 0,
    }


@pytest.mark.usefixtures("fresh")
@pytest.mark.parametrize("before", [None, "/nowhere/at/all"])
def test_loading_leaves_the_environment_and_the_disk_as_they_were(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, before: str | None
) -> None:
    monkeypatch.delenv("TIKTOKEN_CACHE_DIR", raising=False)
    if before:
        monkeypatch.setenv("TIKTOKEN_CACHE_DIR", before)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    environment = dict(os.environ)
    assert count_tokens("tiktoken is great!") == 6
    assert dict(os.environ) == environment
    assert list(tmp_path.iterdir()) == []


def test_what_looks_like_a_special_token_counts_as_text() -> None:
    assert count_tokens("<|endoftext|>") == 7
    assert count_tokens("a <|fim_prefix|> b") > 3


def test_a_lone_surrogate_is_counted_and_no_error() -> None:
    assert count_tokens("a\ud800b") > 0
