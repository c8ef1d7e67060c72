"""Tables of places."""

from typing import Any
from uuid import UUID

from sqlalchemy import JSON, BigInteger, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from central.tables import Base, Versioned


class Building(Versioned):
    """A building of a site."""

    __tablename__ = "buildings"
    __table_args__ = (UniqueConstraint("site_id", "name"),)
    name: Mapped[str]
    floors: Mapped[int]


class Unit(Versioned):
    """A home, shop or office in a building; `label` is what people write on forms: the building's name and the number."""

    __tablename__ = "units"
    __table_args__ = (UniqueConstraint("building_id", "number"), UniqueConstraint("site_id", "label"))
    building_id: Mapped[UUID] = mapped_column(ForeignKey("buildings.id"))
    number: Mapped[str]
    label: Mapped[str]
    floor: Mapped[int | None]
    use: Mapped[str]


class Post(Versioned):
    """A post where guards stand and duplicates hang, at a gate or elsewhere on the site (NULL)."""

    __tablename__ = "posts"
    __table_args__ = (UniqueConstraint("site_id", "name"),)
    gate_id: Mapped[UUID | None] = mapped_column(ForeignKey("gates.id"))
    name: Mapped[str]


class SiteSettingsRow(Base):
    """What a site has set, as `SiteSettings`; schedule and gate stand beside it so that they cannot go while used."""

    __tablename__ = "site_settings"
    site_id: Mapped[UUID] = mapped_column(ForeignKey("sites.id"), primary_key=True)
    version: Mapped[int] = mapped_column(BigInteger)
    data: Mapped[Any] = mapped_column(JSON)
    work_hours_schedule_id: Mapped[UUID | None] = mapped_column(ForeignKey("schedules.id"))
    home_gate_id: Mapped[UUID | None] = mapped_column(ForeignKey("gates.id"))


class SitePlan(Base):
    """The plan of a site: a JPEG and its SHA-256, and where on it gates, lanes and posts are, as `Mark`."""

    __tablename__ = "site_plans"
    site_id: Mapped[UUID] = mapped_column(ForeignKey("sites.id"), primary_key=True)
    version: Mapped[int] = mapped_column(BigInteger)
    image: Mapped[bytes] = mapped_column(deferred=True)
    sha256: Mapped[str]
    width: Mapped[int]
    height: Mapped[int]
    marks: Mapped[list[Any]]
