"""Change one character of one cell as an error or a fraud would: digits, Chinese characters, look-alikes of both."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from samples.maker.content import AppRow

DIGIT_KINDS = ("digit_substituted", "digit_look_alike", "digits_transposed", "digit_dropped", "digit_added")
LETTER_KINDS = ("letter_look_alike", "letter_substituted", "letter_dropped", "letter_added")
KINDS = DIGIT_KINDS + LETTER_KINDS

_DIGIT_LOOK_ALIKES = {
    "6": "80",
    "8": "369",
    "3": "89",
    "9": "8",
    "1": "7",
    "7": "1",
    "0": "68",
    "5": "6",
    "2": "7",
    "4": "1",
}
_LOOK_ALIKES = (
    "己已巳", "未末来", "土士上", "日曰目", "人入八", "大太天夫犬", "王玉主五", "干千于", "午牛", "刀力", "侯候", "田由甲申电",
    "县具", "学字", "教救", "直真", "线钱", "校较", "微徽", "科料", "限根恨银", "拍柏", "搜艘", "打订", "渔鱼", "晴睛", "镇填",
    "庄压", "家冢", "杨扬汤", "洋详", "猿猴", "京亨", "技枝", "北比", "活话", "清请情", "江红", "村材", "交文", "白自百",
    "高亭", "买实", "检验", "第弟", "初切", "级极", "中申", "心必", "小少", "东车", "作昨", "业亚", "课裸", "程呈", "沟构",
    "师帅", "柳抑", "范苑", "乐东", "台合", "前剪", "华毕", "龙尤", "濮璞", "阳阴", "区凶", "开井", "发友", "工土", "是定星",
    "刘浏", "陈阵", "张涨", "李季", "赵起", "周同", "吴昊", "徐除", "孙逊", "朱末", "林材", "何河", "郭部", "罗岁", "梁粱",
    "宋末", "郑邓", "谢榭", "韩翰", "董重", "萧箫", "曹槽", "袁哀", "许诈", "沈沉", "曾会", "彭膨", "吕昌", "苏芬", "卢户",
    "蔡祭", "贾贯", "魏巍", "薛薜", "阎闫", "伟纬", "芳劳", "娜哪", "敏繁", "静净", "丽两", "强张", "洋样", "勇男", "艳绝",
    "杰黑", "娟捐", "涛铸", "超起", "平乎", "刚钢", "国围", "玉王", "兰三", "文丈", "淑叔", "贞贝",
)  # fmt: skip
"""Characters that an eye, or a recogniser, confuses: one stroke or one radical apart."""
_COMMON = (
    "的一是在不了有和人这中大为上个国我以要他时来用们生到作地于出就分对成会可主发年动同工也能下过子说产种"
    "面而方后多定行学法所民得经三之进着等部度家电力里如水化高自二理起小物现实加量都两体制机当使点从业本去"
    "把性好应开它合还因由其些然前外天政四日那社义事平形相全表间样与关各重新线内数正心反你明看原又么利比或"
    "但质气第向道命此变条只没结解问意建月公无系军很情者最立代想已通并提直题党程展五果料象员革位入常文总次"
    "品式活设及管特件长求老头基资边流路级少图山统接知较将组见计别她手角期根论运农指几九区强放决西被干做必"
    "战先回则任取据处队南给色光门即保治北造百规热领七海口东导器压志世金增争济阶油思术极交受联什认六共权收"
    "证改清己美再采转更单风切打白教速花带安场身车例真务具万每目至达走积示议声报斗完类八离华名确才科张信马"
    "节话米整空元况今集温传土许步群广石记需段研界拉林律叫且究观越织装影算低持音众书布复容儿须际商非验连断"
    "深难近矿千周委素技备半办青省列习响约支般史感劳便团往酸历市克何除消构府称太准精值号率族维划选标写存候"
    "毛亲快效斯院查江型眼王按格养易置派层片始却专状育厂京识适属圆包火住调满县局照参红细引听该铁价严"
)
"""The characters that stand most often in Chinese text."""


@dataclass(frozen=True, kw_only=True)
class Alteration:
    """One character changed: `row` (0-based) and `column` (0-based) of the table, the cell's text before and after.

    `repeated`: the same text stands in other rows of the column too.
    """

    row: int
    column: int
    kind: str
    before: str
    after: str
    repeated: bool

    @property
    def digits(self) -> bool:
        return self.kind in DIGIT_KINDS


def draw(
    rng: random.Random,
    rows: Sequence[AppRow],
    *,
    kinds: Sequence[str] = KINDS,
    columns: Sequence[int] = tuple(range(9)),
    repeated: bool | None = None,
    taken: frozenset[tuple[int, int]] = frozenset(),
) -> Alteration | None:
    """An alteration of one cell, of one of the kinds; None when no cell of `rows` allows any.

    `repeated` True: only cells whose text stands in other rows of its column too. `taken`: cells (row, column) not to touch.
    """
    counts = [Counter(row.values[column] for row in rows) for column in range(9)]
    places = [(row, column) for row in range(len(rows)) for column in columns if (row, column) not in taken]
    rng.shuffle(places)
    for row, column in places:
        text = rows[row].values[column]
        again = counts[column][text] > 1
        if not text or (repeated is not None and again != repeated):
            continue
        for kind in rng.sample(list(kinds), len(kinds)):
            after = change(rng, text, kind)
            if after is not None:
                return Alteration(row=row, column=column, kind=kind, before=text, after=after, repeated=again)
    return None


def change(rng: random.Random, text: str, kind: str) -> str | None:
    """`text` with one character changed (or two neighbours exchanged); None where it has no character for the kind."""
    if kind == "digits_transposed":
        return _transposed(rng, text)
    wanted = str.isdigit if kind in DIGIT_KINDS else _is_ideograph
    places = [at for at, letter in enumerate(text) if wanted(letter)]
    rng.shuffle(places)
    for at in places:
        new = _changed_letter(rng, text[at], kind)
        after = text[:at] + new + text[at + 1 :] if new is not None else text
        if after != text and after:
            return after
    return None


def applied(rows: tuple[AppRow, ...], alteration: Alteration) -> tuple[AppRow, ...]:
    """The rows with the altered cell."""
    values = list(rows[alteration.row].values)
    values[alteration.column] = alteration.after
    unit, school, app, operator, contact, phone, function, filed, number = values
    changed = AppRow(
        unit=unit, school=school, app=app, operator=operator, contact=contact, phone=phone, function=function,
        filed=filed, number=number,
    )  # fmt: skip
    return (*rows[: alteration.row], changed, *rows[alteration.row + 1 :])


def _changed_letter(rng: random.Random, letter: str, kind: str) -> str | None:
    """What stands in place of the letter ("" when dropped, two characters when one is added)."""
    how = kind.partition("_")[2]
    digit = kind.startswith("digit")
    if how == "dropped":
        return ""
    if how == "look_alike":
        group = _DIGIT_LOOK_ALIKES[letter] if digit else _alike(letter)
        return rng.choice(group) if group else None
    other = rng.choice("0123456789" if digit else _COMMON)
    if how == "added":
        return letter + other
    return other if other != letter else None


def _alike(letter: str) -> str:
    return "".join(other for group in _LOOK_ALIKES if letter in group for other in group if other != letter)


def _transposed(rng: random.Random, text: str) -> str | None:
    pairs = [at for at in range(len(text) - 1) if text[at : at + 2].isdigit() and text[at] != text[at + 1]]
    if not pairs:
        return None
    at = rng.choice(pairs)
    return text[:at] + text[at + 1] + text[at] + text[at + 2 :]


def _is_ideograph(letter: str) -> bool:
    return "\u4e00" <= letter <= "\u9fff"
