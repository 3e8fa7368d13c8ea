"""What stands round a blank table: title and labels above it; sample rows, sums, notes and signatures below."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from domain.blank_form import ROUND, UNIT, BlankField
from domain.text import normalise
from parsers.blank_heads import SERIAL, Head, Placed, below, one_line
from parsers.grid import address

_BLANKS = r"[X×xＸ○◯〇□_＿\s]"
_KINDS = r"(?:县[(（]?(?:市)?[、,，]?区?[)）]?|区县|[(（]?市[、,，]?区[)）]|区|市|镇|乡|街道|学校|中学|小学|幼儿园|单位|局|学院)"
_PLACE = re.compile(
    rf"(?:{_BLANKS}{{1,30}}|某某?){_KINDS}(?:教育(?:体育)?局|教体局)?"
    rf"|^县(?:[(（]市?[、,，]?区[)）])?(?![级域城直])"  # the blank before it went with the cell's outer spaces
    rf"|[(（](?:填?报?单位(?:名称|盖章)?|学校(?:名称)?|县区|{_BLANKS}+)[)）]"
    rf"|[X×Ｘ○◯_＿]{{2,}}(?!\s*年|\s*月)"
)
_YEAR = rf"20[\dX×_＿○]{{2}}|二[〇○][一二三四五六七八九〇○]{{2}}|{_BLANKS}{{1,8}}"
_PERIOD = re.compile(
    rf"(?:(?:20[\dX×_＿]{{2}}|{_BLANKS}{{2,}})\s*[-—－至~]\s*)?(?:{_YEAR})\s*"
    rf"(?:年\s*(?:(?:\d{{1,2}}|{_BLANKS}{{1,6}})\s*月份?|第?\s*[一二三四1-4X×_ ]\s*季度|[上下]半年|[春秋]季?(?:学期)?|度)"
    r"|学年(?:度)?(?:第?[一二X×_ ]学期|[上下]学期)?)"
)
_TITLE = re.compile(r"表\s*[)）]?$|统计|汇总|名册|名单|台账|清单|明细|花名册|登记|报表|情况|一览")
_ATTACHMENT = re.compile(r"^(?:附件?|附表|表)\s*[\d一二三四五六七八九十]*(?:[-－]\d+)?\s*[:：.．]?\s*")
_CUT_LABEL = re.compile(
    r"(?P<label>[^\W\d_][^\s:：_＿]{0,11}?(?:\s{1,6}[^\s:：_＿\d]{1,6})?)\s*(?P<seal>[(（][^()（）]{0,8}[)）])?\s*[:：]\s*"
)
_MEASURE = re.compile(
    r"(?:计量|数据|金额)?单位\s*[:：]\s*(?P<unit>(?:[个万亿百千]?(?:人|元|所|个|名|台|套|亩|平方米|㎡|册|辆|间|班|份|件|次|吨|公里|%))(?:[、,，/](?:\w{1,4}))*)\s*$"
)
_SIGNATURE = re.compile(
    r"(?:填表|填报|制表|审核|复核|经办|负责|联系|单位负责|分管|主管|校长|局长|统计)[^\s:：]{0,6}\s*(?:[(（][^()（）]{0,8}[)）])?\s*[:：]"
)
_TOTAL = re.compile(r"(?:合计|总计|小计|共计|总数)[:.]?")
_NOTE = re.compile(
    r"^(?:备?注|说明|填[表报]?说明|要求|提示|附注|指标解释|[(（]?[\d一二三四五六七八九十]{1,2}[、.．)）]|[*※①②③④⑤])"
)
_MAX_NOTES = 60
_MAX_FIELDS = 20
_LOOKED = 500
_LONG = 60
"""Characters of a text above the table that is no label, but explains how to fill the form in."""


@dataclass(frozen=True, kw_only=True)
class Around:
    """All of it. `samples`: column → text of each; `empty`: rows that are left to be filled in."""

    title: str
    period: str
    fields: tuple[BlankField, ...]
    samples: tuple[Mapping[int, str], ...]
    empty: tuple[int, ...]
    totals: str
    notes: tuple[str, ...]
    signatures: tuple[BlankField, ...]
    measure: str
    unclear: tuple[str, ...]


def look_around(placed: Placed, head: Head) -> Around:
    """Everything that is not the head itself."""
    above = [row for row in placed.rows if row < head.first]
    title_rows = _title_rows(placed, above)
    title, period = templated("".join(placed.cells(row)[0][1] for row in title_rows))
    rest = [row for row in above if row not in title_rows]
    measure, fields, spare = _labels(placed, rest)
    said = tuple(one_line_of_note(line) for text in spare if len(text) > _LONG for line in text.splitlines())
    spare = [text for text in spare if len(text) <= _LONG]
    under = _under(placed, head)
    unclear = [f"表格上面的“{one_line(text)}”没有用上。" for text in spare]
    if not title:
        unclear.append("没有找到标题，请自己填写。")
    if head.numbered:
        unclear.append("列名下面一行是栏次（甲、乙、1、2……），不当作要填的内容。")
    return Around(
        title=title, period=period, fields=fields, measure=measure, unclear=tuple(unclear),
        samples=under.samples, empty=under.empty, totals=under.totals, notes=(*said, *under.notes), signatures=under.signatures,
    )  # fmt: skip


def templated(title: str) -> tuple[str, str]:
    """The title with `{unit}` and `{round}` in the places that it leaves for them, and what stood for the period."""
    text = one_line(_ATTACHMENT.sub("", title.strip()) if _ATTACHMENT.sub("", title.strip()) else title)
    period = ""
    if found := _PERIOD.search(title):
        period = one_line(found[0])
        text = _period_out(title)
    text = _PLACE.sub(UNIT, text.replace("{", "").replace("}", "").replace("\0", ROUND), count=1)
    text = one_line(_ATTACHMENT.sub("", text.strip()) or text)
    return text, period


def _period_out(title: str) -> str:
    """The period is taken out first: the blanks of 2026年  月 are no unit's place."""
    return _PERIOD.sub("\0", _ATTACHMENT.sub("", title.strip()) or title, count=1)


def _title_rows(placed: Placed, above: list[int]) -> list[int]:
    """The row of the title, or the two that it stands on."""
    lone = {row: placed.cells(row)[0][1] for row in above if len(placed.cells(row)) == 1}
    bare = {row: _ATTACHMENT.sub("", text) for row, text in lone.items()}
    texts = {row: text for row, text in bare.items() if text and not _CUT_LABEL.search(text) and len(text) < 100}
    named = [row for row, text in texts.items() if _TITLE.search(text)]
    if not named:
        return list(texts)[:1]
    row = max(named, key=lambda each: (bool(re.search(r"表\s*[)）]?$", texts[each])), -each))
    before = row - 1
    begun = before in texts and before not in named
    if begun and (
        _PLACE.search(texts[before]) or _PERIOD.search(texts[before]) or re.search("[县区市局校]", texts[before])
    ):
        return [before, row]
    return [row]


def _labels(placed: Placed, rows: list[int]) -> tuple[str, tuple[BlankField, ...], list[str]]:
    """What numbers are counted in, the labelled values, and texts that are neither."""
    measure, fields, spare = "", list[BlankField](), list[str]()
    for row in rows:
        cells = placed.cells(row)
        for at, (column, text) in enumerate(cells):
            if found := _MEASURE.search(text):
                measure, text = found["unit"], text[: found.start()].strip()
            if len(text) > _LONG:
                spare.append(text)
                continue
            made = list(_fields(text, row, column))
            if made and not made[-1].value and at + 1 < len(cells) and not _CUT_LABEL.search(cells[at + 1][1]):
                made[-1] = BlankField(label=made[-1].label, address=made[-1].address, value=cells[at + 1][1])
            if made:
                fields += made
            elif text and not (at and _ends_in_label(cells[at - 1][1])) and _ATTACHMENT.sub("", text):
                spare.append(text)
    return measure, tuple(fields[:_MAX_FIELDS]), spare


def _ends_in_label(text: str) -> bool:
    return bool(re.search(r"[:：]\s*$", text))


def _fields(text: str, row: int, column: int) -> Iterator[BlankField]:
    found = list(_CUT_LABEL.finditer(text))
    for at, label in enumerate(found):
        end = found[at + 1].start() if at + 1 < len(found) else len(text)
        value = text[label.end() : end].strip(" \u3000_＿")
        name = one_line(label["label"]).strip("（(")
        yield BlankField(label=name + (label["seal"] or ""), address=address(row, column), value=one_line(value))


@dataclass(frozen=True, kw_only=True)
class _Under:
    samples: tuple[Mapping[int, str], ...]
    empty: tuple[int, ...]
    totals: str
    notes: tuple[str, ...]
    signatures: tuple[BlankField, ...]


def _under(placed: Placed, head: Head) -> _Under:
    samples, empty, notes, signatures = list[Mapping[int, str]](), list[int](), list[str](), list[BlankField]()
    totals = ""
    serial = {column for column, lines in head.lines.items() if SERIAL.fullmatch(lines[-1])}
    for row in list(below(placed, head))[:_LOOKED]:
        cells = placed.cells(row)
        inside = {column: one_line(text) for column, text in cells if column in head.lines and column not in serial}
        words = [text for _, text in cells]
        if _SIGNATURE.search(" ".join(words)) and any(re.search("[:：]", text) for text in words):
            signatures += [made for column, text in cells for made in _fields(text, row, column)]
        elif any(_TOTAL.fullmatch(normalise(text)) for text in words[:2]):
            totals = totals or next(one_line(text) for text in words[:2] if _TOTAL.fullmatch(normalise(text)))
        elif notes or _is_note(placed, row, cells, head):
            notes += [one_line_of_note(part) for text in words for part in text.splitlines() if part.strip()]
        elif len(inside) > 1 and not _is_side(samples, inside, empty):
            samples.append(inside)
        else:
            empty.append(row)
    return _Under(
        samples=tuple(samples), empty=tuple(empty), totals=totals,
        notes=tuple(notes[:_MAX_NOTES]), signatures=tuple(signatures[:_MAX_FIELDS]),
    )  # fmt: skip


def one_line_of_note(text: str) -> str:
    return " ".join(text.split())


def _is_side(samples: list[Mapping[int, str]], inside: Mapping[int, str], empty: list[int]) -> bool:
    """Two names at the side (县区, 项目) of a row that is else empty; a sample has most of its columns filled."""
    return bool(empty) and len(inside) <= 2 and not samples


def _is_note(placed: Placed, row: int, cells: list[tuple[int, str]], head: Head) -> bool:
    if len(cells) != 1:
        return False
    column, text = cells[0]
    merge = placed.merge(row, column)
    wide = merge is not None and (merge.right - merge.left + 1) * 2 > len(head.lines)
    return bool(_NOTE.match(text)) or wide or len(text) > 25 or column not in head.lines
