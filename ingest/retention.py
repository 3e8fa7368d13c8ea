"""Keeping and erasing: what has been kept long enough, what must be kept longer, and the erasure by a person's word.

The worker erases nothing by itself. It tells staff once a day what is due; `baosong retention erase` does it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from config.settings import SettingsError
from domain.submission import State
from ingest import jobs
from ingest.app import App
from storage import inbox, retention, state, submissions, tasks
from storage.advisory import alone
from storage.database import Transaction
from storage.erasing import Eraser, forget_addresses, purge_index, remove_files
from storage.inbox import MailStatus
from storage.kept import KeptCase, KeptMail, kept_cases, kept_mails
from storage.retention import Hold, Rule

log = structlog.get_logger(__name__)

TASK = "retention_due"
_OPEN = (State.INCOMPLETE, State.REVIEW)


@dataclass(frozen=True, kw_only=True)
class Kept:
    """A submission, or a mail that belongs to none, and until when it is kept. `subject` is that of the ledger; `name` is for
    people (`mail:12`); `waits` says in English why it is not erased though its time is over."""

    subject: str
    name: str
    rule: Rule
    waits: str = ""

    @property
    def due(self) -> datetime:
        return self.rule.due


@dataclass(frozen=True, kw_only=True)
class Erased:
    """How many went."""

    cases: int
    mails: int
    files: int


def years_of(app: App, notice: str) -> int:
    """How long what was received under a notice is kept."""
    return app.notice(notice).retention_years or app.settings.retention.years


def due(app: App, before: datetime | None = None, by: str = "") -> tuple[Kept, ...]:
    """What has been kept long enough at `before` (default and at the latest: now), oldest first."""
    until = min(before or app.clock(), app.clock())
    with app.database.read() as tx:
        found = [*_cases(app, tx, by), *_lone_mails(app, tx, by)]
    return tuple(sorted((each for each in found if each.due <= until), key=lambda each: (each.due, each.name)))


def _cases(app: App, tx: Transaction, by: str) -> Iterator[Kept]:
    held = retention.holds(tx)
    for case in kept_cases(tx):
        since = max(case.received_at, app.notice(case.notice).deadline)
        rule = Rule(
            years=years_of(app, case.notice), since=since, owner=app.settings.retention.owner, by=by,
            notice=case.notice, reporter=case.reporter,
        )  # fmt: skip
        yield Kept(subject=case.receipt, name=case.receipt, rule=rule, waits=_waits(case, held))


def _waits(case: KeptCase, held: dict[str, Hold]) -> str:
    names = [case.receipt, f"notice:{case.notice}", *(f"mail:{each}" for each in case.mails)]
    if on_hold := next((held[each] for each in names if each in held), None):
        return f"on hold since {on_hold.at:%Y-%m-%d}: {on_hold.reason}"
    if case.state in _OPEN:
        return f"still {case.state}"
    return "a letter is not sent yet" if case.letters_wait else ""


def _lone_mails(app: App, tx: Transaction, by: str) -> Iterator[Kept]:
    """Mails that belong to no submission: questions, complaints, automatic ones, pre-checks."""
    held = retention.holds(tx)
    of_notice = next((hold for subject, hold in held.items() if subject.startswith("notice:")), None)
    for mail in kept_mails(tx):
        if mail.cases:
            continue
        rule = Rule(
            years=app.settings.retention.years, since=mail.received_at, owner=app.settings.retention.owner, by=by
        )
        on_hold = held.get(f"mail:{mail.sha256}") or of_notice
        waits = f"on hold since {on_hold.at:%Y-%m-%d}: {on_hold.reason}" if on_hold else _unfinished(mail)
        yield Kept(subject=f"mail:{mail.sha256}", name=f"mail:{mail.id}", rule=rule, waits=waits)


def _unfinished(mail: KeptMail) -> str:
    if mail.status != MailStatus.DONE:
        return f"still {mail.status}"
    return "a letter is not sent yet" if mail.letters_wait else ""


def subject_of(app: App, name: str) -> str:
    """What a person means by a receipt, a notice's id or `mail:N`, as the ledger calls it. Raises LookupError."""
    with app.database.read() as tx:
        receipt = submissions.spelled(tx, name)
        if submissions.load(tx, receipt):
            return receipt
        number = name.removeprefix("mail:")
        if name.startswith("mail:") and number.isascii() and number.isdigit() and len(number) <= 18:
            return f"mail:{inbox.load(tx, int(number)).sha256}"
    if any(notice.id == name for notice in app.notices):
        return f"notice:{name}"
    if any(notice.series == name for notice in app.notices):
        raise LookupError(f"{name}: has rounds, each of which is held by itself, as {name}-2026-11")
    raise LookupError(f"{name}: neither a receipt, nor an active notice, nor mail:N")


def hold(app: App, subject: str, *, by: str, reason: str) -> bool:
    """Keep it until it is released; whether it was not on hold before."""
    with app.database.begin() as tx:
        alone(tx, "retention")
        if subject in retention.holds(tx):
            return False
        retention.hold(tx, subject, by=by, reason=reason, at=app.clock())
    jobs.seal(app)
    return True


def release(app: App, subject: str, *, by: str, reason: str) -> bool:
    """End a hold; whether there was one."""
    with app.database.begin() as tx:
        alone(tx, "retention")
        if subject not in retention.holds(tx):
            return False
        retention.release(tx, subject, by=by, reason=reason, at=app.clock())
    jobs.seal(app)
    return True


def erase(app: App, *, before: datetime | None, by: str) -> Erased:
    """Erases what is due and not waited for, seals its tombstones, then removes the files. What an erasure that was cut short
    left is finished too. Raises SettingsError without an owner, Busy while a worker runs."""
    if not app.settings.retention.owner.strip():
        raise SettingsError(["retention.owner: is empty; name the office that answers for what is erased"])
    with app.database.nobody_at_work():
        cases, mails = _records(app, [each for each in due(app, before, by) if not each.waits])
        jobs.seal(app)
        with app.database.read() as tx:
            files = remove_files(tx, app.blobs)
        app.blobs.scratch.sweep()  # a worker that was killed may have left copies
        with app.database.begin() as tx:
            purge_index(tx)
        app.database.scrub()
    log.info("erased_by_rule", cases=cases, mails=mails, files=files)
    return Erased(cases=cases, mails=mails, files=files)


def _records(app: App, chosen: Iterable[Kept]) -> tuple[int, int]:
    """Each in a transaction of its own, cases with the mails that are no other's. → how many cases and mails."""
    with app.database.read() as tx:
        eraser = Eraser(tx)
        mails = {mail.sha256: mail for mail in kept_mails(tx)}
        held = set(retention.holds(tx))
    of_case: defaultdict[str, list[KeptMail]] = defaultdict(list)
    left = {sha256: set(mail.cases) for sha256, mail in mails.items()}
    for mail in mails.values():
        for receipt in mail.cases:
            of_case[receipt].append(mail)
    cases, gone = 0, 0
    for each in chosen:
        with app.database.begin() as tx:
            if each.subject.startswith("mail:"):
                eraser.mail(tx, each.subject.removeprefix("mail:"), each.rule, app.clock())
                gone += 1
                continue
            eraser.case(tx, each.subject, each.rule, app.clock())
            cases += 1
            for mail in of_case[each.subject]:
                left[mail.sha256].discard(each.subject)
                if not left[mail.sha256] and f"mail:{mail.sha256}" not in held and not _unfinished(mail):
                    eraser.mail(tx, mail.sha256, each.rule, app.clock())
                    gone += 1
    with app.database.begin() as tx:
        now, years = app.clock(), app.settings.retention.years
        forget_addresses(tx, notes_before=now - timedelta(days=2), heard_before=now - timedelta(days=366 * years))
        for notice in app.notices:
            tasks.close_kind(tx, TASK, notice.id, at=app.clock())
    return cases, gone


def remind(app: App) -> None:
    """Once a day: a task for staff where something has been kept long enough. What is on hold or open is not spoken of."""
    now, zone = app.clock(), app.settings.staff.zone
    day = now.astimezone(zone).date().isoformat()
    with app.database.read() as tx:
        if state.get(tx, "retention:told") == day:
            return
    ready = [each for each in due(app) if not each.waits]
    with app.database.begin() as tx:
        state.put(tx, "retention:told", day, at=now)
        if ready:
            tasks.put(tx, TASK, app.any_notice, _text(app, len(ready)), at=now)


def _text(app: App, count: int) -> str:
    owner = app.settings.retention.owner
    who = f"请{owner}确认后销毁" if owner else "请先在配置中写明负责单位（retention.owner），确认后再销毁"
    return f"有{count}件材料保管期已满。{who}；需要继续保管的，请办理暂缓销毁。程序不会自行销毁。"
