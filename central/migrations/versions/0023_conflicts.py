"""What two stories disagree about, and who has signed it off."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

BYTEWISE = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Add the ledger, and what its finding works with; the journals that are here are looked through by the job."""
    op.create_table(
        "conflicts",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("site_id", sa.Uuid, sa.ForeignKey("sites.id"), nullable=False, index=True),
        sa.Column("version", sa.BigInteger, nullable=False, server_default="1"),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("key", BYTEWISE, nullable=False),
        sa.Column("topic", BYTEWISE, nullable=False),
        sa.Column("round", sa.Integer, nullable=False),
        sa.Column("severity", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("facts", sa.JSON, nullable=False),
        sa.Column("at_us", sa.BigInteger, nullable=False),
        sa.Column("found_at", TIME, nullable=False),
        sa.Column("changed_at", TIME, nullable=False),
        sa.Column("signed_at", TIME),
        sa.Column("signed_by", sa.Text),
        sa.Column("signed_role", sa.Text),
        sa.Column("words", sa.Text),
        sa.UniqueConstraint("site_id", "kind", "key", "round", name="uq_conflicts_site_id_kind_key_round"),
    )
    op.create_index("ix_conflicts_site_id_state_id", "conflicts", ["site_id", "state", "id"])
    op.create_index("ix_conflicts_site_id_topic", "conflicts", ["site_id", "topic"])
    op.create_table(
        "conflict_entries",
        sa.Column("conflict_id", sa.Uuid, sa.ForeignKey("conflicts.id"), primary_key=True),
        sa.Column("n", sa.Integer, primary_key=True),
        *_place(primary_key=False),
        *_moment(),
    )
    op.create_index("ix_conflict_entries_gate_id_conflict_id", "conflict_entries", ["gate_id", "conflict_id"])
    op.create_table(
        "conflict_marks",
        sa.Column("site_id", sa.Uuid, sa.ForeignKey("sites.id"), primary_key=True),
        sa.Column("topic", BYTEWISE, primary_key=True),
        *_place(primary_key=True),
        *_moment(),
        sa.Column("number", sa.BigInteger, nullable=False),
        sa.Column("what", sa.JSON, nullable=False),
    )
    op.create_index("ix_conflict_marks_site_id_topic_at_us", "conflict_marks", ["site_id", "topic", "at_us"])
    op.create_table(
        "conflict_cursors",
        sa.Column("edge_id", sa.Uuid, sa.ForeignKey("edges.id"), primary_key=True),
        sa.Column("epoch", sa.Uuid, primary_key=True),
        sa.Column("through", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "conflict_parked",
        sa.Column("edge_id", sa.Uuid, sa.ForeignKey("edges.id"), primary_key=True),
        sa.Column("epoch", sa.Uuid, primary_key=True),
        sa.Column("seq", sa.BigInteger, primary_key=True),
    )
    op.create_table("conflict_turns", sa.Column("site_id", sa.Uuid, sa.ForeignKey("sites.id"), primary_key=True))


def _place(*, primary_key: bool) -> list[sa.Column[object]]:
    return [
        sa.Column("edge_id", sa.Uuid, primary_key=primary_key, nullable=False),
        sa.Column("epoch", sa.Uuid, primary_key=primary_key, nullable=False),
        sa.Column("seq", sa.BigInteger, primary_key=primary_key, nullable=False),
    ]


def _moment() -> list[sa.Column[object]]:
    return [
        sa.Column("entry_id", sa.Uuid, nullable=False),
        sa.Column("gate_id", sa.Uuid, nullable=False),
        sa.Column("lane_id", sa.Uuid),
        sa.Column("at_us", sa.BigInteger, nullable=False),
        sa.Column("quality", sa.Text, nullable=False),
    ]
