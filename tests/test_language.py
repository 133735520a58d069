"""Which language an article is in: what its source claims, and what its text says to that."""

import json
from datetime import date

import pytest
from conftest import SHARED

from index.clean import clean
from index.errors import InputError
from index.language import code, language_of, name
from index.types import Article, Record

GERMAN = (
    "Die Hafenbrücke bleibt bis Ende Mai gesperrt, teilte die Stadt am Dienstag mit. Ein Gutachter hatte Risse in zwei "
    "Trägern gefunden. Busse werden über die Mühlstraße umgeleitet, und die Fähre fährt alle zwanzig Minuten."
)
ENGLISH = (
    "Jürgen Klopp and Łukasz Piszczek met Recep Tayyip Erdoğan in Zürich on Tuesday, the club's spokesman said. They "
    "had spoken about a new stadium before the two of them flew on to Saint-Étienne."
)


def told(text: str, claimed: str | None = None, title: str = "") -> str | None:
    return language_of(Article(id="a", title=title, text=text, language=claimed))


@pytest.mark.parametrize(
    ("claimed", "found"),
    [
        *((said, "de") for said in ("de", "DE", "de-DE", "de_AT.UTF-8", "deu", "ger", "German", " german ", "de, en")),
        ("en_US", "en"),
        ("English", "en"),
        ("Norwegian Bokmål", "nb"),
        *((said, "de") for said in ("Deutsch", "deutsch", "Deutsch (Deutschland)")),
        *((said, "en") for said in ("English (US)", "American English")),
        *((said, "fr") for said in ("français", "Français", "FRANÇAIS")),
        *((said, "zh") for said in ("中文", "简体中文", "中文（繁體）", "Simplified Chinese")),
        ("日本語", "ja"),
        ("한국어", "ko"),
        ("Português (Brasil)", "pt"),
        ("zh-Hans-CN", "zh"),
        ("iw", "he"),
        *(
            (said, None)
            for said in (
                None,
                "",
                " ",
                "xx",
                "und",
                "mul",
                "C",
                "Klingon",
                "gsw",
                "deutsch?",
                "<b>",
                "-",
                "(US)",
                "Klingon (US)",
            )
        ),
    ],
)
def test_a_claim_means_a_code_or_nothing(claimed: str | None, found: str | None) -> None:
    assert code(claimed) == found


def test_a_text_without_a_claim_tells_its_language_when_it_is_sure() -> None:
    assert told(GERMAN) == "de"
    assert told(ENGLISH) == "en"
    assert (
        told("Le conseil municipal a décidé mardi de fermer le pont jusqu'en mai, faute de moyens suffisants.") == "fr"
    )
    assert (
        told("31.07. 12:3, 4:5, FC 08 – SV 05; XY 17.3 km/h, 1,000.5 MW; ABC-12, DEF-34, 99.1 FM, 88.7 FM, A 7") is None
    )


def test_a_short_text_tells_nothing_and_its_claim_counts() -> None:
    assert told("Police in Łódź arrested Krzysztof Wiśniewski.") is None
    assert told("Police in Łódź arrested Krzysztof Wiśniewski.", "en-GB") == "en"
    assert told("Die Fähre fährt wieder.", "Klingon") is None


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("港口大桥从周一起封闭到五月底，市政府在周二的会议上宣布，因为工程师在两根横梁上发现了裂缝。", "zh"),
        ("電車公司表示新的路線將在明年春天開通，連接大學和舊城區，全程只需要十五分鐘，票價不變，工會這樣說。", "zh"),
        ("港の橋は月曜日から五月末まで通行止めになると市が発表した。技師が二本の梁にひびを見つけたためだ。", "ja"),
        ("어젯밤 강풍이 수산시장 지붕을 날려 버렸지만 다친 사람은 없었다고 시장이 부두에서 기자들에게 말했다.", "ko"),
        ("港の橋は月曜日から五月末まで通行止めになる。", None),
        ("The novel 雪国 by Kawabata Yasunari (川端康成) was read in class.", None),
        ("国会会期延長法案成立見通野党反発強化、大学病院新棟完成費用超過野党調査要求、台風接近全線運休。", None),
    ],
)
def test_forty_letters_of_chinese_japanese_or_korean_tell_a_language(text: str, language: str | None) -> None:
    assert len(text) < 80
    assert told(text) == language
    assert told(text, "en") == "en"


def test_a_claim_is_believed_unless_a_long_text_is_certainly_in_another_language() -> None:
    assert told(GERMAN, "en") == "de"
    assert told(GERMAN[:150], "lb") == "lb"
    assert told(ENGLISH, "da") == "da"


def test_the_title_counts_too() -> None:
    assert told("Seite 3.", title=GERMAN[:130]) == "de"


def test_a_cleaned_article_has_a_code_or_none() -> None:
    def cleaned(**fields: str) -> str | None:
        return clean(Record(key="a", **fields), today=date(2026, 1, 1)).article.language

    assert cleaned(text=GERMAN) == "de"
    assert cleaned(text="The ferry is late.", language="en_GB") == "en"
    assert cleaned(text="The ferry is late.", language="unknown") is None
    assert (
        cleaned(text=f'<html lang="en"><body><article><p>{GERMAN}</p></article></body></html>', format="html") == "de"
    )


def test_languages_have_names_that_stemmers_go_by() -> None:
    assert [name(c) for c in ("de", "nb", "no", "el", "xx")] == ["german", "norwegian", "norwegian", "greek", "xx"]


@pytest.mark.parametrize("collection", ["squad2", "onestopqa", "clapnq"])
def test_english_articles_are_taken_for_no_other_language(collection: str) -> None:
    path = SHARED / collection / "articles.jsonl"
    if not path.exists():
        pytest.skip(f"{path} is not there")
    found: list[str | None] = []
    for fields in map(json.loads, path.read_text("utf-8").splitlines()):
        try:
            found.append(clean(Record(key="a", text=fields["text"]), today=date(2026, 1, 1)).article.language)
        except InputError:
            continue
    assert set(found) <= {"en", None}
    assert found.count(None) <= 0.05 * len(found)
