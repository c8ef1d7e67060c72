"""From what the gate said to what a page shows: letters, plates by character, lists in the order a guard needs them. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any

from access.on_record import Credential
from access.plate import PROVINCES
from edge.booth_messages import AlarmView, LaneView
from edge.config import GateConfig, LaneSection
from edge.desk.offers import can_undo
from edge.desk.situation import Situation
from edge.desk.words import LISTS
from edge.messages import SyncState

DAYS_LEFT_SHOWN = 30
# B D E G H P V Z call pages (bikes, duty log, emergency, goods, handover, passes, visitors, alarms): no lane may have them.
LANE_LETTERS = "ACFIJKLMNOQRSTUWXY"


@dataclass(frozen=True, slots=True)
class PlateCharacter:
    """One character as it is drawn, or several alike; `doubtful` ones are underlined, a dot stands after the city letter."""

    text: str
    doubtful: bool = False
    dot: bool = False


@dataclass(frozen=True, slots=True)
class LaneShown:
    """A lane in its fixed place on the page: its letter, how it is wired, and the view where the gate has told one."""

    letter: str
    wired: LaneSection
    view: LaneView | None

    @property
    def id(self) -> str:
        """The lane's id."""
        return self.wired.id

    @property
    def name(self) -> str:
        """What people call the lane."""
        return (self.view.name if self.view else "") or self.wired.id

    @property
    def camera(self) -> str:
        """The camera whose picture is shown, or ""."""
        return self.wired.cameras[0] if self.wired.cameras else ""


@dataclass(frozen=True, slots=True)
class InputShown:
    """An input of a lane as it is wired: its name, its level (None: not known) and what is wrong with it ("": nothing)."""

    name: str
    level: bool | None
    ill: str


def state_shown(view: LaneView) -> str:
    """Return the code of what a lane is doing: an arm that is kept up is not coming down, whatever the lane waits for."""
    return "stays_up" if view.state == "closing" and view.open_because else view.state


def lanes_shown(config: GateConfig, situation: Situation) -> list[LaneShown]:
    """Return the lanes in the order of the configuration, so that none ever changes its place or letter."""
    letters = [*LANE_LETTERS, *[""] * len(config.lane)]
    return [LaneShown(letter, lane, situation.lanes.get(lane.id)) for letter, lane in zip(letters, config.lane, strict=False)]


def lane_shown(config: GateConfig, situation: Situation, lane: str) -> LaneShown | None:
    """Return one lane by its id, if it is of this gate."""
    return next((here for here in lanes_shown(config, situation) if here.id == lane), None)


def refers(
    lanes: Iterable[LaneShown], asked: Mapping[str, LaneView] = MappingProxyType({}), guard: str = "", mono: float = 0.0
) -> list[LaneShown]:
    """Return the lanes that wait for the guard, oldest first; also where this one has just turned away and can undo it.

    That one stands as it was `asked`, so that nothing moves from where it was pressed.
    """
    waiting = [
        lane if lane.view.state == "referred" else replace(lane, view=_as_asked(lane.view, asked.get(lane.id)))
        for lane in lanes
        if lane.view and (lane.view.state == "referred" or can_undo(lane.view, guard, mono) == "refuse")
    ]
    return sorted(waiting, key=lambda lane: waiting_since(lane.view))


def _as_asked(view: LaneView, asked: LaneView | None) -> LaneView:
    if asked is None or asked.passage != view.passage:
        return view
    return replace(asked, undo_act=view.undo_act, undo_guard=view.undo_guard, undo_until_mono=view.undo_until_mono)


def alarms_shown(situation: Situation) -> list[AlarmView]:
    """Return the alarms: those that nobody has seen yet first, the newest first."""
    alarms = situation.gate.alarms if situation.gate else ()
    return sorted(alarms, key=lambda alarm: (bool(alarm.acknowledged_by), -alarm.since_utc))


def waiting_since(view: LaneView | None) -> float:
    """Return since when (monotonic) somebody waits in a lane, 0 where nobody does."""
    if view is None or view.state not in ("waiting", "referred", "denied"):
        return 0.0
    return view.waiting_since_mono or view.since_mono


def inputs_shown(wired: LaneSection, view: LaneView) -> list[InputShown]:
    """Return the inputs that tell who stands at a lane, as far as they are wired."""
    levels = {"arrival_loop": view.arrival, "safety_loop": view.safety, "far_loop": view.far, "photocell": view.photocell}
    pins = wired.barrier.pins
    return [InputShown(name, level, view.ill.get(name, "")) for name, level in levels.items() if name in pins]


def evacuated_since(situation: Situation) -> float:
    """Return since when (UTC seconds) the site is evacuated, 0 where it is not."""
    return situation.gate.evacuation_since_utc if situation.gate else 0.0


def length_in_words(minutes: int, language: str) -> str:
    """Return a chosen length of time as people say it."""
    hours, rest = divmod(minutes, 60)
    if hours and not rest:
        return f"{hours} 小时" if language == "zh" else f"{hours} h"
    return f"{minutes} 分钟" if language == "zh" else f"{minutes} min"


def sign_shown(view: LaneView | None, *, is_connected: bool) -> str:
    """Return what the driver is told (a code of `access.signs`): a lane that nobody hears of must not invite anybody."""
    return view.sign if view is not None and view.sign and is_connected else "fault"


def doubtful(view: LaneView) -> frozenset[int]:
    """Return the positions of the read plate that some candidate reads otherwise."""
    return frozenset(at for candidate in view.candidates for at in candidate.differs)


def plate_characters(plate: str, unsure: Iterable[int] = ()) -> list[PlateCharacter]:
    """Return the characters of a plate (normal form or shown), the dot drawn after the city letter."""
    text = plate.replace("·", "")
    marks = frozenset(unsure)
    dotted = len(text) > 3 and text[0] in PROVINCES and text[1].isalpha()
    return [PlateCharacter(character, at in marks, dotted and at == 1) for at, character in enumerate(text)]


def plate_pieces(plate: str, unsure: Iterable[int] = ()) -> list[PlateCharacter]:
    """Return the characters of a plate, those put together that need no mark of their own: a page has many plates."""
    pieces: list[PlateCharacter] = []
    for one in plate_characters(plate, unsure):
        last = pieces[-1] if pieces else None
        if last is None or last.doubtful or last.dot or one.doubtful:
            pieces.append(one)
        else:
            pieces[-1] = PlateCharacter(last.text + one.text, dot=one.dot)
    return pieces


def lists_shown(sync: SyncState | None) -> list[tuple[str, float]]:
    """Return what a list is called (not translated) and when it was last known to be current (UTC seconds, 0: never)."""
    if sync is None:
        return []
    return [
        (LISTS["rules"], sync.rules_utc),
        (LISTS["deny"], sync.deny_utc),
        (LISTS["facts"], sync.facts_utc),
    ]


def rejections(counters: Mapping[str, Any]) -> list[tuple[str, int]]:
    """Return why frames of a wire were refused, most frequent first."""
    reasons = counters.get("reasons")
    if not isinstance(reasons, Mapping):
        return []
    counted = ((str(why), count) for why, count in reasons.items() if isinstance(count, int))
    return sorted(counted, key=lambda item: (-item[1], item[0]))


def other_counters(counters: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """Return what else a wire has counted, beside frames and refusals."""
    return [(name, value) for name, value in counters.items() if name not in ("frames", "rejected", "reasons")]


def days_left(credential: Credential, now: datetime) -> int | None:
    """Return for how many more days after today a credential holds, None where it has no end or that is far."""
    ends = [one.valid_until for one in (credential, credential.person) if one is not None and one.valid_until is not None]
    if not ends:
        return None
    last_moment = min(ends) - timedelta(microseconds=1)
    days = (last_moment.astimezone(now.tzinfo).date() - now.date()).days
    return days if 0 <= days <= DAYS_LEFT_SHOWN else None


def span(seconds: float) -> str:
    """Return a length of time as people read it: 0:14, 12:05, 3:20:00."""
    whole = max(0, int(seconds))
    hours, minutes, rest = whole // 3600, whole // 60 % 60, whole % 60
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"
