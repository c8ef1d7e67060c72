"""Words of this place; marked for translation, translated where they are shown."""

from collections.abc import Mapping

from edge.desk.words import N_

TITLE = N_("Duty log")
REFUSALS: Mapping[str, str] = {}
# What an entry of the log is about; `note` is for the relief. Codes are kept, and another site's own words stand for themselves.
ENTRY_KINDS: Mapping[str, str] = {
    "record": N_("Record"),
    "note": N_("Note for the relief"),
    "order": N_("Order and disputes"),
    "fire": N_("Fire safety"),
    "equipment": N_("Equipment"),
    "service": N_("Help for residents"),
}
ENTRY_LETTERS: Mapping[str, str] = {"record": "A", "note": "N", "order": "O", "fire": "F", "equipment": "Q", "service": "S"}
INCIDENT_LETTERS: Mapping[str, str] = {
    "quarrel": "Q",
    "theft": "R",
    "fire": "F",
    "accident": "A",
    "injury": "I",
    "damage": "M",
    "trespass": "N",
    "failure": "L",
    "other": "O",
}
INCIDENT_KINDS: Mapping[str, str] = {
    "quarrel": N_("Quarrel"),
    "theft": N_("Theft"),
    "fire": N_("Fire or smoke"),
    "accident": N_("Traffic accident"),
    "injury": N_("Injury or illness"),
    "damage": N_("Damage"),
    "trespass": N_("Trespass"),
    "failure": N_("Failure of equipment"),
    "other": N_("Something else"),
}
SIGNS = {"sign_in": N_("signed in"), "sign_out": N_("signed out")}
TEXT_MISSING = N_("Say what happened.")
KIND_MISSING = N_("Choose what it is about.")
PLACE_MISSING = N_("Say where.")
REASON_MISSING = N_("Say in a few words why.")
NOT_ON_ROUND = N_("This tag is not on this round.")
CODE_MISSING = N_("Scan the tag, or type its number.")
NOT_YOURS = N_("Another guard is on this round.")
REMARK_MISSING = N_("Points were missed: say in a few words why.")
ROUND_OVER = N_("This round is over.")
GONE = N_("This is not here any more. Go back and look again.")
BEGIN_FIRST = N_("This is the tag of a patrol point: begin the round first.")
NO_ROUTE = N_("This route is not on record any more.")


def marked() -> set[str]:
    """Return every text that this module marks for translation."""
    faults = {TEXT_MISSING, KIND_MISSING, PLACE_MISSING, REASON_MISSING, NOT_ON_ROUND, CODE_MISSING, NOT_YOURS, REMARK_MISSING}
    tables = (REFUSALS, ENTRY_KINDS, INCIDENT_KINDS, SIGNS)
    return {TITLE, ROUND_OVER, GONE, BEGIN_FIRST, NO_ROUTE, *faults, *(text for table in tables for text in table.values())}
