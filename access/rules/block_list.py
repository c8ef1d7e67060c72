"""The block list: an exact hit denies and raises an alarm, a near plate only ever refers."""

from access.case import Case, Verdict
from access.obligations import Obligation
from access.on_record import Block
from access.plate import shown
from access.rules.emergency import rescues
from access.rules.list_age import is_old

_ALARM = (Obligation("raise_alarm"),)


def block_list(case: Case) -> Verdict:
    """Deny what is blocked and not yet past the end of its block; an old list does not stop a rescue."""
    block, near = case.match.block, case.match.near_block
    if block and _holds(block, case):
        if rescues(case) and is_old(case, "emergency"):
            return Verdict(saw={"blocked": True, "list_is_old": True})
        return Verdict("blocked", {"why": block.reason}, {"blocked": True}, _ALARM)
    if near and _holds(near, case):
        return Verdict("near_blocked", {"near": shown(near.plate)}, {"near": near.plate}, _ALARM)
    return Verdict(saw={"blocked": False})


def _holds(block: Block, case: Case) -> bool:
    return block.valid_until is None or case.at < block.valid_until
