"""Rows of sheets that are known again; under which badge a sheet was sent."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add them."""
    op.add_column("imports", sa.Column("by_badge", sa.Text, nullable=False, server_default=""))
    op.create_table(
        "imported_rows",
        sa.Column("site_id", sa.Uuid, sa.ForeignKey("sites.id"), primary_key=True),
        sa.Column("kind", sa.Text, primary_key=True),
        sa.Column("digest", sa.Text, primary_key=True),
        sa.Column("record_id", sa.Uuid, sa.ForeignKey("workflow_records.id"), nullable=False),
    )
