"""Users can be disabled, and changed by several at once."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add when a user was disabled, and the version."""
    op.add_column("users", sa.Column("disabled_at", sa.DateTime(timezone=True)))
    op.add_column("users", sa.Column("version", sa.BigInteger, nullable=False, server_default="1"))
