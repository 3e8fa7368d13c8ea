"""The tables of submissions: what stands, its history, and what queries find it by. They belong to `storage/schema.py`."""

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
    String,
    Table,
    UniqueConstraint,
)

from storage.schema_base import metadata, partial_index
from storage.types import BigId, StrangersText, UtcTime

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
    Index("ix_submissions_standing", "notice", "state", "reporter", "received_at", "uid", "receipt"),
    partial_index("ix_submissions_incomplete", "grace_ends", where="state = 'incomplete'"),
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
