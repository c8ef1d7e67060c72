"""What lets a gate answer within milliseconds: precedence over cameras and pages, and no collector of garbage amid a passage."""

import contextlib
import gc
import os
import sys

SWITCH_S = 0.001


def take_precedence() -> None:
    """Go before other programs, where the system lets us: a few milliseconds of work must not wait for theirs."""
    sys.setswitchinterval(SWITCH_S)
    with contextlib.suppress(OSError):
        os.sched_setscheduler(0, os.SCHED_RR | os.SCHED_RESET_ON_FORK, os.sched_param(1))


def settle() -> None:
    """Leave out of all later collections what is there now, and collect no more by itself.

    Else a collection, which takes milliseconds and holds up every thread, comes when the most is made: as new rules are read.
    Whoever calls this collects when nobody waits.
    """
    gc.collect()
    gc.freeze()
    gc.disable()
