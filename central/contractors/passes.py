"""Contractor passes: one person, one pass on a permit, in two parts; who is inside is known by where the duplicate hangs."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Final, cast
from uuid import UUID

from sqlalchemy.orm import object_session
from typing_extensions import override

from access.contract.records import AnyRecord, CardRecord, PassRecord, PersonRecord
from access.on_record import PERMIT_IN_FORCE
from access.workflows.contractor_pass import (
    ORIGINAL,
    WORKFLOW,
    ContractorPass,
    CountDiffered,
    DuplicateBroughtBack,
    DuplicateCounted,
    PassChanged,
    PassConfiscated,
    PassCutShort,
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
    differs,
)
from access.workflows.events import Event, Who
from access.workflows.permit import Permit, responsible_of
from access.workflows.refusals import Refusal
from central.access_rules.telling import tell
from central.codes.reading import read_off
from central.codes.told import code_record, named, with_codes
from central.contractors import photos
from central.contractors.at_booth import pass_records
from central.contractors.hours import hours_at
from central.contractors.posts import post_of_site
from central.contractors.privacy import check_texts, sees_all, without_person, without_phone
from central.contractors.schemas import PassDetails, PassShown, PassWanted, Reissue
from central.contractors.terms import OFFICE, expires_soon, holder_id, moment_key, permit_by_now, permit_of_site, rule_seconds
from central.errors import RegistryError
from central.people.identity import id_hash, tail
from central.people.names import masked
from central.places.settings import settings_of
from central.records import repository as records
from central.records.schemas import Page, WordsShown
from central.registry import Work
from central.tables import Site
from central.workflows import repository
from central.workflows.schemas import Details, EventsAsked, EventShown, FlowShown, Opening
from central.workflows.services import Act, Flow, RefusedError
from central.workflows.tables import WorkflowRecord

# Of these nobody holds a part any more, or never may again: the person can get another pass.
OVER = frozenset({"replaced", "returned", "revoked"})
IN_HAND = frozenset({"issued", "active"})
PASSES_PER_WORKER: Final = 3
REVOCATIONS_TOLD: Final = 3
# What gates are told of a pass; of one that is not in somebody's hands yet, and of one with an open violation, that it is held.
_HELD = "frozen"
_STATUS: Mapping[str, str] = {"issued": _HELD, "replaced": "lost"}
_BLANK: Mapping[str, str] = {"phone": ""}


class Passes(Flow[ContractorPass]):
    """Contractor passes."""

    workflow = WORKFLOW
    shown = PassShown
    details = PassDetails
    details_roles = OFFICE
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
        yield from (("inside", str(record.is_inside)), ("violation", str(bool(record.violations))))
        yield "expires", moment_key(terms.valid_until) if record.state in IN_HAND else ""

    @override
    def rules(self, site: Site, row: WorkflowRecord, record: ContractorPass) -> Sequence[AnyRecord]:
        """Tell the pass, its code and, masked, its holder, by the newest pass of the holder's that is told: as long as one is."""
        if record.state == "new":
            return ()
        session = object_session(row)
        assert session is not None, "only what is kept is told"
        others = [
            (other, self.record(other))
            for other in repository.with_key(session, site.id, WORKFLOW.name, "person", record.terms.person)
            if other.id != row.id
        ]
        of_permit = [(each, held) for each, held in (*others, (row, record)) if held.terms.permit == record.terms.permit]
        coded = with_codes(session, (each.id for each, _ in of_permit))
        told = [(each, held) for each, held in of_permit if is_told(held) or each.id in coded]
        if not told:
            return ()
        holder = _person_record(*max(told, key=lambda each: each[0].number))
        of_pass: tuple[AnyRecord, ...] = ()
        if is_told(record):
            home = settings_of(session, site.id).home_gate
            of_pass = (_pass_record(row, record, home), *pass_records(session, site, row, record))
        return (holder, *of_pass, *((_code_record(site, row, record),) if row.id in coded else ()))

    @override
    def show(self, work: Work, row: WorkflowRecord) -> FlowShown:
        """Show a pass as it is by now; to the office only the whole telephone, and what the person is known by."""
        shown = cast("PassShown", super().show(work, row))
        if shown.state in IN_HAND:
            shown = shown.model_copy(update={"expires_soon": expires_soon(work, row.site_id, shown.valid_until)})
        if sees_all(work):
            return shown
        record = replace(shown.record, terms=replace(shown.record.terms, person=""))
        return shown.model_copy(update={"record": record, "details": shown.details.model_copy(update=_BLANK)})

    @override
    def events(self, work: Work, record_id: UUID, asked: EventsAsked) -> Page[EventShown]:
        """Show one page of what happened to a pass, in order, without what its person is known by; RegistryError 404."""
        page = super().events(work, record_id, asked)
        items = [each.model_copy(update={"data": without_person(each.data)}) for each in page.items]
        return page.model_copy(update={"items": items})

    @override
    def audited(self, facts: Mapping[str, Any]) -> Mapping[str, Any]:
        return without_phone(without_person(facts))

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
        check_texts(event)
        if isinstance(event, WorkerEntered | WorkerLeft | DuplicateCounted):
            event = replace(event, post=post_of_site(work.session, site.id, event.post, record.held_at))
        match event:
            case PassIssued():
                return self._issue(work, site, event)
            case PassReplaced() if record.state == "lost":
                return replace(event, number=self._reissue(work, site, record).number)
            case PassChanged() if record.state == "active" and event.at < record.terms.valid_until:
                permit = _in_force(work, site, record.terms.permit)
                _check_within(permit, event.units, record.terms.valid_from, event.valid_until)
            case WorkerEntered(original=original, duplicate=duplicate):
                original, duplicate = (read_off(work.session, site, each, work.at) for each in (original, duplicate))
                return self._entering(work, site, record, replace(event, original=original, duplicate=duplicate))
            case DuplicateCounted() if differs(record, event):
                return CountDiffered(at=event.at, by=event.by, post=event.post, found=event.found, recorded=record.held_at)
        return event

    def _issue(self, work: Work, site: Site, event: PassIssued) -> PassIssued:
        terms = event.terms
        permit = _in_force(work, site, terms.permit)
        _check_within(permit, terms.units, terms.valid_from, terms.valid_until)
        if terms.valid_until <= work.at:
            raise RefusedError(Refusal("renewed_too_late"), "new", "valid_until")
        for other in repository.with_key(work.session, site.id, WORKFLOW.name, "person", terms.person):
            if other.number == terms.replaces:
                continue
            held = self.record(other)
            if other.state not in OVER and held.terms.permit == terms.permit:
                facts = {"code": "one_person_one_pass", "number": other.number}
                raise RegistryError("this person has a pass of this permit already", 409, "person", facts)
            if held.violations:
                raise RefusedError(Refusal("violation_outstanding", {"what": held.violations}), "new", "person")
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
        """Make the new pass for a lost one: the same terms and details under the next number, and what is outstanding.

        RegistryError 409 where the permit is not in force, or does not cover all of its units any more.
        """
        row = records.find(work.session, WorkflowRecord, site_id=site.id, workflow=WORKFLOW.name, number=lost.terms.number)
        assert row is not None, "the lost pass is on record"
        covered = _in_force(work, site, lost.terms.permit).terms.units
        if outside := tuple(unit for unit in lost.terms.units if unit not in covered):
            raise RefusedError(Refusal("unit_not_permitted", {"units": outside}), lost.state, "")
        wanted = Reissue(site=site.id, details=PassDetails.model_validate(row.details))
        terms = replace(lost.terms, replaces=lost.terms.number)
        return self.open(work, PassIssued, wanted, {"terms": terms, "violations": lost.violations})

    def _warnings(self, work: Work, shown: PassShown) -> tuple[WordsShown, ...]:
        """Return a warning where the person had a pass revoked, and where a permit has many more passes than workers."""
        terms = shown.record.terms
        had = repository.with_key(work.session, shown.site_id, WORKFLOW.name, "person", terms.person)
        revoked = [each.number for each in had if each.state == "revoked"][-REVOCATIONS_TOLD:]
        told = [
            WordsShown(zh=f"此人的出入证 {number} 曾被注销", en=f"pass {number} of this person was revoked") for number in revoked
        ]
        row = permit_of_site(work.session, shown.site_id, UUID(terms.permit), "permit")
        workers = permit_by_now(row, work.at).terms.workers
        found = repository.with_key(work.session, shown.site_id, WORKFLOW.name, "permit", terms.permit)
        living = sum(each.state not in OVER for each in found)
        if living > PASSES_PER_WORKER * workers:
            zh, en = f"许可只有 {workers} 名工人，已有 {living} 张证", f"{living} passes on a permit for {workers} workers"
            told.append(WordsShown(zh=zh, en=en))
        return tuple(told)

    def cut_short(self, work: Work, site: Site, permit: UUID, end: datetime, by: Who) -> None:
        """Let the passes of a permit end with it where they would end later."""
        for row in repository.with_key(work.session, site.id, WORKFLOW.name, "permit", str(permit)):
            held = self.workflow.ripened(self.record(row), work.at)
            if PassCutShort in self.workflow.moves[held.state] and held.terms.valid_until > end:
                self.happen(work, row, PassCutShort(at=work.at, by=by, valid_until=end))

    def show_anew(self, work: Work, site: Site, permit: UUID) -> None:
        """Show at booths what has become of the permit of these passes."""
        rows = repository.with_key(work.session, site.id, WORKFLOW.name, "permit", str(permit))
        told = [(row, held) for row in rows if is_told(held := self.record(row))]
        wanted = [record for row, held in told for record in pass_records(work.session, site, row, held)]
        tell(work.session, site, "booth_pass", [row.id for row, _ in told], wanted)

    # --- at the gate ------------------------------------------------------------------------------

    def _entering(self, work: Work, site: Site, record: ContractorPass, event: WorkerEntered) -> WorkerEntered:
        """Say of an entry what the registry knows; the permit is locked, so that two posts do not both let the last one in."""
        row = permit_of_site(work.session, site.id, UUID(record.terms.permit), "permit", changing=True)
        permit = permit_by_now(row, work.at)
        found = repository.with_key(work.session, site.id, WORKFLOW.name, "permit", record.terms.permit)
        others = [self.record(each) for each in found if each.number != record.terms.number]
        for other in others:
            # One that was lost while its holder was inside still hangs: nobody comes in twice, on the old pass and the new.
            if other.held_at and other.terms.person == record.terms.person and record.state == "active":
                raise RefusedError(Refusal("already_inside", {"post": other.held_at}), record.state, "post")
        inside = sum(each.is_inside for each in (*others, record))
        in_hours = hours_at(work.session, site, event.at)(record.terms.schedule)
        places_left = max(0, permit.terms.workers - inside)
        units = permit.terms.units
        return replace(event, permit_state=permit.state, permit_units=units, places_left=places_left, in_hours=in_hours)

    # --- photos -----------------------------------------------------------------------------------

    def set_photo(self, work: Work, record_id: UUID, photo: bytes, seen: int | None = None) -> FlowShown:
        """Let a pass bear this photo (see `photos.small_photo`); RegistryError 404 and 409."""
        row = repository.get(work, WORKFLOW.name, record_id, changing=True)
        before = PassDetails.model_validate(row.details)
        sha256 = photos.keep_photo(work, row.site_id, photo)
        return self.change_details(work, record_id, before.model_copy(update={"photo": sha256}), seen)

    @override
    def change_details(self, work: Work, record_id: UUID, details: Details, seen: int | None = None) -> FlowShown:
        """Write down what the office knows of the holder, and drop a photo that no pass bears any more.

        Of a pass that is over it stays: gates still tell whose it was. RegistryError 409.
        """
        row = repository.get(work, WORKFLOW.name, record_id, changing=True)
        if row.state in OVER:
            raise RegistryError("this pass is over: what it bore stays as it was", 409, "state")
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


def is_told(held: ContractorPass) -> bool:
    """Tell whether gates are told of a pass: not of what is back, nor of what was replaced but while its duplicate hangs."""
    if held.state == "replaced" and not held.held_at:
        return False
    return held.state not in {"new", "returned"} and not held.forgotten


def _person_record(row: WorkflowRecord, held: ContractorPass) -> PersonRecord:
    name = masked(PassDetails.model_validate(row.details).name)
    return PersonRecord(id=holder_id(held.terms), name=name, unit=held.terms.units[0], category="contractor")


def _code_record(site: Site, row: WorkflowRecord, held: ContractorPass) -> CardRecord:
    """Return what gates are told of the original's code: good as long as there is the pass, which says the rest itself."""
    status = "active" if held.state in IN_HAND else "revoked" if held.state == "replaced" else held.state
    return code_record(site, named("pass", row.id, ORIGINAL), row.number, holder_id(held.terms), status)


def _pass_record(row: WorkflowRecord, held: ContractorPass, home: UUID | None) -> PassRecord:
    terms = held.terms
    status = _HELD if held.state == "active" and held.violations else _STATUS.get(held.state, held.state)
    return PassRecord(
        id=row.id,
        number=row.number,
        person=holder_id(held.terms),
        permit=UUID(terms.permit),
        status=cast("Any", status),
        units=terms.units,
        valid_from=rule_seconds(terms.valid_from),
        valid_until=rule_seconds(terms.valid_until),
        home=home,
        leaves_anywhere=terms.leaves_anywhere,
    )


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
    found = permit_by_now(row, work.at)
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
