"""Who lives or lived where: written by moves in and out, and open to correction."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from sqlalchemy import Select
from typing_extensions import override

from central.errors import RegistryError
from central.masking.kinds import Personal
from central.people import repository
from central.people.tables import Residency
from central.records.repository import of_site
from central.records.schemas import Asked, Line, Moment, Name, OfSiteShown, OfSiteWanted
from central.records.services import Records
from central.registry import Work
from central.tables import Person, Site

LivesAs = Literal["owner", "tenant", "family"]


class ResidencyWanted(OfSiteWanted):
    """What may be set of a residency: a correction, or one of before; a move itself is an act of the person."""

    person: UUID
    unit: Name
    relation: LivesAs
    moved_in: Moment | None = None
    moved_out: Moment | None = None
    slip: Line = ""
    reason: Line = ""


class ResidenciesAsked(Asked):
    """Which residencies are wanted; `since`: with a move at that time or later, `living`: that have not ended, or have."""

    unit: Line | None = None
    person_id: UUID | None = None
    since: Moment | None = None
    living: bool | None = None


class ResidencyShown(OfSiteShown):
    """That a person lives or lived in a unit; without `moved_in`, from before moves were written down."""

    person_id: UUID
    unit: Annotated[str, Personal("address")]
    relation: LivesAs
    moved_in: datetime | None
    moved_out: datetime | None
    slip: str
    reason: Annotated[str, Personal("note")]


class Residencies(Records[Residency, ResidencyWanted, ResidencyShown]):
    """Residencies; nobody lives in one unit twice at a time."""

    table = Residency
    wanted = ResidencyWanted
    shown = ResidencyShown
    taken = "the person lives in this unit already"

    @override
    def fill(self, work: Work, site: Site, row: Residency, wanted: ResidencyWanted) -> None:
        """Set all of a residency; the person must be of the site."""
        of_site(work.session, Person, wanted.person, site.id, "person")
        check_order(wanted.moved_in, wanted.moved_out)
        row.person_id, row.unit, row.relation = wanted.person, wanted.unit, wanted.relation
        row.moved_in, row.moved_out = wanted.moved_in, wanted.moved_out
        row.slip, row.reason = wanted.slip, wanted.reason

    @override
    def key(self, wanted: ResidencyWanted) -> dict[str, object]:
        return {"person_id": wanted.person, "unit": wanted.unit, "moved_in": wanted.moved_in}

    @override
    def narrowed(self, query: Select[Residency], asked: Asked) -> Select[Residency]:
        assert isinstance(asked, ResidenciesAsked)
        if asked.since is not None:
            query = query.where(repository.moved_since(asked.since))
        if asked.living is not None:
            query = query.where(Residency.moved_out.is_(None) == asked.living)
        return super().narrowed(query, asked.model_copy(update={"since": None, "living": None}))


def check_order(moved_in: datetime | None, moved_out: datetime | None) -> None:
    """Raise RegistryError 422 where somebody would have left before coming."""
    if moved_in and moved_out and moved_out < moved_in:
        raise RegistryError("nobody moves out before moving in", 422, "moved_out")


residencies = Residencies()
