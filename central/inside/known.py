"""What is on record of somebody who is inside: what sort they are, who, where from, by which visit or pass, until when."""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

from access.workflows.contractor_pass import WORKFLOW as PASSES
from access.workflows.visit import WORKFLOW as VISITS
from central.contractors.passes import passes
from central.contractors.terms import holder_id
from central.inside import repository
from central.inside.present import Present, Word, Words, latest, passes_in, present
from central.inside.repository import AnyRow, Came
from central.inside.schemas import Kind
from central.journal.projection import as_id
from central.registry import Work
from central.workflows.tables import WorkflowRecord

# By the category of a person or decision.
_SORTS: Final[Mapping[str, str]] = {
    "resident": "resident",
    "tenant": "resident",
    "family": "resident",
    "visitor": "visitor",
    "contractor": "worker",
    "staff": "staff",
}
_VEHICLES: Final[Mapping[str, Kind]] = {"resident": "resident_vehicle", "visitor": "visitor_vehicle", "worker": "worker_vehicle"}
_PEOPLE: Final[Mapping[str, Kind]] = {"resident": "resident", "visitor": "visitor", "worker": "worker", "staff": "staff"}


@dataclass(frozen=True, slots=True)
class Inside:
    """Somebody inside with what is on record of them; what nobody knows is empty."""

    present: Present
    kind: Kind
    came: Came | None
    person: AnyRow | None
    vehicle: AnyRow | None
    record: WorkflowRecord | None
    terms: Mapping[str, Any]

    @property
    def site(self) -> UUID:
        """The site that they are on."""
        return self.present.word.site

    @property
    def is_vehicle(self) -> bool:
        """Tell whether it is a vehicle."""
        return self.kind.endswith("_vehicle")

    @property
    def unit(self) -> str:
        """The unit of the person, or that the visit or pass is for."""
        if self.person is not None:
            return str(self.person.unit)
        return str(self.terms.get("unit") or next(iter(self.terms.get("units") or ()), ""))

    @property
    def name(self) -> str:
        """The name of the person, visitor or worker; empty where only the log has one."""
        if self.person is not None:
            return str(self.person.name)
        return str(_details(self.record).get("name") or "")

    @property
    def company(self) -> str:
        """The company or firm that they are of."""
        if self.person is not None:
            return str(self.person.company or "")
        return str(_details(self.record).get("company") or self.terms.get("firm") or "")

    @property
    def valid_until(self) -> datetime | None:
        """Until when they may be inside: by the visit or pass, else by the first end of vehicle or person."""
        if self.record is not None:
            return _moment(self.terms.get("valid_until"))
        ends = [one.valid_until for one in (self.vehicle, self.person) if one is not None and one.valid_until is not None]
        return min(ends, default=None)

    def has_overstayed(self, at: datetime) -> bool:
        """Tell whether that is past."""
        until = self.valid_until
        return until is not None and until <= at


def words_of(work: Work, sites: Collection[UUID]) -> Words:
    """Return the words of gates that hold, on these sites."""
    return latest(repository.words_inside(work.session, sites))


def everybody(work: Work, words: Words) -> list[Inside]:
    """Return all who are inside by these words; RegistryError 422 for too many."""
    of_passes = repository.records(work.session, _ids(passes_in(words)))
    holders = {str(one.id): str(holder_id(passes.record(one).terms)) for one in of_passes.values() if one.workflow == PASSES.name}
    return _known(work, list(present(words, holders)))


def _known(work: Work, found: Sequence[Present]) -> list[Inside]:
    session = work.session
    came = repository.came_by(session, (_place(one.word) for one in found))
    subjects = _ids(one.subject for one in found)
    vehicles = repository.vehicles(session, subjects)
    of_decisions = [one.decision for one in came.values() if one.decision is not None]
    holders = {one.person_id for one in (*vehicles.values(), *of_decisions) if one.person_id is not None}
    persons = repository.persons(session, subjects | holders)
    of_log = {one.record_id for one in of_decisions if one.record_id is not None}
    records = repository.records(session, _ids(text for one in found for text in (one.visit, one.contractor_pass)) | of_log)
    return [_one(one, came.get(_place(one.word)), vehicles, persons, records) for one in found]


def _one(
    one: Present,
    came: Came | None,
    vehicles: Mapping[UUID, AnyRow],
    persons: Mapping[UUID, AnyRow],
    records: Mapping[UUID, WorkflowRecord],
) -> Inside:
    site, subject = one.word.site, as_id(one.subject)
    decision = came.decision if came else None
    vehicle = _of_site(vehicles.get(subject) if subject else None, site)
    holder = vehicle.person_id if vehicle is not None else subject
    person = _of_site(persons.get(holder) if holder else None, site)
    if person is None and vehicle is None and decision is not None and not one.word.plate:
        person = _of_site(persons.get(decision.person_id), site)
    paper = as_id(one.contractor_pass or one.visit) or (decision.record_id if decision is not None else None)
    record = _of_site(records.get(paper) if paper else None, site)
    return Inside(one, _kind(one, decision, person, vehicle, record), came, person, vehicle, record, _terms(record))


def _kind(
    one: Present, decision: AnyRow | None, person: AnyRow | None, vehicle: AnyRow | None, record: WorkflowRecord | None
) -> Kind:
    by_paper = {VISITS.name: "visitor", PASSES.name: "contractor"}.get(record.workflow if record else "", "")
    by_fact = "contractor" if one.contractor_pass else "visitor" if one.visit else ""
    by_log = decision.category if decision is not None else ""
    category = (person.category if person is not None else "") or by_fact or by_paper or by_log or ""
    sort = _SORTS.get(category, "other")
    is_vehicle = vehicle is not None or one.takes_room or bool(one.word.plate)
    return _VEHICLES.get(sort, "other_vehicle") if is_vehicle else _PEOPLE.get(sort, "other")


def _of_site(row: Any, site: UUID) -> Any:
    """Return what is of this site; gates name ids, and nobody's word may show what is another site's."""
    return row if row is not None and row.site_id == site else None


def _place(word: Word) -> tuple[UUID, UUID, int]:
    return word.edge, word.epoch, word.seq


def _ids(texts: Iterable[str]) -> set[UUID]:
    return {found for text in texts if (found := as_id(text))}


def _terms(record: WorkflowRecord | None) -> Mapping[str, Any]:
    terms = json.loads(record.data).get("terms") if record is not None else None
    return terms if isinstance(terms, Mapping) else {}


def _details(record: WorkflowRecord | None) -> Mapping[str, Any]:
    return record.details if record is not None and isinstance(record.details, Mapping) else {}


def _moment(text: Any) -> datetime | None:
    """Return an end as it is written in a record; the first year of all stands for none."""
    if not isinstance(text, str):
        return None
    at = datetime.fromisoformat(text)
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    return at if at.year > 1 else None
