"""Who is not to be let in as a visitor."""

from typing import Any
from uuid import UUID

from sqlalchemy import Select
from typing_extensions import override

from central.errors import RegistryError
from central.records import repository
from central.records.schemas import Asked
from central.records.services import Records
from central.registry import Work
from central.tables import Site
from central.visits import telling
from central.visits.deny_list import TOLD_WHY, is_meant
from central.visits.identity import folded_name, phone_hash, tail_of
from central.visits.schemas import DeniedVisitorsAsked, DeniedVisitorShown, DeniedVisitorWanted
from central.visits.tables import DeniedVisitor
from central.visits.telling import visit_of
from central.workflows.tables import WorkflowRecord


class DeniedVisitors(Records[DeniedVisitor, DeniedVisitorWanted, DeniedVisitorShown]):
    """Denied visitors, by name, telephone and plate."""

    table = DeniedVisitor
    wanted = DeniedVisitorWanted
    shown = DeniedVisitorShown
    taken = "the visitor is on the list already"

    @override
    def fill(self, work: Work, site: Site, row: DeniedVisitor, wanted: DeniedVisitorWanted) -> None:
        """Set all of an entry but a telephone that is not given; something of the visitor must be known."""
        row.name, row.folded, row.plate = wanted.name, folded_name(wanted.name), wanted.plate or ""
        if wanted.phone is not None:
            row.phone_hash, row.phone_tail = phone_hash(wanted.phone), tail_of(wanted.phone)
        else:
            row.phone_hash, row.phone_tail = row.phone_hash or b"", row.phone_tail or ""
        if not (row.folded or row.phone_hash or row.plate):
            raise RegistryError("a name, a telephone or a plate must be given", 422, "name")
        row.reason, row.valid_until = wanted.reason, wanted.valid_until

    @override
    def key(self, wanted: DeniedVisitorWanted) -> dict[str, object]:
        hashed = b"" if wanted.phone is None else phone_hash(wanted.phone)
        return {"folded": folded_name(wanted.name), "phone_hash": hashed, "plate": wanted.plate or ""}

    @override
    def show(self, work: Work, row: DeniedVisitor) -> DeniedVisitorShown:
        shown = super().show(work, row)
        return shown if work.actor.role in TOLD_WHY else shown.model_copy(update={"reason": ""})

    @override
    def narrowed(self, query: Select[DeniedVisitor], asked: Asked) -> Select[DeniedVisitor]:
        assert isinstance(asked, DeniedVisitorsAsked)
        given: dict[str, Any] = asked.model_dump(include={"phone_tail", "plate"}, exclude_none=True)
        if asked.name is not None:
            given["folded"] = folded_name(asked.name)
        return query.filter_by(**given)

    @override
    def followed(self, work: Work, site: Site, row: DeniedVisitor) -> None:
        """Tell gates of the visits that an entry is about: whom it denies is not let in by plate either."""
        self._tell(work, site, row)

    @override
    def delete(self, work: Work, record_id: UUID, seen: int | None = None) -> None:
        site = repository.site(work, repository.get(work, DeniedVisitor, record_id).site_id)
        super().delete(work, record_id, seen)
        self._tell(work, site)

    def _tell(self, work: Work, site: Site, row: DeniedVisitor | None = None) -> None:
        """Tell of visits that the entry means, and of those told as cancelled: an entry may mean one of them no more."""
        rows = telling.open_visits(work.session, site.id)
        off = telling.told_as_cancelled(work.session, site, rows)
        telling.tell(work, site, [visit for visit in rows if visit.id in off or (row and _means(row, visit))])


denied_visitors = DeniedVisitors()


def _means(entry: DeniedVisitor, row: WorkflowRecord) -> bool:
    plates = visit_of(row).terms.plates if entry.plate else ()
    return is_meant(entry, str(row.details["name"]), row.details.get("phone"), plates)
