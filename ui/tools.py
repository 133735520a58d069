"""What a language model may do with the articles: ask, search and read. `ui.mcp_routes` offers it over MCP.

Each tool gives its result twice: as data, for programs, and as text with its sources, for the model to read.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import BaseModel, Field

from index.certainty import Certainty
from qa.ask import LONGEST, LONGEST_NAME, MOST_HITS, SHOWN
from qa.types import Tell
from ui.render import answer_json, answer_text, article_json, hit_json, named, printable, published_day
from ui.service import Service
from ui.wire import FiltersIn

UNWRAPPED = 100_000
"""Columns of a text that no terminal shows."""
PAGE = 20_000
"""Characters of an article that are read at once, if nothing else is asked for."""
MOST_READ = 100_000

Question = Annotated[str, Field(max_length=LONGEST, description="A question that stands alone.")]
ArticleId = Annotated[str, Field(max_length=LONGEST_NAME, description="The `article_id` of a citation or a passage.")]

Certain = Annotated[
    Certainty | None, Field(description="Whether the day is stated, implied by the URL and the like, or inferred.")
]


class AskIn(FiltersIn):
    """A question, and where to look."""

    question: Question


class FindIn(FiltersIn):
    """What to look for, and where."""

    question: Question
    top_k: Annotated[int, Field(ge=1, le=MOST_HITS, description="How many passages.")] = SHOWN


class ReadIn(BaseModel):
    """Which article, and which part of it."""

    article_id: ArticleId
    start: Annotated[int, Field(ge=0, description="The first character.")] = 0
    characters: Annotated[int, Field(ge=1, le=MOST_READ, description="How many, at most.")] = PAGE


class Source(BaseModel):
    """A citation: `quote` is what the article has from character `start` to `end`."""

    n: int
    article_id: str
    title: str
    publisher: str | None
    published_at: str | None
    date_certainty: Certain
    url: str | None
    quote: str
    start: int
    end: int


class Answered(BaseModel):
    """An answer: each sentence of `text` ends with the numbers of its citations. `abstained`: there is none."""

    standalone_question: str
    abstained: bool
    confidence: float
    text: str
    notes: list[str]
    citations: list[Source]


class Passage(BaseModel):
    """A part of an article: its characters from `start` to `end`."""

    article_id: str
    title: str
    publisher: str | None
    published_at: str | None
    date_source: str | None
    date_certainty: Certain
    start: int
    end: int
    text: str
    score: float


class Found(BaseModel):
    """Passages, best first."""

    hits: list[Passage]


class Reading(BaseModel):
    """An article, of whose `characters` those from `start` to `end` are here."""

    id: str
    title: str
    author: str | None
    publisher: str | None
    published_at: str | None
    date_certainty: Certain
    url: str | None
    start: int
    end: int
    characters: int
    text: str


@dataclass(frozen=True, slots=True)
class Tool:
    """Something that a model may do. `work` gives the data and the text, and raises DatelineError."""

    name: str
    title: str
    description: str
    takes: type[BaseModel]
    gives: type[BaseModel]
    work: Callable[[Service, Any, Tell], tuple[BaseModel, str]]


def ask(service: Service, wanted: AskIn, tell: Tell) -> tuple[Answered, str]:
    """The answer of `Service.ask`, without its passages."""
    data = answer_json(service.ask(wanted.question, filters=wanted.filters(), tell=tell))
    return Answered.model_validate(data), answer_text(data, width=UNWRAPPED)


def search(service: Service, wanted: FindIn, tell: Tell) -> tuple[Found, str]:
    """The passages of `Service.search`, whole."""
    hits = service.search(wanted.question, filters=wanted.filters(), top_k=wanted.top_k, tell=tell)
    found = Found.model_validate({"hits": [hit_json(hit) for hit in hits]})
    return found, "\n\n".join(map(_passage_text, found.hits)) or "No passage fits."


def read_article(service: Service, wanted: ReadIn, tell: Tell) -> tuple[Reading, str]:
    """A part of an article; raises NotFoundError."""
    article = service.article(wanted.article_id)
    text = article.text[wanted.start : wanted.start + wanted.characters]
    place = {"start": wanted.start, "end": wanted.start + len(text), "characters": len(article.text)}
    reading = Reading.model_validate({**article_json(article), **place, "text": text})
    head = printable(named(article.title, article.publisher, published_day(article.published, article.date_source)))
    span = f"characters {reading.start}-{reading.end} of {reading.characters}"
    return reading, f"{head}\n{article.url or article.id}, {span}\n\n{text}"


def _passage_text(passage: Passage) -> str:
    head = printable(named(passage.title, passage.publisher, published_day(passage.published_at, passage.date_source)))
    return f"{head}\n{passage.article_id}, characters {passage.start}-{passage.end}\n{passage.text}"


TOOLS = (
    Tool(
        "ask",
        "Ask the articles",
        "Answer a question from the collection of news articles. Every sentence cites the verbatim words it rests on, "
        "checked against the stored article; when the articles do not answer, it says so. Keep the [n] marks and "
        "give the sources when you pass the answer on.",
        AskIn,
        Answered,
        ask,
    ),
    Tool(
        "search",
        "Search the articles",
        "Find the passages of the articles that fit a question best. Use `ask` for an answer with checked citations.",
        FindIn,
        Found,
        search,
    ),
    Tool(
        "read_article",
        "Read an article",
        "Read the text of one article by its id, in parts if it is long; citations count its characters.",
        ReadIn,
        Reading,
        read_article,
    ),
)
"""All there are."""
