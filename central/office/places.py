"""The places that the pages name: sites, gates, lanes."""

from dataclasses import dataclass
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select

from central.records.repository import in_sight
from central.registry import Work
from central.tables import Gate, Lane, Site

SITES_MAX = 500
DEFAULT_ZONE = ZoneInfo("Asia/Shanghai")


@dataclass(frozen=True, slots=True)
class Places:
    """All sites, gates and lanes by id; there are few."""

    sites: dict[UUID, Site]
    gates: dict[UUID, Gate]
    lanes: dict[UUID, Lane]

    def zone(self, gate: str = "") -> ZoneInfo:
        """Return the zone in which times are typed: the chosen gate's, else the first site's."""
        chosen = next((found.site_id for found in self.gates.values() if str(found.id) == gate), None)
        site = self.sites.get(chosen) if chosen else next(iter(self.sites.values()), None)
        return ZoneInfo(site.zone) if site else DEFAULT_ZONE

    def zone_of(self, site_id: UUID) -> ZoneInfo:
        """Return the zone of a site."""
        return ZoneInfo(self.sites[site_id].zone) if site_id in self.sites else DEFAULT_ZONE

    def gate_name(self, gate_id: UUID) -> str:
        """Return what people call a gate."""
        return self.gates[gate_id].name if gate_id in self.gates else "—"

    def lane_name(self, lane_id: UUID | None) -> str:
        """Return what people call a lane."""
        return self.lanes[lane_id].name if lane_id in self.lanes else "—"


def places(work: Work) -> Places:
    """Return all places that the actor sees."""
    sites = select(Site).where(in_sight(work, Site.id)).order_by(Site.id).limit(SITES_MAX)
    gates = select(Gate).where(in_sight(work, Gate.site_id)).order_by(Gate.name, Gate.id)
    lanes = select(Lane).where(in_sight(work, Lane.site_id)).order_by(Lane.gate_id, Lane.slug)
    return Places(
        {site.id: site for site in work.session.scalars(sites)},
        {gate.id: gate for gate in work.session.scalars(gates)},
        {lane.id: lane for lane in work.session.scalars(lanes)},
    )
