"""How far an audit is, on one line of a terminal."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import click

from storage.progress import Progress, Stage, unheard

_EVERY = 0.1
"""Seconds: oftener nobody can read, and each is a write to the terminal."""
_CLEAR = "\r\x1b[K"


@contextmanager
def watched(*, quiet: bool = False) -> Iterator[Progress]:
    """What to give an audit: it writes to stderr where a person sits, and leaves nothing behind."""
    if quiet or not sys.stderr.isatty():
        yield unheard
        return
    shown = -_EVERY

    def progress(stage: Stage, done: int, total: int) -> None:
        nonlocal shown
        if time.monotonic() - shown >= _EVERY:
            shown = time.monotonic()
            click.echo(f"{_CLEAR}{stage}: {done} of {total}", nl=False, err=True)

    try:
        yield progress
    finally:
        click.echo(_CLEAR, nl=False, err=True)
