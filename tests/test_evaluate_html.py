"""`dateline eval-html`, over pages small enough to know every figure."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from qa.gold import agrees
from ui.cli import main

SENTENCE = "The council met for three hours on Monday and heard from the engineers who had walked along the dam. "
PAGE = """<!doctype html><html><head><title>{title} - Example News</title></head><body>
<nav><a href="/">Home</a></nav><h1>{title}</h1><p>By Ann Roe</p><article><p>{start} {sentence}</p><p>{sentence}</p>
<p>Share this story on Facebook</p><p>{end} {sentence}</p></article></body></html>"""
DAM = {
    "file": "dam.html",
    "url": "https://example.org/2024/03/05/dam",
    "with": ["Water rose", "fell again"],
    "without": ["Share this story", "Home"],
    "title": "The dam holds",
    "author": "Ann Roe",
    "date": "2024-03-05",
}
CALM = {"file": "calm.html", "with": ["words that no page has"], "without": ["nor these"], "date": None}
EMPTY = {"file": "empty.html", "with": ["Nothing"]}


def write(folder: Path, *rows: Mapping[str, object]) -> Path:
    pages = {
        "dam.html": PAGE.format(
            title="The dam holds", head="", start="Water rose.", end="It fell again.", sentence=SENTENCE
        ),
        "calm.html": PAGE.format(title="All is calm now", head="", start="So.", end="Yes.", sentence=SENTENCE),
        "empty.html": "<html><body></body></html>",
    }
    for name, html in pages.items():
        (folder / name).write_text(html, "utf-8")
    (folder / "gold.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    return folder


def measured(folder: Path, *options: str) -> dict[str, Any]:
    result = CliRunner().invoke(main, ["eval-html", "--json", *options, str(folder)])
    assert result.exit_code == 0, result.output
    found: dict[str, Any] = json.loads(result.output)
    return found


def test_pages_are_measured_as_worked_out_by_hand(tmp_path: Path) -> None:
    found = measured(write(tmp_path, DAM, CALM, EMPTY), "--errors")
    ours = {row["measure"]: row["ours"]["value"] for row in found["rows"] if row["measure"] != "a second"}
    assert ours == {
        "snippets of the article kept": 0.5,
        "snippets around it kept out": 1.0,
        "F1 of snippets": 0.6667,
        "title right": 1.0,
        "author right": 1.0,
        "date right": 1.0,
        "no date where there is none": 1.0,
        "refused": 0.3333,
        "with a note": 0.0,
    }
    plain = {row["measure"]: row["plain"]["value"] for row in found["rows"] if row["plain"]}
    assert (plain["snippets of the article kept"], plain["snippets around it kept out"]) == (0.5, 0.6667)
    assert found["notes"][3:] == [
        "calm.html: lost: words that no page has",
        "empty.html: refused: No article was found in the page: save its text as .txt if there is one.",
    ]


def test_the_table_is_printed(tmp_path: Path) -> None:
    result = CliRunner().invoke(main, ["eval-html", str(write(tmp_path, DAM))])
    assert result.exit_code == 0 and "| snippets around it kept out        |       1.000 |" in result.output
    assert "dam.html" not in result.output


def test_a_page_without_a_byte_is_refused_by_name_and_the_others_are_measured(tmp_path: Path) -> None:
    (tmp_path / "nothing.html").touch()
    write(tmp_path, DAM, {"file": "nothing.html", "with": ["words"]})
    result = CliRunner().invoke(main, ["eval-html", str(tmp_path), "--errors"])
    assert result.exit_code == 0, result.output
    assert "nothing.html: refused: It is empty." in result.output


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ({"url": "x"}, "line 1: it needs an object with at least `file`"),
        ({"file": "nowhere.html"}, "line 1: there is no file"),
        ({"file": "dam.html", "with": "a"}, "line 1: `with` is to be a list of texts"),
        ({"file": "dam.html", "date": "5 March"}, "line 1: `date` is to be a day, YYYY-MM-DD, or null"),
        ({"file": "dam.html", "title": 3}, "line 1: `title` is to be a text with words in it"),
        ({"file": "dam.html", "title": ""}, "line 1: `title` is to be a text with words in it"),
        ({"file": "dam.html", "author": " "}, "line 1: `author` is to be a text with words in it"),
        ({"file": "dam.html", "date": ""}, "line 1: `date` is to be a text with words in it"),
        ({"file": "dam.html", "date": "2020-99-99"}, "line 1: `date` is to be a day, YYYY-MM-DD, or null"),
        ({"file": "dam.html", "date": "20240305"}, "line 1: `date` is to be a day, YYYY-MM-DD, or null"),
        ({"file": "dam.html", "with": ["Water rose", ""]}, "line 1: `with` is to be a list of texts with words"),
        ({"file": "dam.html", "without": ["—"]}, "line 1: `without` is to be a list of texts with words in them"),
    ],
)
def test_a_row_that_is_wrong_is_named(tmp_path: Path, row: Mapping[str, object], reason: str) -> None:
    result = CliRunner().invoke(main, ["eval-html", str(write(tmp_path, row))])
    assert result.exit_code == 1 and reason in result.output


def test_a_folder_without_gold_is_told_what_it_needs(tmp_path: Path) -> None:
    result = CliRunner().invoke(main, ["eval-html", str(tmp_path)])
    assert result.exit_code == 1
    missing = (
        f"Error: {tmp_path / 'gold.jsonl'} is missing. It says what is known of the pages beside it: one JSON object"
    )
    assert result.output.startswith(missing)
    result = CliRunner().invoke(main, ["eval-html", str(write(tmp_path))])
    assert result.exit_code == 1 and "gold.jsonl names no pages." in result.output


@pytest.mark.parametrize(
    ("fact", "said", "gold", "expected"),
    [
        ("author", "By Ann Roe; Jo Poe", "Jo Poe and Ann Roe", True),
        ("author", "Ann Roe, Example News", "Ann Roe", False),
        ("author", None, None, True),
        ("author", "Ann Roe", None, False),
        ("date", "2024-03-05T09:00:00+01:00", "2024-03-05", True),
        ("date", "2024-03-06", "2024-03-05", False),
        ("title", "“The dam” holds", "The dam holds", True),
        ("title", "The dam holds - Example", "The dam holds", False),
    ],
)
def test_what_is_found_agrees_with_the_gold(fact: str, said: str | None, gold: str | None, expected: bool) -> None:
    assert agrees(fact, said, gold) is expected
