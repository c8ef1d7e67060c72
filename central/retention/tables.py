"""Tables of retention: what a site keeps how long, what is held, what went, and the proofs of it."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, BigInteger, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from central.tables import Base, OfSite, Versioned


class RetentionProfile(Base):
    """For how many days a site keeps each class of data (`central.retention.profiles`); NULL: for ever."""

    __tablename__ = "retention_profiles"
    site_id: Mapped[UUID] = mapped_column(ForeignKey("sites.id"), primary_key=True)
    version: Mapped[int] = mapped_column(BigInteger)
    profile: Mapped[str]
    events: Mapped[int | None]
    identity: Mapped[int | None]
    pictures: Mapped[int | None]
    fragments: Mapped[int | None]
    audit: Mapped[int | None]


class LegalHold(Versioned):
    """That something of a site is kept whatever its time: who said so, why, and until when (NULL: until somebody ends it).

    `what` is time, person, plate, passage or record, `subject` its id, plate or name; `edge_id`: the gate of the passage.
    `is_settled`: it is over, and what it kept back was looked at again.
    """

    __tablename__ = "legal_holds"
    __table_args__ = (Index(None, "site_id", "is_settled"),)
    what: Mapped[str]
    subject: Mapped[str]
    edge_id: Mapped[UUID | None]
    from_at: Mapped[datetime | None]
    to_at: Mapped[datetime | None]
    reason: Mapped[str]
    holds_until: Mapped[datetime | None]
    by_name: Mapped[str]
    by_role: Mapped[str]
    created_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[str]
    ended_why: Mapped[str]
    is_settled: Mapped[bool]


class RetentionRun(OfSite):
    """One run of the deletion job at a site: by what it went, what went (`counts` by class), and the signed proof of it.

    `spans`: stretches of the journals from which identity went. `digest`: SHA-256 over all that went, each over what was before
    it. `proof`: the JSON that `signature` is over, once it has ended.
    """

    __tablename__ = "retention_runs"
    __table_args__ = (Index(None, "site_id", "state"),)
    state: Mapped[str]
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    by_name: Mapped[str]
    days: Mapped[Any] = mapped_column(JSON)
    cap: Mapped[int] = mapped_column(BigInteger)
    counts: Mapped[Any] = mapped_column(JSON)
    spans: Mapped[list[Any]] = mapped_column(JSON)
    digest: Mapped[bytes]
    proof: Mapped[str]
    signature: Mapped[bytes | None]


class ForgottenRange(Base):
    """Entries `first` to `last` of an epoch that went in their time: the chain hash before them, and that of the last.

    `told`: what went with them that other epochs hang on, as the hex of canonical bytes, in which nothing is personal.
    `signature`: the registry's, so that nobody else declares anything forgotten.
    """

    __tablename__ = "forgotten_ranges"
    edge_id: Mapped[UUID] = mapped_column(ForeignKey("edges.id"), primary_key=True)
    epoch: Mapped[UUID] = mapped_column(primary_key=True)
    first: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    last: Mapped[int] = mapped_column(BigInteger)
    follows: Mapped[bytes]
    head: Mapped[bytes]
    told: Mapped[list[Any]] = mapped_column(JSON)
    run_id: Mapped[UUID] = mapped_column(ForeignKey("retention_runs.id"), index=True)
    signature: Mapped[bytes]


class RetentionMark(Base):
    """Through which entry of an epoch a class was looked through; of the audit the edge and epoch are zero."""

    __tablename__ = "retention_marks"
    site_id: Mapped[UUID] = mapped_column(ForeignKey("sites.id"), primary_key=True)
    what: Mapped[str] = mapped_column(primary_key=True)
    edge_id: Mapped[UUID] = mapped_column(primary_key=True)
    epoch: Mapped[UUID] = mapped_column(primary_key=True)
    through: Mapped[int] = mapped_column(BigInteger)


class RetentionClock(Base):
    """The time that the job noted last, and what was wrong with it then ("": nothing); there is one row.

    `beyond`: the latest time that anything here had when somebody last said that the clock is right.
    """

    __tablename__ = "retention_clock"
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    noted_at: Mapped[datetime]
    fault: Mapped[str]
    fault_at: Mapped[datetime | None]
    beyond: Mapped[datetime | None]


class PictureLeft(Base):
    """A picture that no capture has any more, and whose file is still to be deleted."""

    __tablename__ = "pictures_left"
    sha256: Mapped[str] = mapped_column(primary_key=True)
