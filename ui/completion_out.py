"""Answers as OpenAI's chat completions have them, whole and in chunks.

Where each thing is found:

| Of the answer           | In the completion                                                                      |
|-------------------------|----------------------------------------------------------------------------------------|
| text, with its [n]      | `choices[0].message.content`, and nothing else in it: it can be compared with `quote`s |
| which source [n] means  | `message.annotations`, whose `start_index:end_index` is the span of that [n]            |
| quotes, dates, places   | `search_results`, and the addresses alone in `citations`, both in the order of n       |
| notes, hits, confidence | `dateline`, the whole answer as `/v1/answers` gives it                                 |
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote, urlsplit

from index.tokens import count_tokens
from qa.types import Answer, Citation, Sentence
from ui.completion_in import MODEL, ChatIn
from ui.render import answer_json

Json = dict[str, Any]


def sentence_text(sentence: Sentence) -> str:
    """A sentence as it stands in the text of its answer."""
    return f"{sentence.text} {''.join(f'[{n}]' for n in sentence.citations)}"


def completion(answer: Answer, head: Mapping[str, Any], *, base: str, usage: Json) -> Json:
    """The whole answer. `head` has the id and the time; `base` is the server's own address, ending in a slash."""
    message = {"role": "assistant", "content": answer.text, "refusal": None, "annotations": annotations(answer, base)}
    return {
        **head,
        "object": "chat.completion",
        "model": MODEL,
        "choices": [{"index": 0, "message": message, "logprobs": None, "finish_reason": "stop"}],
        "usage": usage,
        **sources(answer, base),
    }


def chunk(head: Mapping[str, Any], delta: Json, *, finished: bool = False) -> Json:
    """A piece of an answer; `delta` is what it adds to the message."""
    choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": "stop" if finished else None}
    return {**head, "object": "chat.completion.chunk", "model": MODEL, "choices": [choice]}


def usage_chunk(head: Mapping[str, Any], usage: Json) -> Json:
    """What comes after the last piece when a client asks for it."""
    return {**head, "object": "chat.completion.chunk", "model": MODEL, "choices": [], "usage": usage}


def usage_of(chat: ChatIn, answer: Answer) -> Json:
    """Sizes in cl100k tokens: of the messages' texts, and of the answer's."""
    asked = sum(count_tokens(message.text) for message in chat.messages)
    answered = count_tokens(answer.text)
    return {"prompt_tokens": asked, "completion_tokens": answered, "total_tokens": asked + answered}


def annotations(answer: Answer, base: str) -> list[Json]:
    """One for each [n] in the text: `text[start_index:end_index]` is that mark, in characters."""
    cited = {citation.n: citation for citation in answer.citations}
    return [
        {
            "type": "url_citation",
            "url_citation": {
                "start_index": start,
                "end_index": end,
                "title": cited[n].article.title,
                "url": _address(cited[n], base),
            },
        }
        for n, start, end in _marks(answer)
    ]


def sources(answer: Answer, base: str) -> Json:
    """What is cited, in the order of n, as search assistants give it; and the answer as Dateline has it."""
    return {
        "citations": [_address(c, base) for c in answer.citations],
        "search_results": [
            {"title": c.article.title, "url": _address(c, base), "date": c.article.published, "snippet": c.quote}
            for c in answer.citations
        ],
        "dateline": answer_json(answer),
    }


def _marks(answer: Answer) -> Iterator[tuple[int, int, int]]:
    """Each n in the answer's text, with where its mark starts and ends."""
    at = 0
    for sentence in answer.sentences:
        at += len(sentence.text) + 1
        for n in sentence.citations:
            start, at = at, at + len(f"[{n}]")
            yield n, start, at
        at += 1


def _address(citation: Citation, base: str) -> str:
    """Where the article can be read: at its publisher's, if it has an address for the web, else here."""
    url = citation.article.url
    if url and _is_web(url):
        return url
    return f"{base}v1/articles/{quote(citation.article.id, safe='')}"


def _is_web(url: str) -> bool:
    """Whether it is an address of the web, whole and nothing besides: clients make links of it as it stands."""
    try:
        return re.fullmatch(r"https?://[^\s\"<>\\^`{|}\x00-\x1f\x7f]+", url, re.IGNORECASE) is not None and bool(
            urlsplit(url).hostname
        )
    except ValueError:
        return False
