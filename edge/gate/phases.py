"""The words of the lane automaton: where a lane stands, what can reach it, which deadlines and modes it has."""

import enum


class Phase(enum.Enum):
    """Where a lane stands."""

    UNKNOWN = "unknown"  # inputs not read yet, or lost
    IDLE = "idle"
    WAITING = "waiting"  # somebody is there, nothing is decided
    REFERRED = "referred"  # the guard is asked
    DENIED = "denied"
    INTERLOCKED = "interlocked"  # granted; another lane of its lock is not shut yet
    OPENING = "opening"  # granted, the command is out
    OPEN = "open"
    PASSING = "passing"
    CROSSING = "crossing"  # somebody is under the arm for whom it was not opened
    CLOSING = "closing"  # nobody is there; the arm is not down yet
    HELD_OPEN = "held_open"
    FAULT = "fault"  # the arm did not obey


class Stimulus(enum.Enum):
    """What can reach a lane. Near is the loop where one arrives, far the one behind the arm."""

    INPUTS_KNOWN = "inputs known"
    INPUTS_LOST = "inputs lost"
    NEAR_ON = "near loop on"
    NEAR_OFF = "near loop off"
    FAR_ON = "far loop on"
    FAR_OFF = "far loop off"
    SAFETY_ON = "under the arm on"
    SAFETY_OFF = "under the arm off"
    SAFETY_LOST = "under the arm not known"
    ARM_UP = "arm up"
    ARM_RISES = "arm rises"  # it has left its closed limit
    ARM_FALLS = "arm falls"  # it has left its open limit
    ARM_DOWN = "arm down"
    GONE_THROUGH = "gone through"  # a turnstile has turned
    FREED = "lock freed"  # the other lanes of the lock are shut
    TIMEOUT = "time-out"
    WAITED_LONG = "waited long"
    STAYS_UP = "stays up"  # the arm should be down by now
    RAISE_AGAIN = "raise again"


class Timer(enum.Enum):
    """What a deadline of a lane is for."""

    PHASE = "phase"
    WAIT = "wait"
    ARM = "arm"
    RAISE = "raise"
    LOCKED = "locked"  # a door that stood unlocked is locked again
    CLOSE = "close"
    MODE = "mode"
    HOME = "home"  # home gates that were asked have not all answered by then


class Mode(enum.Enum):
    """What a lane is set to."""

    NORMAL = "normal"
    HELD_OPEN = "held_open"
    CONVOY = "convoy"
    EVACUATION = "evacuation"
    HELD_CLOSED = "held_closed"
    OUT_OF_SERVICE = "out_of_service"

    @property
    def opens(self) -> bool:
        """Whether the arm stays up."""
        return self in (Mode.HELD_OPEN, Mode.CONVOY, Mode.EVACUATION)

    @property
    def as_ruled(self) -> str:
        """What the rules call it."""
        return "held_open" if self.opens else self.value


UP = frozenset({Phase.OPENING, Phase.OPEN, Phase.PASSING})
ASKING = frozenset({Phase.WAITING, Phase.REFERRED, Phase.DENIED})
