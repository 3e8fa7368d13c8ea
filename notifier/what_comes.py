"""What a return consists of, in words: with a workbook, a stamped scan, other files, or some of these."""

from __future__ import annotations

from collections.abc import Sequence

from domain.letter import Letter
from domain.notice import Notice
from domain.submission import Role

_NAMES = {Role.SHEET: "电子表", Role.COVER: "盖章扫描件"}


def send(notice: Notice, *, anew: bool = False) -> str:
    """把电子表和盖章的扫描件一并发来. `anew`: the scan must be made again."""
    parts = ["电子表"] if notice.sheet_required else []
    if notice.cover_required or notice.sheet_required:
        parts.append("重新盖章的扫描件" if anew else "盖章的扫描件")
    parts += [rule.name for rule in notice.attachments if rule.required]
    return f"把{joined(parts)}{'一并' if len(parts) > 1 else ''}发来"


def joined(parts: Sequence[str]) -> str:
    """电子表、盖章扫描件和整改方案."""
    return "和".join(part for part in ("、".join(parts[:-1]), *parts[-1:]) if part)


def lacking(letter: Letter) -> str:
    """What an incomplete return still lacks."""
    return joined([*([_NAMES[letter.missing]] if letter.missing else []), *letter.lacking])


def came(letter: Letter, notice: Notice) -> str:
    """What of an incomplete return is there."""
    if letter.missing is Role.SHEET:
        return "盖章扫描件"
    if letter.missing is Role.COVER:
        return "电子表" if notice.sheet_required else "材料"
    return "材料" if notice.sheet_required else "盖章扫描件"


def content(letter: Letter, notice: Notice) -> str:
    """How much a return reports."""
    if not notice.sheet_required:
        return f"共{letter.pages}页"
    return "零报告" if letter.nil_return else f"共{letter.row_count}行"
