"""Who looked at personal data: one ledger entry for each page that a person opens or file that is handed out."""

from __future__ import annotations

from datetime import datetime

from storage import ledger
from storage.canonical import Json
from storage.database import Transaction


def note(tx: Transaction, kind: str, subject: str, who: str, *, at: datetime | None = None, **told: Json) -> None:
    """`access.<kind>` of the subject (a receipt, `notice:ID`), by whom. `told` holds no personal data."""
    ledger.append(tx, f"access.{kind}", subject, {"by": who} | told, at=at)
