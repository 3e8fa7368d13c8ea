"""A clerk's desk: draws from a seed everything that does not matter for a case (layout, scan, names, words)."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from samples.maker import content, seals
from samples.maker.cases import Book, Expected, Paper, Plan, Stamp
from samples.maker.content import AppRow, County
from samples.maker.mails import Client, Draft
from samples.maker.scanner import ScanRange
from samples.maker.workbooks import LayoutRange, Table

NEW_SENDER = "mail.unknown_sender"
"""Every submission carries it: the shipped notice lists no addresses."""


@dataclass(frozen=True, kw_only=True)
class Style:
    """The ranges a set of mails is drawn from. The bench has its own, which no reader constant was taken from."""

    layouts: LayoutRange = field(default_factory=LayoutRange)
    scans: ScanRange = field(default_factory=ScanRange)
    libraries: tuple[str, ...] = ("openpyxl",)
    rows: tuple[int, int] = (8, 16)
    days: tuple[str, ...] = ("{y}年{m}月{d}日",)
    typefaces: tuple[seals.Typeface, ...] = ()
    seal_numbers: float = 0.3
    seal_turn: float = 8.0


@dataclass(kw_only=True)
class Desk:
    """One county's clerk at one time, with the client the clerk mails from."""

    rng: random.Random
    style: Style
    county: County
    received_at: datetime
    client: Client
    case: int = 0
    folder: str = "INBOX"

    @property
    def address(self) -> str:
        return f"{self.county.code.lower()}jyj@example.cn"

    def later(self, **step: float) -> Desk:
        """The same desk some time after (arguments of timedelta), going on with the same dice."""
        return replace(self, received_at=self.received_at + timedelta(**step))

    def rows(self, count: int | None = None) -> tuple[AppRow, ...]:
        return content.rows(self.rng, self.county, count or self.rng.randint(*self.style.rows))

    def table(self, rows: tuple[AppRow, ...] | None = None, **changes: Any) -> Table:
        """The form filled by this county today."""
        when = self.received_at
        table = Table(
            title=f"{self.county.name}学习类APP统计备案表",
            unit=self.county.name,
            day=self.rng.choice(self.style.days).format(y=when.year, m=when.month, d=when.day),
            rows=self.rows() if rows is None else rows,
            numbers_as_text=self.rng.random() < 0.6,
        )
        return replace(table, **changes)

    def stamp(self, **changes: Any) -> Stamp:
        """The county's own official seal over 填报单位."""
        digits = "4109" + "".join(self.rng.choice("0123456789") for _ in range(9))
        stamp = Stamp(
            name=self.rng.choice(self.county.seals),
            number=digits if self.rng.random() < self.style.seal_numbers else "",
            offset=(self.rng.uniform(-4, 10), self.rng.uniform(-2, 7)),
            rotation=self.rng.uniform(-self.style.seal_turn, self.style.seal_turn),
            gaps=self.rng.uniform(0.1, 0.4),
            typeface=self.rng.choice(self.style.typefaces or seals.installed_typefaces()[:2]),
            seed=self.rng.randrange(2**31),
        )
        return replace(stamp, **changes)

    def paper(self, table: Table, *, kind: str = "pdf", **changes: Any) -> Paper:
        """The page printed from `table`, with this county's seal, scanned. `scan` changes go to the scan."""
        scan = replace(self.style.scans.draw(self.rng), **changes.pop("scan", {}))
        stem = self.rng.choice((f"{self.county.name}盖章扫描件", "扫描件", "首页盖章", f"扫描_{self.received_at:%m%d}"))
        if kind in {"jpg", "png"}:
            stem = self.rng.choice((stem, f"IMG_{self.received_at:%Y%m%d_%H%M%S}"))
        paper = Paper(table=table, stamp=self.stamp(), scan=scan, kind=kind, name=f"{stem}.{kind}")
        return replace(paper, **changes)

    def book(self, table: Table, *, kind: str = "xlsx", **changes: Any) -> Book:
        stems = (
            f"{self.county.name}学习类APP统计备案表",
            f"附件：{self.county.name}面向中小学生校园学习类APP统计备案表",
            f"{self.county.name}（定稿）",
        )
        library = self.rng.choice(self.style.libraries)
        return replace(
            Book(table=table, kind=kind, name=f"{self.rng.choice(stems)}.{kind}", library=library), **changes
        )

    def letter(self, *, subject: str = "", text: str = "", **changes: Any) -> Draft:
        person = content.contact(self.rng)
        draft = Draft(
            client=self.client,
            sender=self.address,
            sender_name=self.rng.choice((self.county.seals[0], person, f"{self.county.own}电教馆{person}")),
            subject=subject
            or self.rng.choice((f"{self.county.name}学习类APP统计备案表", f"{self.county.name}APP备案上报")),
            text=text or self._text(person),
            received_at=self.received_at,
            delay=timedelta(seconds=self.rng.randint(2, 300)),
            seed=self.rng.randrange(2**31),
        )
        return replace(draft, **changes)

    def plan(
        self, expected: Expected, *, book: Book | None = None, paper: Paper | None = None, letter: Draft | None = None
    ) -> Plan:
        return Plan(
            letter=letter or self.letter(),
            expected=expected,
            book=book,
            paper=paper,
            layout=self.style.layouts.draw(self.rng),
            folder=self.folder,
            case=self.case,
        )

    def decided(self, kind: str, state: str, *codes: str, table: Table, **more: Any) -> Expected:
        """The label of a submission of this county; the unknown sender's warning is added."""
        also = tuple(more.pop("or_states", ()))
        count = len(table.rows)
        return Expected(
            kind=kind,
            states=(state, *also),
            codes=frozenset({*codes, NEW_SENDER}),
            reporter=self.county.code,
            row_count=more.pop("row_count", count),
            **more,
        )

    def returned(self, expected: Expected, table: Table, **paper: Any) -> list[Plan]:
        """One mail with the workbook and the page printed from it (`paper`: arguments of `self.paper`)."""
        return [self.plan(expected, book=self.book(table), paper=self.paper(table, **paper))]

    def returned_rows(self, kind: str, state: str, rows: tuple[AppRow, ...], *codes: str) -> list[Plan]:
        """The same of just these rows, which bring `codes` and `state`."""
        table = self.table(rows)
        return self.returned(self.decided(kind, state, *codes, table=table), table)

    def _text(self, person: str) -> str:
        greeting = self.rng.choice(("市教育信息中心：", "您好！", "各位领导好："))
        line = self.rng.choice(("现将我{u}学习类APP统计备案表及盖章扫描件报上，请查收。", "{u}统计表已报送，请审核。"))
        place = "县" if self.county.name.endswith("县") else "区"
        return f"{greeting}\n    {line.format(u=place)}\n\n{self.county.name}  {person}\n{content.landline(self.rng)}"


Kind = Callable[[Desk], list[Plan]]
"""A kind of case: its mails in order."""
