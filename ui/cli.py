"""The command line."""

import json
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Literal

import click

from index.config import SAMPLES, Config, configure
from index.types import Filters
from ui import keeping, measuring
from ui.command import Command, as_remembered, bar, client_of, folder_option, index_options, print_json, width

if TYPE_CHECKING:
    from ui.keys import Keys

# What takes seconds to import is imported where it is used: `dateline --help` should not wait for torch.


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="dateline")
def main() -> None:
    """Ask your articles, get answers you can check."""


main.command_class = Command
keeping.add_commands(main)
measuring.add_commands(main)


def _building(command: Callable[..., None]) -> Callable[..., None]:
    """What an index is made with, beside the model."""
    for option in (
        click.option("--chroma-url", metavar="URL", help="A Chroma server that holds the vectors. [default: none]"),
        click.option(
            "--precision",
            type=click.Choice(["int8", "fp32"]),
            help="Of a new index: int8 (a CPU's fastest) or fp32 (a GPU's). [default: int8 where there is no GPU]",
        ),
    ):
        command = option(command)
    return command


def _engine(command: Callable[..., None]) -> Callable[..., None]:
    text = "Cut and embed on a Ray cluster: that at $RAY_ADDRESS, else one on this machine. [default: without Ray]"
    return click.option("--engine", type=click.Choice(["ray"]), help=text)(command)


def _private(command: Callable[..., None]) -> Callable[..., None]:
    text = "Fetch from addresses of this machine and of local networks, too."
    return click.option("--allow-private", is_flag=True, help=text)(command)


def _where(command: Callable[..., None]) -> Callable[..., None]:
    for option in (
        click.option("--publisher", multiple=True, metavar="NAME", help="Only this publisher; may be given again."),
        click.option("--to", "until", metavar="DAY", help="Only articles up to this day, YYYY-MM-DD."),
        click.option("--from", "since", metavar="DAY", help="Only articles from this day on, YYYY-MM-DD."),
    ):
        command = option(command)
    return command


@main.command()
@click.option("--port", default=7860, show_default=True, help="Where to listen; 0 takes a free port.")
@click.option(
    "--host",
    default="127.0.0.1",
    show_default=True,
    help="An address of this machine, 0.0.0.0 for all. Where others can reach it, everybody needs a key.",
)
@click.option(
    "--rate",
    type=click.IntRange(1),
    metavar="N",
    help="Questions in a minute for each key, or each address where no key is needed; ten times as many requests. "
    "[default: 60 where others can reach it, else any number]",
)
@click.option(
    "--proxy",
    metavar="ADDRESS",
    help="The address or network of a proxy before it, whose X-Forwarded-For and X-Forwarded-Proto are believed.",
)
@click.option("--log", type=click.Choice(["json"]), help="Log every request to stderr, as JSON, one line each.")
@click.option("--log-questions", is_flag=True, help="Log the words of every question too. Needs --log.")
@_private
@_building
@index_options
def serve(
    port: int, host: str, rate: int | None, proxy: str | None, log: str | None, log_questions: bool,
    allow_private: bool, data: str | None, model: str | None, **building: Any,
) -> None:  # fmt: skip
    """Serve the chat window and the API. On first run, sample articles are indexed."""
    if log_questions and not log:
        raise click.UsageError("--log-questions needs --log json.")
    from ui.server import serve as run

    def ready(url: str) -> None:
        click.echo(f"Dateline is at {url} (API: {url}/docs). Ctrl+C stops it.")

    with bar() as progress:
        run(
            configure(data=data, model=model, **building),
            host=host,
            port=port,
            rate=rate,
            json_log=log == "json",
            log_questions=log_questions,
            allow_private=allow_private,
            proxy=proxy,
            progress=progress,
            ready=ready,
        )


@main.group()
def keys() -> None:
    """Make and revoke the keys of those who may come from elsewhere."""


keys.command_class = Command


@keys.command("add")
@click.argument("name", metavar="NAME")
@click.option(
    "--may",
    type=click.Choice(["ask", "change"]),
    default="ask",
    show_default=True,
    help="To change includes to ask.",
)
@folder_option
def add_key(name: str, may: Literal["ask", "change"], data: str | None) -> None:
    """Make a key, and show it this once.

    A server that runs knows it at once.
    """
    secret = _keys(data).add(name, may, today=datetime.now(UTC).date())
    click.echo(secret)
    click.echo(f"This is {name}'s key, to {may}. It is shown only now; Dateline keeps a digest of it.", err=True)


@keys.command("list")
@folder_option
def list_keys(data: str | None) -> None:
    """List the keys: whose they are, what they may do, and when they were made."""
    for key in _keys(data).all():
        click.echo(f"{key.created}  {key.may:6}  {key.name}")


@keys.command("revoke")
@click.argument("name", metavar="NAME")
@folder_option
def revoke_key(name: str, data: str | None) -> None:
    """Revoke a key, and every login with it.

    A server that runs knows it at once.
    """
    _keys(data).revoke(name)
    click.echo(f"Revoked: {name}")


def _keys(data: str | None) -> "Keys":
    from ui.keys import Keys

    return Keys(configure(data=data).data)


@main.command()
@click.argument("sources", nargs=-1, required=True, metavar="SOURCE...")
@_private
@_engine
@_building
@index_options
def add(sources: tuple[str, ...], allow_private: bool, data: str | None, model: str | None, **building: Any) -> None:
    """Add the articles in files, folders, web pages and feeds.

    Reads .txt, .md, .html, .pdf, .json, .jsonl and .csv; by URL, pages, plain text, PDF, and all that an RSS or Atom
    feed lists. What is already there is left alone, what has changed is replaced. Input that cannot be used is
    skipped and named, and the exit status is then 1.
    """
    report = _gathered(configure(data=data, model=model, **building), sources, allow_private)
    for line in report["notes"]:
        click.echo(f"note: {line['source']}: {line['reason']}", err=True)
    for line in report["skipped"]:
        click.echo(f"skipped: {line['source']}: {line['reason']}", err=True)
    counts = {name: len(report[name]) for name in ("added", "changed", "unchanged", "skipped")}
    if not any(counts.values()):
        click.echo("Nothing was found to add.", err=True)
        sys.exit(1)
    if not counts["added"] and not counts["changed"] and not counts["skipped"]:
        click.echo(f"Nothing to do: all {counts['unchanged']} articles are already there, unchanged.")
        return
    click.echo(", ".join(f"{count} {name}" for name, count in counts.items()) + ".")
    if report["undated"]:
        click.echo(f"Without a date, and left out where a time is asked for: {len(report['undated'])}.")
    if counts["skipped"]:
        sys.exit(1)


@main.command()
@click.argument("sources", nargs=-1, required=True, metavar="SOURCE...")
@click.option(
    "--every", default="15m", show_default=True, metavar="TIME", help="From one round to the next: 90s, 15m, 2h, 1d."
)
@click.option("--once", is_flag=True, help="One round only; the exit status is 1 if anything was skipped.")
@_private
@index_options
def watch(
    sources: tuple[str, ...], every: str, once: bool, allow_private: bool, data: str | None, model: str | None
) -> None:
    """Add feeds, pages, files and folders again and again.

    Each round prints what changed. Between rounds other commands may write. Ctrl+C stops it.
    """
    from ui.watch import interval
    from ui.watch import watch as run

    seconds = interval(every)
    config = configure(data=data, model=model)
    if not run(
        lambda: _gathered(config, sources, allow_private, again=True), every=seconds, once=once, tell=click.echo
    ):
        sys.exit(1)


@main.command()
@click.argument("name", metavar="ID|URL|PATH", required=False)
@click.option("--samples", is_flag=True, help="Remove the sample articles that ship with Dateline.")
@index_options
def remove(name: str | None, samples: bool, data: str | None, model: str | None) -> None:
    """Remove an article, or all from a file or folder."""
    if samples == bool(name):
        raise click.UsageError("Give one of: an id, a URL or a path; or --samples.")
    with client_of(configure(data=data, model=model), write=True) as (client, _):
        removed = client.remove(str(SAMPLES) if samples else as_remembered(str(name)))
    click.echo(f"Removed {len(removed)}: {', '.join(removed[:10])}{', …' if len(removed) > 10 else ''}")


@main.command()
@_engine
@_building
@index_options
def rebuild(data: str | None, model: str | None, **building: Any) -> None:
    """Chunk and embed every article anew, then switch to the result. The old index answers meanwhile."""
    config = configure(data=data, model=model, **building)
    with client_of(config, write=True, rebuilding=True) as (client, progress):
        found = client.rebuild(config, progress)
    click.echo(f"Rebuilt: {found['articles']} articles, {found['chunks']} chunks, {found['model']}.")


@main.command()
@click.option("--repair", is_flag=True, help="Write the keyword index and Chroma again from the library.")
@index_options
def verify(repair: bool, data: str | None, model: str | None) -> None:
    """Check that library, keywords and Chroma agree.

    Exit status 1 if anything is wrong.
    """
    with client_of(configure(data=data, model=model), write=True, verifying=True) as (client, progress):
        result = client.verify(repair, progress)
    for problem in result["problems"]:
        click.echo(f"problem: {problem}", err=True)
    if not result["problems"]:
        click.echo("All is well: library, keyword index and Chroma agree.")
    elif not result["left"]:
        click.echo("Repaired: library, keyword index and Chroma agree now.")
    else:
        click.echo("Not repaired." if repair else "To mend it: dateline verify --repair", err=True)
        sys.exit(1)


@main.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@index_options
def status(as_json: bool, data: str | None, model: str | None) -> None:
    """Say what is indexed."""
    with client_of(configure(data=data, model=model)) as (client, _):
        found = client.status()
    if as_json:
        print_json(found)
        return
    days = f"{found['first_day']} to {found['last_day']}" if found["first_day"] else "no dates"
    undated = f", {found['undated']} undated" if found["undated"] else ""
    click.echo(f"articles    {found['articles']:,} ({found['tokens']:,} tokens)")
    click.echo(f"published   {days}{undated}")
    click.echo(f"publishers  {', '.join(found['publishers']) or 'none named'}")
    click.echo(f"chunks      {found['chunks']:,}, {found['chunks_embedded']:,} of them with vectors")
    click.echo(f"chunking    {found['chunking']}")
    click.echo(f"model       {found['model']}")
    click.echo(f"on disk     {found['bytes_on_disk'] / 1e6:,.1f} MB")
    click.echo(f"version     {found['index_version']}")


@main.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print JSON, one article a line.")
@index_options
def list_articles(as_json: bool, data: str | None, model: str | None) -> None:
    """List the articles, newest first."""
    with client_of(configure(data=data, model=model)) as (client, _):
        for article in client.articles():
            if as_json:
                click.echo(json.dumps(article, ensure_ascii=False))
            else:
                from ui.render import printable

                day = (article["published_at"] or "undated")[:10]
                click.echo(f"{day:10}  {printable(article['id'])}  {printable(article['title'])}")


@main.command()
@click.argument("question", nargs=-1, required=True, metavar="QUESTION")
@click.option("--json", "as_json", is_flag=True, help="Print the answer as JSON, as the API gives it.")
@click.option("--top-k", default=10, show_default=True, help="How many passages the answer may rest on.")
@_where
@index_options
def ask(
    question: tuple[str, ...], as_json: bool, top_k: int,
    since: str | None, until: str | None, publisher: tuple[str, ...],
    data: str | None, model: str | None,
) -> None:  # fmt: skip
    """Answer a question, citing the words each sentence rests on."""
    from ui.render import answer_text

    with client_of(configure(data=data, model=model)) as (client, _):
        answer = client.ask(" ".join(question), _filters(since, until, publisher), top_k)
    if as_json:
        print_json(answer)
    else:
        click.echo(answer_text(answer, width=width()))


@main.command()
@click.argument("question", nargs=-1, required=True, metavar="QUESTION")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option("--top-k", default=10, show_default=True, help="How many passages to show.")
@_where
@index_options
def search(
    question: tuple[str, ...], as_json: bool, top_k: int,
    since: str | None, until: str | None, publisher: tuple[str, ...],
    data: str | None, model: str | None,
) -> None:  # fmt: skip
    """Show the passages that fit a question.

    Each comes with what its score is made of.
    """
    from ui.render import hits_text

    with client_of(configure(data=data, model=model)) as (client, _):
        hits = client.search(" ".join(question), _filters(since, until, publisher), top_k)
    if as_json:
        print_json({"hits": hits})
    else:
        click.echo(hits_text(hits, width=width()))


def _filters(since: str | None, until: str | None, publishers: tuple[str, ...]) -> Filters | None:
    filters = Filters(since=since, until=until, publishers=publishers)
    return None if filters == Filters() else filters


def _gathered(config: Config, sources: tuple[str, ...], allow_private: bool, *, again: bool = False) -> dict[str, Any]:
    from index.web import Web
    from ui.gather import gather

    with client_of(config, write=True, create=True) as (client, progress):
        try:
            return gather(
                client,
                sources,
                data=config.data,
                web=lambda: Web(allow_private=allow_private),
                again=again,
                progress=progress,
            )
        except KeyboardInterrupt:
            found = client.status()
            passages = f"{found['chunks']:,}, {found['chunks_embedded']:,} of them with vectors"
            click.echo(f"\nArticles in the index: {found['articles']:,}. Passages: {passages}.", err=True)
            click.echo("Run the same again to go on from there.", err=True)
            raise
