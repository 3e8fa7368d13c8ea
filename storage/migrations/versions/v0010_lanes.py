"""Mails of one writer wait in one lane, so that who sends thousands does not keep others waiting."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("mails", sa.Column("lane", sa.String(16), nullable=False, server_default=""))
