"""Motor and non-motor parking permits: a paper with a number of ours, made out to one vehicle, shown in it and counted.

What opens a barrier is a level: gates decide by no permit. Booths show those of vehicles without a plate.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Annotated, Any, Final, Literal, cast
from uuid import UUID
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Response
from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from sqlalchemy.orm import object_session
from typing_extensions import override

from access.contract.records import AnyRecord
from access.plate import normalise
from access.words import worded
from access.workflows.card import (
    WORKFLOW,
    Card,
    CardActivated,
    CardFrozen,
    CardIssued,
    CardLost,
    CardRenewed,
    CardReplaced,
    CardRestocked,
    CardReturned,
    CardRevoked,
    CardStocked,
    CardThawed,
    Holding,
)
from access.workflows.events import Event
from access.workflows.words import STATES, WORDS
from central.cards.at_booth import parking_records
from central.cards.holders import BY_ID, field_of
from central.errors import RegistryError
from central.masking.kinds import Personal
from central.people.names import masked
from central.people.tables import Company
from central.records.desk import ADesk, AWritingDesk, SeenIfGiven
from central.records.numbers import next_number
from central.records.openapi import READS, WRITES
from central.records.repository import of_site
from central.records.schemas import Line, Moment, Prose, Wanted, WordsShown
from central.registry import Work
from central.tables import Person, Site
from central.users.access import allow
from central.users.rights import Area
from central.workflows import repository
from central.workflows.routes import Opens, flow_routes
from central.workflows.schemas import Details, FlowAsked, FlowShown, Opening
from central.workflows.services import Act, Flow
from central.workflows.tables import WorkflowRecord

AREA: Area = "cards"
PermitKind = Literal["motor_permit", "non_motor_permit"]
PREFIXES: Final[Mapping[str, str]] = {"motor_permit": "M", "non_motor_permit": "N"}
BoundTo = Annotated[Line, Field(max_length=60), AfterValidator(lambda text: "".join(text.upper().split()))]
IN_FORCE: Final = frozenset({"issued", "active", "frozen"})


class ParkingDetails(Details):
    """What is noted of a permit: the parking space (empty: none of its own), from when it is good, remarks."""

    space: Annotated[Line, Field(max_length=40)] = ""
    valid_from: Moment | None = None
    remark: Annotated[Prose, Personal("note")] = ""


class ParkingWanted(Opening):
    """Make out a permit to one vehicle: `bound_to` is its plate or frame number, the holder a person, a company, or a name."""

    kind: PermitKind = "motor_permit"
    bound_to: BoundTo = ""
    person: UUID | None = None
    company: UUID | None = None
    holder: Annotated[Line, Field(max_length=100)] = ""
    deposit: Prose = ""
    valid_until: Moment | None = None
    details: ParkingDetails = ParkingDetails()


class ParkingReplaceWanted(Wanted):
    """Make out another permit for a lost one, on the same terms; without `deposit` the former stays noted."""

    deposit: Prose | None = None


class ParkingShown(FlowShown):
    """A parking permit; `record.holding` says who has it, for which vehicle, until when."""

    model_config = ConfigDict(from_attributes=True)

    record: Card
    details: ParkingDetails


class ParkingAsked(FlowAsked):
    """Which permits are wanted; `plate`: or frame number, `expires_before`: that are in force until then at the longest."""

    kind: PermitKind | None = None
    plate: Annotated[BoundTo, AfterValidator(normalise)] | None = None
    person: UUID | None = None
    company: UUID | None = None
    holder: Line | None = None
    space: Line | None = None
    expires_before: Annotated[Moment, AfterValidator(lambda at: at.replace(microsecond=0))] | None = None


class ParkingPrinted(BaseModel):
    """What a permit bears: it lies behind a windscreen, so a person's name is masked. Times are on the clock of the site."""

    title: WordsShown
    number: str
    site: str
    state: WordsShown
    bound_to: Annotated[str, Personal("credential")]
    space: str
    holder: Annotated[str, Personal("name")]
    unit: Annotated[str, Personal("address")]
    valid_from: str
    valid_until: str


class ParkingPermits(Flow[Card]):
    """Parking permits, by the workflow of cards."""

    workflow = WORKFLOW
    shown = ParkingShown
    details = ParkingDetails
    fields: Mapping[str, str] = {
        **Flow.fields,
        "holder_missing": "holder",
        "permit_unbound": "bound_to",
        "not_later": "valid_until",
    }
    acts = (
        Act("activate", CardActivated),
        Act("freeze", CardFrozen),
        Act("thaw", CardThawed),
        Act("renew", CardRenewed),
        Act("lost", CardLost),
        Act("replace", CardReplaced, by_hand=True),
        Act("return", CardReturned),
        Act("revoke", CardRevoked),
        Act("restock", CardRestocked),
    )

    @property
    def kind(self) -> str:
        """The name of the kind in the audit: a card is another."""
        return "parking_permits"

    @override
    def keys(self, record: Card, details: Details) -> Iterable[tuple[str, str]]:
        yield "kind", record.kind
        yield "space", cast("ParkingDetails", details).space
        if holding := record.holding:
            field, who = field_of(holding.holder)
            yield field, who
            yield "plate", normalise(holding.bound_to)
            is_in_force = record.state in IN_FORCE and holding.valid_until is not None
            yield "expires", _sortable(holding.valid_until) if is_in_force and holding.valid_until else ""

    @override
    def rules(self, site: Site, row: WorkflowRecord, record: Card) -> Sequence[AnyRecord]:
        """Let booths show the permit of a vehicle without a plate: it is found by its frame number."""
        session = object_session(row)
        assert session is not None, "only what is kept is told"
        return tuple(parking_records(session, row, record))

    @override
    def open(
        self, work: Work, declared: type[Event], wanted: Opening, facts: Mapping[str, Any], record_id: UUID | None = None
    ) -> FlowShown:
        """Make out a permit: it is in stock, issued and active at once; RegistryError 409 and 422."""
        known = cast("ParkingWanted", wanted)
        begin = known.details.valid_from
        if begin and known.valid_until and known.valid_until <= begin:
            raise RegistryError("it would end before it begins", 422, "valid_until")
        holding = Holding(_holder(work, known), known.bound_to, known.deposit, known.valid_until)
        return self._made_out(work, known, holding, record_id)

    def _made_out(self, work: Work, wanted: ParkingWanted, holding: Holding, record_id: UUID | None = None) -> FlowShown:
        numbered = _Numbered(wanted.kind)
        stocked = Flow.open(numbered, work, CardStocked, wanted, {"kind": wanted.kind, "number": ""}, record_id)
        row = repository.get(work, WORKFLOW.name, stocked.id, changing=True)
        self.happen(work, row, CardIssued(at=work.at, by=work.actor.who, holding=holding))
        return self.happen(work, row, CardActivated(at=work.at, by=work.actor.who))

    @override
    def numbered(self, event: Event, number: str) -> Event:
        return replace(cast("CardStocked", event), number=number)

    def replace(self, work: Work, record_id: UUID, wanted: ParkingReplaceWanted, seen: int | None = None) -> FlowShown:
        """Make out another permit for a lost one; RegistryError 404, and 409 where it is not lost."""
        row = repository.get(work, WORKFLOW.name, record_id, changing=True)
        lost = self.record(row)
        facts: dict[str, Any] = {"number": ""}
        if lost.state == "lost" and lost.holding is not None:
            holding = lost.holding if wanted.deposit is None else replace(lost.holding, deposit=wanted.deposit)
            details = ParkingDetails.model_validate(row.details)
            anew = ParkingWanted(site=row.site_id, kind=cast("Any", lost.kind), details=details)
            facts["number"] = self._made_out(work, anew, holding).number
        [act] = (act for act in self.acts if act.path == "replace")
        return self.act(work, record_id, act, facts, seen)

    def printed(self, work: Work, record_id: UUID) -> ParkingPrinted:
        """Return what a permit bears; RegistryError 404."""
        row = repository.get(work, WORKFLOW.name, record_id)
        site = work.session.get_one(Site, row.site_id)
        permit = WORKFLOW.ripened(self.record(row), work.at)
        zone, details = ZoneInfo(site.zone), ParkingDetails.model_validate(row.details)
        holding = permit.holding or Holding("")
        holder, unit = _name_and_unit(work, site, holding.holder)
        return ParkingPrinted(
            title=WordsShown(zh=worded(WORDS, permit.kind, "zh"), en=worded(WORDS, permit.kind, "en")),
            number=row.number,
            site=site.name,
            state=WordsShown(**dict(zip(("zh", "en"), STATES[WORKFLOW.name][permit.state], strict=True))),
            bound_to=holding.bound_to,
            space=details.space,
            holder=holder,
            unit=unit,
            valid_from=_local(details.valid_from, zone),
            valid_until=_local(holding.valid_until, zone),
        )


class _Numbered(ParkingPermits):
    """Permits of one kind: each kind has consecutive numbers of its own."""

    def __init__(self, kind: str) -> None:
        self._kind = kind

    @override
    def number(self, work: Work, site: Site) -> str:
        return f"{PREFIXES[self._kind]}{next_number(work, site.id, self._kind):06d}"


def _holder(work: Work, wanted: ParkingWanted) -> str:
    named = [name for name in ("person", "company", "holder") if getattr(wanted, name)]
    if len(named) > 1 or BY_ID.fullmatch(wanted.holder):
        raise RegistryError("a permit has one holder: a person, a company or a name", 422, named[-1])
    if wanted.person is not None:
        of_site(work.session, Person, wanted.person, wanted.site, "person")
        return f"person:{wanted.person}"
    if wanted.company is not None:
        of_site(work.session, Company, wanted.company, wanted.site, "company")
        return f"company:{wanted.company}"
    return wanted.holder


def _name_and_unit(work: Work, site: Site, holder: str) -> tuple[str, str]:
    field, who = field_of(holder)
    if field == "person":
        person = of_site(work.session, Person, UUID(who), site.id, field)
        return masked(person.name), person.unit
    if field == "company":
        company = of_site(work.session, Company, UUID(who), site.id, field)
        return company.name, company.unit
    return who, ""


def _sortable(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%SZ}"


def _local(at: datetime | None, zone: ZoneInfo) -> str:
    return "" if at is None else f"{at.astimezone(zone):%Y-%m-%d %H:%M}"


parking_permits = ParkingPermits()

_permits = APIRouter(prefix="/parking-permits/{record_id}", tags=[AREA], dependencies=[Depends(allow(AREA))])


@_permits.get("/print", responses=READS, operation_id="print_parking_permit", summary="Give what a parking permit bears.")
def print_permit(desk: ADesk, record_id: UUID) -> ParkingPrinted:
    """Give what a parking permit bears, with all words in both languages."""
    with desk.reading() as work:
        return parking_permits.printed(work, record_id)


@_permits.post(
    "/replace",
    responses=WRITES,
    response_model=ParkingShown,
    operation_id="replace_parking_permit",
    summary="Parking permit: a replacement.",
)
def replace_permit(desk: AWritingDesk, record_id: UUID, wanted: ParkingReplaceWanted, seen: SeenIfGiven = None) -> Response:
    """Make out another permit for a lost one, under the next number; `replaced_by` names it."""
    return desk.change(lambda work: parking_permits.replace(work, record_id, wanted, seen))


def _no_facts(_wanted: Any) -> dict[str, Any]:
    return {}


router = APIRouter()
router.include_router(_permits)
router.include_router(
    flow_routes(
        parking_permits,
        AREA,
        (Opens(CardStocked, ParkingWanted, _no_facts),),
        one="parking permit",
        asked=ParkingAsked,
    )
)
