"""All tables of the registry.

Keys are UUIDv7 made by the registry (journal entries: by the gate). Every record of a site carries the site's id, so that
each query can be scoped by it and a large database can be divided by it.
"""

from datetime import UTC, datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import (
    JSON,
    BigInteger,
    DateTime,
    Dialect,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    MetaData,
    Text,
    TypeDecorator,
    UniqueConstraint,
    Uuid,
    false,
    text,
    true,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship
from typing_extensions import override

from central.cards.details import CardDetails
from central.cards.details import indexes as card_indexes
from central.people.details import PersonDetails
from central.people.details import indexes as person_indexes
from central.vehicles.details import VehicleDetails
from central.vehicles.details import indexes as vehicle_indexes

# Compared byte by byte on both databases, so that a prefix is a range of an ordinary index.
Bytewise = Text().with_variant(Text(collation="C"), "postgresql")


class UtcTime(TypeDecorator[datetime]):
    """An aware UTC time; SQLite, which knows no zones, keeps it without."""

    impl = DateTime(timezone=True)
    cache_ok = True

    @override
    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse a naive time, store UTC."""
        if value is None:
            return None
        assert value.tzinfo is not None, "a time without zone reached the database"
        return value.astimezone(UTC)

    @override
    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return the time as aware UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    """Base of all tables; constraints are named, so that a migration can change them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        str: Text(),
        bytes: LargeBinary(),
        UUID: Uuid(),
        datetime: UtcTime(),
        list[Any]: JSON(),
    }


class Site(Base):
    """A site: its zone, the key of its card hashes (32 bytes), the revision of its rules, the count of its shared facts."""

    __tablename__ = "sites"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    zone: Mapped[str]
    card_key: Mapped[bytes]
    revision: Mapped[int] = mapped_column(BigInteger, default=0)
    facts_cursor: Mapped[int] = mapped_column(BigInteger, server_default="0")
    version: Mapped[int] = mapped_column(BigInteger, default=1, server_default="1")


class OfSite(Base):
    """Base of every record that belongs to one site."""

    __abstract__ = True
    id: Mapped[UUID] = mapped_column(primary_key=True)
    site_id: Mapped[UUID] = mapped_column(ForeignKey("sites.id"), index=True)


class Versioned(OfSite):
    """Base of every record that the office changes: `version` counts the changes, and is the record's ETag."""

    __abstract__ = True
    version: Mapped[int] = mapped_column(BigInteger, default=1, server_default="1")


class Gate(Versioned):
    """A gate: a place with lanes, run by one edge."""

    __tablename__ = "gates"
    __table_args__ = (UniqueConstraint("site_id", "slug"),)
    slug: Mapped[str]
    name: Mapped[str]


class Zone(Versioned):
    """An area behind lanes: how many vehicles it holds (NULL: any number), what then, and what anti-passback does there."""

    __tablename__ = "zones"
    __table_args__ = (UniqueConstraint("site_id", "name"),)
    name: Mapped[str]
    capacity: Mapped[int | None]
    full: Mapped[str]
    anti_passback: Mapped[str]
    minutes: Mapped[int]


class Lane(Versioned):
    """One lane of a gate; `terms` is what it asks for beside a credential, as `LaneTerms`."""

    __tablename__ = "lanes"
    __table_args__ = (UniqueConstraint("gate_id", "slug"),)
    gate_id: Mapped[UUID] = mapped_column(ForeignKey("gates.id"))
    slug: Mapped[str]
    name: Mapped[str]
    lane_kind: Mapped[str]
    direction: Mapped[str]
    mode: Mapped[str]
    unknown: Mapped[str]
    inner_zone_id: Mapped[UUID | None] = mapped_column(ForeignKey("zones.id"))
    outer_zone_id: Mapped[UUID | None] = mapped_column(ForeignKey("zones.id"))
    terms: Mapped[Any] = mapped_column(JSON, default=dict, server_default="{}")


class Schedule(Versioned):
    """A weekly schedule; `spans` as in the contract."""

    __tablename__ = "schedules"
    __table_args__ = (UniqueConstraint("site_id", "name"),)
    name: Mapped[str]
    spans: Mapped[list[Any]]


class Level(Versioned):
    """An access level: the union of its grants."""

    __tablename__ = "levels"
    __table_args__ = (UniqueConstraint("site_id", "name"),)
    name: Mapped[str]
    grants: Mapped[list["Grant"]] = relationship(order_by="Grant.position", cascade="all, delete-orphan")


class GrantLane(Base):
    """A lane that a grant opens."""

    __tablename__ = "grant_lanes"
    __table_args__ = (ForeignKeyConstraint(["level_id", "position"], ["grants.level_id", "grants.position"]),)
    level_id: Mapped[UUID] = mapped_column(primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    lane_id: Mapped[UUID] = mapped_column(ForeignKey("lanes.id"), primary_key=True)


class Grant(Base):
    """One grant of a level: lanes (none: every lane of the site), direction and schedule (none: always)."""

    __tablename__ = "grants"
    level_id: Mapped[UUID] = mapped_column(ForeignKey("levels.id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    direction: Mapped[str]
    schedule_id: Mapped[UUID | None] = mapped_column(ForeignKey("schedules.id"))
    opened: Mapped[list[GrantLane]] = relationship(order_by=GrantLane.lane_id, cascade="all, delete-orphan")

    @property
    def lanes(self) -> tuple[UUID, ...]:
        """The ids of the lanes."""
        return tuple(opened.lane_id for opened in self.opened)

    @property
    def schedule(self) -> UUID | None:
        """The id of the schedule."""
        return self.schedule_id


class PersonLevel(Base):
    """A level that a person holds."""

    __tablename__ = "person_levels"
    person_id: Mapped[UUID] = mapped_column(ForeignKey("persons.id"), primary_key=True)
    level_id: Mapped[UUID] = mapped_column(ForeignKey("levels.id"), primary_key=True)


class Holder(Versioned):
    """Base of what has a status and a time of validity."""

    __abstract__ = True
    status: Mapped[str]
    valid_from: Mapped[datetime | None]
    valid_until: Mapped[datetime | None]


class Person(PersonDetails, Holder):
    """A cardholder with the full name, which never leaves for a gate."""

    __tablename__ = "persons"
    __table_args__ = (Index(None, "site_id", "unit"), *person_indexes())
    name: Mapped[str]
    unit: Mapped[str]
    category: Mapped[str]
    held: Mapped[list[PersonLevel]] = relationship(order_by=PersonLevel.level_id, cascade="all, delete-orphan")

    @property
    def levels(self) -> tuple[UUID, ...]:
        """The ids of the levels held."""
        return tuple(held.level_id for held in self.held)


class Vehicle(VehicleDetails, Holder):
    """A vehicle by its plate in normal form, if it has one; `folded` is what the plate and its look-alikes have in common."""

    __tablename__ = "vehicles"
    __table_args__ = (UniqueConstraint("site_id", "plate"), Index(None, "site_id", "folded"), *vehicle_indexes())
    plate: Mapped[str | None] = mapped_column(Bytewise)
    folded: Mapped[str] = mapped_column(Bytewise, server_default="")
    colour: Mapped[str]
    vehicle_class: Mapped[str]
    person_id: Mapped[UUID | None] = mapped_column(ForeignKey("persons.id"), index=True)


class Card(CardDetails, Holder):
    """A card by its raw bytes and length in bits, or a code by its text; `tail` is what people read on it."""

    __tablename__ = "cards"
    __table_args__ = (UniqueConstraint("site_id", "raw", "bits"), UniqueConstraint("site_id", "code"), *card_indexes())
    medium: Mapped[str]
    raw: Mapped[bytes | None]
    bits: Mapped[int | None]
    code: Mapped[str | None]
    tail: Mapped[str]
    person_id: Mapped[UUID | None] = mapped_column(ForeignKey("persons.id"), index=True)


class Block(Versioned):
    """A blocked plate (normal form) or card (raw bytes and bits), the reason that a guard is told, and where it comes from."""

    __tablename__ = "blocks"
    __table_args__ = (UniqueConstraint("site_id", "plate"), UniqueConstraint("site_id", "raw", "bits"))
    plate: Mapped[str | None] = mapped_column(Bytewise)
    raw: Mapped[bytes | None]
    bits: Mapped[int | None]
    reason: Mapped[str]
    source: Mapped[str] = mapped_column(default="", server_default="")
    valid_until: Mapped[datetime | None]


class Guard(Holder):
    """A guard by badge number, with the argon2id hash of the PIN, or where it is `peppered` of its HMAC (`access.pins`).

    `in_force`: whether the validity has begun and not ended, as gates were last told; only time and the office change it.
    """

    __tablename__ = "guards"
    __table_args__ = (UniqueConstraint("site_id", "badge"),)
    name: Mapped[str]
    badge: Mapped[str]
    pin_hash: Mapped[str]
    peppered: Mapped[bool] = mapped_column(default=False, server_default=false())
    pin_changed_at: Mapped[datetime | None]
    is_leader: Mapped[bool] = mapped_column(default=False, server_default=false())
    phone: Mapped[str] = mapped_column(default="", server_default="")
    in_force: Mapped[bool] = mapped_column(default=True, server_default=true())


class RuleChange(Base):
    """A rule record as it held from one revision until another; without `data` it was gone.

    `audience`: the gates that are told of it, by the hex of their ids, or `*` for all that there are and will be.
    """

    __tablename__ = "rule_changes"
    __table_args__ = (Index(None, "site_id", "from_revision"),)
    site_id: Mapped[UUID] = mapped_column(ForeignKey("sites.id"), primary_key=True)
    kind: Mapped[str] = mapped_column(Bytewise, primary_key=True)
    record_id: Mapped[UUID] = mapped_column(primary_key=True)
    from_revision: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    to_revision: Mapped[int | None] = mapped_column(BigInteger)
    audience: Mapped[str] = mapped_column(server_default="*")
    data: Mapped[str | None]


class RuleMark(Base):
    """What stands for all changes of a site's rules up to a revision: a hash over them, chained."""

    __tablename__ = "rule_marks"
    site_id: Mapped[UUID] = mapped_column(ForeignKey("sites.id"), primary_key=True)
    revision: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    mark: Mapped[str]


def _partial(*columns: Any, where: str, name: str | None = None, unique: bool = False) -> Index:
    return Index(name, *columns, unique=unique, sqlite_where=text(where), postgresql_where=text(where))


class User(Base):
    """Somebody of the office who may sign in, by password or once by a link, unless disabled; sees `site_id`, or all (NULL).

    `badge`: what a guard acts under, if not the name.
    """

    __tablename__ = "users"
    __table_args__ = (_partial("site_id", "badge", where="disabled_at IS NULL", unique=True),)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    role: Mapped[str]
    site_id: Mapped[UUID | None] = mapped_column(ForeignKey("sites.id"))
    password_hash: Mapped[str | None]
    link_hash: Mapped[bytes | None] = mapped_column(unique=True)
    link_expires_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    disabled_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(BigInteger, default=1, server_default="1")
    badge: Mapped[str | None]


class UserSession(Base):
    """A signed-in user, by the hash of the token that the browser or program holds; it ends at `expires_at`, or idle before.

    `id`: by which it is ended from elsewhere. `agent`, `origin`: what signed in, and from where. `oidc_session`: what the
    provider that vouched for the user calls its own session.
    """

    __tablename__ = "user_sessions"
    token_hash: Mapped[bytes] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(unique=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"), index=True)
    agent: Mapped[str]
    origin: Mapped[str]
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    oidc_session: Mapped[str | None]


class Edge(OfSite):
    """A box that enrolled: its public key, the lanes that it is wired to, whether it may speak, how far it has heard of facts."""

    __tablename__ = "edges"
    gate_id: Mapped[UUID] = mapped_column(ForeignKey("gates.id"), index=True)
    name: Mapped[str]
    public_key: Mapped[bytes]
    status: Mapped[str]
    note: Mapped[str] = mapped_column(default="")
    enrolled_at: Mapped[datetime]
    approved_at: Mapped[datetime | None]
    wiring: Mapped[list[Any]] = mapped_column(server_default="[]")
    last_seen_at: Mapped[datetime | None]
    facts_through: Mapped[int] = mapped_column(BigInteger, server_default="0")


class EdgeStream(Base):
    """The last sequence number that an edge used on one stream of requests."""

    __tablename__ = "edge_streams"
    edge_id: Mapped[UUID] = mapped_column(ForeignKey("edges.id"), primary_key=True)
    stream: Mapped[str] = mapped_column(primary_key=True)
    sequence: Mapped[int] = mapped_column(BigInteger)


class EnrolmentToken(Base):
    """A token that enrols one edge once, by its hash, bound to site and gate."""

    __tablename__ = "enrolment_tokens"
    token_hash: Mapped[bytes] = mapped_column(primary_key=True)
    site_id: Mapped[UUID] = mapped_column(ForeignKey("sites.id"))
    gate: Mapped[str]
    name: Mapped[str]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class EdgeHead(Base):
    """How far an epoch of an edge is stored: highest contiguous `seq` and the chain hash there.

    `follows` and `follows_seq`: the place in a former epoch that it says to go on from; `ends_seq`: where a later one does.
    """

    __tablename__ = "edge_heads"
    edge_id: Mapped[UUID] = mapped_column(ForeignKey("edges.id"), primary_key=True)
    epoch: Mapped[UUID] = mapped_column(primary_key=True)
    acked_through: Mapped[int] = mapped_column(BigInteger)
    head: Mapped[bytes]
    follows: Mapped[UUID | None]
    follows_seq: Mapped[int | None] = mapped_column(BigInteger)
    ends_seq: Mapped[int | None] = mapped_column(BigInteger)


# What the office's log shows: decisions, what guards did (to passes, slips, visits and vehicles too), what lanes were set to, and
# what happened unasked.
LOGGED = "kind IN ('decision', 'guard', 'lane', 'observation', 'pass', 'slip', 'visit', 'vehicle')"


class JournalEntry(Base):
    """A journal entry as the gate made it, and the columns that the log is searched by.

    `at_us`: UTC microseconds, as the gate stamped them: a number, so that paging by it is exact on both databases.
    `record_id`: the visit, pass or slip that it is about; `guard`: the badge of who acted; `capture`: its pictures' name.
    """

    __tablename__ = "journal_entries"
    edge_id: Mapped[UUID] = mapped_column(ForeignKey("edges.id"), primary_key=True)
    epoch: Mapped[UUID] = mapped_column(primary_key=True)
    seq: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    id: Mapped[UUID] = mapped_column(unique=True)
    site_id: Mapped[UUID]
    gate_id: Mapped[UUID]
    lane_id: Mapped[UUID | None]
    canonical: Mapped[bytes]
    personal: Mapped[bytes]
    chain_hash: Mapped[bytes]
    received_at: Mapped[datetime]
    kind: Mapped[str]
    at_us: Mapped[int] = mapped_column(BigInteger)
    passage: Mapped[str | None]
    outcome: Mapped[str | None]
    reason: Mapped[str | None]
    medium: Mapped[str | None]
    device: Mapped[str | None]
    category: Mapped[str | None]
    plate: Mapped[str | None] = mapped_column(Bytewise)
    card: Mapped[str | None] = mapped_column(Bytewise)
    card_low: Mapped[str | None] = mapped_column(Bytewise)
    person_id: Mapped[UUID | None]
    record_id: Mapped[UUID | None]
    guard: Mapped[str | None]
    capture: Mapped[str | None]


_newest = (JournalEntry.at_us.desc(), JournalEntry.id.desc())
# With the plate: where very many fit, the newest are read from the index alone.
_partial(JournalEntry.site_id, *_newest, JournalEntry.plate, where=LOGGED, name="ix_journal_log")
_partial(JournalEntry.gate_id, *_newest, where=LOGGED, name="ix_journal_gate")
_partial(JournalEntry.lane_id, *_newest, where=LOGGED, name="ix_journal_lane")
_partial(JournalEntry.outcome, JournalEntry.reason, *_newest, where=LOGGED, name="ix_journal_outcome")
_partial(JournalEntry.reason, *_newest, where=LOGGED, name="ix_journal_reason")
_partial(JournalEntry.plate, *_newest, where="plate IS NOT NULL", name="ix_journal_plate")
_partial(JournalEntry.category, *_newest, where="category IS NOT NULL", name="ix_journal_category")
_partial(JournalEntry.record_id, *_newest, where="record_id IS NOT NULL", name="ix_journal_record")
_partial(JournalEntry.guard, *_newest, where="guard IS NOT NULL", name="ix_journal_guard")
_partial(JournalEntry.card, *_newest, where="card IS NOT NULL", name="ix_journal_card")
_partial(JournalEntry.card_low, *_newest, where="card_low IS NOT NULL", name="ix_journal_card_low")
_partial(JournalEntry.person_id, *_newest, where="person_id IS NOT NULL", name="ix_journal_person")
_partial(JournalEntry.passage, JournalEntry.edge_id, where="passage IS NOT NULL", name="ix_journal_passage")


class QuarantinedEntry(Base):
    """An entry that could not be taken in, kept as it came, with the reason; it is part of the chain."""

    __tablename__ = "quarantined_entries"
    edge_id: Mapped[UUID] = mapped_column(ForeignKey("edges.id"), primary_key=True)
    epoch: Mapped[UUID] = mapped_column(primary_key=True)
    seq: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    canonical: Mapped[bytes]
    personal: Mapped[bytes]
    chain_hash: Mapped[bytes]
    received_at: Mapped[datetime]
    reason: Mapped[str]


class Picture(Base):
    """A stored picture of a capture; the file is named by the SHA-256."""

    __tablename__ = "pictures"
    __table_args__ = (Index(None, "edge_id", "received_at"),)
    edge_id: Mapped[UUID] = mapped_column(ForeignKey("edges.id"), primary_key=True)
    capture: Mapped[str] = mapped_column(primary_key=True)
    sha256: Mapped[str] = mapped_column(primary_key=True, index=True)
    camera: Mapped[str]
    size: Mapped[int]
    received_at: Mapped[datetime]
