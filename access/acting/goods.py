"""What acts with a goods-release slip, and with a vehicle that is checked for goods, change in the presence."""

from access.acting.act import Act, Changes
from access.presence import Presence


def slip_facts(act: Act, presence: Presence) -> Changes | str:
    """Return the changes that an act with a slip makes, or why it cannot be."""
    del act, presence
    return ()


def vehicle_facts(act: Act, presence: Presence) -> Changes | str:
    """Return the changes that the check of a vehicle makes, or why it cannot be."""
    del act, presence
    return ()
