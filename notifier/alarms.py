"""An alarm in words: what does not work since when, who does what about it, and what nobody has to do."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from domain.alarm import Alarm, Trouble
from notifier.moments import moment

_MAIN = ("", "main")
"""Places that need no name: there is one mailbox, or none in particular."""
_SUBJECTS = {
    Trouble.LOGIN: ("报送邮箱登录不上，收不到新邮件", "报送邮箱已能登录"),
    Trouble.POLLING: ("报送邮箱收不到新邮件", "报送邮箱收信正常"),
    Trouble.PROCESSING: ("来信没有办理", "来信办理正常"),
    Trouble.SENDING: ("回信发不出去", "回信发送正常"),
}
_CODE = "请邮箱管理员登录邮箱网页，在“设置—账户”里重新生成授权码，交给维护人员。"
_PUT_IN = "请维护人员把新授权码写入密码文件，重新启动程序，再运行 baosong doctor 核对。"
_DOCTOR = "请维护人员运行 baosong doctor，按提示处理；看不出原因的，请查看程序日志。"
_LEFT_THERE = "这期间各县的来信都在邮箱里，不会丢失；恢复后程序自动补办，不用通知各县重发。"
_KEPT = "来信都已保存，不会丢失；恢复后程序自动补办并回信，不用通知各县重发。"
_LATE = "本邮件也是恢复发信以后才发出的，您看到时可能已经恢复，请以“【恢复】”邮件为准。"
_NEXT = "恢复后会再发一封邮件告知，恢复之前不再重复报警。"
_ADVICE = {
    Trouble.LOGIN: ("邮箱服务器拒绝登录，多半是授权码过期或者被重置。", _CODE, _PUT_IN, _LEFT_THERE, _NEXT),
    Trouble.POLLING: ("程序连不上邮箱，或者收信中途出错，可能是网络不通或邮箱故障。", _DOCTOR, _LEFT_THERE, _NEXT),
    Trouble.PROCESSING: ("程序收到了来信，但没有办理下去。", _DOCTOR, _KEPT, _NEXT),
    Trouble.SENDING: (
        "多半是授权码过期、发信太多被邮箱限制，或者网络不通。",
        "请邮箱管理员登录邮箱网页，看有没有限制发信的提示；授权码失效的，重新生成后交给维护人员。",
        _DOCTOR,
        "来信照常收取和办理，回信在恢复后自动补发，不用通知各县重发。",
        _LATE,
    ),
}
_AFTER = {
    Trouble.LOGIN: "这期间的来信正在补办，不用通知各县重发。",
    Trouble.POLLING: "这期间的来信正在补办，不用通知各县重发。",
    Trouble.PROCESSING: "等待的来信正在补办，不用通知各县重发。",
    Trouble.SENDING: "等待的回信正在补发，不用通知各县重发。",
}
_NOTHING_TO_DO = "您不用再做什么。"


def alarm_mark(alarm: Alarm) -> str:
    return "【恢复】" if alarm.until else "【报警】"


def alarm_subject(alarm: Alarm) -> str:
    lasting, over = _SUBJECTS[alarm.trouble]
    named = "" if alarm.place in _MAIN else f"（{alarm.place}）"
    return f"{alarm_mark(alarm)}{over if alarm.until else lasting}{named}"


def alarm_outcome(alarm: Alarm, zone: ZoneInfo) -> str:
    """The first line: the subject again, with times and how much waits."""
    since = moment(alarm.since, zone)
    if alarm.until:
        return f"{alarm_subject(alarm)}。中断时间：{since}至{moment(alarm.until, zone)}。"
    counted = {Trouble.PROCESSING: f"，有{alarm.waiting}封来信在等", Trouble.SENDING: f"，有{alarm.waiting}封回信在等"}
    waits = counted.get(alarm.trouble, "") if alarm.waiting else ""
    return f"{alarm_subject(alarm)}。从{since}开始{waits}。"


def alarm_lines(alarm: Alarm) -> list[str]:
    return [_AFTER[alarm.trouble], _NOTHING_TO_DO] if alarm.until else [*_ADVICE[alarm.trouble]]
