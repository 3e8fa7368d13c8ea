"""The search index. Where records stand, `baosong db reindex` fills it; until then every answer says that it does not hold all."""

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_SQLITE = "CREATE VIRTUAL TABLE search_grams USING fts5(grams, content='', detail=none, tokenize='ascii')"
_POSTGRESQL = (
    "CREATE TABLE search_grams (id bigint PRIMARY KEY, grams integer[] NOT NULL)",
    "CREATE INDEX ix_search_grams_grams ON search_grams USING gin (grams) WITH (fastupdate = off)",
)


def upgrade() -> None:
    op.create_table(
        "search_subjects",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("subject", sa.String(200), nullable=False),
        sa.Column("notice", sa.String(80)),
        sa.Column("reporter", sa.String(40)),
        sa.Column("state", sa.String(40), nullable=False),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.Column("uid", sa.BigInteger(), nullable=False),
        sa.Column("late", sa.Boolean(), nullable=False),
        sa.Column("breach", sa.Boolean(), nullable=False),
        sa.Column("reviewed", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_search_subjects"),
        sa.UniqueConstraint("subject", name="uq_search_subjects_subject"),
    )
    op.create_index("ix_search_subjects_received_at", "search_subjects", ["received_at", "uid"])
    op.create_table(
        "search_documents",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("subject", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("folded", sa.Text(), nullable=False),
        sa.Column("earlier", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_search_documents"),
        sa.ForeignKeyConstraint(
            ["subject"], ["search_subjects.id"], name="fk_search_documents_subject_search_subjects"
        ),
    )
    op.create_index("ix_search_documents_subject", "search_documents", ["subject"])
    op.create_table(
        "search_identifiers",
        sa.Column("identifier", sa.Text(), nullable=False),
        sa.Column("document", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("identifier", "document", name="pk_search_identifiers"),
        sa.ForeignKeyConstraint(
            ["document"], ["search_documents.id"], name="fk_search_identifiers_document_search_documents"
        ),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_search_identifiers_document", "search_identifiers", ["document"])
    for statement in (_SQLITE,) if op.get_bind().dialect.name == "sqlite" else _POSTGRESQL:
        op.execute(statement)
    state = sa.table("state", sa.column("key"), sa.column("value", sa.JSON()), sa.column("updated_at"))
    if op.get_bind().execute(sa.text("SELECT 1 FROM mails LIMIT 1")).first():
        now = int(datetime.now(UTC).timestamp() * 1_000_000)
        op.execute(state.insert().values(key="search:index", value=True, updated_at=now))
