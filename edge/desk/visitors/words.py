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
# Letters that choose a category: none that calls a page, a field, an act or a means.
CATEGORY_LETTERS = "ACIJKLMUX"
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
CARD_FREE = N_("Visitor card %(card)s is in stock. Open a visit to lend it.")
DENIED = N_("On the site's list of those not to be let in. Only the shift leader lets them in.")


def marked() -> set[str]:
    """Return every text that this module marks for translation."""
    said = {TITLE, CATEGORY_MISSING, UNIT_MISSING, PEOPLE_WRONG, PLATE_WRONG, TAIL_WRONG, MEANS_MISSING, OBLIGATIONS_OPEN}
    said |= {WHY_MISSING, CARD_MISSING, NOT_FOUND, SEEN_BEFORE, CARD_FREE, DENIED}
    said |= {*PURPOSES, *WHYS, *STAYS.values()}
    return {*said, *REFUSALS.values(), *(text for text, _ in MEANS.values())}
