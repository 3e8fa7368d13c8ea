"""Words for what happened to a submission: letters, ledger entries, who did it."""

from __future__ import annotations

from collections.abc import Mapping

from domain.catalogue import called
from domain.letter import LetterKind
from domain.notice import Notice
from storage.inbox import MailRow, MailStatus
from storage.outbox import OutboxRow, OutboxStatus

LETTERS: Mapping[LetterKind, str] = {
    LetterKind.DECISION: "办理结果",
    LetterKind.PRECHECK: "预检结果",
    LetterKind.OUTCOME: "给另一位发件人的通知",
    LetterKind.SUPERSEDED: "已被新版取代的通知",
    LetterKind.GUIDE: "填报说明",
    LetterKind.NOTED: "收到的告知",
    LetterKind.WITHDRAW: "收到撤回要求的告知",
    LetterKind.COMPLAINT: "收到的告知",
    LetterKind.STAFF: "给工作人员的信",
}
_STATUS: Mapping[OutboxStatus, str] = {
    OutboxStatus.WAITING: "等待发出",
    OutboxStatus.SENT: "已发出",
    OutboxStatus.FAILED: "没有发出，请打电话告知",
    OutboxStatus.WITHDRAWN: "没有发出，已由新的回复代替",
}
_ENTRIES: Mapping[str, str] = {
    "submission.decided": "作出决定",
    "retention.held": "暂缓销毁",
    "retention.released": "解除暂缓销毁",
    "retention.erased": "到期销毁",
}
_MAILS: Mapping[str, str] = {
    "submission": "报送材料，已办理",
    "question": "咨询",
    "withdraw": "要求撤回",
    "complaint": "投诉或举报",
    "bounce": "退信",
    "junk": "看不出是报送材料，没有办理",
    "ignored": "自动邮件，不用办理",
    "precheck": "预检",
}


def letter_status(row: OutboxRow) -> str:
    """How far a letter is; one that came back did not arrive, whatever the server said."""
    return "被退回，对方没有收到" if row.bounced_at else _STATUS[row.status]


def letter_bad(row: OutboxRow) -> bool:
    """Whether its reader has to be told by telephone."""
    return bool(row.bounced_at) or row.status is OutboxStatus.FAILED


def entry_words(kind: str) -> str:
    return _ENTRIES.get(kind, kind)


def problem_name(code: str, notice: Notice) -> str:
    """What a problem is called; the code of one that this version does not know any more."""
    return called(code, notice.own_rules)


def who(by: str) -> str:
    """`staff:zhang` as `zhang`, the machine as 程序."""
    return "程序" if by == "machine" else by.removeprefix("staff:")


def mail_words(row: MailRow) -> str:
    """What became of a mail."""
    if row.status is MailStatus.HELD:
        return "没有办成，等人处理"
    if row.status is MailStatus.NEW:
        return "等待办理，发件人来信过多，排在其他来信之后" if row.surplus else "等待办理"
    return _MAILS.get(row.disposition or "", "已办理")
