"""Several apps in one cell: the notice wants one app a row, since each has its own operator and filing number.

Only what is surely a list is told; a name with a sign in it (作业帮/家长版, 学习强国（含甲市版）, 和教育) is no list.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from domain.catalogue import problem
from domain.checks.alike import places_where
from domain.checks.lists import APP_KEY
from domain.checks.row_cells import place_of
from domain.checks.samples import is_sample_row
from domain.many_rows import texts_in
from domain.notice import Notice
from domain.problems import Problem
from domain.sheet import Row, Sheet
from domain.text import normalise

_BRACKETED = re.compile(r"[(\[{][^()\[\]{}]*[)\]}]")
_LIST = re.compile(r"[,;/|&+]")
"""Signs between two names; normalising turns 、 ， ； ／ into these."""
_WORDS = re.compile("[和及与]")
"""These, and a line end, also stand inside names: a list only if all parts are names known from other rows."""
_NUMBERED = re.compile(r"^[(]?(?:\d{1,2}|[一二三四五六七八九十])[).,:]")
_CIRCLED = re.compile("[①-⑳]")
_MOST_TEXT = 500
_ENDS_AS_APP = re.compile(r"(?:app|软件|客户端)$")
_AND_OTHERS = re.compile(
    r"(?<![初中高同平优对])等(?:多|若干|[\d一二两三四五六七八九十几]{1,3})?[个款种]?(?:app|软件|平台|应用|程序)?$"
)
_PART_OF_NAME = re.compile(
    r"^(?:(?:学生|教师|老师|家长|校长|学校|管理|用户|手机|电脑|网页|移动|安卓|苹果|标准|专业|企业|教育|国际|极速|青少年|小学|初中|高中)+[端版]?"
    r"|(?:android|ios|pc|web|windows|mac|app|h5|hd|pro|plus|vip|wap)(?:端|版)?|v?\d[\d.]*版?|[a-z]|\d+"
    r"|(?:互动|学习|教学|在线|直播|网络|教育|服务|管理|云)+平台"
    r"|.{0,6}(?:版|端|小程序|公众号|客户端|网站|网页))$"
)
"""A version, a device or a place to use it: with the name before it one app."""
_REMARK = re.compile(r"^(?:含|包括|包含|仅|只|用于|主要|免费|原|又名|即|限|附|简称|全称|以下|供|由)")


def check_several_apps(sheet: Sheet, notice: Notice) -> Iterator[Problem]:
    """A warning for each cell that surely names more than one app."""
    if APP_KEY not in {column.key for column in notice.form.columns}:
        return
    column = notice.form.column(APP_KEY)
    names = _known_names(sheet, notice)

    def names_several(row: Row) -> bool:
        cell = row.cells.get(APP_KEY)
        return bool(cell and cell.text and not cell.fault and is_list(cell.text, names))

    for at in places_where(sheet.rows, (APP_KEY,), names_several):
        if not is_sample_row(sheet.rows[at], notice):
            yield problem("row.multiple_apps", place_of(sheet, sheet.rows[at], column))


def _known_names(sheet: Sheet, notice: Notice) -> frozenset[str]:
    """Apps that surely stand alone in some row, and those the notice names."""
    texts = texts_in(sheet.rows, APP_KEY)
    alone = {_bare(text) for text in texts if not re.search(r"[\n和及与]", text) and not _LIST.search(normalise(text))}
    return frozenset(alone | {_bare(name) for app in notice.restricted for name in app.names}) - {""}


def is_list(text: str, known: frozenset[str] = frozenset()) -> bool:
    """Whether a cell surely names several apps; `known` are bare names of single ones."""
    lines = [_unbracketed(line) for line in text[:_MOST_TEXT].splitlines() if line.strip()]
    joined = "".join(lines)
    if _AND_OTHERS.search(joined) and len(joined) > 2:
        return True
    if len(_names_in(_LIST.split(joined))) > 1:
        return True
    if len(_CIRCLED.findall(joined)) > 1 or (len(lines) > 1 and all(map(_NUMBERED.match, lines))):
        return True
    parts = [part for line in lines for part in _WORDS.split(line)]
    for pieces in (lines, parts):
        names = _names_in(pieces)
        if len(names) > 1 and len(names) == len(pieces) and all(map(known.__contains__, map(_bare, names))):
            return True
    return len(lines) > 1 and all(map(_ENDS_AS_APP.search, lines))


def _names_in(pieces: list[str]) -> list[str]:
    """Those of the pieces that may be names of their own."""
    stripped = [piece.strip(" .:*\"'") for piece in pieces]
    return [one for one in stripped if len(one) > 1 and not _PART_OF_NAME.match(one) and not _REMARK.match(one)]


def _unbracketed(text: str) -> str:
    return _BRACKETED.sub("", normalise(text).casefold())


def _bare(text: str) -> str:
    """A name as it is compared, without a generic last word."""
    return re.sub(r"(?:app|软件|客户端|平台)$", "", _unbracketed(text))
