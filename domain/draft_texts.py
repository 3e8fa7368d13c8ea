"""What is written for a draft without asking: the pattern that knows its title again, and the guide for those who report."""

from __future__ import annotations

import re
from datetime import date

from domain.draft import Draft
from domain.text import normalise

_UNIT = r"(?P<unit>[^\n]{0,60}?)"
_ROUND = r"(?P<round>[^\n]{0,30}?)"


def title_pattern(title: str) -> str:
    """A regular expression that finds the title with any unit in the place of `{unit}`, spaces where Chinese and letters meet."""
    parts = re.split(r"(\{unit\}|\{round\})", title)
    made = []
    for part in parts:
        made.append(_UNIT if part == "{unit}" else _ROUND if part == "{round}" else _loose(part))
    return "(?i)" + "".join(made)


def _loose(text: str) -> str:
    runs = re.findall(r"[0-9A-Za-z]+|[^0-9A-Za-z]+", normalise(text))
    return r"\s?".join(re.escape(run) for run in runs)


def table_name(draft: Draft) -> str:
    """What is reported, as people call it."""
    return draft.form_title.replace("{unit}", "").replace("{round}", "").strip()


def guide(draft: Draft) -> str:
    """How to report, as it is mailed to whoever asks."""
    name = table_name(draft)
    labels = "和".join(each.name for each in draft.header if each.kept and each.key in ("unit", "date"))
    steps = [f"按附件《{name}》填写Excel电子表{f'，{labels}都要填' if labels else ''}"] if draft.asked else []
    if draft.cover_required:
        steps.append(
            "打印首页，加盖单位公章，扫描成彩色PDF或图片" if draft.asked else "材料加盖单位公章，扫描成彩色PDF或图片"
        )
    if draft.attachments:
        steps.append(f"一并准备：{'、'.join(str(each.get('name')) for each in draft.attachments)}")
    what = "电子表和扫描件" if draft.asked and draft.cover_required else "电子表" if draft.asked else "扫描件"
    what += "和上述文件" if draft.attachments else ""
    steps.append(
        f"把{what}作为普通附件，在{shown_day(draft.deadline) or '截止日期'}前发到 {draft.mailbox}（不要用超大附件或网盘链接）"
    )
    lines = ["报送办法："] + [f"{at}. {step}{'；' if at < len(steps) else '。'}" for at, step in enumerate(steps, 1)]
    column = draft.column(draft.nil_column) if draft.nil_column else None
    if column and draft.nil_words:
        words = "或".join(f"“{word}”" for word in draft.nil_words)
        lines.append(
            f"没有内容可报的，在“{column.name}”一栏填{words}，同样{'盖章扫描' if draft.cover_required else ''}上报。"
        )
    return "\n".join(lines) + "\n"


def shown_day(text: str) -> str:
    """2026-12-05 18:00:00 as 2026年12月5日18:00."""
    found = re.match(r"(\d{4}-\d{2}-\d{2})(?:[ T](\d{2}:\d{2}))?", text)
    if not found:
        return text
    day = date.fromisoformat(found[1])
    return f"{day.year}年{day.month}月{day.day}日{found[2] or ''}"
