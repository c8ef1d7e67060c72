"""How far the office has followed what guards did at booths, what became of it, and who was counted."""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

_place = ("edge_id", "epoch")
_heads = sa.table("edge_heads", *(sa.column(name, sa.Uuid) for name in _place), sa.column("acked_through", sa.BigInteger))
_held = sa.table("quarantined_entries", *(sa.column(name, sa.Uuid) for name in _place), sa.column("seq", sa.BigInteger))
_cursors = sa.table("booth_cursors", *(sa.column(name, sa.Uuid) for name in _place), sa.column("through", sa.BigInteger))
_parked = sa.table("booth_parked", *(sa.column(name, sa.Uuid) for name in _place), sa.column("seq", sa.BigInteger))


def upgrade() -> None:
    """Add the tables; what is in journals already was written by gates whose booths had no records."""
    op.create_table("booth_cursors", *_of_epoch(), sa.Column("through", sa.BigInteger, nullable=False))
    op.create_table("booth_parked", *_of_epoch(), sa.Column("seq", sa.BigInteger, primary_key=True))
    op.create_table(
        "booth_acts",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("site_id", sa.Uuid, sa.ForeignKey("sites.id"), nullable=False),
        sa.Column("edge_id", sa.Uuid, sa.ForeignKey("edges.id"), nullable=False),
        sa.Column("epoch", sa.Uuid, nullable=False),
        sa.Column("seq", sa.BigInteger, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("act", sa.Text, nullable=False),
        sa.Column("record_id", sa.Uuid),
        sa.Column("at_us", sa.BigInteger, nullable=False),
        sa.Column("followed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("outcome", sa.Text, nullable=False),
        sa.Column("why", sa.Text, nullable=False),
    )
    for name in ("record_id", "outcome"):
        op.create_index(f"ix_booth_acts_site_id_{name}_at_us", "booth_acts", ["site_id", name, "at_us"])
    op.create_table(
        "counts",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("site_id", sa.Uuid, sa.ForeignKey("sites.id"), nullable=False),
        sa.Column("gate_id", sa.Uuid, sa.ForeignKey("gates.id"), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("day", sa.Text, nullable=False),
        sa.Column("hour", sa.Integer, nullable=False),
        sa.Column("what", sa.Text, nullable=False),
        sa.Column("direction", sa.Text, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
    )
    op.create_index("ix_counts_site_id_day_hour", "counts", ["site_id", "day", "hour"])
    op.execute(sa.insert(_cursors).from_select([*_place, "through"], sa.select(*_heads.c)))
    op.execute(sa.insert(_parked).from_select([*_place, "seq"], sa.select(*_held.c)))


def _of_epoch() -> list[sa.Column[object]]:
    return [
        sa.Column("edge_id", sa.Uuid, sa.ForeignKey("edges.id"), primary_key=True),
        sa.Column("epoch", sa.Uuid, primary_key=True),
    ]
