"""The morning's letter to staff: gathered from the records, put into the outbox once a day, or shown at any time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from email.utils import parseaddr
from zoneinfo import ZoneInfo

import structlog

from domain import rounds
from domain.catalogue import called
from domain.digest import (
    BreachLine,
    DecisionLine,
    Digest,
    Need,
    Section,
    StandingLine,
    standing_line,
    unlisted_lines,
    without_people,
)
from domain.letter import Letter, LetterKind
from domain.notice import Notice
from domain.problems import Severity
from domain.sheet import Sheet
from domain.standings import Return, standings, unlisted
from domain.submission import State, Submission
from ingest import digest_tables, gathering, reminders
from ingest.app import App
from ingest.breaches import Breach, breaches
from ingest.letters import message_id
from storage import inbox, ledger, outbox, returns, state, submissions, tasks
from storage.database import Transaction
from storage.tasks import Task

log = structlog.get_logger(__name__)

MADE = "digest.made"
"""Kind of its ledger entry; the subject is `digest:<day>`."""
_LAST = "digest:last"
_STALE = timedelta(minutes=10)
"""No poll for so long, and the numbers may be incomplete."""
_DECISIONS_LISTED = 60
_BREACHES_LISTED = 100
_CALLS = frozenset({"bounce", "reply_failed", "unreachable", "unanswerable"})
"""Tasks that end with a telephone call."""
_FIRST = ("review", "held", "malware", "mailbox_login")
"""Tasks that come before all others, in this order."""


def send_if_due(app: App) -> bool:
    """Puts today's digest into the outbox when its time has come and it is not there yet. → whether it was put."""
    now, table = app.clock(), app.settings.staff
    local = now.astimezone(ZoneInfo(table.timezone))
    if not table.digest_to or not app.notices or local.time() < table.digest_at:
        return False
    with app.database.read() as tx:
        if state.get(tx, _day_key(local.date())):
            return False
    return put(app)


def put(app: App, *, again: bool = False, day: date | None = None) -> bool:
    """Puts a digest into the outbox, to every address of `staff.digest_to`. → False when that day's is there, unless
    `again`: then one more goes out, which staff asked for. `day`: an earlier one than today's."""
    now = app.clock()
    today = now.astimezone(app.settings.staff.zone).date()
    wanted = app.settings.staff.digest_attaches_table and day is None
    tables = digest_tables.made(app, today) if wanted else digest_tables.Tables()
    with app.database.begin() as tx:
        digest = gather(app, tx, now, day=day)
        digest = replace(digest, table_attached=bool(tables.attachments), table_too_large=tables.too_large)
        first = state.once(tx, _day_key(digest.day), now.isoformat(), at=now)
        if not first and not again:
            return False
        entry = ledger.append(tx, MADE, f"digest:{digest.day.isoformat()}", {"at": now.isoformat()}, at=now)
        if day is None:
            state.put_time(tx, _LAST, now)
        for named in app.settings.staff.digest_to:
            made = letter(app, digest, to=parseaddr(named)[1], entry=entry)
            outbox.put(tx, replace(made, attachments=tables.attachments), at=now)
        digest_tables.enter(app, tx, today, tables)
    log.info("digest_made", calls=len(digest.calls), needs=len(digest.needs), stalled=digest.stalled)
    return True


def letter(app: App, digest: Digest, *, to: str, entry: int | None = None) -> Letter:
    return Letter(
        kind=LetterKind.STAFF,
        notice=app.any_notice,
        to=to,
        message_id=message_id(app),
        subject="",
        digest=digest,
        ledger_number=entry,
    )


def gather(app: App, tx: Transaction, now: datetime, *, day: date | None = None) -> Digest:
    """What a digest made `now` says; of an earlier `day`, what was received until its end.

    What became of it since is told as it stands now: the letter of that day itself is in the archive.
    """
    zone = app.settings.staff.zone
    today = now.astimezone(zone).date()
    if day is None or day == today:
        since, until = state.get_time(tx, _LAST), now
    else:
        until = min(now, datetime.combine(day + timedelta(days=1), app.settings.staff.digest_at.min, tzinfo=zone))
        since = until - timedelta(days=1)
    polled = inbox.last_complete_poll(tx, tuple(app.settings.mailboxes))
    calls, needs = _needs(app, tx)
    return Digest(
        day=day or today,
        timezone=app.settings.staff.timezone,
        made_at=until,
        since=since,
        polled=polled,
        stalled=bool(app.settings.mailboxes) and (polled is None or now - polled > _STALE),
        received=inbox.count_received(tx, since, until),
        calls=calls,
        needs=needs,
        sections=(*_sections(app, tx, since, until),),
        console=app.settings.web.url.rstrip("/"),
    )


def _sections(app: App, tx: Transaction, since: datetime | None, until: datetime) -> Iterator[Section]:
    """Of what goes on; then of rounds that are over, where something was decided since the letter before."""
    going_on = rounds.current(app.notices, until)
    yield from (_section(app, tx, notice, since, until) for notice in going_on)
    for notice in app.notices:
        if since is not None and notice not in going_on:
            decisions, further = _decisions(tx, notice, since, until)
            if decisions:
                yield replace(_head(notice, until), past=True, decisions=decisions, decisions_further=further)


def _head(notice: Notice, until: datetime) -> Section:
    return Section(
        id=notice.id,
        number=notice.number,
        title=notice.table_name,
        called=f"{notice.number}（{notice.round.name}）" if notice.round else notice.number,
        timezone=notice.timezone,
        deadline=notice.deadline,
        deadline_over=until > notice.deadline,
        lines=(),
    )


def _section(app: App, tx: Transaction, notice: Notice, since: datetime | None, until: datetime) -> Section:
    stand = returns.newest_by_state(tx, notice.id, until=until)
    strangers = unlisted(notice, stand)
    decisions, further = _decisions(tx, notice, since, until)
    found = breaches(tx, notice, app.lists.at(tx, notice, app.clock()))
    broken = [_breach(one) for one in found if one.stands and not one.is_attention]
    return replace(
        _head(notice, until),
        lines=tuple(_lines(app, tx, notice, stand)),
        unlisted=unlisted_lines(strangers, _own_names(tx, [one.receipt for one in strangers])),
        with_rows=notice.sheet_required,
        schools_unlisted=bool(notice.bureau_run and not notice.bureau_run.listed),
        decisions=decisions,
        decisions_further=further,
        breaches=tuple(broken[:_BREACHES_LISTED]),
        breaches_further=max(0, len(broken) - _BREACHES_LISTED),
        attention=tuple(_breach(one) for one in found if one.is_attention)[:_BREACHES_LISTED],
    )


def _breach(one: Breach) -> BreachLine:
    rule = called(one.problem.code)
    return BreachLine(who=one.reporter.name if one.reporter else "", school=one.school, app=one.app, rule=rule)


def _lines(app: App, tx: Transaction, notice: Notice, stand: Sequence[Return]) -> list[StandingLine]:
    sent = reminders.sent(tx, notice)
    return [
        standing_line(
            found,
            addresses=len(gathering.known_addresses(tx, notice, found.reporter)),
            reminded=sent.get(found.reporter.code, 0),
        )
        for found in standings(notice, stand)
    ]


def _own_names(tx: Transaction, receipts: Sequence[str]) -> dict[str, str]:
    """What units that are on no list call themselves in their workbooks."""
    names = {}
    for receipt, case in submissions.light(tx, receipts).items():
        reading = case.sheet.reading if case.sheet else None
        unit = reading.header.get("unit") if isinstance(reading, Sheet) else None
        names[receipt] = unit.text if unit else ""
    return names


def _decisions(
    tx: Transaction, notice: Notice, since: datetime | None, until: datetime
) -> tuple[tuple[DecisionLine, ...], int]:
    """The newest of what was decided, oldest first, and how many more there were."""
    found = returns.decided(tx, notice.id, since, until)
    listed = found[-_DECISIONS_LISTED:]
    cases = submissions.light(tx, [one.receipt for one in listed])
    lines = tuple(_decision(notice, cases[one.receipt], one) for one in listed if one.receipt in cases)
    return lines, len(found) - len(listed)


def _decision(notice: Notice, case: Submission, last: returns.LastDecision) -> DecisionLine:
    reporter = notice.reporter(case.reporter)
    asked = {State.REJECTED: Severity.ERROR, State.INCOMPLETE: Severity.ERROR, State.REVIEW: Severity.REVIEW}
    severity = asked.get(last.state)
    codes = dict.fromkeys(problem.code for problem in case.problems if problem.severity is severity)
    return DecisionLine(
        receipt=case.receipt,
        who=reporter.name if reporter else "",
        state=last.state,
        at=last.at,
        version=case.version,
        row_count=case.row_count,
        by="" if last.by == "machine" else last.by.removeprefix("staff:"),
        late=case.late,
        difference=without_people(case.difference, notice) if case.difference else None,
        titles=tuple(called(code, notice.own_rules) for code in codes),
    )


def _needs(app: App, tx: Transaction) -> tuple[tuple[Need, ...], tuple[Need, ...]]:
    """Open tasks of staff: those that are calls, and the others; what is confidential stands in no digest."""
    open_ = tasks.open_(tx, confidential=False)
    cases = submissions.light(tx, [task.subject for task in open_])
    calls = [_need(app, cases, task) for task in open_ if task.kind in _CALLS]
    others = sorted(
        (task for task in open_ if task.kind not in _CALLS),
        key=lambda task: (_FIRST.index(task.kind) if task.kind in _FIRST else len(_FIRST), task.created_at),
    )
    return tuple(calls), tuple(replace(_need(app, cases, task), phone="") for task in others)


def _need(app: App, cases: Mapping[str, Submission], task: Task) -> Need:
    case = cases.get(task.subject)
    notice = next((notice for notice in app.notices if case and notice.id == case.notice), None)
    reporter = notice.reporter(case.reporter) if notice and case else None
    return Need(
        subject=task.subject,
        who=reporter.name if reporter else "",
        what=task.text,
        since=task.created_at,
        phone=(reporter.phone or "") if reporter else "",
    )


def _day_key(day: date) -> str:
    return f"digest:{day.isoformat()}"
