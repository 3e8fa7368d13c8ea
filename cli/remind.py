"""`baosong remind`: who has not reported, and a reminder to them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from cli.common import config_option, json_option, open_app, print_json
from cli.errors import NeedsAttention

if TYPE_CHECKING:
    from domain.notice import Notice
    from ingest.app import App
    from ingest.reminders import Owing


@click.command(epilog="Example: baosong remind --send")
@click.option("--send", is_flag=True, help="Write to them now, at most once a day each; staff.digest_to has a copy.")
@click.option("--notice", "notice_id", metavar="ID", help="Of one active notice, series or round alone.")
@json_option
@config_option
def remind(send: bool, notice_id: str | None, as_json: bool) -> None:
    """List the reporters that have not reported, with their telephone numbers; with --send remind them by mail.

    `run` reminds by itself at the times that the notice sets (`reminders`), and nobody twice.
    """
    from cli.records import notices_now

    with open_app(writes=send) as app:
        notices = notices_now(app, notice_id)
        if send:
            _send(app, notices)
        with app.database.read() as tx:
            from ingest.reminders import owing

            found = {notice: owing(app, tx, notice) for notice in notices}
        if as_json:
            print_json({"notices": [_json(notice, owed) for notice, owed in found.items()]})
            return
        for notice, owed in found.items():
            _print(notice, owed)


def _send(app: App, notices: tuple[Notice, ...]) -> None:
    from ingest import reminders, sending
    from ingest.passes import PassReport

    app.prepare()
    try:
        written = sum(reminders.remind_now(app, notice) for notice in notices)
    except reminders.NotFresh as error:
        raise NeedsAttention(f"nobody was reminded: {error}; run `baosong run --once` first") from error
    report = PassReport()
    sending.send(app, report)
    click.echo(f"{written} reporter{'s' if written != 1 else ''} reminded", err=True)
    if report.failures:
        raise NeedsAttention(*report.failures)


def _json(notice: Notice, owed: tuple[Owing, ...]) -> dict[str, Any]:
    reporters = [
        {
            "code": one.reporter.code,
            "name": one.reporter.name,
            "standing": str(one.standing),
            "receipt": one.receipt,
            "addresses": list(one.addresses),
            "phone": one.reporter.phone,
            "reminded": one.reminded,
        }
        for one in owed
    ]
    return {"notice": notice.id, "deadline": notice.deadline.isoformat(), "reporters": reporters}


def _print(notice: Notice, owed: tuple[Owing, ...]) -> None:
    """A table within 80 columns."""
    total = len(notice.reporters)
    click.echo(f"{notice.id}: {len(owed)} of {total} have not reported; deadline {notice.deadline:%Y-%m-%d %H:%M}")
    if owed:
        click.echo("standing    mails reminded phone           reporter")
    for one in owed:
        phone = one.reporter.phone or "-"
        click.echo(f"{one.standing:<11} {len(one.addresses):>5} {one.reminded:>8} {phone:<15} {one.reporter.name}")
