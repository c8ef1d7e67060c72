"""The lane automaton as two tables, for vehicles and for people: what answers each stimulus in each phase.

What is not here changes nothing. The answers are functions of the lane's state: who comes and goes in `arriving`, who is under
the arm in `passing_through`, doors in `doors`, the two commands in `opening`.
"""

from collections.abc import Callable, Mapping

from edge.gate import arriving, doors, opening
from edge.gate import passing_through as passing
from edge.gate.actions import Action
from edge.gate.passage import Moment
from edge.gate.phases import Phase, Stimulus
from edge.gate.state import LaneState

Answer = Callable[[LaneState, Moment], list[Action]]
Table = Mapping[tuple[Phase, Stimulus], Answer]

P, S = Phase, Stimulus
GOING_THROUGH = [P.OPENING, P.OPEN, P.PASSING, P.CROSSING]
KNOWN = [phase for phase in Phase if phase is not P.UNKNOWN]

BOTH: Table = {
    (P.UNKNOWN, S.INPUTS_KNOWN): arriving.settle,
    (P.WAITING, S.TIMEOUT): arriving.nothing_read,
    (P.REFERRED, S.TIMEOUT): arriving.nobody_answers,
    (P.DENIED, S.TIMEOUT): arriving.forget_denied,
    (P.INTERLOCKED, S.FREED): arriving.open_at_last,
    (P.INTERLOCKED, S.TIMEOUT): arriving.lock_stays,
    (P.HELD_OPEN, S.RAISE_AGAIN): opening.raise_again,
    **{(phase, S.RAISE_AGAIN): opening.keep_open for phase in GOING_THROUGH},
} | {(phase, S.INPUTS_LOST): arriving.lose_inputs for phase in KNOWN}

VEHICLES: Table = {
    **BOTH,
    **{(phase, S.ARM_FALLS): opening.keep_open for phase in GOING_THROUGH},
    (P.IDLE, S.NEAR_ON): arriving.arrive,
    (P.REFERRED, S.NEAR_ON): arriving.arrive_while_asked,
    (P.IDLE, S.FAR_ON): arriving.arrive_from_far,
    (P.IDLE, S.SAFETY_ON): passing.trespass,
    (P.IDLE, S.ARM_RISES): passing.raised_by_others,
    **{(phase, S.NEAR_OFF): passing.go_off for phase in (P.WAITING, P.REFERRED, P.DENIED, P.INTERLOCKED)},
    **{(phase, S.SAFETY_ON): passing.follow for phase in (P.WAITING, P.REFERRED, P.DENIED, P.INTERLOCKED)},
    **{(phase, S.ARM_RISES): passing.raised_by_others for phase in (P.WAITING, P.REFERRED, P.DENIED, P.INTERLOCKED)},
    **{(phase, S.ARM_DOWN): passing.note_down for phase in (P.WAITING, P.REFERRED, P.DENIED, P.INTERLOCKED)},
    **{(phase, S.WAITED_LONG): arriving.waits_too_long for phase in (P.WAITING, P.DENIED)},
    **{(phase, S.STAYS_UP): passing.does_not_close for phase in (P.WAITING, P.REFERRED, P.DENIED, P.INTERLOCKED)},
    (P.OPENING, S.ARM_UP): opening.stand_open,
    (P.OPENING, S.SAFETY_ON): opening.begin_passing,
    (P.OPENING, S.TIMEOUT): passing.does_not_rise,
    (P.OPEN, S.SAFETY_ON): passing.come_under,
    (P.OPEN, S.NEAR_ON): passing.come_after,
    (P.OPEN, S.FAR_OFF): passing.gone_unseen,
    (P.OPEN, S.ARM_DOWN): passing.closed_before,
    (P.OPEN, S.TIMEOUT): passing.no_show,
    (P.PASSING, S.NEAR_OFF): passing.close_up,
    (P.PASSING, S.SAFETY_OFF): passing.leave_safety,
    (P.PASSING, S.SAFETY_LOST): passing.lose_sight,
    (P.PASSING, S.ARM_DOWN): passing.shut_over,
    (P.PASSING, S.TIMEOUT): passing.passes_too_long,
    (P.CROSSING, S.NEAR_ON): passing.comes_out,
    (P.CROSSING, S.SAFETY_ON): passing.come_back,
    (P.CROSSING, S.SAFETY_OFF): passing.crossed,
    (P.CROSSING, S.SAFETY_LOST): passing.lose_sight,
    (P.CROSSING, S.ARM_RISES): passing.raised_by_others,
    (P.CROSSING, S.ARM_UP): passing.up_after_all,
    (P.CROSSING, S.ARM_DOWN): passing.note_down,
    (P.CROSSING, S.TIMEOUT): passing.pushed_up,
    (P.CLOSING, S.NEAR_ON): arriving.arrive,
    (P.CLOSING, S.SAFETY_ON): passing.follow,
    (P.CLOSING, S.ARM_DOWN): passing.come_to_rest,
    (P.CLOSING, S.STAYS_UP): passing.does_not_close,
    (P.HELD_OPEN, S.NEAR_ON): passing.meet_held,
    (P.HELD_OPEN, S.SAFETY_ON): passing.pass_held,
    (P.HELD_OPEN, S.SAFETY_OFF): passing.leave_held,
    (P.HELD_OPEN, S.ARM_FALLS): opening.raise_again,
    (P.HELD_OPEN, S.ARM_DOWN): opening.raise_again,
    (P.FAULT, S.ARM_UP): opening.stand_open,
    (P.FAULT, S.SAFETY_ON): opening.begin_passing,
    (P.FAULT, S.NEAR_OFF): passing.give_up,
    (P.FAULT, S.TIMEOUT): passing.give_up,
}

PEOPLE: Table = {
    **BOTH,
    **{(phase, S.ARM_RISES): doors.forced for phase in (P.IDLE, P.WAITING, P.REFERRED, P.DENIED, P.INTERLOCKED)},
    **{(phase, S.GONE_THROUGH): doors.forced for phase in (P.IDLE, P.WAITING, P.REFERRED, P.DENIED, P.INTERLOCKED)},
    (P.OPENING, S.ARM_RISES): doors.goes_through,
    (P.OPENING, S.GONE_THROUGH): doors.turned,
    (P.OPENING, S.TIMEOUT): doors.not_used,
    (P.PASSING, S.GONE_THROUGH): doors.turned,
    (P.PASSING, S.ARM_DOWN): doors.shut,
    (P.PASSING, S.TIMEOUT): doors.is_held,
    (P.CLOSING, S.ARM_DOWN): doors.shut,
    (P.CLOSING, S.TIMEOUT): doors.is_held,
    (P.CLOSING, S.STAYS_UP): doors.is_held,
    (P.FAULT, S.ARM_RISES): doors.goes_through,
    (P.FAULT, S.TIMEOUT): passing.give_up,
    (P.HELD_OPEN, S.GONE_THROUGH): doors.used_while_held,
    (P.HELD_OPEN, S.ARM_DOWN): doors.used_while_held,
}
