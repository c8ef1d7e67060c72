"""Pieces of scripts that many playbooks are made of: each says what happens and all that the gate does about it."""

from access.entries import PassageEnded
from edge.gate.actions import CloseBarrier, OpenBarrier
from tests.edge.gate.playbook import LIS_CARD, WANGS_CARD, Happening, Playbook, answered, card, guard, sees, wait


def arrive(playbook: Playbook) -> Playbook:
    """A vehicle comes onto the loop before a lane that is free; the arm may still be up behind who has passed."""
    return playbook >> sees(arrival=True) << "look camera-in" << "-> waiting"


def decided(playbook: Playbook, outcome: str, reason: str, medium: str = "card") -> Playbook:
    """A reading is written down with its decision."""
    playbook << f"write reading {medium}" << "keep camera-in"
    return playbook << f"write decision {outcome} {reason}"


def granted(playbook: Playbook, reason: str = "access_ok", medium: str = "card", *, phase: str = "opening") -> Playbook:
    """What a grant brings: the entries first."""
    decided(playbook, "grant", reason, medium) << "write command open" << "open in-1"
    return playbook << f"-> {phase}" if phase else playbook


def referred(playbook: Playbook, reason: str, medium: str = "card") -> Playbook:
    """What a question to the guard brings."""
    return decided(playbook, "refer", reason, medium) << f"tell refer {reason}" << "-> referred"


def denied(playbook: Playbook, reason: str, medium: str = "card") -> Playbook:
    """What a refusal brings."""
    return decided(playbook, "deny", reason, medium) << f"tell deny {reason}" << "-> denied"


def awaited(playbook: Playbook, reason: str, medium: str = "card") -> Playbook:
    """What a reading brings that is not enough alone: the lane waits for the second factor, or person."""
    return decided(playbook, "deny", reason, medium) << f"tell deny {reason}"


def opened(playbook: Playbook) -> Playbook:
    """Li stands before a raised arm."""
    granted(arrive(playbook) >> card(LIS_CARD)) >> answered() << "write outcome ok" << "tell grant access_ok"
    return playbook >> sees(arm="moving") >> sees(arm="up") << "-> open"


def under(playbook: Playbook) -> Playbook:
    """Who had a grant comes under the arm."""
    return playbook >> sees(safety=True) << "-> passing"


def passes(playbook: Playbook, *, phase: str = "closing") -> Playbook:
    """Who had a grant drives through under the raised arm."""
    return under(playbook) >> sees(arrival=False) >> sees(safety=False) << "write passage passed" << f"-> {phase}"


def driven_through(playbook: Playbook) -> Playbook:
    """Li has passed; the arm is still up."""
    return passes(opened(playbook))


def comes_down(playbook: Playbook) -> Playbook:
    """The arm comes down by its own board."""
    return playbook >> sees(arm="moving") >> sees(arm="down") << "-> idle"


def goes_in(playbook: Playbook) -> Playbook:
    """Who had a grant opens a door, goes in, and it shuts behind them."""
    playbook >> sees(arm="moving") << "-> passing" >> wait(3)
    return playbook >> sees(arm="down") << "write passage passed" << "-> idle"


def wang_is_let_in(playbook: Playbook) -> Playbook:
    """Wang, who has come onto the loop, presents a card: the arm is told to rise."""
    return granted(playbook >> card(WANGS_CARD))


def noticed(playbook: Playbook, what: str) -> Playbook:
    """What somebody does who has no grant for it: seen, kept in a picture, and told aloud."""
    return playbook << f"write observation {what}" << "keep camera-in" << f"write alarm {what}"


def looked_again(playbook: Playbook, times: int) -> Playbook:
    """The camera is asked again and again who stands there: another may have taken the place of who was refused."""
    for _ in range(times):
        playbook << "look camera-in"
    return playbook


def asked(playbook: Playbook, happening: Happening, refusal: str = "") -> Playbook:
    """A guard asks for something (`guard`), which is written down and answered."""
    _, act, request = happening.name.split()
    playbook >> happening << f"write guard {act} {refusal or 'accepted'}"
    return playbook << f"answer {request} {refusal or 'yes'}"


def opened_by_guard(
    playbook: Playbook, act: str = "open_once", request: str = "r-1", *, choice: str = "", phase: str = "opening"
) -> Playbook:
    """A guard opens by hand, for the candidate of this `choice` where there is one."""
    asked(playbook, guard(act, request, choice=choice)) << "keep camera-in"
    reason = {"open_once": "guard_opened", "admit": "guard_admitted"}[act]
    playbook << f"write decision grant {reason}" << "write command open" << "open in-1"
    return playbook << f"-> {phase}" if phase else playbook


def behind_the_first(playbook: Playbook) -> Playbook:
    """The guard opens for the next one while Li is under the arm."""
    under(opened(playbook)) >> wait(1) >> sees(arrival=False) >> wait(1) >> sees(arrival=True)
    return opened_by_guard(playbook, phase="")


def convoy(playbook: Playbook, minutes: int = 0) -> Playbook:
    """The guard lets a convoy through: the arm rises and stays."""
    asked(playbook, guard("convoy", minutes=minutes)) << "write lane convoy guard" << "write command open" << "open in-1"
    return playbook << "-> held_open" >> sees(arm="up")


def alarm_given(playbook: Playbook) -> Playbook:
    """The fire alarm's contact closes."""
    return playbook >> sees(evacuation=True) << "write facts" << "write alarm evacuation"


def ended_by_guard(playbook: Playbook, request: str = "r-end") -> Playbook:
    """A guard ends the evacuation."""
    return asked(playbook, guard("end_evacuation", request, lane="")) << "write facts"


# --- what has come of it --------------------------------------------------------------------------


def results(playbook: Playbook) -> list[str]:
    """How each passage ended."""
    return [ended.result for ended in playbook.bodies(PassageEnded)]


def openings(playbook: Playbook) -> list[OpenBarrier]:
    """All commands to open that were sent."""
    return [action for action in playbook.sent if isinstance(action, OpenBarrier)]


def closings(playbook: Playbook) -> list[CloseBarrier]:
    """All commands to close that were sent."""
    return [action for action in playbook.sent if isinstance(action, CloseBarrier)]
