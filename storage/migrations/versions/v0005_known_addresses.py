"""Addresses that staff confirmed for a reporter; whom we heard from and could not reach; letters by domain and day."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "known_addresses",
        sa.Column("notice", sa.String(80), nullable=False),
        sa.Column("reporter", sa.String(40), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("salt", sa.String(32), nullable=False),
        sa.Column("token", sa.String(64), nullable=False),
        sa.Column("receipt", sa.String(120)),
        sa.Column("confirmed_at", sa.BigInteger(), nullable=False),
        sa.Column("confirmed_by", sa.Text(), nullable=False),
        sa.Column("forgotten_at", sa.BigInteger()),
        sa.PrimaryKeyConstraint("notice", "reporter", "address", name="pk_known_addresses"),
        sa.UniqueConstraint("token", name="uq_known_addresses_token"),
    )
    op.create_table(
        "correspondents",
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("heard_at", sa.BigInteger()),
        sa.Column("bounced_at", sa.BigInteger()),
        sa.PrimaryKeyConstraint("address", name="pk_correspondents"),
    )
    op.add_column("outbox", sa.Column("domain", sa.Text()))
    op.create_index("ix_outbox_domain", "outbox", ["domain", "sent_at"])
    op.create_index("ix_outbox_sent_at", "outbox", ["sent_at"])
