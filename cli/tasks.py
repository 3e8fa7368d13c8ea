"""`baosong tasks`: what a person has to do, and that it was done."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from cli.common import acting, config_option, json_option, open_app, print_json
from cli.errors import NeedsAttention

if TYPE_CHECKING:
    from storage.tasks import Task


@click.group(epilog="Example: baosong tasks list")
def tasks() -> None:
    """What a person has to do: doubtful cases, mails that are held, letters that came back."""


@tasks.command("list", epilog="Example: baosong tasks list --json")
@click.option("--confidential", is_flag=True, help="Complaints and tip-offs, too: for whom they concern alone.")
@json_option
@config_option
def list_tasks(confidential: bool, as_json: bool) -> None:
    """List what is open, oldest first."""
    from storage import tasks as records

    with open_app() as app:
        with app.database.read() as tx:
            found = records.open_(tx, confidential=None if confidential else False)
        if as_json:
            print_json({"tasks": [_json(task) for task in found]})
            return
        zone = app.settings.staff.zone
        for task in found:
            mark = " [confidential]" if task.confidential else ""
            click.echo(
                f"{task.id:>5}  {task.created_at.astimezone(zone):%m-%d %H:%M}  {task.kind:<16} {task.subject}{mark}"
            )
            click.echo(f"       {task.text}")
        if not found:
            click.echo("nothing to do", err=True)


@tasks.command(epilog="Example: baosong tasks close 12 --note 已电话告知")
@click.argument("number", type=int)
@click.option("--note", default="", help="What came of it, for whoever reads the records. Stays out of the ledger.")
@config_option
def close(number: int, note: str) -> None:
    """Note that a task is done. A case in review is closed by `baosong decide`, a held mail by `baosong replay`."""
    from storage import tasks as records
    from storage.errors import NotFound

    with open_app(writes=True) as app:
        try:
            with app.database.begin() as tx:
                records.close(tx, number, acting(), note, at=app.clock())
        except NotFound as error:
            raise NeedsAttention(f"no task has the number {number}; `baosong tasks list` lists them") from error
    click.echo(f"task {number} is closed", err=True)


def _json(task: Task) -> dict[str, Any]:
    return {
        "id": task.id,
        "kind": task.kind,
        "subject": task.subject,
        "text": task.text,
        "confidential": task.confidential,
        "created_at": task.created_at.isoformat(),
    }
