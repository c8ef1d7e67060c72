"""Tables of visits."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

Bytewise = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Add them."""
    op.create_table(
        "denied_visitors",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("site_id", sa.Uuid, sa.ForeignKey("sites.id"), nullable=False, index=True),
        sa.Column("version", sa.BigInteger, nullable=False, server_default="1"),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("folded", Bytewise, nullable=False),
        sa.Column("phone_hash", sa.LargeBinary, nullable=False),
        sa.Column("phone_tail", sa.Text, nullable=False),
        sa.Column("plate", Bytewise, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("valid_until", sa.DateTime(timezone=True)),
        sa.UniqueConstraint(
            "site_id", "folded", "phone_hash", "plate", name="uq_denied_visitors_site_id_folded_phone_hash_plate"
        ),
    )
    for columns in (["site_id", "phone_hash"], ["site_id", "plate"]):
        op.create_index(f"ix_denied_visitors_{'_'.join(columns)}", "denied_visitors", columns)
