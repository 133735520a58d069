"""What a request may hold: checked by pydantic, refused in words by `ui.problems`."""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from index.types import Filters
from qa.ask import LONGEST, LONGEST_NAME, MOST_ARTICLE_IDS, MOST_HITS, MOST_PUBLISHERS, SHOWN
from qa.types import Turn

LONGEST_ANSWER = 100_000
LONGEST_URL = 2000
MOST_ARTICLES = 1000
MOST_URLS = 100

Name = Annotated[str, Field(max_length=LONGEST_NAME)]
Publishers = Annotated[list[Name], Field(max_length=MOST_PUBLISHERS)]
ArticleIds = Annotated[list[Name], Field(max_length=MOST_ARTICLE_IDS)]
# `qa.ask` checks the days, with one sentence for every way in; pydantic would take a number for one
Day = Annotated[str | None, Field(json_schema_extra={"format": "date"})]

Wait = Annotated[bool, Field(description="Whether to answer when it is done; else at once, with a job: see /v1/jobs.")]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", populate_by_name=True)


class TurnIn(_Strict):
    """An earlier exchange of the conversation."""

    question: Annotated[str, Field(max_length=LONGEST)]
    answer: Annotated[str, Field(max_length=LONGEST_ANSWER)] = ""

    def turn(self) -> Turn:
        """As `qa` knows it."""
        return Turn(self.question, self.answer)


class FiltersIn(_Strict):
    """Which articles may be looked at; days are inclusive."""

    since: Annotated[Day, Field(alias="from", examples=["2026-06-01"])] = None
    until: Annotated[Day, Field(alias="to", examples=["2026-10-31"])] = None
    publishers: Publishers = []
    article_ids: ArticleIds = []

    def filters(self) -> Filters | None:
        """As the index knows them; None when nothing is filtered."""
        made = Filters(
            since=self.since,
            until=self.until,
            publishers=tuple(dict.fromkeys(self.publishers)),
            article_ids=tuple(self.article_ids),
        )
        return None if made == Filters() else made


class QuestionIn(_Strict):
    """A question, what was said before it, and where to look."""

    question: Annotated[str, Field(max_length=LONGEST, examples=["Why was the harbour bridge closed?"])]
    history: Annotated[list[TurnIn], Field(max_length=50)] = []
    filters: FiltersIn = FiltersIn()
    top_k: Annotated[
        int, Field(strict=True, ge=1, le=MOST_HITS, description="How many passages the answer may rest on.")
    ] = SHOWN


class SearchIn(_Strict):
    """What to look for, and where; a misspelt name is refused, or it would search everywhere."""

    q: Annotated[str, Field(max_length=LONGEST)]
    top_k: Annotated[int, Field(ge=1, le=MOST_HITS)] = SHOWN
    since: Annotated[Day, Field(alias="from")] = None
    until: Annotated[Day, Field(alias="to")] = None
    publisher: Publishers = []
    article_id: ArticleIds = []


class ListIn(_Strict):
    """Which articles to list; a misspelt name is refused, or it would list them all."""

    q: Annotated[str, Field(max_length=LONGEST)] = ""
    limit: Annotated[int, Field(ge=1, le=1000)] = 100
    offset: Annotated[int, Field(ge=0, le=2**31)] = 0


class ArticlesIn(_Strict):
    """Articles to add, as they are or by the addresses of pages and feeds.

    An article has `id, title, text, author, publisher, published_at, url`, of which only the text is required.
    """

    articles: Annotated[
        list[dict[str, Any]],
        Field(
            max_length=MOST_ARTICLES,
            examples=[[{"title": "Ferry fares to rise", "text": "Fares go up in May.", "published_at": "2026-04-02"}]],
        ),
    ] = []
    urls: Annotated[
        list[Annotated[str, Field(max_length=LONGEST_URL)]],
        Field(max_length=MOST_URLS, description="Pages to fetch, and feeds, of which all that they list is fetched."),
    ] = []
    wait: Wait = True


class RebuildIn(_Strict):
    """What to build with; what is left out stays as it is configured."""

    model: Annotated[str | None, Field(examples=["all-MiniLM-L6-v2"])] = None
    precision: Annotated[str | None, Field(examples=["int8"], description="int8 or fp32.")] = None
    chunk_tokens: Annotated[int | None, Field(examples=[256])] = None
    overlap: Annotated[int | None, Field(examples=[1])] = None
    wait: Wait = True


class VerifyIn(_Strict):
    """Whether to mend what is found."""

    repair: bool = False


class Problem(BaseModel):
    """Why a request was not carried out, in a sentence that says what to change."""

    error: str


class OpenAIError(BaseModel):
    """What OpenAI's clients look into."""

    message: str
    type: str
    param: str | None
    code: str | None


class OpenAIProblem(BaseModel):
    """Why a request was not carried out, as OpenAI says it."""

    error: OpenAIError
