"""The bureau's blacklist: entered, lifted and published by staff (measures, articles 7 and 8)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date

from domain.blacklist import Blacklisted, Lift, Standing
from domain.checks.lists import APP_KEY, OPERATOR_KEY
from domain.days import shown_day
from domain.names import app_core
from domain.notice import BlacklistRule
from domain.sheet import Sheet
from domain.submission import State
from domain.text import normalise
from ingest import jobs, recheck
from ingest.app import App
from ingest.errors import AlreadyListed, NotListed, Permanent, YearsNotOver
from notifier.blacklist_page import PublishedList, PublishedRow, blacklist_html, blacklist_xlsx
from storage import blacklist, submissions
from storage.advisory import alone
from storage.database import Transaction

_NUMBER = re.compile(r"\d{7}")
"""So many digits in a row are a telephone number that slipped into the column of apps."""
_LONGEST = 60


def today(app: App) -> date:
    """The day of the bureau."""
    return app.clock().astimezone(app.settings.staff.zone).date()


def add(app: App, entry: Blacklisted, *, by: str) -> tuple[Blacklisted, int]:
    """Enters an operator and looks at once at what stands. → the entry, and in how many submissions there are hits that
    nobody was told of. Raises AlreadyListed, or Permanent where `since` is yet to come."""
    if entry.since > today(app):
        raise Permanent(f"since {entry.since} lies in the future: enter it on the day")
    with app.database.begin() as tx:
        alone(tx, "blacklist")
        standing = next((each for each in _open(tx) if any(map(each.is_named, entry.names))), None)
        if standing:
            raise AlreadyListed(
                f"{standing.operator} is on the list already, since {standing.since} (entry {standing.id})"
            )
        added = blacklist.add(tx, entry, by=by, at=app.clock())
    hit = recheck.look(app)
    jobs.seal(app)
    return added, hit


def lift(app: App, operator: str | int, *, reason: str, by: str, mistake: bool = False) -> Blacklisted:
    """Takes an operator off the list, by one of its names or the `id` of its entry. Raises NotListed, or, but for a `mistake`,
    YearsNotOver before its time."""
    day, years = today(app), rule_of(app).years
    with app.database.begin() as tx:
        alone(tx, "blacklist")
        entry = next((each for each in _open(tx) if _is_meant(each, operator)), None)
        if entry is None:
            raise NotListed(f"{operator} is not on the list")
        due = entry.may_apply_from(years)
        if day < due and not mistake:
            raise YearsNotOver(
                f"{entry.operator} is listed since {entry.since} and stays so until {due}: {years} years, and only then when "
                "it has mended; if it was listed wrongly, say --mistake"
            )
        blacklist.lift(tx, entry.id, Lift(on=day, reason=reason, mistake=mistake), by=by, at=app.clock())
    recheck.look(app)
    jobs.seal(app)
    return entry


def _is_meant(entry: Blacklisted, wanted: str | int) -> bool:
    return entry.id == wanted if isinstance(wanted, int) else entry.is_named(wanted)


def _open(tx: Transaction) -> Iterator[Blacklisted]:
    return (entry for entry in blacklist.all_(tx) if entry.lift is None)


def published(app: App, rule: BlacklistRule) -> PublishedList:
    """What the bureau may publish today: who is on the list, be it past the years, until it is lifted."""
    day = today(app)
    with app.database.read() as tx:
        entries = [entry for entry in _open(tx) if entry.holds(day)]
        sheets = _accepted_sheets(tx) if entries else []
    rows = tuple(
        PublishedRow(
            operator=entry.operator, apps=_apps(entry, sheets), since=shown_day(entry.since), reason=entry.reason
        )
        for entry in entries
    )
    return PublishedList(title=rule.title, publisher=rule.publisher, basis=rule.basis, day=shown_day(day), rows=rows)


def published_file(app: App, kind: str) -> tuple[int, bytes]:
    """The same as a file, `html` or `xlsx`, as the notice says. → how many operators are in it, and the file."""
    page = published(app, rule_of(app))
    return len(page.rows), blacklist_xlsx(page) if kind == "xlsx" else blacklist_html(page).encode()


def rule_of(app: App) -> BlacklistRule:
    """How the list is published: as the first active notice says that says so; without one it has a plain title."""
    told = (notice.blacklist for notice in app.notices)
    return next((rule for rule in told if rule != BlacklistRule()), BlacklistRule())


def due(app: App) -> tuple[Blacklisted, ...]:
    """Those that may ask to be taken off."""
    day, years = today(app), rule_of(app).years
    with app.database.read() as tx:
        return tuple(entry for entry in _open(tx) if entry.standing(day, years) is Standing.MAY_APPLY)


def _accepted_sheets(tx: Transaction) -> list[Sheet]:
    cases = submissions.list_(tx, state=State.ACCEPTED)
    return [case.sheet.reading for case in cases if case.sheet and isinstance(case.sheet.reading, Sheet)]


def _apps(entry: Blacklisted, sheets: Sequence[Sheet]) -> tuple[str, ...]:
    """The apps that staff named, then those that standing returns have under this operator, each once. Only where the
    operator is surely the same; what might hold more than a name stays out."""
    found = {app_core(name): name for name in entry.apps}
    for row in (row for sheet in sheets for row in sheet.rows):
        name = " ".join(row.text(APP_KEY).split())
        fit = name and len(name) <= _LONGEST and not _NUMBER.search(normalise(name))
        if fit and row.text(OPERATOR_KEY) and entry.is_named(row.text(OPERATOR_KEY)):
            found.setdefault(app_core(name), name)
    return tuple(found.values())
