"""Who is not to be let in as a visitor."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Select
from typing_extensions import override

from central.audit.schemas import AuditShown, HistoryAsked
from central.errors import RegistryError
from central.records import repository
from central.records.schemas import Asked, Page
from central.records.services import Records
from central.records.turns import take_turns
from central.registry import Work
from central.tables import Site
from central.visits import telling
from central.visits.deny_list import TOLD_WHY, sites_of_ended
from central.visits.identity import folded_name, phone_hash, tail_of
from central.visits.privacy import without
from central.visits.schemas import DeniedVisitorsAsked, DeniedVisitorShown, DeniedVisitorWanted
from central.visits.tables import DeniedVisitor
from central.visits.telling import visit_of
from central.workflows.clock import each_apart
from central.workflows.tables import WorkflowRecord

# Names, telephones and plates on entries that were filled, of which gates are still to be told.
ENTRIES_MOVED = "entries of denied visitors moved"


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
        work.session.info.setdefault(ENTRIES_MOVED, set()).update(filter(None, (row.folded, row.phone_hash, row.plate)))

    @override
    def key(self, wanted: DeniedVisitorWanted) -> dict[str, object]:
        hashed = b"" if wanted.phone is None else phone_hash(wanted.phone)
        return {"folded": folded_name(wanted.name), "phone_hash": hashed, "plate": wanted.plate or ""}

    @override
    def show(self, work: Work, row: DeniedVisitor) -> DeniedVisitorShown:
        shown = super().show(work, row)
        return shown if work.actor.role in TOLD_WHY else shown.model_copy(update={"reason": ""})

    @override
    def history(self, work: Work, record_id: UUID, asked: HistoryAsked) -> Page[AuditShown]:
        """Show one page of the changes of an entry, newest first, the reason to the office only; RegistryError 404."""
        found = super().history(work, record_id, asked)
        return found if work.actor.role in TOLD_WHY else without(found, "reason")

    @override
    def narrowed(self, query: Select[DeniedVisitor], asked: Asked) -> Select[DeniedVisitor]:
        assert isinstance(asked, DeniedVisitorsAsked)
        given: dict[str, Any] = asked.model_dump(include={"phone_tail", "plate"}, exclude_none=True)
        if asked.name is not None:
            given["folded"] = folded_name(asked.name)
        return query.filter_by(**given)

    @override
    def followed(self, work: Work, site: Site, row: DeniedVisitor) -> None:
        """Tell gates of visits that an entry is about: it denies by plate too; of many entries at once, with the first."""
        if moved := work.session.info.pop(ENTRIES_MOVED, ()):
            self._tell(work, site, frozenset(moved))

    @override
    def delete(self, work: Work, record_id: UUID, seen: int | None = None) -> None:
        site = repository.site(work, repository.get(work, DeniedVisitor, record_id).site_id)
        super().delete(work, record_id, seen)
        self._tell(work, site)

    def is_due(self, work: Work) -> bool:
        """Tell whether gates hold a visit back whose visitor is denied no longer."""
        return bool(_let_in_again(work))

    def ripen(self, work: Work) -> int:
        """Tell gates anew of visits whose visitors are denied no longer; returns how many visits those were."""
        take_turns(work.session, sites_of_ended(work.at))

        def move(visit: WorkflowRecord) -> None:
            telling.tell(work, repository.site(work, visit.site_id), [visit])

        return each_apart(work, self.kind, _let_in_again(work), move)

    def _tell(self, work: Work, site: Site, moved: frozenset[object] = frozenset()) -> None:
        """Tell of visits that have one of these, and of those told as cancelled: an entry may mean one of them no more."""
        rows = telling.visits_at_booths(work.session, site.id)
        off = telling.told_as_cancelled(work.session, site, rows)
        telling.tell(work, site, [visit for visit in rows if visit.id in off or (moved and moved & _known_by(visit))])


denied_visitors = DeniedVisitors()


def _known_by(row: WorkflowRecord) -> frozenset[object]:
    """Return all by which an entry may mean the visitor."""
    return frozenset(
        (folded_name(str(row.details["name"])), phone_hash(row.details.get("phone") or ""), *visit_of(row).terms.plates)
    )


def _let_in_again(work: Work) -> Sequence[WorkflowRecord]:
    """Return the visits that gates hold back only because an entry was in force that has ended since."""
    sites = work.session.scalars(sites_of_ended(work.at)).all()
    return [row for site_id in sites for row in telling.held_back(work.session, site_id) if not telling.is_off(work, row)]
