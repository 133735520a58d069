"""The language model that writes answers, when one is configured: any server that speaks OpenAI's chat completions."""

import asyncio
import os
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, cast
from urllib.parse import urlsplit

from index.config import Config
from index.errors import ConfigError, DatelineError
from index.types import Hit
from qa import prompt, terms
from qa.types import Turn

if TYPE_CHECKING:  # it is imported when a model is used: it takes a second, and most have none
    import openai
    from openai.types.chat import ChatCompletionChunk, ChatCompletionMessageParam

OPENAI = "https://api.openai.com/v1"
PASSAGE_TOKENS = 3000
"""With the rules and the answer this stays below the 4,096 tokens that Ollama gives a model if nothing else is set."""
TRIES = 3
"""Requests for one answer: repeated, with growing pauses, on 408, 409, 429, 5xx and when no connection is made."""
PULSE = 0.25
LONGEST = 8000
"""Characters after which a model that doesn't stop is cut off."""

_THOUGHT = re.compile(r"<think(?:ing)?>.*?(?:</think(?:ing)?>|\Z)|\A.*</think(?:ing)?>", re.DOTALL)


class LlmError(DatelineError):
    """The language model could not be reached, was too slow, or gave nothing that can be used."""


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Seconds to connect, until the first word, and until the last one. A CPU reads 3,000 tokens in about a minute."""

    connect: float = 5.0
    first: float = 120.0
    total: float = 240.0


@dataclass(frozen=True, slots=True)
class Writer:
    """A configured language model. Any number of threads may use it; each request has its own connection."""

    name: str
    url: str
    key: str = field(default="", repr=False)
    tokens: int = PASSAGE_TOKENS
    timeouts: Timeouts = Timeouts()

    def write(
        self, question: str, hits: Sequence[Hit], *, today: date, hear: Callable[[str], None] = lambda text: None
    ) -> str:
        """The model's answer to a stand-alone question, with [n] after each sentence, n counting hits from 1.

        `hear` gets what has been written so far, at least every PULSE seconds; what it raises ends the writing.
        It is "" when the model says that the passages don't answer. Raises LlmError when the server cannot be reached,
        is too slow, refuses, or sends something else than an answer. Not to be called from a coroutine.
        """
        if not hits:
            return ""
        text = self._complete(prompt.to_write(question, hits, today=today, tokens=self.tokens), hear)
        return "" if re.match(rf"\W*+(?:answer\W*+)?{prompt.NO_ANSWER}", text, re.IGNORECASE) else text

    def stand_alone(self, question: str, history: Sequence[Turn]) -> str:
        """A follow-up question rewritten to stand alone.

        Raises LlmError as `write` does, and when the rewritten question names something that nobody has spoken of.
        """
        text = self._complete(prompt.to_rewrite(question, history))
        rewritten = text.splitlines()[0].removeprefix("Rewritten:").strip(" \"'“”*")
        said = " ".join([question, *(f"{turn.question} {turn.answer}" for turn in history)])
        held = terms.keys(said)
        new = [term.text for term in terms.terms(rewritten) if not terms.holds(held, term)]
        if not re.search(r"\w", rewritten) or new or len(rewritten) > len(said) + prompt.LONGEST_TURN:
            wrote = prompt.disarmed(rewritten)[:80]
            raise LlmError(f"The language model {self.name} did not rewrite the question but wrote {wrote!r}.")
        return rewritten

    def _complete(self, messages: list[prompt.Message], hear: Callable[[str], None] = lambda text: None) -> str:
        """What the model writes, without its thoughts; never empty."""
        text = asyncio.run(self._heard(messages, lambda written: hear(_without_thoughts(written))))
        if not text:
            raise self._failed("sent an empty answer", "Try another model.")
        return text

    async def _heard(self, messages: list[prompt.Message], hear: Callable[[str], None]) -> str:
        """Stream one completion, telling of it also while nothing comes; given up when `hear` raises."""
        written: list[str] = []
        streaming = asyncio.ensure_future(self._stream(messages, written))
        try:
            while not (await asyncio.wait([streaming], timeout=PULSE))[0]:
                hear("".join(written))
        except BaseException:
            streaming.cancel()
            await asyncio.wait([streaming])
            raise
        return _without_thoughts(await streaming)

    async def _stream(self, messages: list[prompt.Message], written: list[str]) -> str:
        """Stream one completion. The deadlines hold against a server that drips, as a read timeout would not."""
        import openai

        try:
            async with (
                self._client() as client,
                asyncio.timeout(self.timeouts.total),
                asyncio.timeout(self.timeouts.first) as first,
                await self._request(client, messages) as stream,
            ):
                async for part in stream:
                    for choice in part.choices:
                        if any(value for name, value in choice.delta.to_dict().items() if name != "role"):
                            first.reschedule(None)  # a thought is a sign of life too
                        written.append(choice.delta.content or "")
                        if choice.finish_reason or sum(map(len, written)) > LONGEST:
                            return "".join(written)
        except TimeoutError:
            limit = "not finished within {0.total:g}" if any(written) else "written nothing within {0.first:g}"
            raise self._failed(
                f"has {limit.format(self.timeouts)} seconds", "Try a smaller model or a lower llm_tokens."
            ) from None
        except openai.OpenAIError as error:
            raise self._translated(error) from None  # what it says may hold the key
        except (ValueError, TypeError, AttributeError, RecursionError):  # from the library, on JSON that is no chunk
            raise self._failed("sent something that is no answer", _CHECK_URL) from None
        if any(written):
            raise self._failed("broke off in the middle of its answer", "Look at the server's log.")
        raise self._failed("sent something that is no answer", _CHECK_URL)

    def _client(self) -> "openai.AsyncOpenAI":
        import openai

        return openai.AsyncOpenAI(
            base_url=self.url,
            api_key=self.key or "none",  # the library insists on one, a local server does not
            max_retries=TRIES - 1,
            timeout=openai.Timeout(None, connect=self.timeouts.connect),
        )

    async def _request(
        self, client: "openai.AsyncOpenAI", messages: list[prompt.Message]
    ) -> "openai.AsyncStream[ChatCompletionChunk]":
        """Begin a completion with temperature 0, or as the model wants it if it takes no temperature."""
        import openai

        sent = cast("list[ChatCompletionMessageParam]", messages)
        try:
            return await client.chat.completions.create(model=self.name, messages=sent, stream=True, temperature=0)
        except openai.BadRequestError as error:
            if "temperature" not in str(error):
                raise
            return await client.chat.completions.create(model=self.name, messages=sent, stream=True)

    def _translated(self, error: "openai.OpenAIError") -> LlmError:
        import openai

        said = prompt.visible(str(getattr(error, "message", error)))
        words = prompt.disarmed(said.replace(self.key or "none", "…"))[:200]
        if isinstance(error, openai.AuthenticationError | openai.PermissionDeniedError):
            return self._failed(f"refused the key (status {error.status_code})", "Check OPENAI_API_KEY.")
        if isinstance(error, openai.NotFoundError):
            return self._failed(f"was not found (status 404: {words})", f"Check the model's name. {_CHECK_URL}")
        if isinstance(error, openai.APIStatusError):
            return self._failed(f"answered with status {error.status_code} ({words})", "Look at the server's log.")
        if isinstance(error, openai.APIConnectionError):
            return self._failed("cannot be reached, or hung up", f"Is the server running? {_CHECK_URL}")
        return self._failed(f"failed ({words})", "Look at the server's log.")

    def _failed(self, what: str, check: str) -> LlmError:
        return LlmError(f"The language model {self.name} at {self.url} {what}. {check}")


def _without_thoughts(text: str) -> str:
    """What a model wrote, in characters that can be seen and sent on: no halves of surrogates."""
    return prompt.visible(_THOUGHT.sub("", text)).strip()


_CHECK_URL = "Check the address (llm_url, OPENAI_BASE_URL); it usually ends in /v1."


def writer_from(config: Config, environ: Mapping[str, str] = os.environ) -> Writer | None:
    """The language model that is configured; None without a name, whatever keys and addresses there are.

    The key comes from OPENAI_API_KEY alone. Raises ConfigError on an address that is none, on a name with neither key
    nor address, and on a key that cannot be sent. Nothing is connected to yet.
    """
    if not config.llm:
        return None
    key = environ.get("OPENAI_API_KEY", "").strip()
    if not (key.isascii() and key.isprintable()):
        raise ConfigError("OPENAI_API_KEY holds characters that cannot be in a key. Set it anew.")
    if not config.llm_url and not key:
        raise ConfigError(
            f"The language model {config.llm} is named, but not where it runs. Set OPENAI_BASE_URL or llm_url, such as "
            "http://127.0.0.1:11434/v1 for Ollama, or OPENAI_API_KEY for OpenAI's own."
        )
    url = config.llm_url or OPENAI
    try:
        parts = urlsplit(url)
        good = parts.scheme in ("http", "https") and parts.hostname and not parts.username and parts.port != 0
    except ValueError:
        good = False
    if not good:
        raise ConfigError(
            f"llm_url is {url.split('@')[-1]!r}; it takes one such as http://127.0.0.1:11434/v1, and no password."
        )
    return Writer(config.llm, url, key, config.llm_tokens or PASSAGE_TOKENS)
