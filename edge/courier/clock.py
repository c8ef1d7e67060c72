"""What an answer tells of this machine's clock."""

from edge.messages import ClockCompared


def compared(asked_utc: float, answered_utc: float, registry_us: int) -> ClockCompared:
    """Compare with the registry's clock (UTC microseconds), which was read at some moment between question and answer."""
    middle, half = (asked_utc + answered_utc) / 2, abs(answered_utc - asked_utc) / 2
    return ClockCompared(middle - registry_us / 1_000_000, half)
