"""`--report FILE.html`: where the page of `check` and `show` goes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from cli.files import replace_file, writable

F = TypeVar("F", bound=Callable[..., Any])


def report_option(function: F) -> F:
    """`--report FILE.html`; a file that cannot be written is wrong usage, told before anything is read."""
    return click.option(
        "--report",
        metavar="FILE.html",
        type=click.Path(dir_okay=False, path_type=Path),
        callback=writable(".html", ".htm", kind="a report is a web page"),
        help="Also write one page for people: outcome, problems, page with boxes, seals, every compared cell.",
    )(function)


def write_report(path: Path, page: str) -> None:
    """Writes the page. Says so on stderr, also when it takes the place of another file."""
    replaced = replace_file(path, page.encode(errors="replace"))
    click.echo(f"report: {path}{' (the file that was there is replaced)' if replaced else ''}", err=True)
