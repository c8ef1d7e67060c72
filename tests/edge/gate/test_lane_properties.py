"""What must hold of a lane whatever happens: random events and times, every action looked at."""

from hypothesis import settings as sizes
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from access.entries import Commanded, Decided, PassageEnded
from edge.config import GateConfig
from edge.gate.actions import Action, Append, OpenBarrier
from edge.gate.events import CommandSent, DeviceReported, Event, InputsChanged, SnapshotInstalled
from edge.gate.phases import Phase, Stimulus
from edge.gate.transitions import PEOPLE, VEHICLES
from edge.link import decode, encode
from edge.messages import GuardRequest
from tests.edge.gate import playbook as plays
from tests.edge.gate.playbook import DOOR, VEHICLE, Playbook, estate, settings
from tests.sizes import sized

CARDS = st.sampled_from([plays.LIS_CARD, plays.WANGS_CARD, plays.LOST_CARD, plays.STRANGERS_CARD])
PLATES = st.sampled_from([plays.LIS_PLATE, plays.LIS_PLATE_MISREAD, plays.STRANGERS_PLATE])
ARMS = st.sampled_from(["up", "moving", "down", "both"])
WAITS = st.sampled_from([0.0, 0.05, 1.0, 3.0, 7.0, 20.0, 130.0])
CONFIGS = [
    settings(VEHICLE),
    settings(DOOR),
    settings(VEHICLE, barrier__arrival_loop=None),
    settings(VEHICLE, barrier__closed_limit=None, barrier__open_limit=None),
    settings(VEHICLE, barrier__closed_limit=None),
    settings(VEHICLE, on_store_failure="refer"),
]


class LaneUnderFire(RuleBasedStateMachine):
    """One lane, any order of events; the checks are in `take`, which sees each list of actions as the shell would."""

    def __init__(self) -> None:
        super().__init__()
        self.begun: set[str] = set()
        self.ended: set[str] = set()
        self.opened_for: set[str] = set()
        self.requests: list[GuardRequest] = []
        self.pending: list[str] = []
        self.known = False
        self.numbers = 0

    @initialize(config=st.sampled_from(CONFIGS), rules=st.booleans())
    def begin(self, config: GateConfig, *, rules: bool) -> None:
        self.book = Playbook(config, ready=False, rules=estate() if rules else None)

    # --- what can happen --------------------------------------------------------------------------

    @rule(arm=ARMS, arrival=st.booleans(), safety=st.booleans())
    def board_says(self, arm: str, *, arrival: bool, safety: bool) -> None:
        self.book.pins = {"arm": arm, "arrival": arrival, "safety": safety}
        self.known = True
        self.take(self.book.board())

    @rule()
    def board_says_too_little(self) -> None:
        self.known = True
        self.take(InputsChanged("io", (False,)))

    @rule()
    def board_is_lost(self) -> None:
        self.known = False
        self.take(DeviceReported("io", up=False, why="unplugged"))
        self.take(DeviceReported("io", up=True))

    @rule(number=CARDS)
    def card_presented(self, number: bytes) -> None:
        self.play(plays.card(number))

    @rule(text=PLATES, confidence=st.sampled_from([0.3, 0.99]), ago=st.sampled_from([0.0, 2.0, 30.0]))
    def plate_read(self, text: str, confidence: float, ago: float) -> None:
        self.play(plays.plate(text, confidence=confidence, seen_ago=ago))

    @rule(act=st.sampled_from(["open_once", "admit", "refuse", "dance"]), life=st.sampled_from([-1.0, 10.0]))
    def guard_presses(self, act: str, life: float) -> None:
        self.numbers += 1
        passage = self.book.lane.passage.id if self.book.lane.passage else ""
        expires = self.book.now + life
        request = GuardRequest(f"r-{self.numbers}", act, "in-1", "g-1", "张*", "delivery", "", expires, passage)
        actions = self.take(request)
        assert life > 0 or not any(isinstance(action, OpenBarrier) for action in actions), "a late press opened"
        self.requests.append(request)

    @rule(data=st.data())
    def guard_presses_again(self, data: st.DataObject) -> None:
        if self.requests:
            before = self.book.lane.phase
            actions = self.take(data.draw(st.sampled_from(self.requests)))
            assert len(actions) == 1, "a repeated press moved something"
            assert self.book.lane.phase is before

    @rule(error=st.sampled_from(["", "no echo"]))
    def command_ends(self, error: str) -> None:
        if self.pending:
            self.take(CommandSent(self.pending.pop(0), not error, error, self.book.now))

    @rule()
    def store_fails(self) -> None:
        if self.book.lane.passage is not None:
            self.play(plays.store_fails())

    @rule()
    def rules_come(self) -> None:
        self.take(SnapshotInstalled(plays.estate(2), "00"))

    @rule(seconds=WAITS)
    def time_passes(self, seconds: float) -> None:
        until = self.book.now + seconds
        for _ in range(1000):
            deadline = self.book.gate.next_deadline()
            if deadline is None or deadline > until:
                break
            self.book.now = max(self.book.now, deadline)
            self.look_at(self.book.gate.handle_timer(self.book.now, self.book.at))
            again = self.book.gate.next_deadline()
            assert again is None or again > self.book.now, "a deadline that has come stands still"
        else:
            raise AssertionError("deadlines without end")
        self.book.now = until

    # --- what must hold ---------------------------------------------------------------------------

    def play(self, happening: plays.Happening) -> None:
        before = len(self.book.sent)
        happening.play(self.book)
        self.look_at(self.book.sent[before:])

    def take(self, event: Event) -> list[Action]:
        actions = self.book.gate.handle(event, self.book.now, self.book.at)
        self.look_at(actions)
        return actions

    def look_at(self, actions: list[Action]) -> None:
        grants: dict[str, str] = {}
        commands: dict[str, str] = {}
        for action in actions:
            if isinstance(action, OpenBarrier):
                assert self.known, "opened before the inputs were known"
                cause = commands.pop(action.command, None)
                assert cause is not None, "opened without a command that was written before"
                assert grants.get(cause) == "grant", "opened without a grant written in the same list"
                assert cause not in self.opened_for, "one decision opened twice"
                assert self.book.now < action.expires <= self.book.now + 3
                self.opened_for.add(cause)
                self.pending.append(action.command)
            elif isinstance(action, Append):
                self.look_at_entry(action, grants, commands)

    def look_at_entry(self, action: Append, grants: dict[str, str], commands: dict[str, str]) -> None:
        body, passage = action.draft.body, action.draft.passage
        if passage:
            self.begun.add(passage)
        if isinstance(body, Decided):
            grants[str(action.draft.id)] = body.outcome
        elif isinstance(body, Commanded):
            commands[body.command] = body.cause
        elif isinstance(body, PassageEnded):
            assert passage not in self.ended, "a passage ended twice"
            self.ended.add(passage)

    @invariant()
    def the_view_travels(self) -> None:
        for view in self.book.gate.lane_views():
            assert decode(encode(view)) == view

    @invariant()
    def an_idle_lane_has_no_open_passage(self) -> None:
        lane = self.book.lane
        if lane.phase in (Phase.IDLE, Phase.UNKNOWN):
            assert lane.passage is None or lane.passage.ended is not None

    @invariant()
    def who_waits_has_a_deadline(self) -> None:
        lane = self.book.lane
        if lane.phase in (Phase.WAITING, Phase.REFERRED, Phase.OPENING, Phase.OPEN, Phase.FAULT):
            assert lane.deadline is not None, f"{lane.phase} without a deadline"

    def teardown(self) -> None:
        """When the world goes quiet, the lane comes to rest and no passage stays open."""
        if not hasattr(self, "book"):
            return
        self.board_says("down", arrival=False, safety=False)
        for _ in range(5):
            self.time_passes(400.0)
        assert self.book.lane.phase is Phase.IDLE
        assert self.begun - self.ended == set()


TestLaneUnderFire = LaneUnderFire.TestCase
TestLaneUnderFire.settings = sizes(
    max_examples=sized(quick=200, soak=5000), stateful_step_count=sized(quick=30, soak=60), deadline=None
)


def test_every_stimulus_is_answered_somewhere() -> None:
    assert {stimulus for _, stimulus in (*VEHICLES, *PEOPLE)} == set(Stimulus)
