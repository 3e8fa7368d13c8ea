"""`baosong notice`: validates a notice definition, prints the schema of such files, makes a notice of a blank form."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cli.common import config_option, json_option, print_json
from cli.errors import NeedsAttention

if TYPE_CHECKING:
    from domain.notice import Notice


@click.group(epilog="Example: baosong notice check notices/my-notice.yaml")
def notice() -> None:
    """Check a notice definition, or make one."""


@notice.command(epilog="Example: baosong notice check notices/my-notice.yaml")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@json_option
@config_option
def check(file: Path, as_json: bool) -> None:
    """Validate a notice file: faults by line and key, rounds."""
    from config.notices import check_notice, load_notices

    faults = check_notice(file)
    made = () if faults else load_notices(file)
    if as_json:
        print_json({"ok": not faults, "faults": faults} | ({"rounds": _rounds(made)} if made and made[0].round else {}))
    if faults:
        raise NeedsAttention(*(str(fault) for fault in faults))
    if not as_json:
        loaded = made[0]
        until = f"{len(made)} rounds" if loaded.round else f"deadline {loaded.deadline.isoformat()}"
        click.echo(
            f"{file}: good. {loaded.number}, {len(loaded.reporters)} reporters, "
            f"{len(loaded.form.columns)} columns, {until}"
        )
        for one in _rounds(made):
            click.echo(
                f"  {one['id']}  {one['short']:<8}  {one['opens']:.16} to {one['deadline']:.16}  "
                f"{one['reporters']} reporters  {one['name']}"
            )


def _rounds(notices: Sequence[Notice]) -> list[dict[str, Any]]:
    return [
        {
            "id": notice.id, "name": notice.round.name, "short": notice.short, "opens": notice.opens.isoformat(),
            "deadline": notice.deadline.isoformat(), "reporters": len(notice.reporters),
        }
        for notice in notices
        if notice.round
    ]  # fmt: skip


@notice.command(epilog="Example: baosong notice new 空白表.xlsx --out notices")
@click.argument("form", metavar="FORM.xlsx", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option(
    "--out",
    metavar="DIR",
    type=click.Path(path_type=Path, file_okay=False),
    help="Where the notice is written (default: the configured directory of notices, else here).",
)
@click.option(
    "--answers",
    metavar="FILE",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Answers in TOML or YAML, by the keys that an unfinished sitting is kept under; nothing is asked.",
)
@config_option
def new(form: Path, out: Path | None, answers: Path | None) -> None:
    """Make a notice of a bureau's blank form.

    Reads FORM.xlsx (or .xls, .et), asks in Chinese what it does not say, writes the commented YAML and the blank forms of all
    reporters, and tries it on made-up returns. What was answered is kept when it is broken off."""
    from cli.notice_new import new_notice

    new_notice(form, out, answers)


@notice.command(epilog="Example: baosong notice schema > notices/notice.schema.json")
def schema() -> None:
    """Print the JSON Schema of notice files.

    Editors complete keys and mark faults by it: name it in a notice's first line, as in
    `# yaml-language-server: $schema=notice.schema.json`."""
    from config.notice_json_schema import json_schema

    print_json(json_schema())
