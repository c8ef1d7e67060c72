"""All that booths of a site show: told once to sites that were there before booths were, anew, and as days go by."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, exists, or_, select
from sqlalchemy.orm import Session

from access.contract.records import AnyRecord
from access.workflows.card import WORKFLOW as PERMIT
from access.workflows.contractor_pass import WORKFLOW as PASS
from access.workflows.incident import WORKFLOW as INCIDENT
from access.workflows.release_slip import WORKFLOW as SLIP
from access.workflows.shift import WORKFLOW as SHIFT
from central.access_rules.telling import tell
from central.cards.at_booth import KIND as PARKING
from central.cards.at_booth import NON_MOTOR
from central.cards.at_booth import UNTOLD as UNHELD
from central.cards.parking import IN_FORCE, parking_permits
from central.cards.services import cards
from central.contractors.at_booth import pass_records
from central.contractors.passes import is_told, passes
from central.duty.at_booth import days_shown, may_be_away, shift_records, shifts_shown
from central.duty.board import notices, whereabouts
from central.duty.incidents import incidents
from central.duty.patrols import routes
from central.duty.tables import Notice, PatrolRoute, Whereabouts
from central.goods.at_booth import UNTOLD, slip_records
from central.goods.services import slips
from central.places.at_booth import VISITOR_CARD, settings_record
from central.places.services import units
from central.places.tables import Unit
from central.records.services import Records
from central.records.turns import take_turn
from central.registry import Work
from central.sites.services import gates
from central.tables import Card, Gate, OfSite, RuleChange, Site
from central.visits import telling
from central.visits.at_booth import visit_records
from central.workflows.services import Flow
from central.workflows.tables import WorkflowKey, WorkflowRecord

# A slip that was not collected is shown for so long after its day.
SLIPS_LATE: Final = timedelta(days=7)
# An incident is shown while it is open, and so long after something was last done to it: as long as booths keep acts, and more.
INCIDENTS_LATE: Final = timedelta(days=40)
# A permit that is over is shown for so long: whoever comes with it all the same is told that it is.
PERMITS_LATE: Final = timedelta(days=365)
# How far back the clock looks for what is over: what ended before is told at the start.
LOOKED_BACK: Final = timedelta(days=30)


@dataclass(frozen=True)
class Kind:
    """A kind of record of booths: which rows of a site are shown now, and what is told of one of them."""

    name: str
    shown: Callable[[Work, Site], Select[UUID]]
    records: Callable[[Work, Site, UUID], Iterable[AnyRecord]]


def is_complete(work: Work, site: Site) -> bool:
    """Tell whether booths of a site show all that they are to, and nothing more: by what there is, not by what is said of it."""
    return all(_known(work, site, kind) == _wanted(work, site, kind) for kind in KINDS)


def complete(work: Work, site: Site) -> None:
    """Tell booths what they lack, and take from them what is over; within the site's turn."""
    for kind in KINDS:
        _tell(work, site, kind, _known(work, site, kind) ^ _wanted(work, site, kind))


def show_anew(work: Work, site: Site, ids: Collection[UUID]) -> None:
    """Tell booths anew of these rows, of whatever kinds, as somebody was taken out of them; within the site's turn."""
    for kind in KINDS:
        _tell(work, site, kind, _known(work, site, kind).intersection(ids))


class AtBooths:
    """What time alone changes of what booths show: which shifts are of these days, notices that are over, papers of last week."""

    def is_due(self, work: Work) -> bool:
        """Tell whether booths show something that is over, or not yet who will serve."""
        return any(work.session.scalars(query.limit(1)).first() is not None for _, query in _due(work))

    def ripen(self, work: Work) -> int:
        """Tell booths what time has changed; returns for how many sites and kinds that was news."""
        due: dict[UUID, list[tuple[Kind, UUID]]] = defaultdict(list)
        for kind, query in _due(work):
            for row in work.session.scalars(query):
                due[row.site_id].append((kind, row.id))
        told = 0
        for site_id in sorted(due):
            take_turn(work.session, site_id)
            site = work.session.get_one(Site, site_id)
            for kind in KINDS:
                told += _tell(work, site, kind, {record_id for of_kind, record_id in due[site_id] if of_kind is kind})
        return told


at_booths = AtBooths()


def _tell(work: Work, site: Site, kind: Kind, ids: set[UUID]) -> bool:
    if not ids:
        return False
    shown = sorted(ids & _wanted(work, site, kind))
    wanted = [record for record_id in shown for record in kind.records(work, site, record_id)]
    return tell(work.session, site, kind.name, sorted(ids), wanted)


def _known(work: Work, site: Site, kind: Kind) -> set[UUID]:
    living = (RuleChange.site_id == site.id, RuleChange.kind == kind.name, RuleChange.to_revision.is_(None))
    return set(work.session.scalars(select(RuleChange.record_id).where(*living, RuleChange.data.is_not(None))))


def _wanted(work: Work, site: Site, kind: Kind) -> set[UUID]:
    return set(work.session.scalars(kind.shown(work, site)))


# --- what is shown now ----------------------------------------------------------------------------


def _settings(_work: Work, site: Site) -> Select[UUID]:
    return select(Site.id).where(Site.id == site.id)


def _visits(_work: Work, site: Site) -> Select[UUID]:
    return telling.shown_at_booths(site.id).with_only_columns(WorkflowRecord.id)


def _passes(_work: Work, site: Site) -> Select[UUID]:
    row = WorkflowRecord
    # Gates forget what is over unless its duplicate hangs: until then it has a time.
    is_known = or_(row.state == "active", row.due_at.is_not(None), _has_key("post"))
    states = row.state.not_in(("issued", "returned"))
    return select(row.id).where(row.site_id == site.id, row.workflow == PASS.name, states, is_known)


def _slips(work: Work, site: Site) -> Select[UUID]:
    row = WorkflowRecord
    of_late = _has_key("date", WorkflowKey.value >= _day(work.at - SLIPS_LATE))
    return select(row.id).where(row.site_id == site.id, row.workflow == SLIP.name, of_late, row.state.not_in(UNTOLD))


def _shifts(work: Work, site: Site) -> Select[UUID]:
    days = shifts_shown(days_shown(work.at, site.zone))
    return days.where(WorkflowRecord.site_id == site.id).with_only_columns(WorkflowRecord.id)


def _incidents(work: Work, site: Site) -> Select[UUID]:
    row = WorkflowRecord
    lasts = or_(row.state == "open", row.changed_at >= work.at - INCIDENTS_LATE)
    return select(row.id).where(row.site_id == site.id, row.workflow == INCIDENT.name, _has_key("gate"), lasts)


def _permits(work: Work, site: Site) -> Select[UUID]:
    row = WorkflowRecord
    lasts = or_(row.state.in_(IN_FORCE), row.changed_at >= work.at - PERMITS_LATE)
    of_kind = _has_key("kind", WorkflowKey.value == NON_MOTOR)
    return select(row.id).where(row.site_id == site.id, row.workflow == PERMIT.name, of_kind, row.state.not_in(UNHELD), lasts)


def _notices(work: Work, site: Site) -> Select[UUID]:
    lasts = or_(Notice.valid_until.is_(None), Notice.valid_until > work.at)
    return select(Notice.id).where(Notice.site_id == site.id, or_(Notice.at_booth, Notice.at_lane_display), lasts)


def _away(work: Work, site: Site) -> Select[UUID]:
    is_away = (Whereabouts.returned_at.is_(None), may_be_away(work.at))
    return select(Whereabouts.id).where(Whereabouts.site_id == site.id, *is_away)


def _all(table: type[OfSite], *conditions: ColumnElement[bool]) -> Callable[[Work, Site], Select[UUID]]:
    return lambda _work, site: select(table.id).where(table.site_id == site.id, *conditions)


def _has_key(name: str, *conditions: ColumnElement[bool]) -> ColumnElement[bool]:
    of_row = (WorkflowKey.record_id == WorkflowRecord.id, WorkflowKey.site_id == WorkflowRecord.site_id)
    return exists().where(*of_row, WorkflowKey.name == name, *conditions)


def _day(at: datetime) -> str:
    return at.date().isoformat()


# --- what is told of it ---------------------------------------------------------------------------


def _of(kind: Records[Any, Any, Any]) -> Callable[[Work, Site, UUID], Iterable[AnyRecord]]:
    return lambda work, site, record_id: kind.at_booths(work, site, work.session.get_one(kind.table, record_id))


def _visit(work: Work, _site: Site, record_id: UUID) -> Iterable[AnyRecord]:
    row = work.session.get_one(WorkflowRecord, record_id)
    return visit_records(work.session, row, telling.visit_of(row), off=telling.is_off(work, row))


def _pass(work: Work, site: Site, record_id: UUID) -> Iterable[AnyRecord]:
    row = work.session.get_one(WorkflowRecord, record_id)
    held = passes.record(row)
    return pass_records(work.session, site, row, held) if is_told(held) else ()


def _slip(work: Work, _site: Site, record_id: UUID) -> Iterable[AnyRecord]:
    row = work.session.get_one(WorkflowRecord, record_id)
    return slip_records(work.session, row, slips.record(row))


def _shift(work: Work, site: Site, record_id: UUID) -> Iterable[AnyRecord]:
    return shift_records(work.session, site, [work.session.get_one(WorkflowRecord, record_id)], work.at)


def _moved_by(flow: Flow[Any]) -> Callable[[Work, Site, UUID], Iterable[AnyRecord]]:
    def records(work: Work, site: Site, record_id: UUID) -> Iterable[AnyRecord]:
        row = work.session.get_one(WorkflowRecord, record_id)
        return flow.rules(site, row, flow.record(row))

    return records


INCIDENTS: Final = Kind("booth_incident", _incidents, _moved_by(incidents))
PERMITS: Final = Kind(PARKING, _permits, _moved_by(parking_permits))
NOTICE: Final = Kind("booth_notice", _notices, _of(notices))
AWAY: Final = Kind("booth_away", _away, _of(whereabouts))
SHIFTS: Final = Kind("booth_shift", _shifts, _shift)
SLIPS: Final = Kind("booth_slip", _slips, _slip)
KINDS: Final = (
    Kind("booth_settings", _settings, lambda work, site, _id: (settings_record(work.session, site.id),)),
    Kind("booth_gate", _all(Gate), _of(gates)),
    Kind("booth_unit", _all(Unit), _of(units)),
    Kind("booth_card", _all(Card, Card.kind == VISITOR_CARD), _of(cards)),
    Kind("booth_route", _all(PatrolRoute, PatrolRoute.is_used.is_(True)), _of(routes)),
    Kind("booth_visit", _visits, _visit),
    Kind("booth_pass", _passes, _pass),
    NOTICE,
    AWAY,
    SHIFTS,
    SLIPS,
    INCIDENTS,
    PERMITS,
)


# --- what time has changed ------------------------------------------------------------------------


def _due(work: Work) -> Iterable[tuple[Kind, Select[Any]]]:
    """Yield queries of rows that booths show and are to show no more, or the other way round."""
    session, at = work.session, work.at
    yield NOTICE, select(Notice).where(Notice.valid_until <= at, _is_shown(NOTICE, Notice))
    over = and_(Whereabouts.returned_at.is_(None), Whereabouts.id.not_in(select(Whereabouts.id).where(may_be_away(at))))
    yield AWAY, select(Whereabouts).where(over, _is_shown(AWAY, Whereabouts))
    of_before = (WorkflowKey.value >= _day(at - LOOKED_BACK), WorkflowKey.value < _day(at - SLIPS_LATE))
    late = select(WorkflowRecord).where(WorkflowRecord.workflow == SLIP.name, _has_key("date", *of_before))
    yield SLIPS, late.where(_is_shown(SLIPS, WorkflowRecord))
    for kind, workflow, lasting, states in (
        (INCIDENTS, INCIDENT, INCIDENTS_LATE, ("open",)),
        (PERMITS, PERMIT, PERMITS_LATE, IN_FORCE),
    ):
        row = WorkflowRecord
        over = and_(row.workflow == workflow.name, row.state.not_in(states), row.changed_at < at - lasting)
        yield kind, select(row).where(over, row.changed_at >= at - lasting - LOOKED_BACK, _is_shown(kind, row))
    for zone in _zones(session):
        yield from ((SHIFTS, query) for query in _shifts_of(zone, at))


def _shifts_of(zone: str, at: datetime) -> Iterable[Select[WorkflowRecord]]:
    days = days_shown(at, zone)
    there = WorkflowRecord.site_id.in_(select(Site.id).where(Site.zone == zone))
    yield shifts_shown(days).where(there, ~_is_shown(SHIFTS, WorkflowRecord))
    of_before = (WorkflowKey.value >= _day(at - LOOKED_BACK), WorkflowKey.value < days[0])
    over = select(WorkflowRecord).where(WorkflowRecord.workflow == SHIFT.name, there, _has_key("day", *of_before))
    yield over.where(_is_shown(SHIFTS, WorkflowRecord))


def _zones(session: Session) -> Sequence[str]:
    return session.scalars(select(Site.zone).distinct()).all()


def _is_shown(kind: Kind, table: type[OfSite]) -> ColumnElement[bool]:
    of_row = (RuleChange.site_id == table.site_id, RuleChange.kind == kind.name, RuleChange.record_id == table.id)
    return exists().where(*of_row, RuleChange.to_revision.is_(None), RuleChange.data.is_not(None))
