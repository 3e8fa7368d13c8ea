"""How much must speak against one character before the page has another? By how alike the recogniser finds the two.

The deficit of a character that a workbook has, where the page has another, is small for look-alikes (戊 and 戌) and large for
most. What was seen of every printed character is in `domain.look_alike_pairs`, for the models named in docs/dependencies.md.
"""

from __future__ import annotations

from types import MappingProxyType

from domain.look_alike_pairs import FAR, NEAR, NEAREST

NEAREST_BOUND, NEAR_BOUND, FAR_BOUND = 0.0, 1.5, 3.5
"""Deficits (nats) up to which a character passes for what was read: pairs that came nearer than 1.4, 3.0 and 8.6 nats. Of the nearest only
what was read itself: with 0.5 one of 2,249 altered cells was accepted (冢 for 家), and none of 258 accepted true pages needed it.
Of altered cells of tuning pages 2 in 6,935 pass with 3.0 for the farthest, 3 with 3.5 and 4.0, and 5 with 5.0."""
RARE = 6.0
"""The same where the workbook's character is rare and what was read is common: the recogniser reads rare characters as common ones (堃 as
楚), and where the common one is printed it never thinks of the rare one. Of other pairs that are not known for looking alike,
FAR_BOUND: with 5.0 and the published weights two of 1,291 altered cells were accepted (线 for 钱, 东 for 乐)."""
NUMERALS = "一二三四五六七八九十百千零〇两"


def _groups(text: str) -> MappingProxyType[str, str]:
    found: dict[str, str] = {}
    for group in text.split():
        found[group[0]] = found.get(group[0], "") + group[1:]
    return MappingProxyType(found)


_TIERS = ((_groups(NEAREST), NEAREST_BOUND), (_groups(NEAR), NEAR_BOUND), (_groups(FAR), FAR_BOUND))


def bound(wanted: str, read: str) -> float:
    """Nats up to which an ideograph that was read as `read` is taken for `wanted`."""
    for pairs, nats in _TIERS:
        if read in pairs.get(wanted, ""):
            return nats
    rare = not is_common(wanted) and is_common(read) and wanted not in NUMERALS
    return RARE if rare else FAR_BOUND


def is_common(character: str) -> bool:
    """In the first level of GB/T 2312 (its rows 16 to 55), which holds what is written every day."""
    try:
        code = character.encode("gb2312")
    except UnicodeEncodeError:
        return False
    return len(code) == 2 and 0xA0 + 16 <= code[0] < 0xA0 + 56
