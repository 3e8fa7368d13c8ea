"""The rules as Markdown, from the catalogue that the checks themselves take their words from, and from notices."""

from __future__ import annotations

from collections.abc import Sequence

from domain.notice import Notice
from web.rule_words import RuleShown, general, own


def rules(notices: Sequence[Notice] = ()) -> str:
    """Those of the notices' own first, then every rule under the heading of its group. The anchor is the code itself, as letters
    name it; where two notices' rules have one code, it is the first one's."""
    parts: list[str] = []
    anchors: set[str] = set()
    for notice in notices:
        parts += _section(f"{notice.number}自己的规则", own(notice), anchors)
    for group in general():
        parts += _section(group.title, group.rules, anchors)
    return "\n".join(parts)


def _section(title: str, rules: Sequence[RuleShown], anchors: set[str]) -> list[str]:
    """`anchors`: those that stand already; the section's are added."""
    if not rules:
        return []
    parts = [f"\n## {title}\n"]
    for rule in rules:
        parts.append(_entry(rule, named=rule.code not in anchors))
        anchors.add(rule.code)
    return parts


def _entry(rule: RuleShown, *, named: bool) -> str:
    anchor = f'<div class="anchor" id="{rule.code}"></div>' if named else ""
    lines = [f"什么时候：{_plain(rule.when)}。" if rule.when else "", f"为什么：{_plain(rule.why)}" if rule.why else ""]
    examples = [
        f"- {called}：{_plain(text)}" for called, text in (("对的例子", rule.right), ("错的例子", rule.wrong)) if text
    ]
    shown = [f"### {_plain(rule.name)}", anchor, f"{rule.counts}　`{rule.code}`", *lines, "\n".join(examples)]
    return "\n\n".join(part for part in shown if part) + "\n"


def _plain(text: str) -> str:
    """Signs that mean something in Markdown stand as they are."""
    return "".join(f"\\{sign}" if sign in "*_#[]<>" else sign for sign in text)
