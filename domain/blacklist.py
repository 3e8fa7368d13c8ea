"""The bureau's blacklist of operators (measures, articles 7 and 8): two years at least, and then until a person lifts it.

An operator whose time is over has still to show that it has mended: the clock alone ends nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from domain.names import Degree, app_core, like_operators


class Standing(StrEnum):
    """How an entry stands on a day, as the bureau says it."""

    LISTED = "在册"
    MAY_APPLY = "可申请解除"
    LIFTED = "已解除"
    REVOKED = "已撤销"  # it should never have been listed


@dataclass(frozen=True, kw_only=True)
class Lift:
    """The end of an entry by a person. `mistake`: it was wrong from the beginning."""

    on: date
    reason: str
    mistake: bool = False


@dataclass(frozen=True, kw_only=True)
class Blacklisted:
    """An operator on the list, `since` that day inclusive. `apps`: those that it was listed for, or that are known as its."""

    id: int
    operator: str
    aliases: tuple[str, ...] = ()
    apps: tuple[str, ...] = ()
    since: date
    reason: str
    lift: Lift | None = None

    @property
    def names(self) -> tuple[str, ...]:
        return (self.operator, *self.aliases)

    def holds(self, on: date) -> bool:
        """Whether its apps may not be used on that day. On the day of the lift they may be."""
        if self.lift and self.lift.mistake:
            return False
        return self.since <= on and (self.lift is None or on < self.lift.on)

    def may_apply_from(self, years: int) -> date:
        """The first day on which the operator may ask to be taken off."""
        year = self.since.year + years
        try:
            return self.since.replace(year=year)
        except ValueError:  # 29 February
            return date(year, 3, 1)

    def standing(self, on: date, years: int) -> Standing:
        if self.lift:
            return Standing.REVOKED if self.lift.mistake else Standing.LIFTED
        return Standing.LISTED if on < self.may_apply_from(years) else Standing.MAY_APPLY

    def is_named(self, name: str) -> bool:
        """Whether this is surely a name of the operator."""
        return any(like_operators(name, own).degree is Degree.SAME for own in self.names)

    def has_app(self, app: str) -> bool:
        """Whether this is one of the apps that the entry names."""
        core = app_core(app)
        return bool(core) and core in {app_core(each) for each in self.apps}


class By(StrEnum):
    """What of a row shows that its operator is on the list."""

    NAME = "name"
    REGISTERED = "registered"  # the register's operator of the row's filing number
    APP = "app"  # an app that the list names
    LIKENESS = "likeness"  # a name that is alike: for a person to look at


@dataclass(frozen=True, kw_only=True)
class Hit:
    """`why` (Chinese) says in what the names are alike, where that is all that shows it."""

    entry: Blacklisted
    by: By
    why: str = ""


def hit_of(entries: Iterable[Blacklisted], *, operator: str, app: str, registered: Iterable[str] = ()) -> Hit | None:
    """The surest hit of a row. `registered`: operators that the register has for its filing number."""
    listed, owners = list(entries), list(registered)
    for entry in listed:
        if entry.is_named(operator):
            return Hit(entry=entry, by=By.NAME)
    for entry in listed:
        if any(entry.is_named(owner) for owner in owners):
            return Hit(entry=entry, by=By.REGISTERED)
    for entry in listed:
        if entry.has_app(app):
            return Hit(entry=entry, by=By.APP)
    for entry in listed:
        for name in entry.names:
            found = like_operators(operator, name)
            if found.degree is Degree.ALIKE:
                return Hit(entry=entry, by=By.LIKENESS, why=found.why)
    return None
