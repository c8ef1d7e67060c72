"""One lane as its wires tell of it: what stands there, where its arm is, and whether that can be believed."""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field

from edge.config import InputPin, LaneSection

SEEING = ("arrival_loop", "safety_loop", "far_loop", "photocell")
UNDER = ("safety_loop", "photocell")
CHATTER_EDGES, CHATTER_S, QUIET_S = 12, 3.0, 10.0


@dataclass
class LaneWatch:
    """One lane as its wires tell of it, and what has been sent to it."""

    config: LaneSection
    known: bool = False
    known_since: float = 0.0
    before: dict[str, bool | None] = field(default_factory=dict)
    levels: dict[str, bool | None] = field(default_factory=dict)
    edges: dict[str, deque[float]] = field(default_factory=dict)
    chatters_until: dict[str, float] = field(default_factory=dict)
    ill: set[str] = field(default_factory=set)  # as the lane itself has said
    mode: str = "normal"
    mode_entry: str = ""
    held_at: float = -1e9  # when it was last set to stand open
    falling: bool = False
    lowering: str = ""  # our command to close that is under way
    lowered_at: float = -1e9
    not_up_since: float = 0.0
    opening: str = ""  # our newest command to open
    opened_at: float = -1e9
    opened_until: float = -1e9  # as far as that opening reaches
    failed_at: float = -1e9  # when an opening failed
    rising: str = ""  # the passage of an opening whose arm has not moved yet
    is_rising: bool = False
    closings: int = 0
    sent: deque[float] = field(default_factory=deque)
    repeated: deque[float] = field(default_factory=deque)
    under_way: set[str] = field(default_factory=set)

    @property
    def is_door(self) -> bool:
        """Whether it is for people."""
        return self.config.kind == "pedestrian"

    @property
    def is_down(self) -> bool | None:
        """Whether the arm is down, as the wires say (None: they do not)."""
        up, down = self.levels.get("open_limit"), self.levels.get("closed_limit")
        if up and down:
            return None
        return down if down is not None else (None if up is None else not up)

    @property
    def is_up(self) -> bool | None:
        """Whether the arm is fully up (a door: open), as the wires say."""
        up, down = self.levels.get("open_limit"), self.levels.get("closed_limit")
        if up and down:
            return None
        return up if up is not None else (None if down is None else not down)

    @property
    def sees_under(self) -> bool | None:
        """Whether somebody is under the arm (None: nothing there says anything)."""
        said = [self.levels.get(name) for name in UNDER if name in self.config.barrier.pins]
        known = [level for level in said if level is not None]
        return any(known) if known else None

    def rises(self, ended: set[str], now: float) -> bool:
        """Tell whether it was opened for somebody whose passage has not ended, and has not moved yet."""
        is_new = now < self.opened_at + self.config.barrier.travel_s
        return is_new and self.is_rising and self.rising != "" and self.rising not in ended

    def read(self, states: Sequence[bool], now: float) -> None:
        """Take in what its board says."""
        if not self.known:
            self.known_since = now
        self.before = self.levels if self.known else {}
        was_up = self.is_up
        self.known = True
        self.levels = {name: _level(pin, states) for name, pin in self.config.barrier.pins.items()}
        for name in SEEING:
            was, level = self.before.get(name), self.levels.get(name)
            if was is not None and level is not None and was is not level:
                self._edge(name, now)
        self._follow_arm(was_up, now)

    def _edge(self, name: str, now: float) -> None:
        edges = self.edges.setdefault(name, deque(maxlen=CHATTER_EDGES))
        edges.append(now)
        is_dense = len(edges) == CHATTER_EDGES and now - edges[0] <= CHATTER_S
        if is_dense or now < self.chatters_until.get(name, 0.0):
            self.chatters_until[name] = now + QUIET_S

    def _follow_arm(self, was_up: bool | None, now: float) -> None:
        has_left_top = self.before.get("open_limit") is True and self.levels.get("open_limit") is False
        self.falling = (self.falling or has_left_top) and self.is_down is False and not self.is_up
        if self.is_down is not True or self.before.get("closed_limit") is False:
            self.is_rising = False
        if self.is_down:
            self.closings, self.lowering = 0, ""
        if self.is_up is not False or was_up is not False:
            self.not_up_since = now

    def lose(self) -> None:
        """Know nothing any more."""
        self.known = False
        self.levels, self.before, self.edges, self.chatters_until = {}, {}, {}, {}
        self.falling, self.lowering, self.closings = False, "", 0
        self.ill = {name for name in self.ill if name == "blind"}

    def why_not_clear(self, now: float) -> str:
        """Say why the arm must not be lowered ("": it may)."""
        if not self.known:
            return "the board is lost"
        wired = [name for name in SEEING if name in self.config.barrier.pins]
        taken = [name for name in wired if self.levels.get(name) is not False]
        chatters = [name for name in wired if now < self.chatters_until.get(name, 0.0)]
        return ", ".join([*taken, *chatters, *sorted(self.ill)]) or ("" if wired else "nothing sees anybody")

    def clear(self) -> set[tuple[int, bool]]:
        """Return what its board must read of all that sees somebody when nobody is there."""
        pins = [pin for name, pin in self.config.barrier.pins.items() if name in SEEING]
        own = {(pin.input, pin.active == "low") for pin in pins}
        return own | {(pin.check, pin.active == "high") for pin in pins if pin.check is not None}


def _level(pin: InputPin, states: Sequence[bool]) -> bool | None:
    numbers = [pin.input] if pin.check is None else [pin.input, pin.check]
    if any(number >= len(states) for number in numbers):
        return None
    first, *check = [states[number] for number in numbers]
    return None if check == [first] else first is (pin.active == "high")
