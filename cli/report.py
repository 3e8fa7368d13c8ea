"""`--report FILE.html`: where the page of `check` and `show` goes."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

F = TypeVar("F", bound=Callable[..., Any])


def report_option(function: F) -> F:
    """`--report FILE.html`; a file that cannot be written is wrong usage, told before anything is read."""
    return click.option(
        "--report",
        metavar="FILE.html",
        type=click.Path(dir_okay=False, path_type=Path),
        callback=_writable,
        help="Also write one page for people: outcome, problems, page with boxes, seals, every compared cell.",
    )(function)


def _writable(_: click.Context, parameter: click.Parameter, value: Path | None) -> Path | None:
    if value is None:
        return None
    if value.suffix.lower() not in (".html", ".htm"):
        raise click.BadParameter(f"{value} must end in .html: a report is a web page", param=parameter)
    if not value.parent.is_dir():
        raise click.BadParameter(f"there is no folder {value.parent}", param=parameter)
    if not os.access(value.parent, os.W_OK | os.X_OK):
        raise click.BadParameter(f"the folder {value.parent} cannot be written to", param=parameter)
    return value


def write_report(path: Path, page: str) -> None:
    """Writes the page, whole or not at all, for its owner alone: it holds names and telephone numbers. Says so on stderr,
    also when it takes the place of another file."""
    replaced = path.exists()
    descriptor, aside = tempfile.mkstemp(dir=path.parent, prefix=".report-")
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8", errors="replace") as file:
            file.write(page)
        Path(aside).replace(path)
    except BaseException:
        Path(aside).unlink(missing_ok=True)
        raise
    click.echo(f"report: {path}{' (the file that was there is replaced)' if replaced else ''}", err=True)
