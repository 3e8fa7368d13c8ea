"""What a million rows want: an index by which the newest submissions of each reporter are found, and on SQLite documents of the
search under their own row numbers, where a BIGINT key costs a second tree for each. The search's tables are derived: they are
emptied, and made anew by `baosong db reindex`."""

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    columns = ["notice", "state", "reporter", "received_at", "uid", "receipt"]
    op.create_index("ix_submissions_standing", "submissions", columns)
    if op.get_bind().dialect.name == "sqlite":
        _documents_by_row_number()


def _documents_by_row_number() -> None:
    op.execute("DELETE FROM search_identifiers")
    op.execute("DELETE FROM search_documents")
    op.execute("DELETE FROM search_subjects")
    op.execute("INSERT INTO search_grams (search_grams) VALUES ('delete-all')")
    op.drop_table("search_documents")
    op.create_table(
        "search_documents",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
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
    if op.get_bind().execute(sa.text("SELECT 1 FROM mails LIMIT 1")).first():
        state = sa.table("state", sa.column("key"), sa.column("value", sa.JSON()), sa.column("updated_at"))
        op.execute(sa.delete(state).where(state.c.key == "search:index"))
        now = int(datetime.now(UTC).timestamp() * 1_000_000)
        op.execute(state.insert().values(key="search:index", value=True, updated_at=now))
