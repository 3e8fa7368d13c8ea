"""What an audit finds, in plain words: what it is about, what is wrong with it. The exact line stands beside them on the page."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from storage.fault import Fault

_OBJECTS: tuple[tuple[str, str], ...] = (
    (r"entry:(\d+)", "存证第{0}号"),
    (r"head:(\d+)", "封存到第{0}号的存证号"),
    (r"blob:(.+)", "存档文件 {0:.16}"),
    (r"mail:(\d{1,18})", "来信第{0}号"),
    (r"mail:(.+)", "来信 {0:.16}"),
    (r"submission:(.+)", "材料 {0}"),
    (r"submission_history:(.+)", "材料 {0} 的办理经过"),
    (r"decision:(.+)/(\d+)", "材料 {0} 的第{1}次决定"),
    (r"reading:(.+)", "扫描件读数 {0:.16}"),
    (r"(?:outbox|letter):(.+)", "回复 {0}"),
    (r"task:(\d+)", "待办第{0}项"),
    (r"user:(.+)", "账号 {0}"),
    (r"register:(\d+)", "备案名单第{0}次导入"),
    (r"blacklist:(\d+)", "黑名单第{0}条"),
    (r"notice:(.+):(\d+)", "通知 {0} 的第{1}版"),
    (r"sender:(.+)", "登记的邮箱 {0:.16}"),
    (r"quarantine:(.+)", "隔离记录 {0:.16}"),
    (r"signed:(.+)", "每日签名 {0}"),
    (r"erased:(.+)", "销毁记录 {0}"),
    (r"receipt_counters:(.+)", "回执编号 {0}"),
    (r"mail_locations:(\d+)", "来信位置记录第{0}条"),
    (r"HEAD", "存档旁的存证号文件（HEAD）"),
    (r"database", "数据库"),
)
_FAULTS: tuple[tuple[str, str], ...] = (
    # the ledger itself
    (r"the entries (.+) to (.+) are not those that were sealed", "第{0}号至第{1}号存证，与封存时的不同。"),
    (r"missing, and all others up to entry (.+)", "缺失，直到第{0}号都缺失。"),
    (r"extra: numbered, but no head covers it", "是多出来的：编了号，却没有封存过。"),
    (r"does not follow the head before it.*", "与前一个存证号接不上：中间有缺失、添加或改动。"),
    (r"covers (.+) entries, not those from (.+) on", "封存的范围不对：应从第{1}号起。"),
    (r"missing: .*but the ledger ends at (.+?):.*", "存证里没有这个号：存证只到第{0}号，后面的被截去，或者这是一份旧的数据库。"),
    (r"missing: .*it is another chain", "存证里没有这个号：现在的存证不是原来那一份。"),
    (r"differs from the one .*it is another chain", "与对照的存证号不同：现在的存证不是原来那一份。"),
    (r"missing: .+, but .*", "对照的存证号在存证里找不到。"),
    (r"missing: the database is sealed, but nothing outside vouches for it", "缺失：数据库封存过，存档旁却没有可以对照的存证号。"),
    (r"altered: not NUMBER:SHA256", "被改动：内容不是存证号。"),
    # archive, database
    (r"stands, though it is said to be erased|.+ stands, though it is said to be erased", "存证说已按规定销毁，实际还在。"),
    (r"extra: not a file of the archive", "不是存档的文件，是多出来的。"),
    (r"extra: no record refers to it", "没有任何记录用到它，是多出来的。"),
    (r"cannot be read: .*", "读不出来，请检查磁盘和权限。"),
    (r"refers to .+, which is not there", "指向的记录不存在。"),
    (r"extra: the .+ is not ours", "数据库里有不属于本程序的东西。"),
    (r"damaged: .*", "数据库文件损坏。"),
    (r"missing or empty: .*", "数据库不在，或是空的。"),
    (r"not at the last receipt that was given", "与已经发出的最后一个回执编号不符。"),
    # decisions
    (r".+ tells of a decision that is not in the records", "存证记有一项决定，现存的记录里没有。"),
    (r".+ tells of one decision, the records of .+", "存证只记有一项决定，现存的记录里不止一项。"),
    (r"its ledger entry is missing", "对应的存证不见了。"),
    (r"altered: .+ cannot be read", "被改动，已经读不出来。"),
    (r"not what the ledger vouches for: (.+)", "与存证所记的不同：{parts}。"),
    (r"not what the ledger says of it", "与存证所记的不同。"),
    (r"its columns do not say what its .+ says", "各栏与它自己的正文不一致，被改动过。"),
    (r".+ does not say what its last decision says", "明细与最后一次决定时的不同。"),
    (r"not as its last decision left it", "与最后一次决定之后的样子不同。"),
    (r"extra: there is no decision on it", "是多出来的：没有对它作过任何决定。"),
    (r"extra: no decision refers to it", "是多出来的：没有任何决定用到它。"),
    (r"missing, though there are decisions on it", "缺失：对它作过决定，材料本身却不在了。"),
    # erasures
    (r"its entry does not say by which rule", "没有写明按哪条规定销毁。"),
    (r"nobody answers for it", "没有写明由谁负责。"),
    (r"erased before its time", "没有到期就销毁了。"),
    (r"the ledger does not know what was erased", "存证里查不到销毁的是什么。"),
    (r"erased while it was on hold", "在暂缓销毁期间销毁了。"),
    (r"names the file .+, which what stands refers to", "列为销毁的文件，现存的材料还在用。"),
    (r"its time is counted from before it was received", "保管期从收到之前算起，不合规定。"),
    # notices that were published in the console
    (r"not as it was published, by the ledger", "与存证所记的发布、结束情况不同。"),
    (r"its text is not the one that was published", "通知的文字不是发布时的那一份，被改动过。"),
    (r"published or closed more than once, by the ledger", "存证记有同一版的多次发布或结束。"),
    # letters, tasks
    (r"queued, rendered, ended or back more than once, by the ledger", "存证里同一件事记了不止一次。"),
    (r"its bytes are not those that the ledger vouches for", "发出的原文与存证所记的不同。"),
    (r"whether it came back is not as the ledger says", "是否被退回，与存证所记的不同。"),
    (r"opened or closed more than once, by the ledger", "存证里开立或办结记了不止一次。"),
    (r"changed to the text that it had, by the ledger", "存证里的改动前后文字相同。"),
    (r"its text is not the one that the ledger vouches for", "文字与存证所记的不同。"),
    (r"not what it should say by the ledger", "要写的内容与存证所记的不同。"),
    (r"not sent, though the ledger tells that it was", "存证记的是已发出，记录里却没有发出。"),
    (r"not what was asked, by the ledger", "事项与存证所记的不同。"),
    (r"not closed as the ledger says", "办结情况与存证所记的不同。"),
    (r"not as it was put into the outbox", "与放入待发时的不同。"),
    (r"it did not end as the ledger says", "发出的结果与存证所记的不同。"),
    (r"sent, though the ledger does not tell so", "记录里是已发出，存证没有这样记。"),
    # lists
    (r"entered or lifted more than once, by the ledger", "存证里列入或移出记了不止一次。"),
    (r"not as it was entered, by the ledger", "与列入时存证所记的不同。"),
    (r"not lifted as the ledger says", "移出情况与存证所记的不同。"),
    (r"entries of a register that is not there", "有这份名单的条目，却没有这份名单。"),
    (r"not as it was imported, by the ledger", "与导入时存证所记的不同。"),
    (r"its entries are not those that were imported", "条目与导入时的不同。"),
    (r"another address than the one that was confirmed", "不是当时确认的那个邮箱。"),
    (r"not as it was confirmed, by the ledger", "与确认时存证所记的不同。"),
    (r"not as the ledger tells it", "与存证所记的不同。"),
    # mails
    (r"not the mail that its ledger entry names", "不是存证里所记的那封来信。"),
    (r"seen at one place more than once, by the ledger", "存证里同一位置记了不止一次。"),
    (r"not as it was received: .*", "收到的位置、大小或时间，与存证所记的不同。"),
    (r"its status does not fit its disposition", "办理状态与办理结果不符。"),
    (r"settled more than once, by the ledger", "存证里办结记了不止一次。"),
    (r"its disposition is missing, though the ledger tells of it", "存证记有办理结果，记录里没有。"),
    (r"has a disposition, but is not in the records", "有办理结果，来信记录却不在了。"),
    (r"its disposition is not what the ledger says", "办理结果与存证所记的不同。"),
    (r"the place where it was seen is missing: .*", "存证所记的收到位置不见了。"),
    (r"not where the ledger says that the mail was seen", "位置与存证所记的不同。"),
    (r"its disposition: .*|no ledger entry vouches for it", "没有相应的存证。"),
    (r"missing, though the ledger tells .*", "缺失：存证里有，记录里没有。"),
    # signed heads
    (r"not what the ledger has of it", "与存证所记的不同。"),
    (r"speaks of a head that the ledger does not have", "签的是存证里没有的存证号。"),
    (r"extra: the ledger does not tell of it", "是多出来的：存证里没有。"),
    (r"signed with a key that was not given: .*", "不是用所给的密钥签的。"),
    (r"the signature is not of that key over that statement", "签名不对。"),
    (r"missing", "缺失。"),
    (r"altered", "被改动过。"),
)  # fmt: skip
"""The first that fits all of it. `tests/test_fault_wording.py` looks for those that the audits have and are not here."""
_PARTS = {
    "its facts, workbook and problems": "基本情况、电子表和问题",
    "the reading of its cover": "扫描件的读数",
    "the comparison of cover and workbook": "逐格比对的结果",
    "the pictures of its cover": "留存的图像",
    "the seals of its cover": "印章的读数",
    "the table of compared cells": "比对表",
}
"""As `storage.verify_decisions` calls the parts of a decision."""
_OTHER = "与存证不符。"
_LINKS = ((re.compile(r"(?:submission|decision):([^/\s]+)(?:/\d+)?"), "/cases/"), (re.compile(r"mail:(\d{1,18})"), "/mails/"))  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class FaultShown:
    """`line` is what the command line says. `link`: the page of what it is about, "" for none."""

    about: str
    line: str
    link: str


@dataclass(frozen=True, kw_only=True)
class FaultGroup:
    """Findings of one kind."""

    words: str
    faults: tuple[FaultShown, ...]


def grouped(faults: Sequence[Fault]) -> tuple[FaultGroup, ...]:
    """By what is wrong, in the order of the first of each kind."""
    found: defaultdict[str, list[FaultShown]] = defaultdict(list)
    for fault in faults:
        line = f"{fault.object}: {fault.fault}"
        found[fault_words(fault.fault)].append(
            FaultShown(about=object_words(fault.object), line=line, link=_link(fault.object))
        )
    return tuple(FaultGroup(words=words, faults=tuple(shown)) for words, shown in found.items())


def fault_words(fault: str) -> str:
    for pattern, words in _FAULTS:
        if told := re.fullmatch(pattern, fault, re.DOTALL):
            return words.format(*told.groups(), parts=_parts(told))
    return _OTHER


def has_words(fault: str) -> bool:
    return fault_words(fault) != _OTHER


def object_words(name: str) -> str:
    for pattern, words in _OBJECTS:
        if told := re.fullmatch(pattern, name, re.DOTALL):
            return words.format(*told.groups())
    return f"数据表 {name}"


def _parts(told: re.Match[str]) -> str:
    """The parts that a fault names, in words."""
    named = told[1].split(", ") if told.re.groups else []
    return "、".join(_PARTS[each] for each in _PARTS if each in ", ".join(named))


def _link(name: str) -> str:
    for pattern, start in _LINKS:
        if told := pattern.fullmatch(name):
            return f"{start}{told[1]}"
    return ""
