"""`baosong demo`: the whole job on sample mails, over real IMAP and SMTP on loopback."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cli.common import config_option, json_option, print_json
from cli.errors import NeedsAttention

if TYPE_CHECKING:
    from ingest.demo import Result, Samples

_COLOURS = {"accepted": "green", "rejected": "red", "incomplete": "yellow", "review": "blue", "superseded": "dim"}


@click.command(epilog="Example: baosong demo --once")
@click.option("--once", is_flag=True, help="Stop after the summary.")
@click.option(
    "--dir",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    help="Where database, archive and replies go (default: a new temporary folder).",
)
@json_option
@config_option
def demo(once: bool, folder: Path | None, as_json: bool) -> None:
    """Start a mail server on this machine, fill it with sample mails, run the worker on them, show the outcome."""
    from config.logging import configure_logging
    from ingest.demo import sample_folder

    configure_logging(json_lines=False, level=40)
    _ = once  # the summary is where every demo stops for now
    samples = sample_folder()
    if samples is None:
        raise NeedsAttention("the sample mails are not part of this installation: run the demo from the source tree")
    if folder and any((folder / name).exists() for name in ("data", "replies")):
        raise click.BadParameter(f"{folder} holds the store of an earlier demo: give a new folder", param_hint="--dir")
    folder = folder or Path(tempfile.mkdtemp(prefix="baosong-demo-"))
    results = _run(folder, samples, quiet=as_json)
    wrong = [f"{one.file}: {one.state or one.disposition}, expected {one.expected}" for one in results if not one.right]
    if as_json:
        print_json({"folder": str(folder), "mails": [vars(one) | {"codes": list(one.codes)} for one in results]})
    else:
        _show(results, folder)
    for line in wrong:
        click.echo(f"not as its maker expected: {line}", err=True)


def _run(folder: Path, samples: Samples, *, quiet: bool) -> list[Result]:
    """The demo with its progress on stderr."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    from ingest.demo import run_demo

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), disable=quiet) as progress:
        task = progress.add_task("mails", total=len(samples.mails))

        def advance(day: str, count: int) -> None:
            progress.update(task, description=f"mails of {day}", advance=count)

        return run_demo(folder, samples, advance)


def _show(results: list[Result], folder: Path) -> None:
    from rich.console import Console
    from rich.table import Table

    out = Console()
    table = Table(box=None, pad_edge=False, show_header=True, header_style="bold")
    table.add_column("mail", no_wrap=True)
    table.add_column("decision", no_wrap=True)
    table.add_column("reasons", overflow="fold")
    table.add_column("reply", no_wrap=True, justify="right")
    for one in results:
        state = one.state or one.disposition
        style = _COLOURS.get(state, "")
        label = f"[{style}]{state}[/]" if style else state
        reasons = ", ".join(code for code in one.codes if code != "mail.unknown_sender") or one.english
        table.add_row(one.file.removesuffix(".eml"), label, reasons, one.reply or "-")
    out.print(table)
    right = sum(1 for one in results if one.right)
    out.print(f"\n{len(results)} mails, {right} decided as their makers expected.")
    out.print("Every address was unknown to the bureau, so every decision also carries mail.unknown_sender.")
    out.print(f"Replies to read: {folder / 'replies' / 'index.html'}", soft_wrap=True)
    out.print(f"Database and archive: {folder}", soft_wrap=True)
