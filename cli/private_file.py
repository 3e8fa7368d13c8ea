"""Files that a command writes for people: they hold names and telephone numbers, and are their owner's alone."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Collection
from pathlib import Path

import click


def writable(parameter: click.Parameter, value: Path | None, endings: Collection[str]) -> Path | None:
    """A file that cannot be written is wrong usage, told before anything is read."""
    if value is None:
        return None
    if value.suffix.lower() not in endings:
        raise click.BadParameter(f"{value} must end in {' or '.join(endings)}", param=parameter)
    if not value.parent.is_dir():
        raise click.BadParameter(f"there is no folder {value.parent}", param=parameter)
    if not os.access(value.parent, os.W_OK | os.X_OK):
        raise click.BadParameter(f"the folder {value.parent} cannot be written to", param=parameter)
    return value


def write_private(path: Path, data: bytes, what: str) -> None:
    """Writes it whole or not at all, for its owner alone. Says so on stderr, also when it takes the place of another file."""
    replaced = path.exists()
    descriptor, aside = tempfile.mkstemp(dir=path.parent, prefix=f".{what}-")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
        Path(aside).replace(path)
    except BaseException:
        Path(aside).unlink(missing_ok=True)
        raise
    click.echo(f"{what}: {path}{' (the file that was there is replaced)' if replaced else ''}", err=True)
