"""What OpenAI's chat completions may be asked with, and what Dateline makes of it: a question and its history.

Clients send dozens of settings of language models. The ones that would change what they get back (several answers, a
forced tool call, JSON) are refused in words; the others (temperature, max_tokens, …) mean nothing here and are ignored.
"""

from collections.abc import Sequence
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

from index.errors import NotFoundError
from qa.ask import LONGEST, LONGEST_NAME
from qa.types import Turn
from ui.problems import UnsupportedError
from ui.wire import LONGEST_ANSWER

MODEL = "dateline"
"""The one model there is."""
MOST_MESSAGES = 1000
MOST_TURNS = 50
"""Earlier exchanges that are looked at, the latest ones."""

Text = Annotated[str, Field(max_length=LONGEST_ANSWER)]


class PartIn(BaseModel):
    """A part of a message; only text can be read."""

    type: str
    text: Text | None = None


class MessageIn(BaseModel):
    """A message of the conversation. What `system` and `developer` say cannot change what the articles say."""

    role: Literal["system", "developer", "user", "assistant", "tool", "function"]
    content: Text | list[PartIn] | None = None

    @property
    def text(self) -> str:
        """Its text, that of several parts on lines of their own."""
        if isinstance(self.content, list):
            return "\n".join(part.text for part in self.content if part.text)
        return self.content or ""


class StreamOptionsIn(BaseModel):
    """What a stream says besides the answer."""

    include_usage: bool | None = None


class ChatIn(BaseModel):
    """A conversation whose last user message is the question. Other settings of OpenAI's are accepted and ignored."""

    model: Annotated[str, Field(max_length=LONGEST_NAME, examples=[MODEL])]
    messages: Annotated[
        list[MessageIn],
        Field(
            min_length=1,
            max_length=MOST_MESSAGES,
            examples=[[{"role": "user", "content": "Why was the harbour bridge closed?"}]],
        ),
    ]
    stream: bool | None = None
    stream_options: StreamOptionsIn | None = None
    n: Annotated[int | None, Field(description="How many answers: 1.")] = None
    tool_choice: Annotated[str | dict[str, Any] | None, Field(description="No tool is ever called.")] = None
    response_format: Annotated[dict[str, Any] | None, Field(description="Only `text`.")] = None

    @property
    def include_usage(self) -> bool:
        """Whether a stream is to end with what it took."""
        return bool(self.stream_options and self.stream_options.include_usage)


def conversation(chat: ChatIn) -> tuple[str, tuple[Turn, ...]]:
    """The question, and the exchanges before it, oldest first.

    Raises NotFoundError on another model, UnsupportedError on what Dateline cannot do or read.
    """
    check_model(chat.model)
    _check(chat)
    said = [m for m in chat.messages if m.role in ("user", "assistant")]
    last = max((at for at, m in enumerate(said) if m.role == "user"), default=None)
    if last is None:
        raise UnsupportedError("messages", "There is no message of a user. The last one is the question.")
    return said[last].text, _turns(said[:last])[-MOST_TURNS:]


def check_model(name: str) -> None:
    """Raise NotFoundError on a model that there is not."""
    if name != MODEL:
        raise NotFoundError(f"There is no model {name!r}; the only one is {MODEL!r}.")


def _check(chat: ChatIn) -> None:
    if chat.n not in (None, 1):
        raise UnsupportedError("n", f"n is {chat.n}; Dateline gives one answer. Leave n out.")
    if chat.tool_choice not in (None, "none", "auto"):
        raise UnsupportedError("tool_choice", "Dateline calls no tools. Leave tool_choice out, or make it 'auto'.")
    if chat.response_format and chat.response_format.get("type", "text") != "text":
        raise UnsupportedError(
            "response_format", "Dateline answers in sentences with citations, not in JSON. Leave response_format out."
        )
    for at, message in enumerate(chat.messages):
        parts = message.content if isinstance(message.content, list) else []
        if strange := next((part.type for part in parts if part.type not in ("text", "refusal")), None):
            raise UnsupportedError(
                f"messages.{at}.content", f"A message has a part of the type {strange!r}; Dateline reads text only."
            )


def _turns(said: Sequence[MessageIn]) -> tuple[Turn, ...]:
    """Each question with what was answered to it; what was said before the first question is left out."""
    turns: list[Turn] = []
    for message in said:
        if message.role == "user":
            turns.append(Turn(message.text[:LONGEST]))
        elif turns:
            turns[-1] = Turn(turns[-1].question, "\n".join(part for part in (turns[-1].answer, message.text) if part))
    return tuple(turns)
