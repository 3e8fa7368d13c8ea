"""The words for a scan of one unit beside the workbook of another: in one sentence, not cell by cell."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from domain.letter import Letter
from domain.mixed_up import OF_ANOTHER
from domain.problems import Problem, Severity


def said(letter: Letter) -> str:
    """扫描件是甲县的，电子表是乙县的; "" where both are of one unit."""
    return f"扫描件是{letter.scan_of}的，电子表是{letter.reporter_name}的" if letter.scan_of else ""


def one_of_a_mix_up(problems: Sequence[Problem], letter: Letter) -> list[Problem]:
    """The problems with all that comes of the mix-up as one, the first. That another's scan could be
    clearer is nothing to mend."""
    of_it = [each for each in problems if each.code in OF_ANOTHER and each.severity is Severity.ERROR]
    if not (letter.scan_of and of_it):
        return list(problems)
    seal = (
        "，公章也不是" + f"{letter.reporter_name}的"
        if any(each.code == "cover.seal_mismatch" for each in of_it)
        else ""
    )
    mine, theirs = letter.reporter_name, letter.scan_of
    first = replace(
        of_it[0], sheet=None, cell=None, field=None, value=None, total=None,
        message=f"{said(letter)}{seal}，像是附错了文件，所以内容对不上，不再逐格列出。",
        advice=f"请核对：要报{mine}的，请换成{mine}盖章的扫描件；要报{theirs}的，请换成{theirs}的电子表。"
        "电子表和扫描件一并发来，两个单位的请分两封邮件。",
    )  # fmt: skip
    rest = (each for each in problems if each not in of_it and not _is_doubt(each))
    return [first, *rest]


def _is_doubt(problem: Problem) -> bool:
    return problem.severity is Severity.REVIEW and problem.code.startswith("cover.")
