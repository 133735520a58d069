"""Questions and their answers, from end to end with the real models: the sample articles, and the seed article."""

from collections.abc import Callable, Iterator, Sequence

import numpy as np
import pytest
from conftest import SHARED
from tiny import NOW, TinyEmbedder, news

from index.build import add, rebuild, remove, version
from index.config import Config
from index.embed import Embedder
from index.errors import CollectionGone, InputError
from index.load import load
from index.opening import open_index
from index.store import Index, spec_of
from index.types import Article, Filters
from qa.ask import LONGEST, MOST_HITS, ask, search
from qa.kinds import UNCOUNTED
from qa.rerank import Reranker
from qa.types import REFUSAL, Answer, Turn

OpenTiny = Callable[..., Index]
SEED = SHARED / "seed"


def checked(index: Index, answer: Answer) -> Answer:
    """The answer, once all that is promised of every answer has been seen to hold."""
    with index.library.read() as snapshot:
        for citation in answer.citations:
            stored = snapshot.article(citation.article.id)
            assert stored == citation.article
            assert citation.quote and citation.quote == stored.text[citation.start : citation.end]
    assert [c.n for c in answer.citations] == list(range(1, len(answer.citations) + 1))
    assert all(s.citations and set(s.citations) <= set(range(1, len(answer.citations) + 1)) for s in answer.sentences)
    assert answer.abstained == (not answer.sentences) == (answer.text == REFUSAL)
    assert 0 <= answer.confidence <= 1
    assert answer.index_version == version(index)
    stages = {"followup", "retrieve", "read", "compose", "write", "verify"}
    assert {"followup", "compose", "verify"} <= set(answer.timings) <= stages
    return answer


# --- the sample articles


@pytest.mark.parametrize(
    ("question", "words", "article"),
    [
        ("Why was the Harbour Bridge closed?", "cracks in two of the 64 steel hangers", "bridge-closed"),
        ("How long was the longer of the two cracks?", "measures 38 centimetres", "bridge-closed"),
        ("How many nurses were on strike at St. Brannoc?", "460 nurses stopped work", "correction"),
        ("How many seats did the Civic Union win?", "The Civic Union won 23 of the 61 seats", "election"),
        ("What was the turnout in the election?", "Turnout was 71.4 per cent", "election"),
        ("Who leads the sea lily dig?", "Sunniva Aldous, palaeontologist", "sea-lily"),
        ("Where will a third of the slab be shown?", "the Maritime Museum in Port Halden", "sea-lily"),
        ("When was the fire declared out?", "The fire was declared out at 11:30 a.m.", "fire-courier"),
        ("How many customers does Corran Water serve?", "Corran Water serves 410,000 customers", "water"),
        ("When was the pipe laid that burst?", "laid in 1968", "water"),
        ("What is the speed limit on the bridge?", "a speed limit of 30 kilometres an hour", "bridge-reopens"),
    ],
)  # fmt: skip
def test_a_fact_of_the_samples_is_answered_first_with_its_sentence_quoted(
    samples_index: Index, reranker: Reranker, question: str, words: str, article: str
) -> None:
    answer = checked(samples_index, ask(samples_index, reranker, question))
    first = answer.citations[0]
    assert words in answer.sentences[0].text and answer.sentences[0].citations == (1,)
    assert words in " ".join(first.quote.split())
    assert article in f"{first.article.id} {first.article.origin}"
    assert answer.question == answer.standalone_question == question


def test_a_sentence_that_begins_with_its_stands_behind_the_one_that_says_whose(
    samples_index: Index, reranker: Reranker
) -> None:
    answer = checked(samples_index, ask(samples_index, reranker, "Who is the managing director of Brenner Coatings?"))
    assert "Brenner Coatings employs 76 people" in answer.sentences[0].text
    assert answer.sentences[1].text.startswith("Its managing director, Clara Brenner")


@pytest.mark.parametrize(
    "question",
    [
        "What is the capital of France?",
        "Who won the 2022 World Cup?",
        "When did tram line 8 open?",
        "Which team won the football match in Port Halden?",
    ],
)
def test_what_the_samples_do_not_say_is_refused_with_the_nearest_passages(
    samples_index: Index, reranker: Reranker, question: str
) -> None:
    answer = checked(samples_index, ask(samples_index, reranker, question))
    assert (answer.text, answer.sentences, answer.citations) == (REFUSAL, (), ())
    assert len(answer.hits) == 10


def test_the_latest_on_something_begins_with_the_newest_article_that_speaks_of_it(
    samples_index: Index, reranker: Reranker
) -> None:
    answer = checked(samples_index, ask(samples_index, reranker, "What is the latest on the Harbour Bridge?"))
    assert "first vehicle in 130 days" in answer.sentences[0].text
    assert len({citation.article.id for citation in answer.citations}) > 2


def test_an_answer_about_now_points_to_a_newer_title_with_the_same_names(
    samples_index: Index, reranker: Reranker
) -> None:
    answer = checked(samples_index, ask(samples_index, reranker, "Is the Harbour Bridge open?"))
    assert any("speaks of Harbour Bridge too: “First cars cross Harbour Bridge" in note for note in answer.notes)


def test_a_comparison_says_which_side_a_sentence_is_about(samples_index: Index, reranker: Reranker) -> None:
    answer = checked(samples_index, ask(samples_index, reranker, "Compare the ferry and the quarry"))
    assert list(dict.fromkeys(sentence.about for sentence in answer.sentences)) == ["The ferry", "The quarry"]


def test_filters_decide_which_of_two_reports_answers(samples_index: Index, reranker: Reranker) -> None:
    question = "How much does the repair of the bridge cost?"
    august = Filters(since="2026-08-27", until="2026-08-27")
    answer = checked(samples_index, ask(samples_index, reranker, question, filters=august))
    assert answer.sentences[0].text == "The cost of the repair has risen to 6.8 million euros."
    assert {h.chunk.article.published for h in answer.hits} == {"2026-08-27T07:30:00+02:00"}
    answer = checked(samples_index, ask(samples_index, reranker, question, filters=Filters(since="2027-01-01")))
    assert (answer.abstained, answer.hits, answer.confidence) == (True, (), 0.0)


def test_a_follow_up_question_is_answered_as_what_it_stands_for(samples_index: Index, reranker: Reranker) -> None:
    history = [Turn("Why was the Harbour Bridge closed?", "Inspectors found cracks.")]
    answer = checked(samples_index, ask(samples_index, reranker, " Who repainted it, and when? ", history=history))
    assert (answer.question, answer.standalone_question) == (
        "Who repainted it, and when?",
        "Who repainted it, and when? (Harbour Bridge)",
    )
    assert answer.sentences[0].text == "The bridge opened in 1974 and was last repainted in 2011."


def test_an_answer_rests_on_as_many_passages_as_asked_for(samples_index: Index, reranker: Reranker) -> None:
    question = "What was the turnout in the election?"
    whole = search(samples_index, reranker, question)
    assert search(samples_index, reranker, question, top_k=2) == whole[:2]
    assert len(search(samples_index, reranker, question, top_k=MOST_HITS)) > len(whole) == 10
    answer = checked(samples_index, ask(samples_index, reranker, question, top_k=1))
    assert answer.hits == whole[:1]
    assert {c.article.id for c in answer.citations} <= {whole[0].chunk.article.id}


def test_search_says_what_each_score_is_made_of(samples_index: Index, reranker: Reranker) -> None:
    hits = search(samples_index, reranker, "free ferry", filters=Filters(publishers=("port halden courier",)))
    assert {h.chunk.article.publisher for h in hits} == {"Port Halden Courier"}
    assert all(set(h.parts) == {"dense", "keyword", "rerank"} for h in hits)
    assert [h.score for h in hits] == sorted((h.score for h in hits), reverse=True)


# --- what cannot be asked


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"question": ""}, "The question is empty. Ask something in words."),
        ({"question": " \n\t"}, "The question is empty. Ask something in words."),
        ({"question": "?!"}, "The question is empty. Ask something in words."),
        ({"question": "a" * (LONGEST + 1)}, "The question has 2001 characters; the most is 2000. Shorten it."),
        (
            {"filters": Filters(publishers=("a",) * 101)},
            "The filter names 101 publishers; the most is 100. Leave some out.",
        ),
        (
            {"filters": Filters(publishers=("Veldmark Gazette", " "))},
            "Among the filter's publishers is an empty name. Write one, or leave it out.",
        ),
        (
            {"filters": Filters(publishers=("a" * 501,))},
            "The filter's publishers have names of up to 500 characters. Shorten them.",
        ),
        (
            {"filters": Filters(article_ids=("a",) * 10_001)},
            "The filter names 10001 articles; the most is 10000. Leave some out.",
        ),
        (
            {"filters": Filters(since="a" * 1000)},
            f"The filter 'from' is '{'a' * 39}; give a day as YYYY-MM-DD.",
        ),
        ({"question": "who \udcff"}, r"'who \udcff' holds bytes that are no text; write it in UTF-8."),
        (
            {"filters": Filters(publishers=("\ud800",))},
            r"'\ud800' holds bytes that are no text; write it in UTF-8.",
        ),
        ({"filters": Filters(since="1 June")}, "The filter 'from' is '1 June'; give a day as YYYY-MM-DD."),
        ({"filters": Filters(until="20260601")}, "The filter 'to' is '20260601'; give a day as YYYY-MM-DD."),
        ({"filters": Filters(until="2026-02-30")}, "The filter 'to' is '2026-02-30'; give a day as YYYY-MM-DD."),
        ({"filters": Filters(since="")}, "The filter 'from' is ''; give a day as YYYY-MM-DD."),
        (
            {"filters": Filters(since="2026-07-02", until="2026-07-01")},
            "The filter starts on 2026-07-02, after its end on 2026-07-01. Swap them.",
        ),
        ({"top_k": 0}, "top_k is 0; it takes 1 to 50."),
        ({"top_k": -3}, "top_k is -3; it takes 1 to 50."),
        ({"top_k": 51}, "top_k is 51; it takes 1 to 50."),
    ],
)
@pytest.mark.parametrize("way", [ask, search])
def test_what_cannot_be_asked_is_refused_in_a_sentence_that_says_what_to_change(
    samples_index: Index, reranker: Reranker, way: Callable[..., object], options: dict[str, object], sentence: str
) -> None:
    asked = {"question": "Who?", **options}
    with pytest.raises(InputError) as error:
        way(samples_index, reranker, asked.pop("question"), **asked)
    assert str(error.value) == sentence


# --- while the index changes


class ByWords:
    """A reranker that scores a passage by how many of the question's words stand in it."""

    def scores(self, question: str, passages: Sequence[str]) -> np.ndarray:
        asked = set(question.lower().strip("?").split())
        return np.array([4.0 * len(asked & set(p.lower().strip(".").split())) - 8 for p in passages], dtype=np.float32)


def ask_tiny(index: Index) -> Answer:
    return ask(index, ByWords(), "Is the bridge closed?")  # type: ignore[arg-type]


class Wider(TinyEmbedder):
    """Another model, whose vectors have more dimensions."""

    WORDS = (*TinyEmbedder.WORDS, "closed", "open")


@pytest.mark.parametrize("switches", [1, 2])
@pytest.mark.parametrize("model", [TinyEmbedder, Wider])
def test_an_answer_is_given_although_a_rebuild_takes_the_vectors_away_meanwhile(
    open_tiny: OpenTiny, model: type[TinyEmbedder], switches: int
) -> None:
    index = open_tiny()
    add(index, [news("bridge", "The bridge is closed.")], now=NOW)
    vectors = index.vectors
    done = []

    class Interrupted:
        """The real vectors, before whose first queries a rebuild switches."""

        def __getattr__(self, name: str) -> object:
            return getattr(vectors, name)

        def query(self, *args: object, **options: object) -> object:
            if len(done) < switches:
                done.append(rebuild(index, index.config, embedder=model(f"model{switches}")))
            return vectors.query(*args, **options)  # type: ignore[arg-type]

    index.vectors = Interrupted()  # type: ignore[assignment]
    answer = ask_tiny(index)
    index.vectors = vectors
    assert len(done) == switches
    assert [s.text for s in checked(index, answer).sentences] == ["The bridge is closed."]
    assert answer.index_version == 1 + switches


def test_a_removed_article_is_not_quoted_any_more(open_tiny: OpenTiny) -> None:
    index = open_tiny()
    add(index, [news("bridge", "The bridge is closed."), news("fire", "A fire burned.")], now=NOW)
    before = checked(index, ask_tiny(index))
    assert [c.article.id for c in before.citations] == ["bridge"]
    remove(index, "bridge")
    after = checked(index, ask_tiny(index))
    assert after.abstained and {h.chunk.article.id for h in after.hits} == {"fire"}
    assert (before.index_version, after.index_version) == (1, 2)


def test_an_empty_index_refuses(open_tiny: OpenTiny) -> None:
    answer = checked(open := open_tiny(), ask_tiny(open))
    assert (answer.text, answer.hits, answer.confidence, answer.index_version) == (REFUSAL, (), 0.0, 0)


# --- the seed article


@pytest.fixture(scope="module")
def seed(tmp_path_factory: pytest.TempPathFactory, embedder: Embedder) -> Iterator[Index]:
    if not SEED.is_dir():
        pytest.skip(f"needs the seed article in {SEED}")
    index = open_index(Config(data=tmp_path_factory.mktemp("seed")), write=True, embedder=embedder)
    report = add(index, load([SEED]), now=NOW)
    assert (len(report.added), report.skipped) == (1, ())
    yield index
    index.close()


def the_article(index: Index) -> Article:
    with index.library.read() as snapshot:
        (article,) = snapshot.articles()
    return article


GOLANI = "HTS leader Abu Mohammed al-Golani announced the taking of Hama"
HOMS = "the country’s third largest city, Homs, which is 25 miles farther south"
TOOK_OVER = (
    "Assad took over as president and leader of the ruling Ba'ath Party after the death of his father, "
    "Hafez al-Assad, in 2000."
)
JOSEPH = "Robert Joseph, who was an undersecretary of state"
HAMAS = "following the Hamas attack on Oct. 7, 2023."


@pytest.mark.parametrize(
    ("question", "words"),
    [
        ("Who leads HTS?", GOLANI),
        ("Which city lies 25 miles south of Hama?", HOMS),
        ("How far is Homs from Hama?", HOMS),
        ("Who took over from Hafez al-Assad and when?", TOOK_OVER),
        ("When did Bashar al-Assad become president?", TOOK_OVER),
        ("What did Robert Joseph say about Iran's foreign policy?", JOSEPH),
        ("What happened to Iran's foreign policy, according to Robert Joseph?", JOSEPH),
        ("When did Hamas attack Israel?", HAMAS),
        ("What was the date of the Hamas attack on Israel?", HAMAS),
    ],
)
def test_a_question_about_the_seed_article_is_answered_within_two_sentences(
    seed: Index, reranker: Reranker, question: str, words: str
) -> None:
    answer = checked(seed, ask(seed, reranker, question))
    quotes = {c.n: c.quote for c in answer.citations}
    (sentence,) = (s for s in answer.sentences[:2] if words in s.text)
    assert [words in quotes[n] for n in sentence.citations] == [True]
    if words == JOSEPH:
        assert "Iran’s foreign policy had “backfired”" in sentence.text


@pytest.mark.parametrize("question", ["What is the population of Damascus?", "Who won the 2022 World Cup?"])
def test_what_the_seed_article_does_not_say_is_refused(seed: Index, reranker: Reranker, question: str) -> None:
    assert checked(seed, ask(seed, reranker, question)).text == REFUSAL


def test_what_stood_around_the_seed_article_is_nowhere_in_it(seed: Index) -> None:
    article = the_article(seed)
    around = [
        "Delil SOULEIMAN",
        "Getty",
        "0:00",
        "Updated:",
        "Author",
        "Chris Summers",
        "UK-based journalist covering",
        "An undated image of a poster",
        "leaning on a bullet-riddled wall",
        "contributed to this report",
    ]
    assert [words for words in around if words in article.text] == []
    assert article.author == "Chris Summers"
    assert article.title == "Syrian Army Withdraws From Key City of Hama as Terrorist Groups Advance"
    assert article.text.endswith("He said of the Iranian regime, ”Its fate is clear, it will fail and it will end.”")


def test_a_publisher_of_whom_there_is_nothing_is_an_error_that_names_those_there_are(
    samples_index: Index, reranker: Reranker
) -> None:
    with pytest.raises(InputError, match=r"No article is from 'Brackwater'\. Publishers there are: .*Veldmark Gazette"):
        ask(samples_index, reranker, "Who is it?", filters=Filters(publishers=("Brackwater",)))


def test_blanks_around_a_publisher_do_not_matter(samples_index: Index, reranker: Reranker) -> None:
    filters = [Filters(publishers=(name,)) for name in ("Veldmark Gazette", " veldmark  gazette ")]
    found = [search(samples_index, reranker, "Which bridge was closed?", filters=wanted) for wanted in filters]
    assert found[0] == found[1] != ()
    answers = [ask(samples_index, reranker, "Which bridge was closed?", filters=wanted) for wanted in filters]
    assert answers[0].hits == answers[1].hits != ()


def test_a_question_in_an_article_is_no_answer(open_tiny: Callable[..., Index], reranker: Reranker) -> None:
    index = open_tiny()
    add(index, [news("bridge", "Why was the bridge closed on Monday?\n\nIt was closed for its cracks.")], now=NOW)
    shown = ask(index, reranker, "Why was the bridge closed on Monday?")
    assert all("?" not in citation.quote for citation in shown.citations)


def test_a_reader_between_the_switch_and_the_swap_finds_the_embedder_of_what_it_reads(
    open_tiny: Callable[..., Index],
) -> None:
    index = open_tiny()
    other = TinyEmbedder("other")
    spec = spec_of(other, None, None)
    with pytest.raises(CollectionGone):
        index.embedder_of(spec)
    index.incoming = other
    assert index.embedder_of(spec) is other


def test_all_articles_of_a_time_are_counted_and_those_without_a_date_are_named(open_tiny: OpenTiny) -> None:
    index = open_tiny()
    days = {"one": "2026-09-14", "two": "2026-09-20", "old": "2026-05-02", "undated": None}
    texts = {"one": "The bridge is shut.", "two": "Nurses went out.", "old": "A ferry sank.", "undated": "Hail fell."}
    add(index, [news(key, texts[key], published=day) for key, day in days.items()], now=NOW)

    def asked(question: str) -> Answer:
        return ask(index, ByWords(), question, now=NOW)  # type: ignore[arg-type]

    counted = asked("How many articles were published in September 2026?")
    assert [c.article.id for c in counted.citations] == ["two", "one"]
    assert counted.notes == (
        "There are 2 articles since 1 September 2026 until 30 September 2026.",
        "1 article has no date and was not looked at.",
    )
    every = asked("How many articles are there?")
    assert every.notes == ("There are 4 articles.",) and len(every.citations) == 4
    assert not any("no date" in note for note in asked("Is the bridge shut?").notes)
    none = asked("Which articles were published in May 2020?")
    assert none.abstained and "There are no articles since 1 May 2020 until 31 May 2020." in none.notes


def test_articles_are_counted_by_one_of_their_authors(open_tiny: OpenTiny) -> None:
    index = open_tiny()
    authors = {"one": "Nina Holt", "two": "Jo Poe and NINA HOLT", "three": "Jo Poe; Nina Holtz", "four": None}
    add(index, [news(key, f"The {key} bridge is shut.", author=who) for key, who in authors.items()], now=NOW)

    def asked(question: str) -> Answer:
        return ask(index, ByWords(), question, now=NOW)  # type: ignore[arg-type]

    counted = asked("How many articles did Nina Holt write?")
    assert {c.article.id for c in counted.citations} == {"one", "two"}
    assert counted.notes[1] == "There are 2 articles by Nina Holt."
    assert asked("How many articles by Jo Poe mention the three?").sentences[0].text == (
        "Of the 2 articles by Jo Poe, 1 mentions “three”."
    )


@pytest.mark.parametrize(
    "question",
    ["How many articles did Max Roe write?", "Which articles do not mention Ohlsen?", "How often is Ohlsen mentioned?"],
)
def test_who_asks_for_articles_by_what_is_not_counted_is_told_what_is(open_tiny: OpenTiny, question: str) -> None:
    index = open_tiny()
    add(index, [news("one", "The bridge is shut.")], now=NOW)
    refused = ask(index, ByWords(), question, now=NOW)  # type: ignore[arg-type]
    assert refused.abstained and refused.notes == (UNCOUNTED,)
    assert ask(index, ByWords(), "Who is Max Roe?", now=NOW).notes == ()  # type: ignore[arg-type]
