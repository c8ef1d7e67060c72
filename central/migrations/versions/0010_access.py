"""Special days, where a block comes from, and drafts of the rules."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add them; of the blocks that there are nobody knows where they come from."""
    op.create_table(
        "special_days",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("site_id", sa.Uuid, sa.ForeignKey("sites.id"), nullable=False, index=True),
        sa.Column("version", sa.BigInteger, nullable=False, server_default="1"),
        sa.Column("date", sa.Date, nullable=False),
        sa.Column("counts_as", sa.Integer, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.UniqueConstraint("site_id", "date", name="uq_special_days_site_id_date"),
    )
    op.add_column("blocks", sa.Column("source", sa.Text, nullable=False, server_default=""))
    op.create_table(
        "rules_drafts",
        sa.Column("record_id", sa.Uuid, sa.ForeignKey("workflow_records.id"), primary_key=True),
        sa.Column("changes", sa.JSON, nullable=False),
        sa.Column("told", sa.JSON, nullable=False),
        sa.Column("trial", sa.JSON),
        sa.Column("replaced_revision", sa.BigInteger, nullable=False),
    )
