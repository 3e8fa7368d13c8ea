"""What a changed notice would mean for what stands: nothing is changed by asking."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

from domain.notice import Notice
from domain.submission import State
from ingest.app import App
from ingest.rejudge import rejudge
from storage import submissions

_MOST = 200
"""Returns that are looked at while somebody waits: by their stored readings, some milliseconds each."""


@dataclass(frozen=True, kw_only=True)
class Effect:
    """`looked`: returns that stand and were judged again; `differing`: (receipt, reporter, before, after, codes that came);
    `orphans`: reporters who are gone from the notice, and returns of theirs stand."""

    looked: int = 0
    more: bool = False
    differing: tuple[tuple[str, str, State, State, tuple[str, ...]], ...] = ()
    orphans: tuple[str, ...] = ()


def effect_of(app: App, made: Sequence[Notice]) -> Effect:
    """Of publishing these in the place of those of the same ids. Receipts that were given stay; a person decides on the rest."""
    looked, differing, orphans, more = 0, [], [], False
    for notice in made:
        before = next((each for each in app.notices if each.id == notice.id), None)
        if before is None:
            continue
        with app.database.read() as tx:
            reported = {case.reporter for case in submissions.list_(tx, notice=notice.id) if case.reporter}
        gone = {each.code: each.name for each in before.reporters if notice.reporter(each.code) is None}
        orphans += [name for code, name in gone.items() if code in reported]
        found = list(islice(rejudge(app, notice, fast=True), _MOST + 1))
        more = more or len(found) > _MOST
        for one in found[:_MOST]:
            looked += 1
            if one.differs and one.after is not None:
                reporter = before.reporter(one.case.reporter)
                codes = tuple(dict.fromkeys(problem.code for problem in one.gained))
                differing.append((one.case.receipt, reporter.name if reporter else "", one.before, one.after, codes))
    return Effect(looked=looked, more=more, differing=tuple(differing), orphans=tuple(orphans))
