"""`baosong rejudge`: which standing decisions would differ today. It never changes one."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING

import click

from cli.common import config_option, json_option, open_app, print_json
from cli.errors import NeedsAttention
from cli.records import named_notice
from cli.senders import notice_option

if TYPE_CHECKING:
    from domain.notice import Notice
    from domain.policy_lists import PolicyLists
    from domain.problems import Problem
    from ingest.app import App
    from ingest.rejudge import Rejudged


@click.command(epilog="Example: baosong rejudge --dry-run --fast")
@click.option("--dry-run", is_flag=True, help="Change nothing, as always: for clearness.")
@notice_option
@click.option("--receipt", metavar="R", help="Only this submission, in whatever state.")
@click.option("--fast", is_flag=True, help="Use the stored readings of workbooks and scans; open no mail.")
@json_option
@config_option
def rejudge(dry_run: bool, notice_id: str | None, receipt: str | None, fast: bool, as_json: bool) -> None:
    """Judge what stands again by today's notice, register, blacklist and program, as of the time of receipt, and print which
    decisions would differ. Nothing is changed: `baosong decide RECEIPT accept|reject --reason TEXT` is how a person acts.

    The archived mails are opened and read anew, which takes seconds each; with --fast the stored readings of workbooks and
    scans are used: enough where only rules or lists have changed.
    """
    from ingest.rejudge import rejudge as judge_again

    with open_app() as app:
        notice = named_notice(app, notice_id)
        if receipt is not None:
            receipt, notice = _known(app, receipt)
        with app.database.read() as tx:
            lists = app.lists.at(tx, notice, app.clock())
        found = list(judge_again(app, notice, receipt=receipt, fast=fast, told=_progress))
    differing = [one for one in found if one.differs]
    failed = [one for one in found if one.failed]
    if as_json:
        print_json(
            {
                "notice": notice.id, "register": _register(lists), "fast": fast, "examined": len(found),
                "different": [_json(one) for one in differing],
                "failed": [{"receipt": one.case.receipt, "why": one.failed} for one in failed],
            }
        )  # fmt: skip
    else:
        _print(found, differing, lists)
    if failed:
        raise NeedsAttention(*(f"{one.case.receipt}: could not be judged again: {one.failed}" for one in failed))


def _progress(receipt: str) -> None:
    if sys.stderr.isatty():
        click.echo(f"\r{receipt} ", nl=False, err=True)


def _known(app: App, receipt: str) -> tuple[str, Notice]:
    from storage import submissions

    with app.database.read() as tx:
        receipt = submissions.spelled(tx, receipt)
        case = submissions.load(tx, receipt)
    if case is None:
        raise NeedsAttention(f"no submission has the receipt {receipt}")
    return receipt, app.notice(case.notice)


def _register(lists: PolicyLists) -> dict[str, object] | None:
    register = lists.register
    return {"version": register.version, "date": register.date.isoformat()} if register else None


def _json(one: Rejudged) -> dict[str, object]:
    return {
        "receipt": one.case.receipt,
        "reporter": one.case.reporter,
        "state": str(one.case.state),
        "decided_by": one.case.decided_by,
        "machine_then": str(one.before),
        "machine_now": str(one.after),
        "gained": [_problem(each) for each in one.gained],
        "lost": [_problem(each) for each in one.lost],
    }


def _problem(problem: Problem) -> dict[str, object]:
    return {
        "code": problem.code,
        "severity": str(problem.severity),
        "file": problem.file,
        "sheet": problem.sheet,
        "cell": problem.cell,
        "message": problem.message,
    }


def _print(found: Iterable[Rejudged], differing: list[Rejudged], lists: PolicyLists) -> None:
    register = lists.register
    by = f"register {register.version} of {register.date}" if register else "no register (未核验)"
    click.echo(f"by {by}, {len(lists.blacklist)} operators on the blacklist", err=True)
    for one in differing:
        staff = f", decided by {one.case.decided_by}" if one.case.decided_by != "machine" else ""
        change = f"{one.before} -> {one.after}" if one.before != one.after else f"still {one.after}"
        click.secho(f"{one.case.receipt}  stands {one.case.state}{staff}; the machine: {change}", bold=True)
        for sign, problems in (("+", one.gained), ("-", one.lost)):
            for problem in problems:
                click.echo(f"  {sign} {problem.severity:<7} {problem.code} {problem.cell or ''}".rstrip())
                click.echo(f"      {problem.message}")
    click.echo(f"examined: {len(list(found))}; would differ: {len(differing)}", err=True)
    if differing:
        click.echo(
            "nothing was changed: `baosong decide RECEIPT accept|reject --reason TEXT` is how a person acts", err=True
        )
