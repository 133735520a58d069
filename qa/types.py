"""The types that travel from a question to its answer."""

from collections.abc import Callable
from dataclasses import dataclass, field

from index.types import Article, Hit

EXTRACTIVE = "extractive"
"""The composer that needs no language model."""


@dataclass(frozen=True, slots=True)
class Turn:
    """One earlier exchange of the conversation: what was asked, and what was answered."""

    question: str
    answer: str = ""


@dataclass(frozen=True, slots=True)
class Period:
    """The days of publication that a question asks for, `YYYY-MM-DD`, inclusive; None where it is open.

    `words` are the question's own, preposition included ("since March"). A `strict` period leaves every other article
    out; one that is not ("in December 2024") only prefers what was published in it.
    """

    since: str | None
    until: str | None
    words: str
    strict: bool = True


@dataclass(frozen=True, slots=True)
class Quote:
    """Words that a composer rests a sentence on: `article.text[start:end]`, not yet checked."""

    article: Article
    start: int
    end: int

    @property
    def line(self) -> str:
        """Its words on one line."""
        return " ".join(self.article.text[self.start : self.end].split())


@dataclass(frozen=True, slots=True)
class DraftSentence:
    """A sentence that a composer proposes, and the quotes it rests on; in a comparison, which side it is `about`."""

    text: str
    quotes: tuple[Quote, ...]
    about: str = ""

    @classmethod
    def verbatim(cls, quote: Quote) -> "DraftSentence":
        """A sentence that is the words of its one quote."""
        return cls(quote.line, (quote,))


@dataclass(frozen=True, slots=True)
class Draft:
    """What a composer proposes: no sentence at all means that the hits do not answer the question.

    `notes` are sentences about the answer that state nothing of what the articles say. `refused` counts sentences that
    the composer itself found to rest on nothing.
    """

    sentences: tuple[DraftSentence, ...]
    hits: tuple[Hit, ...]
    confidence: float
    notes: tuple[str, ...] = ()
    composer: str = EXTRACTIVE
    refused: int = 0


@dataclass(frozen=True, slots=True)
class Citation:
    """Citation `n` of an answer: `quote == article.text[start:end]` in the library, checked.

    `also` are the other articles that carry the same words: one source, printed again.
    """

    n: int
    article: Article
    start: int
    end: int
    quote: str
    also: tuple[Article, ...] = ()


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of an answer and the numbers of its citations: at least one; and the side that it is `about`."""

    text: str
    citations: tuple[int, ...]
    about: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the user sees. Only `qa.verify` makes one, and `ui.kept` opens one again, its quotes compared anew.

    `confidence` is in 0..1. `removed` counts proposed sentences that failed verification. `timings` holds
    milliseconds by stage. When `abstained`, there are no sentences and `hits` are the nearest passages. `period` is set
    when only the articles of those days were looked at; `notes` are sentences about the answer, to be shown with it;
    `composer` is "extractive" or the name of the language model that wrote the sentences.
    """

    question: str
    standalone_question: str
    sentences: tuple[Sentence, ...]
    citations: tuple[Citation, ...]
    hits: tuple[Hit, ...]
    abstained: bool
    confidence: float
    index_version: int
    removed: int = 0
    period: Period | None = None
    notes: tuple[str, ...] = ()
    composer: str = EXTRACTIVE
    timings: dict[str, float] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """The answer in words, with [n] after each sentence; the refusal when it abstained."""
        if self.abstained:
            return REFUSAL
        return " ".join(f"{s.text} {''.join(f'[{n}]' for n in s.citations)}" for s in self.sentences)


REFUSAL = "The articles don't answer this."


@dataclass(frozen=True, slots=True)
class Stage:
    """What has begun: "waiting", "understanding", "searching", "reading", "writing" (by a model) or "checking"."""

    name: str


@dataclass(frozen=True, slots=True)
class Shown:
    """A checked sentence of the answer to come, and those of its citations that no sentence before it has."""

    sentence: Sentence
    citations: tuple[Citation, ...]


Tell = Callable[[Stage | Shown], None]
"""Told how far an answer is. What it raises ends the work, and comes out of `ask`."""


def tell_nobody(event: Stage | Shown) -> None:
    """A `Tell` for those who wait for the whole answer."""
