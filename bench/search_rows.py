"""Made-up returns for the search bench: documents as they stand in the index, by the thousand subjects.

Names of persons, schools and operators are put together of common characters by how common they are, so that some pairs of
characters stand in every other document (教育, 中学, 139) and most in few.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import accumulate

from domain.documents import Document, Kind
from domain.segment import PART, hash_identifier, message_identifier
from storage.search_writing import Subject

COUNTIES = {
    "PYX": "濮阳县", "QFX": "清丰县", "NLX": "南乐县", "FX": "范县", "TQX": "台前县", "HLQ": "华龙区", "JKQ": "经开区",
    "GXQ": "工业园区", "SFQ": "示范区",
}  # fmt: skip
_FAMILY = (
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟"
    "汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文"
)
_GIVEN = (
    "英华玉秀明珍文芳兰国丽桂荣树德春金建志凤洁梅琳素云莲真环雪爱妹霞香月莺媛艳瑞凡佳嘉琼勤珊贝娜晓慧敏静红军平伟强磊"
    "洋勇杰涛超鹏浩宇子轩梓涵欣怡诗雨辰昊博睿哲思远"
)
_PLACES = (
    "城关胡庄王村户部寨五星文留柳屯徐镇梨园白堽鲁河清河头渠村海通庆祖八公桥子岸郎中习城马庄岳村新习古云高码头濮城龙王"
    "庄辛庄陈庄杨集白衣阁颜村铺孟楼张庄陆集"
)
_TRADE = (
    "科大讯飞好未来作业帮猿力腾学而思网易有道外研希沃鸿合方直立思辰全通翼课钉班级小盒子晓黑板纳米盒洋葱智慧云图思维树"
    "朗星步天博雅汇泽"
)
_APPS = (
    "智学网", "钉钉", "学习强国", "作业帮", "小猿搜题", "洋葱学院", "一起作业", "班级小管家", "晓黑板", "纳米盒",
    "CCtalk", "ClassIn", "腾讯课堂", "学而思网校", "希沃白板", "翼课网", "e听说中学", "英语流利说", "全通教育", "人人通空间",
)  # fmt: skip
_USES = ("作业批改", "课堂教学", "家校沟通", "在线测评", "英语听说训练", "直播授课", "题库练习", "学情分析")
_CODES = (
    "row.phone_invalid",
    "row.required",
    "cover.content_mismatch",
    "policy.unfiled_app",
    "timing.late",
    "row.duplicate",
)
_OPENERS = ("139", "138", "137", "136", "135", "150", "151", "158", "159", "182", "187", "188", "199")
_BEGIN = datetime(2020, 1, 6, tzinfo=UTC)
PER_SUBJECT = 50


class _Draw:
    """Draws with the earlier more often (Zipf's law); names from lists made beforehand."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self._weights: dict[int, list[float]] = {}
        self.names = [self.of(_FAMILY) + self._some(_GIVEN, 1, 2) for _ in range(20_000)]
        self.schools = [self._school() for _ in range(5_000)]
        self.operators = [self._operator() for _ in range(3_000)]
        self.counties = [self.of([*COUNTIES]) for _ in range(1_000)]

    def of(self, choices: Sequence[str]) -> str:
        weights = self._weights.setdefault(
            len(choices), [*accumulate(1 / (place + 2) for place in range(len(choices)))]
        )
        return self.random.choices(choices, cum_weights=weights)[0]

    def _some(self, letters: str, least: int, most: int) -> str:
        return "".join(self.of(letters) for _ in range(self.random.randint(least, most)))

    def _school(self) -> str:
        level = self.of(("小学", "中学", "实验小学", "高级中学", "职业中专", "幼儿园"))
        return f"{self._some(_PLACES, 2, 3)}{self.of(('第一', '第二', '第三', '中心', '希望', '民族'))}{level}"

    def _operator(self) -> str:
        city = self.of(("北京", "上海", "深圳", "杭州", "河南", "广州"))
        return f"{city}{self._some(_TRADE, 2, 5)}科技有限公司"


def returns(rows: int, seed: int = 1) -> Iterator[tuple[Subject, list[Document]]]:
    """So many documents, oldest first: about ten years of returns, each of PER_SUBJECT documents."""
    draw, count = _Draw(seed), rows // PER_SUBJECT
    step = timedelta(days=3650) / max(count, 1)
    for number in range(count):
        at = (_BEGIN + step * number).replace(microsecond=0)
        code = draw.random.choice(draw.counties)
        receipt = f"PY51-{code}-{at:%Y%m%d}-{number % 100:02}"
        state = draw.random.choices(("superseded", "accepted", "rejected", "review"), (60, 25, 14, 1))[0]
        subject = Subject(
            name=f"{receipt}-{number}", notice=f"puyang-{at.year}-51", reporter=code, state=state, received_at=at,
            uid=number, late=draw.random.random() < 0.05, breach=draw.random.random() < 0.1, reviewed=state == "review",
        )  # fmt: skip
        yield subject, _documents(draw, receipt, COUNTIES[code], number)


def _documents(draw: _Draw, receipt: str, county: str, number: int) -> list[Document]:
    words = f"{county}报送材料，请查收。联系人{draw.random.choice(draw.names)}，电话{_phone(draw)}。"
    sender = f"{draw.random.randint(10**7, 10**9)}@qq.com"
    digest = f"{draw.random.getrandbits(256):064x}"
    head = [
        Document(kind=Kind.RECEIPT, place="回执", text=f"{receipt}{PART}{county}"),
        Document(kind=Kind.HEADER, place="电子表 标题", text=f"{county}学习类APP统计备案表"),
        Document(kind=Kind.HEADER, place="电子表 填报单位", text=f"{county}教育局"),
        Document(kind=Kind.SEAL, place="扫描件第1页 印章", text=f"{county}教育局"),
        Document(kind=Kind.FILE, place="文件名", text=f"{county}{number}.xlsx", identifiers=frozenset({hash_identifier(digest)})),
        Document(kind=Kind.SUBJECT, place="邮件主题", text=f"{county}学习类APP统计备案表",
                 identifiers=frozenset({message_identifier(f"<{digest[:24]}@qq.com>")})),
        Document(kind=Kind.SENDER, place="发件人", text=f"{sender}{PART}{draw.random.choice(draw.names)}"),
        Document(kind=Kind.BODY, place="邮件正文", text=words),
    ]  # fmt: skip
    problems = [
        Document(
            kind=Kind.PROBLEM, place="问题 F9", text=f"{draw.of(_CODES)}{PART}电话{PART}“{_phone(draw)[:9]}”位数不够"
        )
        for _ in range(2)
    ]
    rows = [_row(draw, county, place) for place in range(PER_SUBJECT - len(head) - len(problems))]
    return [*head, *rows, *problems]


def _row(draw: _Draw, county: str, place: int) -> Document:
    pick = draw.random.choice
    filing = f"教APP备{draw.of(('11', '31', '44', '33', '41', '37'))}{draw.random.randint(1, 99999):05}号"
    cells = (
        county, county + pick(draw.schools), draw.of(_APPS), draw.of(_USES), pick(draw.names), _phone(draw),
        pick(draw.operators), "是", filing,
    )  # fmt: skip
    return Document(kind=Kind.ROW, place=f"电子表 第{place + 4}行", text=PART.join(cells))


def _phone(draw: _Draw) -> str:
    return f"{draw.of(_OPENERS)}{draw.random.randint(0, 99_999_999):08}"
