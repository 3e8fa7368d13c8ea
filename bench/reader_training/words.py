"""Texts of words in their true order, beside the random ones of `texts`: print under a stamp or of few dots is told from its words.

Words and places are those of jieba's dictionary (extra `bench`). Places of the reporters that the benches judge are left out.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType

import jieba

from bench.look_alikes import characters
from config.notices import load_notice

_SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范金石廖贾夏"
    "韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤"
)
_GIVEN = (
    "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉兰建国红梅志文海波鹏飞宇浩然子涵晓辉俊峰春燕雪琴林慧颖欣怡佳思博天成永福长"
    "庆瑞东振新宏斌凯旭阳立社会民保全"
)
_AFTER = (
    "小学",
    "中心小学",
    "第一小学",
    "实验小学",
    "初级中学",
    "第二初级中学",
    "第三中学",
    "高级中学",
    "职业高中",
    "幼儿园",
    "中心校",
)
_COMPANY = (
    "科技有限公司", "信息技术有限公司", "网络科技有限公司", "教育科技股份有限公司", "软件股份有限公司", "文化传媒有限公司", "出版社",
)  # fmt: skip
_CITIES = (
    "北京",
    "上海",
    "广州",
    "深圳",
    "杭州",
    "南京",
    "武汉",
    "成都",
    "合肥",
    "郑州",
    "西安",
    "长沙",
    "福州",
    "济南",
    "天津",
    "重庆",
)
_LATIN = ("APP", "App", "K12", "ETC", "OA", "CRM", "3D", "VR", "PPT", "Plus", "Pro", "2.0")


@cache
def _words() -> tuple[tuple[str, ...], tuple[float, ...]]:
    """Words of two to four common letters with weights between their frequency and none; their running sums."""
    known = set(characters()[0] + characters()[1])
    found: dict[str, float] = {}
    for line in _dictionary():
        word, count = line[0], int(line[1])
        if 2 <= len(word) <= 4 and count >= 60 and known.issuperset(word):
            found[word] = count**0.4
    return tuple(found), tuple(itertools.accumulate(found.values()))


def _dictionary() -> list[list[str]]:
    text = (Path(jieba.__file__).parent / "dict.txt").read_text(encoding="utf-8")
    return [line.split(" ") for line in text.splitlines()]


@cache
def _places() -> tuple[str, ...]:
    judged = "".join(name for each in load_notice("puyang-2020-51").reporters for name in (each.name, *each.seal_names))
    known = set(characters()[0] + characters()[1])
    found = [word for word, _, kind in _dictionary() if kind == "ns" and word[-1] in "县市区" and 2 <= len(word) <= 6]
    return tuple(word for word in found if known.issuperset(word) and word[:2] not in judged)


def _word(rng: random.Random) -> str:
    words, sums = _words()
    return rng.choices(words, cum_weights=sums)[0]


def _person(rng: random.Random) -> str:
    return rng.choice(_SURNAMES) + "".join(rng.choice(_GIVEN) for _ in range(rng.choice((1, 2, 2, 2))))


def _school(rng: random.Random) -> str:
    place = rng.choice(_places()) if rng.random() < 0.6 else ""
    return place + (_word(rng) if rng.random() < 0.7 or not place else "") + rng.choice(_AFTER)


def _company(rng: random.Random) -> str:
    city = rng.choice(_CITIES) + ("市" if rng.random() < 0.3 else "")
    if rng.random() < 0.2:
        return _word(rng) + _word(rng) + f"（{city}）" + rng.choice(_COMPANY)
    return (city if rng.random() < 0.7 else rng.choice(_places())) + _word(rng) + rng.choice(_COMPANY)


def _product(rng: random.Random) -> str:
    words = "".join(_word(rng) for _ in range(rng.randint(1, 3)))
    return words + (rng.choice(_LATIN) if rng.random() < 0.25 else "")


def _phrase(rng: random.Random) -> str:
    parts = ["".join(_word(rng) for _ in range(rng.randint(1, 3))) for _ in range(rng.randint(1, 3))]
    return rng.choice(("、", "，", "；", " ")).join(parts)


LINES: Mapping[Callable[[random.Random], str], float] = MappingProxyType(
    {_person: 18, _school: 24, _company: 20, _product: 22, _phrase: 16}
)
"""What a line in true order may be, and how often."""


def line(rng: random.Random) -> str:
    return rng.choices(tuple(LINES), tuple(LINES.values()))[0](rng)


def seal_name(rng: random.Random, bodies: tuple[str, ...]) -> str:
    """A name as stands on seals: a true place with one of the bodies, or a school's or company's name."""
    kind = rng.random()
    if kind < 0.6:
        county = rng.choice(_places())
        city = rng.choice([each for each in _places() if each[-1] == "市"]) if rng.random() < 0.25 else ""
        return city + county + rng.choice(bodies)
    return (_school if kind < 0.8 else _company)(rng)
