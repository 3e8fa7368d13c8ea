"""An index by which the newest submissions of each reporter are found, however many there are."""

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    columns = ["notice", "state", "reporter", "received_at", "uid", "receipt"]
    op.create_index("ix_submissions_standing", "submissions", columns)
