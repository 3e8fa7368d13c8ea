"""A notice tried before anybody reports on it: two filled forms, one right and one wrong, read and judged as if they had been mailed.

Of the stamped scan nothing is tried: it would need a seal. What is answered is the letter itself, as its reader would have it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from domain.days import shown_day
from domain.judge import Decision
from domain.letters import decision_letter
from domain.made_up import MadeUp, Row, made_up
from domain.notice import Column, ColumnType, Form, Notice, Reporter
from domain.numbers import read_number, shown
from domain.precheck import judge_unfiled
from domain.problems import Severity
from domain.right_values import right_value
from domain.sets import sets_of
from domain.submission import State
from ingest.app import App
from ingest.checking import read_as_mail
from ingest.gathering import content_reporter, hinted_reporter
from ingest.reading import Reader
from notifier.letters import render
from notifier.xlsx_content import FormContent
from notifier.xlsx_write import write_form

_SENDER = "rehearsal@check.invalid"


@dataclass(frozen=True, kw_only=True)
class Trial:
    """A workbook and what would be answered: subject and text of the letter, the state, errors by code and place."""

    workbook: bytes
    state: State
    subject: str
    text: str
    codes: tuple[str, ...]

    @property
    def accepted(self) -> bool:
        return self.state is State.ACCEPTED


@dataclass(frozen=True, kw_only=True)
class Rehearsal:
    """Both trials. `broken`: what the rows of the wrong one break, in their order; `untried`: rules that were not tried."""

    reporter: Reporter | None
    right: Trial
    wrong: Trial | None
    broken: tuple[str, ...]
    untried: tuple[str, ...]


def rehearse(app: App, notice: Notice) -> Rehearsal:
    """Reads and judges both. Raises ChildFailed where a reader itself failed."""
    at = _moment(app, notice)
    reporter = notice.reporters[0] if notice.reporters else None
    alone = replace(notice, cover_required=False)
    best: tuple[MadeUp, Trial] | None = None
    for plain in (False, True):
        made = made_up(alone, reporter, at.astimezone(notice.zone).date(), plain=plain)
        trial = _try(app, alone, reporter, made.right, at)
        if best is None or trial.accepted:
            best = made, trial
        if trial.accepted:
            break
    assert best is not None  # noqa: S101
    made, right = best
    wrong = _try(app, alone, reporter, made.wrong, at) if made.wrong else None
    return Rehearsal(reporter=reporter, right=right, wrong=wrong, broken=made.broken, untried=made.untried)


def _moment(app: App, notice: Notice) -> datetime:
    """Of receipt: now, where now is in time; else the last moment that is."""
    now = app.clock()
    return notice.deadline if now > notice.deadline or now < notice.opens else now


def _try(app: App, notice: Notice, reporter: Reporter | None, rows: Sequence[Row], at: datetime) -> Trial:
    workbook = filled(notice, reporter, rows, at)
    name = f"{reporter.name if reporter else '样例'}.xlsx"
    reader = Reader(app.sandbox, (notice,), app.own, app.limits, task=app.task_folder)
    read = read_as_mail(reader, [(name, workbook)], sender=_SENDER, received_at=at)
    parts = next(iter(sets_of(read.incoming, notice)))
    found = content_reporter(parts, notice) or hinted_reporter(parts, notice)
    decision = judge_unfiled(parts, read.incoming, notice=notice, reporter=found, known={_SENDER})
    return _told(decision, notice, workbook, name)


def _told(decision: Decision, notice: Notice, workbook: bytes, name: str) -> Trial:
    case = replace(decision.submission, receipt=_receipt(decision, notice))
    letter = decision_letter(
        replace(decision, submission=case), notice, to=_SENDER, message_id="",
        subject=f"报送{name.removesuffix('.xlsx')}", in_reply_to=None, references=(),
    )  # fmt: skip
    rendered = render(letter, notice, head_number=None, head_hash=None)
    codes = tuple(each.code for each in case.problems if each.severity is not Severity.WARNING)
    return Trial(workbook=workbook, state=case.state, subject=rendered.subject, text=rendered.text, codes=codes)


def _receipt(decision: Decision, notice: Notice) -> str:
    """What a receipt would look like."""
    case = decision.submission
    return f"{notice.short}-{case.reporter or 'XX'}-{case.received_at.astimezone(notice.zone):%Y%m%d}-01"


def filled(notice: Notice, reporter: Reporter | None, rows: Sequence[Row], at: datetime) -> bytes:
    """The form with these rows, its header and further tables with right values."""
    day = at.astimezone(notice.zone).date()
    unit = reporter.name if reporter else "样例单位"
    header = {}
    for field in notice.form.header:
        if field.type is ColumnType.UNIT:
            header[field.key] = reporter.seal_names[0] if reporter and reporter.seal_names else unit
        elif field.type is ColumnType.DATE:
            header[field.key] = shown_day(day)
        else:
            column = Column(key=field.key, name=field.name, type=field.type, allowed=field.allowed)
            header[field.key] = right_value(column, notice, reporter, 1, day)
    tables = {
        table.name: [
            {each.key: right_value(each, notice, reporter, number, day) for each in table.columns} for number in (1, 2)
        ]
        for table in notice.form.tables
    }
    shown_rows = [*rows, *_totals(notice.form, rows)]
    content = FormContent(
        title=notice.form.title_template.format(unit=unit), header=header, rows=shown_rows, lines=len(shown_rows), tables=tables,
    )  # fmt: skip
    return write_form(notice.form, content)


def _totals(form: Form, rows: Sequence[Mapping[str, str]]) -> list[Row]:
    """The row of sums, where the form has one."""
    if form.totals is None:
        return []
    sums: Row = {form.columns[0].key: form.totals.words[0]}
    for key in form.totals.columns:
        values = [read_number(row.get(key, "")) or Decimal(0) for row in rows]
        sums[key] = shown(sum(values, Decimal(0)))
    return [sums]
