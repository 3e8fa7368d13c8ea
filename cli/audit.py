"""`baosong audit verify`: recomputes every hash of the archive and the ledger."""

from __future__ import annotations

import click

from cli.common import config_option, json_option, print_json, settings
from cli.errors import NeedsAttention


@click.group(epilog="Example: baosong audit verify --json")
def audit() -> None:
    """Recompute every hash of archive and ledger."""


@audit.command(short_help="Name what is altered, missing or extra.", epilog="Example: baosong audit verify --json")
@json_option
@config_option
def verify(as_json: bool) -> None:
    """Recompute every hash and the ledger chain; name anything altered, missing or extra."""
    from ingest.app import build
    from ingest.evidence import verify as recompute

    with build(settings()) as app:
        result = recompute(app)
    faults = [{"object": fault.object, "fault": fault.fault} for fault in result.faults]
    if as_json:
        print_json({"ok": not faults, "checked": result.checked, "faults": faults})
    else:
        click.echo(
            f"checked {result.checked} objects: " + ("all as recorded" if not faults else f"{len(faults)} faults")
        )
    if faults:
        raise NeedsAttention(*(f"{fault['object']}: {fault['fault']}" for fault in faults))
