"""What clerks write into the form: counties, schools, apps, people, phones and filing numbers, drawn from a seed.

Counties, towns and apps are real, so that pages look right; schools' wishes, contacts, phones and filing numbers are
made up. Several names hold characters that common fonts and charsets lack (堃, 喆, 玥, 珺, 昇).
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace

COLUMNS = ("单位", "学校", "使用APP名称", "APP主办者", "联系人", "电话", "主要功能", "是否备案", "备案号")
"""The nine printed column headers of the form, in order."""

NOTES = (
    "1、此表以excel表上报，并打印首页，加盖公章扫描后与电子表一并上报。",
    "2、“是否备案”是指该APP是否通过教育部审批备案，“备案号”填写教育部备案号。",
    "3、市直学校单位一栏填写“市直”，县区如实填写。",
    "4、以县区为单位统一上报，报送邮箱：77222415@qq.com。",
)


@dataclass(frozen=True, kw_only=True)
class County:
    """A reporter: `seals` are names its official seal may carry, `places` the towns its schools are named after."""

    code: str
    name: str
    seals: tuple[str, ...]
    places: tuple[str, ...]
    own: str
    """What the schools at the county's seat are named after (县, 区)."""


@dataclass(frozen=True, kw_only=True)
class AppRow:
    """One data row of the form, in column order."""

    unit: str
    school: str
    app: str
    operator: str
    contact: str
    phone: str
    function: str
    filed: str
    number: str

    @property
    def values(self) -> tuple[str, ...]:
        return (
            self.unit,
            self.school,
            self.app,
            self.operator,
            self.contact,
            self.phone,
            self.function,
            self.filed,
            self.number,
        )


EMPTY_ROW = AppRow(unit="", school="", app="", operator="", contact="", phone="", function="", filed="", number="")


def _seals(name: str, *bureaus: str) -> tuple[str, ...]:
    names = [name + bureau for bureau in bureaus]
    return tuple(names + ["濮阳市" + text for text in names if not text.startswith("濮阳")])


_EDUCATION = ("教育局", "教育体育局")

COUNTIES: tuple[County, ...] = (
    County(
        code="PYX",
        name="濮阳县",
        seals=("濮阳县教育局", "濮阳县教育体育局"),
        own="濮阳县",
        places=(
            "柳屯镇",
            "文留镇",
            "庆祖镇",
            "八公桥镇",
            "户部寨镇",
            "鲁河镇",
            "子岸镇",
            "王称堌镇",
            "白堽乡",
            "渠村乡",
        ),
    ),
    County(
        code="QFX",
        name="清丰县",
        seals=_seals("清丰县", *_EDUCATION),
        own="清丰县",
        places=("马庄桥镇", "瓦屋头镇", "仙庄镇", "柳格镇", "韩村镇", "高堡乡", "古城乡", "巩营乡", "纸房乡", "阳邵镇"),
    ),
    County(
        code="NLX",
        name="南乐县",
        seals=_seals("南乐县", *_EDUCATION),
        own="南乐县",
        places=("韩张镇", "元村镇", "福堪镇", "张果屯镇", "千口镇", "谷金楼镇", "西邵乡", "寺庄乡", "近德固乡"),
    ),
    County(
        code="FX",
        name="范县",
        seals=_seals("范县", *_EDUCATION),
        own="范县",
        places=("濮城镇", "龙王庄镇", "高码头镇", "王楼镇", "辛庄镇", "杨集乡", "白衣阁乡", "颜村铺乡", "陆集乡"),
    ),
    County(
        code="TQX",
        name="台前县",
        seals=_seals("台前县", *_EDUCATION),
        own="台前县",
        places=("侯庙镇", "孙口镇", "夹河乡", "清水河乡", "马楼镇", "打渔陈镇", "后方乡", "吴坝镇"),
    ),
    County(
        code="HLQ",
        name="华龙区",
        seals=_seals("华龙区", *_EDUCATION),
        own="华龙区",
        places=("中原路", "胜利路", "孟轲乡", "岳村镇", "大庆路", "建设路", "黄河路", "任丘路"),
    ),
    County(
        code="JKQ",
        name="濮阳经济技术开发区",
        seals=("濮阳经济技术开发区社会事业局",),
        own="开发区",
        places=("新习镇", "王助镇", "胡村乡", "皇甫路", "昆吾路", "濮上路"),
    ),
    County(
        code="GYQ",
        name="濮阳工业园区",
        seals=("濮阳工业园区社会事业局",),
        own="工业园区",
        places=("昌湖", "文明路", "胜利", "濮水路"),
    ),
    County(
        code="SFQ",
        name="濮阳市城乡一体化示范区",
        seals=("濮阳市城乡一体化示范区社会事业局",),
        own="示范区",
        places=("开州路", "卫都路", "龙湖", "戚城路"),
    ),
)


def county(code: str) -> County:
    """The county of a reporter code; KeyError for an unknown one."""
    for entry in COUNTIES:
        if entry.code == code:
            return entry
    raise KeyError(code)


APPS: tuple[tuple[str, str, str, str], ...] = (
    ("钉钉", "钉钉（中国）信息技术有限公司", "33", "直播教学、家校沟通"),
    ("学习强国", "中共中央宣传部宣传舆情研究中心", "11", "在线课程学习"),
    ("作业帮", "小船出海教育科技（北京）有限公司", "11", "作业答疑、直播课"),
    ("小猿搜题", "北京贞观雨科技有限公司", "11", "拍照搜题"),
    ("一起小学学生", "上海合煦信息科技有限公司", "31", "布置和批改作业"),
    ("腾讯课堂", "深圳市腾讯计算机系统有限公司", "44", "在线直播授课"),
    ("智学网", "科大讯飞股份有限公司", "34", "考试阅卷、学情分析"),
    ("希沃白板", "广州视睿电子科技有限公司", "44", "课件制作与授课"),
    ("学科网", "北京凤凰学易科技有限公司", "11", "教学资源"),
    ("家校帮", "河南中鸿教育科技有限公司", "41", "家校沟通"),
    ("人教口语", "人民教育出版社有限公司", "11", "英语听说练习"),
    ("班级小管家", "杭州小管家科技有限公司", "33", "打卡、收作业"),
    ("中原名校通", "郑州新益华信息科技有限公司", "41", "教学管理"),
    ("洋葱学院", "光合新知（北京）科技有限公司", "11", "微课视频"),
    ("猿辅导", "北京猿力教育科技有限公司", "11", "直播辅导"),
    ("纳米盒", "上海进馨网络科技有限公司", "31", "课本点读"),
)
"""App, operator, province code of its filing, what it is used for."""

_SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎闫葛聂"
_GIVEN_ONE = tuple("伟芳娜敏静丽强磊军洋勇艳杰娟涛明超霞平刚堃喆玥珺昇翀淼鑫旭晗")
_GIVEN_TWO = (
    "建国",
    "秀英",
    "志强",
    "晓东",
    "红霞",
    "雨桐",
    "子涵",
    "俊杰",
    "海燕",
    "国庆",
    "玉兰",
    "振华",
    "文博",
    "淑贞",
)
_GIVEN_RARE = ("永堃", "宏喆", "思玥", "文珺", "旭昇", "瑾瑜", "熙媛", "梓彧", "芮冉", "蕴晗")
_MOBILE = (
    "130",
    "131",
    "132",
    "135",
    "136",
    "137",
    "138",
    "139",
    "150",
    "151",
    "155",
    "158",
    "159",
    "176",
    "182",
    "187",
    "188",
)
_VILLAGES = ("东街", "西街", "大王庄", "前张", "后赵", "刘庄", "李家洼", "小集", "高庄", "孟楼", "马寨", "安头")


def contact(rng: random.Random) -> str:
    """A made-up name of two or three characters."""
    given = rng.choice((_GIVEN_ONE, _GIVEN_TWO, _GIVEN_TWO, _GIVEN_RARE))
    return rng.choice(_SURNAMES) + rng.choice(given)


def mobile(rng: random.Random) -> str:
    """Eleven digits of a valid mobile pattern."""
    return rng.choice(_MOBILE) + "".join(rng.choice("0123456789") for _ in range(8))


def landline(rng: random.Random) -> str:
    """A landline of Puyang with area code (0393, seven digits)."""
    return f"0393-{rng.choice('345678')}{rng.randrange(10**6):06d}"


def filing_number(rng: random.Random, province: str) -> str:
    """A made-up number of the ministry's form, not one of its register."""
    return f"教APP备{province}{rng.randrange(1, 3000):05d}号"


def schools(rng: random.Random, of: County) -> list[str]:
    """Every school name this county can have, shuffled."""
    names = [f"{of.own}第{n}初级中学" for n in "一二三四五六"]
    names += [f"{of.own}第{n}小学" for n in "一二三四五"]
    names += [of.own + kind for kind in ("实验小学", "实验中学", "职业技术学校")]
    for place in of.places:
        names += [f"{place}初级中学", f"{place}中心小学", f"{place}{rng.choice(_VILLAGES)}小学"]
    rng.shuffle(names)
    return names


def rows(
    rng: random.Random, of: County, count: int, apps: Sequence[tuple[str, str, str, str]] = APPS
) -> tuple[AppRow, ...]:
    """`count` clean rows: filed apps only, every required cell filled, no school and app twice, in order of school.

    ValueError where the county has too few schools for so many rows of so few `apps`.
    """
    names = schools(rng, of)[: max(1, round(count * 0.75))]
    pairs = [(name, app) for name in names for app in apps]
    chosen = sorted(rng.sample(pairs, count), key=lambda pair: names.index(pair[0]))
    people = {name: (contact(rng), mobile(rng) if rng.random() < 0.8 else landline(rng)) for name in names}
    numbers = {app[0]: filing_number(rng, app[2]) for app in APPS}
    return tuple(
        AppRow(
            unit=of.name,
            school=name,
            app=app[0],
            operator=app[1],
            contact=people[name][0],
            phone=people[name][1],
            function=app[3] if rng.random() < 0.9 else "",
            filed="是",
            number=numbers[app[0]],
        )
        for name, app in chosen
    )


def changed(table: tuple[AppRow, ...], index: int, **values: str) -> tuple[AppRow, ...]:
    """The rows with fields of row `index` (0-based) replaced."""
    return (*table[:index], replace(table[index], **values), *table[index + 1 :])
