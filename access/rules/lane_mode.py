"""The lane's mode: held open, held closed, out of service."""

from access.case import Case, Verdict
from access.obligations import Obligation
from access.rules.block_list import blocks
from access.rules.rescue import answers_calls

_REASONS = {"held_open": "lane_held_open", "held_closed": "lane_held_closed", "out_of_service": "lane_out_of_service"}


def lane_mode(case: Case) -> Verdict:
    """Conclude where the lane is not in its normal mode; alarm for a blocked one let in, for rescue or an officer kept out."""
    mode = case.lane.mode
    reason = _REASONS.get(mode, "")
    alarming = bool(reason) and (blocks(case)[0] is not None if mode == "held_open" else answers_calls(case))
    return Verdict(reason, saw={"mode": mode}, obligations=(Obligation("raise_alarm"),) if alarming else ())
