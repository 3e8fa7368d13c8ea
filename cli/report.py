"""`--report FILE.html`: where the page of `check` and `show` goes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from cli.private_file import writable, write_private

F = TypeVar("F", bound=Callable[..., Any])


def report_option(function: F) -> F:
    """`--report FILE.html`."""
    return click.option(
        "--report",
        metavar="FILE.html",
        type=click.Path(dir_okay=False, path_type=Path),
        callback=_writable,
        help="Also write one page for people: outcome, problems, page with boxes, seals, every compared cell.",
    )(function)


def _writable(_: click.Context, parameter: click.Parameter, value: Path | None) -> Path | None:
    if value is not None and value.suffix.lower() not in (".html", ".htm"):
        raise click.BadParameter(f"{value} must end in .html: a report is a web page", param=parameter)
    return writable(parameter, value, (".html", ".htm"))


def write_report(path: Path, page: str) -> None:
    """Writes the page, for its owner alone."""
    write_private(path, page.encode("utf-8", "replace"), "report")
