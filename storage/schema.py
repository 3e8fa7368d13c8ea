"""The tables. Changes here come with a migration in `storage/migrations/versions`; a test compares the two."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from storage.types import BigId, StrangersText, UtcTime

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _partial(name: str, *columns: str, where: str, unique: bool = False) -> Index:
    """An index over the few rows that still need work, so that it stays small however much is stored."""
    return Index(name, *columns, unique=unique, sqlite_where=text(where), postgresql_where=text(where))


ledger_entries = Table(
    "ledger_entries",
    metadata,
    Column("id", BigId, primary_key=True),
    Column("number", BigInteger, unique=True),  # given at sealing, consecutive from 1
    Column("at", UtcTime, nullable=False),
    Column("kind", String(40), nullable=False),
    Column("subject", String(200), nullable=False),
    Column("body", Text, nullable=False),  # canonical JSON, the very text that is hashed
    Column("leaf", String(64)),
    Index("ix_ledger_entries_subject", "subject"),
    _partial("ix_ledger_entries_unsealed", "id", where="number IS NULL"),
    sqlite_autoincrement=True,
)

ledger_heads = Table(
    "ledger_heads",
    metadata,
    Column("number", BigInteger, primary_key=True, autoincrement=False),  # of the last entry it covers
    Column("previous", String(64), nullable=False, unique=True),  # unique: the chain cannot fork
    Column("root", String(64), nullable=False),
    Column("count", Integer, nullable=False),
    Column("at", UtcTime, nullable=False),
    Column("hash", String(64), nullable=False, unique=True),
)

mails = Table(
    "mails",
    metadata,
    Column("id", BigId, primary_key=True),
    Column("sha256", String(64), nullable=False, unique=True),
    Column("size", BigInteger, nullable=False),
    Column("account", StrangersText, nullable=False),
    Column("folder", StrangersText, nullable=False),
    Column("uidvalidity", BigInteger, nullable=False),
    Column("uid", BigInteger, nullable=False),
    Column("received_at", UtcTime, nullable=False),
    Column("recorded_at", UtcTime, nullable=False),
    Column("status", String(8), nullable=False),  # new | held | done
    Column("attempts", Integer, nullable=False),
    Column("not_before", UtcTime, nullable=False),
    Column("error", StrangersText),
    Column("ledger_entry", BigId, ForeignKey("ledger_entries.id"), nullable=False),
    _partial("ix_mails_new", "received_at", "uid", where="status = 'new'"),
    _partial("ix_mails_held", "received_at", where="status = 'held'"),
    sqlite_autoincrement=True,
)

mail_locations = Table(
    "mail_locations",
    metadata,
    Column("id", BigId, primary_key=True),
    Column("account", StrangersText, nullable=False),
    Column("folder", StrangersText, nullable=False),
    Column("uidvalidity", BigInteger, nullable=False),
    Column("uid", BigInteger, nullable=False),
    Column("mail_id", BigId, ForeignKey("mails.id"), nullable=False, index=True),
    Column("received_at", UtcTime, nullable=False),
    Column("filed_at", UtcTime),
    Column("filed_how", String(20)),
    UniqueConstraint("account", "folder", "uidvalidity", "uid"),
    _partial("ix_mail_locations_unfiled", "mail_id", where="filed_at IS NULL"),
    sqlite_autoincrement=True,
)

dispositions = Table(  # its primary key makes a second disposition of a mail impossible
    "dispositions",
    metadata,
    Column("mail_id", BigId, ForeignKey("mails.id"), primary_key=True, autoincrement=False),
    Column("disposition", String(40), nullable=False),
    Column("reason", StrangersText, nullable=False),
    Column("kind", String(40), nullable=False),
    Column("at", UtcTime, nullable=False),
)

polls = Table(
    "polls",
    metadata,
    Column("account", StrangersText, primary_key=True),
    Column("finished_at", UtcTime, nullable=False),
)

receipt_counters = Table(
    "receipt_counters",
    metadata,
    Column("short", String(40), primary_key=True),
    Column("code", String(40), primary_key=True),
    Column("day", String(8), primary_key=True),
    Column("serial", Integer, nullable=False),
)

cases = Table(
    "cases",
    metadata,
    Column("notice", String(80), primary_key=True),
    Column("reporter", String(40), primary_key=True),
    Column("row_version", Integer, nullable=False),
)

readings = Table(  # full cover readings and findings, zlib JSON, by the SHA-256 of the JSON
    "readings",
    metadata,
    Column("digest", String(64), primary_key=True),
    Column("data", LargeBinary, nullable=False),
)

submissions = Table(
    "submissions",
    metadata,
    Column("receipt", String(120), primary_key=True),
    Column("notice", String(80), nullable=False),
    Column("reporter", String(40)),
    Column("state", String(12), nullable=False),
    Column("version", Integer, nullable=False),
    Column("received_at", UtcTime, nullable=False),
    Column("uid", BigInteger, nullable=False),
    Column("late", Boolean, nullable=False),
    Column("grace_ends", UtcTime),
    Column("row_count", Integer, nullable=False),
    Column("decided_at", UtcTime, nullable=False),
    Column("row_version", Integer, nullable=False),
    Column("document", LargeBinary, nullable=False),
    Column("cover_reading", String(64), ForeignKey("readings.digest")),
    Column("findings", String(64), ForeignKey("readings.digest")),
    Index("ix_submissions_case", "notice", "reporter", "received_at", "uid"),
    Index("ix_submissions_received_at", "received_at", "uid"),
    Index("ix_submissions_state", "state", "received_at"),
    _partial("ix_submissions_incomplete", "grace_ends", where="state = 'incomplete'"),
)


def _receipt() -> Column[str]:
    return Column("receipt", String(120), ForeignKey("submissions.receipt"), nullable=False)


submission_history = Table(
    "submission_history",
    metadata,
    _receipt(),
    Column("row_version", Integer, nullable=False),
    Column("at", UtcTime, nullable=False),
    Column("state", String(12), nullable=False),
    Column("by", StrangersText, nullable=False),
    Column("reason", StrangersText, nullable=False),
    Column("codes", JSON, nullable=False),
    Column("ledger_entry", BigId, ForeignKey("ledger_entries.id")),
    Column("document", LargeBinary, nullable=False),
    Column("cover_reading", String(64), ForeignKey("readings.digest")),
    Column("findings", String(64), ForeignKey("readings.digest")),
    UniqueConstraint("receipt", "row_version"),
)

submission_rows = Table(
    "submission_rows",
    metadata,
    _receipt(),
    Column("sheet", StrangersText, nullable=False, server_default=""),  # of further sheets of the workbook, else ""
    Column("number", Integer, nullable=False),
    Column("hidden", Boolean, nullable=False),
    Column("cells", JSON, nullable=False),  # {column key: text}
    UniqueConstraint("receipt", "sheet", "number"),
)

submission_problems = Table(
    "submission_problems",
    metadata,
    _receipt(),
    Column("position", Integer, nullable=False),
    Column("code", String(60), nullable=False, index=True),
    Column("severity", String(8), nullable=False),
    Column("file", StrangersText),
    Column("sheet", StrangersText),
    Column("cell", StrangersText),
    Column("field", StrangersText),
    Column("value", StrangersText),
    Column("message", StrangersText, nullable=False),
    Column("advice", StrangersText, nullable=False),
    UniqueConstraint("receipt", "position"),
)

submission_files = Table(
    "submission_files",
    metadata,
    _receipt(),
    Column("position", Integer, nullable=False),
    Column("name", StrangersText, nullable=False),
    Column("kind", String(8), nullable=False),
    Column("sha256", String(64), nullable=False, index=True),
    Column("size", BigInteger, nullable=False),
    Column("mail", String(64), nullable=False),
    UniqueConstraint("receipt", "position"),
)

submission_mails = Table(
    "submission_mails",
    metadata,
    _receipt(),
    Column("sha256", String(64), nullable=False, index=True),
    UniqueConstraint("receipt", "sha256"),
)

submission_message_ids = Table(
    "submission_message_ids",
    metadata,
    _receipt(),
    Column("message_id", StrangersText, nullable=False, index=True),
    UniqueConstraint("receipt", "message_id"),
)

submission_senders = Table(
    "submission_senders",
    metadata,
    _receipt(),
    Column("address", StrangersText, nullable=False, index=True),
    UniqueConstraint("receipt", "address"),
)

outbox = Table(
    "outbox",
    metadata,
    Column("id", BigId, primary_key=True),
    Column("message_id", StrangersText, nullable=False, unique=True),
    Column("mail_id", BigId, ForeignKey("mails.id"), index=True),
    Column("receipt", String(120)),
    Column("notice", String(80), nullable=False),
    Column("kind", String(20), nullable=False),
    Column("address", StrangersText, nullable=False),
    Column("exempt", Boolean, nullable=False),
    Column("letter", LargeBinary, nullable=False),
    Column("ledger_entry", BigId, ForeignKey("ledger_entries.id")),
    Column("status", String(12), nullable=False),  # waiting | sent | failed | withdrawn
    Column("created_at", UtcTime, nullable=False),
    Column("not_before", UtcTime, nullable=False),
    Column("leased_until", UtcTime),
    Column("attempts", Integer, nullable=False),
    Column("sha256", String(64)),  # blob of the rendered letter
    Column("sent_at", UtcTime),
    Column("error", StrangersText),
    Column("bounced_at", UtcTime),
    _partial("ix_outbox_waiting", "not_before", "id", where="status = 'waiting'"),
    Index("ix_outbox_address", "address", "sent_at"),
    Index("ix_outbox_receipt", "receipt"),
    sqlite_autoincrement=True,
)

tasks = Table(
    "tasks",
    metadata,
    Column("id", BigId, primary_key=True),
    Column("kind", String(40), nullable=False),
    Column("subject", String(200), nullable=False),
    Column("text", StrangersText, nullable=False),
    Column("confidential", Boolean, nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Column("closed_at", UtcTime),
    Column("closed_by", StrangersText),
    Column("note", StrangersText),
    _partial("uq_tasks_open", "kind", "subject", where="closed_at IS NULL", unique=True),
    sqlite_autoincrement=True,
)

state = Table(
    "state",
    metadata,
    Column("key", StrangersText, primary_key=True),
    Column("value", JSON, nullable=False),
    Column("updated_at", UtcTime, nullable=False),
)
