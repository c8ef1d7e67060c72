"""Sync: approval of edges, checkpoints, alarms that come first, shared facts, remote commands, health."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

UtcTime = sa.DateTime(timezone=True)
Bytewise = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Add the tables, and two columns."""
    op.add_column("edges", sa.Column("approved_at", UtcTime))
    op.add_column("edges", sa.Column("wiring", sa.JSON, nullable=False, server_default="[]"))
    op.add_column("edges", sa.Column("facts_through", sa.BigInteger, nullable=False, server_default="0"))
    op.execute("UPDATE edges SET approved_at = enrolled_at WHERE status = 'active'")
    op.add_column("sites", sa.Column("facts_cursor", sa.BigInteger, nullable=False, server_default="0"))
    op.add_column("edge_heads", sa.Column("follows", sa.Uuid))
    op.add_column("edge_heads", sa.Column("follows_seq", sa.BigInteger))
    op.add_column("edge_heads", sa.Column("ends_seq", sa.BigInteger))
    _rules()
    _checkpoints_and_alarms()
    _edge_events()
    _facts()
    _commands()
    op.create_table(
        "edge_health",
        sa.Column("edge_id", sa.Uuid, sa.ForeignKey("edges.id"), primary_key=True),
        sa.Column("at", UtcTime, nullable=False),
        sa.Column("data", sa.Text, nullable=False),
    )


def _place() -> tuple[sa.Column[object], ...]:
    return (
        sa.Column("edge_id", sa.Uuid, sa.ForeignKey("edges.id"), primary_key=True),
        sa.Column("epoch", sa.Uuid, primary_key=True),
        sa.Column("seq", sa.BigInteger, primary_key=True),
    )


def _checkpoints_and_alarms() -> None:
    op.create_table(
        "journal_checkpoints",
        *_place(),
        sa.Column("head", sa.LargeBinary, nullable=False),
        sa.Column("at_us", sa.BigInteger, nullable=False),
        sa.Column("signature", sa.LargeBinary, nullable=False),
        sa.Column("agrees", sa.Boolean),
        sa.Column("received_us", sa.BigInteger, nullable=False),
        sa.Column("countersignature", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "journal_gaps",
        sa.Column("edge_id", sa.Uuid, sa.ForeignKey("edges.id"), primary_key=True),
        sa.Column("epoch", sa.Uuid, primary_key=True),
        sa.Column("first", sa.BigInteger, primary_key=True),
        sa.Column("last", sa.BigInteger),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("declared_us", sa.BigInteger, nullable=False),
        sa.Column("follows", sa.LargeBinary),
    )
    op.create_table(
        "early_entries",
        *_place(),
        sa.Column("canonical", sa.LargeBinary, nullable=False),
        sa.Column("personal", sa.LargeBinary, nullable=False),
        sa.Column("received_at", UtcTime, nullable=False),
    )


def _rules() -> None:
    op.add_column("rule_changes", sa.Column("audience", sa.Text, nullable=False, server_default="*"))
    op.execute("UPDATE rule_changes SET audience = replace(CAST(gate_id AS TEXT), '-', '') WHERE gate_id IS NOT NULL")
    op.drop_column("rule_changes", "gate_id")
    op.create_table(
        "rule_marks",
        sa.Column("site_id", sa.Uuid, sa.ForeignKey("sites.id"), primary_key=True),
        sa.Column("revision", sa.BigInteger, primary_key=True),
        sa.Column("mark", sa.Text, nullable=False),
    )


def _edge_events() -> None:
    op.create_table(
        "edge_events",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("edge_id", sa.Uuid, sa.ForeignKey("edges.id"), nullable=False, index=True),
        sa.Column("at", UtcTime, nullable=False),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("what", "by", "words")),
    )


def _facts() -> None:
    op.create_table(
        "shared_facts",
        sa.Column("edge_id", sa.Uuid, sa.ForeignKey("edges.id"), primary_key=True),
        sa.Column("epoch", sa.Uuid, primary_key=True),
        sa.Column("name", Bytewise, primary_key=True),
        sa.Column("site_id", sa.Uuid, sa.ForeignKey("sites.id"), nullable=False),
        sa.Column("seq", sa.BigInteger, nullable=False),
        sa.Column("how", sa.Text, nullable=False),
        sa.Column("value", sa.JSON(none_as_null=True)),
        sa.Column("plate", sa.Text, nullable=False),
        sa.Column("at_us", sa.BigInteger, nullable=False),
        sa.Column("cursor", sa.BigInteger, nullable=False),
    )
    op.create_index("ix_shared_facts_site_id_cursor", "shared_facts", ["site_id", "cursor"])


def _commands() -> None:
    texts = ("act", "reason", "words", "choice", "issuer", "issuer_name", "refusal")
    op.create_table(
        "remote_commands",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("site_id", sa.Uuid, sa.ForeignKey("sites.id"), nullable=False, index=True),
        sa.Column("gate_id", sa.Uuid, sa.ForeignKey("gates.id"), nullable=False),
        sa.Column("lane_id", sa.Uuid, sa.ForeignKey("lanes.id"), nullable=False),
        *(sa.Column(name, sa.Text, nullable=False) for name in texts),
        sa.Column("minutes", sa.Integer, nullable=False),
        sa.Column("issued_at", UtcTime, nullable=False),
        sa.Column("expires_at", UtcTime, nullable=False),
        sa.Column("claimed_at", UtcTime),
        sa.Column("claimed_by", sa.Uuid),
        sa.Column("ended_at", UtcTime),
        sa.Column("accepted", sa.Boolean),
    )
    op.create_index("ix_remote_commands_gate_id_expires_at", "remote_commands", ["gate_id", "expires_at"])
