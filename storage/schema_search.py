"""The tables of the search index. All of it is derived from records and mails, and can be made anew. The grams, which each
database keeps in its own way, are beside them (`storage/search_grams.py`)."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Index, String, Table, Text, UniqueConstraint

from storage.schema_base import metadata
from storage.types import BigId, StrangersText, UtcTime

search_subjects = Table(  # what is found belongs to one: a submission, or a mail that became none
    "search_subjects",
    metadata,
    Column("id", BigId, primary_key=True),
    Column("subject", String(200), nullable=False),  # a receipt, or mail:<sha256>
    Column("notice", String(80)),
    Column("reporter", String(40)),
    Column("state", String(40), nullable=False),  # of a mail its disposition
    Column("received_at", UtcTime, nullable=False),
    Column("uid", BigInteger, nullable=False),
    Column("late", Boolean, nullable=False),
    Column("breach", Boolean, nullable=False),
    Column("reviewed", Boolean, nullable=False),
    UniqueConstraint("subject"),
    Index("ix_search_subjects_received_at", "received_at", "uid"),
)

search_documents = Table(
    "search_documents",
    metadata,
    Column("id", BigId, primary_key=True, autoincrement=False),  # greater is newer (`storage/search_writing.py`)
    Column("subject", BigInteger, ForeignKey("search_subjects.id"), nullable=False, index=True),
    Column("kind", String(10), nullable=False),
    Column("place", StrangersText, nullable=False),
    Column("text", StrangersText, nullable=False),
    Column("folded", Text, nullable=False),  # as `domain.segment.fold` makes it
    Column("earlier", Boolean, nullable=False),  # stood in an earlier decision on the same receipt
)

search_identifiers = Table(
    "search_identifiers",
    metadata,
    Column("identifier", StrangersText, primary_key=True),
    Column("document", BigInteger, ForeignKey("search_documents.id"), primary_key=True),
    Index("ix_search_identifiers_document", "document"),
    sqlite_with_rowid=False,
)
