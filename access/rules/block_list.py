"""The block list: an exact hit denies and raises an alarm, a near plate only ever refers."""

from collections.abc import Sequence

from access.case import Case, Presented, Verdict
from access.obligations import Obligation
from access.on_record import Block
from access.plate import shown
from access.rules.list_age import is_old
from access.rules.rescue import answers_calls

_ALARM = (Obligation("raise_alarm"),)


def block_list(case: Case) -> Verdict:
    """Deny what is blocked and not yet past the end of its block; for rescue and officers on an old list the next rule asks."""
    block, near = blocks(case)
    if (block or near) and answers_calls(case) and is_old(case, case.category or "emergency"):
        return Verdict(saw={"blocked": block is not None, "list_is_old": True})
    if block:
        told = shown(block.plate) if block.plate else case.match.shown
        return Verdict("blocked", {"shown": told, "why": block.reason}, {"blocked": True}, _ALARM)
    if near:
        return Verdict("near_blocked", {"shown": shown(case.plates[-1].text), "near": shown(near.plate)}, {"near": near.plate})
    return Verdict(saw={"blocked": False})


def blocks(case: Case) -> tuple[Block | None, Block | None]:
    """Return the block of exactly this credential and that of a plate near it, as far as they are in force.

    A card takes nothing back: a plate read before it goes on counting. One that is read anew corrects what was only near.
    """
    block, near = _in_force(case.match.block, case), _in_force(case.match.near_block, case)
    earlier = [one for one in _uncorrected(case.plates) if one is not case.presented] if case.presented.earlier else []
    exact = (_in_force(case.snapshot.blocked_plate(one.text), case) for one in earlier)
    if case.presented.medium != "plate":
        nearly = (_in_force(case.snapshot.nearly_blocked(one.text), case) for one in earlier if _may_be_another(one, case))
        near = next(filter(None, nearly), None)
    return block or next(filter(None, exact), None), near


def _uncorrected(plates: Sequence[Presented]) -> Sequence[Presented]:
    """Leave out what a frame showed in doubt and a later one has corrected."""
    last_sure = max((at for at, one in enumerate(plates) if one.is_sure), default=-1)
    return [one for at, one in enumerate(plates) if at >= last_sure or one.is_sure]


def _may_be_another(plate: Presented, case: Case) -> bool:
    return not plate.is_sure or not case.snapshot.plate(plate.text)


def _in_force(block: Block | None, case: Case) -> Block | None:
    return block if block and (block.valid_until is None or case.at < block.valid_until) else None
