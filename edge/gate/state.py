"""What a lane knows at one moment, and the small parts that all its answers are made of."""

import math
from dataclasses import dataclass, field
from datetime import datetime

from access.case import Earlier
from access.chance import Chance
from access.claims import Claim
from access.entries import AlarmRaised, Body, Decided, Draft, Observed
from access.identifiers import uuid7
from access.on_record import LaneRules
from access.presence import Value
from edge.config import LaneSection
from edge.gate.actions import Action, Append, Keep, Look
from edge.gate.detectors import Detectors
from edge.gate.inputs import LIMITS, Inputs
from edge.gate.passage import Moment, Passage, Presentation
from edge.gate.phases import ASKING, UP, Mode, Phase, Timer
from edge.gate.records import ended, told
from edge.gate.timers import Timers

COMMANDS_MAX = 16
MOMENT_S = 0.3  # a loop that was clear for less has not been left


@dataclass(frozen=True, slots=True)
class Command:
    """A command under way: whose passage it is for, when its reading came, and whether it raises the arm."""

    passage: str
    received: float
    opens: bool = True


@dataclass(slots=True)
class Asking:
    """What home gates are asked about one presentation: the claims that are open, by nonce, and what came of the others."""

    by: Presentation
    passage: str
    earlier: tuple[Earlier, ...] = ()  # what was presented before it
    open: dict[str, Claim] = field(default_factory=dict)
    answers: dict[str, Value] = field(default_factory=dict)
    counted: list[tuple[str, int]] = field(default_factory=list)  # what home gates have said yes to, and when


@dataclass(slots=True)
class Undo:
    """What a guard has just done and may take back: until when (monotonic), and what was so before.

    `passage` is the question that was answered. Of what a lane is set to, `mode` is the fact before, `cause` the entry that set
    it, and `arm` where the arm was.
    """

    act: str
    guard: str
    until: float
    passage: Passage | None = None
    mode: Value | None = None
    cause: str = ""
    arm: str = ""


@dataclass(slots=True)
class LaneState:
    """One lane's memory. Times are monotonic seconds but for `mode_until` (UTC)."""

    config: LaneSection
    chance: Chance
    detectors: Detectors
    phase: Phase = Phase.UNKNOWN
    since: float = 0.0
    timers: Timers = field(default_factory=Timers)
    inputs: Inputs = field(default_factory=Inputs)  # as far as they are believed
    read: Inputs = field(default_factory=Inputs)  # as the board reads them
    is_read: bool = False  # the board has told its inputs
    passage: Passage | None = None
    following: list[Passage] = field(default_factory=list)  # granted, waiting behind it for their turn under the same arm
    kept: Presentation | None = None  # what was presented before its time
    admitted: tuple[Earlier, ...] = ()  # who went through a door last
    commands: dict[str, Command] = field(default_factory=dict)  # of which nobody has told yet what became of them
    newest: str = ""  # of all commands
    turned: bool = False  # they come from the other side
    freed_at: float = -math.inf  # when the near loop was last left
    freed_before: float = -math.inf  # and the time before that: what is left for a moment only has not been left
    near_on_at: float = -math.inf
    far_on_at: float = -math.inf
    safety_off_at: float = -math.inf
    through_at: float = -math.inf  # when a turnstile last turned, or a door shut or was forced
    leaving: str = ""  # the loop on which somebody stands who has come through, and is leaving
    crossing: str = ""  # what somebody under the arm without a grant seems to do
    mode: Mode = Mode.NORMAL
    mode_until: datetime | None = None
    mode_cause: str = ""  # the entry that set the mode
    headed: str = ""  # the direction that a reversible lane is set to
    tripped: str = ""  # the property that was violated
    open_because: str = ""  # why the arm stays up, where no deadline ends it
    raised_at: float = -math.inf
    fell_at: float = -math.inf  # when the arm last left its open limit
    opened_by_hand: list[float] = field(default_factory=list)
    raisings: list[float] = field(default_factory=list)  # to keep a lane open
    lowering: bool = False  # our close is under way
    lowering_cause: str = ""  # the entry after which the arm may come down
    closings: int = 0
    undetected: int = 0  # vehicles that drove through an arm that did not move
    after_grant: bool = False  # the arm is up because somebody had a grant
    said: set[str] = field(default_factory=set)  # alarms that are raised once until the arm is well again
    unconfirmed: Decided | None = None  # a grant that was not confirmed when the program stopped
    question: Passage | None = None  # what the guard is asked about it, while somebody else goes first
    asking: Asking | None = None  # home gates that are asked now
    undo: Undo | None = None
    unanswered: dict[str, tuple[str, Claim]] = field(default_factory=dict)  # by nonce (edge, claim): a late yes is given back
    answered_s: float = 0.0  # from a reading to the relay, of the passage under way

    @property
    def is_door(self) -> bool:
        """Whether this is for people."""
        return self.config.kind == "pedestrian"

    @property
    def has_limits(self) -> bool:
        """Whether anything is wired that tells where the arm is."""
        return not LIMITS.isdisjoint(self.config.barrier.pins)

    @property
    def near(self) -> bool | None:
        """Whether somebody stands where one arrives."""
        return self.inputs.near(turned=self.turned)

    @property
    def far(self) -> bool | None:
        """Whether somebody stands behind the arm."""
        return self.inputs.far(turned=self.turned)

    @property
    def is_up(self) -> bool:
        """Whether the arm is not down, as far as its limits tell."""
        return self.inputs.arm in ("up", "moving")

    @property
    def under_way(self) -> Passage | None:
        """Return the passage that has not ended."""
        return self.passage if self.passage is not None and self.passage.ended is None else None

    def passes_on_their_way(self) -> set[str]:
        """Return the contractor passes by which somebody was let in who has not come through yet."""
        passages = [one for one in (self.under_way, self.question, *self.following) if one and one.used and one.ended is None]
        return {who.contractor_pass for one in passages for who in one.moving if who.contractor_pass}

    @property
    def near_loop(self) -> str:
        """Name the loop where one arrives."""
        return "far_loop" if self.turned else "arrival_loop"

    @property
    def somebody_waits(self) -> bool:
        """Tell whether somebody stands where one arrives who is not only leaving there."""
        return bool(self.near) and self.leaving != self.near_loop

    @property
    def stays_up(self) -> bool:
        """Tell whether the arm is up, with no command of ours under way that lowers it."""
        return self.inputs.arm == "up" and not self.lowering

    def rises(self, now: float) -> bool:
        """Tell whether the arm is on its way up by our command."""
        if self.is_door or self.lowering:
            return False
        return self.fell_at < self.raised_at and now - self.raised_at < self.config.barrier.travel_s

    def has_left(self) -> bool:
        """Tell whether the vehicle under way has left the loop where it arrived: who stands there now is another."""
        return not self.near or (self.passage is not None and self.freed_at >= self.passage.began)

    def enter(self, phase: Phase, moment: Moment, within_s: float | None = None) -> None:
        """Stand in this phase from now on, with a deadline."""
        self.phase, self.since = phase, moment.now
        self.timers.set(Timer.PHASE, None if within_s is None else moment.now + within_s)
        if phase not in ASKING:
            self.timers.cancel(Timer.WAIT)
        if phase in UP:
            self.open_because = ""
            self.timers.cancel(Timer.ARM)

    def await_down(self, moment: Moment, within_s: float) -> None:
        """Expect the arm to be down by then, whatever happens meanwhile."""
        self.timers.set(Timer.ARM, moment.now + within_s)

    def begin(self, moment: Moment) -> Passage:
        """Return the passage under way, beginning one where there is none."""
        if self.passage is None or self.passage.ended is not None:
            direction = self.direction("")
            self.passage = Passage(self.new_id(moment.at), moment.now, direction)
            self.answered_s = 0.0
        return self.passage

    def end(self, result: str, moment: Moment) -> list[Action]:
        """Close the passage under way, if there is one; it stays visible until the next begins."""
        passage = self.under_way
        if passage is None:
            return []
        passage.ended, passage.result = moment.now, result
        entry = self.append(ended(passage, result, self.mode, moment), moment, passage.id)
        self.lowering_cause = str(entry.draft.id)
        return [entry, told(passage, self.config, self.mode, moment.now, self.answered_s)]

    def direction(self, device: str) -> str:
        """Tell which way somebody goes who presents at a device; where the lane has both, the device or their side says it."""
        if self.config.direction != "both":
            return self.config.direction
        if device:
            return "out" if device in self.config.leaving else "in"
        return "out" if self.turned else "in"

    def rules(self, moment: Moment) -> LaneRules | None:
        """Return what the office says of this lane."""
        return moment.rules.lanes.get(self.config.id) if moment.rules else None

    def new_id(self, at: datetime) -> str:
        """Return a new id, in hex."""
        return uuid7(at, self.chance(10)).hex

    def append(self, body: Body, moment: Moment, passage: str | None = None) -> Append:
        """Write down an entry of the passage under way, or of the one named ("": of none)."""
        named = self.begin(moment).id if passage is None else passage
        moment.take(body)
        return Append(Draft(uuid7(moment.at, self.chance(10)), body, self.config.id, named))

    def observe(self, what: str, moment: Moment, detail: str = "") -> Append:
        """Write down what happened without our doing."""
        of = self.under_way
        return self.append(Observed(what, self.config.barrier.device, detail), moment, of.id if of else "")

    def alarm(self, what: str, moment: Moment, detail: str = "") -> Append:
        """Have a person look at something."""
        if self.passage and self.passage.ended is None:
            self.passage.alarms = (*self.passage.alarms, what)
        return self.append(AlarmRaised(what, detail), moment, self.passage.id if self.passage else "")

    def look(self, passage: Passage) -> list[Action]:
        """Ask for a reading of who stands here now."""
        return [Look(camera, passage.id) for camera in self.config.cameras]

    def picture(self, moment: Moment) -> list[Action]:
        """Keep a picture of the passage under way."""
        passage = self.begin(moment)
        passage.capture = passage.capture or self.new_id(moment.at)
        return [Keep(passage.capture, camera, passage.id, self.config.id) for camera in self.config.cameras]

    def remember(self, command: str, of: Command) -> None:
        """Remember a command until it has ended."""
        self.commands[command], self.newest = of, command
        if len(self.commands) > COMMANDS_MAX:
            del self.commands[next(iter(self.commands))]

    def forget_commands(self, passage: str) -> None:
        """Forget the commands of a passage: they were withheld."""
        self.commands = {command: of for command, of in self.commands.items() if of.passage != passage}
