"""Words of this place; marked for translation, translated where they are shown."""

from collections.abc import Mapping

from edge.desk.words import N_

TITLE = N_("Visitors")
REFUSALS: Mapping[str, str] = {}
MEANS: Mapping[str, tuple[str, str]] = {
    "phone": (N_("by telephone"), "O"),
    "intercom": (N_("by intercom"), "Q"),
    "in_person": (N_("in person"), "R"),
    "app": (N_("by app"), "S"),
    "standing_rule": (N_("standing rule of the site"), "T"),
}
STAYS: Mapping[int, str] = {
    30: N_("half an hour"),
    120: N_("2 hours"),
    240: N_("4 hours"),
    0: N_("until tonight"),
}
PURPOSES = (N_("visit"), N_("delivery"), N_("repair"), N_("viewing a flat"), N_("housekeeping"), N_("official business"))
# Letters that choose a category: none that calls a page, an act or a means.
CATEGORY_LETTERS = "ACFIJKLMUX"
WHYS = (N_("The host said no."), N_("Nobody could be reached."), N_("Wrong address."), N_("Not let in here."))

CATEGORY_MISSING = N_("Choose what kind of visitor it is.")
UNIT_MISSING = N_("Say where they want to go: a unit or a department.")
PEOPLE_WRONG = N_("Say how many: a number from 1 to 200.")
PLATE_WRONG = N_("This is no plate.")
TAIL_WRONG = N_("Only the last four digits.")
MEANS_MISSING = N_("Say by what means the yes came.")
OBLIGATIONS_OPEN = N_("Tick what has been done; all of it comes first.")
WHY_MISSING = N_("Say why not.")
CARD_MISSING = N_("The site has no such visitor card in stock.")
NOT_FOUND = N_("This visit is not on record here any more.")
SEEN_BEFORE = N_("Not done: somebody has come or gone meanwhile. Look at it again.")
# Why what was scanned shows no visit, by the fault; what is no visitor's at all is not among them.
SCANS: Mapping[str, str] = {
    "card_unknown": CARD_MISSING,
    "no_rules": N_("The code cannot be checked: this gate has no rules yet."),
    "code_malformed": N_("The code could not be read. Scan it again."),
    "code_unknown_key": N_("This code was not made by this site."),
    "code_key_revoked": N_("This code's key was withdrawn: it opens nothing. Ask the office."),
    "code_forged": N_("This code is forged: do not let in, tell the shift leader."),
    "code_algorithm": N_("This code is forged: do not let in, tell the shift leader."),
    "code_stale": N_("This is an old picture of a code that turns: have it shown on the phone itself."),
    "code_gone": N_("This visit was taken back, or is over: do not let in on this code."),
    "card_free": N_("Visitor card %(card)s is in stock. Open a visit to lend it."),
}


def marked() -> set[str]:
    """Return every text that this module marks for translation."""
    said = {TITLE, CATEGORY_MISSING, UNIT_MISSING, PEOPLE_WRONG, PLATE_WRONG, TAIL_WRONG, MEANS_MISSING, OBLIGATIONS_OPEN}
    said |= {WHY_MISSING, CARD_MISSING, NOT_FOUND, SEEN_BEFORE, *PURPOSES, *WHYS, *STAYS.values(), *SCANS.values()}
    return {*said, *REFUSALS.values(), *(text for text, _ in MEANS.values())}
