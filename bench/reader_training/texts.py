"""Texts to print: mostly characters in random order, so that a recogniser learns shapes and not what usually stands beside what."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from functools import cache
from types import MappingProxyType

from bench.look_alikes import characters
from bench.reader_training.words import Words
from domain.compare_cells import LOOK_ALIKE
from domain.look_alike_pairs import NEAR, NEAREST

_RARE_IN_NAMES = (
    "堃喆玥珺昇翀垚犇骉淼焱炜煊晗昕旸祎禛琀琯珅珮珣瑀璟璠瑄妤婳嫄翊翎芃荞菀蓁薇蘅瑾瑜熙媛梓彧芮冉蕴晗鑫阎闫閆昶晟珉琛"
)
_PLACES = "濮渑浚鄢郏泌郸睢柘杞尉荥嵩栾汝淇滑濉涡亳歙黟婺枞鄄莘茌郓巨曹单兖泗邹滕薛峄沂沭莒郯临沁绛隰岢"
_LIKE_PU = "濮僕襆潢濯濛璞獴濠濡蹼噗鹤浦溥"
_APPS = ("APP", "App", "app", "K12", "VIP", "QQ", "IT", "AI", "MOOC", "Zoom")
_TRUE_ORDER = 0.36  # share of texts whose words are words
_LATIN = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_SIGNS = "、（）：；，。-—/.()“”《》·"
_SCHOOLS = (
    "小学", "中心小学", "初级中学", "第{}初级中学", "第{}小学", "实验小学", "职业技术学校", "镇中心校", "乡第{}中学", "高级中学", "幼儿园"
)  # fmt: skip
_COMPANIES = (
    "科技有限公司",
    "信息技术有限公司",
    "教育科技（{}）有限公司",
    "网络科技股份有限公司",
    "出版社",
    "文化传媒有限公司",
)
_BUREAUS = ("教育局", "教育体育局", "教体局", "教育和体育局", "社会事业局", "教育科技体育局")


@cache
def _levels() -> tuple[str, str]:
    return characters()


@cache
def _alike() -> tuple[str, ...]:
    """Groups of characters that look alike, by the product's table and lists."""
    return (*(group for group in (NEAREST + NEAR).split()), *LOOK_ALIKE[:13], *LOOK_ALIKE[22:])


def character(rng: random.Random) -> str:
    """An ideograph: half of them common, a quarter rare, a quarter with a look-alike."""
    kind = rng.random()
    if kind < 0.5:
        return rng.choice(_levels()[0])
    if kind < 0.73:
        return rng.choice(_levels()[1])
    if kind < 0.97:
        return rng.choice(rng.choice(_alike()))
    return rng.choice(_RARE_IN_NAMES + _PLACES + _LIKE_PU)


def ideographs(rng: random.Random, least: int, most: int) -> str:
    """So many ideographs in random order."""
    return "".join(character(rng) for _ in range(rng.randint(least, most)))


def digits(rng: random.Random, count: int) -> str:
    """Random digits, any of which may stand first."""
    return "".join(rng.choice("0123456789") for _ in range(count))


def _name(rng: random.Random) -> str:
    return ideographs(rng, 2, 3)


def _school(rng: random.Random) -> str:
    return ideographs(rng, 2, 5) + rng.choice(_SCHOOLS).format(rng.choice("一二三四五六七八九十"))


def _company(rng: random.Random) -> str:
    return ideographs(rng, 2, 5) + rng.choice(_COMPANIES).format(ideographs(rng, 2, 2))


def _mixed(rng: random.Random) -> str:
    """Ideographs in any order with signs between."""
    parts = [ideographs(rng, 1, 4) for _ in range(rng.randint(1, 4))]
    return "".join(part + rng.choice(_SIGNS) for part in parts[:-1]) + parts[-1]


def _phone(rng: random.Random) -> str:
    kind = rng.random()
    if kind < 0.6:
        return "1" + digits(rng, 10)
    return digits(rng, 4) + "-" + digits(rng, rng.randint(7, 8)) if kind < 0.85 else digits(rng, rng.randint(1, 13))


def _filing(rng: random.Random) -> str:
    kind = rng.random()
    count = 7 if kind < 0.8 else rng.randint(5, 9)
    return f"教APP备{digits(rng, count)}" + ("号" if rng.random() < 0.9 else "")


def _day(rng: random.Random) -> str:
    year, month, day = rng.randint(2000, 2039), rng.randint(1, 12), rng.randint(1, 31)
    return rng.choice(("{}年{}月{}日", "{}-{:02d}-{:02d}", "{}.{}.{}", "{}/{}/{}")).format(year, month, day)


def _latin(rng: random.Random) -> str:
    word = "".join(rng.choice(_LATIN + "0123456789") for _ in range(rng.randint(2, 9)))
    kind = rng.random()
    if kind < 0.3:
        return ideographs(rng, 1, 4) + rng.choice(_APPS)
    return word if kind < 0.8 else ideographs(rng, 1, 3) + word


def _short(rng: random.Random) -> str:
    return (
        rng.choice(("是", "否", "无", "市直", "一", "二", "三", "县", "校")) if rng.random() < 0.6 else character(rng)
    )


LINES: Mapping[Callable[[random.Random], str], float] = MappingProxyType(
    {_name: 17, _school: 17, _company: 11, _mixed: 22, _phone: 10, _filing: 7, _day: 2, _latin: 9, _short: 5}
)
"""What a line may be, and how often."""


def line(rng: random.Random, words: Words | None = None) -> str:
    """One line of a cell; with `words`, of three lines one has its words in true order."""
    if words and rng.random() < _TRUE_ORDER:
        return words.line(rng)
    return rng.choices(tuple(LINES), tuple(LINES.values()))[0](rng)


def seal_name(rng: random.Random, words: Words | None = None) -> str:
    """A name for a seal: of a county with a rare letter, of any place, letters in random order; or, with `words`, a true one."""
    if words and rng.random() < _TRUE_ORDER:
        return words.seal_name(rng, _BUREAUS)
    kind = rng.random()
    if kind < 0.28:
        place = rng.choice(_LIKE_PU if rng.random() < 0.55 else _PLACES) + ideographs(rng, 0, 2)
        city = ideographs(rng, 2, 2) + "市" if rng.random() < 0.4 else ""
        return city + place + rng.choice("县县市区") + rng.choice(_BUREAUS)
    if kind < 0.55:
        return ideographs(rng, 2, 5) + rng.choice("县市区") + rng.choice((*_BUREAUS, ideographs(rng, 2, 5)))
    return ideographs(rng, 5, 16)
