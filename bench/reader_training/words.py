"""Texts of words in their true order, beside the random ones of `texts`: print under a stamp or of few dots is told from its words.

They are taken from a dictionary of lines `word count kind`, kind `ns` for places, as jieba's `dict.txt` has them. What begins as
the names of the reporters that the benches judge is left out.
"""

from __future__ import annotations

import itertools
import random
from pathlib import Path

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
    "小学", "中心小学", "第一小学", "实验小学", "初级中学", "第二初级中学", "第三中学", "高级中学", "职业高中", "幼儿园", "中心校",
)  # fmt: skip
_COMPANY = (
    "科技有限公司", "信息技术有限公司", "网络科技有限公司", "教育科技股份有限公司", "软件股份有限公司", "文化传媒有限公司", "出版社",
)  # fmt: skip
_CITIES = (
    "北京", "上海", "广州", "深圳", "杭州", "南京", "武汉", "成都", "合肥", "郑州", "西安", "长沙", "福州", "济南", "天津", "重庆",
)  # fmt: skip
_OFTEN = 60  # count from which a word is not rare
_LATIN = ("APP", "App", "K12", "ETC", "OA", "CRM", "3D", "VR", "PPT", "Plus", "Pro", "2.0")


class Words:
    """Words of two to four letters of GB/T 2312 that are not rare, drawn between their frequency and evenly, and names of places."""

    def __init__(self, dictionary: Path) -> None:
        known = set("".join(characters()))
        judged = "".join(
            name for each in load_notice("puyang-2020-51").reporters for name in (each.name, *each.seal_names)
        )
        weights: dict[str, float] = {}
        places: list[str] = []
        for line in dictionary.read_text(encoding="utf-8").splitlines():
            word, count, kind = line.split(" ")
            if not known.issuperset(word) or word[:2] in judged:
                continue
            if 2 <= len(word) <= 4 and int(count) >= _OFTEN:
                weights[word] = int(count) ** 0.4
            if kind == "ns" and word[-1] in "县市区" and 2 <= len(word) <= 6:
                places.append(word)
        self._words, self._sums = tuple(weights), tuple(itertools.accumulate(weights.values()))
        self._places = tuple(places)
        self._cities = tuple(each for each in places if each[-1] == "市")

    def line(self, rng: random.Random) -> str:
        """A line of a cell: a person, school, company or product, or words with signs between."""
        kinds = (self._person, self._school, self._company, self._product, self._phrase)
        return rng.choices(kinds, (18, 24, 20, 22, 16))[0](rng)

    def seal_name(self, rng: random.Random, bodies: tuple[str, ...]) -> str:
        """A name as stands on seals: a place with one of the bodies, a school or a company."""
        kind = rng.random()
        if kind < 0.6:
            city = rng.choice(self._cities) if rng.random() < 0.25 else ""
            return city + rng.choice(self._places) + rng.choice(bodies)
        return (self._school if kind < 0.8 else self._company)(rng)

    def _word(self, rng: random.Random) -> str:
        return rng.choices(self._words, cum_weights=self._sums)[0]

    def _some(self, rng: random.Random, most: int) -> str:
        return "".join(self._word(rng) for _ in range(rng.randint(1, most)))

    def _person(self, rng: random.Random) -> str:
        return rng.choice(_SURNAMES) + "".join(rng.choice(_GIVEN) for _ in range(rng.choice((1, 2, 2, 2))))

    def _school(self, rng: random.Random) -> str:
        place = rng.choice(self._places) if rng.random() < 0.6 else ""
        return place + (self._word(rng) if rng.random() < 0.7 or not place else "") + rng.choice(_AFTER)

    def _company(self, rng: random.Random) -> str:
        city = rng.choice(_CITIES) + ("市" if rng.random() < 0.3 else "")
        if rng.random() < 0.2:
            return self._word(rng) + self._word(rng) + f"（{city}）" + rng.choice(_COMPANY)
        return (city if rng.random() < 0.7 else rng.choice(self._places)) + self._word(rng) + rng.choice(_COMPANY)

    def _product(self, rng: random.Random) -> str:
        return self._some(rng, 3) + (rng.choice(_LATIN) if rng.random() < 0.25 else "")

    def _phrase(self, rng: random.Random) -> str:
        return rng.choice(("、", "，", "；", " ")).join(self._some(rng, 3) for _ in range(rng.randint(1, 3)))
