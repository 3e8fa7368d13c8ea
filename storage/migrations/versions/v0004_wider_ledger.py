"""From here on the ledger vouches for places and dispositions of mails, for letters and for tasks too.

The ledger notes up to where the records are older: of those, the audit asks no more than their entries say.
"""

import json
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    base = op.get_bind()
    newest = {name: base.scalar(sa.text(f"SELECT max(id) FROM {name}")) or 0 for name in ("mails", "outbox", "tasks")}  # noqa: S608
    if not any(newest.values()):
        return
    body = json.dumps({"older": newest}, sort_keys=True, separators=(",", ":"))
    at = (datetime.now(UTC) - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)
    entry = "INSERT INTO ledger_entries (at, kind, subject, body) VALUES (:at, 'ledger.extended', 'ledger', :body)"
    base.execute(sa.text(entry), {"at": at, "body": body})
