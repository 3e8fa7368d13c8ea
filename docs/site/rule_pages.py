"""The rules as Markdown, from the catalogue that the checks themselves take their words from."""

from __future__ import annotations

from domain.catalogue import CATALOGUE, GROUPS, SEVERITIES
from domain.catalogue_entry import Entry


def rules() -> str:
    """Every rule under the heading of its group. The anchor is the code itself, as letters name it."""
    parts: list[str] = []
    for key, title in GROUPS.items():
        parts.append(f"\n## {title}\n")
        parts += [_entry(entry) for entry in CATALOGUE.values() if entry.code.split(".")[0] == key]
    return "\n".join(parts)


def _entry(entry: Entry) -> str:
    return f"""
<div class="anchor" id="{entry.code}"></div>

### {entry.name}

{SEVERITIES[entry.severity]}　`{entry.code}`

什么时候：{_plain(entry.when)}。

为什么：{_plain(entry.why)}

- 对的例子：{_plain(entry.right)}
- 错的例子：{_plain(entry.wrong)}
"""


def _plain(text: str) -> str:
    """Signs that mean something in Markdown stand as they are."""
    return "".join(f"\\{sign}" if sign in "*_#[]<>" else sign for sign in text)
