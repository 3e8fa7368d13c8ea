"""Accounts of the console, their sessions and browsers, and failed log-ins."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "users",
        sa.Column("name", sa.String(40), nullable=False),
        sa.Column("shown", sa.Text(), nullable=False),
        sa.Column("role", sa.String(8), nullable=False),
        sa.Column("password", sa.Text()),
        sa.Column("subject", sa.Text()),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("disabled_at", sa.BigInteger()),
        sa.Column("seen_at", sa.BigInteger()),
        sa.PrimaryKeyConstraint("name", name="pk_users"),
        sa.UniqueConstraint("subject", name="uq_users_subject"),
    )
    for table, times in (("sessions", ("opened_at", "seen_at")), ("browsers", ("seen_at",))):
        op.create_table(
            table,
            sa.Column("token", sa.String(64), nullable=False),
            sa.Column("user", sa.String(40), nullable=False),
            *(sa.Column(name, sa.BigInteger(), nullable=False) for name in times),
            sa.PrimaryKeyConstraint("token", name=f"pk_{table}"),
            sa.ForeignKeyConstraint(["user"], ["users.name"], name=f"fk_{table}_user_users"),
        )
        op.create_index(f"ix_{table}_user", table, ["user"])
    op.create_table(
        "login_failures",
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_login_failures"),
    )
