"""Words of this place; marked for translation, translated where they are shown."""

from collections.abc import Mapping

from edge.desk.words import N_

TITLE = N_("Handover")
REFUSALS: Mapping[str, str] = {}
# Who signs: the guard who goes, the relief who comes, the shift leader.
SIGNERS: Mapping[str, str] = {"guard": N_("Who goes"), "relief": N_("Who takes over"), "leader": N_("Shift leader")}
PARTIES: Mapping[str, str] = {"guard": N_("who goes"), "relief": N_("who takes over")}
IN_ORDER = N_("in order")
NOTHING_KNOWN = N_("the system knows nothing of it: write what is there")
NOTHING_CHOSEN = N_("Nothing was looked at yet: choose for each item what you found.")
FOUND_MISSING = N_("Say what you found.")
CONTRADICTS = N_("What is written here is not what the system expects: choose the one or the other.")
BADGE_MISSING = N_("Sign with badge and PIN.")
NOT_LEADER = N_("This badge is no shift leader's.")


def marked() -> set[str]:
    """Return every text that this module marks for translation."""
    faults = {NOTHING_CHOSEN, CONTRADICTS, FOUND_MISSING, BADGE_MISSING, NOT_LEADER}
    tables = (REFUSALS, SIGNERS, PARTIES)
    return {TITLE, IN_ORDER, NOTHING_KNOWN, *faults, *(text for table in tables for text in table.values())}
