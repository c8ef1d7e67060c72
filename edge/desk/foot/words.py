"""Words of this place; marked for translation, translated where they are shown."""

from collections.abc import Mapping

from edge.desk.words import N_

TITLE = N_("Bikes and foot")
REFUSALS: Mapping[str, str] = {}

# Who and what is counted: the letter that calls its tile, and what it is called.
KINDS: Mapping[str, tuple[str, str]] = {
    "resident": ("R", N_("Residents on foot")),
    "visitor": ("A", N_("Visitors on foot")),
    "courier": ("C", N_("Couriers")),
    "staff": ("S", N_("Staff")),
    "child_alone": ("K", N_("Children alone")),
    "ebike": ("J", N_("E-bikes")),
    "bicycle": ("Y", N_("Bicycles")),
    "motorcycle": ("M", N_("Motorcycles")),
    "tricycle": ("T", N_("Tricycles")),
}
WAYS: Mapping[str, tuple[str, str]] = {"in": ("I", N_("In")), "out": ("O", N_("Out"))}
RESULTS: Mapping[str, str] = {"passed": N_("Checked: let pass"), "turned_away": N_("Checked: turned away")}
REASONS: Mapping[str, str] = {
    "lives_here": N_("lives or works here"),
    "expected": N_("is expected"),
    "known": N_("known by sight"),
    "unknown": N_("nobody knows them"),
    "not_expected": N_("is not expected"),
    "card_invalid": N_("card or permit is not valid"),
    "other_reason": N_("another reason, in words"),
}
CATEGORIES: Mapping[str, str] = {
    "resident": N_("resident"),
    "tenant": N_("tenant"),
    "family": N_("family member"),
    "staff": N_("member of staff"),
    "company": N_("works here"),
    "contractor": N_("worker"),
    "visitor": N_("visitor"),
    "vip": N_("VIP"),
    "emergency": N_("rescue service"),
    "officer": N_("officer"),
}
# What a permit is now.
PERMIT_STATES: Mapping[str, str] = {
    "valid": N_("in force"),
    "issued": N_("not handed over yet"),
    "not_yet": N_("not valid yet"),
    "expired": N_("expired"),
    "frozen": N_("blocked"),
    "lost": N_("reported lost: keep it"),
    "replaced": N_("replaced by another: keep it"),
    "revoked": N_("withdrawn: keep it"),
}
NOBODY = N_("Unknown: nothing is on record under this unit, permit, frame number, card or plate. Ask the unit, or the office.")
NO_REASON = N_("Say why.")
UNDO_TOO_LATE = N_("Too late to take back: press the other way, or tell the shift leader.")


def marked() -> set[str]:
    """Return every text that this module marks for translation."""
    pairs = {text for table in (KINDS, WAYS) for _, text in table.values()}
    plain = {text for table in (REFUSALS, RESULTS, REASONS, CATEGORIES, PERMIT_STATES) for text in table.values()}
    return {TITLE, NOBODY, NO_REASON, UNDO_TOO_LATE} | pairs | plain
