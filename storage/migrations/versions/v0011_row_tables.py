"""Rows of workbooks, where they are many, stand behind the record of their submission, each text once (`storage.codec`).

No table changes, and older records are read as they are. A program of before would read the new ones as having no rows: this
number keeps it from them.
"""

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing is to be done."""
