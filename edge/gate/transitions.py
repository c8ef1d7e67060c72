"""The lane automaton as a table: phase and stimulus name the method of `Lane` that answers. What is not here changes nothing."""

import enum
from collections.abc import Mapping


class Phase(enum.Enum):
    """Where a lane stands."""

    UNKNOWN = "unknown"  # inputs not read yet, or lost
    IDLE = "idle"
    WAITING = "waiting"  # somebody is there, nothing is decided
    REFERRED = "referred"  # the guard is asked
    DENIED = "denied"
    OPENING = "opening"  # granted, the command is out
    OPEN = "open"
    PASSING = "passing"
    CLOSING = "closing"  # passed; the arm is not down yet
    FAULT = "fault"  # the arm did not obey


class Stimulus(enum.Enum):
    """What can reach a lane."""

    INPUTS_KNOWN = "inputs known"
    INPUTS_LOST = "inputs lost"
    ARRIVAL_ON = "arrival on"
    ARRIVAL_OFF = "arrival off"
    SAFETY_ON = "safety on"
    SAFETY_OFF = "safety off"
    ARM_UP = "arm up"
    ARM_RISES = "arm rises"  # it has left its closed limit
    ARM_DOWN = "arm down"
    TIMEOUT = "time-out"


P, S = Phase, Stimulus
TRANSITIONS: Mapping[tuple[Phase, Stimulus], str] = {
    (P.UNKNOWN, S.INPUTS_KNOWN): "settle",
    (P.IDLE, S.ARRIVAL_ON): "arrive",
    (P.IDLE, S.SAFETY_ON): "trespass",
    (P.IDLE, S.ARM_RISES): "raised_by_others",
    (P.WAITING, S.ARRIVAL_OFF): "drive_off",
    (P.WAITING, S.SAFETY_ON): "slip_through",
    (P.WAITING, S.ARM_RISES): "raised_by_others",
    (P.WAITING, S.TIMEOUT): "nothing_read",
    (P.REFERRED, S.ARRIVAL_OFF): "drive_off",
    (P.REFERRED, S.SAFETY_ON): "slip_through",
    (P.REFERRED, S.ARM_RISES): "raised_by_others",
    (P.REFERRED, S.TIMEOUT): "nobody_answers",
    (P.DENIED, S.ARRIVAL_OFF): "drive_off",
    (P.DENIED, S.SAFETY_ON): "slip_through",
    (P.DENIED, S.ARM_RISES): "raised_by_others",
    (P.DENIED, S.TIMEOUT): "forget_denied",
    (P.OPENING, S.ARM_RISES): "start_rising",
    (P.OPENING, S.ARM_UP): "stand_open",
    (P.OPENING, S.SAFETY_ON): "begin_passing",
    (P.OPENING, S.TIMEOUT): "does_not_rise",
    (P.OPEN, S.SAFETY_ON): "begin_passing",
    (P.OPEN, S.ARM_DOWN): "no_show",
    (P.OPEN, S.TIMEOUT): "no_show",
    (P.PASSING, S.SAFETY_OFF): "leave_safety",
    (P.PASSING, S.ARM_DOWN): "shut",
    (P.PASSING, S.TIMEOUT): "passes_too_long",
    (P.CLOSING, S.ARM_DOWN): "rest",
    (P.CLOSING, S.SAFETY_ON): "follow",
    (P.CLOSING, S.TIMEOUT): "does_not_close",
    (P.FAULT, S.ARM_RISES): "start_rising",
    (P.FAULT, S.ARM_UP): "stand_open",
    (P.FAULT, S.SAFETY_ON): "begin_passing",
    (P.FAULT, S.ARRIVAL_OFF): "give_up",
    (P.FAULT, S.TIMEOUT): "give_up",
} | {(phase, S.INPUTS_LOST): "lose_inputs" for phase in Phase if phase is not Phase.UNKNOWN}
