"""Goods-release slips: how they are made out, moved, found, corrected, and told to gates."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, time, timedelta
from decimal import Decimal
from typing import Any, Final
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

from sqlalchemy.orm import object_session
from typing_extensions import override

from access.contract.records import AnyRecord, SlipRecord
from access.workflows.events import NEVER, Event
from access.workflows.quantities import plain
from access.workflows.refusals import Refusal
from access.workflows.release_slip import (
    WORKFLOW,
    MismatchFound,
    NightApprovalReviewed,
    ReleaseSlip,
    SlipApproved,
    SlipApprovedAtNight,
    SlipCancelled,
    SlipCollected,
    SlipCorrected,
    SlipDrafted,
    SlipPresented,
    SlipSubmitted,
    SlipTerms,
    TripReleased,
    is_outstanding,
    is_review_due,
    over_what_was_left,
)
from central.errors import RegistryError
from central.goods import repository
from central.goods.at_booth import slip_records
from central.goods.schemas import CorrectionWanted, GoodsWanted, LineWanted, SlipDetails, SlipShown, SlipWanted, TermsWanted
from central.places.settings import settings_of
from central.records.concurrency import check_seen
from central.records.validity import epoch_s
from central.registry import Work
from central.tables import Site
from central.users.rights import Role
from central.vehicles.schemas import normal_plate
from central.workflows.repository import get
from central.workflows.schemas import Details, FlowShown, Opening
from central.workflows.services import Act, Flow, RefusedError
from central.workflows.tables import WorkflowRecord

OFFICE: Final = frozenset[Role]({"goods_clerk", "site_manager"})
# At night nobody of the office is there: the guard writes the slip that a resident needs, and the shift leader approves it.
DRAFTS: Final = frozenset[Role]({*OFFICE, "front_desk", "guard", "shift_leader"})
# Who issues is not who checks: the site's manager may do either, but never both to one slip (the workflow sees to that).
CHECKS: Final = frozenset[Role]({"guard", "shift_leader", "goods_checker", "site_manager"})
CORRECT: Final = Act("correct", SlipCorrected, OFFICE, by_hand=True)
# What gates are told of the states in which a slip may be used; of any other they are told nothing.
TOLD: Mapping[str, Any] = {"approved": "approved", "presented": "approved", "partly_released": "partly", "held": "held"}
# Goods may go out on these, or will: another slip in the place of one of them would let them out twice.
USABLE: Final = frozenset({"draft", "submitted", "approved", "presented", "partly_released"})


class Slips(Flow[ReleaseSlip]):
    """Goods-release slips."""

    workflow = WORKFLOW
    shown = SlipShown
    details = SlipDetails
    prefix = "S"
    acts = (
        Act("submit", SlipSubmitted, DRAFTS),
        Act("approve", SlipApproved, OFFICE),
        Act("approve-at-night", SlipApprovedAtNight, frozenset({"shift_leader"})),
        Act("review", NightApprovalReviewed, OFFICE),
        Act("cancel", SlipCancelled, OFFICE),
        Act("present", SlipPresented, CHECKS),
        Act("release", TripReleased, CHECKS),
        Act("mismatch", MismatchFound, CHECKS),
        CORRECT,
        Act("collect", SlipCollected, CHECKS),
    )
    fields: Mapping[str, str] = {
        **Flow.fields,
        "slip_empty": "lines",
        "papers_missing": "papers",
        "not_authorised": "papers",
        "wrong_gate": "gate",
        "carrier_missing": "carrier",
        "other_vehicle": "plate",
        "line_unknown": "released",
        "over_released": "released",
        "mismatch_missing": "what",
        "review_missing": "review",
    }

    @override
    def keys(self, record: ReleaseSlip, details: Details) -> Iterable[tuple[str, str]]:
        terms = record.terms
        assert isinstance(details, SlipDetails)
        yield from (("unit", details.unit), ("applicant", terms.applicant), ("right", terms.right), ("date", terms.day))
        yield from (("plate", plate) for plate in terms.plates)
        yield from (("gate", gate) for gate in {record.presented_at, *(trip.gate for trip in record.trips)})
        yield "outstanding", str(is_outstanding(record))
        yield "review_due", str(is_review_due(record))

    @override
    def rules(self, site: Site, row: WorkflowRecord, record: ReleaseSlip) -> Sequence[AnyRecord]:
        """Tell of each plate that the slip names, as long as goods may go out on it: its exit waits. Booths show all of it."""
        session = object_session(row)
        assert session is not None, "only what is kept is told"
        return (*_plate_records(row, record), *slip_records(session, row, record))

    @override
    def open(
        self, work: Work, declared: type[Event], wanted: Opening, facts: Mapping[str, Any], record_id: UUID | None = None
    ) -> FlowShown:
        _check_role(work, DRAFTS)
        return super().open(work, declared, wanted, facts, record_id)

    @override
    def change_details(self, work: Work, record_id: UUID, details: Details, seen: int | None = None) -> FlowShown:
        """Change what is written besides; once it is approved, only the office may. RegistryError 403, 404, 409 and 422."""
        is_approved = bool(self.record(get(work, self.workflow.name, record_id, changing=True)).approved_by)
        _check_role(work, OFFICE if is_approved else DRAFTS)
        return super().change_details(work, record_id, details, seen)

    @override
    def act(self, work: Work, record_id: UUID, act: Act, facts: Mapping[str, Any], seen: int | None = None) -> FlowShown:
        """Do an act on a slip; RegistryError 403, 404, 409 and 422."""
        parts = facts.get("released", [{"quantity": 1}])
        if not parts or any(part["quantity"] <= 0 for part in parts):
            raise RegistryError("a trip carries something", 422, "released")
        return super().act(work, record_id, act, facts, seen)

    @override
    def numbered(self, event: Event, number: str) -> Event:
        assert isinstance(event, SlipDrafted)
        return replace(event, terms=replace(event.terms, number=number))

    @override
    def prepared(self, work: Work, site: Site, record: ReleaseSlip, event: Event) -> Event:
        """Give the slip its day, gates their slugs, plates and quantities their normal form."""
        match event:
            case SlipDrafted():
                return replace(event, terms=_dated(work, site, event.terms))
            case SlipApprovedAtNight() if event.only_gate:
                return replace(event, only_gate=_gate(work, site, event.only_gate, "only_gate"))
            case SlipPresented():
                return replace(event, gate=_gate(work, site, event.gate, "gate"))
            case TripReleased():
                released = tuple(replace(part, quantity=Decimal(plain(part.quantity))) for part in event.released)
                gate, plate = _gate(work, site, event.gate, "gate"), _plate(event.plate)
                return replace(event, gate=gate, plate=plate, released=released)
            case _:
                return event

    def correct(self, work: Work, record_id: UUID, wanted: CorrectionWanted, seen: int | None = None) -> FlowShown:
        """Make out the slip that stands for one that was held, under a new number; RegistryError 403, 404, 409 and 422."""
        _check_role(work, OFFICE)
        row = get(work, self.workflow.name, record_id, changing=True)
        facts = wanted.model_dump(mode="json")
        check_seen(work, self.kind, row.id, self.show(work, row).model_dump(mode="json"), seen, facts)
        self._check_correctable(work, row)
        given = wanted.model_dump(exclude={"details"})
        details = wanted.details or SlipDetails.model_validate(row.details)
        opening = SlipWanted(site=row.site_id, replaces=row.number, details=details, **given)
        corrected = self.open(work, SlipDrafted, opening, facts_of(opening))
        self.happen(work, row, SlipCorrected(at=work.at, by=work.actor.who, number=corrected.number))
        return corrected

    def _check_correctable(self, work: Work, row: WorkflowRecord) -> None:
        """Raise RegistryError 409 where the slip may not be corrected at all, before what is wanted is looked at."""
        record = self.workflow.ripened(self.record(row), work.at)
        moved = self.workflow.advance(record, SlipCorrected(at=work.at, by=work.actor.who, number=""))
        if isinstance(moved, Refusal):
            raise RefusedError(moved, record.state, self.fields.get(moved.code, ""))


slips = Slips()


def _plate_records(row: WorkflowRecord, record: ReleaseSlip) -> Iterator[SlipRecord]:
    status, terms = TOLD.get(record.state), record.terms
    for n, plate in enumerate(terms.plates if status and not record.forgotten else ()):
        yield SlipRecord(
            # One record each: the first goes by the slip's own id.
            id=uuid5(row.id, plate) if n else row.id,
            number=row.number,
            plate=plate,
            unit=row.details["unit"],
            status=status,
            valid_from=epoch_s(row.opened_at) or 0,
            valid_until=epoch_s(terms.valid_until) or 0,
        )


def facts_of(wanted: SlipWanted) -> Mapping[str, Any]:
    """Return what the first event of a slip says; the registry adds its number and, where none is wanted, its end."""
    terms: dict[str, Any] = {
        **wanted.model_dump(include=set(TermsWanted.model_fields) - {"lines", "papers", "plates", "valid_until"}),
        "lines": _lines(wanted.lines),
        "papers": [{**paper.model_dump(exclude={"lines"}), "lines": _lines(paper.lines)} for paper in wanted.papers],
        "plates": tuple(dict.fromkeys(wanted.plates)),
        "valid_until": wanted.valid_until or NEVER,
        "replaces": wanted.replaces,
    }
    return {"terms": terms}


def end_of_day(at: datetime, zone: ZoneInfo, clock: str) -> datetime:
    """Return the next moment at which the clocks of the zone show this time; 24:00 is the end of the day."""
    hours, minutes = map(int, clock.split(":"))
    today = datetime.combine(at.astimezone(zone).date(), time(), zone)
    end = today + timedelta(hours=hours, minutes=minutes)
    return (end if end > at else end + timedelta(days=1)).astimezone(at.tzinfo)


def _lines(lines: Iterable[GoodsWanted]) -> list[dict[str, Any]]:
    """Return lines as the workflow has them, numbered as they come."""
    return [
        {
            "number": number,
            "item": line.item,
            "asked": line.quantity,
            "unit": line.unit,
            "remark": line.remark if isinstance(line, LineWanted) else "",
            "pictures": line.pictures if isinstance(line, LineWanted) else (),
        }
        for number, line in enumerate(lines, start=1)
    ]


def _dated(work: Work, site: Site, terms: SlipTerms) -> SlipTerms:
    """Return the terms with their end and its day, and RegistryError 422 where they end too early or replace nothing."""
    if terms.replaces:
        _check_replaced(work, site, terms)
    zone, until = ZoneInfo(site.zone), terms.valid_until
    if until == NEVER:
        until = end_of_day(work.at, zone, settings_of(work.session, site.id).slip_valid_until_hour)
    if until <= work.at:
        raise RegistryError("it would end before it begins", 422, "valid_until")
    # What ends at midnight ends with the day before.
    last = (until - timedelta(microseconds=1)).astimezone(zone).date()
    return replace(terms, valid_until=until, day=last.isoformat())


def _check_replaced(work: Work, site: Site, terms: SlipTerms) -> None:
    """Raise RegistryError 422 and 409 where a slip replaces none, or would let goods out that go out on the other, or went."""
    row = repository.numbered(work.session, site.id, terms.replaces)
    if row is None:
        raise RegistryError("there is no slip {number}", 422, "replaces", number=terms.replaces)
    if slips.workflow.ripened(slips.record(row), work.at).state in USABLE:
        raise RegistryError("slip {number} may still be used: cancel it first", 409, "replaces", number=terms.replaces)
    if over := over_what_was_left(slips.record(row), terms.lines):
        item, left = over
        told = "of {item} only {left} is left on the slip {number}"
        raise RegistryError(told, 422, "lines", number=terms.replaces, item=item, left=plain(max(left, Decimal())))


def _gate(work: Work, site: Site, name: str, field: str) -> str:
    gate = repository.gate_named(work.session, site.id, name)
    if gate is None:
        raise RegistryError("there is no gate {gate}", 422, field, gate=name)
    return gate.slug


def _plate(raw: str) -> str:
    try:
        return normal_plate(raw) if raw else ""
    except ValueError as error:
        raise RegistryError("is no plate", 422, "plate") from error


def _check_role(work: Work, roles: frozenset[Role]) -> None:
    if work.actor.role not in roles:
        raise RegistryError("the role {role} may not do this", 403, role=work.actor.role)
