"""`--report FILE.html`: where the page of `check` and `show` goes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from cli.files import writable, write_told

F = TypeVar("F", bound=Callable[..., Any])


def report_option(function: F) -> F:
    """`--report FILE.html`."""
    return click.option(
        "--report",
        metavar="FILE.html",
        type=click.Path(dir_okay=False, path_type=Path),
        callback=writable(".html", ".htm", kind="a report is a web page"),
        help="Also write one page for people: outcome, problems, page with boxes, seals, every compared cell.",
    )(function)


def write_report(path: Path, page: str) -> None:
    """Writes the page, for its owner alone."""
    write_told(path, page.encode(errors="replace"), "report")
