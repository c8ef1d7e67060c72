"""Contractors: the hours of permits, and the photos of workers."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the tables."""
    op.create_table(
        "permit_schedules",
        sa.Column("permit_id", sa.Uuid, sa.ForeignKey("workflow_records.id"), primary_key=True),
        sa.Column("schedule_id", sa.Uuid, sa.ForeignKey("schedules.id"), nullable=False, index=True),
    )
    op.create_table(
        "worker_photos",
        sa.Column("site_id", sa.Uuid, sa.ForeignKey("sites.id"), primary_key=True),
        sa.Column("sha256", sa.Text, primary_key=True),
        sa.Column("data", sa.LargeBinary, nullable=False),
        sa.Column("kept_at", sa.DateTime(timezone=True), nullable=False),
    )
