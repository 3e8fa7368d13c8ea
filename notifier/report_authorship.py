"""Who wrote it, for the page about one submission: four findings side by side, in plain words for staff."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from domain.authentication import Authentication, Method, OwnCheck, Result
from domain.authorship import Authorship, ContentVerdict, SealVerdict, SenderFinding, authorship
from domain.submission import Submission
from notifier.plain import one_line

_KNOWN = {True: "是该单位已知的邮箱", False: "不是该单位已知的邮箱", None: "没有记录是否为已知的邮箱"}
_METHODS = {Method.SPF: "发信服务器（SPF）", Method.DKIM: "邮件签名（DKIM）", Method.DMARC: "发件域名（DMARC）"}
_RESULTS = {
    Result.PASS: "通过",
    Result.FAIL: "未通过",
    Result.SOFTFAIL: "未通过（对方不强制）",
    Result.NONE: "对方没有设置",
    Result.TEMPERROR: "暂时无法验证",
    Result.PERMERROR: "对方设置有误",
}
_NEITHER = "没有结论"
_OWN = {
    OwnCheck.OFF: "",
    OwnCheck.NONE: "本系统核对：邮件没有发件域名的签名",
    OwnCheck.PASS: "本系统核对：{domain}的签名有效",
    OwnCheck.FAIL: "本系统核对：{domain}的签名无效",
    OwnCheck.NOT_CHECKED: "本系统核对：{domain}的签名当时无法核对",
}
_SEALS = {
    SealVerdict.THEIRS: "是该单位的印章",
    SealVerdict.OTHERS: "不是该单位的印章",
    SealVerdict.WRONG_KIND: "是专用章，不是单位公章",
    SealVerdict.UNSURE: "看不准，须人工核对",
    SealVerdict.SUSPECT: "像是画上、贴上或打印出来的，须人工核对",
    SealVerdict.NONE: "没有盖章",
    SealVerdict.NOT_LOOKED_AT: "没有可读的扫描件",
}
_CONTENT = {
    ContentVerdict.AGREES: "扫描件与电子表一致",
    ContentVerdict.DIFFERS: "扫描件与电子表不一致",
    ContentVerdict.UNSURE: "没有发现不一致，有的地方看不准",
    ContentVerdict.NOT_COMPARED: "没有比对",
}


@dataclass(frozen=True, kw_only=True)
class FindingView:
    """One finding: its heading, the verdict, and what it rests on. `warns`: staff should look."""

    heading: str
    verdict: str
    details: tuple[str, ...] = ()
    warns: bool = False


def authorship_view(case: Submission) -> tuple[FindingView, ...]:
    """Sender, authentication, seal, content."""
    found = authorship(case)
    return (_sender(found.sender), _authentication(found.authentication), _seal(found), _content(found))


def _sender(found: SenderFinding) -> FindingView:
    details = [f"自称“{one_line(found.name)}”"] if found.name else []
    if found.poses_as:
        details.append(f"注意：名称里写的是另一个邮箱 {one_line(found.poses_as)}")
    if found.reads_as:
        details.append(f"邮箱显示为 {one_line(found.reads_as)}")
    if found.strange:
        details.append("注意：邮箱里有容易与其他字母混淆的字符：" + "；".join(map(one_line, found.strange)))
    warns = bool(found.poses_as or found.strange)
    verdict = f"{one_line(found.address) or '没有发件邮箱'}，{_KNOWN[found.known]}"
    return FindingView(heading="发件人", verdict=verdict, details=tuple(details), warns=warns)


def _authentication(found: Authentication) -> FindingView:
    verdict = (
        "没有通过验证，可能是他人冒用" if found.failed else "已确认由该邮箱的域名发出" if found.proven else "没有证明"
    )
    return FindingView(
        heading="发件验证", verdict=verdict, details=tuple(_grounds(found)), warns=found.failed or not found.sole_author
    )


def _grounds(found: Authentication) -> Iterator[str]:
    if not found.sole_author:
        yield "注意：邮件写了几个发件人"
    if found.verdicts:
        results = (f"{_METHODS[each.method]}{_RESULTS.get(each.result, _NEITHER)}" for each in found.verdicts)
        yield f"{one_line(found.receiver)}的结论：{'，'.join(results)}"
    else:
        yield "没有可信的收信服务器的结论"
    if _OWN[found.own]:
        yield _OWN[found.own].format(domain=one_line(found.own_domain))


def _seal(found: Authorship) -> FindingView:
    seals = tuple(f"读到：{one_line(text) or '（没有读出）'}" for text in found.seals)
    warns = found.seal in (SealVerdict.OTHERS, SealVerdict.WRONG_KIND, SealVerdict.SUSPECT)
    return FindingView(heading="印章", verdict=_SEALS[found.seal], details=seals, warns=warns)


def _content(found: Authorship) -> FindingView:
    counts = (f"比对{found.compared}处，一致{found.matched}处",) if found.compared else ()
    warns = found.content is ContentVerdict.DIFFERS
    return FindingView(heading="内容", verdict=_CONTENT[found.content], details=counts, warns=warns)
