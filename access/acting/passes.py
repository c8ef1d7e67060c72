"""What acts with a pass change in the presence."""

from access.acting.act import Act, Changes
from access.presence import Presence


def pass_facts(act: Act, presence: Presence) -> Changes | str:
    """Return the changes that an act with a pass makes, or why it cannot be."""
    del act, presence
    return ()
