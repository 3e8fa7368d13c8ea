"""`baosong show mail:N`: what became of a mail, and why it is held."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from cli.common import open_app, print_json, printable
from cli.errors import NeedsAttention
from cli.retention import erased_line, tombstone_json

if TYPE_CHECKING:
    from ingest.app import App


def show_mail(name: str, *, as_json: bool) -> None:
    """`name` is `mail:N`, as tasks and the log give it. The traceback may quote the mail: local access only."""
    number = name.removeprefix("mail:")
    if not (number.isascii() and number.isdigit() and len(number) <= 18):  # SQLite counts to 2**63
        raise click.UsageError(f"{name}: give the number of the mail, as in mail:12")
    with open_app() as app:
        document = _document(app, int(number), as_json=as_json)
    if as_json:
        print_json(document)
        return
    lines = (f"{key:<12} {value}" for key, value in document.items() if value not in (None, ""))
    click.echo(printable("\n".join(lines)))
    if document["status"] == "held":
        click.echo(f"when the cause is mended: baosong replay {document['file']}")


def _document(app: App, number: int, *, as_json: bool) -> dict[str, object]:
    """Raises NeedsAttention where no mail has the number."""
    from storage import inbox, quarantine
    from storage.errors import NotFound
    from storage.retention import tombstone

    try:
        with app.database.read() as tx:
            mail = inbox.load(tx, number)
            infected = quarantine.among(tx, (mail.sha256,))
            stone = tombstone(tx, f"mail:{mail.sha256}")
    except NotFound as error:
        raise NeedsAttention(f"no mail has the number {number}") from error
    document: dict[str, object] = {
        "mail": mail.id,
        "status": str(mail.status),
        "received_at": mail.origin.received_at.astimezone(app.settings.staff.zone).isoformat(),
        "mailbox": mail.origin.account,
        "folder": mail.origin.folder,
        "sha256": mail.sha256,
        "size": mail.size,
        "quarantined": ", ".join(one.signature for one in infected) or None,
        "file": None if stone else app.blobs.locate(mail.sha256),
        "attempts": mail.attempts,
        "disposition": mail.disposition,
        "reason": mail.reason,
        "error": mail.error,
    }
    if stone:
        document["erased"] = tombstone_json(stone) if as_json else erased_line(stone).partition("  ")[2]
    return document
