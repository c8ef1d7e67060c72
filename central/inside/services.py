"""Who is inside now: by zone and kind, since when, by which entry; and how sure that is."""

from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from access.plate import shown as plate_shown
from access.sealing import unseal
from central.inside import repository
from central.inside.known import Inside, everybody, words_of
from central.inside.present import left_unnamed
from central.inside.schemas import Doubt, GateWord, InsideAsked, InsidePage, InsideShown
from central.log.searching import sites_in_sight
from central.log.services import utc_of
from central.records.repository import check_in_sight
from central.records.repository import site as check_site
from central.registry import Work
from central.tables import Gate, JournalEntry, Zone

# Boxes ask for news at least once a minute.
SILENT_AFTER: Final = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class State:
    """All who are inside of some sites at one moment, with what makes it uncertain."""

    everybody: Sequence[Inside]
    gates: Sequence[GateWord]
    zones: dict[str, str]
    left: dict[tuple[UUID, str], int]
    at: datetime

    def doubts(self, one: Inside) -> list[Doubt]:
        """Return why it may be that somebody has left."""
        found: list[Doubt] = []
        if any(gate.is_silent and gate.site == one.site for gate in self.gates):
            found.append("gate_silent")
        left = self.left.get((one.site, one.present.zone))
        if left is not None and left >= one.present.since:
            found.append("left_unnamed")
        return found


def state(work: Work, site: UUID | None) -> State:
    """Return who is inside of a site, or of all that the actor sees; RegistryError 422."""
    if site is not None:
        check_site(work, site)
    sites = sites_in_sight(work, site)
    words = words_of(work, sites)
    zones = repository.zones(work.session, sites)
    return State(everybody(work, words), _gates(work, sites), zones, left_unnamed(words), work.at)


def inside(work: Work, asked: InsideAsked) -> InsidePage:
    """Return one page of who is inside; RegistryError 422 for a place beyond the actor's bounds."""
    check_in_sight(work, Zone, asked.zone, "zone")
    check_in_sight(work, Gate, asked.gate, "gate")
    now = state(work, asked.site)
    wanted = [one for one in now.everybody if _fits(one, asked, work.at)]
    key = _key(asked, work.at)
    places = sorted(((key(one), one) for one in wanted), key=lambda placed: placed[0])
    behind = [placed for placed in places if asked.after is None or placed[0] > _sortable(asked.after)]
    page = [one for _, one in behind[: asked.limit]]
    totals = Counter(one.kind for one in wanted)
    return InsidePage(
        items=shown(work, now, page),
        more=_written(behind[asked.limit - 1][0]) if len(behind) > asked.limit else None,
        totals=dict(sorted(totals.items())),
        people=sum(one.present.people for one in wanted if not one.is_vehicle),
        vehicles=sum(one.is_vehicle for one in wanted),
        at=work.at,
        is_certain=not any(now.doubts(one) for one in wanted) and not any(gate.is_silent for gate in now.gates),
        gates=list(now.gates),
    )


Key = tuple[int, int, str]


def _key(asked: InsideAsked, at: datetime) -> Callable[[Inside], Key]:
    first = asked.order == "overstayed"
    return lambda one: (int(first and not one.has_overstayed(at)), max(0, one.present.since), one.present.word.id.hex)


def _written(key: Key) -> str:
    return f"{key[0]}-{key[1]}-{key[2]}"


def _sortable(place: str) -> Key:
    group, since, identity = place.split("-")
    return int(group), int(since), identity


def _fits(one: Inside, asked: InsideAsked, at: datetime) -> bool:
    hours = asked.longer_than_hours
    return (
        (asked.zone is None or one.present.zone == str(asked.zone))
        and (asked.gate is None or (one.came is not None and one.came.entry.gate_id == asked.gate))
        and (not asked.kind or one.kind in asked.kind)
        and (not asked.unit or one.unit == asked.unit)
        and (asked.overstayed is None or one.has_overstayed(at) is asked.overstayed)
        and (hours is None or one.present.since <= (at - timedelta(hours=hours)).timestamp())
    )


def shown(work: Work, now: State, page: Collection[Inside]) -> list[InsideShown]:
    """Show these, with what only the log has of them."""
    ids = {one.came.decision.id for one in page if one.came is not None and one.came.decision is not None}
    told = repository.decisions(work.session, ids)
    return [_shown(now, one, told) for one in page]


def _shown(now: State, one: Inside, told: dict[UUID, JournalEntry]) -> InsideShown:
    entry = one.came.entry if one.came is not None else None
    decision = one.came.decision if one.came is not None else None
    row = told.get(decision.id) if decision is not None else None
    fields = unseal(row.canonical, row.personal).fields if row is not None else {}
    zone = now.zones.get(one.present.zone)
    return InsideShown(
        id=one.present.word.id,
        site=one.site,
        kind=one.kind,
        zone=UUID(one.present.zone) if zone else None,
        zone_name=zone or "",
        since=since(one),
        gate=entry.gate_id if entry is not None else None,
        lane=entry.lane_id if entry is not None else None,
        entry=entry.id if entry is not None else None,
        credential=_credential(one, fields),
        name=one.name or str(fields.get("holder") or ""),
        unit=one.unit or str(fields.get("unit") or ""),
        company=one.company,
        people=one.present.people,
        person=one.person.id if one.person is not None else None,
        vehicle=one.vehicle.id if one.vehicle is not None else None,
        workflow=one.record.workflow if one.record is not None else "",
        record=one.record.id if one.record is not None else None,
        number=one.record.number if one.record is not None else "",
        valid_until=one.valid_until,
        overstayed=one.has_overstayed(now.at),
        uncertain=now.doubts(one),
    )


def since(one: Inside) -> datetime:
    """Return since when somebody is there; what no calendar has stands for its beginning."""
    return datetime.fromtimestamp(min(max(one.present.since, 0), 253_402_300_799), UTC)


def _credential(one: Inside, fields: Any) -> str:
    plate = (one.vehicle.plate if one.vehicle is not None else None) or one.present.word.plate
    return plate_shown(plate) if plate else credential_in(fields)


def credential_in(fields: Any) -> str:
    """Return a plate with its dot, a card as delivered, of a code only the end."""
    text, medium = str(fields.get("text") or ""), fields.get("medium")
    if medium == "plate":
        return plate_shown(text)
    return f"…{text[-4:]}" if medium == "code" and text else text


def _gates(work: Work, sites: Collection[UUID]) -> list[GateWord]:
    return [
        GateWord(
            gate=row.id,
            site=row.site_id,
            name=row.name,
            last_seen_at=row.last_seen_at,
            newest_at=utc_of(newest) if (newest := repository.newest(work.session, row.id)) is not None else None,
            is_silent=row.last_seen_at is None or row.last_seen_at < work.at - SILENT_AFTER,
        )
        for row in repository.gates(work.session, sites)
    ]
