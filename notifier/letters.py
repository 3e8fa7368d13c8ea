"""Letters in words: facts in, subject, text and HTML out. Text and HTML say the same (spec section 8)."""

from __future__ import annotations

import re
from dataclasses import dataclass

import css_inline

from domain.letter import AttachmentRole, Letter, LetterKind
from domain.notice import Notice
from domain.problems import Severity
from domain.submission import State
from notifier.alarms import alarm_lines
from notifier.digest import view
from notifier.mix_up import one_of_a_mix_up
from notifier.moments import moment
from notifier.outcomes import outcome, reason_below
from notifier.points import groups
from notifier.reminders import reminder_lines
from notifier.subjects import mark, subject
from notifier.templating import templates
from notifier.versions import changes

_HASH_SHOWN = 16
"""Hex digits of a head that a letter shows: 64 bits tell any two apart."""


@dataclass(frozen=True, kw_only=True)
class Rendered:
    """A letter in words. `html` has its styles inline, as mail programs want."""

    subject: str
    text: str
    html: str
    proof: str | None = None
    """`N:HASH`, the ledger head told in the letter, for a machine to find."""


def render(
    letter: Letter, notice: Notice, *, head_number: int | None, head_hash: str | None, rules_url: str = ""
) -> Rendered:
    """Renders a letter. The head of the ledger covers its decision; both None while the ledger is empty. `rules_url`: a page that
    explains the rules, with an anchor for each code; "" where the bureau has none."""
    full = letter.kind in (LetterKind.DECISION, LetterKind.PRECHECK)
    first = outcome(letter, notice)
    begins = mark(letter) if first.startswith(mark(letter)) else ""
    values = {
        "letter": letter,
        "mark": begins,
        "tone": _tone(letter),
        "outcome": first.removeprefix(begins),
        "received": moment(letter.received_at, notice.zone) if letter.received_at else "",
        "deadline": "" if letter.late else moment(notice.deadline, notice.zone),
        "round": notice.round.name if notice.round else "",
        "replaced": "、".join(letter.replaces),
        "reason": reason_below(letter) if full else "",
        "changes": changes(letter, notice) if full else None,
        "groups": groups(letter, notice) if full else (),
        "closing": _closing(letter),
        "rules_url": rules_url,
        "lines": _lines(letter, notice),
        "proof": _proof(head_number, head_hash) if head_number and head_hash else "",
        "signature": notice.wording.signature,
        "contact": notice.wording.contact if _wants_answers(letter) else "",
        "view": view(letter.digest) if letter.digest else None,
        "console": letter.digest.console if letter.digest else "",
    }
    name = "digest" if letter.digest else "full" if full else "short"
    html = css_inline.inline(templates().get_template(f"{name}.html").render(values))
    text = templates().get_template(f"{name}.txt").render(values)
    proof = f"{head_number}:{head_hash}" if head_number else None
    return Rendered(subject=subject(letter), text=_tidy(text), html=html, proof=proof)


def _wants_answers(letter: Letter) -> bool:
    """Somebody who reports a wrong shall not be asked to go on writing to a mailbox that many read; and staff need not be."""
    return not (letter.kind is LetterKind.COMPLAINT or letter.alarm or letter.digest or letter.reminders)


def _tone(letter: Letter) -> str:
    """Which colours the first line has."""
    if letter.alarm:
        return State.ACCEPTED if letter.alarm.until else State.REJECTED
    if letter.digest:
        return State.ACCEPTED if letter.digest.quiet else State.REJECTED if letter.digest.stalled else State.REVIEW
    if letter.kind is LetterKind.REMINDER:
        return State.INCOMPLETE
    return letter.kind if letter.kind is LetterKind.PRECHECK else letter.state or ""


def _proof(number: int, hash_: str) -> str:
    """The head of the ledger for the reader's eye; the header X-Baosong-Ledger carries it whole."""
    return f"存证：第{number}号 {hash_[:_HASH_SHOWN]}…（备查，不必理会）"


_OVERDUE = "现在截止时间已过。迟报的材料仍然受理，会注明迟报，请尽快报送。"


def _lines(letter: Letter, notice: Notice) -> list[str]:
    """Of a guide the notice's own lines, and one of ours where the deadline that they name is past; of an alarm or a reminder
    what to do."""
    if letter.alarm:
        return alarm_lines(letter.alarm)
    if letter.reminder or letter.reminders:
        return reminder_lines(letter, notice)
    if letter.kind is not LetterKind.GUIDE:
        return []
    if letter.collected:
        return _collected(letter, notice)
    lines = [line.strip() for line in notice.wording.guide.splitlines() if line.strip()]
    return [*lines, _OVERDUE] if letter.late else lines


def _collected(letter: Letter, notice: Notice) -> list[str]:
    """Of a question that names none of several notices: what is collected, and that it must be said which is meant."""
    listed = [
        f"{number}. {one.title}：{moment(one.deadline, notice.zone)}截止{'（已过，迟报仍受理）' if one.late else ''}"
        for number, one in enumerate(letter.collected, 1)
    ]
    ask = "请直接回复本邮件，写明是哪一项（写材料名称即可），我们再把报送说明发给您；要报送的，请把材料作为普通附件一并发来。"
    return [*listed, ask, "其他事项工作人员会另行答复。"]


_AGAIN = "如想再预检一次，请在邮件主题中写上“预检”二字。"


def _closing(letter: Letter) -> str:
    """What is attached, or what to do without it; at the end of a pre-check how to get another."""
    return _attached(letter) + (_AGAIN if letter.kind is LetterKind.PRECHECK else "")


def _attached(letter: Letter) -> str:
    roles = [file.role for file in letter.attachments]
    if AttachmentRole.BLANK in roles:
        return "附：空白表，请用它填报。"
    if roles:
        kind = "（已转成.xlsx格式）" if AttachmentRole.REBUILT in roles else ""
        return f"附：您的电子表{kind}，有问题的单元格已标红并加了批注。"
    told = one_of_a_mix_up(letter.problems, letter)
    bad_cells = any(each.cell for each in told if each.severity is Severity.ERROR)
    if letter.state is State.REJECTED and bad_cells:
        return "请按上面写的单元格，在您自己的电子表里修改。"
    return ""


def _tidy(text: str) -> str:
    """One empty line at most, no trailing white space."""
    lines = [line.rstrip() for line in text.splitlines()]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip() + "\n"
