"""Commands that measure: the answers to a set of questions, and what is taken from web pages."""

from datetime import UTC, datetime
from pathlib import Path

import click

from index.config import configure
from ui.command import Command, bar, print_json

# What takes seconds to import is imported where it is used: `dateline --help` should not wait for torch.


def add_commands(main: click.Group) -> None:
    """`eval` and `eval-html`."""
    for command in (evaluate, evaluate_html):
        main.add_command(command)


@click.command("eval", cls=Command)
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option(
    "--questions",
    "asked",
    metavar="DIR",
    type=click.Path(path_type=Path),
    help="Ask another set's questions, which these articles do not answer.",
)
@click.option("--limit", type=click.IntRange(1), metavar="N", help="Ask so many questions, in a fixed random order.")
@click.option(
    "--half", type=click.Choice(["fit", "check"]), help="Only the half that was, or was not, used for tuning."
)
@click.option("--held-out", is_flag=True, help="Ask each question again without the articles that answer it.")
@click.option("--ablation", is_flag=True, help="Show what each stage of the search finds.")
@click.option("--cache", metavar="DIR", type=click.Path(path_type=Path), help="Where to keep the set's index.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option("--model", metavar="NAME", help="Embedding model: a sentence-transformers name or folder.")
def evaluate(
    folder: Path, asked: Path | None, limit: int | None, half: str | None, held_out: bool, ablation: bool,
    cache: Path | None, as_json: bool, model: str | None,
) -> None:  # fmt: skip
    """Measure the answers to a set of questions with known answers.

    DIR holds articles.jsonl and questions.jsonl. Its index is kept, so that a second run embeds nothing.
    """
    from qa.evaluate import evaluate as measure
    from ui.scores import evaluation_json, evaluation_text

    with bar() as progress:
        evaluation = measure(
            folder, configure(model=model), asked=asked, limit=limit, half=half, held_out=held_out,
            ablation=ablation, cache=cache, now=datetime.now(UTC), progress=progress,
        )  # fmt: skip
    if as_json:
        print_json(evaluation_json(evaluation))
    else:
        click.echo(evaluation_text(evaluation))


@click.command("eval-html", cls=Command)
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option("--errors", is_flag=True, help="Name every snippet, title, author and date that is wrong.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def evaluate_html(folder: Path, errors: bool, as_json: bool) -> None:
    """Measure what is taken from saved web pages.

    DIR holds pages and gold.jsonl, a line for each: `file` and, if known, `url`, `with` and `without` (words that
    belong to the article, and that do not), `title`, `author` and `date` (null where the page has none).
    """
    from qa.evaluate_html import evaluate_html as measure
    from ui.scores import evaluation_json, evaluation_text

    with bar() as progress:
        evaluation = measure(folder, errors=errors, today=datetime.now(UTC).date(), progress=progress)
    if as_json:
        print_json(evaluation_json(evaluation))
    else:
        click.echo(evaluation_text(evaluation))
