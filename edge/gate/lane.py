"""The lane automaton, pure: what happens at one lane, and what it makes the gate do.

`transitions.TRANSITIONS` names the method that answers each stimulus in each phase. The arm's position comes only from its limit
inputs. We never send a close: the barrier's own board closes by its own loop.
"""

import math
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from access.case import Earlier
from access.chance import Chance
from access.decision import ADMITTED, AWAITING, Decision, decide
from access.entries import AlarmRaised, Body, Commanded, CommandEnded, Draft, GuardActed, Observed, ReadingTaken
from access.identifiers import uuid7
from access.matching import as_shown
from access.on_record import LaneRules
from access.passing import on_return
from access.projection import projected
from access.reasons import REASONS
from edge.config import LaneSection
from edge.gate.actions import Action, Answer, Append, Keep, Look, OpenBarrier
from edge.gate.inputs import Inputs, read_inputs, stimuli
from edge.gate.passage import Moment, Passage, Presentation
from edge.gate.records import decided, ended, told
from edge.gate.transitions import TRANSITIONS, Phase, Stimulus
from edge.messages import GuardRequest

READING_AWAITED_S = 6.0  # a vehicle on the loop that nothing was read of becomes the guard's question
DENIED_SHOWN_S = 10.0
CLOSING_AWAITED_S = 45.0
UNDER_ARM_S = 30.0
SECOND_READING_KEPT_S = 15.0
PLATE_KEPT_S = 6.0  # a plate that was read on the approach; later, somebody else may stand there
SAME_PLATE_AGAIN_S = 10.0  # a plate that has just passed is still in the picture
COMMAND_LIFE_S = 3.0
DECISIONS_PER_PASSAGE_MAX = 20
COMMANDS_MAX = 16
EARLIER_MAX = 4
UP = frozenset({Phase.OPENING, Phase.OPEN, Phase.PASSING})
GUARD_REASONS = {"open_once": "guard_opened", "admit": "guard_admitted", "refuse": "guard_refused"}


class Lane:
    """One lane. Every method returns what is to be done; `deadline` (monotonic, None: none) is when to call `handle_timer`."""

    def __init__(self, config: LaneSection, chance: Chance) -> None:
        self.config = config
        self.is_door = config.kind == "pedestrian"
        self.phase = Phase.UNKNOWN
        self.since = 0.0
        self.deadline: float | None = None
        self.passage: Passage | None = None
        self.inputs = Inputs()
        self._chance = chance
        self._freed_at = -math.inf  # when the arrival loop was last left (monotonic)
        self._second: Presentation | None = None
        self._admitted: tuple[Earlier, ...] = ()
        self._commands: dict[str, tuple[str, float]] = {}

    # --- what reaches it --------------------------------------------------------------------------

    def inputs_changed(self, states: tuple[bool, ...], moment: Moment) -> list[Action]:
        """Take in the board's inputs."""
        before, self.inputs = self.inputs, read_inputs(self.config.barrier, states)
        if before.arrival and self.inputs.arrival is False:
            self._freed_at = moment.now
        actions: list[Action] = []
        if self.inputs.contradict and not before.contradict:
            actions.append(self._alarm("limits_contradict", moment))
        if self.phase is Phase.UNKNOWN:
            return actions + self._on(Stimulus.INPUTS_KNOWN, moment)
        for stimulus in stimuli(before, self.inputs):
            actions += self._on(stimulus, moment)
        return actions

    def inputs_lost(self, moment: Moment) -> list[Action]:
        """Forget what the inputs said: their board is gone."""
        self.inputs = Inputs()
        return self._on(Stimulus.INPUTS_LOST, moment)

    def handle_timer(self, moment: Moment) -> list[Action]:
        """Act where the deadline has come."""
        if self.deadline is None or moment.now < self.deadline:
            return []
        self.deadline = None
        return self._on(Stimulus.TIMEOUT, moment)

    def _on(self, stimulus: Stimulus, moment: Moment) -> list[Action]:
        name = TRANSITIONS.get((self.phase, stimulus))
        actions: list[Action] = getattr(self, f"_{name}")(moment) if name else []
        return actions

    # --- presentations and decisions --------------------------------------------------------------

    def present(self, presentation: Presentation, moment: Moment) -> list[Action]:
        """Decide on a credential, keep it for whoever comes next, or only write it down."""
        if self._is_repeat(presentation, moment):
            return []
        passage = self.passage
        if self._decides_nothing(presentation):
            under_way = passage.id if passage and passage.ended is None else ""
            return [self._append(_reading(presentation), moment, under_way)]
        if self.phase in UP or self._is_early(presentation):
            self._second = presentation
            return []
        actions: list[Action] = []
        answered = passage is not None and self.is_door and bool(passage.outcome) and not passage.awaiting
        if passage and (passage.decisions >= DECISIONS_PER_PASSAGE_MAX or answered):
            actions += self._end(_result(passage), moment)
        return actions + self._judge(presentation, moment)

    def _is_repeat(self, presentation: Presentation, moment: Moment) -> bool:
        """Tell whether this is the same again: its answer still stands, or it has only just passed.

        A plate that was doubtful and is read more surely now is not the same.
        """
        passage = self.passage
        if passage is None or (passage.text, passage.medium) != (presentation.text, presentation.medium):
            return False
        if passage.reason == "doubtful" and presentation.confidence > passage.confidence:
            return False
        if passage.ended is None:
            return bool(passage.outcome)
        return passage.medium == "plate" and passage.passed and moment.now - passage.ended < SAME_PLATE_AGAIN_S

    def _decides_nothing(self, presentation: Presentation) -> bool:
        """Tell whether this opens for nobody: nothing is known of the lane, who was read has gone, or has a grant already.

        A vehicle's plate is often read after its card opened; kept, it would open for the stranger behind.
        """
        if self.phase is Phase.UNKNOWN or presentation.received < self._freed_at:
            return True
        return self.phase in UP and not (self.is_door or (self.inputs.arrival is not None and self._has_left()))

    def _has_left(self) -> bool:
        """Tell whether the vehicle under way has left the arrival loop: who stands there now is another."""
        return not self.inputs.arrival or (self.passage is not None and self._freed_at >= self.passage.began)

    def _is_early(self, presentation: Presentation) -> bool:
        """Tell whether a plate was read of a vehicle that is not on this lane's arrival loop yet."""
        return presentation.medium == "plate" and self.inputs.arrival is False

    def _judge(self, presentation: Presentation, moment: Moment) -> list[Action]:
        passage = self._passage(moment)
        passage.decisions += 1
        passage.text, passage.medium, passage.device = presentation.text, presentation.medium, presentation.device
        passage.confidence, passage.direction = presentation.confidence, self._direction(presentation.device)
        passage.capture = presentation.capture or passage.capture or self._new_id(moment.at)
        passage.shown = as_shown(presentation.medium, presentation.text)
        passage.belongs_to(None)
        if presentation.medium == "plate":
            passage.plate, passage.colour = presentation.text, presentation.colour
        actions: list[Action] = [self._append(_reading(presentation), moment), *self._keep(passage)]
        decision = self._decide(presentation, passage, moment)
        if decision is None:
            return actions + self._conclude("no_rules", {"shown": passage.shown}, presentation, None, moment)
        passage.shown = decision.match.shown
        concluded = self._conclude(decision.reason, decision.values, presentation, decision, moment)
        shown = Earlier(presentation.presented(passage.direction, ()), moment.at)
        if decision.reason in AWAITING or presentation.medium == "plate":  # what its plate said goes on counting
            passage.earlier = (*passage.earlier, shown)[-EARLIER_MAX:]
        elif self.is_door and decision.reason in ADMITTED:
            self._admitted = (shown,)
        return actions + concluded + self._see_to(decision, passage, moment)

    def _decide(self, by: Presentation, passage: Passage, moment: Moment) -> Decision | None:
        lane = self._rules(moment)
        if moment.rules is None or lane is None:
            return None
        # Who went first may be the escort of who comes behind; he is not the second person of a third.
        passage.considered = passage.earlier if lane.two_person else (*passage.earlier, *self._admitted)
        return decide(by.presented(passage.direction, passage.considered), lane, moment.rules, moment.presence, moment.at)

    def _direction(self, device: str) -> str:
        """Tell which way somebody goes who presents at a device; where the lane has both, the device says it."""
        return "out" if self.config.direction == "out" or device in self.config.leaving else "in"

    def _rules(self, moment: Moment) -> LaneRules | None:
        return moment.rules.lanes.get(self.config.id) if moment.rules else None

    def _see_to(self, decision: Decision, passage: Passage, moment: Moment) -> list[Action]:
        """Do at once what a decision obliges the lane itself to."""
        due = {one.code for one in decision.obligations}
        actions: list[Action] = [self._alarm(decision.reason, moment)] if "raise_alarm" in due else []
        if "read_again" in due:
            actions += [Look(camera, passage.id) for camera in self.config.cameras]
        return actions

    def _conclude(
        self, reason: str, values: Mapping[str, object], by: Presentation, decision: Decision | None, moment: Moment
    ) -> list[Action]:
        """Write a decision down and act on it."""
        passage = self._passage(moment)
        passage.outcome, passage.reason, passage.values = REASONS[reason].outcome, reason, values
        passage.candidates = decision.candidates if decision else ()
        passage.obligations = decision.obligations if decision else ()
        passage.awaiting = reason in AWAITING
        if decision and decision.match.credential:
            passage.belongs_to(decision.match.credential)
        passage.moves(decision, self._rules(moment), moment)
        entry = self._append(decided(passage, by, decision, moment), moment)
        passage.used = passage.used or passage.outcome == "grant"
        if passage.outcome == "grant":
            return [entry, *self._open(entry.draft, by.received, moment)]
        if passage.awaiting:
            rules = self._rules(moment)
            self._enter(Phase.WAITING, moment, float(rules.factor_window_s) if rules else READING_AWAITED_S)
            return [entry, told(passage, self.config.id)]
        if passage.outcome == "refer":
            self._enter(Phase.REFERRED, moment, self.config.refer_timeout_s)
        else:
            self._enter(Phase.DENIED, moment, DENIED_SHOWN_S)
        return [entry, told(passage, self.config.id)]

    def _open(self, cause: Draft, received: float, moment: Moment) -> list[Action]:
        passage, barrier = self._passage(moment), self.config.barrier
        command = self._new_id(moment.at)
        self._commands[command] = (passage.id, received)
        if len(self._commands) > COMMANDS_MAX:
            del self._commands[next(iter(self._commands))]
        commanded = self._append(Commanded(barrier.device, "open", str(cause.id), command), moment)
        expires, pulse = moment.now + COMMAND_LIFE_S, barrier.open
        pulsed = OpenBarrier(self.config.id, passage.id, barrier.device, pulse.coil, pulse.pulse_ms, command, expires)
        self._enter(Phase.OPENING, moment, self.config.no_show_s if self.is_door else barrier.travel_s)
        return [commanded, pulsed, *(self._stand_open(moment) if self.inputs.arm == "up" else [])]

    def command_ended(self, command: str, error: str, sent: float, moment: Moment) -> list[Action]:
        """Note that the command left (empty error) or failed; a failed one is never repeated by itself."""
        if command not in self._commands:
            return []
        passage_id, received = self._commands.pop(command)
        took = 0.0 if error else max(0.0, sent - received)
        result = CommandEnded(self.config.barrier.device, command, not error, error, round(took * 1e6))
        actions: list[Action] = [self._append(result, moment, passage_id)]
        if self.passage and self.passage.id == passage_id:
            actions.append(told(self.passage, self.config.id, took))
            if error and self.phase is Phase.OPENING and not self._commands:
                actions.append(self._alarm("command_failed", moment, error))
                self._enter(Phase.FAULT, moment, DENIED_SHOWN_S)
        return actions

    def store_failed(self, passage_id: str, moment: Moment) -> list[Action]:
        """Deny or refer, as the lane is set, where a grant could not be committed and so nothing was moved for it."""
        passage = self.passage
        if passage is None or passage.id != passage_id or passage.ended is not None:
            return []
        self._commands = {command: of for command, of in self._commands.items() if of[0] != passage_id}
        refers = self.config.on_store_failure == "refer"
        passage.outcome, passage.reason, passage.values = "refer" if refers else "deny", "store_failed", {}
        if refers:
            self._enter(Phase.REFERRED, moment, self.config.refer_timeout_s)
        else:
            self._enter(Phase.DENIED, moment, DENIED_SHOWN_S)
        again = Presentation(passage.device, passage.medium, "", passage.text, moment.now)
        body = decided(passage, again, None, moment)
        unused = tuple(change for who in passage.moving for change in on_return(who)) if passage.used else ()
        passage.used = False
        return [self._append(replace(body, facts=unused), moment), told(passage, self.config.id)]

    # --- the guard --------------------------------------------------------------------------------

    def guard(self, request: GuardRequest, moment: Moment) -> list[Action]:
        """Do what a guard asks, or say why not."""
        refusal = self._refusal(request, moment)
        acted = GuardActed(
            request.act, request.reason, request.guard, request.request, not refusal, refusal, request.guard_name, request.words
        )
        if refusal:
            passage_id = self.passage.id if self.passage else ""
            return [self._append(acted, moment, passage_id), Answer(request.request, accepted=False, refusal=refusal)]
        passage = self._passage(moment)
        passage.capture = passage.capture or self._new_id(moment.at)
        if request.act == "admit":
            passage.adopt(request.choice)
        values = {**passage.values, "why": request.reason, "words": request.words, "guard": request.guard_name}
        by = Presentation(request.guard, "guard", "", passage.text, moment.now)
        actions: list[Action] = [self._append(acted, moment), Answer(request.request, accepted=True), *self._keep(passage)]
        return actions + self._conclude(GUARD_REASONS[request.act], values, by, None, moment)

    def _refusal(self, request: GuardRequest, moment: Moment) -> str:
        if moment.now > request.expires_mono:
            return "expired"
        if self.phase is Phase.UNKNOWN:
            return "not_ready"
        if request.act not in GUARD_REASONS:
            return "unknown_act"
        asked = self.phase is Phase.REFERRED and self.passage is not None and self.passage.id == request.passage
        return "" if request.act == "open_once" or asked else "too_late"

    # --- transitions ------------------------------------------------------------------------------

    def _settle(self, moment: Moment) -> list[Action]:
        """Take the lane as the first inputs after a start or a loss find it; move nothing."""
        found = [self._observe("arm_up_at_start", moment)] if self.inputs.arm in ("up", "moving") else []
        return [*found, *self._rest(moment)]

    def _lose_inputs(self, moment: Moment) -> list[Action]:
        self._enter(Phase.UNKNOWN, moment)
        return self._end("board_lost", moment)

    def _rest(self, moment: Moment) -> list[Action]:
        """Begin anew once the arm is down: whoever stands on the loop, or was read meanwhile, is next."""
        actions = self._end("unfinished", moment)
        if self.inputs.arm in ("up", "moving"):
            self._enter(Phase.CLOSING, moment, CLOSING_AWAITED_S)
            return actions
        self._enter(Phase.IDLE, moment)
        if self.inputs.arrival:
            return actions + self._arrive(moment)
        if self.is_door or self.inputs.arrival is None:
            return actions + self._judge_second(moment)
        return actions

    def _arrive(self, moment: Moment) -> list[Action]:
        self._enter(Phase.WAITING, moment, READING_AWAITED_S)
        passage = self._passage(moment)
        looks: list[Action] = [Look(camera, passage.id) for camera in self.config.cameras]
        return looks + self._judge_second(moment)

    def _judge_second(self, moment: Moment) -> list[Action]:
        """Decide on what was presented while the lane was not ready for it; it counts from now."""
        second, self._second = self._second, None
        kept_s = PLATE_KEPT_S if second and second.medium == "plate" else SECOND_READING_KEPT_S
        if second is None or moment.now - second.received > kept_s:
            return []
        # Its picture was taken far off: the one to keep is of the vehicle as it stands here now.
        return self._judge(replace(second, received=moment.now, capture=""), moment)

    def _nothing_read(self, moment: Moment) -> list[Action]:
        passage = self._passage(moment)
        if passage.awaiting and not self.inputs.arrival:
            return self._drive_off(moment)  # the second credential never came, and nobody stands here any more
        passage.capture = passage.capture or self._new_id(moment.at)
        nothing = Presentation(self.config.id, "none", "", "", passage.began)
        return self._keep(passage) + self._conclude("unread", {}, nothing, None, moment)

    def _nobody_answers(self, moment: Moment) -> list[Action]:
        """Say aloud that no guard answered, and ask again as long as somebody waits."""
        if self.inputs.arrival:
            self._enter(Phase.REFERRED, moment, self.config.refer_timeout_s)
            return [self._alarm("refer_unanswered", moment)]
        return self._end("unanswered", moment) + self._rest(moment)

    def _forget_denied(self, moment: Moment) -> list[Action]:
        return [] if self.inputs.arrival else self._drive_off(moment)  # who still stands there is ended by the loop

    def _drive_off(self, moment: Moment) -> list[Action]:
        return self._end(_result(self._passage(moment)), moment) + self._rest(moment)

    def _start_rising(self, moment: Moment) -> list[Action]:
        """Begin the passage of a door as soon as it opens; an arm must first be up."""
        return self._begin_passing(moment) if self.is_door else []

    def _stand_open(self, moment: Moment) -> list[Action]:
        self._passage(moment).opened = moment.now
        self._enter(Phase.OPEN, moment, self.config.no_show_s)
        return self._begin_passing(moment) if self.inputs.safety or self.is_door else []

    def _begin_passing(self, moment: Moment) -> list[Action]:
        passage = self._passage(moment)
        passage.opened = passage.opened or moment.now
        self._enter(Phase.PASSING, moment, UNDER_ARM_S)
        return []

    def _leave_safety(self, moment: Moment) -> list[Action]:
        if self.is_door:
            return []
        if not self._has_left():  # it never left the first loop: it has backed out of the second
            self._enter(Phase.OPEN, moment, self.config.no_show_s)
            return []
        actions = self._end("passed", moment)
        if self.inputs.closed:
            return actions + self._rest(moment)
        self._enter(Phase.CLOSING, moment, CLOSING_AWAITED_S)
        return actions

    def _shut(self, moment: Moment) -> list[Action]:
        """End the passage of a door as it shuts; an arm that is down over an occupied loop is a fault to look at."""
        actions = [] if self.is_door else [self._alarm("arm_down_over_loop", moment)]
        return actions + self._end("passed" if self._has_left() else "unfinished", moment) + self._rest(moment)

    def _passes_too_long(self, moment: Moment) -> list[Action]:
        return [self._alarm("door_held" if self.is_door else "standing_under_arm", moment)]

    def _does_not_rise(self, moment: Moment) -> list[Action]:
        if self.is_door:
            return self._end("no_show", moment) + self._rest(moment)
        if self.config.barrier.open_limit is None:
            return self._stand_open(moment)
        self._enter(Phase.FAULT, moment, DENIED_SHOWN_S)
        return [self._alarm("arm_not_up", moment)]

    def _no_show(self, moment: Moment) -> list[Action]:
        return self._end("no_show", moment) + self._rest(moment)

    def _follow(self, moment: Moment) -> list[Action]:
        """Note a vehicle under the open arm that has no grant of its own; nothing is ever closed onto it."""
        what = "tailgating" if self.passage and self.passage.passed else "loop_without_grant"
        return [self._observe(what, moment), self._alarm(what, moment)]

    def _slip_through(self, moment: Moment) -> list[Action]:
        """Note who goes under an arm that is still up from the one before; under a lowered arm it is only a nose."""
        return self._follow(moment) if self.inputs.arm in ("up", "moving") else []

    def _trespass(self, moment: Moment) -> list[Action]:
        return [self._observe("loop_without_grant", moment), self._alarm("loop_without_grant", moment)]

    def _raised_by_others(self, moment: Moment) -> list[Action]:
        """Note that the arm rises without our command: the barrier's own remote control; a door so is forced."""
        what = "door_forced" if self.is_door else "opened_by_others"
        actions: list[Action] = [self._append(Observed(what, self.config.barrier.device), moment), *self._end(what, moment)]
        if self.is_door:
            actions.append(self._alarm(what, moment))
        self._enter(Phase.CLOSING, moment, CLOSING_AWAITED_S)
        return actions

    def _does_not_close(self, moment: Moment) -> list[Action]:
        """Say so once; the arm stays where it is, and the lane knows why it is open. With no limit to tell, it is down by now."""
        if self.inputs.closed_limit is None and not self.inputs.open_limit:
            return self._rest(moment)
        return [self._alarm("door_held" if self.is_door else "arm_not_down", moment)]

    def _give_up(self, moment: Moment) -> list[Action]:
        if self.inputs.arrival:
            self._enter(Phase.FAULT, moment, DENIED_SHOWN_S)
            return []
        return self._end("not_opened", moment) + self._rest(moment)

    # --- small parts ------------------------------------------------------------------------------

    def _enter(self, phase: Phase, moment: Moment, within_s: float | None = None) -> None:
        self.phase, self.since = phase, moment.now
        self.deadline = None if within_s is None else moment.now + within_s

    def _passage(self, moment: Moment) -> Passage:
        """Return the passage under way, beginning one where there is none."""
        if self.passage is None or self.passage.ended is not None:
            self.passage = Passage(self._new_id(moment.at), moment.now, self._direction(""))
        return self.passage

    def _end(self, result: str, moment: Moment) -> list[Action]:
        """Close the passage under way, if there is one; it stays visible until the next begins."""
        passage = self.passage
        if passage is None or passage.ended is not None:
            return []
        passage.ended, passage.passed = moment.now, result == "passed"
        return [self._append(ended(passage, result, moment), moment, passage.id)]

    def _new_id(self, at: datetime) -> str:
        return uuid7(at, self._chance(10)).hex

    def _append(self, body: Body, moment: Moment, passage: str | None = None) -> Append:
        named = self._passage(moment).id if passage is None else passage
        moment.presence = projected(moment.presence, body)
        return Append(Draft(uuid7(moment.at, self._chance(10)), body, self.config.id, named))

    def _observe(self, what: str, moment: Moment) -> Append:
        return self._append(Observed(what, self.config.barrier.device), moment, "")

    def _alarm(self, what: str, moment: Moment, detail: str = "") -> Append:
        return self._append(AlarmRaised(what, detail), moment, self.passage.id if self.passage else "")

    def _keep(self, passage: Passage) -> list[Action]:
        return [Keep(passage.capture, camera, passage.id, self.config.id) for camera in self.config.cameras]


def _reading(presentation: Presentation) -> ReadingTaken:
    by = presentation
    return ReadingTaken(by.device, by.medium, by.confidence, by.raw, by.text)


def _result(passage: Passage) -> str:
    """Name how a passage ended whose vehicle or person went away by itself."""
    return {"deny": "denied", "refer": "unanswered"}.get(passage.outcome, "left")
