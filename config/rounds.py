"""Makes of a notice file the notices it says: one, or one a round."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from config.notice_build import build
from config.notice_schema import NoticeModel, SchoolModel
from config.round_plan import Planned, column_called, planned
from config.round_schema import RoundReportersModel
from config.rule_build import Lists
from domain.days import shown_day
from domain.notice import Notice
from domain.round import Comparison, Jump, Round


def comparison_of(model: NoticeModel) -> Comparison:
    """Without `compare`, rows are told apart as for doubles, and nothing is compared."""
    compare = model.rounds.compare if model.rounds else None
    if compare is None:
        return Comparison(key=tuple(model.form.duplicate_key))

    def key(name: str) -> str:
        column = column_called(name, model.form.columns)
        return column.key if column else ""

    return Comparison(
        key=tuple(map(key, compare.key)),
        name=key(compare.name) if compare.name else "",
        missing=compare.missing,
        jumps=tuple(Jump(column=key(one.column), percent=one.percent, at_least=one.at_least) for one in compare.jumps),
    )


def notices_of(model: NoticeModel, schools: Sequence[SchoolModel], lists: Lists) -> tuple[Notice, ...]:
    """The notices that a file says: one, or one a round, oldest first. `lists`: its code lists."""
    if model.rounds is None:
        return (build(model, list(schools), lists),)
    comparison = comparison_of(model)
    return tuple(
        _notice(model, schools, lists, plan, Round(
            series=model.id, short=model.short, key=plan.key, name=plan.name, index=at, aliases=plan.aliases,
            comparison=comparison,
        ))
        for at, plan in enumerate(planned(model.rounds))
    )  # fmt: skip


def _notice(model: NoticeModel, schools: Sequence[SchoolModel], lists: Lists, plan: Planned, one: Round) -> Notice:
    changes = plan.reporters or RoundReportersModel()
    title = _filled(model.title, plan)
    alone = model.model_copy(
        update={
            "id": f"{model.id}-{plan.key}",
            "short": f"{model.short}{plan.code}",
            "title": title if plan.name in title else f"{title}（{plan.name}）",
            "opens": plan.opens,
            "deadline": plan.deadline,
            "rounds": None,
            "reporters": [*(each for each in model.reporters if each.code not in changes.without), *changes.also],
            "wording": model.wording.model_copy(update={"guide": _filled(model.wording.guide, plan)}),
        }
    )
    mine = [school for school in schools if school.code not in changes.without]
    return replace(build(alone, mine, lists), round=one)


def _filled(text: str, plan: Planned) -> str:
    day = shown_day(plan.deadline) if plan.deadline else ""
    return text.replace("{round}", plan.name).replace("{deadline}", day)
