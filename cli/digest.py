"""`baosong digest`: the staff's morning letter, on the terminal or on its way."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cli.common import config_option, open_app
from cli.errors import NONE_YET, NeedsAttention

if TYPE_CHECKING:
    from ingest.app import App
    from notifier.letters import Rendered


@click.command(epilog="Example: baosong digest --html digest.html")
@click.option(
    "--date",
    "day",
    type=click.DateTime(["%Y-%m-%d"]),
    metavar="DAY",
    help="Of an earlier day: what was received until its end, as it stands now.",
)
@click.option("--send", is_flag=True, help="Send it to staff.digest_to now, also where today's went out already.")
@click.option(
    "--html", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE", help="Write it as a page, too."
)
@config_option
def digest(day: datetime | None, send: bool, html: Path | None) -> None:
    """Show the staff's digest as of now, or send it (run does so each day at staff.digest_at)."""
    with open_app(writes=send) as app:
        wanted = _day(app, day)
        if html or not send:
            shown = _rendered(app, wanted)
        if html:
            html.touch(mode=0o600)
            html.write_text(shown.html, encoding="utf-8")
        if send:
            _send(app, wanted)
        else:
            click.echo(f"{shown.subject}\n\n{shown.text}", nl=False)


def _day(app: App, day: datetime | None) -> date | None:

    today = app.clock().astimezone(app.settings.staff.zone).date()
    if day and day.date() > today:
        raise click.BadParameter(f"{day:%Y-%m-%d} is still to come", param_hint="--date")
    return day.date() if day and day.date() != today else None


def _rendered(app: App, day: date | None) -> Rendered:
    from ingest.digest import gather, letter
    from notifier.letters import render
    from storage import ledger

    if not app.notices:
        raise NeedsAttention(NONE_YET)
    with app.database.read() as tx:
        made = gather(app, tx, app.clock(), day=day)
        head = ledger.head(tx)
    return render(
        letter(app, made, to=""),
        app.notices[0],
        head_number=head.number if head else None,
        head_hash=head.hash if head else None,
    )


def _send(app: App, day: date | None) -> None:
    """Puts it into the outbox and sends what is due: where a worker runs, that may be first to do so."""
    from ingest import digest as made
    from ingest import sending
    from ingest.passes import PassReport

    if not app.settings.staff.digest_to:
        raise NeedsAttention("staff.digest_to is empty: put the addresses of the bureau's staff there")
    app.prepare()
    made.put(app, again=True, day=day)
    report = PassReport()
    sending.send(app, report)
    if report.failures:
        raise NeedsAttention(*report.failures)
    count = len(app.settings.staff.digest_to)
    click.echo(f"sent to {count} address{'es' if count != 1 else ''} of staff.digest_to")
