"""Who looked at whom, and why."""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

Bytewise = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
INDEXED = (("site_id", "at_us"), ("by_name", "at_us"), ("person_id", "at_us"), ("subject_id", "at_us"), ("sought", "at_us"))


def upgrade() -> None:
    """Add the looks."""
    op.create_table(
        "looks",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("site_id", sa.Uuid, sa.ForeignKey("sites.id"), nullable=True),
        sa.Column("at_us", sa.BigInteger, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("by_id", sa.Uuid, nullable=True),
        sa.Column("by_name", Bytewise, nullable=False),
        sa.Column("by_role", sa.Text, nullable=False),
        sa.Column("origin", sa.Text, nullable=False),
        sa.Column("subject_kind", sa.Text, nullable=False),
        sa.Column("subject_id", sa.Uuid, nullable=True),
        sa.Column("person_id", sa.Uuid, nullable=True),
        sa.Column("sought", sa.LargeBinary, nullable=True),
        sa.Column("fields", sa.JSON, nullable=False),
        sa.Column("purpose", sa.Text, nullable=False),
        sa.Column("rows", sa.BigInteger, nullable=False, server_default="0"),
    )
    for columns in INDEXED:
        op.create_index(f"ix_looks_{'_'.join(columns)}", "looks", list(columns))
