"""Contractor passes: one person, one pass on a permit, in two parts; who is inside is known by where the duplicate hangs."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Final, cast
from uuid import UUID, uuid5

from typing_extensions import override

from access.contract.records import AnyRecord, PassRecord, PersonRecord
from access.on_record import PERMIT_IN_FORCE
from access.workflows.contractor_pass import (
    WORKFLOW,
    ContractorPass,
    DuplicateBroughtBack,
    DuplicateCounted,
    PassChanged,
    PassConfiscated,
    PassHandedOver,
    PassIssued,
    PassLost,
    PassReplaced,
    PassRestored,
    PassReturned,
    PassRevoked,
    ViolationReported,
    ViolationSettled,
    WorkerEntered,
    WorkerLeft,
)
from access.workflows.events import Event
from access.workflows.permit import Permit, responsible_of
from access.workflows.refusals import Refusal
from central.contractors import photos
from central.contractors.hours import hours_at
from central.contractors.permits import OFFICE, moment_key, permit_of_site, permits, rule_seconds
from central.contractors.schemas import PassDetails, PassShown, PassWanted, Reissue, Worded
from central.errors import RegistryError
from central.people.identity import id_hash, tail
from central.people.names import masked
from central.places.settings import settings_of
from central.records import repository as records
from central.registry import Work
from central.tables import Site
from central.workflows import repository
from central.workflows.schemas import Details, FlowShown, Opening
from central.workflows.services import Act, Flow, RefusedError
from central.workflows.tables import WorkflowRecord

# Of these nobody holds a part any more, or never may again: the person can get another pass.
OVER = frozenset({"replaced", "returned", "revoked"})
PASSES_PER_WORKER: Final = 3
# What gates are told of a pass; of one that is not in somebody's hands yet, and of one with an open violation, that it is held.
_HELD = "frozen"
_STATUS: Mapping[str, str] = {"issued": _HELD, "replaced": "lost"}


class Passes(Flow[ContractorPass]):
    """Contractor passes."""

    workflow = WORKFLOW
    shown = PassShown
    details = PassDetails
    prefix = "P"
    fields: Mapping[str, str] = {
        **Flow.fields,
        "papers_missing": "papers",
        "not_responsible": "asked_by",
        "renewed_too_late": "valid_until",
        "duplicate_missing": "duplicate",
        "duplicate_of_another": "duplicate",
    }
    acts = (
        Act("hand-over", PassHandedOver, OFFICE),
        Act("lost", PassLost),
        Act("replace", PassReplaced, OFFICE, by_hand=True),
        Act("confiscate", PassConfiscated),
        Act("restore", PassRestored, OFFICE),
        Act("revoke", PassRevoked, OFFICE),
        Act("return", PassReturned, OFFICE),
        Act("change", PassChanged, OFFICE, by_hand=True),
        Act("report-violation", ViolationReported, by_hand=True),
        Act("settle-violation", ViolationSettled, OFFICE),
        Act("enter", WorkerEntered, by_hand=True),
        Act("leave", WorkerLeft, by_hand=True),
        Act("duplicate-back", DuplicateBroughtBack),
        Act("duplicate-counted", DuplicateCounted, by_hand=True),
    )

    # --- found and told ---------------------------------------------------------------------------

    @override
    def keys(self, record: ContractorPass, details: Details) -> Iterable[tuple[str, str]]:
        terms, known = record.terms, cast("PassDetails", details)
        yield from (("permit", terms.permit), ("person", terms.person), ("firm", terms.firm), ("trade", terms.trade))
        yield from (("name", known.name), ("photo", known.photo), ("post", record.held_at), ("replaces", terms.replaces))
        yield from (("unit", unit) for unit in terms.units)
        yield from (("inside", str(record.is_inside)), ("violation", str(bool(record.violation))))
        yield "expires", moment_key(terms.valid_until) if record.state in {"issued", "active"} else ""

    @override
    def rules(self, site: Site, row: WorkflowRecord, record: ContractorPass) -> Sequence[AnyRecord]:
        """Tell the pass and, masked, its holder; a pass that was returned is in nobody's hands, so nothing."""
        if record.state in {"new", "returned"}:
            return ()
        terms = record.terms
        person = uuid5(UUID(terms.permit), terms.person)
        status = _HELD if record.state == "active" and record.violation else _STATUS.get(record.state, record.state)
        name = masked(PassDetails.model_validate(row.details).name)
        return (
            PersonRecord(id=person, name=name, unit=terms.units[0], category="contractor"),
            PassRecord(
                id=row.id,
                number=row.number,
                person=person,
                permit=UUID(terms.permit),
                status=cast("Any", status),
                units=terms.units,
                valid_from=rule_seconds(terms.valid_from),
                valid_until=rule_seconds(terms.valid_until),
            ),
        )

    # --- issued -----------------------------------------------------------------------------------

    @override
    def open(
        self, work: Work, declared: type[Event], wanted: Opening, facts: Mapping[str, Any], record_id: UUID | None = None
    ) -> FlowShown:
        """Issue a pass; of an ID number only the hash and the last characters go further."""
        if isinstance(wanted, PassWanted):
            wanted, facts = _identified(work, wanted, facts)
        shown = super().open(work, declared, wanted, facts, record_id)
        return shown.model_copy(update={"warnings": self._warnings(work, cast("PassShown", shown))})

    @override
    def numbered(self, event: Event, number: str) -> Event:
        issued = cast("PassIssued", event)
        return replace(issued, terms=replace(issued.terms, number=number))

    @override
    def check_details(self, work: Work, site: Site, details: Details) -> None:
        """Ask for the holder's name, and let the photo be one that the site has."""
        known = cast("PassDetails", details)
        if not known.name:
            raise RegistryError("a pass bears the full name of its holder", 422, "name")
        if known.photo and not photos.has_photo(work, site.id, known.photo):
            raise RegistryError("send the photo first", 422, "photo")

    @override
    def prepared(self, work: Work, site: Site, record: ContractorPass, event: Event) -> Event:
        """Check a pass by its permit, and put in what the registry knows better than who asks."""
        match event:
            case PassIssued():
                return self._issue(work, site, event)
            case PassReplaced() if record.state == "lost":
                return replace(event, number=self._reissue(work, site, record).number)
            case PassChanged() if record.state == "active" and event.at < record.terms.valid_until:
                permit = _in_force(work, site, record.terms.permit)
                _check_within(permit, event.units, record.terms.valid_from, event.valid_until)
            case WorkerEntered():
                return self._entering(work, site, record, event)
        return event

    def _issue(self, work: Work, site: Site, event: PassIssued) -> PassIssued:
        terms = event.terms
        permit = _in_force(work, site, terms.permit)
        _check_within(permit, terms.units, terms.valid_from, terms.valid_until)
        if terms.valid_until <= work.at:
            raise RefusedError(Refusal("renewed_too_late"), "new", "valid_until")
        others = repository.with_key(work.session, site.id, WORKFLOW.name, "person", terms.person)
        for other in others:
            if other.number != terms.replaces and other.state not in OVER and self.record(other).terms.permit == terms.permit:
                facts = {"code": "one_person_one_pass", "number": other.number}
                raise RegistryError("this person has a pass of this permit already", 409, "person", facts)
        agreed = permit.terms
        filled = replace(
            terms,
            firm=agreed.firm,
            responsible=responsible_of(agreed),
            schedule=agreed.schedule,
            leaves_anywhere=settings_of(work.session, site.id).holds_duplicates_anywhere,
        )
        return replace(event, terms=filled)

    def _reissue(self, work: Work, site: Site, lost: ContractorPass) -> FlowShown:
        """Make the new pass for a lost one: the same terms and details under the next number."""
        row = records.find(work.session, WorkflowRecord, site_id=site.id, workflow=WORKFLOW.name, number=lost.terms.number)
        assert row is not None, "the lost pass is on record"
        wanted = Reissue(site=site.id, details=PassDetails.model_validate(row.details))
        return self.open(work, PassIssued, wanted, {"terms": replace(lost.terms, replaces=lost.terms.number)})

    def _warnings(self, work: Work, shown: PassShown) -> tuple[Worded, ...]:
        """Return a warning where a permit has many more passes than workers."""
        terms = shown.record.terms
        row = permit_of_site(work.session, shown.site_id, UUID(terms.permit), "permit")
        workers = permits.record(row).terms.workers
        found = repository.with_key(work.session, shown.site_id, WORKFLOW.name, "permit", terms.permit)
        living = sum(each.state not in OVER for each in found)
        if living <= PASSES_PER_WORKER * workers:
            return ()
        return (
            Worded(zh=f"许可只有 {workers} 名工人,已有 {living} 张证", en=f"{living} passes on a permit for {workers} workers"),
        )

    # --- at the gate ------------------------------------------------------------------------------

    def _entering(self, work: Work, site: Site, record: ContractorPass, event: WorkerEntered) -> WorkerEntered:
        """Say of an entry what the registry knows; the permit is locked, so that two posts do not both let the last one in."""
        row = permit_of_site(work.session, site.id, UUID(record.terms.permit), "permit", changing=True)
        permit = permits.workflow.ripened(permits.record(row), work.at)
        found = repository.with_key(work.session, site.id, WORKFLOW.name, "permit", record.terms.permit)
        others = [self.record(each) for each in found if each.number != record.terms.number]
        for other in others:
            # One that was lost while its holder was inside still hangs: nobody comes in twice, on the old pass and the new.
            if other.held_at and other.terms.person == record.terms.person and record.state == "active":
                raise RefusedError(Refusal("already_inside", {"post": other.held_at}), record.state, "post")
        inside = sum(each.is_inside for each in (*others, record))
        in_hours = hours_at(work.session, site, event.at)(record.terms.schedule)
        places_left = max(0, permit.terms.workers - inside)
        return replace(event, permit_state=permit.state, places_left=places_left, in_hours=in_hours)

    # --- photos -----------------------------------------------------------------------------------

    def set_photo(self, work: Work, record_id: UUID, photo: bytes, seen: int | None = None) -> FlowShown:
        """Let a pass bear this photo (see `photos.small_photo`); RegistryError 404 and 409."""
        row = repository.get(work, WORKFLOW.name, record_id, changing=True)
        before = PassDetails.model_validate(row.details)
        sha256 = photos.keep_photo(work, row.site_id, photo)
        return self.change_details(work, record_id, before.model_copy(update={"photo": sha256}), seen)

    @override
    def change_details(self, work: Work, record_id: UUID, details: Details, seen: int | None = None) -> FlowShown:
        """Write down what the office knows of the holder, and drop a photo that no pass bears any more."""
        row = repository.get(work, WORKFLOW.name, record_id)
        before = PassDetails.model_validate(row.details)
        shown = super().change_details(work, record_id, details, seen)
        if before.photo != cast("PassDetails", details).photo:
            photos.drop_unused(work, row.site_id, before.photo)
        return shown

    def photo(self, work: Work, record_id: UUID) -> bytes:
        """Return the photo of a pass's holder; RegistryError 404."""
        row = repository.get(work, WORKFLOW.name, record_id)
        return photos.find_photo(work, row.site_id, PassDetails.model_validate(row.details).photo)


passes = Passes()


def facts_of(wanted: PassWanted) -> Mapping[str, Any]:
    """Return the terms of a pass as its event has them."""
    fields = {"permit", "person", "trade", "papers", "units", "valid_from", "valid_until"}
    return {"terms": wanted.model_dump(mode="json", include=fields)}


def _identified(work: Work, wanted: PassWanted, facts: Mapping[str, Any]) -> tuple[PassWanted, Mapping[str, Any]]:
    """Return what is wanted and the facts with the person known by a reference, made of the ID number where that is given."""
    number = wanted.id_number.get_secret_value() if wanted.id_number else ""
    if bool(wanted.person) == bool(number):
        raise RegistryError("give either the ID number or a reference of the person", 422, "person")
    if not number:
        return wanted, facts
    details = wanted.details.model_copy(update={"id_tail": tail(number)})
    terms = {**facts["terms"], "person": id_hash(work.hash_key, number).hex()}
    return wanted.model_copy(update={"details": details, "id_number": None}), {"terms": terms}


def _in_force(work: Work, site: Site, permit: str) -> Permit:
    """Return the permit, locked; RegistryError 422 where the site has none such, 409 where it is not in force."""
    row = permit_of_site(work.session, site.id, UUID(permit), "permit", changing=True)
    found = permits.workflow.ripened(permits.record(row), work.at)
    if found.state not in PERMIT_IN_FORCE:
        raise RefusedError(Refusal("permit_not_in_force", {"permit_state": found.state}), found.state, "permit")
    return found


def _check_within(permit: Permit, units: Sequence[str], since: datetime, until: datetime) -> None:
    agreed = permit.terms
    if not set(units) <= set(agreed.units):
        raise RegistryError("the permit does not cover these units", 422, "units")
    if until <= since:
        raise RegistryError("it would end before it begins", 422, "valid_until")
    for field, outside in (("valid_from", since < agreed.valid_from), ("valid_until", until > agreed.valid_until)):
        if outside:
            raise RegistryError("a pass lies within the dates of its permit", 422, field)
