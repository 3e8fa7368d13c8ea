"""The rules that returns are checked by, as the page of rules shows them: those of every notice, and those of one alone."""

from __future__ import annotations

from dataclasses import dataclass

from domain.catalogue import CATALOGUE, GROUPS, SEVERITIES
from domain.catalogue_entry import Entry
from domain.days import shown_day
from domain.notice import Notice
from domain.own_rules import OwnRule
from domain.rules_in_words import asked


@dataclass(frozen=True, kw_only=True)
class RuleShown:
    """`anchor` is the element's id on the page; `severity` a Severity's value, `counts` what it comes to, in words."""

    anchor: str
    code: str
    name: str
    severity: str
    counts: str
    when: str
    why: str
    right: str
    wrong: str
    """Of a rule of a notice's own `why`, `right` and `wrong` may be ""."""


@dataclass(frozen=True, kw_only=True)
class RuleGroup:
    key: str
    title: str
    rules: tuple[RuleShown, ...]


def general() -> tuple[RuleGroup, ...]:
    """The rules of every notice, by what they are about."""
    return tuple(
        RuleGroup(
            key=key, title=title, rules=tuple(_shown(entry) for entry in CATALOGUE.values() if _is_of(entry, key))
        )
        for key, title in GROUPS.items()
    )


def _is_of(entry: Entry, group: str) -> bool:
    return entry.code.split(".")[0] == group


def _shown(entry: Entry) -> RuleShown:
    return RuleShown(
        anchor=entry.code, code=entry.code, name=entry.name, severity=entry.severity.value,
        counts=SEVERITIES[entry.severity], when=entry.when, why=entry.why, right=entry.right, wrong=entry.wrong,
    )  # fmt: skip


def own(notice: Notice) -> tuple[RuleShown, ...]:
    """The rules of a notice's own, in the order of its file; with why and examples where the file gives them."""
    return tuple(
        RuleShown(
            anchor=f"{notice.series}.{rule.code}", code=rule.code, name=rule.name, severity=rule.severity.value,
            counts=_counted(rule), when=asked(rule, notice).rstrip("。"), why=rule.why, right=rule.right, wrong=rule.wrong,
        )
        for rule in notice.own_rules
    )  # fmt: skip


def _counted(rule: OwnRule) -> str:
    counts = SEVERITIES[rule.severity]
    if rule.since is None:
        return counts
    return f"{counts}（{shown_day(rule.since)}起，此前提示）"


def link(code: str, series: str) -> str:
    """Where the page tells of a problem's rule. Rules of two notices' own may have one name; those of all rounds are the same."""
    return f"/rules#{code if code in CATALOGUE else f'{series}.{code}'}"
