"""Sets of questions with known answers are read as they are written."""

import json
from pathlib import Path

import pytest

from index.errors import InputError
from qa.dataset import Question, find_words, questions
from qa.types import Turn


def written(folder: Path, *rows: object) -> Path:
    (folder / "questions.jsonl").write_text("\n".join(map(json.dumps, rows)), "utf-8")
    return folder


def test_a_question_has_its_answers_evidence_and_earlier_turns(tmp_path: Path) -> None:
    said = [("user", "Who?"), ("agent", "She."), ("user", "Unanswered"), ("user", "Where?"), ("agent", "There.")]
    row = {
        "id": 7,
        "question": "And when?",
        "answerable": True,
        "answers": ["1974"],
        "gold_article_ids": ["a"],
        "gold_evidence": ["It opened in 1974."],
        "turns": [{"speaker": speaker, "text": text} for speaker, text in said],
    }
    assert questions(written(tmp_path, row)) == [
        Question(
            id="7",
            question="And when?",
            answerable=True,
            answers=("1974",),
            articles=("a",),
            evidence=("It opened in 1974.",),
            history=(Turn("Who?", "She."), Turn("Unanswered"), Turn("Where?", "There.")),
        )
    ]


def test_halves_share_no_article_and_make_the_whole_and_a_limit_is_the_same_each_time(tmp_path: Path) -> None:
    rows = [{"question": f"{n}?", "answerable": True, "gold_article_ids": [f"a{n % 20}"]} for n in range(200)]
    folder = written(tmp_path, *rows)
    fit, check = questions(folder, half="fit"), questions(folder, half="check")
    assert len(fit) + len(check) == 200 and fit and check
    assert {q.articles for q in fit}.isdisjoint({q.articles for q in check})
    assert questions(folder, limit=5) == questions(folder)[:5] != sorted(questions(folder)[:5], key=lambda q: q.id)


@pytest.mark.parametrize("row", [{"question": "No more?"}, ["list"], {"answerable": True}, "text"])
def test_what_is_no_question_is_named_with_its_line(tmp_path: Path, row: object) -> None:
    with pytest.raises(InputError, match=r"questions\.jsonl, line 2: it needs an object with at least `question`"):
        questions(written(tmp_path, {"question": "Who?", "answerable": False}, row))


ASKED = '{"question": "Who?", "answerable": true}\n'


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ('{"question": null, "answerable": true}', "`question` is to be a text with words in it"),
        ('{"question": 5, "answerable": true}', "`question` is to be a text with words in it"),
        ('{"question": "?", "answerable": true}', "`question` is to be a text with words in it"),
        (f'{{"question": "{"a" * 2001}", "answerable": true}}', "`question` has 2001 characters; the most is 2000"),
        ('{"question": "Who?", "answerable": "false"}', "`answerable` is to be true or false, without quotes"),
        ('{"question": "Who?", "answerable": true, "id": 1e999}', "`id` is to be a text or a whole number"),
        ('{"question": "Who?", "answerable": true, "answers": "1974"}', "`answers` is to be a list of texts"),
        ('{"question": "Who?", "answerable": true, "gold_article_ids": [1]}', "`gold_article_ids` is to be a list"),
        ('{"question": "Who?", "answerable": true, "gold_evidence": "x"}', "`gold_evidence` is to be a list of texts"),
        ('{"question": "Who?", "answerable": true, "turns": 5}', "`turns` is to be a list of objects"),
        (
            '{"question": "Who?", "answerable": true, "turns": [{"speaker": "user", "text": 5}]}',
            "`turns` is to be a list of objects",
        ),
        ('{"question": "Who? \\ud800", "answerable": true}', "it holds half a character"),
        ("[" * 100_000, "this is no JSON"),
        ("{x", "this is no JSON"),
        (b'{"question": "caf\xe9", "answerable": true}', "this is not UTF-8"),
    ],
)  # fmt: skip
def test_a_field_that_holds_something_else_is_named_with_its_line(tmp_path: Path, line: str | bytes, why: str) -> None:
    (tmp_path / "questions.jsonl").write_bytes(ASKED.encode() + (line if isinstance(line, bytes) else line.encode()))
    with pytest.raises(InputError, match=r"questions\.jsonl, line 2: ") as raised:
        questions(tmp_path)
    assert why in str(raised.value)


def test_a_byte_order_mark_is_no_word_and_a_line_separator_ends_no_line(tmp_path: Path) -> None:
    (tmp_path / "questions.jsonl").write_text('\ufeff{"question": "Who\u2028won?", "answerable": true}\r\n', "utf-8")
    assert [q.question for q in questions(tmp_path)] == ["Who\u2028won?"]


def test_a_set_without_a_question_is_none(tmp_path: Path) -> None:
    (tmp_path / "questions.jsonl").write_text("\n", "utf-8")
    with pytest.raises(InputError, match=r"questions\.jsonl holds no questions\."):
        questions(tmp_path)


def test_a_folder_without_questions_is_no_set(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"A set holds articles\.jsonl and questions\.jsonl"):
        questions(tmp_path)


def test_words_are_found_whatever_stands_between_their_letters() -> None:
    text = "He said: “It’s\nover – at 9 p.m.” Then he left."
    span = find_words(text, "it's over -- at 9 PM\"")
    assert span and text[slice(*span)] == "It’s\nover – at 9 p.m"
    assert find_words(text, "it is over") is find_words(text, "…") is None
