"""The language model's client against a real HTTP server that answers well, slowly, brokenly or not at all."""

import logging
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from llm_server import GOOD, LlmServer, serving

from index.config import Config
from index.errors import ConfigError, DatelineError
from index.types import Article, Chunk, Hit
from qa.llm import LONGEST, OPENAI, TRIES, LlmError, Timeouts, Writer, writer_from
from qa.types import Turn

TODAY = date(2026, 11, 1)
KEY = "sk-secret-0123456789"
TEXT = "The bridge was closed on Thursday. Inspectors found two cracks."
BRIDGE = Article(id="bridge", title="Bridge closed", text=TEXT, publisher="Courier", published="2026-06-11")
HITS = (Hit(Chunk("bridge:0", BRIDGE, 0, len(TEXT)), 1.0, {}),)


@pytest.fixture
def server() -> Iterator[LlmServer]:
    with serving() as running:
        yield running


def writer(server: LlmServer, name: str = "good", **timeouts: float) -> Writer:
    return Writer(name, server.url, KEY, timeouts=Timeouts(**timeouts))


def write(server: LlmServer, name: str, **timeouts: float) -> str:
    return writer(server, name, **timeouts).write("Why was it closed?", HITS, today=TODAY)


def test_a_good_answer_arrives_whole_and_the_request_is_a_minimal_one(server: LlmServer) -> None:
    assert write(server, "good") == GOOD
    (request,) = server.requests
    assert request.keys() == {"model", "messages", "stream", "temperature"}
    assert (request["stream"], request["temperature"]) == (True, 0)
    assert [m["role"] for m in request["messages"]] == ["system", "user"]
    assert TEXT in request["messages"][1]["content"] and TEXT not in request["messages"][0]["content"]
    assert server.headers[0]["authorization"] == f"Bearer {KEY}"


@pytest.mark.parametrize("said", ["NO ANSWER", "No answer.", "**NO ANSWER** [1]", "Answer: NO ANSWER"])
def test_a_model_that_says_that_nothing_answers_writes_nothing(server: LlmServer, said: str) -> None:
    server.answer = said
    assert write(server, "good") == ""


def test_without_hits_nothing_is_asked(server: LlmServer) -> None:
    assert writer(server).write("Why?", (), today=TODAY) == ""
    assert server.requests == []


def test_what_a_model_thinks_is_not_what_it_writes(server: LlmServer) -> None:
    assert write(server, "thinking") == GOOD
    server.answer = "no opening tag</think> " + GOOD
    assert write(server, "good") == GOOD
    server.answer = "<think>and it was cut off while thinking [1]"
    with pytest.raises(LlmError, match="sent an empty answer"):
        write(server, "good")


@pytest.mark.parametrize("name", ["busy-once", "failing-once"])
def test_a_server_that_is_busy_or_fails_once_is_asked_again(server: LlmServer, name: str) -> None:
    assert write(server, name) == GOOD
    assert len(server.requests) == 2


def test_a_model_that_takes_no_temperature_gets_none(server: LlmServer) -> None:
    assert write(server, "without-temperature") == GOOD
    assert ["temperature" in request for request in server.requests] == [True, False]


WRONG = {
    "failing": "answered with status 503 \\(.*Loading model",
    "refusing": "refused the key \\(status 401\\). Check OPENAI_API_KEY",
    "echoing": "answered with status 400",
    "unheard-of": "was not found .*Check the model's name.*llm_url",
    "cut-off": "cannot be reached, or hung up",
    "ended-early": "broke off in the middle of its answer",
    "broken-json": "sent something that is no answer.*llm_url",
    "other-json": "sent something that is no answer",
    "nested-json": "sent something that is no answer",
    "web-page": "sent something that is no answer",
    "failing-inside": "failed \\(out of memory\\)",
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_is_said_with_where_and_what_to_check_and_without_the_key(
    server: LlmServer, name: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    with pytest.raises(LlmError, match=WRONG[name]) as error:
        write(server, name)
    assert isinstance(error.value, DatelineError)
    assert str(error.value).startswith(f"The language model {name} at {server.url} ")
    assert error.value.__suppress_context__ or error.value.__context__ is None
    assert KEY not in str(error.value) + caplog.text


def test_half_a_character_is_left_out_of_an_answer_and_of_a_rewritten_question(server: LlmServer) -> None:
    assert write(server, "half-a-character") == f"{GOOD} A smile is cut. [1]"
    server.answer = "What did\u202e Ingrid\ud800 Solvang\x1b say?"
    assert writer(server).stand_alone("What did she say?", HISTORY) == "What did Ingrid Solvang say?"


def test_what_a_failing_server_says_is_made_printable(server: LlmServer) -> None:
    with pytest.raises(LlmError) as error:
        write(server, "colourful")
    assert "(31m‹script›alert(1)‹/script› no memory" in str(error.value) and str(error.value).isprintable()
    server.answer = "<b>\x1b[1m Who?"
    with pytest.raises(LlmError, match="wrote '‹b›\\(1m Who") as error:
        writer(server).stand_alone("And what?", ())
    assert str(error.value).isprintable()


def test_what_will_not_help_is_not_repeated(server: LlmServer) -> None:
    for name, tries in (("failing", TRIES), ("refusing", 1), ("unheard-of", 1), ("cut-off", 1), ("broken-json", 1)):
        server.requests.clear()
        with pytest.raises(LlmError):
            write(server, name)
        assert (name, len(server.requests)) == (name, tries)


def test_a_server_that_is_not_there_is_said_to_be_unreachable() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(LlmError, match=f"127.0.0.1:{port}/v1 cannot be reached.*Is the server running"):
        Writer("good", f"http://127.0.0.1:{port}/v1").write("Why?", HITS, today=TODAY)


def test_a_server_that_never_begins_is_given_up_although_it_sends_signs_of_life(server: LlmServer) -> None:
    with pytest.raises(LlmError, match=r"has written nothing within 0\.3 seconds"):
        write(server, "silent", first=0.3)
    assert len(server.requests) == 1


def test_a_server_that_never_ends_is_given_up(server: LlmServer) -> None:
    with pytest.raises(LlmError, match=r"has not finished within 0\.5 seconds"):
        write(server, "dripping", total=0.5)
    assert LONGEST < len(write(server, "endless")) < 2 * LONGEST


def test_a_slow_first_word_does_not_count_against_the_others(server: LlmServer) -> None:
    server.answer = "and so on " * 20
    start = time.monotonic()
    with pytest.raises(LlmError, match="not finished within 1 "):
        write(server, "dripping", first=0.3, total=1.0)
    assert time.monotonic() - start > 0.9


def test_many_threads_may_write_at_once(server: LlmServer) -> None:
    held = writer(server)
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda n: held.write(f"Question {n}?", HITS, today=TODAY), range(16)))
    assert answers == [GOOD] * 16


HISTORY = (Turn("Who is the chief engineer?", "The chief engineer is Ingrid Solvang."),)


def test_a_follow_up_is_rewritten_from_what_was_said(server: LlmServer) -> None:
    server.answer = 'Rewritten: "What did Ingrid Solvang say about the bridge?"\nI replaced "she".'
    rewritten = writer(server).stand_alone("What did she say about the bridge?", HISTORY)
    assert rewritten == "What did Ingrid Solvang say about the bridge?"
    sent = server.requests[0]["messages"][1]["content"]
    assert "Ingrid Solvang" in sent and "What did she say about the bridge?" in sent


@pytest.mark.parametrize("said", ["What did Tobias Renn say?", "What did she say in 2019?", "?", "word " * 300])
def test_a_rewritten_question_brings_in_nothing_that_nobody_spoke_of(server: LlmServer, said: str) -> None:
    server.answer = said
    with pytest.raises(LlmError, match="did not rewrite the question"):
        writer(server).stand_alone("What did she say?", HISTORY)


def test_a_language_model_is_configured_by_its_name_alone() -> None:
    stray = {"OPENAI_API_KEY": KEY, "OPENAI_BASE_URL": "http://127.0.0.1:1/v1", "OPENAI_MODEL": "m"}
    config = Config(data=Path("unused"))
    assert writer_from(config, stray) is None
    assert writer_from(replace(config, llm_url="http://127.0.0.1:1/v1"), stray) is None


def test_the_key_comes_from_the_environment_and_shows_nowhere() -> None:
    config = Config(data=Path("unused"), llm="m", llm_url="https://llm.example/v1", llm_tokens=500)
    made = writer_from(config, {"OPENAI_API_KEY": f" {KEY}\n"})
    assert made == Writer("m", "https://llm.example/v1", KEY, 500)
    assert KEY not in repr(made) and KEY not in repr(config)
    assert writer_from(replace(config, llm_url=None), {"OPENAI_API_KEY": KEY}) == Writer("m", OPENAI, KEY, 500)
    assert writer_from(config, {}) == Writer("m", "https://llm.example/v1", "", 500)


@pytest.mark.parametrize(
    ("url", "key", "said"),
    [
        (None, "", "the language model m is named, but not where it runs.*OPENAI_BASE_URL"),
        ("127.0.0.1:11434", "", "llm_url is '127.0.0.1:11434'"),
        ("ftp://127.0.0.1/v1", "", "llm_url is 'ftp://127.0.0.1/v1'"),
        ("http://", "", "llm_url is 'http://'"),
        ("http://127.0.0.1:99999/v1", "", "llm_url is"),
        ("http://me:pass@127.0.0.1/v1", "", "llm_url is '127.0.0.1/v1'"),
        ("http://127.0.0.1/v1", "sk-\nsecret", "OPENAI_API_KEY holds characters"),
        ("http://127.0.0.1/v1", "sk-sécret", "OPENAI_API_KEY holds characters"),
    ],
)
def test_a_setting_that_cannot_work_is_named_before_anything_is_sent(url: str | None, key: str, said: str) -> None:
    with pytest.raises(ConfigError, match=f"(?i){said}") as error:
        writer_from(Config(data=Path("unused"), llm="m", llm_url=url), {"OPENAI_API_KEY": key})
    assert "secret" not in str(error.value) and "cret" not in str(error.value) and "pass@" not in str(error.value)


def test_the_library_is_loaded_only_when_a_model_is_used() -> None:
    code = "import sys, qa.llm; qa.llm.Writer('m', 'http://127.0.0.1/v1'); print('openai' in sys.modules)"
    environ = {**os.environ, "OPENAI_API_KEY": KEY}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environ, check=True)
    assert done.stdout == "False\n"
