"""Files that commands write for people: checked before anything is read, written whole or not at all, for their owner alone."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from pathlib import Path

import click

Callback = Callable[[click.Context, click.Parameter, Path | None], Path | None]


def writable(*suffixes: str, kind: str) -> Callback:
    """A check of a path that is to be written: its ending, and that its folder is there and can be written to."""

    def check(_: click.Context, parameter: click.Parameter, value: Path | None) -> Path | None:
        if value is None:
            return None
        if value.suffix.lower() not in suffixes:
            raise click.BadParameter(f"{value} must end in {' or '.join(suffixes)}: {kind}", param=parameter)
        if not value.parent.is_dir():
            raise click.BadParameter(f"there is no folder {value.parent}", param=parameter)
        if not os.access(value.parent, os.W_OK | os.X_OK):
            raise click.BadParameter(f"the folder {value.parent} cannot be written to", param=parameter)
        return value

    return check


def replace_file(path: Path, data: bytes) -> bool:
    """Writes it with mode 0600: names and telephone numbers lie in it. → whether it took the place of another file."""
    replaced = path.exists()
    descriptor, aside = tempfile.mkstemp(dir=path.parent, prefix=f".{path.stem[:40]}-")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
        Path(aside).replace(path)
    except BaseException:
        Path(aside).unlink(missing_ok=True)
        raise
    return replaced


def write_told(path: Path, data: bytes, what: str) -> None:
    """`replace_file`, and says so on stderr, also when it took the place of another file."""
    replaced = replace_file(path, data)
    click.echo(f"{what}: {path}{' (the file that was there is replaced)' if replaced else ''}", err=True)
