"""The console's words for what the program counts by codes: plain, and each with what to do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.accounts import PasswordFault
from domain.submission import State

STATES: Mapping[State, str] = {
    State.ACCEPTED: "已受理",
    State.REVIEW: "待核",
    State.INCOMPLETE: "待补",
    State.REJECTED: "已退回",
    State.SUPERSEDED: "已被新版取代",
}
PASSWORDS: Mapping[PasswordFault, str] = {
    PasswordFault.SHORT: "新密码太短，至少要12个字符。",
    PasswordFault.LONG: "新密码太长，最多128个字符。",
    PasswordFault.SIMPLE: "新密码太简单，不要用一串重复或连续的字符。",
    PasswordFault.NAME: "新密码里不要含账号名。",
}


@dataclass(frozen=True, kw_only=True)
class TaskWords:
    """`title` of a kind of task, and what is to be `done`. The lower the `rank`, the sooner."""

    title: str
    done: str
    rank: int = 2


_OTHER = TaskWords(title="其他事项", done="请查看说明并处理。", rank=3)
_TASKS: Mapping[str, TaskWords] = {
    "login_stalled": TaskWords(title="邮箱登录不上", done="请更换授权码：邮箱里的信现在收不进来。", rank=0),
    "polling_stalled": TaskWords(title="收信中断", done="请检查网络和邮箱服务。来信仍在邮箱里，恢复后自动办理。", rank=0),
    "processing_stalled": TaskWords(title="办理中断", done="请联系运维人员。来信已经保存，恢复后自动办理。", rank=0),
    "sending_stalled": TaskWords(title="回复发不出去", done="请检查发信服务。回复已经写好，恢复后自动发出。", rank=0),
    "scanner_down": TaskWords(title="病毒扫描停了", done="请联系运维人员。扫描恢复之前，来信暂不办理。", rank=0),
    "mailbox_login": TaskWords(title="邮箱登录被拒绝", done="请检查授权码是否过期。", rank=0),
    "bounce": TaskWords(title="回复被退回", done="对方没有收到回复，请打电话告知结果。", rank=1),
    "unreachable": TaskWords(title="回复送不到", done="对方的邮箱收不到信，请打电话告知结果。", rank=1),
    "unanswerable": TaskWords(title="没有地址可以回复", done="请打电话告知结果。", rank=1),
    "unmatched_bounce": TaskWords(title="退信认不出对应哪封", done="请打开退信看一看，再打电话告知。", rank=1),
    "policy_recheck": TaskWords(title="新名单查出的情况", done="已受理的材料与新的名单不符，请核实后通知该单位。", rank=2),
    "marker_ended": TaskWords(title="表格没能标注", done="回信已发出，没有附标注的表格。多次出现请联系运维人员。"),
    "review": TaskWords(title="待人工核对", done="请对照扫描件核对，然后决定受理或退回。", rank=1),
    "nothing_accepted": TaskWords(title="没有有效的报送", done="请确认是否恢复以前的版本，或通知重报。", rank=1),
    "withdraw": TaskWords(title="要求撤回", done="请联系来信人核实后处理。", rank=1),
    "held": TaskWords(title="来信没有办成", done="请联系运维人员查明原因，然后重新办理。", rank=1),
    "malware": TaskWords(title="附件带病毒", done="文件已经隔离。请通知来信单位查杀后重报。", rank=1),
    "reader_ended": TaskWords(title="文件读不下去", done="请人工看一看这封来信。", rank=1),
    "mail_not_had": TaskWords(title="来信取不下来", done="请在邮箱里打开这封信，人工处理。", rank=1),
    "mails_not_had": TaskWords(title="多封来信取不下来", done="请在邮箱里查看，人工处理。", rank=1),
    "question": TaskWords(title="来信咨询", done="请看一看是否需要人工答复。"),
    "automatic_with_files": TaskWords(title="自动邮件里有文件", done="请看一看是不是报送材料。"),
    "not_filed": TaskWords(title="来信没有归档", done="请在邮箱里手工移动。"),
    "reply_budget": TaskWords(title="今日回复到了上限", done="其余回复会顺延发出，请留意是否有人恶意来信。"),
    "sender_over_limit": TaskWords(
        title="一个邮箱来信过多", done="请看一下是误发、自动转发循环、集中代报，还是有人冒用。"
    ),
    "junk": TaskWords(title="垃圾邮件夹里有信", done="请抽空看一看，里面是否有报送材料。", rank=3),
    "retention_due": TaskWords(title="保管期已满", done="请按规定办理销毁或续存。", rank=3),
}  # fmt: skip

OUTAGES: Mapping[str, str] = {
    "worker": "接收程序没有运行，来信暂时不办理",
    "polling_stalled": "收信中断，新来的信暂时收不进来",
    "processing_stalled": "办理中断，来信已保存但没有办理",
    "sending_stalled": "发信中断，回复暂时发不出去",
    "ledger_head": "存证与数据库不一致，请立即联系运维人员",
    "database": "数据库暂时读不出来",
    "disk_full": "磁盘已满，请立即联系运维人员",
    "disk_low": "磁盘空间不足，请联系运维人员",
}
"""Of `ingest.health` reasons; those that have no words here stand on the page otherwise (tasks, held mails)."""


def task_words(kind: str) -> TaskWords:
    return _TASKS.get(kind, _OTHER)


def about(subject: str) -> str:
    """What a task is about: a mail by its number, all else (receipts, days, mailboxes) as it is."""
    return f"来信第{subject.removeprefix('mail:')}号" if subject.startswith("mail:") else subject


def time_left(until: datetime, now: datetime) -> str:
    """`还有2天4小时`, by the hour, on the last day by the minute; `已截止`, with the days since, afterwards."""
    left = until - now
    if left < timedelta(0):
        return f"已截止{(-left).days}天" if -left >= timedelta(days=1) else "已截止"
    days, hours, minutes = left.days, left.seconds // 3600, left.seconds % 3600 // 60
    if days:
        return f"还有{days}天{hours}小时" if hours else f"还有{days}天"
    return f"还有{hours}小时{minutes}分" if hours else f"还有{minutes}分钟"


def task_link(kind: str, subject: str) -> str:
    """The page of what a task is about, "" for none."""
    if kind == "review":
        return "/queue"
    if subject.startswith("mail:"):
        return f"/mails/{subject.removeprefix('mail:')}"
    return f"/cases/{subject}" if subject.count("-") == 3 else ""
