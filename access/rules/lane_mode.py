"""The lane's mode: held open, held closed, out of service."""

from access.case import Case, Verdict

_REASONS = {"held_open": "lane_held_open", "held_closed": "lane_held_closed", "out_of_service": "lane_out_of_service"}


def lane_mode(case: Case) -> Verdict:
    """Conclude where the lane is not in its normal mode."""
    return Verdict(_REASONS.get(case.lane.mode, ""), saw={"mode": case.lane.mode})
