"""Returns that take two mails of one thread: one small function a kind, from a desk to its plans."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from samples.maker import content
from samples.maker.cases import Plan
from samples.maker.content import changed
from samples.maker.desk import Desk
from samples.maker.mails import Draft


def in_two_mails(desk: Desk) -> list[Plan]:
    """The workbook alone, then the scan in a second mail."""
    table = desk.table()
    first = desk.decided("incomplete", "incomplete", "cover.missing", table=table, final="accepted")
    second = desk.decided("completed", "accepted", table=table)
    letter = desk.letter()
    after = desk.later(hours=desk.rng.uniform(2, 20))
    answer = _reply(after, letter.subject, "刚才忘了发盖章扫描件，现补上。", letter.message_id)
    return [
        desk.plan(first, book=desk.book(table), letter=letter),
        after.plan(second, paper=after.paper(table), letter=answer),
    ]


def corrected(desk: Desk) -> list[Plan]:
    """An accepted return, then a corrected one in the same thread, which supersedes it."""
    table = desk.table()
    rows = changed(table.rows, 1, contact=content.contact(desk.rng), phone=content.mobile(desk.rng))
    after = desk.later(hours=desk.rng.uniform(3, 22))
    better = replace(table, rows=rows)
    letter = desk.letter()
    answer = _reply(after, letter.subject, "第2所学校的联系人有变动，更正后重新上报，以此为准。", letter.message_id)
    first = desk.decided("to_be_corrected", "accepted", table=table, final="superseded")
    return [
        desk.plan(first, book=desk.book(table), paper=desk.paper(table), letter=letter),
        after.plan(
            after.decided("corrected", "accepted", table=better),
            book=after.book(better),
            paper=after.paper(better),
            letter=answer,
        ),
    ]


def _reply(desk: Desk, subject: str, text: str, to: str) -> Draft:
    return desk.letter(
        subject=f"回复：{subject}", text=text, in_reply_to=to, references=(to,), delay=timedelta(seconds=9)
    )
