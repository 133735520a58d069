"""`dateline eval`, over a set small enough to know every figure, and over a part of real sets with floors."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from conftest import SHARED

from index.errors import InputError
from qa.dataset import digest
from ui.cli import main

FLOORS = json.loads((Path(__file__).parent / "floors.json").read_text("utf-8"))
ARTICLES = [
    {"id": "ferry", "title": "Ferry fares", "text": "Ferry fares rise to four euros in May. Children ride for free."},
    {"id": "strike", "title": "Nurses on strike", "text": "At the hospital 460 nurses stopped work over night shifts."},
    {"id": "lily", "title": "Sea lilies", "text": "Sea lilies are relatives of starfish. The slab weighs nine tons."},
]
QUESTIONS = [
    {
        "question": "How many nurses stopped work?", "answerable": True, "answers": ["460"],
        "gold_article_ids": ["strike"], "gold_evidence": ["460 nurses stopped work"],
    },
    {
        "question": "What are sea lilies relatives of?", "answerable": True, "answers": ["starfish"],
        "gold_article_ids": ["lily"], "gold_evidence": ["Sea lilies are relatives of starfish."],
    },
    {
        "question": "When do they rise?", "answerable": True, "answers": ["May"], "gold_article_ids": ["ferry"],
        "gold_evidence": ["Ferry fares rise to four euros in May."],
        "turns": [{"speaker": "user", "text": "What are ferry fares?"}, {"speaker": "agent", "text": "4 euros"}],
    },
    {"question": "What is the capital of France?", "answerable": False},
]  # fmt: skip


def write(folder: Path, articles: Sequence[object], questions: Sequence[object]) -> Path:
    folder.mkdir(exist_ok=True)
    for name, rows in (("articles", articles), ("questions", questions)):
        (folder / f"{name}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    return folder


def rows(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text("utf-8").splitlines()]


def evaluated(*arguments: str | Path) -> dict[str, float]:
    result = CliRunner().invoke(main, ["eval", "--json", *map(str, arguments)])
    assert result.exit_code == 0, result.output
    return {row["measure"]: row["ours"]["value"] for row in json.loads(result.output)["rows"]}


def test_a_set_is_measured_as_worked_out_by_hand_and_indexed_once(tmp_path: Path) -> None:
    folder = write(tmp_path / "set", ARTICLES, QUESTIONS)
    figures = evaluated(folder, "--held-out")
    assert {name: figures[name] for name in figures if "p50" not in name and "p95" not in name} == {
        **dict.fromkeys(["article recall@1", "article recall@5", "article recall@10"], 1.0),
        "MRR@10, first chunk on the evidence": 1.0,
        **dict.fromkeys(["evidence recall@5", "evidence recall@10"], 1.0),
        **dict.fromkeys(["article recall@5, rewritten", "article recall@5, as asked"], 1.0),
        "gold answer contained": 1.0,
        "token F1": pytest.approx(figures["token F1"]),
        "words, median": pytest.approx(8, abs=3),
        "sentences, mean": 1.0,
        "articles shown to disagree": 0.0,
        "quotes verbatim at their offsets": 1.0,
        "cited articles that are gold": 1.0,
        "citations on the evidence": 1.0,
        "answered, of the answerable": 1.0,
        "answered, of the unanswerable": 0.0,
        "AUROC of confidence": 1.0,
        "answered, its articles left out": 0.0,
        "AUROC against articles left out": 1.0,
    }
    (kept,) = (tmp_path / ".dateline-eval").iterdir()
    written = (kept / "library.sqlite3").stat().st_mtime_ns
    result = CliRunner().invoke(main, ["eval", str(folder), "--limit", "2"])
    assert (kept / "library.sqlite3").stat().st_mtime_ns == written and [*kept.parent.iterdir()] == [kept]
    assert "questions: 2 of set" in result.output and "| **retrieval**" in result.output


def test_a_disagreement_is_counted_and_both_sides_are_held_against_the_gold(tmp_path: Path) -> None:
    later = {
        "id": "later",
        "title": "Strike over",
        "text": "At the hospital 480 nurses stopped work over night shifts.",
    }
    folder = write(tmp_path / "set", [*ARTICLES, later], QUESTIONS[:2])
    figures = evaluated(folder, "--cache", tmp_path / "kept")
    assert figures["articles shown to disagree"] == 0.5
    assert figures["sentences, mean"] == 1.5 and figures["cited articles that are gold"] == pytest.approx(
        2 / 3, abs=1e-4
    )


def test_another_sets_questions_are_all_to_be_refused(tmp_path: Path) -> None:
    folder = write(tmp_path / "set", ARTICLES, QUESTIONS)
    other = write(tmp_path / "other", [], [{"question": "Who won the cup?", "answerable": True, "answers": ["Ajax"]}])
    figures = evaluated(folder, "--questions", other, "--cache", tmp_path / "kept")
    assert figures["answered, of the unanswerable"] == 0.0 and "answered, of the answerable" not in figures


def test_a_folder_that_is_no_set_is_named(tmp_path: Path) -> None:
    result = CliRunner().invoke(main, ["eval", str(tmp_path)])
    assert result.exit_code == 1 and "questions.jsonl is missing" in result.output
    write(tmp_path, [], QUESTIONS)
    result = CliRunner().invoke(main, ["eval", str(tmp_path)])
    assert result.exit_code == 1 and "articles.jsonl is empty" in result.output
    write(tmp_path, [{"id": "a"}], QUESTIONS)
    result = CliRunner().invoke(main, ["eval", str(tmp_path), "--cache", str(tmp_path / "kept")])
    assert result.exit_code == 1 and "articles.jsonl holds no articles." in result.output
    (tmp_path / "articles.jsonl").unlink()
    result = CliRunner().invoke(main, ["eval", str(tmp_path)])
    assert result.exit_code == 1 and "articles.jsonl is not there" in result.output


@pytest.mark.skipif(not SHARED.is_dir(), reason="needs the sets of questions beside the checkout")
@pytest.mark.parametrize("name", FLOORS)
def test_a_part_of_a_real_set_stays_above_its_floors(name: str, tmp_path: Path) -> None:
    wanted = FLOORS[name]
    assert digest(SHARED / name) == wanted["digest"], "the set has changed: measure anew, and say so in the commit"
    articles = rows(SHARED / name / "articles.jsonl")
    kept = [a for a in articles if a["id"] in wanted["articles"]]
    every = rows(SHARED / name / "questions.jsonl")
    asked = [q for q in every if q["answerable"] and q["gold_article_ids"][0] in wanted["articles"]]
    figures = evaluated(write(tmp_path / name, kept, asked), "--limit", str(wanted["questions"]))
    assert {m: figures[m] for m, floor in wanted["floors"].items() if figures[m] < floor} == {}


def test_the_floors_name_their_sets() -> None:
    assert {"squad2", "onestopqa"} == set(FLOORS)
    with pytest.raises(InputError):
        from qa.dataset import questions

        questions(Path("nowhere"))
