"""The pepper of a site, under which PINs are hashed."""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the peppers; hashes that are there stay without one until their PIN is set anew."""
    op.create_table(
        "site_peppers",
        sa.Column("site_id", sa.Uuid, sa.ForeignKey("sites.id"), primary_key=True),
        sa.Column("pepper", sa.LargeBinary, nullable=False),
    )
    op.add_column("guards", sa.Column("peppered", sa.Boolean, nullable=False, server_default=sa.false()))
