"""The block list: an exact hit denies and raises an alarm, a near plate only ever refers."""

from access.case import Case, Verdict
from access.obligations import Obligation
from access.on_record import Block
from access.plate import shown
from access.rules.list_age import is_old
from access.rules.rescue import rescues

_ALARM = (Obligation("raise_alarm"),)


def block_list(case: Case) -> Verdict:
    """Deny what is blocked and not yet past the end of its block; an old list stops no rescue, the next rule asks instead."""
    block, near = blocks(case)
    if (block or near) and rescues(case) and is_old(case, "emergency"):
        return Verdict(saw={"blocked": block is not None, "list_is_old": True})
    if block:
        return Verdict("blocked", {"why": block.reason}, {"blocked": True}, _ALARM)
    if near:
        return Verdict("near_blocked", {"near": shown(near.plate)}, {"near": near.plate}, _ALARM)
    return Verdict(saw={"blocked": False})


def blocks(case: Case) -> tuple[Block | None, Block | None]:
    """Return the block of exactly this credential and that of a plate near it, as far as they are in force."""
    found = (case.match.block, case.match.near_block)
    block, near = (one if one and (one.valid_until is None or case.at < one.valid_until) else None for one in found)
    return block, near
