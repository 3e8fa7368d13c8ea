"""Returns that are a stamped scan alone, for tests: a report of several pages under `tests/resources/notices/safety-2026.yaml`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from config.notices import load_notice
from domain.cover import Cover, CoverPage, Seal
from domain.mail import Part, PartFault, PartKind
from domain.notice import Notice
from tests.builders import page, seal
from tests.parts import file_of, sha

SAFETY: Notice = load_notice(Path(__file__).parent / "resources" / "notices" / "safety-2026.yaml")
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
PROSE = (
    "一、基本情况。我县共有中小学校五十六所，按照通知要求逐校开展了自查。",
    "二、发现的问题。部分学校消防器材过期，已责令限期更换。",
)


def paper(*seals: Seal, lines: Sequence[str] = PROSE, **changes: Any) -> CoverPage:
    """A page without a table."""
    return page(*seals, **({"lines": lines, "cells": (), "columns": 0, "ruled": False} | changes))


def first_page(*seals: Seal, unit: str = "濮阳县", day: str | None = "2020年2月26日", **changes: Any) -> CoverPage:
    head = [f"{unit}校园安全自查报告", f"填报单位：{unit}教育局"] + ([f"填报时间：{day}"] if day else [])
    return paper(*seals, **({"lines": [*head, *PROSE]} | changes))


def report(
    *, unit: str = "濮阳县", by: str | None = "濮阳县教育局", on: int = 3, pages: int = 3, label: str = "report",
    name: str = "自查报告.pdf", **first: Any,
) -> Cover:  # fmt: skip
    """So many pages, stamped by `by` on page `on`."""

    def stamps(number: int) -> list[Seal]:
        return [seal(by)] if by and number == on else []

    made = [first_page(*stamps(1), unit=unit, **first)]
    made += [paper(*stamps(number)) for number in range(2, pages + 1)]
    return file_of(*made, label=label, name=name)


def plan(name: str = "整改方案.docx", label: str = "plan", media: str = DOCX) -> Part:
    """A file beside the return, as the mail's list has it."""
    kind = PartKind.OTHER if media == DOCX else PartKind.COVER
    return Part(name=name, kind=kind, media=media, sha256=sha(label), size=9, position=7)


def unread(part: Part) -> PartFault:
    """The fault that goes with a file of no kind we read."""
    return PartFault(name=part.name, code="attachment.unsupported", sha256=part.sha256, candidate_for=PartKind.SHEET)
