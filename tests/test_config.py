"""Where settings come from, and what is said about the wrong ones."""

from pathlib import Path

import pytest

from index.config import Config, configure
from index.errors import ConfigError


def test_without_any_setting_the_folder_is_the_default_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert configure(environ={}) == Config(data=Path(".dateline"))
    assert list(tmp_path.iterdir()) == []


def test_an_argument_goes_before_the_environment_and_that_before_the_file(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text('model = "of-file"\nchunk_tokens = 128\noverlap = 0\n')
    environ = {"DATELINE_DATA": str(tmp_path), "DATELINE_MODEL": "of-environment"}
    numbers = {"chunk_tokens": 128, "overlap": 0}
    assert [
        configure(model="of-argument", environ=environ),
        configure(environ=environ),
        configure(environ={"DATELINE_DATA": str(tmp_path)}),
        configure(data=tmp_path, environ={}),
        configure(data=tmp_path / "other", environ=environ),
    ] == [
        Config(data=tmp_path, model="of-argument", **numbers),
        Config(data=tmp_path, model="of-environment", **numbers),
        Config(data=tmp_path, model="of-file", **numbers),
        Config(data=tmp_path, model="of-file", **numbers),
        Config(data=tmp_path / "other", model="of-environment"),
    ]


def test_empty_settings_count_as_none(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text("")
    environ = {"DATELINE_DATA": "", "DATELINE_MODEL": ""}
    assert configure(data=str(tmp_path), model="", environ=environ) == Config(data=tmp_path)


def test_the_language_model_is_named_by_the_environment_or_the_file(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text('llm = "of-file"\nllm_tokens = 1000\n')
    assert [
        configure(data=tmp_path, environ={"DATELINE_LLM": "of-environment"}),
        configure(data=tmp_path, environ={"DATELINE_LLM": ""}),
        configure(
            data=tmp_path / "other", environ={"DATELINE_LLM": "of-environment", "OPENAI_BASE_URL": "http://env/v1"}
        ),
    ] == [
        Config(data=tmp_path, llm="of-environment", llm_tokens=1000),
        Config(data=tmp_path, llm="of-file", llm_tokens=1000),
        Config(data=tmp_path / "other", llm="of-environment", llm_url="http://env/v1"),
    ]


def test_the_address_in_the_file_overrules_a_variable_that_another_program_may_need(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text('llm = "m"\nllm_url = "http://127.0.0.1:11434/v1"\n')
    config = configure(data=tmp_path, environ={"OPENAI_BASE_URL": "https://elsewhere.example/v1"})
    assert config == Config(data=tmp_path, llm="m", llm_url="http://127.0.0.1:11434/v1")


def test_no_variable_of_openai_configures_a_language_model(tmp_path: Path) -> None:
    config = configure(data=tmp_path, environ={"OPENAI_API_KEY": "sk-stray", "OPENAI_BASE_URL": "http://env/v1"})
    assert config.llm is None
    assert "sk-stray" not in repr(config)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (
            b"chunk_size = 100",
            "'chunk_size', which is not a setting. There are: model, precision, chroma_url, llm, llm_url, chunk_tokens",
        ),
        (b'chunk_tokens = "100"', "chunk_tokens = '100'; it takes a value of type int"),
        (b"overlap = true", "overlap = True; it takes a value of type int"),
        (b"overlap = 1.0", "overlap = 1.0; it takes a value of type int"),
        (b"llm = true", "llm = True; it takes a value of type str"),
        (b'llm_tokens = "3000"', "llm_tokens = '3000'; it takes a value of type int"),
        (b"model = 5", "model = 5; it takes a value of type str"),
        (b"model = [", "cannot be read"),
        (b"model = '\xff'", "cannot be read"),
    ],
)
def test_a_wrong_setting_is_named_with_its_file(tmp_path: Path, content: bytes, said: str) -> None:
    (tmp_path / "config.toml").write_bytes(content)
    with pytest.raises(ConfigError) as error:
        configure(data=tmp_path, environ={})
    assert said in str(error.value)
    assert str(tmp_path / "config.toml") in str(error.value)
