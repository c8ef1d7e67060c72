"""One lane of a gate, pure: what reaches it, and what it makes the gate do.

`transitions` is the automaton as a table. The arm's position comes only from its limit inputs. Time is an argument.
"""

from collections.abc import Iterable

from access.chance import Chance
from access.entries import Decided, PassageEnded
from edge.booth_messages import GuardRequest
from edge.config import LaneSection
from edge.gate import deciding, guard_acts, opening, question
from edge.gate.actions import Action
from edge.gate.answered import answered, silent
from edge.gate.detectors import ALARMS, Detectors
from edge.gate.inputs import Inputs, failed, pressed, read_inputs, stimuli
from edge.gate.modes import apply_mode, mode_over, trip
from edge.gate.passage import Moment, Passage, Presentation
from edge.gate.phases import ASKING, Phase, Stimulus, Timer
from edge.gate.state import MOMENT_S, LaneState
from edge.gate.transitions import PEOPLE, VEHICLES
from edge.peer_messages import ClaimAnswered

_STIMULI = {
    Timer.PHASE: Stimulus.TIMEOUT,
    Timer.WAIT: Stimulus.WAITED_LONG,
    Timer.ARM: Stimulus.STAYS_UP,
    Timer.RAISE: Stimulus.RAISE_AGAIN,
}


class Lane:
    """One lane. Every method returns what is to be done; `deadline` (monotonic, None: none) is when to call `handle_timer`."""

    def __init__(self, config: LaneSection, chance: Chance, unconfirmed: Decided | None = None) -> None:
        """Begin with nothing known; `unconfirmed` is a grant that was not confirmed when the program stopped."""
        self.config = config
        wired = frozenset(config.barrier.pins)
        self.state = LaneState(config, chance, Detectors(wired, config.barrier.stuck_s), unconfirmed=unconfirmed)
        self._table = PEOPLE if self.state.is_door else VEHICLES
        self._office = "normal"

    @property
    def phase(self) -> Phase:
        """Where the lane stands."""
        return self.state.phase

    @property
    def passage(self) -> Passage | None:
        """The passage under way, or the last one."""
        return self.state.passage

    @property
    def inputs(self) -> Inputs:
        """The inputs as far as they are believed."""
        return self.state.inputs

    @property
    def deadline(self) -> float | None:
        """When `handle_timer` wants to be called next (monotonic)."""
        due = (self.state.timers.next(), self.state.detectors.next_deadline())
        return min((at for at in due if at is not None), default=None)

    # --- inputs and time --------------------------------------------------------------------------

    def inputs_changed(self, states: tuple[bool, ...], moment: Moment) -> list[Action]:
        """Take in the board's inputs."""
        lane, wiring = self.state, self.config.barrier
        read = read_inputs(wiring, states)
        actions: list[Action] = []
        if read.contradict and not lane.read.contradict:
            actions.append(lane.alarm("limits_contradict", moment))
        buttons, rises = pressed(lane.read, read), bool(lane.inputs.closed) and read.closed is False
        if lane.read.open_limit and read.open_limit is False:  # it has come down, whatever the other limit says of it
            lane.fell_at = moment.now
        lane.read, lane.is_read = read, True
        if rises:  # what is pressed at the very moment in which it opens is why it opens
            actions += self._pressed(buttons, moment)
        lane.detectors.take(read, failed(wiring, states), moment.now)
        actions += self._believe(moment)
        if lane.phase is Phase.UNKNOWN:
            actions += self._first_inputs(moment)
        return self._settled(actions if rises else actions + self._pressed(buttons, moment), moment)

    def _pressed(self, buttons: Iterable[str], moment: Moment) -> list[Action]:
        return [action for button in buttons for action in guard_acts.press(self.state, button, moment)]

    def _first_inputs(self, moment: Moment) -> list[Action]:
        """Begin, now that the inputs are known; what the lane is set to is taken up again."""
        self.state.open_because = ""
        again = apply_mode(self.state, moment, source="restart") if self.state.mode_cause == "" else []
        known = self._on(Stimulus.INPUTS_KNOWN, moment)
        return [*again, *known, *(self._meet_who_is_there(moment) if self.phase is Phase.HELD_OPEN else [])]

    def _meet_who_is_there(self, moment: Moment) -> list[Action]:
        """Read and count who is in a lane that stands open already; who is over the far loop may have come from there."""
        lane = self.state
        met = self._on(Stimulus.NEAR_ON, moment) if lane.somebody_waits else []
        return met + self._on(Stimulus.SAFETY_ON, moment) if lane.inputs.safety and not lane.far else met

    def _believe(self, moment: Moment) -> list[Action]:
        """Judge the detectors and act on what has changed among the inputs that can be believed."""
        lane = self.state
        fallen, well = lane.detectors.judge(moment.now)
        before, lane.inputs = lane.inputs, lane.read.without(tuple(lane.detectors.ill))
        actions: list[Action] = [lane.alarm(ALARMS[lane.detectors.ill[name]], moment, name) for name in fallen]
        actions += [lane.observe("sensor_well", moment, name) for name in well]
        self._note_times(before, moment.now)
        if well and not lane.detectors.ill and lane.open_because == "sensor_failed":
            lane.open_because = ""
            lane.await_down(moment, opening.CLOSING_AWAITED_S)
        if lane.phase is Phase.UNKNOWN:
            return actions
        if lane.lowering and lane.inputs.safety is not False:
            actions += opening.raise_from_closing(lane, moment)
        for stimulus in stimuli(before, lane.inputs, turned=lane.turned):
            actions += self._on(stimulus, moment)
        return actions

    def _note_times(self, before: Inputs, now: float) -> None:
        """Note when loops were taken and left; one that is taken again after a moment was not left."""
        lane = self.state
        was, near = before.near(turned=lane.turned), lane.near
        if was and near is False:
            lane.freed_before, lane.freed_at = lane.freed_at, now
        if near and not was:
            if 0 < now - lane.freed_at < MOMENT_S:
                lane.freed_at = lane.freed_before
            else:
                lane.near_on_at = now
        if lane.far and not before.far(turned=lane.turned):
            lane.far_on_at = now
        if before.safety and lane.inputs.safety is False:
            lane.safety_off_at = now
        if lane.leaving and not getattr(lane.inputs, lane.leaving):
            lane.leaving = ""

    def inputs_lost(self, moment: Moment) -> list[Action]:
        """Forget what the inputs said: their board is gone."""
        self.state.read = self.state.inputs = Inputs()
        self.state.is_read = False
        self.state.detectors.forget()
        return self._on(Stimulus.INPUTS_LOST, moment)

    def handle_timer(self, moment: Moment) -> list[Action]:
        """Act where a deadline has come."""
        lane = self.state
        actions: list[Action] = []
        while (due := lane.timers.take_due(moment.now)) is not None:
            if due is Timer.MODE:
                actions += mode_over(lane, moment)
            elif due is Timer.HOME:
                actions += silent(lane, moment)
            elif due is Timer.CLOSE:
                actions += opening.lower_arm(lane, moment)
            elif due in _STIMULI:
                actions += self._on(_STIMULI[due], moment)
        judged_at = lane.detectors.next_deadline()
        if judged_at is not None and judged_at <= moment.now:
            actions += self._believe(moment)
        return self._settled(actions, moment)

    def freed(self, moment: Moment) -> list[Action]:
        """Go on where the other lanes of the lock are shut now."""
        return self._on(Stimulus.FREED, moment)

    def _on(self, stimulus: Stimulus, moment: Moment) -> list[Action]:
        answer = self._table.get((self.state.phase, stimulus))
        return answer(self.state, moment) if answer else []

    def _settled(self, actions: list[Action], moment: Moment) -> list[Action]:
        opening.consider_closing(self.state, moment)
        return actions

    # --- people -----------------------------------------------------------------------------------

    def present(self, presentation: Presentation, moment: Moment) -> list[Action]:
        """Decide on a credential, keep it for whoever comes next, or only write it down."""
        if question.set_aside(self.state):
            self.state.enter(Phase.IDLE, moment)
        actions = deciding.present(self.state, presentation, moment)
        return self._settled([*actions, *question.ask(self.state, moment)], moment)

    def home_answered(self, answer: ClaimAnswered, moment: Moment) -> list[Action]:
        """Take what a home gate says of a claim of this lane."""
        return self._settled(answered(self.state, answer, moment), moment)

    def guard(self, request: GuardRequest, moment: Moment) -> list[Action]:
        """Do what a guard asks, or say why not."""
        return self._settled(guard_acts.act(self.state, request, moment), moment)

    def rules_changed(self, moment: Moment) -> list[Action]:
        """Follow what the office has set the lane to."""
        rules = self.state.rules(moment)
        before, self._office = self._office, rules.mode if rules else self._office
        return self._settled(guard_acts.office_set(self.state, moment, before), moment)

    def evacuation_changed(self, moment: Moment, source: str) -> list[Action]:
        """Open and stay open, or go back to what the lane is set to."""
        return self._settled(apply_mode(self.state, moment, source=source, reason="evacuation"), moment)

    # --- what became of what it asked for ---------------------------------------------------------

    def command_ended(self, command: str, error: str, sent: float, moment: Moment) -> list[Action]:
        """Note that a command left (empty error) or failed; a failed one is never repeated by itself."""
        return self._settled(opening.command_ended(self.state, command, error, sent, moment), moment)

    def store_failed(self, passage_id: str, moment: Moment) -> list[Action]:
        """Deny or refer, as the lane is set, where a grant could not be committed and so nothing was moved for it."""
        return self._settled(deciding.store_failed(self.state, passage_id, moment), moment)

    def recover(self, error: str, moment: Moment) -> list[Action]:
        """Begin anew after something that the lane has tripped over; what was under way ends, the arm stays as it is."""
        lane = self.state
        actions: list[Action] = [lane.alarm("event_failed", moment, error), *self._left_unfinished(moment)]
        lane.kept, lane.crossing, lane.lowering = None, "", False
        lane.detectors.forget()  # else a deadline of theirs that it trips over would come again at once, and again
        for timer in Timer:
            if timer not in (Timer.MODE, Timer.LOCKED):  # a door stays unlocked, whatever the lane has tripped over
                lane.timers.cancel(timer)
        lane.enter(Phase.UNKNOWN, moment)
        return actions + self._on(Stimulus.INPUTS_KNOWN, moment) if lane.is_read else actions

    def _left_unfinished(self, moment: Moment) -> list[Action]:
        """End what was under way in the plainest words: what it was may be what the lane has tripped over."""
        lane = self.state
        actions: list[Action] = []
        for passage in (lane.under_way, lane.question, *lane.following):
            if passage is not None:
                passage.ended, passage.result = moment.now, "unfinished"
                actions.append(lane.append(PassageEnded("unfinished", passage.direction), moment, passage.id))
        lane.following.clear()
        lane.question = None
        return actions

    def trip(self, what: str, moment: Moment) -> list[Action]:
        """Take the lane out of service: what must never happen was about to."""
        return trip(self.state, what, moment)

    def is_shut(self, now: float) -> bool:
        """Tell whether another lane of the same lock may open: this one is known to be shut, and nothing is opening it.

        An arm that did not obey and is down still when it could be up by now bars nobody, however long its vehicle stands there.
        """
        lane = self.state
        has_failed = lane.phase is Phase.FAULT and lane.has_limits and now - lane.since >= lane.config.barrier.travel_s
        is_quiet = lane.phase in ASKING | {Phase.IDLE, Phase.INTERLOCKED} or has_failed
        is_locked = lane.timers.at(Timer.LOCKED) is None
        return is_quiet and is_locked and (lane.inputs.closed is True or not lane.has_limits)
