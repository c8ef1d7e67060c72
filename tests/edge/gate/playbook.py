"""Virtual time for the lanes of a gate: a test is a script of what happens (`>>`) and what the gate does about it (`<<`).

A failure is a diff of the two. Nothing waits: `wait` moves the clock by hand and fires each deadline at its very moment. Every
action and every change of the lane's phase must be in the script; a playbook that is never asserted fails (see conftest).
"""

import difflib
import itertools
import tomllib
from collections.abc import Callable, Container, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Self, TypeVar
from uuid import UUID

from access.card import CardNumber, card_hash, code_hash
from access.entries import (
    AlarmRaised,
    Body,
    Commanded,
    CommandEnded,
    Decided,
    DeviceChanged,
    GuardActed,
    LaneChanged,
    Observed,
    PassageEnded,
    ReadingTaken,
    RemoteActed,
)
from access.presence import is_inside
from access.snapshot import Snapshot
from devices.readings import PlateRead
from edge.booth_messages import GuardRequest
from edge.config import GateConfig
from edge.gate.actions import Action, Answer, Append, CloseBarrier, Keep, Look, OpenBarrier, Tell
from edge.gate.events import (
    CardPresented,
    CodePresented,
    CommandSent,
    DeviceReported,
    Event,
    InputsChanged,
    PlatePresented,
    SnapshotInstalled,
    StoreFailed,
)
from edge.gate.gate import Gate
from edge.peer_messages import ClaimAnswered, HomeAsked
from simulators.standalone import Rule, resident, small_rules, vehicle
from simulators.standalone import card as card_rule
from tests.access.rules_world import snapshot

Kind = TypeVar("Kind", bound=Body)

CARD_KEY = bytes(range(32))
LI = UUID(int=1)
WANG = UUID(int=2)
LIS_CARD = bytes.fromhex("010063E9AE")
WANGS_CARD = bytes.fromhex("0100ABCDEF")
LOST_CARD = bytes.fromhex("0100000002")
STRANGERS_CARD = bytes.fromhex("0100000001")
LIS_CODE = "GH-42"
LIS_PLATE = "粤B8D2Z5"
LIS_PLATE_MISREAD = "粤BBD2Z5"
STRANGERS_PLATE = "粤BKK777"
START = datetime(2026, 3, 2, 0, 0, tzinfo=UTC)

VEHICLE = """
    [gate]
    site = "lakeside"
    name = "east"

    [[device]]
    id = "reader-in"
    protocol = "em4100"
    url = "serial:///dev/reader"

    [[device]]
    id = "camera-in"
    protocol = "video"
    url = "rtsp://camera-in/stream1"

    [[device]]
    id = "io"
    protocol = "modbus-rtu"
    url = "serial:///dev/io"

    [[lane]]
    id = "in-1"
    kind = "vehicle"
    direction = "in"
    readers = ["reader-in"]
    cameras = ["camera-in"]

    [lane.barrier]
    device = "io"
    open = { coil = 0, pulse_ms = 500 }
    open_limit = { input = 0 }
    closed_limit = { input = 1 }
    arrival_loop = { input = 2 }
    safety_loop = { input = 3 }
"""
DOOR = (
    VEHICLE.replace('kind = "vehicle"', 'kind = "pedestrian"')
    .replace("open_limit = { input = 0 }\n", "")
    .replace("arrival_loop = { input = 2 }\n", "")
    .replace("safety_loop = { input = 3 }\n", "")
)


# The inputs of the board "io", in order; those from `evacuation` on are wired in `wiring` only. A `_check` is the other contact
# of a detector: it says the opposite, unless the detector is "failed".
PINS = (
    "open_limit",
    "closed_limit",
    "arrival",
    "safety",
    "far",
    "photocell",
    "push_button",
    "remote",
    "exit_button",
    "passage_signal",
    "evacuation",
    "safety_check",
    "out_open_limit",
    "out_closed_limit",
    "out_arrival",
    "out_safety",
)


def _level(pins: Mapping[str, str | bool], name: str) -> bool:
    """Return the level of one input: limits follow their arm (up, moving, down, both), all others are as they were set."""
    if name.endswith("_limit"):
        of, _, limit = name.removesuffix("_limit").rpartition("_")
        at = {"open": ("up", "both"), "closed": ("down", "both")}[limit]
        return pins[f"{of}_arm" if of else "arm"] in at
    if name.endswith("_check"):
        return pins.get(name.removesuffix("_check"), False) in (False, "failed")
    return bool(pins.get(name, False))


def settings(text: str, **lane: object) -> GateConfig:
    """Read a gate.toml, with keys of its lane set otherwise (a key of the barrier as `barrier__key`; None takes it away)."""
    raw = tomllib.loads(text)
    for key, value in lane.items():
        section = raw["lane"][0]["barrier"] if key.startswith("barrier__") else raw["lane"][0]
        section[key.removeprefix("barrier__")] = value
        if value is None:
            del section[key.removeprefix("barrier__")]
    return GateConfig.model_validate(raw)


LANES = ("in-1", "out-1")
# Li (card, code, plate), Wang (card) and a lost card.
PERSONS: tuple[Rule, ...] = (
    resident(LI, "李*", "3-1201"),
    resident(WANG, "王*", "5-0302"),
    card_rule(UUID(int=11), LI, [card_hash(CARD_KEY, CardNumber(LIS_CARD, 40))]),
    card_rule(UUID(int=12), WANG, [card_hash(CARD_KEY, CardNumber(WANGS_CARD, 40))]),
    card_rule(UUID(int=13), LI, [card_hash(CARD_KEY, CardNumber(LOST_CARD, 40))], status="lost"),
    card_rule(UUID(int=14), LI, [code_hash(CARD_KEY, LIS_CODE)], medium="code"),
    vehicle(UUID(int=15), LI, LIS_PLATE),
)


def estate(revision: int = 1, *more: Rule, of: Container[str] = LANES, **lane: object) -> Snapshot:
    """Rules with the PERSONS; with more records, and rules `of` lanes set otherwise."""
    small = small_rules(CARD_KEY, LANES)
    return snapshot(
        revision,
        [
            *(
                (kind, identity, {**data, **lane} if kind == "lane" and data["slug"] in of else data)
                for kind, identity, data in small
            ),
            *PERSONS,
            *more,
        ],
    )


@dataclass
class Playbook:
    """A gate of one lane in virtual time, and the script that it must follow."""

    config: GateConfig
    ready: bool = True
    rules: Snapshot | None = field(default_factory=estate)
    now: float = 1000.0
    clock_off: timedelta = timedelta(0)
    asserted: bool = False
    drawn: Iterator[int] = field(default_factory=itertools.count)
    steps: list["str | Happening"] = field(default_factory=list)
    sent: list[Action] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.gate = Gate(self.config, self.chance)
        self.lane = self.gate.lanes["in-1"]
        self.phase = self.lane.phase.value
        self.others = self._other_phases()
        self.pins: dict[str, str | bool] = {"arm": "down", "out_arm": "down"}
        if self.rules:
            self.feed(SnapshotInstalled(self.rules, "00"))
        self.feed(DeviceReported("io", up=True))
        if self.ready:
            self.feed(self.board())
        self.phase = self.lane.phase.value
        self.others = self._other_phases()

    def __rshift__(self, happening: "Happening") -> Self:
        self.steps.append(happening)
        self.asserted = False
        return self

    def __lshift__(self, action: str) -> Self:
        self.steps.append(action)
        self.asserted = False
        return self

    def __bool__(self) -> bool:
        """Play the script; AssertionError with the difference where the gate did otherwise."""
        self.asserted = True
        expected = [step if isinstance(step, str) else f">> {step.name}" for step in self.steps]
        actual = []
        for step in self.steps:
            if isinstance(step, Happening):
                actual += [f">> {step.name}", *step.play(self)]
        self.steps.clear()
        assert actual == expected, "\n" + "\n".join(difflib.ndiff(expected, actual))
        return True

    @property
    def at(self) -> datetime:
        """UTC that goes with `now`."""
        return START + timedelta(seconds=self.now - 1000.0) + self.clock_off

    def board(self) -> InputsChanged:
        """What the lane's board says of its pins now."""
        return InputsChanged("io", tuple(_level(self.pins, name) for name in PINS))

    def feed(self, event: Event) -> list[str]:
        """Hand one event over; returns what the gate did, as lines."""
        return self._lines(self.gate.handle(event, self.now, self.at))

    def move_clock(self, seconds: float) -> list[str]:
        """Let time pass, stopping at every deadline."""
        until, lines = self.now + seconds, []
        while (deadline := self.gate.next_deadline()) is not None and deadline <= until:
            self.now = max(self.now, deadline)
            lines += self._lines(self.gate.handle_timer(self.now, self.at))
        self.now = until
        return lines

    def _lines(self, actions: list[Action]) -> list[str]:
        self.sent += actions
        lines = [_whose(action) + said(action) for action in actions if not (isinstance(action, Tell) and action.story)]
        if self.lane.phase.value != self.phase:
            self.phase = self.lane.phase.value
            lines.append(f"-> {self.phase}")
        before, self.others = self.others, self._other_phases()
        return lines + [f"{slug} -> {phase}" for slug, phase in self.others.items() if phase != before[slug]]

    def chance(self, size: int) -> bytes:
        """Draw numbers that are never the same twice."""
        return next(self.drawn).to_bytes(size, "big")

    def _other_phases(self) -> dict[str, str]:
        return {slug: lane.phase.value for slug, lane in self.gate.lanes.items() if slug != "in-1"}

    def inside(self) -> set[str]:
        """Who and what is inside, by the names that the presence uses."""
        facts = self.gate.presence.facts
        return {name.removeprefix("at:") for name, value in facts.items() if name.startswith("at:") and is_inside(value)}

    def bodies(self, kind: type[Kind]) -> list[Kind]:
        """All entries of a kind so far."""
        drafts = [action.draft for action in self.sent if isinstance(action, Append)]
        return [draft.body for draft in drafts if isinstance(draft.body, kind)]


@dataclass(frozen=True)
class Happening:
    """One thing that happens: its name for the diff, and how it is played."""

    name: str
    play: Callable[[Playbook], list[str]]


# --- what happens ---------------------------------------------------------------------------------


def event(name: str, make: Callable[[Playbook], Event]) -> Happening:
    return Happening(name, lambda playbook: playbook.feed(make(playbook)))


def card(number: bytes, *, reader: str = "reader-in", seen_ago: float = 0.0) -> Happening:
    return event(
        f"card {number.hex()}",
        lambda playbook: CardPresented(reader, number, 8 * len(number), playbook.now - seen_ago),
    )


def code(text: str) -> Happening:
    return event(f"code {text}", lambda playbook: CodePresented("reader-in", text, playbook.now))


def plate(text: str, *, confidence: float = 0.99, seen_ago: float = 0.0) -> Happening:
    read = PlateRead(text, text, confidence, "blue", capture_id=f"capture {text}")
    return event(f"plate {text}", lambda playbook: PlatePresented("camera-in", read, playbook.now - seen_ago))


def sees(**pins: str | bool) -> Happening:
    """The board's inputs change: arm (up, moving, down, both), arrival, safety and what else is in PINS; nothing else does."""

    def make(playbook: Playbook) -> Event:
        playbook.pins |= pins
        return playbook.board()

    return event("sees " + " ".join(f"{pin}={value}" for pin, value in pins.items()), make)


def wait(seconds: float) -> Happening:
    return Happening(f"wait {seconds:g}", lambda playbook: playbook.move_clock(seconds))


def answered(error: str = "", *, opening_at: int = -1, act: str = "open") -> Happening:
    """The board answers the newest opening (or close), or the one at this place; or refuses it."""
    kind = OpenBarrier if act == "open" else CloseBarrier

    def make(playbook: Playbook) -> Event:
        command = [action for action in playbook.sent if isinstance(action, kind)][opening_at]
        return CommandSent(command.command, not error, error, 0.0 if error else playbook.now)

    return event(f"answered {error or 'ok'}", make)


def board(*, up: bool) -> Happening:
    return event(f"board {'up' if up else 'lost'}", lambda _: DeviceReported("io", up, "" if up else "unplugged"))


def store_fails() -> Happening:
    def make(playbook: Playbook) -> Event:
        assert playbook.lane.passage is not None
        return StoreFailed("in-1", playbook.lane.passage.id)

    return event("store fails", make)


def guard(
    act: str,
    request: str = "r-1",
    *,
    late: bool = False,
    choice: str = "",
    passage: str | None = None,
    lane: str = "in-1",
    minutes: int = 0,
    second: str = "",
) -> Happening:
    """The guard 张* asks for something; of the whole gate where `lane` is empty. `passage` is the one that his page shows."""

    def make(playbook: Playbook) -> Event:
        of = playbook.gate.lanes.get(lane, playbook.lane).passage
        expires = playbook.now + (-1 if late else 10)
        named = (of.id if of else "") if passage is None else passage
        return GuardRequest(request, act, lane, "g-1", "张*", "delivery", "courier", expires, named, choice, minutes, second)

    return event(f"guard {act} {request}", make)


def from_afar(act: str, request: str = "c-1", *, late: bool = False, minutes: int = 0) -> Happening:
    """The office asks something of the lane from afar."""

    def make(playbook: Playbook) -> Event:
        expires = playbook.now + (-1 if late else 8)
        return GuardRequest(request, act, "in-1", "wang", "王芳", "visitor", "", expires, minutes=minutes, source="office")

    return event(f"remote {act} {request}", make)


def office(revision: int = 2, *, of: Container[str] = LANES, **lane: object) -> Happening:
    """The office's rules of this revision come, with the rules `of` lanes set otherwise."""
    return event(f"rules {revision}", lambda _: SnapshotInstalled(estate(revision, of=of, **lane), "00"))


def restart(*, unconfirmed: bool = False) -> Happening:
    """The program stops and starts again: it knows what the journal says (the presence), and its rules; its board is there."""

    def play(playbook: Playbook) -> list[str]:
        before, grants = playbook.gate, [body for body in playbook.bodies(Decided) if body.outcome == "grant"]
        asked = {"in-1": grants[-1]} if unconfirmed else {}
        playbook.gate = Gate(playbook.config, playbook.chance, before.presence, asked)
        playbook.lane = playbook.gate.lanes["in-1"]
        playbook.phase, playbook.others = playbook.lane.phase.value, playbook._other_phases()
        known = playbook.feed(SnapshotInstalled(before.rules, "00"))[1:] if before.rules else []
        playbook.feed(DeviceReported("io", up=True))
        return known + playbook.feed(playbook.board())

    return Happening("restart", play)


def shows(lane: str = "in-1", **expected: object) -> Happening:
    """The booth looks at a lane: its view says this (keys of LaneView), and lines of what it says otherwise fail the script."""

    def play(playbook: Playbook) -> list[str]:
        (view,) = [view for view in playbook.gate.lane_views() if view.lane == lane]
        return [f"but {key}={getattr(view, key)!r}" for key, value in expected.items() if getattr(view, key) != value]

    return Happening("shows " + " ".join(f"{key}={value!r}" for key, value in expected.items()), play)


# --- what the gate does ---------------------------------------------------------------------------


def said(action: Action) -> str:
    """Return one action as a line of the script."""
    match action:
        case Append(draft):
            return f"write {draft.body.kind}{_detail(draft.body)}"
        case OpenBarrier(lane=lane):
            return f"open {lane}"
        case CloseBarrier(lane=lane):
            return f"close {lane}"
        case Look(camera=camera):
            return f"look {camera}"
        case Keep(camera=camera):
            return f"keep {camera}"
        case HomeAsked(paper=paper):
            return f"ask home {paper}"
        case ClaimAnswered(yes=yes, why=why):
            return f"answer claim {'yes' if yes else why}"
        case Answer(request, accepted, refusal):
            return f"answer {request} {'yes' if accepted else refusal}"
        case Tell(outcome=outcome, reason=reason):
            return f"tell {outcome} {reason}"


def _whose(action: Action) -> str:
    """Name the lane of an action, where it is not the first one's."""
    if isinstance(action, HomeAsked):
        return ""  # it names its lane as facts do
    lane = action.draft.lane if isinstance(action, Append) else getattr(action, "lane", "")
    return "" if lane in ("", "in-1") or isinstance(action, OpenBarrier | CloseBarrier) else f"{lane}: "


def _detail(body: Body) -> str:
    match body:
        case Decided(outcome, reason):
            return f" {outcome} {reason}"
        case PassageEnded(result):
            return f" {result}"
        case Observed(what) | AlarmRaised(what):
            return f" {what}"
        case Commanded(act=act):
            return f" {act}"
        case CommandEnded(error=error):
            return f" {error or 'ok'}"
        case GuardActed(act=act, refusal=refusal) | RemoteActed(act=act, refusal=refusal):
            return f" {act} {refusal or 'accepted'}"
        case ReadingTaken(medium=medium):
            return f" {medium}"
        case DeviceChanged(device, up):
            return f" {device} {'up' if up else 'lost'}"
        case LaneChanged(mode=mode, source=source):
            return f" {mode} {source}"
        case _:
            return ""
