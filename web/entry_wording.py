"""Words for entries of the ledger: what happened, to what, and what its fields are called."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

KINDS: Mapping[str, str] = {
    "mail.received": "收到来信",
    "mail.seen": "来信在另一处出现",
    "mail.settled": "来信办结",
    "mail.held": "来信没有办成，放在一边",
    "mail.malware": "来信查出病毒",
    "mail.cleared": "病毒标记撤销",
    "submission.decided": "作出决定",
    "letter.queued": "回复写好待发",
    "letter.rendered": "回复定稿",
    "letter.sent": "回复发出",
    "letter.failed": "回复没有发出",
    "letter.withdrawn": "回复由新的代替",
    "letter.bounced": "回复被退回",
    "task.opened": "开立待办",
    "task.changed": "待办改动",
    "task.closed": "待办办结",
    "digest.made": "每日通报",
    "reminder.sent": "催报",
    "sender.confirmed": "登记邮箱",
    "sender.forgotten": "撤销登记的邮箱",
    "register.imported": "导入备案名单",
    "notice.published": "发布通知",
    "notice.closed": "结束通知",
    "blacklist.added": "列入黑名单",
    "blacklist.lifted": "移出黑名单",
    "retention.held": "暂缓销毁",
    "retention.released": "解除暂缓销毁",
    "retention.erased": "到期销毁",
    "head.signed": "每日签名",
    "head.rewritten": "重写存证号文件",
    "ledger.extended": "存证范围扩大",
    "user.added": "添加账号",
    "user.changed": "账号变动",
    "session.opened": "登录",
    "session.closed": "退出登录",
    "session.refused": "登录被拒绝",
    "audit.begun": "开始核对存证",
    "audit.ended": "核对存证完毕",
    "access.overview": "查看总览",
    "access.case": "打开材料",
    "access.picture": "打开图像",
    "access.file": "下载文件",
    "access.quarantined": "取出隔离的文件",
    "access.letter": "查看回复",
    "access.mail": "打开来信",
    "access.tasks": "查看待办",
    "access.search": "检索",
    "access.export": "导出汇总表",
    "access.published": "下载公布用的黑名单",
    "access.report": "生成报告",
    "access.bundle": "制作证据包",
    "access.bundle_taken": "下载证据包",
    "access.ledger": "查看存证",
    "access.entry": "查看一条存证",
    "access.log": "查看查阅记录",
}
GROUPS: Mapping[str, str] = {
    "mail.": "来信",
    "submission.": "决定",
    "letter.": "回复",
    "task.": "待办",
    "retention.": "保管和销毁",
    "head.": "存证号",
    "audit.": "核对",
    "access.": "查阅",
    "session.": "登录",
    "user.": "账号",
}
"""Beginnings of kinds, to choose several at once."""
_FIELDS: Mapping[str, str] = {
    "run": "第几次的代号",
    "by": "经办",
    "at": "时间",
    "blobs": "所含存档文件",
    "size": "字节数",
    "place": "收到的位置",
    "account": "邮箱",
    "folder": "文件夹",
    "uidvalidity": "UIDVALIDITY",
    "uid": "UID",
    "received_at": "收到时间",
    "counts": "以此处为准",
    "disposition": "办理结果",
    "reason": "理由",
    "kind": "类别",
    "receipt": "回执",
    "notice": "通知",
    "reporter": "单位代码",
    "state": "状态",
    "outcome": "结果",
    "version": "版本",
    "cause": "起因",
    "mails": "来信",
    "mail": "来信",
    "files": "文件",
    "problems": "问题",
    "superseded_by": "取代它的回执",
    "evidence": "图像、印章、比对表的散列",
    "record": "所存记录的散列",
    "people": "姓名和号码的密钥摘要",
    "letter": "回信内容的散列",
    "exempt": "不计入发信限额",
    "about": "关于",
    "confidential": "保密",
    "text": "文字的散列",
    "error": "差错",
    "found": "查出",
    "cleared": "撤销标记的文件",
    "date": "日期",
    "number": "存证号",
    "hash": "散列",
    "key": "密钥",
    "sha256": "SHA-256",
    "signature": "签名",
    "heads": "对照的存证号",
    "ok": "全部相符",
    "failed": "没有完成",
    "checked": "核对的项数",
    "faults": "不符的项数",
    "findings": "不符之处的散列",
    "older": "早期决定数",
    "unchecked": "未验的签名数",
    "erased": "按规定销毁",
    "role": "身份",
    "password": "密码散列的散列",
    "subject": "统一认证账号",
    "disabled": "已停用",
    "how": "方式",
    "why": "原因",
    "count": "数量",
    "page": "页面",
    "query": "检索词的密钥摘要",
    "salt": "盐",
    "filters": "筛选项",
    "hits": "找到",
    "exported": "已导出",
    "viewer": "使用者",
    "rows": "行数",
    "round": "轮次",
    "letters": "封数",
    "rule": "依据的规定",
    "owner": "负责单位",
    "covers": "一并销毁",
    "before": "原内容",
    "operator": "主办者",
    "aliases": "别名",
    "apps": "APP",
    "since": "起始日期",
    "lifted_on": "移出日期",
    "mistake": "误列",
    "lift_reason": "移出理由",
    "dated": "名单日期",
    "digest": "条目的散列",
    "with_quarantined": "含隔离文件",
}
_SUBJECTS: tuple[tuple[str, str], ...] = (
    (r"mail:(\w+)", "来信 {0:.16}"),
    (r"letter:(.+)", "回复 {0}"),
    (r"task:(\w+)", "待办第{0}项"),
    (r"user:(.+)", "账号 {0}"),
    (r"sender:(\w+)", "邮箱 {0:.16}"),
    (r"notice:(.+)", "通知 {0}"),
    (r"register:(\w+)", "备案名单第{0}次导入"),
    (r"blacklist:(\w+)", "黑名单第{0}条"),
    (r"digest:(.+)", "{0}的通报"),
    (r"reminder:(.+)", "催报 {0}"),
    (r"head:(.+)", "{0}的签名"),
    (r"entry:(\w+)", "存证 {0}"),
    (r"audit", "全部记录和存档"),
    (r"page:overview", "总览"),
    (r"page:tasks", "待办页"),
    (r"page:audit-ledger", "存证页"),
    (r"page:audit-access", "查阅记录页"),
    (r"search", "检索页"),
    (r"HEAD", "存证号文件"),
)
_RECEIPT = re.compile(r"[A-Z0-9]+-[A-Z0-9]+-\d{8}-\d{2,}")


@dataclass(frozen=True, kw_only=True)
class FieldShown:
    """A field of a body: its name and what it says, one line or more."""

    name: str
    lines: tuple[str, ...]


def kind_words(kind: str) -> str:
    return KINDS.get(kind, kind or "（读不出来）")


def subject_words(subject: str) -> str:
    for pattern, words in _SUBJECTS:
        if told := re.fullmatch(pattern, subject, re.DOTALL):
            return words.format(*told.groups())
    return subject or "（读不出来）"


def subject_link(subject: str) -> str:
    """The page of a submission, "" for all else."""
    return f"/cases/{subject}" if _RECEIPT.fullmatch(subject) else ""


def who_words(by: str) -> str:
    """`staff:zhang` as `zhang`."""
    return {"": "", "machine": "程序", "digest": "每日通报"}.get(by, by.removeprefix("staff:"))


def fields(facts: Mapping[str, Any]) -> tuple[FieldShown, ...]:
    return tuple(FieldShown(name=_name(key), lines=tuple(_lines(value))) for key, value in facts.items())


def _name(key: str) -> str:
    return _FIELDS.get(key, key)


def _lines(value: object) -> Iterator[str]:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            told = "，".join(_lines(inner))
            yield f"{_name(str(key))}：{told}"
    elif isinstance(value, Sequence) and not isinstance(value, str):
        for each in value:
            yield "，".join(_lines(each))
    else:
        yield _plain(value)


def _plain(value: object) -> str:
    if value is None:
        return "（无）"
    if isinstance(value, bool):
        return "是" if value else "否"
    return str(value) or "（空）"
