"""`baosong demo`: the whole job on sample mails, over real IMAP and SMTP on loopback."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cli.common import config_option, json_option, print_json
from cli.errors import NeedsAttention

if TYPE_CHECKING:
    from ingest.app import App
    from ingest.demo import Result, Samples

_ACCOUNTS = (("demo", "张敏", "staff"), ("auditor", "李静", "auditor"), ("admin", "王建国", "admin"))
_BANNER = "演示：来信和单位的材料都是虚构的，时间停在最后一封来信那天。"
_COLOURS = {"accepted": "green", "rejected": "red", "incomplete": "yellow", "review": "blue", "superseded": "dim"}


@click.command(epilog="Example: baosong demo --once")
@click.option("--once", is_flag=True, help="Stop after the summary; else, on a terminal, the console is served.")
@click.option(
    "--port", type=click.IntRange(0, 65535), default=8000, help="Of the console (default 8000; 0: a free one)."
)
@click.option(
    "--dir",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    help="Where database, archive and replies go (default: a new temporary folder).",
)
@json_option
@config_option
def demo(once: bool, port: int, folder: Path | None, as_json: bool) -> None:
    """Start a mail server on this machine, fill it with sample mails, run the worker on them, show the outcome."""
    from config.logging import configure_logging
    from ingest.demo import sample_folder

    configure_logging(json_lines=False, level=40)
    samples = sample_folder()
    if samples is None:
        raise NeedsAttention("the sample mails are not part of this installation: run the demo from the source tree")
    if folder and any((folder / name).exists() for name in ("data", "replies")):
        raise click.BadParameter(f"{folder} holds the store of an earlier demo: give a new folder", param_hint="--dir")
    folder = folder or Path(tempfile.mkdtemp(prefix="baosong-demo-"))
    serves = sys.stdout.isatty() and not once and not as_json

    def after(app: App, results: list[Result]) -> None:
        _tell(results, folder, as_json=as_json)
        if serves:
            _serve(app, port)

    _run(folder, samples, after, quiet=as_json)


def _tell(results: list[Result], folder: Path, *, as_json: bool) -> None:
    if as_json:
        print_json({"folder": str(folder), "mails": [vars(one) | {"codes": list(one.codes)} for one in results]})
    else:
        _show(results, folder)
    for one in results:
        if not one.right:
            found = f"{one.state or one.disposition}, expected {one.expected}"
            click.echo(f"not as its maker expected: {one.file}: {found}", err=True)


def _serve(app: App, port: int) -> None:
    """The console over what was decided, and the worker beside it, until Ctrl-C."""
    from domain.accounts import Role
    from ingest import users
    from ingest.scheduler import Worker
    from storage.passwords import generated
    from web.server import serving_console

    password = generated()
    for name, shown, role in _ACCOUNTS:
        users.add(app, name, shown, Role(role), password, by="staff:demo")
    app.settings = app.settings.model_copy(update={"web": app.settings.web.model_copy(update={"port": port})})
    with serving_console(app, banner=_BANNER) as served:
        click.secho(f"\nConsole: http://127.0.0.1:{served}/", bold=True)
        names = ", ".join(f"{name} ({role})" for name, _, role in _ACCOUNTS)
        click.echo(f"Log in as {names}; password: {password}")
        click.echo("It shows the last evening of the samples. Ctrl-C ends it.")
        Worker(app=app).run()


def _run(folder: Path, samples: Samples, after: Callable[[App, list[Result]], None], *, quiet: bool) -> None:
    """The demo with its progress on stderr."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    from ingest.demo import run_demo

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), disable=quiet) as progress:
        task = progress.add_task("mails", total=len(samples.mails))

        def advance(day: str, count: int) -> None:
            progress.update(task, description=f"mails of {day}", advance=count)

        def ended(app: App, results: list[Result]) -> None:
            progress.stop()
            after(app, results)

        run_demo(folder, samples, advance, ended)


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
