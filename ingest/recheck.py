"""The nightly look at what stands accepted: a list that came later, or an operator listed since, makes a task for staff. No
decision is changed by it, and no county is written to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime

import structlog

from domain.catalogue import called
from domain.notice import Notice
from ingest.app import App
from ingest.breaches import Breach, breaches
from storage import state, tasks
from storage.advisory import alone
from storage.canonical import Json
from storage.database import Transaction

log = structlog.get_logger(__name__)

TASK = "policy_recheck"
"""Kind of the tasks; their subject is the receipt."""
_TOLD = "recheck:"


def nightly(app: App) -> None:
    """`look`, once a day of the first notice."""
    day = app.clock().astimezone(app.settings.staff.zone).date().isoformat()
    with app.database.read() as tx:
        if state.get(tx, "recheck:day") == day:
            return
    look(app)
    with app.database.begin() as tx:
        state.put(tx, "recheck:day", day, at=app.clock())


def look(app: App) -> int:
    """Looks at every accepted submission with today's lists → in how many there are hits that its sender was not told of.

    A task that staff closed is opened again only when something else is found.
    """
    hit = 0
    for notice in app.notices:
        found = _hits(app, notice)
        with app.database.begin() as tx:
            _note(tx, notice, found, app.clock())
        hit += len(found)
    if hit:
        log.info("policy_hits", submissions=hit)
    return hit


def _hits(app: App, notice: Notice) -> dict[str, list[Breach]]:
    """Receipt → what today's lists say of it and its sender was not told. Found outside the transaction that writes: going
    through every row of every county takes seconds."""
    found: dict[str, list[Breach]] = {}
    with app.database.read() as tx:
        for breach in breaches(tx, notice, app.lists.at(tx, notice, app.clock())):
            if breach.stands and not breach.told and not breach.is_attention:
                found.setdefault(breach.receipt, []).append(breach)
    return found


def _note(tx: Transaction, notice: Notice, found: Mapping[str, Sequence[Breach]], now: datetime) -> None:
    alone(tx, "recheck", notice.id)
    for receipt, hits in found.items():
        known: list[Json] = [*sorted(f"{hit.problem.code} {hit.problem.sheet} {hit.problem.cell}" for hit in hits)]
        if state.get(tx, _TOLD + receipt) != known:
            state.put(tx, _TOLD + receipt, known, at=now)
            tasks.put(tx, TASK, receipt, _text(hits), at=now)
    for receipt in tasks.open_subjects(tx, TASK):
        if receipt.startswith(f"{notice.short}-") and receipt not in found:  # replaced, rejected, or taken off the list
            tasks.close_kind(tx, TASK, receipt, at=now)
            state.remove(tx, _TOLD + receipt)


def _text(hits: Sequence[Breach]) -> str:
    counts = Counter(hit.problem.code for hit in hits)
    kinds = "、".join(f"{called(code)}{count}处" for code, count in sorted(counts.items()))
    whose = hits[0].reporter.name if hits[0].reporter else "未知单位"
    return f"{whose}已受理的材料{hits[0].receipt}，按现行备案名单和黑名单复查，新发现：{kinds}。原受理决定不变，请核实后通知该单位。"
