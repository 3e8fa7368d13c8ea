"""Writes docs/problems.md from the problem catalogue: `python docs/make_problems.py`. A test keeps the two the same."""

from __future__ import annotations

import re
import sys
from pathlib import Path

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[1]))

from domain.catalogue import CATALOGUE, GROUPS, LISTED_AT_MOST, SEVERITIES
from domain.catalogue_entry import Entry, Words

PAGE = Path(__file__).with_name("problems.md")
_HEAD = f"""# 问题目录（problem catalogue）

回信、`show --json` 和待办里的每个问题都有一个代码。代码不会改变；轻重可以在通知文件的 `rules` 里按日期调整。
“退回”（error）使材料被退回，“人工核对”（review）请工作人员看，“提示”（warning）只告知。
同一代码超过 {LISTED_AT_MOST} 处时列出 {LISTED_AT_MOST} 处，并写明总数。花括号里是具体内容。

本页由 `docs/make_problems.py` 从 `domain/catalogue.py` 生成，请勿手改。
"""


def page() -> str:
    """The whole page as Markdown."""
    parts = [_HEAD]
    for group, title in GROUPS.items():
        parts.append(f"## {title}\n")
        parts += [_entry(entry) for code, entry in CATALOGUE.items() if code.split(".")[0] == group]
    return "\n".join(parts)


def _entry(entry: Entry) -> str:
    lines = [
        f"### `{entry.code}` {entry.name}\n",
        f"- 轻重：{SEVERITIES[entry.severity]}（{entry.severity.value}）",
        f"- 什么时候：{entry.when}",
        f"- 为什么：{entry.why}",
        f"- 对的例子：{entry.right}",
        f"- 错的例子：{entry.wrong}",
    ]
    for words in dict.fromkeys(_shown(each) for each in (entry.words, *entry.variants.values())):
        lines.append(f"- {words}")
    return "\n".join(lines) + "\n"


def _shown(words: Words) -> str:
    message, advice = (
        re.sub(r"\{\w+\}", lambda found: f"`{found[0]}`", text) for text in (words.message, words.advice)
    )
    return f"怎么说：{message}{advice}"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
