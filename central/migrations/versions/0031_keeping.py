"""What is kept how long, what is held, and the proofs of what went."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None

UtcTime = sa.DateTime(timezone=True)
CLASSES = ("events", "identity", "pictures", "fragments", "audit")


def upgrade() -> None:
    """Add the tables of retention and privacy."""
    tables: tuple[tuple[str, tuple[sa.Column[Any], ...]], ...] = (
        ("retention_profiles", (_text("profile"), *(sa.Column(each, sa.Integer) for each in CLASSES))),
        ("privacy_settings", (sa.Column("data", sa.JSON, nullable=False),)),
    )
    for name, columns in tables:
        site = sa.Column("site_id", sa.Uuid, sa.ForeignKey("sites.id"), primary_key=True)
        op.create_table(name, site, sa.Column("version", sa.BigInteger, nullable=False), *columns)
    _holds()
    _runs()
    op.create_table(
        "retention_clock",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("noted_at", UtcTime, nullable=False),
        _text("fault"),
        *(sa.Column(name, UtcTime) for name in ("fault_at", "beyond")),
    )
    op.create_table("pictures_left", sa.Column("sha256", sa.Text, primary_key=True))
    op.create_index("ix_pictures_edge_id_received_at", "pictures", ["edge_id", "received_at"])


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=False)


def _of_site() -> tuple[sa.Column[object], ...]:
    return (
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("site_id", sa.Uuid, sa.ForeignKey("sites.id"), nullable=False, index=True),
    )


def _holds() -> None:
    op.create_table(
        "legal_holds",
        *_of_site(),
        sa.Column("version", sa.BigInteger, nullable=False, server_default="1"),
        *map(_text, ("what", "subject", "reason", "by_name", "by_role", "ended_by", "ended_why")),
        sa.Column("edge_id", sa.Uuid),
        *(sa.Column(name, UtcTime) for name in ("from_at", "to_at", "holds_until", "ended_at")),
        sa.Column("created_at", UtcTime, nullable=False),
        sa.Column("is_settled", sa.Boolean, nullable=False),
    )
    op.create_index("ix_legal_holds_site_id_is_settled", "legal_holds", ["site_id", "is_settled"])


def _runs() -> None:
    op.create_table(
        "retention_runs",
        *_of_site(),
        *map(_text, ("state", "by_name", "proof")),
        sa.Column("started_at", UtcTime, nullable=False),
        sa.Column("ended_at", UtcTime),
        *(sa.Column(name, sa.JSON, nullable=False) for name in ("days", "counts", "spans")),
        sa.Column("cap", sa.BigInteger, nullable=False),
        sa.Column("digest", sa.LargeBinary, nullable=False),
        sa.Column("signature", sa.LargeBinary),
    )
    op.create_index("ix_retention_runs_site_id_state", "retention_runs", ["site_id", "state"])
    op.create_table(
        "forgotten_ranges",
        sa.Column("edge_id", sa.Uuid, sa.ForeignKey("edges.id"), primary_key=True),
        sa.Column("epoch", sa.Uuid, primary_key=True),
        sa.Column("first", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("last", sa.BigInteger, nullable=False),
        *(sa.Column(name, sa.LargeBinary, nullable=False) for name in ("follows", "head", "signature")),
        sa.Column("told", sa.JSON, nullable=False),
        sa.Column("run_id", sa.Uuid, sa.ForeignKey("retention_runs.id"), nullable=False, index=True),
    )
    op.create_table(
        "retention_marks",
        sa.Column("site_id", sa.Uuid, sa.ForeignKey("sites.id"), primary_key=True),
        sa.Column("what", sa.Text, primary_key=True),
        *(sa.Column(name, sa.Uuid, primary_key=True) for name in ("edge_id", "epoch")),
        sa.Column("through", sa.BigInteger, nullable=False),
    )
