"""The days of goods that the office has signed off."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table."""
    op.create_table(
        "slip_reconciliations",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("site_id", sa.Uuid, sa.ForeignKey("sites.id"), nullable=False, index=True),
        sa.Column("day", sa.Date, nullable=False),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("by_name", "by_role", "remark")),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("counts", sa.JSON, nullable=False),
        sa.UniqueConstraint("site_id", "day", name="uq_slip_reconciliations_site_id_day"),
    )
