"""Rows of several sheets of one workbook: two of them may stand in rows of the same number."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("submission_rows") as table:
        table.add_column(sa.Column("sheet", sa.Text(), nullable=False, server_default=""))
        table.drop_constraint("uq_submission_rows_receipt_number", type_="unique")
        table.create_unique_constraint("uq_submission_rows_receipt_sheet_number", ["receipt", "sheet", "number"])
