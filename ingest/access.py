"""Who looked at personal data: one ledger entry for each page that a person opens, each search, each file that is handed out."""

from __future__ import annotations

from datetime import datetime

from ingest.app import App
from storage import ledger, people
from storage.canonical import Json
from storage.database import Transaction
from storage.search import Query


def note(tx: Transaction, kind: str, subject: str, who: str, *, at: datetime | None = None, **told: Json) -> None:
    """`access.<kind>` of the subject (a receipt, `notice:ID`, `page:queue`), by whom. `told` holds no personal data."""
    ledger.append(tx, f"access.{kind}", subject, {"by": who} | told, at=at)


def searched(app: App, query: Query, *, by: str, total: int, exported: bool) -> None:
    """What was asked may be a name or number, so the entry has a keyed digest of it, over a salt of its own: whoever holds the
    key can ask whether somebody was looked for, and the database alone tells nobody. Raises Unavailable where nothing can be
    written."""
    salt = people.new_salt()
    asked: list[Json] = [*people.digests(app.people_key, salt, [query.text.strip()])]
    filters: list[Json] = [*sorted(query.filters)]
    with app.database.begin() as tx:
        note(
            tx, "search", "search", by, at=app.clock(),
            query=asked, salt=salt, filters=filters, hits=total, exported=exported,
        )  # fmt: skip
