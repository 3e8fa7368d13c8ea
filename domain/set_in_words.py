"""What a return consists of, in plain words: workbook, stamped scan and its pages, other files."""

from __future__ import annotations

from collections.abc import Iterator

from domain.attaching import KIND_NAMES
from domain.notice import AttachmentRule, Notice, SealOn

_SEAL_ON = {
    SealOn.FIRST: "公章盖在首页，盖在别的页上不算。",
    SealOn.LAST: "公章盖在最后一页，盖在别的页上不算。",
    SealOn.ANY: "公章盖在哪一页都可以。",
}


def what(notice: Notice) -> str:
    """What is sent to where."""
    if not notice.sheet_required:
        return f"《{notice.table_name}》盖章后的扫描件（PDF或图片），用邮件发到 {notice.mailbox}，不要电子表。"
    if notice.cover_required:
        return f"电子表，和打印首页盖章后的扫描件，一起用邮件发到 {notice.mailbox}。"
    return f"电子表，用邮件发到 {notice.mailbox}。"


def set_rules(notice: Notice) -> Iterator[tuple[str, str]]:
    """Title and text of each rule about the parts of a return."""
    rule = notice.cover_rule
    if notice.cover_required and (rule.min_pages > 1 or rule.max_pages):
        least = f"至少{rule.min_pages}页" if rule.min_pages > 1 else ""
        most = f"最多{rule.max_pages}页" if rule.max_pages else ""
        yield "扫描件页数", f"{'，'.join(part for part in (least, most) if part)}，空白页不算。"
    if not notice.sheet_required:
        yield "扫描件", f"全部页扫描成一个PDF，或几张图片放在同一封邮件里。{_SEAL_ON[rule.seal_on]}"
    for each in notice.attachments:
        must = "必须一并报送" if each.required else "有就一并报送，没有也照收"
        yield each.name, f"{must}：{_kinds(each)}{_words(each)}。"


def waiting(notice: Notice) -> tuple[str, str] | None:
    """What happens where a part is missing; None where there is only one."""
    hours = int(notice.grace.total_seconds() // 3600)
    more = any(each.required for each in notice.attachments)
    if not notice.sheet_required:
        text = f"只缺附件的，等{hours}小时；补齐就办理，过时退回。" if more else ""
    elif notice.cover_required:
        beside = "，或只缺附件" if more else ""
        text = f"只到了电子表或只到了扫描件的{beside}，等{hours}小时；补齐就办理，过时退回。"
    else:
        text = f"只缺附件的，等{hours}小时；补齐就办理，过时退回。" if more else ""
    return ("缺一件", text) if text else None


def _kinds(each: AttachmentRule) -> str:
    return "或".join(dict.fromkeys(KIND_NAMES[kind] for kind in each.kinds))


def _words(each: AttachmentRule) -> str:
    return f"，文件名里要有{'或'.join(f'“{word}”' for word in each.words)}" if each.words else ""
