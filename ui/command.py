"""What the commands of the command line share: their options, their errors, and the way to an index."""

import json
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
    for option in (
        click.option("--model", metavar="NAME", help="Embedding model: a sentence-transformers name or folder."),
        folder_option,
    ):
        command = option(command)
    return command


def print_json(data: object) -> None:
    click.echo(json.dumps(data, ensure_ascii=False, indent=2))


@contextmanager
def client_of(
    config: Config, *, write: bool = False, create: bool = False, rebuilding: bool = False
) -> Iterator[tuple[Any, Progress]]:
    from ui.client import connect

    with bar() as progress:
        client = connect(config, write=write, create=create, rebuilding=rebuilding, progress=progress)
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
            for bar in bars.values():
                bar.close()
            bars.clear()
            bars[stage] = tqdm(desc=stage, leave=False)
        bars[stage].total = total or None
        bars[stage].n = done
        bars[stage].refresh()

    try:
        yield show
    finally:
        for bar in bars.values():
            bar.close()
