"""Whole sets of parts for tests of the spine: workbooks, covers that print them, and the mails that bring both."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from domain.cover import Cover, CoverFailure, CoverPage, PageCell, Seal, TextReading
from domain.judge import Decision, Outcome, judge, numbered
from domain.mail import MailFacts, MailKind, Origin, PartFault, PartKind
from domain.pairing import Incoming
from domain.placing import Standing
from domain.sets import sets_of
from domain.sheet import Sheet, SheetFailure
from domain.submission import CoverPart, FileRef, Role, Sender, SheetPart, State, Submission
from ingest.gathering import content_reporter
from tests import builders
from tests.builders import BOX, NOTICE, RECEIVED

CLERK, STRANGER = "clerk@example.cn", "stranger@example.net"

Reading = Sheet | SheetFailure | Cover | CoverFailure


_CONTENTS: dict[str, bytes] = {}


def sha(label: str) -> str:
    """The hash of the bytes that `label` stands for."""
    digest = hashlib.sha256(label.encode()).hexdigest()
    _CONTENTS[digest] = label.encode()
    return digest


def content_of(digest: str) -> bytes:
    return _CONTENTS[digest]


def workbook(*changes: Mapping[str, str], label: str = "workbook", name: str = "濮阳县.xlsx", **header: Any) -> Sheet:
    """A clean workbook of the first county, one row a change; `label` stands for its bytes."""
    return replace(builders.sheet(*changes, **header), sha256=sha(label), file=name)


def of_unit(unit: str, *, label: str) -> Sheet:
    """A clean workbook of another county."""
    return workbook({"unit": unit, "school": f"{unit}第一中学"}, label=label, name=f"{unit}.xlsx", unit=f"{unit}教育局",
                    title=f"{unit}学习类APP统计备案表")  # fmt: skip


def broken(label: str = "broken", code: str = "sheet.unreadable") -> SheetFailure:
    return SheetFailure(file="坏.xlsx", sha256=sha(label), code=code)


def printed(sheet: Sheet, *seals: Seal, names: bool = True, header: bool = True, **page: Any) -> CoverPage:
    """A page that prints just this workbook; `names`: with the columns' names, `header`: with title and header fields."""
    columns = NOTICE.form.columns
    texts = [[column.name for column in columns]] if names else []
    texts += [[row.text(column.key) for column in columns] for row in sheet.rows]
    cells = tuple(
        PageCell(row=at, column=place, box=BOX, reading=TextReading(text=text, confidence=0.99))
        for at, line in enumerate(texts)
        for place, text in enumerate(line)
    )
    values = [sheet.title.text] if sheet.title else []
    values += [f"{one.name}：{sheet.header[one.key].text}" for one in NOTICE.form.header if one.key in sheet.header]
    return builders.page(*seals, **({"lines": values if header else [], "cells": cells} | page))


def scan(sheet: Sheet, *, label: str = "scan", seal: str = "濮阳县教育局", **page: Any) -> Cover:
    """A stamped colour scan that prints just this workbook."""
    return file_of(printed(sheet, builders.seal(seal), **page), label=label)


def file_of(*pages: CoverPage, label: str, name: str = "扫描.pdf") -> Cover:
    """The pages as those of one file, numbered; `label` stands for its bytes."""
    numbered = tuple(
        replace(page, number=at, seals=tuple(replace(seal, page=at) for seal in page.seals))
        for at, page in enumerate(pages, 1)
    )
    return Cover(file=name, sha256=sha(label), pages=numbered, page_count=len(pages))


def covering_letter(*seals: Seal, unit: str = "濮阳县") -> CoverPage:
    """A legible letter that announces the return; it names the form, and words that are columns of it."""
    text = f"""{unit}教育局文件
    关于报送{unit}学习类APP统计备案表的函
    濮阳市教育信息中心：按照濮教指〔2020〕51号通知要求，我县组织各学校对使用的学习类APP进行了全面排查，
    现将学习类APP统计备案表报上，请审阅。单位联系人：李晓明，电话：13912345678。
    {unit}教育局 2020年2月26日"""
    return builders.page(*seals, lines=text.split("\n"), cells=(), columns=0, ruled=False)


def close_up(*seals: Seal) -> CoverPage:
    """A photo of nothing but a seal and a few letters beside it."""
    return builders.page(*seals, lines=["（盖章）"], cells=(), columns=0, ruled=False, photo=True)


def mail(
    name: str,
    *readings: Reading,
    sender: str = CLERK,
    at: datetime = RECEIVED,
    uid: int = 1,
    thread: Sequence[str] = (),
    faults: Sequence[PartFault] = (),
    **facts: Any,
) -> Incoming:
    """A mail that brings these readings. Its Message-ID is `<name@example.cn>`, its hash that of its name."""
    made = MailFacts(
        message_id=f"<{name}@example.cn>", subject="报送", sender=sender, reply_to=None, envelope_sender=sender,
        in_thread=tuple(thread), kind=MailKind.HUMAN, faults=tuple(faults), **({"sender_name": ""} | facts),
    )  # fmt: skip
    origin = Origin(account="main", folder="INBOX", uidvalidity=1, uid=uid, received_at=at)
    return incoming(made, origin, sha(name), readings)


def incoming(facts: MailFacts, origin: Origin, digest: str, readings: Sequence[Reading]) -> Incoming:
    """What the reader makes of a mail with these files."""
    sender = Sender(
        address=facts.sender, mail=digest, message_id=facts.message_id, in_thread=facts.in_thread,
        dmarc_failed=facts.dmarc_failed, name=facts.sender_name, authentication=facts.authentication,
    )  # fmt: skip
    common: Any = {"sender": sender, "received_at": origin.received_at, "uid": origin.uid}

    def ref(reading: Reading, role: Role) -> FileRef:
        return FileRef(name=reading.file, kind=role, sha256=reading.sha256, size=9, mail=digest)

    return Incoming(
        mail=digest,
        facts=facts,
        origin=origin,
        sheets=tuple(
            SheetPart(file=ref(one, Role.SHEET), reading=one, **common)
            for one in readings
            if isinstance(one, Sheet | SheetFailure)
        ),
        covers=tuple(
            CoverPart(file=ref(one, Role.COVER), reading=one, **common)
            for one in readings
            if isinstance(one, Cover | CoverFailure)
        ),
        others=tuple(
            FileRef(name=part.name, kind=Role.OTHER, sha256=part.sha256, size=part.size, mail=digest)
            for part in facts.parts
            if part.kind is PartKind.OTHER
        ),
        faults=facts.faults,
    )


@dataclass
class Desk:
    """Judges mails one after the other and keeps what stands, as the database would."""

    known: frozenset[str] = frozenset({CLERK})
    cases: dict[str, Submission] = field(default_factory=dict)
    clock: int = 0

    def take(self, came: Incoming, *, answered: frozenset[str] = frozenset()) -> Decision:
        """Judges the only set of the mail."""
        [decision] = self.take_all(came, answered=answered)
        return decision

    def take_all(self, came: Incoming, *, answered: frozenset[str] = frozenset()) -> list[Decision]:
        return [self._judge(parts, came, answered) for parts in sets_of(came, NOTICE)]

    def _judge(self, parts: Any, came: Incoming, answered: frozenset[str]) -> Decision:
        reporter = content_reporter(parts, NOTICE)
        mine = [case for case in self.cases.values() if case.reporter == (reporter.code if reporter else None)]
        mine.sort(key=lambda case: case.order, reverse=True)
        standing = Standing(submissions=tuple(mine), known_addresses=self.known, answered=answered)
        decision = judge(parts, came, notice=NOTICE, reporter=reporter, standing=standing)
        return self.keep(decision)

    def keep(self, decision: Decision) -> Decision:
        if not decision.submission.receipt:
            self.clock += 1
            decision = numbered(decision, f"R{self.clock:03d}", self.clock)
        for case in (decision.submission, *decision.superseded):
            self.cases[case.receipt] = case
        return decision

    def states(self) -> dict[str, State]:
        return {receipt: case.state for receipt, case in sorted(self.cases.items())}


def codes(case: Submission) -> set[str]:
    return {problem.code for problem in case.problems}


def later(hours: float) -> datetime:
    return RECEIVED + timedelta(hours=hours)


def new(decision: Decision) -> bool:
    return decision.outcome is Outcome.DECIDED
