"""Versions of the ministry's list of filed apps, and the bureau's blacklist."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "registers",
        sa.Column("version", _ID, nullable=False),
        sa.Column("dated", sa.String(10), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("imported_at", sa.BigInteger(), nullable=False),
        sa.Column("imported_by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("version", name="pk_registers"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "register_entries",
        sa.Column("register", _ID, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("filing_number", sa.Text(), nullable=False),
        sa.Column("app", sa.Text(), nullable=False),
        sa.Column("operator", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("register", "position", name="pk_register_entries"),
        sa.ForeignKeyConstraint(["register"], ["registers.version"], name="fk_register_entries_register_registers"),
    )
    op.create_table(
        "blacklist",
        sa.Column("id", _ID, nullable=False),
        sa.Column("operator", sa.Text(), nullable=False),
        sa.Column("aliases", sa.JSON(), nullable=False),
        sa.Column("apps", sa.JSON(), nullable=False),
        sa.Column("since", sa.String(10), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("added_at", sa.BigInteger(), nullable=False),
        sa.Column("added_by", sa.Text(), nullable=False),
        sa.Column("lifted_on", sa.String(10)),
        sa.Column("mistake", sa.Boolean()),
        sa.Column("lift_reason", sa.Text()),
        sa.Column("lifted_at", sa.BigInteger()),
        sa.Column("lifted_by", sa.Text()),
        sa.PrimaryKeyConstraint("id", name="pk_blacklist"),
        sqlite_autoincrement=True,
    )
