"""Example questions: only those that are answered from their own article."""

import re
from collections.abc import Callable

from index.types import Article
from qa.examples import TRIED, example_questions
from qa.types import Answer, Citation, Draft, Sentence
from ui.service import Service

A = Article(id="a", title="Tower opens", text="The mayor, Anna Berg, said that the tower is open.")
B = Article(id="b", title="Otto Falk goes", text="Its director Otto Falk resigned. Otto Falk said that he was tired.")
C = Article(id="c", title="Rain in Quorrin Vale", text="It rained in Quorrin Vale for nine days.")


class Asked:
    """An `ask` that answers what `answering` says from an article, and abstains from the rest."""

    def __init__(self, answering: Callable[[str], Article | None]) -> None:
        self._answering = answering
        self.questions: list[str] = []

    def __call__(self, question: str) -> Answer:
        self.questions.append(question)
        article = self._answering(question)
        return made(question, article)


def made(question: str, article: Article | None) -> Answer:
    citations = (Citation(1, article, 0, 5, article.text[:5]),) if article else ()
    return Answer(
        question=question,
        standalone_question=question,
        sentences=tuple(Sentence(c.quote, (1,)) for c in citations),
        citations=citations,
        hits=Draft((), (), 0.0).hits,
        abstained=not citations,
        confidence=0.9,
        index_version=1,
    )


def by_name(question: str) -> Article | None:
    return next((x for x in (A, B, C) if any(n in question for n in re.findall(r"[A-Z]\w+ [A-Z]\w+", x.text))), None)


def test_questions_of_different_forms_come_from_different_articles() -> None:
    ask = Asked(by_name)
    assert example_questions([A, B, C], ask) == (
        "Who is Anna Berg?",
        "What did Otto Falk say?",
        "What do the articles say about Quorrin Vale?",
    )


def test_a_question_that_is_refused_is_not_an_example() -> None:
    ask = Asked(lambda question: None if "Anna Berg" in question else by_name(question))
    assert "Who is Anna Berg?" not in example_questions([A, B, C], ask)
    assert "Who is Anna Berg?" in ask.questions


def test_a_question_answered_from_another_article_is_not_an_example() -> None:
    assert (
        example_questions([A, B, C], Asked(lambda question: Article(id="other", title="", text="Other words."))) == ()
    )


def test_no_more_are_given_than_asked_for_and_no_more_tried_than_allowed() -> None:
    assert len(example_questions([A, B, C], Asked(by_name), count=1)) == 1
    many = [Article(id=f"m{n}", title="", text=f"The mayor, Berta Falk{'abcdefghijkl'[n]}, left.") for n in range(12)]
    ask = Asked(lambda question: None)
    assert example_questions(many, ask) == ()
    assert len(ask.questions) == len(set(ask.questions)) == TRIED


def test_what_was_asked_already_is_not_suggested_and_the_next_of_its_kind_is() -> None:
    ask = Asked(by_name)
    found = example_questions([B], ask, asked=["what did otto falk say? "])
    assert "What did Otto Falk say?" not in ask.questions
    assert found == ("Who is Otto Falk?", "What do the articles say about Otto Falk?")
    assert len(example_questions([A, B, C], ask, tries=1)) == 1


def test_nobody_is_asked_what_a_place_said_or_what_a_word_that_opens_a_sentence_said() -> None:
    text = "Its owner, Falk Tower, is shut. Bridge Street said nothing. The mayor of Port Halden said that it is so. "
    article = Article(id="a", title="", text=f"{text} On Monday Otto Falk said so. But Ann Roe told all.")
    ask = Asked(lambda question: article)
    assert example_questions([article], ask) == ("What did Otto Falk say?", "What did Ann Roe say?")


def test_no_article_makes_no_example() -> None:
    assert example_questions([], Asked(by_name)) == ()
    assert example_questions([Article(id="x", title="x", text="it rained.")], Asked(by_name)) == ()


def test_the_sample_articles_make_three_examples(service: Service) -> None:
    examples = service.examples()
    assert len(set(examples)) == 3
    assert all(re.search(r"[A-Z]\w+ [A-Z]\w+\b.*\?$", question) for question in examples)
    assert service.examples() is examples
