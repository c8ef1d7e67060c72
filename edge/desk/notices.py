"""What a screen at a lane tells beside its sign: notices that are in force there, and where people and vehicles are. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from access.contract.booth_records import AwayAtBooth, NoticeAtBooth
from edge.config import GateConfig
from edge.desk.book import Pages
from edge.desk.heading import gate_id, lane_id

NOTICES_MAX = 3
AWAY_MAX = 6


@dataclass(frozen=True, slots=True)
class Board:
    """The newest notices and those who are expected back soonest."""

    notices: Sequence[NoticeAtBooth] = ()
    away: Sequence[AwayAtBooth] = ()


def board_of(config: GateConfig, pages: Pages, lane: str, utc: float) -> Board:
    """Return what the screen at a lane tells now."""
    gate, here = gate_id(config, pages), lane_id(config, pages, lane)
    notices = [notice for notice in pages.all(NoticeAtBooth).values() if notice.at_lane_display and _in_force(notice, utc)]
    ours = [notice for notice in notices if _is_for(notice.gates, gate) and _is_for(notice.lanes, here)]
    away = sorted(pages.all(AwayAtBooth).values(), key=lambda one: (one.expected_back is None, one.expected_back or one.left_at))
    return Board(sorted(ours, key=lambda notice: -notice.valid_from)[:NOTICES_MAX], away[:AWAY_MAX])


def _in_force(notice: NoticeAtBooth, utc: float) -> bool:
    return notice.valid_from <= utc and (notice.valid_until is None or utc < notice.valid_until)


def _is_for(named: Sequence[object], one: object) -> bool:
    return not named or one in named
