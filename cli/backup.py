"""`baosong backup` and `baosong restore`: whole copies of database, archive and configuration, checked when written and read."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cli.audit import head_option
from cli.common import config_file, config_option, json_option, print_json, settings
from cli.errors import NeedsAttention

if TYPE_CHECKING:
    from storage.ledger import Head


@click.command(epilog="Example: baosong backup /mnt/backup --keep 14")
@click.argument("directory", metavar="DIR", type=click.Path(path_type=Path, file_okay=False))
@click.option(
    "--keep", type=click.IntRange(min=1), help="Keep so many generations; older ones go when the new one is well."
)
@json_option
@config_option
def backup(directory: Path, keep: int | None, as_json: bool) -> None:
    """Write one more copy of database, archive, notices and configuration into DIR.

    The worker may go on meanwhile. Each copy is a folder of its own, named by its time (UTC); files that the copy before it
    has are linked, not stored twice. It is audited before it counts. Passwords and keys are not in it: keep them elsewhere.
    """
    from ingest.app import build
    from ingest.backup import back_up

    with build(settings()) as app:
        made = back_up(app, directory, config=config_file(), keep=keep)
    faults = [{"object": fault.object, "fault": fault.fault} for fault in made.audit.faults]
    well = not faults and not made.notes
    if as_json:
        print_json({"ok": well, "path": str(made.path), "checked": made.audit.checked, "faults": faults})
    else:
        found = "all as recorded" if not faults else f"{len(faults)} faults"
        click.echo(f"{made.path}: checked {made.audit.checked} objects: {found}")
        for path in made.removed:
            click.echo(f"{path}: removed, as newer ones are kept")
    if not well:
        raise NeedsAttention(*made.notes, *(f"{fault['object']}: {fault['fault']}" for fault in faults))


@click.command(epilog="Example: baosong restore /mnt/backup --head letter.eml")
@click.argument("directory", metavar="DIR", type=click.Path(path_type=Path, exists=True, file_okay=False))
@head_option
@config_option
def restore(directory: Path, heads: Sequence[Sequence[Head]]) -> None:
    """Put a copy back where the configuration says: DIR is one copy, or a folder of them, of which the newest is taken.

    Any copy goes into SQLite or an empty PostgreSQL database, into a folder or an empty bucket.

    Nothing is written over. The copy is checked before and after; one that is not whole is refused. A head from outside
    (a letter) says what the copy lacks.
    """
    from ingest.app import build
    from ingest.restore import restore as put_back
    from ingest.restore import taken_at

    with build(settings()) as app:
        done = put_back(app, directory, [head for one in heads for head in one])
    known = len(done.audit.faults)
    click.echo(f"restored {done.source} of {taken_at(done.source)}")
    click.echo(
        f"checked {done.audit.checked} objects: " + (f"{known} faults, known then" if known else "all as recorded")
    )
    if done.head:
        click.echo(f"the ledger ends at {done.head.number}:{done.head.hash}; what came later is not in this copy")
    last = done.head.number if done.head else 0
    lines = [
        f"{head.source}: head {head.number}: the entries {last + 1} to {head.number} are lost" for head in done.newer
    ]
    lines += [f"{fault.object}: {fault.fault} (known when the copy was taken)" for fault in done.audit.faults]
    if lines:
        raise NeedsAttention(*lines)
