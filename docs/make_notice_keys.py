"""Writes docs/notice-file.md from the shape of notice files: `python docs/make_notice_keys.py`. A test keeps the two the same."""

from __future__ import annotations

import sys
from itertools import groupby
from pathlib import Path

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[1]))

from config.notice_json_schema import keys

PAGE = Path(__file__).parent / "notice-file.md"
_TITLES = {
    "NoticeModel": "通知",
    "NamingModel": "naming：单位名和公章的写法",
    "KindModel": "naming.kinds 的每一类",
    "ReporterModel": "reporters 的每一个单位",
    "BureauRunModel": "bureau_run：局属学校",
    "SchoolModel": "bureau_run.schools 的每一所学校",
    "FormModel": "form：表的样子",
    "HeaderFieldModel": "form.header 的每一项",
    "ColumnModel": "form.columns 的每一列",
    "TotalsModel": "form.totals：合计行",
    "TableModel": "form.tables 的每一张附表",
    "ChoiceModel": "choices 的每一个选项（也可以只写一个词）",
    "ListModel": "lists 的每一张代码表",
    "ListItemModel": "lists 里 items 的每一项",
    "CheckModel": "checks 的每一条规则",
    "RowCountsModel": "checks 里的 row_count",
    "RowCountModel": "row_count.of 的每一个单位",
    "RuleModel": "rules 的每一条",
    "CoverModel": "cover：扫描件",
    "AttachmentModel": "attachments 的每一件",
    "RoundsModel": "rounds：定期报送",
    "OffsetModel": "rounds 的 opens、due",
    "RoundItemModel": "rounds.items 的每一期",
    "RoundReportersModel": "rounds.items 里的 reporters",
    "CompareModel": "rounds.compare：与上期比较",
    "JumpModel": "rounds.compare.jumps 的每一项",
    "FilingNumberModel": "filing_number：备案号",
    "RestrictedAppModel": "restricted_apps 的每一个",
    "SendersModel": "senders：发件人",
    "RemindModel": "reminders 的每一次",
    "BlacklistModel": "blacklist：黑名单",
    "RetentionModel": "retention：保管",
    "WordingModel": "wording：回信里的文字",
}
_HEAD = """# 通知文件的各个键

通知是一个 YAML 文件，谁报、报什么、何时截止、按什么规则查，都写在里面。写完用 `baosong notice check 文件` 检查，写错的键按行号指出。
`baosong notice schema > notices/notice.schema.json` 写出给编辑器用的说明，在通知文件第一行写
`# yaml-language-server: $schema=notice.schema.json`，编辑器就会补全和提示。规则的写法见 [notices](decisions/notices.md)。

本页由 `docs/make_notice_keys.py` 生成，请勿手改。
"""


def page() -> str:
    """The whole page, Markdown."""
    found = {model: list(group) for model, group in groupby(keys(), key=lambda one: one[0])}
    parts = [_HEAD]
    for model, title in _TITLES.items():
        lines = [f"| `{key}` | {said.replace('|', '、')} |" for _, key, said in found.pop(model)]
        parts.append("\n".join([f"## {title}", "", "| 键 | 说明 |", "| --- | --- |", *lines]) + "\n")
    if found:
        raise KeyError(f"no title for {sorted(found)}")
    return "\n".join(parts)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
