"""Several articles in one answer: no article crowds out the others, and none says again what another has said."""

from index.types import Article, Chunk, Hit
from qa.read import Candidate
from qa.survey import ALONE, MOST, PER_ARTICLE, compose_survey, spread
from qa.types import Draft

TOPIC = "the ferry"


def article(key: str, *sentences: str, day: str = "2026-10-01") -> Article:
    return Article(id=key, title="Lindal", text=" ".join(sentences), published=day)


def candidates(of: Article, *, logit: float = 8.0) -> list[Candidate]:
    """One candidate of each sentence."""
    found, at = [], 0
    for sentence in of.text.split(". "):
        end = at + len(sentence.rstrip(".")) + 1
        found.append(Candidate(of, at, end, None, 1.0, 2.0, 0.8, logit, logit, logit))
        at = end + 1
    return found


def said(draft: Draft) -> list[str]:
    return [sentence.text for sentence in draft.sentences]


def test_one_article_does_not_fill_the_hits_and_their_order_stays() -> None:
    long, short = article("long", "The ferry sails."), article("short", "The ferry stops.")
    hits = [Hit(Chunk(f"c{n}", long, 0, 5), 9.0 - n, {}) for n in range(5)] + [Hit(Chunk("s", short, 0, 5), 1.0, {})]
    assert [h.chunk.id for h in spread(hits, 10)] == [*(f"c{n}" for n in range(PER_ARTICLE)), "s"]
    assert [h.chunk.id for h in spread(hits, 1)] == ["c0"]


def test_each_article_has_its_best_sentence_and_the_newest_comes_first() -> None:
    old = article("old", "The ferry of Lindal sails at noon.", "The ferry has 40 seats.", day="2026-08-01")
    new = article("new", "The ferry of Lindal is sold to Ohlsen.", day="2026-10-01")
    draft = compose_survey(TOPIC, [*candidates(old), *candidates(new)], [])
    assert said(draft) == ["The ferry of Lindal is sold to Ohlsen.", "The ferry of Lindal sails at noon."]


def test_what_another_article_has_said_in_the_same_words_is_not_said_again() -> None:
    words = "The ferry of Lindal will stop sailing for good at the end of the coming winter."
    draft = compose_survey(TOPIC, [*candidates(article("a", words)), *candidates(article("b", words))], [])
    assert said(draft) == [words]


def test_one_article_alone_is_told_in_its_own_order_and_not_at_length() -> None:
    sentences = [f"The ferry sails to {town} in summer." for town in ("Norby", "Ostrand", "Lindal", "Ketter", "Halm")]
    draft = compose_survey(TOPIC, candidates(article("a", *sentences))[::-1], [])
    assert said(draft) == sentences[-ALONE:]


def test_no_more_than_a_screenful_is_said() -> None:
    towns = ["Norby", "Ostrand", "Lindal", "Ketter", "Halm", "Veld", "Upper Tarn", "Eastbank"]
    every = [c for n, town in enumerate(towns) for c in candidates(article(str(n), f"The ferry sails to {town}."))]
    assert len(said(compose_survey(TOPIC, every, []))) == MOST < len(towns)


def test_articles_that_say_nothing_of_the_topic_say_nothing() -> None:
    beside = candidates(article("a", "The choir of Norby sang."), logit=-11.0)
    draft = compose_survey(TOPIC, beside, [])
    assert said(draft) == [] and 0 < draft.confidence < 0.5
    assert said(compose_survey(TOPIC, [], [])) == []
