"""What the commands of the command line share: their options, their errors, and the way to an index."""

import json
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import click

from index.config import Config
from index.errors import DatelineError
from index.types import Progress, no_progress


class Command(click.Command):
    """A command whose expected errors end in one sentence and status 1."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except DatelineError as error:
            raise click.ClickException(str(error)) from error
        except BrokenPipeError:
            sys.exit(1)


folder_option = click.option("--data", metavar="DIR", help="Data folder. [default: $DATELINE_DATA, else .dateline]")


def index_options(command: Callable[..., None]) -> Callable[..., None]:
    """The options of a command that opens an index."""
    for option in (
        click.option("--model", metavar="NAME", help="Embedding model: a sentence-transformers name or folder."),
        folder_option,
    ):
        command = option(command)
    return command


def as_remembered(name: str) -> str:
    """A path as articles remember it, when there is something at it; else the name as it is."""
    return os.path.abspath(name) if os.path.exists(name) else name


def width() -> int:
    """Columns to write in: those of the terminal, up to 100."""
    return min(shutil.get_terminal_size((80, 24)).columns, 100)


def print_json(data: object) -> None:
    """Print data for programs."""
    click.echo(json.dumps(data, ensure_ascii=False, indent=2))


@contextmanager
def client_of(
    config: Config, *, write: bool = False, create: bool = False, rebuilding: bool = False, verifying: bool = False
) -> Iterator[tuple[Any, Progress]]:
    """A `ui.client.Client` for one command, and a progress bar for it."""
    from ui.client import connect

    with bar() as progress:
        client = connect(
            config, write=write, create=create, rebuilding=rebuilding, verifying=verifying, progress=progress
        )
        try:
            yield client, progress
        finally:
            client.close()


@contextmanager
def bar() -> Iterator[Progress]:
    """A progress bar on the terminal for each stage; nothing when the output is no terminal."""
    if not sys.stderr.isatty():
        yield no_progress
        return
    from tqdm import tqdm

    bars: dict[str, Any] = {}

    def show(stage: str, done: int, total: int) -> None:
        if stage not in bars:
            for old in bars.values():
                old.close()
            bars.clear()
            bars[stage] = tqdm(desc=stage, leave=False)
        bars[stage].total = total or None
        bars[stage].n = done
        bars[stage].refresh()

    try:
        yield show
    finally:
        for shown in bars.values():
            shown.close()
