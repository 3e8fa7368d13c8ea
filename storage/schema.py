"""The tables, but for those of submissions (`schema_submissions`). Changes come with a migration in
`storage/migrations/versions`; a test compares the two."""

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
    Text,
    UniqueConstraint,
)

from storage.schema_base import metadata, partial_index
from storage.types import BigId, StrangersText, UtcTime

ORDINARY, BEHIND = "status = 'new' AND surplus = 0", "status = 'new' AND surplus > 0"
"""Mails to be worked off in their turn, and those put behind all others."""

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
    partial_index("ix_ledger_entries_unsealed", "id", where="number IS NULL"),
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
    Column("lane", String(16), nullable=False, server_default=""),  # digest of who wrote it: for turns, no evidence
    Column(
        "surplus", Integer, nullable=False, server_default="0"
    ),  # mails an hour that its writer had when it came; 0: within
    Index("ix_mails_lane", "lane", "received_at"),
    # All that `inbox.pending` asks of a mail stands in the index: it may have to pass over thousands of one writer.
    partial_index("ix_mails_new", "received_at", "uid", "id", "lane", "not_before", where=ORDINARY),
    partial_index("ix_mails_turns", "lane", "received_at", "uid", "id", where=ORDINARY),
    partial_index("ix_mails_behind", "lane", "received_at", "uid", "id", where=BEHIND),
    partial_index("ix_mails_held", "received_at", where="status = 'held'"),
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
    partial_index("ix_mail_locations_unfiled", "mail_id", where="filed_at IS NULL"),
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
    Column("domain", StrangersText),  # of letters sent: whose budget they came out of, "" for nobody's
    partial_index("ix_outbox_waiting", "not_before", "id", where="status = 'waiting'"),
    Index("ix_outbox_address", "address", "sent_at"),
    Index("ix_outbox_receipt", "receipt"),
    Index("ix_outbox_domain", "domain", "sent_at"),
    Index("ix_outbox_sent_at", "sent_at"),
    sqlite_autoincrement=True,
)

known_addresses = Table(  # beside those that the notice lists
    "known_addresses",
    metadata,
    Column("notice", String(80), primary_key=True),
    Column("reporter", String(40), primary_key=True),
    Column("address", StrangersText, primary_key=True),
    Column("salt", String(32), nullable=False),
    Column("token", String(64), nullable=False, unique=True),  # of salt and address: what the ledger calls it
    Column("receipt", String(120)),  # of the submission it was confirmed by
    Column("confirmed_at", UtcTime, nullable=False),
    Column("confirmed_by", StrangersText, nullable=False),
    Column("forgotten_at", UtcTime),
)

correspondents = Table(
    "correspondents",
    metadata,
    Column("address", StrangersText, primary_key=True),
    Column("heard_at", UtcTime),  # its newest mail
    Column("bounced_at", UtcTime),  # when the newest letter was sent that surely came back from it
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
    partial_index("uq_tasks_open", "kind", "subject", where="closed_at IS NULL", unique=True),
    sqlite_autoincrement=True,
)

quarantine = Table(  # bytes in which the virus scanner found something, by their SHA-256
    "quarantine",
    metadata,
    Column("sha256", String(64), primary_key=True),
    Column("signature", StrangersText, nullable=False),  # the scanner's name of what it found
    Column("mail", String(64), nullable=False),  # SHA-256 of the mail that brought it first
    Column("at", UtcTime, nullable=False),
)

state = Table(
    "state",
    metadata,
    Column("key", StrangersText, primary_key=True),
    Column("value", JSON, nullable=False),
    Column("updated_at", UtcTime, nullable=False),
)

registers = Table(  # versions of the ministry's list of filed apps
    "registers",
    metadata,
    Column("version", BigId, primary_key=True),
    Column("dated", String(10), nullable=False),  # the day of the list itself, ISO 8601
    Column("sha256", String(64), nullable=False),  # the file it was read from, in the archive
    Column("count", Integer, nullable=False),
    Column("digest", String(64), nullable=False),  # of its entries (`storage.registers.digest_of`)
    Column("imported_at", UtcTime, nullable=False),
    Column("imported_by", StrangersText, nullable=False),
    sqlite_autoincrement=True,
)

register_entries = Table(
    "register_entries",
    metadata,
    Column("register", BigId, ForeignKey("registers.version"), primary_key=True, autoincrement=False),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("filing_number", StrangersText, nullable=False),
    Column("app", StrangersText, nullable=False),
    Column("operator", StrangersText, nullable=False),
)

blacklist = Table(
    "blacklist",
    metadata,
    Column("id", BigId, primary_key=True),
    Column("operator", StrangersText, nullable=False),
    Column("aliases", JSON, nullable=False),
    Column("apps", JSON, nullable=False),
    Column("since", String(10), nullable=False),
    Column("reason", StrangersText, nullable=False),
    Column("added_at", UtcTime, nullable=False),
    Column("added_by", StrangersText, nullable=False),
    Column("lifted_on", String(10)),
    Column("mistake", Boolean),
    Column("lift_reason", StrangersText),
    Column("lifted_at", UtcTime),
    Column("lifted_by", StrangersText),
    sqlite_autoincrement=True,
)

notices = Table(  # versions of notices that were published in the console; none is ever changed
    "notices",
    metadata,
    Column("id", BigId, primary_key=True),
    Column("notice", String(80), nullable=False),
    Column("version", Integer, nullable=False),
    Column("state", String(8), nullable=False),  # active | closed
    Column("text", StrangersText, nullable=False),  # YAML
    Column("sha256", String(64), nullable=False),  # of the text, also a file of the archive
    Column("reason", StrangersText, nullable=False),
    Column("at", UtcTime, nullable=False),
    Column("by", StrangersText, nullable=False),
    UniqueConstraint("notice", "version"),
    sqlite_autoincrement=True,
)
