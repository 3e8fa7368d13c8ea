"""Reporters out of a pasted list: code, name, mail address and phone in any order, one unit a line."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence

from domain.addresses import canonical
from domain.draft import DraftReporter, WrongAnswer
from domain.text import normalise

Initials = Callable[[str], str]
"""Chinese text → the capital initials of its pinyin (甲县 → JX)."""

COUNTY, SCHOOL, UNIT = "county", "school", "unit"
KIND_NAMES = {COUNTY: "县区", SCHOOL: "学校", UNIT: "其他单位"}
SUFFIXES: Mapping[str, tuple[str, ...]] = {
    COUNTY: ("教育局", "教育体育局", "教体局", "教育和体育局"),
    SCHOOL: (),
    UNIT: (),
}
"""What the seal has behind the name; nothing: it has the name itself."""
_HEADS = {
    "代码": "code", "编码": "code", "单位代码": "code", "学校代码": "code",
    "名称": "name", "单位": "name", "单位名称": "name", "学校": "name", "学校名称": "name", "县区": "name",
    "邮箱": "addresses", "电子邮箱": "addresses", "邮箱地址": "addresses", "email": "addresses",
    "电话": "phone", "联系电话": "phone", "手机": "phone", "手机号": "phone",
    "类别": "kind", "类型": "kind", "别名": "aliases", "简称": "aliases",
}  # fmt: skip
_ADDRESS = re.compile(r"[^\s@<>,;，；]+@[^\s@<>,;，；]+\.[^\s@<>,;，；]+")
_PHONE = re.compile(r"(?:\+?86[- ]?)?1\d{10}|0\d{2,3}[- ]?\d{7,8}|\d{7,8}")
_CODE = re.compile(r"[A-Za-z0-9]{1,8}")
_SEPARATORS = re.compile(r"[\t,，;；|]+|\s{1,}")
_NUMBERED = re.compile(r"^\s*[(（]?\d{1,3}[)）.、．]\s*")
_MOST = 5000


def reporters_of_text(text: str, initials: Initials) -> tuple[DraftReporter, ...]:
    """One of each line. Raises WrongAnswer for a line without a name, and for a name or a code that stands twice."""
    rows = [_words(line) for line in text.splitlines() if line.strip()]
    if not rows:
        raise WrongAnswer(
            "请列出应报送的单位，一行一个，如：甲县 jxjyj@example.cn 0371-1234567（邮箱、电话可以不写）。"
        )
    return reporters_of_rows(rows, initials)


def _words(line: str) -> list[str]:
    """Cells of a line that was copied out of a table, its empty ones too; else what stands between spaces and commas."""
    return line.split("\t") if "\t" in line else _SEPARATORS.split(_NUMBERED.sub("", line.strip()))


def reporters_of_rows(rows: Sequence[Sequence[str]], initials: Initials) -> tuple[DraftReporter, ...]:
    """The same of a table's rows; the first may name the columns."""
    rows = [[text.strip() for text in row] for row in rows if any(text.strip() for text in row)]
    if len(rows) > _MOST:
        raise WrongAnswer(f"单位太多了（{len(rows)}个），最多{_MOST}个。")
    head = _head(rows)
    found = [_by_head(row, head) if head else _by_look(row) for row in (rows[1:] if head else rows)]
    if not found:
        raise WrongAnswer("名单里只有列名，没有单位。")
    if [each.get("code") for each in found] == [str(number) for number in range(1, len(found) + 1)]:
        found = [{key: text for key, text in each.items() if key != "code"} for each in found]  # they count the lines
    for number, values in enumerate(found, 2 if head else 1):
        if not values.get("name"):
            raise WrongAnswer(
                f"名单第{number}行没有单位名称：“{' '.join(rows[number - 1])[:40]}”。请写成：单位名称 邮箱 电话。"
            )
    return tuple(_made(found, initials))


def _head(rows: Sequence[Sequence[str]]) -> list[str]:
    """Key of each column where the first row names them."""
    if not rows:
        return []
    keys = [_HEADS.get(normalise(text).lower(), "") for text in rows[0]]
    return keys if "name" in keys else []


def _by_head(row: Sequence[str], head: Sequence[str]) -> dict[str, str]:
    return {key: text for key, text in zip(head, row, strict=False) if key and text}


def _by_look(row: Sequence[str]) -> dict[str, str]:
    """What each word is, by its look; what has Chinese characters is the name."""
    values: dict[str, str] = {}
    for word in row:
        if not word:
            continue
        if _ADDRESS.fullmatch(word):
            key = "addresses"
        elif _PHONE.fullmatch(word):
            key = "phone"
        elif re.search(r"[\u3400-\u9fff]", word):
            key = "name" if "name" not in values else "aliases"
        else:
            key = "code" if _CODE.fullmatch(word) else "name"
        values[key] = f"{values[key]};{word}" if key in values else word
    return values


def _made(found: Iterable[Mapping[str, str]], initials: Initials) -> Iterable[DraftReporter]:
    rows = list(found)
    taken = {"XX"} | {each["code"].upper() for each in rows if each.get("code")}
    names: set[str] = set()
    codes: set[str] = set()
    for values in rows:
        name = "".join(values["name"].split())
        if normalise(name) in names:
            raise WrongAnswer(f"单位“{name}”写了两次，请删去一行。")
        names.add(normalise(name))
        code = _given_code(values["code"]) if values.get("code") else free_code(name, initials, taken)
        if code in codes:
            raise WrongAnswer(f"代码“{code}”写了两次（{name}），每个单位的代码要不同。")
        codes.add(code)
        taken.add(code)
        addresses = [each for each in re.split(r"[;；,，、\s]+", values.get("addresses", "")) if each]
        wrong = next((each for each in addresses if not _ADDRESS.fullmatch(each)), None)
        if wrong:
            raise WrongAnswer(f"“{name}”的邮箱“{wrong}”写得不对，应如 jyj@163.com。")
        yield DraftReporter(
            code=code,
            name=name,
            kind=_kind(values.get("kind", ""), name),
            aliases=tuple(each for each in re.split(r"[;；,，、]+", values.get("aliases", "")) if each),
            addresses=tuple(canonical(each) for each in addresses),
            phone=values.get("phone", ""),
        )


def _given_code(text: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9]{1,8}", text):
        raise WrongAnswer(f"代码“{text}”写得不对，应为1到8个英文字母或数字。")
    return text.upper()


def free_code(name: str, initials: Initials, taken: Iterable[str]) -> str:
    """The initials of a name, of at most six letters, with a number behind them where others have the same."""
    base = re.sub(r"[^A-Z0-9]", "", initials(name).upper())[:6] or "DW"
    used = set(taken)
    return next(code for code in (base, *(f"{base[:5]}{number}" for number in range(2, 999))) if code not in used)


def _kind(said: str, name: str) -> str:
    for kind, word in KIND_NAMES.items():
        if said and (said in (kind, word) or said in word or word in said):
            return kind
    return kind_of(name)


def kind_of(name: str) -> str:
    """By how the name ends: a county or district, a school, or another unit."""
    if re.search(
        r"(?:学校|中学|小学|幼儿园|高中|初中|一中|二中|三中|[一二三四五六七八九十\d]+中|实验|学院|大学|职专|中专|职高)(?:校区|分校|部)?$",
        name,
    ):
        return SCHOOL
    return COUNTY if re.search(r"(?:县|区|市|旗)$", name) else UNIT
