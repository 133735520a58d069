"""The commands for what is kept: one file of it, what articles were, and what was answered."""

import json
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from index.config import configure
from index.errors import BusyError
from ui.command import (
    Command,
    as_remembered,
    bar,
    client_of,
    folder_option,
    index_options,
    print_json,
    width,
)

if TYPE_CHECKING:
    from index.library import Library

# What takes seconds to import is imported where it is used: `dateline --help` should not wait for torch.


def add_commands(main: click.Group) -> None:
    """`answers`, `article`, `export` and `import`."""
    for command in (answers, article, export_library, import_library):
        main.add_command(command)


@click.command("export", cls=Command)
@click.argument("file", metavar="FILE", type=click.Path(path_type=Path))
@click.option("--embeddings", is_flag=True, help="With the embeddings, so that an import need not compute them.")
@click.option("--force", is_flag=True, help="Replace the file if it is there.")
@folder_option
def export_library(file: Path, embeddings: bool, force: bool, data: str | None) -> None:
    """Write the articles, their versions and questions to one file.

    FILE is a zip of JSON Lines, which other programs read too. Everybody's questions and judgements are in it; keys and
    settings are not. It holds one moment, even while a server changes the index.
    """
    from index.portable import ARTICLES, EMBEDDINGS, EXCHANGES, VERSIONS, export

    with bar() as progress:
        lines = export(
            _library(data), file, now=datetime.now(UTC), embeddings=embeddings, force=force,
            progress=progress,
        )  # fmt: skip
    parts = [
        f"{lines[ARTICLES]:,} articles",
        f"{lines[VERSIONS]:,} earlier versions",
        f"{lines[EXCHANGES]:,} questions",
    ]
    parts += [f"{lines[EMBEDDINGS]:,} embeddings"] if EMBEDDINGS in lines else []
    click.echo(f"Exported to {file} ({file.stat().st_size / 1e3:,.0f} kB): {', '.join(parts)}.")


@click.command("import", cls=Command)
@click.argument("file", metavar="FILE", type=click.Path(path_type=Path))
@index_options
def import_library(file: Path, data: str | None, model: str | None) -> None:
    """Put all that an exported file holds into the index.

    The file is checked to its end before anything changes. What is there already stays. Where an article differs, the
    one that was added later is shown, and the other is kept as an earlier version of it. Of two answers in one place of
    a conversation the later one stays. No server may run on the data folder meanwhile.
    """
    from index.exported import checked
    from index.imports import take_in
    from index.opening import open_index
    from ui.asked import check

    with bar() as progress, checked(file, check=check, progress=progress) as export:
        try:
            index = open_index(configure(data=data, model=model), write=True, progress=progress)
        except BusyError as error:
            raise BusyError(f"{error} An import needs the folder for itself.") from error
        with closing(index):
            done = take_in(index, export, progress=progress)
        if export.embeddings and not done.embeddings_fit:
            made = export.embeddings["model"]
            click.echo(f"note: the embeddings in it are those of another model, {made}: computed anew.", err=True)
    click.echo(
        f"Articles: {done.added:,} added, {done.replaced:,} replaced, {done.older:,} kept as earlier versions, "
        f"{done.unchanged:,} unchanged. Earlier versions: {done.versions:,}. Questions: {done.questions:,}."
    )


@click.command(cls=Command)
@click.argument("name", metavar="ID")
@click.option("--history", is_flag=True, help="With what has changed in it, and when.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON, with every version if --history is given.")
@index_options
def article(name: str, history: bool, as_json: bool, data: str | None, model: str | None) -> None:
    """Print an article, with where its date was found.

    ID is what `dateline list` shows; an article's URL, its file, or the file's name alone, will do when no other has
    it. What an article was before it changed is kept until it is removed.
    """
    from ui.history import article_text, history_text

    with client_of(configure(data=data, model=model)) as (client, _):
        found = client.article(as_remembered(name), history=history)
    if as_json:
        print_json(found)
        return
    click.echo(article_text(found, width=width()))
    if history:
        click.echo(f"\n{history_text(found, width=width())}")


@click.command(cls=Command)
@click.option("--affected", is_flag=True, help="Only those that rest on words which are there no more.")
@click.option("--key", "owner", default="", metavar="NAME", help="Those that were asked with this key.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON, one answer a line.")
@folder_option
def answers(affected: bool, owner: str, as_json: bool, data: str | None) -> None:
    """List the answers that were kept, the last one first.

    Each says which of its quotes are there no more, because their passage has changed or their article is gone, and
    what stands there now. Shown are those that were asked without a key; whoever reads the data folder may name one.
    """
    from ui.asked import answers as kept
    from ui.asked import asked_text

    found = False
    for answer in kept(_library(data), owner, affected=affected):
        if as_json:
            click.echo(json.dumps(answer, ensure_ascii=False))
        else:
            click.echo(("\n" if found else "") + asked_text(answer, width=width()))
        found = True
    if not found and not as_json:
        click.echo("No kept answer rests on words that are there no more." if affected else "No answer is kept.")


def _library(data: str | None) -> "Library":
    """The library of a data folder, for reading, whoever writes to it."""
    from index.library import Library
    from index.opening import LIBRARY, check_there

    config = configure(data=data)
    check_there(config)
    return Library(config.data / LIBRARY)
