"""How alike two names of apps, or of their operators, are, and why, in words that a clerk understands.

The name of a Chinese enterprise is made of place, 字号 (the word it goes by), trade and form, in that order
(企业名称登记管理规定, State Council order 734 of 2020, article 6). People leave out place and form, and often know no more
than the 字号. So these count apart: what two names share says more than how many letters of them are alike.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache

from domain.text import edit_distance, normalise

LEAST_SHARE = {2: 0.5, 3: 0.4}
"""Letters of a name that stands within a longer one → least part of that which they must make up; more letters count as 3."""
LETTERS_A_SLIP = 5
"""So many letters for each that was mistyped. Both bounds are measured on the pairs of names in `tests/test_names.py`, which
also has those that no bound tells apart."""

_BRACKETS = re.compile(r"[(\[{]([^()\[\]{}]*)[)\]}]")
_APP_END = re.compile(
    r"(?:app|软件|客户端|平台|小程序|公众号|(?:学生|教师|老师|家长|校园|手机|电脑|移动|安卓|苹果)[端版]|hd|pad)$"
)
_FORM = re.compile(r"(?:集团)?(?:股份)?(?:有限责任公司|有限公司|公司)$|(?:股份|集团)$")
_PLACES = (
    "中国|北京|天津|上海|重庆|河北|山西|辽宁|吉林|黑龙江|江苏|浙江|安徽|福建|江西|山东|河南|湖北|湖南|广东|海南|四川|贵州|云南|陕西|甘肃|青海|"
    "台湾|内蒙古|广西|西藏|宁夏|新疆|香港|澳门|石家庄|太原|沈阳|大连|长春|哈尔滨|南京|苏州|无锡|杭州|宁波|合肥|福州|厦门|南昌|济南|青岛|郑州|"
    "洛阳|武汉|长沙|广州|深圳|珠海|佛山|东莞|海口|成都|贵阳|昆明|西安|兰州|西宁|南宁|银川|拉萨|乌鲁木齐|呼和浩特"
)
_PLACE = re.compile(rf"^(?:{_PLACES})(?:省|市|自治区)?")
_PLACE_END = re.compile(rf"(?:{_PLACES})(?:省|市|自治区)?$")
_TRADE = re.compile(
    r"(?:教育|科技|技术|网络|信息|软件|文化|传媒|传播|咨询|服务|在线|互联网|数据|智能|数码|数字|电子|通信|通讯|计算机|系统|发展|产业|实业|投资|控股|国际|"
    r"管理|创新|开发|商务|艺术|出版)+$"
)


class Degree(IntEnum):
    """The greater the surer."""

    DIFFERENT = 0
    ALIKE = 1  # likely the same, for a person to look at
    SAME = 2  # the same but for what does not matter


@dataclass(frozen=True, kw_only=True)
class Likeness:
    """`why` is the end of a Chinese sentence, "" where nothing is alike."""

    degree: Degree
    why: str = ""


_DIFFERENT = Likeness(degree=Degree.DIFFERENT)
_SAME = Likeness(degree=Degree.SAME, why="名称一致")


@dataclass(frozen=True, kw_only=True)
class OperatorName:
    """The parts of an operator's name: `core` is 字号 and trade, `brand` the 字号 as far as it can be told."""

    core: str
    brand: str
    places: frozenset[str]


@lru_cache(maxsize=16_384)
def app_core(name: str) -> str:
    """The name of an app as it is compared: one width, no case, nothing in brackets, no APP, 软件, 学生端 at its end."""
    core = _BRACKETS.sub("", normalise(name).casefold())
    while core and (shorter := _APP_END.sub("", core)) != core:
        if not shorter:
            return core
        core = shorter
    return core


@lru_cache(maxsize=16_384)
def operator_name(name: str) -> OperatorName:
    """The parts of an operator's name. A place counts alike before it and in brackets: 北京X科技, X（北京）科技."""
    text = normalise(name).casefold()
    places = {_bare_place(each) for each in _BRACKETS.findall(text)} - {"", "集团"}
    core = _FORM.sub("", _BRACKETS.sub("", text))
    while (place := _PLACE.match(core) or _PLACE_END.search(core)) and place[0] != core:
        places.add(_bare_place(place[0]))
        core = core[: place.start()] + core[place.end() :]
    core = _FORM.sub("", core) or core or text
    brand = _TRADE.sub("", core)
    return OperatorName(core=core, brand=brand if len(brand) > 1 else core, places=frozenset(places))


def _bare_place(text: str) -> str:
    return re.sub(r"(?:省|市|自治区)$", "", text)


@lru_cache(maxsize=65_536)
def like_apps(one: str, other: str) -> Likeness:
    """Whether two names are of one app."""
    first, second = app_core(one), app_core(other)
    if not first or not second:
        return _DIFFERENT
    return _SAME if first == second else _alike(first, second)


@lru_cache(maxsize=65_536)
def like_operators(one: str, other: str) -> Likeness:
    """Whether two names are of one operator."""
    first, second = operator_name(one), operator_name(other)
    if not first.core or not second.core:
        return _DIFFERENT
    if first.core == second.core:
        if not first.places or not second.places or first.places == second.places:
            return _SAME
        return Likeness(degree=Degree.ALIKE, why="名称相同，地区不同")
    if first.brand == second.brand:
        return Likeness(degree=Degree.ALIKE, why=f"字号都是“{first.brand}”")
    found = _alike(first.brand, second.brand)
    return found if found.degree else _mistyped(first.core, second.core)


def closeness(one: str, other: str) -> float:
    """How many of the letters agree, 0 to 1: for a person's search, where a guess is better than nothing."""
    first, second = normalise(one[:100]).casefold(), normalise(other[:100]).casefold()
    return 1 - edit_distance(first, second) / max(len(first), len(second), 1)


def _alike(first: str, second: str) -> Likeness:
    short, long = sorted((first, second), key=len)
    if len(short) > 1 and short in long and len(short) >= LEAST_SHARE[min(len(short), 3)] * len(long):
        return Likeness(degree=Degree.ALIKE, why=f"都含“{short}”")
    return _mistyped(first, second)


def _mistyped(first: str, second: str) -> Likeness:
    longest = max(len(first), len(second))
    most = longest // LETTERS_A_SLIP
    if longest > 100 or abs(len(first) - len(second)) > most:
        return _DIFFERENT
    if max(len(set(first) - set(second)), len(set(second) - set(first))) > most:  # each such letter is a difference
        return _DIFFERENT
    apart = edit_distance(first, second)
    if apart > most:
        return _DIFFERENT
    return Likeness(degree=Degree.ALIKE, why=f"只差{apart}个字")
