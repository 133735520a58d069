"""The commands for what is kept: export and import, an article with its history, and the answers that are affected."""

import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from conftest import Indifferent
from processes import hold, process
from tiny import NOW, TinyEmbedder, news

from index.build import add, remove
from index.config import Config
from index.conversations import Kept, keep
from index.library import Library
from index.opening import LIBRARY, open_index
from index.types import Filters
from ui.cli import main
from ui.kept import written
from ui.service import Service

STEPS = "The bridge of Quorrin has 214 steps to the water."


def run(*arguments: str | Path, code: int = 0) -> Result:
    """Run one command in this process; its exit code has to be `code`."""
    result = CliRunner().invoke(main, [str(a) for a in arguments], env={"COLUMNS": "100"})
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    assert result.exit_code == code, result.output
    return result


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Three answers, of which two lose what they rest on: one its passage, the other, asked with a key, its article."""
    index = open_index(Config(data=tmp_path / "data"), write=True, embedder=TinyEmbedder())
    service = Service(index, Indifferent(), now=lambda: NOW)  # type: ignore[arg-type]
    texts = {"tower": STEPS, "calm": "The fire at the harbour is out.", "gone": "Nurses began a strike on Monday."}
    add(index, [news(key, text, publisher="Quorrin Post") for key, text in texts.items()], now=NOW)
    asked = [("tower", "How many steps does the bridge of Quorrin have?", ""), ("calm", "Is the fire out?", "")]
    for number, (key, question, owner) in enumerate([*asked, ("gone", "When did nurses strike?", "ada")]):
        filters = Filters(article_ids=(key,))
        answer = service.ask(question, filters=filters)
        assert answer.citations
        keep(index.library, "talk", written(number, question, filters, answer), now=NOW, owner=owner)
    add(index, [news("tower", f"It is old. {STEPS.replace('214', '215')}", publisher="Quorrin Post")], now=NOW)
    remove(index, "gone")
    index.close()
    return tmp_path / "data"


def test_the_answers_that_are_affected_are_listed_with_what_was_quoted_and_what_is_there_now(data: Path) -> None:
    assert run("answers", "--affected", "--data", data).output == (
        "1 November 2026: How many steps does the bridge of Quorrin have?\n"
        f"  {STEPS} [1]\n"
        "  [1] Tower — Quorrin Post, undated: this passage has changed.\n"
        f"      It was: “{STEPS}”\n"
        f"      It is now: “{STEPS.replace('214', '215')}”\n"
    )
    both = run("answers", "--data", data).output
    assert "Is the fire out?\n  The fire at the harbour is out. [1]\n" in both and "nurses" not in both
    assert "this article is gone." in run("answers", "--affected", "--key", "ada", "--data", data).output
    assert run("answers", "--key", "bob", "--data", data).output == "No answer is kept.\n"


def test_the_answers_are_given_as_json(data: Path) -> None:
    lines = [json.loads(line) for line in run("answers", "--json", "--data", data).output.splitlines()]
    assert [(line["conversation"], line["number"], line["affected"]) for line in lines] == [
        ("talk", 0, True), ("talk", 1, False),
    ]  # fmt: skip
    (changed,), (stands,) = (line["citations"] for line in lines)
    assert (changed["state"], changed["quote"], changed["now"]) == ("changed", STEPS, STEPS.replace("214", "215"))
    assert (stands["state"], stands["now"]) == ("stands", None)


def test_an_answer_whose_articles_stand_is_not_affected(data: Path) -> None:
    with Library(data / LIBRARY).write() as change:
        change.delete_exchanges(("", "talk", 0))
    said = "No kept answer rests on words that are there no more.\n"
    assert run("answers", "--affected", "--data", data).output == said


def test_a_library_is_exported_while_a_server_runs_and_imported_when_none_does(data: Path, tmp_path: Path) -> None:
    file, served = tmp_path / "all.zip", tmp_path / "served"
    url = "http://127.0.0.1:9"
    with process(hold, served, url) as (_, pipe):
        pipe.recv()
        said = run("export", file, "--data", served).output
        assert said.startswith(f"Exported to {file} (") and said.endswith(
            " kB): 1 articles, 0 earlier versions, 0 questions.\n"
        )
        busy = run("import", file, "--data", served, code=1).stderr
    assert busy == (
        f"Error: Dateline is already serving {served} at {url}. Use that, or stop it first. "
        "An import needs the folder for itself.\n"
    )
    assert "--force" in run("export", file, "--data", data, code=1).stderr
    whole = run("export", file, "--force", "--embeddings", "--data", data).output
    assert whole.endswith(" kB): 2 articles, 1 earlier versions, 3 questions, 2 embeddings.\n")
    assert "There are no articles in" in run("export", file, "--data", tmp_path / "none", code=1).stderr


FILTERS = {"since": None, "until": None, "publishers": [], "article_ids": []}


@pytest.mark.parametrize(
    ("filters", "answer", "name"), [(FILTERS, {"citations": "no"}, "answer"), ({"zzz": [1]}, {}, "filters")]
)
def test_a_file_with_an_answer_that_could_not_be_listed_is_refused(
    data: Path, tmp_path: Path, filters: dict[str, object], answer: dict[str, object], name: str
) -> None:
    file = tmp_path / "all.zip"
    run("export", file, "--data", data)
    run("import", file, "--data", tmp_path / "whole")
    keep(Library(data / LIBRARY), "other", Kept(number=0, question="Why?", filters=filters, answer=answer), now=NOW)
    run("export", file, "--force", "--data", data)
    assert run("import", file, "--data", tmp_path / "new", code=1).stderr == (
        f"Error: {file} was not imported, and nothing was changed: exchanges.jsonl, line 1, has {name!r}, which is not "
        "as Dateline keeps it.\n"
    )
    assert not (tmp_path / "new").exists()


def test_an_import_with_the_real_model_answers_the_same(samples_data: Path, tmp_path: Path) -> None:
    data, file, new = tmp_path / "data", tmp_path / "all.zip", tmp_path / "new"
    shutil.copytree(samples_data, data)
    run("export", file, "--embeddings", "--data", data)
    file.write_bytes(file.read_bytes()[:-9])
    refused = run("import", file, "--data", new, code=1).stderr
    assert refused.startswith(f"Error: {file} was not imported, and nothing was changed: ") and not new.exists()
    run("export", file, "--force", "--embeddings", "--data", data)
    counts = "0 replaced, 0 kept as earlier versions"
    rest = "Earlier versions: 0. Questions: 0.\n"
    assert run("import", file, "--data", new).output == f"Articles: 11 added, {counts}, 0 unchanged. {rest}"
    assert run("import", file, "--data", new).output == f"Articles: 0 added, {counts}, 11 unchanged. {rest}"
    question = "How old are the sea lilies?"
    assert run("ask", question, "--data", new).output == run("ask", question, "--data", data).output
    assert run("verify", "--data", new).output == "All is well: library, keyword index and Chroma agree.\n"
    (lilies,) = (line.split()[1] for line in run("list", "--data", new).output.splitlines() if "sea lilies" in line)
    shown = run("article", lilies, "--history", "--data", new).output
    assert "310 million years" in shown and shown.splitlines()[-1].endswith(", and not changed since.")
    for name in (lilies, Path(lilies).name):
        assert json.loads(run("article", name, "--json", "--data", new).output)["id"] == lilies
