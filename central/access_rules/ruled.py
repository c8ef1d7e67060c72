"""The kinds of records that only two people change together, where a site wants that."""

from typing import TypeVar
from uuid import UUID

from typing_extensions import override

from central.access_rules.direct import is_direct
from central.errors import RegistryError
from central.places.settings import settings_of
from central.records import repository
from central.records.schemas import OfSiteShown, OfSiteWanted
from central.records.services import Records
from central.registry import Work
from central.tables import Site, Versioned

RowT = TypeVar("RowT", bound=Versioned)
WantedT = TypeVar("WantedT", bound=OfSiteWanted)
ShownT = TypeVar("ShownT", bound=OfSiteShown)


class Ruled(Records[RowT, WantedT, ShownT]):
    """Levels, schedules, special days and zones; their `fill` asks `check_direct` first."""

    @override
    def delete(self, work: Work, record_id: UUID, seen: int | None = None) -> None:
        row = repository.get(work, self.table, record_id)
        check_direct(work, repository.site(work, row.site_id))
        super().delete(work, record_id, seen)


def check_direct(work: Work, site: Site) -> None:
    """Raise RegistryError 409 where one person writes by himself what the site wants two to do, by a rules change."""
    if is_direct(work) and settings_of(work.session, site.id).rules_need_second_person:
        raise RegistryError("rules of this site need a second person: draft a rules change (POST /rules-changes)", 409)
