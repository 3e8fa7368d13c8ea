"""The numbered problems of a letter: grouped by file, each with where, what and how, for the reader of this letter."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, replace

from domain.catalogue import CATALOGUE
from domain.letter import FileLine, Letter, LetterKind
from domain.mail import WHOLE_MAIL
from domain.masking import mask_mobiles
from domain.notice import Notice
from domain.problems import Problem, Severity
from domain.submission import Role, State
from notifier.mix_up import one_of_a_mix_up
from notifier.outcomes import MISSING, QUIET
from notifier.plain import one_line

NAME_LENGTH = 120
"""Longest file name shown."""

_ADDRESS = re.compile(r"[A-Z]{1,3}(\d{1,7})")
_BY_HAND = re.compile(r"，(?:将由人工|需要人工)[^。]*")
_VALUE_LENGTH = 60
_RANK = {Severity.ERROR: 0, Severity.REVIEW: 1, Severity.WARNING: 2}
_LACKING, _OTHER = "\0lacking", "\0other"


@dataclass(frozen=True, kw_only=True)
class Point:
    """One numbered problem: `tag` is 提醒, 待核 and the like before what is no error, else ""."""

    number: int
    code: str
    tag: str
    place: str
    what: str
    how: str


@dataclass(frozen=True, kw_only=True)
class Group:
    """The problems of one file, the missing parts, or the problems of none."""

    title: str
    points: tuple[Point, ...]


def groups(letter: Letter, notice: Notice) -> tuple[Group, ...]:
    """Problems by file, workbook first, errors before the rest, numbered through."""
    told = [shown for problem in one_of_a_mix_up(letter.problems, letter) if (shown := _for_reader(problem, letter))]
    listed = Counter((problem.code, problem.file) for problem in told)
    covers = {file.name for file in letter.files if file.role is Role.COVER}
    found: list[Group] = []
    number = 0
    for key, title in _titles(letter, told).items():
        problems = sorted((each for each in told if _key(each) == key), key=lambda each: _RANK[each.severity])
        points = tuple(
            _point(
                place,
                each,
                _place(each, notice, in_cover=key in covers, several_sheets=letter.several_sheets),
                listed=listed[each.code, each.file],
            )
            for place, each in enumerate(problems, number + 1)
        )
        number += len(points)
        if points:
            found.append(Group(title=f"{numeral(len(found) + 1)}、{title}", points=points))
    return tuple(found)


def _titles(letter: Letter, told: list[Problem]) -> dict[str, str]:
    """What groups there may be, in their order: by file name, then the two of problems without a file."""
    titles: dict[str, str] = {}
    for file in letter.files:
        titles.setdefault(file.name, _title(file))
    for problem in told:
        if problem.file:
            named = f"附件“{one_line(problem.file, NAME_LENGTH)}”"
            titles.setdefault(problem.file, "整封邮件" if problem.file == WHOLE_MAIL else named)
    return titles | {_LACKING: "还缺的材料", _OTHER: "其他"}


def _title(file: FileLine) -> str:
    what = {Role.SHEET: "电子表", Role.COVER: "盖章扫描件"}.get(file.role, "附件")
    return f"{what}“{one_line(file.name, NAME_LENGTH)}”"


def _key(problem: Problem) -> str:
    """The file; for what has none, a key that no file name can be."""
    return problem.file or (_LACKING if problem.code in MISSING else _OTHER)


def _for_reader(problem: Problem, letter: Letter) -> Problem | None:
    """The problem as this letter tells it; None when it is settled by the decision."""
    if problem.code == "mail.unknown_sender" and _waits_for_its_sender(letter):
        return None  # that it hinders nothing would be wrong
    if problem.severity is Severity.WARNING:
        return _late_and_rejected(problem) if letter.state is State.REJECTED else problem
    if letter.state in (State.ACCEPTED, State.SUPERSEDED):
        return None  # staff found otherwise, or a newer version stands
    if problem.severity is Severity.REVIEW and letter.state is State.REJECTED:
        return _from_elsewhere(problem) if problem.code in _SENDERS else _to_mend(problem)
    if problem.severity is Severity.REVIEW and letter.kind is LetterKind.PRECHECK:
        return _to_be_looked_at(problem, "正式报送")
    if problem.severity is Severity.REVIEW and letter.state is State.INCOMPLETE:
        return _to_be_looked_at(problem, "补齐")
    return problem


_SENDERS = frozenset({"mail.takeover", "mail.foreign_part"})


def _waits_for_its_sender(letter: Letter) -> bool:
    """A person looks at who sent it, or will, which the letter says elsewhere."""
    decided = letter.state in (State.ACCEPTED, State.SUPERSEDED) and not letter.by_hand
    return letter.by_hand or (not decided and any(problem.code in _SENDERS for problem in letter.problems))


def _from_elsewhere(problem: Problem) -> Problem:
    """In a rejection the answer to this very letter is asked for: another address is no order beside that."""
    advice = f"{_MEND}按本邮件开头的说明办理；重新报送后会由人工核对。"
    return replace(problem, message=_BY_HAND.sub("", problem.message), advice=advice)


def _late_and_rejected(problem: Problem) -> Problem:
    """What is late is taken, but a rejected return must come again: the usual words would say the contrary."""
    words = CATALOGUE[problem.code].variants.get("rejected") if problem.code == "timing.late" else None
    return replace(problem, advice=words.advice) if words else problem


def _to_mend(problem: Problem) -> Problem | None:
    """In a rejection nobody looks any more, and everything comes again: of a doubt only what can be done better."""
    _, found, better = problem.advice.partition("也可")
    if not found:
        return None
    return replace(problem, message=_BY_HAND.sub("", problem.message), advice=f"{_MEND}{better}")


def _to_be_looked_at(problem: Problem, once: str) -> Problem:
    """In a pre-check, or while a part is missing, nobody looks yet: by whom it will be once it is filed or whole, and what
    can be done better."""
    _, found, better = problem.advice.partition("也可")
    advice = f"{once}后会由人工核对{found and '；也可'}{better}"
    return replace(problem, message=_BY_HAND.sub("", problem.message), advice=advice if better else f"{advice}。")


_MEND = "这次请"


def _point(number: int, problem: Problem, place: str, *, listed: int) -> Point:
    rest = f"（同类问题共{problem.total}处，这里列出{listed}处，其余请照此检查。）" if problem.total else ""
    return Point(
        number=number,
        code=problem.code,
        tag=_tag(problem),
        place=place,
        what=_what(problem),
        how=one_line(problem.advice) + rest,
    )


def _tag(problem: Problem) -> str:
    if problem.severity is Severity.ERROR:
        return ""
    if problem.severity is Severity.REVIEW:
        return "注意" if problem.advice.startswith(_MEND) else "待核"
    return "说明" if problem.code in QUIET else "提醒"


def _place(problem: Problem, notice: Notice, *, in_cover: bool, several_sheets: bool) -> str:
    """`F9 电话`; on the printed page, which has no addresses, `第7行 电话（电子表F7）`."""
    field, cell = one_line(problem.field or ""), problem.cell or ""
    sheet = f"“{one_line(problem.sheet or '')}”" if several_sheets and cell and problem.sheet else ""
    if not (in_cover and cell and field):
        return f"{f'工作表{sheet}的' if sheet else ''}{cell} {field}".strip()
    row = _ADDRESS.fullmatch(cell)
    in_table = row and field in {column.name for column in notice.form.columns} and not sheet
    return f"第{row[1]}行 {field}（电子表{cell}）" if row and in_table else f"{field}（电子表{sheet}{cell}）"


def _what(problem: Problem) -> str:
    """The message, with a very long value cut, and no mobile number whole in whatever column it stood."""
    message, value = problem.message, problem.value or ""
    if len(value) > _VALUE_LENGTH:
        message = message.replace(value, one_line(value, _VALUE_LENGTH))
    return mask_mobiles(one_line(message))


def numeral(number: int) -> str:
    """一, 二, … 十, 十一, … 九十九, as headings are counted; past that in figures."""
    digits = "〇一二三四五六七八九"
    if number < 10:
        return digits[number]
    if number > 99:
        return str(number)
    tens, ones = divmod(number, 10)
    return f"{digits[tens] if tens > 1 else ''}十{digits[ones] if ones else ''}"
