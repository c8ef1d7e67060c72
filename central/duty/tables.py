"""Tables of duty: the duty log, patrols, and what booths and displays show."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from central.tables import Base, Versioned


class DutyLogEntry(Versioned):
    """One entry of the duty log, never changed: `day` is that of `at` in the site's zone, as YYYY-MM-DD."""

    __tablename__ = "duty_log"
    __table_args__ = (Index(None, "site_id", "day", "id"),)
    post: Mapped[str]
    guard: Mapped[str]
    day: Mapped[str]
    at: Mapped[datetime]
    entry_kind: Mapped[str]
    text: Mapped[str]
    told: Mapped[list[Any]]
    pictures: Mapped[list[Any]]
    corrects_id: Mapped[UUID | None] = mapped_column(ForeignKey("duty_log.id"))


class PatrolPoint(Versioned):
    """A point that guards visit on their rounds, by the number of its tag."""

    __tablename__ = "patrol_points"
    __table_args__ = (UniqueConstraint("site_id", "code"),)
    name: Mapped[str]
    code: Mapped[str]
    place: Mapped[str]
    position: Mapped[int]


class PatrolStop(Base):
    """A point of a route, and the minutes after the round's beginning by which it is to be visited."""

    __tablename__ = "patrol_stops"
    route_id: Mapped[UUID] = mapped_column(ForeignKey("patrol_routes.id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    point_id: Mapped[UUID] = mapped_column(ForeignKey("patrol_points.id"), index=True)
    minutes: Mapped[int]


class PatrolRoute(Versioned):
    """The points of a round, in order; one that is not in use stays for the rounds that were made on it."""

    __tablename__ = "patrol_routes"
    __table_args__ = (UniqueConstraint("site_id", "name"),)
    name: Mapped[str]
    is_used: Mapped[bool]
    stops: Mapped[list[PatrolStop]] = relationship(order_by=PatrolStop.position, cascade="all, delete-orphan")


class PatrolRound(Versioned):
    """A round that a guard made: `stops` are those of the route as it was, with the time of each visit.

    `missed` and `late` count stops: those not visited (so far), and those visited after their time.
    """

    __tablename__ = "patrol_rounds"
    __table_args__ = (Index(None, "site_id", "day", "id"),)
    route_id: Mapped[UUID] = mapped_column(ForeignKey("patrol_routes.id"), index=True)
    guard: Mapped[str]
    day: Mapped[str]
    begun_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    remark: Mapped[str]
    stops: Mapped[list[Any]]
    missed: Mapped[int]
    late: Mapped[int]


class Notice(Versioned):
    """A notice for booths, lane displays or the office, while it is valid; without gates and lanes it is for all of them."""

    __tablename__ = "notices"
    __table_args__ = (UniqueConstraint("site_id", "title", "valid_from"),)
    title: Mapped[str]
    text: Mapped[str]
    title_en: Mapped[str]
    text_en: Mapped[str]
    at_booth: Mapped[bool]
    at_lane_display: Mapped[bool]
    at_office: Mapped[bool]
    gates: Mapped[list[Any]]
    lanes: Mapped[list[Any]]
    importance: Mapped[str]
    valid_from: Mapped[datetime]
    valid_until: Mapped[datetime | None]


class Whereabouts(Versioned):
    """Where a vehicle (by its plate in normal form) or somebody of the staff has gone, until it is back."""

    __tablename__ = "whereabouts"
    __table_args__ = (UniqueConstraint("site_id", "subject", "left_at"), Index(None, "site_id", "returned_at"))
    subject_kind: Mapped[str]
    subject: Mapped[str]
    destination: Mapped[str]
    left_at: Mapped[datetime]
    expected_back: Mapped[datetime | None]
    returned_at: Mapped[datetime | None]
    remark: Mapped[str]


class Applicant(Versioned):
    """Somebody who came about a job, and whether they still wait."""

    __tablename__ = "applicants"
    __table_args__ = (UniqueConstraint("site_id", "name", "came_at"), Index(None, "site_id", "state", "id"))
    name: Mapped[str]
    phone_tail: Mapped[str]
    position: Mapped[str]
    came_at: Mapped[datetime]
    waits_where: Mapped[str]
    department: Mapped[str]
    interviewer: Mapped[str]
    state: Mapped[str]
    remark: Mapped[str]


class SitePepper(Base):
    """The pepper of a site, made when it is needed first. It stands alone, so that nothing that tells of sites tells it."""

    __tablename__ = "site_peppers"
    site_id: Mapped[UUID] = mapped_column(ForeignKey("sites.id"), primary_key=True)
    pepper: Mapped[bytes]
