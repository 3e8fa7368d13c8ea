"""What contradicts itself in the rounds of a notice file; each fault with its key, in Chinese."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from zoneinfo import ZoneInfo

from config.notice_build import closes_at, opens_at, reporter_of
from config.notice_schema import ColumnModel, NoticeModel, SchoolModel
from config.notice_yaml import Fault, KeyPath
from config.round_plan import MOST_ROUNDS, Planned, column_called, period_of, periods, planned
from config.round_schema import CompareModel, Every, RoundsModel
from domain.text import normalise

_MOST_SHORT = 8
_MOST_ID = 64
_WRITTEN: Mapping[Every, str] = {
    "month": "2026-09",
    "quarter": "2026-Q3",
    "term": "2026-autumn 或 2027-spring",
    "year": "2026",
}


def round_faults(model: NoticeModel, schools: Sequence[SchoolModel], zone: ZoneInfo) -> Iterator[Fault]:
    """What is wrong with the rounds of a notice. Nothing where it has none."""
    if model.rounds is None:
        return
    for key in ("opens", "deadline"):
        if getattr(model, key) is not None:
            yield Fault(path=(key,), message="有 rounds 时不写这一项，每期的时间由 rounds 定")
    shape = list(_shape_faults(model.rounds))
    yield from shape
    if shape:
        return
    found = planned(model.rounds)
    if not found:
        yield Fault(path=("rounds",), message="一期也没有")
    if len(found) > MOST_ROUNDS:
        yield Fault(path=("rounds", "last"), message=f"期数太多，最多{MOST_ROUNDS}期")
        return
    yield from _key_faults(model, found)
    yield from _time_faults(found, zone)
    yield from _reporter_faults(model, schools, found)
    if model.rounds.compare:
        yield from _compare_faults(model.rounds.compare, model.form.columns)
    yield from _title_faults(model, found)


def _shape_faults(rounds: RoundsModel) -> Iterator[Fault]:
    if rounds.every is None:
        for key in ("first", "last", "opens", "due"):
            if getattr(rounds, key) is not None:
                yield Fault(path=("rounds", key), message="这一项和 every 一起用，缺 every")
        if not rounds.items:
            yield Fault(path=("rounds",), message="要写 every（month、quarter、term、year），或在 items 里逐期列出")
        yield from _item_faults(rounds)
        return
    for key in ("first", "last", "opens", "due"):
        if getattr(rounds, key) is None:
            yield Fault(path=("rounds", key), message="缺这一项")
    ends = []
    for key in ("first", "last"):
        text = getattr(rounds, key)
        period = period_of(text, rounds.every) if text else None
        ends.append(period)
        if text and period is None:
            yield Fault(path=("rounds", key), message=f"写法不对，应如 {_WRITTEN[rounds.every]}")
    first, last = ends
    if first and last and first.number > last.number:
        yield Fault(path=("rounds", "last"), message=f"最后一期（{rounds.last}）早于第一期（{rounds.first}）")
    yield from _changed_faults(rounds)


def _item_faults(rounds: RoundsModel) -> Iterator[Fault]:
    for at, item in enumerate(rounds.items):
        for key in ("name", "opens", "deadline"):
            if getattr(item, key) is None:
                yield Fault(path=("rounds", "items", at, key), message="缺这一项")


def _changed_faults(rounds: RoundsModel) -> Iterator[Fault]:
    keys = [period.key for period in periods(rounds)]
    seen = Counter[str]()
    for at, item in enumerate(rounds.items):
        seen[item.key] += 1
        if keys and item.key not in keys:
            yield Fault(path=("rounds", "items", at, "key"), message=f"没有“{item.key}”这一期，应如 {keys[0]}")
        elif seen[item.key] > 1:
            yield Fault(path=("rounds", "items", at, "key"), message=f"“{item.key}”写了两次")


def _key_faults(model: NoticeModel, found: Sequence[Planned]) -> Iterator[Fault]:
    keys: set[str] = set()
    codes: dict[str, str] = {}
    names: dict[str, str] = {}
    for plan in found:
        where = plan.path if model.rounds and model.rounds.every else (*plan.path, "key")
        short = model.short + plan.code
        if plan.key in keys:
            yield Fault(path=where, message=f"“{plan.key}”写了两次")
        elif codes.setdefault(plan.code, plan.key) != plan.key:
            yield Fault(path=where, message=f"“{plan.key}”和“{codes[plan.code]}”在回执号里写法相同（{short}），分不清")
        owner = names.setdefault(normalise(plan.name), plan.key)
        if owner != plan.key:
            yield Fault(path=(*plan.path, "name"), message=f"“{plan.name}”也是“{owner}”的名称，分不清是哪一期")
        keys.add(plan.key)
        if len(f"{model.id}-{plan.key}") > _MOST_ID:
            yield Fault(path=("id",), message=f"加上期次（{model.id}-{plan.key}）太长，最多{_MOST_ID}个字符")
            return
        if not 1 <= len(short) <= _MOST_SHORT:
            yield Fault(path=("short",), message=f"加上期次（{short}）太长，回执号的开头最多{_MOST_SHORT}个字符")
            return


def _time_faults(found: Sequence[Planned], zone: ZoneInfo) -> Iterator[Fault]:
    before: Planned | None = None
    for plan in found:
        if plan.opens is None or plan.deadline is None:
            continue
        listed = "items" in plan.path
        if closes_at(plan.deadline, zone) < opens_at(plan.opens, zone):
            where = (*plan.path, "deadline") if listed else ("rounds", "due")
            yield Fault(path=where, message=f"{plan.name}：截止时间早于开始时间")
            if not listed:
                return  # all others are alike
        if before and before.opens and opens_at(plan.opens, zone) < opens_at(before.opens, zone):
            yield Fault(
                path=(*plan.path, "opens"),
                message=f"{plan.name}的开始时间早于前一期（{before.name}），各期要按时间先后写",
            )
        before = plan


def _reporter_faults(model: NoticeModel, schools: Sequence[SchoolModel], found: Sequence[Planned]) -> Iterator[Fault]:
    codes = {entry.code for entry in model.reporters} | {school.code for school in schools}
    for plan in found:
        if plan.reporters is None:
            continue
        for at, code in enumerate(plan.reporters.without):
            if code not in codes:
                yield Fault(path=(*plan.path, "reporters", "without", at), message=f"没有代码为“{code}”的单位")
        owners = {
            normalise(name): entry.name
            for entry in model.reporters
            if entry.kind in model.naming.kinds and entry.code not in plan.reporters.without
            for name in reporter_of(entry, model).names
        }
        for at, entry in enumerate(plan.reporters.also):
            where: KeyPath = (*plan.path, "reporters", "also", at)
            if entry.kind not in model.naming.kinds:
                yield Fault(path=(*where, "kind"), message=f"naming.kinds 里没有“{entry.kind}”")
                continue
            if entry.code in codes or entry.code == "XX":
                yield Fault(path=(*where, "code"), message=f"代码“{entry.code}”已经用了")
            for name in reporter_of(entry, model).names:
                if normalise(name) in owners:
                    yield Fault(
                        path=(*where, "name"), message=f"“{name}”也是{owners[normalise(name)]}的写法，分不清是谁"
                    )
                    break


def _compare_faults(compare: CompareModel, columns: Sequence[ColumnModel]) -> Iterator[Fault]:
    named: list[tuple[KeyPath, str]] = [(("key", at), name) for at, name in enumerate(compare.key)]
    named += [(("name",), compare.name)] if compare.name else []
    named += [(("jumps", at, "column"), jump.column) for at, jump in enumerate(compare.jumps)]
    for path, name in named:
        if column_called(name, columns) is None:
            yield Fault(path=("rounds", "compare", *path), message=f"没有“{name}”这一列")


def _title_faults(model: NoticeModel, found: Sequence[Planned]) -> Iterator[Fault]:
    """The titles that are printed on blank forms must be recognised when they come back."""
    if "{round}" not in model.form.title:
        return
    if "round" not in re.compile(model.form.title_pattern).groupindex:
        yield Fault(path=("form", "title_pattern"), message="标题里有 {round}，这里要有名为 round 的组：(?P<round>…)?")
        return
    unit = next((entry.name for entry in model.reporters), "某单位")
    for plan in found:
        title = model.form.title.replace("{round}", plan.name).replace("{unit}", unit)
        match = re.search(model.form.title_pattern, normalise(title))
        if match is None or (match["unit"] or "").strip() != normalise(unit):
            yield Fault(path=("form", "title_pattern"), message=f"认不出空白表上的标题“{title}”")
            return
