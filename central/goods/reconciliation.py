"""The daily reconciliation of slips: what became of those of a day, by guard and gate, and who signed it off."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from access.workflows.release_slip import ReleaseSlip, Trip, is_outstanding
from central.audit import services as audit
from central.errors import RegistryError
from central.goods import repository
from central.goods.schemas import (
    DayAsked,
    Figure,
    ReconciliationShown,
    SignedOffShown,
    SignOffWanted,
    SlipNamed,
    TripsShown,
)
from central.goods.services import OFFICE, slips
from central.goods.tables import SlipReconciliation
from central.records import repository as records
from central.registry import Work
from central.tables import Site

KIND: Final = "slip_reconciliation"


@dataclass(frozen=True, slots=True)
class _Slip:
    """A slip of the day as it is by now, and the names of all that happened to it."""

    id: UUID
    number: str
    record: ReleaseSlip
    happened: frozenset[str]

    @property
    def is_approved(self) -> bool:
        return bool(self.record.approved_by)

    @property
    def has_rest(self) -> bool:
        return any(rest > 0 for rest in self.record.left().values())

    @property
    def named(self) -> SlipNamed:
        return SlipNamed(id=self.id, number=self.number)


FIGURES: Mapping[str, Callable[[_Slip], bool]] = {
    "issued": lambda _slip: True,
    "approved": lambda slip: slip.is_approved,
    "approved_at_night": lambda slip: slip.record.at_night,
    "night_reviewed": lambda slip: slip.record.at_night and bool(slip.record.review),
    "used": lambda slip: bool(slip.record.trips) and not slip.has_rest,
    "partly": lambda slip: bool(slip.record.trips) and slip.has_rest,
    "unused": lambda slip: slip.is_approved and not slip.record.trips,
    # Told by what happened, not by the state: the paper of an expired slip may have been collected since.
    "expired": lambda slip: slip.record.state == "expired" or "SlipExpired" in slip.happened,
    "cancelled": lambda slip: "SlipCancelled" in slip.happened,
    "collected": lambda slip: bool(slip.record.collected_by),
    "not_collected": lambda slip: is_outstanding(slip.record),
    "held": lambda slip: slip.record.state == "held",
    "mismatches": lambda slip: "MismatchFound" in slip.happened,
}


def reconciliation(work: Work, asked: DayAsked) -> ReconciliationShown:
    """Show what became of a day's slips; RegistryError 422 for a site that is none of the actor's."""
    site = records.site(work, asked.site)
    day = asked.day or _today(work, site) - timedelta(days=1)
    found = _slips(work, site, day)
    figures = {name: _figure(filter(belongs, found)) for name, belongs in FIGURES.items()}
    signed = repository.signed_off(work.session, site.id, day)
    return ReconciliationShown(
        site_id=site.id,
        day=day,
        **figures,
        guards=_trips(found, lambda trip: trip.guard),
        gates=_trips(found, lambda trip: trip.gate),
        signed_off=SignedOffShown.model_validate(signed) if signed else None,
    )


def sign_off(work: Work, wanted: SignOffWanted) -> SignedOffShown:
    """Sign a day off; RegistryError 403, 409 where it is signed off already, and 422 before it is over."""
    if work.actor.role not in OFFICE:
        raise RegistryError("the role {role} may not do this", 403, role=work.actor.role)
    site = records.site(work, wanted.site)
    if wanted.day >= _today(work, site):
        raise RegistryError("the day is not over yet", 422, "day")
    found = _slips(work, site, wanted.day)
    row = SlipReconciliation(
        id=work.new_id(),
        site_id=site.id,
        day=wanted.day,
        by_name=work.actor.name,
        by_role=work.actor.role,
        remark=wanted.remark,
        signed_at=work.at,
        counts={name: sum(map(belongs, found)) for name, belongs in FIGURES.items()},
    )
    work.session.add(row)
    records.flush(work.session, "this day has been signed off already")
    shown = SignedOffShown.model_validate(row)
    facts: dict[str, Any] = shown.model_dump(mode="json")
    audit.note(work, KIND, row.id, site.id, "signed off", version=1, after=facts)
    return shown


def _today(work: Work, site: Site) -> date:
    return work.at.astimezone(ZoneInfo(site.zone)).date()


def _slips(work: Work, site: Site, day: date) -> Sequence[_Slip]:
    happened: defaultdict[UUID, set[str]] = defaultdict(set)
    for slip, name in repository.events_of_day(work.session, site.id, day):
        happened[slip].add(name)
    return [
        _Slip(row.id, row.number, slips.workflow.ripened(slips.record(row), work.at), frozenset(happened[row.id]))
        for row in repository.of_day(work.session, site.id, day)
    ]


def _figure(found: Iterable[_Slip]) -> Figure:
    named = [slip.named for slip in found]
    return Figure(count=len(named), slips=named)


def _trips(found: Sequence[_Slip], by: Callable[[Trip], str]) -> list[TripsShown]:
    """Add trips and lines up by guard or gate."""
    trips: defaultdict[str, list[tuple[_Slip, Trip]]] = defaultdict(list)
    for slip in found:
        for trip in slip.record.trips:
            trips[by(trip)].append((slip, trip))
    return [
        TripsShown(
            name=name,
            trips=len(made),
            lines=sum(len(trip.released) for _, trip in made),
            slips=list({slip.id: slip.named for slip, _ in made}.values()),
        )
        for name, made in sorted(trips.items())
    ]
