"""Parking spaces and quotas; gates are told each quota with its spaces."""

from uuid import UUID

from sqlalchemy import Select
from typing_extensions import override

from central.people.tables import Company
from central.records.repository import get, of_site
from central.records.repository import site as existing_site
from central.records.schemas import Asked
from central.records.services import Records
from central.records.validity import fill_validity
from central.registry import Work
from central.spaces import telling
from central.spaces.schemas import QuotaShown, QuotaWanted, SpacesAsked, SpaceShown, SpaceWanted
from central.spaces.tables import ParkingSpace, Quota
from central.tables import Person, Site, Zone


class Quotas(Records[Quota, QuotaWanted, QuotaShown]):
    """Quotas, by name. What gates are told of one holds its spaces too: see `telling`."""

    table = Quota
    wanted = QuotaWanted
    shown = QuotaShown
    taken = "another quota of the site has this name"
    in_use = "persons or parking spaces still belong to the quota"

    @override
    def fill(self, work: Work, site: Site, row: Quota, wanted: QuotaWanted) -> None:
        """Set all of a quota; the company must be of the site."""
        if wanted.company is not None:
            of_site(work.session, Company, wanted.company, site.id, "company")
        row.name, row.unit, row.company_id = wanted.name, wanted.unit, wanted.company
        row.over, row.remark = wanted.over, wanted.remark
        telling.touch(work, row.id)

    @override
    def key(self, wanted: QuotaWanted) -> dict[str, object]:
        return {"name": wanted.name}

    @override
    def followed(self, work: Work, site: Site, row: Quota) -> None:
        telling.tell_touched(work, site)

    @override
    def delete(self, work: Work, record_id: UUID, seen: int | None = None) -> None:
        row = get(work, Quota, record_id, changing=True)
        super().delete(work, record_id, seen)
        telling.touch(work, row.id)
        telling.tell_touched(work, existing_site(work, row.site_id))


class Spaces(Records[ParkingSpace, SpaceWanted, SpaceShown]):
    """Parking spaces, by number."""

    table = ParkingSpace
    wanted = SpaceWanted
    shown = SpaceShown
    taken = "another parking space of the site has this number"

    @override
    def fill(self, work: Work, site: Site, row: ParkingSpace, wanted: SpaceWanted) -> None:
        """Set all of a space; what it refers to must be of the site."""
        for table, referred, field in (
            (Zone, wanted.zone, "zone"),
            (Person, wanted.person, "person"),
            (Company, wanted.company, "company"),
            (Quota, wanted.quota, "quota"),
        ):
            if referred is not None:
                of_site(work.session, table, referred, site.id, field)
        fill_validity(row, wanted)
        telling.touch(work, row.quota_id, wanted.quota)
        for name in ("number", "space_kind", "unit", "remark"):
            setattr(row, name, getattr(wanted, name))
        row.zone_id, row.person_id, row.company_id, row.quota_id = wanted.zone, wanted.person, wanted.company, wanted.quota

    @override
    def key(self, wanted: SpaceWanted) -> dict[str, object]:
        return {"number": wanted.number}

    @override
    def narrowed(self, query: Select[ParkingSpace], asked: Asked) -> Select[ParkingSpace]:
        assert isinstance(asked, SpacesAsked)
        if asked.expires_before is not None:
            query = query.where(ParkingSpace.valid_until < asked.expires_before)
        return super().narrowed(query, asked.model_copy(update={"expires_before": None}))

    @override
    def followed(self, work: Work, site: Site, row: ParkingSpace) -> None:
        telling.tell_touched(work, site)

    @override
    def delete(self, work: Work, record_id: UUID, seen: int | None = None) -> None:
        row = get(work, ParkingSpace, record_id, changing=True)
        super().delete(work, record_id, seen)
        telling.touch(work, row.quota_id)
        telling.tell_touched(work, existing_site(work, row.site_id))


quotas = Quotas()
spaces = Spaces()
