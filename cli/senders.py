"""`baosong senders`: addresses that may write for a reporter, and addresses that letters do not reach."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import click

from cli.common import acting, config_option, json_option, open_app, print_json
from cli.errors import NeedsAttention
from cli.records import code_of, named_notice

if TYPE_CHECKING:
    from domain.notice import Notice, Reporter

_ADDRESS = re.compile(r"[^\s@<>,;]+@[^\s@<>,;]+\.[^\s@<>,;]+")

reporter_argument = click.argument("reporter", metavar="CODE|NAME")
notice_option = click.option(
    "--notice",
    "notice_id",
    metavar="ID",
    help="Id of an active notice (default: the first); of a series the round that opened last.",
)


@click.group(epilog="Example: baosong senders confirm 甲县 jxjyj@example.cn")
def senders() -> None:
    """Addresses that may write for a reporter."""


@senders.command("list", epilog="Example: baosong senders list --json")
@notice_option
@json_option
@config_option
def list_(notice_id: str | None, as_json: bool) -> None:
    """List the known addresses of every reporter, and the addresses that letters do not reach."""
    from ingest.senders import known
    from storage import correspondents

    with open_app() as app:
        notice = named_notice(app, notice_id)
        found = known(app, notice)
        with app.database.read() as tx:
            lost = correspondents.unreachable(tx)
    if as_json:
        print_json(
            {
                "known": [
                    {
                        "reporter": each.reporter.code,
                        "address": each.address,
                        "listed": each.listed,
                        "receipt": each.known.receipt if each.known else None,
                        "by": each.known.confirmed_by if each.known else None,
                    }
                    for each in found
                ],
                "unreachable": [each.address for each in lost],
            }
        )
        return
    for each in found:
        by = "in the notice" if each.known is None else f"by {each.known.confirmed_by}" + _by_case(each.known.receipt)
        click.echo(f"{each.reporter.code:<8} {each.address}  ({by})")
    for one in lost:
        click.echo(
            f"letters do not reach {one.address}: one of {one.bounced_at.astimezone(notice.zone):%m-%d %H:%M} came back"
        )
    if not found and not lost:
        click.echo("no known addresses", err=True)


def _by_case(receipt: str | None) -> str:
    return f", {receipt}" if receipt else ""


@senders.command(epilog="Example: baosong senders confirm 甲县 jxjyj@example.cn")
@reporter_argument
@click.argument("address")
@notice_option
@config_option
def confirm(reporter: str, address: str, notice_id: str | None) -> None:
    """Let an address write for a reporter, after you made sure (by telephone) that it is theirs."""
    from domain.addresses import canonical, strange_letters
    from ingest.senders import confirm as vouch

    if not _ADDRESS.fullmatch(address):
        raise click.BadParameter("give a mail address, like jyj@163.com", param_hint="ADDRESS")
    with open_app(writes=True) as app:
        notice = named_notice(app, notice_id)
        whose = _reporter(notice, reporter)
        new = vouch(app, notice, whose, address, by=acting())
    click.echo(f"{canonical(address)} {'is now' if new else 'was already'} known for {whose.name} ({whose.code})")
    for letter in strange_letters(canonical(address)):
        click.echo(f"note: it holds a letter that may be taken for another: {letter}", err=True)


@senders.command(epilog="Example: baosong senders forget 甲县 jxjyj@example.cn")
@reporter_argument
@click.argument("address")
@notice_option
@config_option
def forget(reporter: str, address: str, notice_id: str | None) -> None:
    """Let a confirmed address write for a reporter no more; what it sent stays as it was decided."""
    from domain.addresses import canonical
    from ingest.senders import forget as disown

    with open_app(writes=True) as app:
        notice = named_notice(app, notice_id)
        whose = _reporter(notice, reporter)
        if canonical(address) in whose.addresses:
            raise NeedsAttention(f"{canonical(address)} stands in the notice file: take it out there")
        if not disown(app, notice, whose, address, by=acting()):
            raise NeedsAttention(f"{canonical(address)} was not confirmed for {whose.name} ({whose.code})")
    click.echo(f"{canonical(address)} is not known for {whose.name} ({whose.code}) any more")


@senders.command(epilog="Example: baosong senders reachable pyxjyj@163.com")
@click.argument("address")
@config_option
def reachable(address: str) -> None:
    """Say that letters arrive at an address again: those that waited go out with the next pass."""
    from ingest.senders import reachable as clear

    with open_app(writes=True) as app:
        if not clear(app, address):
            raise NeedsAttention(f"no letter came back from {address} since it last wrote")
    click.echo(f"letters to {address} go out again")


def _reporter(notice: Notice, wanted: str) -> Reporter:
    found = notice.reporter(code_of((notice,), wanted, hint="REPORTER"))
    assert found is not None  # noqa: S101  the code was just found in this notice
    return found
