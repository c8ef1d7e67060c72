"""What two stories disagree about, and who has signed it off."""

from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

BYTEWISE = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
TIME = sa.DateTime(timezone=True)
LOOKED_BACK = timedelta(days=30)
_epoch = ("edge_id", "epoch")
_heads = sa.table("edge_heads", *(sa.column(name, sa.Uuid) for name in _epoch), sa.column("acked_through", sa.BigInteger))
_entries = sa.table(
    "journal_entries",
    *(sa.column(name, sa.Uuid) for name in _epoch),
    sa.column("seq", sa.BigInteger),
    sa.column("received_at", TIME),
)
_cursors = sa.table(
    "conflict_cursors",
    *(sa.column(name, sa.Uuid) for name in _epoch),
    *(sa.column(name, sa.BigInteger) for name in ("begun", "through")),
)
_audit = sa.table("audit_entries", sa.column("seq", sa.BigInteger))
_office = sa.table("conflict_office", sa.column("id", sa.Integer), sa.column("through", sa.BigInteger))


def upgrade() -> None:
    """Add the ledger, and what its finding works with.

    Of the journals that are here the job looks through what came in within the last days: what gates that are still away bring is
    compared with that, and nobody is asked about years ago.
    """
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
        sa.Column("begun", sa.BigInteger, nullable=False, server_default="0"),
        sa.Column("through", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "conflict_office",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("through", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "conflict_parked",
        sa.Column("edge_id", sa.Uuid, sa.ForeignKey("edges.id"), primary_key=True),
        sa.Column("epoch", sa.Uuid, primary_key=True),
        sa.Column("seq", sa.BigInteger, primary_key=True),
    )
    op.create_table("conflict_turns", sa.Column("site_id", sa.Uuid, sa.ForeignKey("sites.id"), primary_key=True))
    _begin(op.get_bind(), datetime.now(UTC) - LOOKED_BACK)


def _begin(connection: sa.Connection, since: datetime) -> None:
    """Begin with the entries that came in since then, and with the office's changes from now on."""
    found = ((head, _before(connection, head, since)) for head in connection.execute(sa.select(_heads)).all())
    cursors = [{"edge_id": head.edge_id, "epoch": head.epoch, "begun": at, "through": at} for head, at in found if at]
    if cursors:
        connection.execute(sa.insert(_cursors), cursors)
    last = connection.scalar(sa.select(sa.func.max(_audit.c.seq))) or 0
    connection.execute(sa.insert(_office), {"id": 1, "through": last})


def _before(connection: sa.Connection, head: sa.Row[Any], since: datetime) -> int:
    """Return the last entry of an epoch that came in before a time, by halves: they came in in their order."""
    low, high = 0, int(head.acked_through)
    while low < high:
        middle = (low + high + 1) // 2
        of_epoch = (_entries.c.edge_id == head.edge_id, _entries.c.epoch == head.epoch, _entries.c.seq <= middle)
        query = sa.select(_entries.c.received_at).where(*of_epoch).order_by(_entries.c.seq.desc()).limit(1)
        received = connection.scalar(query)
        low, high = (middle, high) if received is None or received < _like(since, received) else (low, middle - 1)
    return low


def _like(since: datetime, received: datetime) -> datetime:
    """Return a time as the database gives times: one of them does not say that they are UTC."""
    return since if received.tzinfo else since.replace(tzinfo=None)


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
