"""The block list: an exact hit denies, a near plate only ever refers."""

from access.case import Case, Verdict
from access.plate import shown


def block_list(case: Case) -> Verdict:
    """Deny what is blocked and not yet past the end of its block."""
    block, near = case.match.block, case.match.near_block
    if block and (block.valid_until is None or case.at < block.valid_until):
        return Verdict("blocked", {"why": block.reason}, {"blocked": True})
    if near and (near.valid_until is None or case.at < near.valid_until):
        return Verdict("near_blocked", {"near": shown(near.plate)}, {"near": near.plate})
    return Verdict(saw={"blocked": False})
