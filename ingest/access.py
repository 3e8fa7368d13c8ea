"""Who looked at personal data outside the daily work: a search, a report, later a bundle or a page of the console. Each is an
entry in the ledger."""

from __future__ import annotations

from collections.abc import Mapping

from ingest.app import App
from storage import ledger, people
from storage.canonical import Json
from storage.search import Query

SEARCH, REPORT = "access.search", "access.report"


def searched(app: App, query: Query, *, by: str, total: int, exported: bool) -> None:
    """What was asked may be a name or number, so the entry has a keyed digest of it, over a salt of its own: whoever holds the
    key can ask whether somebody was looked for, and the database alone tells nobody."""
    salt = people.new_salt()
    asked = people.digests(app.people_key, salt, [query.text.strip()])
    filters: list[Json] = [*sorted(query.filters)]
    note(
        app, SEARCH, "search", by=by,
        told={"query": asked, "salt": salt, "filters": filters, "hits": total, "exported": exported},
    )  # fmt: skip


def note(app: App, kind: str, subject: str, *, by: str, told: Mapping[str, Json] | None = None) -> None:
    """Enters an access. Raises Unavailable where nothing can be written."""
    with app.database.begin() as tx:
        ledger.append(tx, kind, subject, {"by": by} | dict(told or {}), at=app.clock())
