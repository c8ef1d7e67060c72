"""Tables of the tree of all heads, of the ends of what only grows, and of what was published."""

from uuid import UUID

from sqlalchemy import BigInteger, Index
from sqlalchemy.orm import Mapped, mapped_column

from central.tables import Base


class ChainEnd(Base):
    """Where something that only grows ends now: how many it has, and the hash that stands for all of them.

    `audit`: the chain of the audit. `tree`: the root, with the time (UTC microseconds) and the registry's signature of its head.
    Its lock puts those who append in line.
    """

    __tablename__ = "chain_ends"
    name: Mapped[str] = mapped_column(primary_key=True)
    size: Mapped[int] = mapped_column(BigInteger)
    head: Mapped[bytes]
    at_us: Mapped[int | None] = mapped_column(BigInteger)
    signature: Mapped[bytes | None]


class TreeLeaf(Base):
    """A leaf of the tree by its place (from 0), with the bytes that its hash is over; see `central.tree.leaves`."""

    __tablename__ = "tree_leaves"
    __table_args__ = (Index(None, "kind", "place"),)
    place: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    kind: Mapped[str]
    data: Mapped[bytes]


class TreeNode(Base):
    """The hash over a complete subtree of 2**level leaves; of level 0 a leaf's own."""

    __tablename__ = "tree_nodes"
    level: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    place: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    hash: Mapped[bytes]


class PublishedHead(Base):
    """A signed head that was written outside, or could not be: when, where to (never with a secret), and the fault ("": none)."""

    __tablename__ = "published_heads"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    at_us: Mapped[int] = mapped_column(BigInteger)
    target: Mapped[str]
    fault: Mapped[str]
    size: Mapped[int] = mapped_column(BigInteger)
    root: Mapped[bytes]
    head_at_us: Mapped[int] = mapped_column(BigInteger)
    signature: Mapped[bytes]
