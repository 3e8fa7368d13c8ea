"""Tells people's mail from machines' (RFC 3834 and what providers do instead), and what a person wants.

Machines must never be answered, but a clerk taken for a machine is never answered either: every sign here is one that
mail programs of people do not give.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from domain.mail import Intent, MailKind


@dataclass(frozen=True, kw_only=True)
class Signs:
    """What recognition looks at. `headers`: lower-case name → decoded values, topmost first; `types`: the content
    types of the mail's own parts (not of attached mails); `text`: the sender's own words."""

    sender: str
    sender_name: str
    envelope_sender: str | None
    subject: str
    message_id: str | None
    headers: Mapping[str, Sequence[str]]
    types: tuple[str, ...]
    report_type: str = ""
    text: str = ""
    brings_files: bool = False
    """The sender attached a workbook, a scan or an archive, not only another mail that holds one."""

    def header(self, name: str) -> str:
        """The topmost value, "" if there is none."""
        values = self.headers.get(name)
        return values[0] if values else ""


@dataclass(frozen=True, kw_only=True)
class Recognised:
    """`reason` is English, for the log: which sign decided. It holds nothing that the sender wrote."""

    kind: MailKind
    reason: str = ""


_DAEMONS = frozenset(
    {
        "mailer-daemon",
        "mailerdaemon",
        "mail-daemon",
        "maildaemon",
        "daemon",
        "mailer",
        "postmaster",
        "poostmaster",
        "post_master",
        "post-master",
        "post.master",
        "mdaemon",
        "double-bounce",
        "bounce",
        "bounces",
        "bounce-mailer",
        "mail.delivery.system",
        "mail-delivery-system",
        "maildeliverysystem",
        "mailsystem",
        "mail-system",
    }
)
_DAEMON_NAMES = re.compile(
    r"mail(?:er)?[ -]?(?:daemon|delivery|deliver (?:system|sub))|delivery (?:sub)?system|ndr administrator"
    r"|system administrator"
    r"|系统退信|退信通知|邮件投递系统",
    re.IGNORECASE,
)
_BOUNCE_SUBJECT = re.compile(
    r"(?:\[?系统退信|退信[：:通知]|邮件投递(?:失败|状态)|投递失败|邮件退回|无法投递|未能送达|未送达|来自.{0,40}的退信)"
    r"|(?:undeliver(?:ed|able)|non[- ]?deliver(?:y|able|ed)|returned mail|mail returned"
    r"|delivery (?:status )?notification|delivery fail(?:ure|ed)"
    r"|delivery status|delivery error|delivery report|delivery problem|delayed (?:mail|delivery)"
    r"|mail delivery (?:fail|status|error|problem|system|sub)"
    r"|failure notice|failure notification|failure delivery|mail system error|mail could not be delivered"
    r"|mail failure|failed mail"
    r"|message (?:delivery|undeliver)|postmaster notify|could not (?:send|deliver)|unable to deliver"
    r"|warning: (?:could not|message)"
    r"|notice: mail delivery|rejected mail|complaint about message from|(?:email )?(?:feedback|abuse) report"
    r"|message status)",
    re.IGNORECASE,
)
_AUTO_SUBJECT = re.compile(
    r"\[?(?:自动回复|自動回覆|自动答复|自动回覆|自动应答|假期回复|休假回复|外出自动|系统自动回复"
    r"|automatic(?:ally)? (?:reply|response|generated)"
    r"|auto[- ]?repl(?:y|ied)|auto[- ]?respon[sd]\w{0,6}|auto:|autosvar|out[- ]of[- ](?:the[- ])?office"
    r"|vacation(?: reply| notice|:)|automatische antwort"
    r"|réponse automatique|abwesenheit|自動応答|自動返信|away (?:until|from)|已读[：:]|已读回执"
    r"|read(?: receipt)?:|return receipt)",
    re.IGNORECASE,
)
_NOTICE_SENDERS = re.compile(r"(?:no|do[-_.]?not|dont)[-_.]?reply(?:[-_.+].{0,60})?", re.IGNORECASE)
_AUTO_HEADERS = (
    "x-qq-holidayreply", "x-qq-auto-reply", "x-autoreply", "x-auto-reply", "x-autorespond", "x-autoresponder", "x-autoreply-from",
    "x-mail-autoreply", "x-auto-reply-from", "x-vacation", "x-netease-autoreply", "x-coremail-autoreply",
)  # fmt: skip
_BOUNCE_HEADERS = ("x-failed-recipients", "x-bounce-id", "x-notification-type")
_LIST_HEADERS = (
    "list-id",
    "list-unsubscribe",
    "list-post",
    "list-help",
    "x-mailing-list",
    "mailing-list",
    "x-mlserver",
    "list-subscribe",
    "x-campaign-id",
    "x-mailgun-sid",
)
_BOUNCE_TEXT = re.compile(
    r"this is the (?:postfix|qmail|mail) |hi\. this is the|the original message was received at"
    r"|message that you sent could not be"
    r"|the following (?:address|recipient)(?:\(es\)|e?s)? .{0,20}(?:fail|could not)"
    r"|this is an automatically generated delivery|permanent fatal errors"
    r"|您的邮件(?:未能|无法|没有|被)|(?:很抱歉|抱歉|对不起).{0,20}(?:退信|退回|未能送达|无法投递)|邮件被退回"
    r"|delivery to the following recipient"
    r"|your message (?:was not|could not be|cannot be) delivered|was not delivered to:|(?:user|mailbox) unknown",
    re.IGNORECASE,
)
_REPLY_PREFIX = re.compile(r"\s*(?:re|fw|fwd|回复|转发|答复|回覆|轉寄)\s*(?:\[\d+\])?[:：]", re.IGNORECASE)


def recognise(signs: Signs, *, own_addresses: frozenset[str], own_message_id_suffix: str) -> Recognised:
    """The kind of a mail; a machine's mail is never HUMAN by more than chance, people's mail never a machine's."""
    if signs.sender in own_addresses:
        return Recognised(kind=MailKind.OWN, reason="own address")
    suffix = own_message_id_suffix.strip("<>").lower()
    if suffix and (signs.message_id or "").strip("<>").lower().endswith(suffix):
        return Recognised(kind=MailKind.OWN, reason="own Message-ID")
    for kind, reason in _findings(signs):
        return Recognised(kind=kind, reason=reason)
    return Recognised(kind=MailKind.HUMAN)


def intent_of(own_text: str, subject: str) -> Intent:
    """What a person wants, by own words and subject. Complaints first: they must stay confidential in any case."""
    words = _LINK.sub("", f"{subject}\n{own_text}"[:20_000])
    words = _NO_COMPLAINT.sub("", words)
    if _COMPLAINT.search(words) or any(_tells_on(said[0]) for said in _TELLS.finditer(words)):
        return Intent.COMPLAINT
    if _WITHDRAW.search(_NO_WITHDRAW.sub("", words)):
        return Intent.WITHDRAW
    return Intent.QUESTION if _QUESTION.search(words) else Intent.NONE


_LINK = re.compile(r"https?://[!-~]+", re.IGNORECASE)
"""A question mark in it asks nothing."""
_NO_COMPLAINT = re.compile(
    r"(?:没有|暂无|未收到|未接到|未发现|无|零)[^。；，\n举投]{0,8}(?:举报|投诉)|(?:举报|投诉|监督)(?:电话|热线"
    r"|邮箱|信箱|渠道|平台|方式)"
)
_COMPLAINT = re.compile(r"举报|投诉|检举|控告|揭发|信访")
_TELLS = re.compile(r"(?<=反映)[^。；;！!？?\n]{1,40}")
_NONE_OF_IT = re.compile(
    r"(?:无|没有|未有|未发现|未见|未出现|不存在)(?:任何|此类|该类|上述|相关|其他|类似|存在|有|乱|的|和|及|或|、)*"
    r"(?:违规|违法|强制|收费|缴费|推销|摊派|造假|虚假|问题|情况|现象|行为|使用|APP|等|的|和|、)+",
    re.IGNORECASE,
)
_WRONG = re.compile(r"违规|违法|乱收费|强制|强迫|造假|弄虚|瞒报|泄露|摊派|诈骗|情况属实")
_MAYBE_WRONG = re.compile(r"收费|缴费|收钱|虚假|推销|诱导|骗")
_OF_THE_RETURN = re.compile(
    r"(?:一下|下|一个|几个|个|一些|有关|关于|问题|我们?|本|贵|你们|[县区局校]|单位|这|此|今天|昨天|发来|报送|填报|在|时|的|了|[:：，,、])*"
    r"(?:扫描件?|电子表|表格|邮件|邮箱|填报|报送|上报|系统|打印|盖章|印章|公章|附件|格式|登录)"
)
_TROUBLE = re.compile(r"登[录陆](?:不|失败|出错|有问题|异常)|打不开|无法打开|闪退|卡顿|怎么办|怎么处理")


def _tells_on(said: str) -> bool:
    """What stands behind 反映 is a tip-off. A clerk too 反映一下扫描件的问题: what is wrong with the return itself, or
    with a program that does not work, is none, unless somebody is said to do wrong."""
    said = _NONE_OF_IT.sub("", said)
    if _WRONG.search(said):
        return True
    if "问题" not in said:
        return False
    return bool(_MAYBE_WRONG.search(said)) or not (_OF_THE_RETURN.match(said) or _TROUBLE.search(said))


_NO_WITHDRAW = re.compile(
    r"(?:(?<!要)不(?:需要?|要|用|必|打算|想|会|再)?|无需|无须|没有?|未|勿|别)(?:再|要求|申请){0,2}(?:撤回|撤销|撤消|作废)"
)
"""What is not to be withdrawn, or was not. 要不要撤回 asks."""
_WITHDRAW = re.compile(
    r"撤回|撤销|撤消|作废|收回(?:邮件|材料|报送|刚才|上)"
    r"|(?:发错|报错|错发|误发).{0,20}(?:忽略|勿|不要|删除|作废|为准)|请(?:忽略|删除)(?:上|前|刚|之前|此|该|这)"
)
_QUESTION = re.compile(
    r"[?？]|请问|咨询|询问|请教|想问|问一下|是否(?:需要|可以|要|必须)|能否|可否|怎么|如何|哪里|哪儿|什么时候"
    r"|为什么|为何|多少|吗(?:[。！，\s]|$)|呢(?:[。！，\s]|$)"
)


def _findings(signs: Signs) -> Iterator[tuple[MailKind, str]]:
    """Signs of a machine, the surest first."""
    if signs.report_type == "disposition-notification" or "message/disposition-notification" in signs.types:
        yield MailKind.AUTO_REPLY, "disposition notification"
    if _is_auto_reply(signs) and not _daemon(signs):
        yield MailKind.AUTO_REPLY, "says it is an automatic reply"
    if signs.types[:1] == ("multipart/report",) or signs.report_type:
        yield MailKind.BOUNCE, "multipart/report"
    if {"message/delivery-status", "message/feedback-report"} & set(signs.types):
        yield MailKind.BOUNCE, "delivery status part"
    if _daemon(signs):
        yield MailKind.BOUNCE, "daemon sender"
    for name in _BOUNCE_HEADERS:
        if signs.header(name):
            yield MailKind.BOUNCE, name
    # A clerk whose mail came back sends the same files again under such a subject; mail systems attach no workbook.
    if _BOUNCE_SUBJECT.match(signs.subject.strip()) and not signs.brings_files:
        yield MailKind.BOUNCE, "bounce subject"
    if signs.envelope_sender == "":
        yield MailKind.BOUNCE, "null envelope sender"
    if not signs.sender and not signs.sender_name and _BOUNCE_TEXT.search(signs.text[:4000]):
        yield MailKind.BOUNCE, "bounce text without a sender"
    if _is_auto_submitted(signs):
        yield MailKind.AUTO_REPLY, "Auto-Submitted"
    yield from _bulk(signs)


def _bulk(signs: Signs) -> Iterator[tuple[MailKind, str]]:
    for name in _LIST_HEADERS:
        if signs.header(name):
            yield MailKind.BULK, name
    if signs.header("precedence").strip().lower() in ("bulk", "list", "junk"):
        yield MailKind.BULK, "Precedence"
    local = signs.sender.rpartition("@")[0]
    if _NOTICE_SENDERS.fullmatch(local):
        yield MailKind.BULK, "no-reply sender"


def _is_auto_reply(signs: Signs) -> bool:
    if any(name in signs.headers for name in _AUTO_HEADERS):
        return True
    if signs.header("precedence").strip().lower() in ("auto_reply", "auto-reply", "autoreply"):
        return True
    if "+auto_=" in (signs.envelope_sender or ""):
        return True
    if signs.header("auto-submitted").strip().lower().startswith("auto-replied") and not signs.report_type:
        return not _BOUNCE_SUBJECT.match(signs.subject.strip())
    suppress = {word.strip() for word in signs.header("x-auto-response-suppress").lower().split(",")}
    return bool(_AUTO_SUBJECT.match(signs.subject.strip()) or suppress & {"all", "autoreply"})


def _is_auto_submitted(signs: Signs) -> bool:
    value = signs.header("auto-submitted").split(";")[0].split("(")[0].strip().lower()
    return bool(value) and value != "no"


def _daemon(signs: Signs) -> bool:
    """A sender that is a mail system. An answer that a postmaster wrote (Re: …) is a person's."""
    envelope = (signs.envelope_sender or "").partition("@")[0].lower()
    # Newsletters too use bounces@… as envelope, so there only the names of daemons count.
    if signs.sender.partition("@")[0] in _DAEMONS or (envelope in _DAEMONS and not envelope.startswith("bounce")):
        return not _REPLY_PREFIX.match(signs.subject) or "postmaster" not in signs.sender
    return bool(_DAEMON_NAMES.search(signs.sender_name))
