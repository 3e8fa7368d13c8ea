"""The first line of a letter: what came of it, and what is to be done."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from domain.checks.attachments import is_inside
from domain.letter import Letter, LetterKind
from domain.mixed_up import OF_ANOTHER
from domain.notice import Notice
from domain.problems import Problem, Severity
from domain.submission import Role, State
from notifier.alarms import alarm_outcome
from notifier.digest import digest_outcome
from notifier.mix_up import said
from notifier.moments import moment
from notifier.plain import one_line
from notifier.reminders import reminder_outcome
from notifier.subjects import mark
from notifier.what_comes import came, content, joined, lacking, send

QUIET = frozenset({"mail.unknown_sender", "mail.unchanged", "timing.late"})
"""Warnings that ask nothing of the clerk: told below as 说明, not counted above as 提醒."""
MISSING = {"sheet.missing": "电子表", "cover.missing": "盖章扫描件", "attachment.missing": "附件"}
"""Codes of parts that did not come. An attachment is called by its own name, which the problem's field says."""

_STAMP = frozenset({"cover.unstamped", "cover.seal_mismatch", "cover.seal_wrong_kind"})
_RESCAN = _STAMP | {"cover.not_a_scan", "cover.wrong_form", "cover.unreadable", "cover.encrypted"}
_RESCAN |= {"cover.too_few_pages", "cover.too_many_pages"}
_FILES = frozenset({"sheet.unreadable", "sheet.encrypted", "sheet.ambiguous", "cover.unreadable", "cover.encrypted"})
_FILES_NAMED, _FILE_NAME = 3, 60
_REASON_IN_LINE = 60
"""A longer reason of staff stands below the first line, not in it."""


def outcome(letter: Letter, notice: Notice) -> str:
    """One line, without a line break."""
    if letter.collected:
        return f"您的来信已收到，{_brought(letter)}。本邮箱正在收集下面{len(letter.collected)}项材料，没有看出来信说的是哪一项。"
    if letter.kind is LetterKind.GUIDE:
        return f"您的来信已收到，{_brought(letter)}。如需报送材料，请按下面的说明办理；其他事项工作人员会另行答复。"
    if letter.kind is LetterKind.WITHDRAW:
        return "您要求撤回的来信已收到，工作人员办理后会答复您。在此之前，先前报送的材料不变；如要更正，直接报送新的材料即可。"
    if letter.kind is LetterKind.COMPLAINT:
        return "您的来信已收到，已转交专人处理。"
    if letter.kind is LetterKind.NOTED:
        return mark(letter) + _noted(letter, notice)
    if letter.alarm:
        return alarm_outcome(letter.alarm, notice.zone)
    if letter.digest:
        return digest_outcome(letter.digest)
    if letter.reminder or letter.reminders:
        return reminder_outcome(letter, notice)
    if letter.kind is LetterKind.STAFF or letter.state is None:
        return one_line(letter.reason)
    if letter.kind is LetterKind.SUPERSEDED:
        when = _when(letter, notice)
        return (
            f"{mark(letter)}您{when}报送的材料（回执 {letter.receipt}）已由本单位之后报送的新版本替代，您不用再做什么。"
        )
    if letter.kind is LetterKind.OUTCOME:
        lacks = _lacks(letter, notice) if letter.state is State.INCOMPLETE else ""
        words = _BESIDE_ANOTHERS if letter.beside_anothers and notice.sheet_required else _outcomes(notice)
        return f"{mark(letter)}{words.get(letter.state, _outcomes(notice)[letter.state]).format(receipt=letter.receipt, lacks=lacks)}"
    if letter.kind is LetterKind.PRECHECK:
        return f"{mark(letter)}{_precheck(letter, notice, letter.state)}{_BY_HAND if letter.by_hand else ''}"
    return mark(letter) + _SENTENCES[letter.state](letter, notice)


def _brought(letter: Letter) -> str:
    """What came with a mail that is no return."""
    if not letter.files:
        return "信中没有普通附件，超大附件或网盘链接我们不会打开" if letter.links else "信中没有附件"
    named = "、".join(f"“{one_line(file.name, _FILE_NAME)}”" for file in letter.files[:_FILES_NAMED])
    many = f"等{len(letter.files)}个文件" if len(letter.files) > _FILES_NAMED else ""
    return f"附件{named}{many}不是电子表，也不是扫描件，没有作为报送材料办理"


def _noted(letter: Letter, notice: Notice) -> str:
    """To words in the thread of a letter of ours: what that still waits for, to whoever had it, without content."""
    brought = f"，{_brought(letter)}" if letter.files or letter.links else ""
    begin = f"您的来信已收到{brought}。"
    if letter.state is State.INCOMPLETE:
        return f"{begin}回执 {letter.receipt} {_lacks(letter, notice)}。其他事项工作人员会另行答复。"
    if letter.state is State.REJECTED:
        redo = f"请按先前回信的说明改好后，直接回复本邮件，{send(notice)}。"
        return f"{begin}回执 {letter.receipt} 未能受理，{redo}其他事项工作人员会另行答复。"
    return f"{begin}工作人员会另行答复。"


def _lacks(letter: Letter, notice: Notice) -> str:
    """What an incomplete submission lacks, until when, and where to send it."""
    missing = lacking(letter)
    until = moment(letter.grace_ends, notice.zone) if letter.grace_ends else "规定时间"
    return f"还缺{missing}，请在{until}前直接回复本邮件补发{missing}"


_NOT_FILED = "这次只是预检，没有登记"
_BY_HAND = "用这个邮箱正式报送的，会先由人工核对，再决定是否受理。"


def _precheck(letter: Letter, notice: Notice, state: State) -> str:
    """What was found, that nothing was filed, and how it is."""
    errors = [each for each in letter.problems if each.severity is Severity.ERROR]
    codes = {each.code for each in errors}
    absent, to_file = _absent(errors), f"请直接回复本邮件，{send(notice)}，即为正式报送。"
    wrong = _wrong(errors)
    if codes - MISSING.keys():
        lacks = _unopened(errors) or (f"，没有附{absent}" if absent else "")
        found = _mixed_up(letter, wrong) or f"有{count(wrong)}处需要修改"
        return f"{found}{lacks}。{_NOT_FILED}；改好后{to_file}"
    if "sheet.missing" in codes:
        return f"没有附{absent if 'cover.missing' not in codes else '电子表'}，扫描件没有核对。{_NOT_FILED}；{to_file}"
    if "cover.missing" in codes and not notice.sheet_required:
        return f"没有附{absent}。{_NOT_FILED}；{to_file}"
    return f"{_precheck_found(letter, notice, absent)}{_precheck_next(letter, state, codes, absent, to_file)}"


def _precheck_found(letter: Letter, notice: Notice, absent: str) -> str:
    warnings = sum(1 for each in letter.problems if each.severity is Severity.WARNING and each.code not in QUIET)
    hint = f"，另有{warnings}条提醒" if warnings else ""
    part = ("电子表" if notice.sheet_required else "扫描件") if absent else ""
    return f"{part}没有发现错误，{content(letter, notice)}{hint}"


def _precheck_next(letter: Letter, state: State, codes: set[str], absent: str, to_file: str) -> str:
    if letter.unchanged:
        return f"，内容与已受理的相同（无变化），不必再报。{_NOT_FILED}。"
    if absent:
        stamp = "打印、盖章、扫描后" if "cover.missing" in codes else ""
        return f"；没有附{absent}。{_NOT_FILED}；{stamp}{to_file}"
    doubt = "，但有的地方程序看不准，正式报送后会由人工核对" if state is State.REVIEW else ""
    return f"{doubt}。{_NOT_FILED}；{to_file}"


_OUTCOMES = {
    State.ACCEPTED: "您发来的材料已收到，回执 {receipt} 已受理，您不用再做什么。",
    State.REJECTED: "您发来的材料已收到，回执 {receipt} 未能受理，请与本单位发送电子表的同事联系修改。",
    State.INCOMPLETE: "您发来的材料已收到，回执 {receipt} {lacks}，或请本单位一同报送的同事补发。",
    State.REVIEW: "您发来的材料已收到，回执 {receipt} 正在人工核对，现在不用重发。",
    State.SUPERSEDED: "您发来的材料已收到，回执 {receipt} 已由本单位之后报送的版本替代，您不用再做什么。",
}


def _outcomes(notice: Notice) -> dict[State, str]:
    if notice.sheet_required:
        return _OUTCOMES
    return {state: words.replace("发送电子表的同事", "发送扫描件的同事") for state, words in _OUTCOMES.items()}


_WITH = "您发来的扫描件已收到，与另一个邮箱发来的本单位电子表合为一份，回执 {receipt} "
_NOT_OURS = "如果那份电子表不是本单位报送的，请直接回复本邮件，把本单位的电子表和扫描件一并发来。"
_BESIDE_ANOTHERS = {
    State.ACCEPTED: f"{_WITH}已受理，您不用再做什么。{_NOT_OURS}",
    State.REJECTED: f"{_WITH}未能受理，请与本单位发送电子表的同事联系修改。{_NOT_OURS}",
    State.REVIEW: f"{_WITH}正在人工核对，现在不用重发。{_NOT_OURS}",
}
"""To the sender of a scan: whoever does not know of that workbook must hear that there is one."""


def _accepted(letter: Letter, notice: Notice) -> str:
    told = content(letter, notice)
    warnings = sum(1 for each in letter.problems if each.severity is Severity.WARNING and each.code not in QUIET)
    hint = f"另有{warnings}条提醒，请看下文。" if warnings else "您不用再做什么。"
    if letter.resent:
        return f"{_again(letter, notice)}该材料已受理，{told}。{hint}"
    staff = "经工作人员核对，" if letter.decided_by_staff else ""
    late = "（迟报）" if letter.late else ""
    same = "，内容与先前已受理的相同（无变化）" if letter.unchanged else ""
    who = letter.reporter_name or "您"
    return f"{staff}{who}{_when(letter, notice)}报送的材料已受理{late}，{told}{same}。{hint}"


def _rejected(letter: Letter, notice: Notice) -> str:
    errors = [problem for problem in letter.problems if problem.severity is Severity.ERROR]
    codes = {problem.code for problem in errors}
    missing = _absent(errors)
    begin = f"{_again(letter, notice)}该材料" if letter.resent else f"您{_when(letter, notice)}报送的材料"
    if letter.decided_by_staff or not errors:
        reason = one_line(letter.reason).rstrip("。.；;，,!！")
        told = f"：{reason}" if reason and not reason_below(letter) else ""
        return f"经工作人员核对，{begin}未能受理{told}。{_redo(notice)}"
    if codes <= MISSING.keys():
        until = f"（{moment(letter.grace_ends, notice.zone)}）" if letter.grace_ends else ""
        return f"{begin}在期限{until}内没有补齐，缺{missing}。请直接回复本邮件，{send(notice)}。"
    lacks = _unopened(errors) or (f"，缺{missing}" if missing else "")
    # A file that could not be read and the part that is in it, or that it stands for, are one thing to mend.
    one_cause = _unopened(errors) or "attachment.unsupported" in codes
    wrong = _wrong(errors) if one_cause else errors
    if letter.scan_of and notice.sheet_required:
        return f"{begin}未能受理：{_mixed_up(letter, wrong)}{lacks}。{_BOTH_OF_ONE}"
    return f"{begin}有{count(wrong)}处需要修改{lacks}。{_action(letter, notice, codes)}"


def _redo(notice: Notice) -> str:
    return f"改好后请直接回复本邮件，{send(notice, anew=True)}。"


_BOTH_OF_ONE = "请核对后直接回复本邮件，把同一个单位的电子表和盖章的扫描件一并发来。"


def _mixed_up(letter: Letter, wrong: Sequence[Problem]) -> str:
    """That the scan is another unit's, and how much is to be mended beside that."""
    rest = [each for each in wrong if each.code not in OF_ANOTHER]
    beside = f"；另有{count(rest)}处需要修改" if rest else ""
    return f"{said(letter)}，像是附错了文件{beside}" if letter.scan_of else ""


def _absent(errors: Sequence[Problem]) -> str:
    """电子表和盖章扫描件, as far as they are missing."""
    codes = {error.code for error in errors}
    others = [error.field or MISSING[error.code] for error in errors if error.code == "attachment.missing"]
    parts = [name for code, name in MISSING.items() if code in codes and code != "attachment.missing"]
    return joined([*parts, *others])


def _unopened(errors: Sequence[Problem]) -> str:
    """What is said of a missing part that may be in a file that was not opened; "" when none may be."""
    inside = any(is_inside(error) for error in errors)
    return f"；没有单独收到{_absent(errors)}，可能就在没有打开的附件里" if inside else ""


def _wrong(errors: Sequence[Problem]) -> list[Problem]:
    """What is to be mended, without the parts that are still to come."""
    return [error for error in errors if error.code not in MISSING]


def _action(letter: Letter, notice: Notice, codes: set[str]) -> str:
    """What to do, by what is wrong: not every fault needs a new form, a new stamp and a new scan."""
    found = codes - MISSING.keys()
    if not notice.sheet_required:
        return f"请按下面的说明{'重新盖章、扫描' if found <= _STAMP else '处理'}后，直接回复本邮件，{send(notice)}。"
    if any(code.startswith("attachment.") for code in found):
        return f"请按下面的说明处理后直接回复本邮件，{send(notice).replace('一并发来', '作为普通附件一并发来')}。"
    if "sheet.wrong_form" in found:
        form = "所附空白表" if letter.attachments else "规定的表格"
        return f"请用{form}重新填写、打印、盖章、扫描，直接回复本邮件，{send(notice).replace('盖章的', '')}。"
    if found <= _RESCAN and "sheet.missing" not in codes and any(file.role is Role.SHEET for file in letter.files):
        redo = "请在打印的首页上重新盖章、扫描" if found <= _STAMP else "请按下面的说明重新扫描"
        return f"电子表里没有发现错误。{redo}后直接回复本邮件，{send(notice).replace('盖章的', '新的')}。"
    if found <= _FILES:
        return f"请按下面的说明处理后直接回复本邮件，{send(notice)}。"
    return _redo(notice)


def _incomplete(letter: Letter, notice: Notice) -> str:
    there, missing = came(letter, notice), lacking(letter)
    until = moment(letter.grace_ends, notice.zone) if letter.grace_ends else "规定时间"
    begin = f"{_again(letter, notice)}该{there}" if letter.resent else f"您{_when(letter, notice)}报送的{there}已收到，"
    return f"{begin}还缺{missing}。请在{until}前直接回复本邮件补发{missing}，{there}不用重发。"


def _review(letter: Letter, notice: Notice) -> str:
    begin = f"{_again(letter, notice)}该材料" if letter.resent else f"您{_when(letter, notice)}报送的材料已收到，"
    return f"{begin}正在人工核对，结果会再发邮件告诉您，现在不用重发。"


def _superseded(letter: Letter, notice: Notice) -> str:
    begin = _again(letter, notice) if letter.resent else f"您{_when(letter, notice)}报送的材料已收到，"
    return f"{begin}本单位之后报送的版本已经受理，以之后的版本为准，您不用再做什么。"


_SENTENCES = {
    State.ACCEPTED: _accepted,
    State.REJECTED: _rejected,
    State.INCOMPLETE: _incomplete,
    State.REVIEW: _review,
    State.SUPERSEDED: _superseded,
}


def reason_below(letter: Letter) -> str:
    """The words of staff that stand below the first line; "" when they stand in it, or there are none."""
    reason = one_line(letter.reason)
    in_line = letter.state is State.REJECTED and len(reason) <= _REASON_IN_LINE
    return reason if letter.decided_by_staff and not in_line else ""


def count(problems: Sequence[Problem]) -> int:
    """How many places are wrong; what is listed in part (one code in one file) counts by its total."""
    listed = Counter((problem.code, problem.file) for problem in problems)
    totals = {(problem.code, problem.file): problem.total for problem in problems if problem.total}
    return sum({**listed, **totals}.values())


def _again(letter: Letter, notice: Notice) -> str:
    return f"您这次发来的文件与{_when(letter, notice)}报送的完全相同，没有重复登记；"


def _when(letter: Letter, notice: Notice) -> str:
    return moment(letter.received_at, notice.zone) if letter.received_at else ""
