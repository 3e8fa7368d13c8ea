"""A store as an earlier version of the schema would have left it."""

from __future__ import annotations

import sqlite3

_SINCE = (
    *(f"DROP INDEX ix_mails_{name}" for name in ("lane", "new", "turns", "behind")),
    "CREATE INDEX ix_mails_new ON mails (received_at, uid) WHERE status = 'new'",
    "ALTER TABLE mails DROP COLUMN surplus",
    "ALTER TABLE mails DROP COLUMN lane",
    "DROP INDEX ix_submissions_standing",
    "DROP TABLE login_failures",
    "DROP TABLE browsers",
    "DROP TABLE sessions",
    "DROP TABLE users",
    "DROP TABLE notices",
    "DROP TABLE register_entries",
    "DROP TABLE registers",
    "DROP TABLE blacklist",
    "DROP TABLE search_grams",
    "DROP TABLE search_identifiers",
    "DROP TABLE search_documents",
    "DROP TABLE search_subjects",
    "DROP TABLE known_addresses",
    "DROP TABLE correspondents",
    "DROP INDEX ix_outbox_domain",
    "DROP INDEX ix_outbox_sent_at",
    "ALTER TABLE outbox DROP COLUMN domain",
    *(
        f"DELETE FROM ledger_entries WHERE kind LIKE '{kind}.%'"  # noqa: S608  kinds of ours
        for kind in ("sender", "user", "session", "register", "blacklist", "notice")
    ),
    "UPDATE alembic_version SET version_num = '0003'",
)


def back_to_0003(base: sqlite3.Connection) -> None:
    """Takes away what 0005 to 0010, 0012 and 0013 made; 0004 and 0011 made no table. The ledger is left unsealed where entries went."""
    for statement in _SINCE:
        base.execute(statement)
