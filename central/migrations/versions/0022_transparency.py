"""The chain of the audit, the tree of all heads, and where it was published."""

import secrets
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from alembic import op

from central.audit.chain import GENESIS, SALT_BYTES, chained

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

PAGE = 5_000
_texts = ("kind", "act", "by_name", "by_role", "origin", "reason")
_audit = sa.table(
    "audit_entries",
    *(sa.column(name, sa.Uuid) for name in ("id", "site_id", "record_id")),
    *(sa.column(name, sa.Text) for name in _texts),
    *(sa.column(name, sa.BigInteger) for name in ("version", "at_us", "seq")),
    *(sa.column(name, sa.JSON(none_as_null=True)) for name in ("before", "after")),
    *(sa.column(name, sa.LargeBinary) for name in ("chain_hash", "commitment", "salt")),
)


def upgrade() -> None:
    """Add them; what the audit has is put on its chain in the order of the ids, which begin with the time."""
    _tables()
    op.add_column("journal_checkpoints", sa.Column("leaf", sa.BigInteger))
    waiting = sa.text("leaf IS NULL")
    op.create_index(
        "ix_journal_checkpoints_waiting",
        "journal_checkpoints",
        ["received_us"],
        sqlite_where=waiting,
        postgresql_where=waiting,
    )
    op.add_column("audit_entries", sa.Column("seq", sa.BigInteger))
    for name in ("chain_hash", "commitment", "salt"):
        op.add_column("audit_entries", sa.Column(name, sa.LargeBinary))
    _chain(op.get_bind())
    op.create_index("ix_audit_entries_seq", "audit_entries", ["seq"], unique=True)


def _tables() -> None:
    op.create_table(
        "chain_ends",
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.Column("head", sa.LargeBinary, nullable=False),
        sa.Column("at_us", sa.BigInteger),
        sa.Column("signature", sa.LargeBinary),
    )
    op.create_table(
        "tree_leaves",
        sa.Column("place", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("data", sa.LargeBinary, nullable=False),
    )
    op.create_index("ix_tree_leaves_kind_place", "tree_leaves", ["kind", "place"])
    op.create_table(
        "tree_nodes",
        sa.Column("level", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("place", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("hash", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "published_heads",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("at_us", sa.BigInteger, nullable=False),
        sa.Column("target", sa.Text, nullable=False),
        sa.Column("fault", sa.Text, nullable=False),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.Column("root", sa.LargeBinary, nullable=False),
        sa.Column("head_at_us", sa.BigInteger, nullable=False),
        sa.Column("signature", sa.LargeBinary, nullable=False),
    )


def _chain(connection: sa.Connection) -> None:
    """Chain page after page: a table of millions fits into no memory."""
    names = ("seq", "chain_hash", "commitment", "salt")
    statement = (
        _audit.update().where(_audit.c.id == sa.bindparam("of")).values({name: sa.bindparam(f"new_{name}") for name in names})
    )
    seq, head = 0, GENESIS
    for page in _pages(connection):
        rows = []
        for entry in page:
            seq += 1
            columns = chained(head, seq, entry, secrets.token_bytes(SALT_BYTES))
            head = columns["chain_hash"]
            rows.append({"of": entry["id"], **{f"new_{name}": columns[name] for name in names}})
        connection.execute(statement, rows)
    if seq:
        end = sa.table(
            "chain_ends", sa.column("name", sa.Text), sa.column("size", sa.BigInteger), sa.column("head", sa.LargeBinary)
        )
        connection.execute(end.insert().values(name="audit", size=seq, head=head))


def _pages(connection: sa.Connection) -> Iterator[list[dict[str, Any]]]:
    after = UUID(int=0)
    query = sa.select(_audit).order_by(_audit.c.id).limit(PAGE)
    while page := [dict(row) for row in connection.execute(query.where(_audit.c.id > after)).mappings()]:
        yield page
        after = page[-1]["id"]
