"""What a writer sends beyond an hour's limit waits behind all others; and indexes by which the next mails are found however many
wait."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_ORDINARY, _BEHIND = sa.text("status = 'new' AND surplus = 0"), sa.text("status = 'new' AND surplus > 0")


def upgrade() -> None:
    op.add_column("mails", sa.Column("surplus", sa.Integer(), nullable=False, server_default="0"))
    op.create_index("ix_mails_lane", "mails", ["lane", "received_at"])
    op.drop_index("ix_mails_new", "mails")
    for name, columns, where in (
        ("ix_mails_new", ["received_at", "uid", "id", "lane", "not_before"], _ORDINARY),
        ("ix_mails_turns", ["lane", "received_at", "uid", "id"], _ORDINARY),
        ("ix_mails_behind", ["lane", "received_at", "uid", "id"], _BEHIND),
    ):
        op.create_index(name, "mails", columns, sqlite_where=where, postgresql_where=where)
