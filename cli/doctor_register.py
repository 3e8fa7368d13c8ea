"""What `doctor` says of the lists that rows are checked against: which register is in force and how old, who is on the
blacklist."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cli.findings import Finding

if TYPE_CHECKING:
    from ingest.app import App

_OLD_DAYS = 180
"""The ministry adds apps every few weeks: after half a year many numbers of a return will not be found."""


_NOT_LOOKED_AT = "not looked at: see what is said of the database"


def _at_hand(app: App) -> bool:
    """Whether there is a database of this version to ask. Asking one that is not there would make it."""
    return app.database.exists() and app.database.current()


def look_at_register(app: App) -> Finding:
    """Which version is in force today."""
    from ingest.blacklisting import today
    from storage import registers

    if not _at_hand(app):
        return Finding(what="register", ok=True, found=_NOT_LOOKED_AT)
    day = today(app)
    with app.database.read() as tx:
        version = registers.in_force(tx, day)
    if version is None:
        return Finding(
            what="register",
            ok=True,
            found="none was imported: filing numbers are checked by their form alone (未核验)",
            mend="`baosong register import FILE` with the ministry's list of filed apps",
        )
    age = (day - version.dated).days
    found = f"version {version.version} of {version.dated} is in force: {version.count} filed apps, {age} days old"
    mend = "import the ministry's newest list: `baosong register import FILE`" if age > _OLD_DAYS else ""
    return Finding(what="register", ok=True, found=found, mend=mend)


def look_at_blacklist(app: App) -> Finding:
    """How many operators are on the list, and whose years are over."""
    from ingest import blacklisting
    from storage import blacklist

    if not _at_hand(app):
        return Finding(what="blacklist", ok=True, found=_NOT_LOOKED_AT)
    with app.database.read() as tx:
        listed = [entry for entry in blacklist.all_(tx) if entry.lift is None]
    due = blacklisting.due(app)
    found = f"{len(listed)} operators are listed; {len(due)} may apply to be taken off (可申请解除)"
    return Finding(what="blacklist", ok=True, found=found)
