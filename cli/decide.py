"""`baosong decide`: a decision of staff on any current case."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from cli.common import acting, config_option, json_option, open_app, print_json
from cli.errors import NeedsAttention

if TYPE_CHECKING:
    from domain.submission import State
    from ingest.app import App


@click.command(epilog="Example: baosong decide PY51-PYX-20200227-03 accept --reason 原件已核对")
@click.argument("receipt")
@click.argument("verdict", type=click.Choice(["accept", "reject"]))
@click.option("--reason", required=True, help="Told to the county and kept in the ledger.")
@click.option("--learn-sender", is_flag=True, help="With accept: its address is known for the reporter from now on.")
@json_option
@config_option
def decide(receipt: str, verdict: str, reason: str, learn_sender: bool, as_json: bool) -> None:
    """Record a decision of staff on a case, and answer the county with it."""
    from domain.submission import State
    from ingest import verdicts
    from ingest.case_json import submission_json

    if not reason.strip():
        raise click.BadParameter("say why: the county will read it", param_hint="--reason")
    if learn_sender and verdict != "accept":
        raise click.BadParameter("nobody vouches for the sender of what is rejected", param_hint="--learn-sender")
    with open_app(writes=True) as app:
        receipt = _undecided(app, receipt, State.ACCEPTED if verdict == "accept" else State.REJECTED)
        try:
            decided = verdicts.decide(
                app,
                receipt,
                accept=verdict == "accept",
                reason=reason.strip(),
                by=acting(),
                learn_sender=learn_sender,
            )
        except KeyError as error:
            raise NeedsAttention(f"no submission has the receipt {receipt}") from error
        case = decided.submission
        document = submission_json(case, app.notice(case.notice))
    if as_json:
        print_json(document)
    else:
        note = f" (a newer one is accepted: {case.superseded_by})" if case.state is State.SUPERSEDED else ""
        click.echo(f"{receipt}: {case.state}{note}; the reply goes out with the next pass")
    if learn_sender:
        click.echo(
            f"{decided.learnt} is now known for {case.reporter}" if decided.learnt else "its address was known",
            err=True,
        )
    if decided.earlier:
        earlier = ", ".join(decided.earlier)
        click.echo(
            f"nothing of this reporter is accepted now; it had replaced {earlier}: "
            f"`baosong decide {decided.earlier[0]} accept --reason TEXT` lets that stand again",
            err=True,
        )


def _undecided(app: App, receipt: str, verdict: State) -> str:
    """The receipt as it was given out. A verdict of staff that stands is not given again: it would send another letter,
    and nobody would know why."""
    from domain.placing import decided_already
    from storage import submissions

    with app.database.read() as tx:
        receipt = submissions.spelled(tx, receipt)
        case = submissions.load(tx, receipt)
        standing = submissions.standing(tx, case.notice, case.reporter) if case else ()
    if case and decided_already(case, verdict, standing):
        replaced = f", and superseded by {case.superseded_by}" if case.superseded_by else ""
        raise NeedsAttention(f"{receipt} is already {verdict} by {case.decided_by}{replaced}; nothing was done or sent")
    return receipt
