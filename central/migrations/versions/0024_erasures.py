"""Of whom what was erased, when and why."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

UtcTime = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Make the tables of erasures."""
    op.create_table(
        "erasures",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("site_id", sa.Uuid, sa.ForeignKey("sites.id"), nullable=False, index=True),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("record_id", sa.Uuid, nullable=False),
        *(sa.Column(name, sa.JSON(), nullable=False) for name in ("persons", "credentials", "documents", "texts")),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("purpose", "by_name", "by_role")),
        sa.Column("created_at", UtcTime, nullable=False),
        sa.Column("finished_at", UtcTime),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("is_told", sa.Boolean(), nullable=False),
        *(sa.Column(name, sa.BigInteger(), nullable=False) for name in ("records", "entries", "pictures")),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("at_edge", sa.Uuid),
        sa.Column("at_epoch", sa.Uuid),
        sa.Column("at_seq", sa.BigInteger(), nullable=False),
    )
    op.create_index("ix_erasures_state_id", "erasures", ["state", "id"])
    op.create_table(
        "erased_pictures",
        sa.Column("sha256", sa.Text(), primary_key=True),
        sa.Column("is_file_left", sa.Boolean(), nullable=False, index=True),
    )
