"""`baosong notice`: validates a notice definition, prints the schema of such files."""

from __future__ import annotations

from pathlib import Path

import click

from cli.common import config_option, json_option, print_json
from cli.errors import NeedsAttention, PartialGroup


@click.group(cls=PartialGroup, lacks=("new",), epilog="Example: baosong notice check notices/my-notice.yaml")
def notice() -> None:
    """Check a notice definition."""


@notice.command(epilog="Example: baosong notice check notices/my-notice.yaml")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@json_option
@config_option
def check(file: Path, as_json: bool) -> None:
    """Validate a notice file: faults by line and key."""
    from config.notices import check_notice, load_notice

    faults = check_notice(file)
    if as_json:
        print_json({"ok": not faults, "faults": [str(fault) for fault in faults]})
    if faults:
        raise NeedsAttention(*(str(fault) for fault in faults))
    if not as_json:
        loaded = load_notice(str(file))
        click.echo(
            f"{file}: good. {loaded.number}, {len(loaded.reporters)} reporters, "
            f"{len(loaded.form.columns)} columns, deadline {loaded.deadline.isoformat()}"
        )


@notice.command(epilog="Example: baosong notice schema > notices/notice.schema.json")
def schema() -> None:
    """Print the JSON Schema of notice files.

    Editors complete keys and mark faults by it: name it in a notice's first line, as in
    `# yaml-language-server: $schema=notice.schema.json`."""
    from config.notice_json_schema import json_schema

    print_json(json_schema())
