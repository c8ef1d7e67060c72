"""What stands at the head of every page: the names of site and gate as the office has them, the shift and its leader. Pure."""

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from access.contract.booth_records import ShiftAtBooth
from access.contract.records import LaneRecord, PeerRecord, SiteRecord
from access.on_record import GuardFacts
from edge.config import GateConfig
from edge.desk.book import Pages

# States in which a shift of the roster is at work, or should be.
AT_WORK = frozenset({"planned", "on_duty", "handing_over"})


@dataclass(frozen=True, slots=True)
class Heading:
    """`shift` is what the shift of now is called, `leader` the leader of it ("": not on record)."""

    site: str
    gate: str
    shift: str = ""
    leader: str = ""


def heading(config: GateConfig, pages: Pages, guard_of: Callable[[str], GuardFacts | None], utc: float) -> Heading:
    """Return the head of a page; before the first rules the names are those of the configuration."""
    site = next((record.name for record in pages.all(SiteRecord).values()), config.gate.site)
    own = (peer.name for peer in pages.all(PeerRecord).values() if peer.slug == config.gate.name)
    gate = next(own, config.gate.name)
    now = [shift for shift in pages.all(ShiftAtBooth).values() if shift.begins <= utc < shift.ends and shift.state in AT_WORK]
    here = [shift for shift in now if shift.post == (config.booth.post or gate)]
    named = min(here or now, key=lambda shift: (-shift.begins, shift.number), default=None)
    if named is None:
        return Heading(site, gate)
    leaders = (shift.guard_name for shift in now if (on_record := guard_of(shift.guard)) and on_record.leader)
    return Heading(site, gate, named.name, next(leaders, ""))


def lane_id(config: GateConfig, pages: Pages, slug: str) -> UUID | None:
    """Return the id of a lane of this gate, None where the rules do not name it."""
    gate = gate_id(config, pages)
    lanes = [lane for lane in pages.all(LaneRecord).values() if lane.slug == slug and lane.gate in (gate, None)]
    return lanes[0].id if lanes else None


def gate_id(config: GateConfig, pages: Pages) -> UUID | None:
    """Return the id of this gate, None where the rules do not name it."""
    return next((peer.gate for peer in pages.all(PeerRecord).values() if peer.slug == config.gate.name), None)
