"""Words of this place; marked for translation, translated where they are shown."""

from collections.abc import Mapping

from edge.desk.words import N_

TITLE = N_("Goods")
REFUSALS: Mapping[str, str] = {}

# The lists of slips, in the order in which a guard needs them.
GROUPS: Mapping[str, str] = {
    "today": N_("Valid now"),
    "partly": N_("On the way: partly out"),
    "night": N_("Waits for the shift leader"),
    "held": N_("Held: does not match"),
    "collect": N_("Paper to be collected"),
}
RIGHTS: Mapping[str, str] = {
    "owner": N_("owner"),
    "tenant": N_("tenant, with the owner's consent"),
    "third_party": N_("third party, with an authorisation"),
    "company": N_("company, with its stamp"),
    "decoration": N_("decoration: the contractor confirms"),
}
KNOWN: Mapping[str, str] = {
    "code": N_("Known by its code alone: the registry has not told this gate of it. Compare it with the paper."),
    "night": N_("Made out at this gate and valid here alone. The office looks at it next day."),
}
NOTHING_FOUND = N_("No slip here has this number, unit or plate. Scan its code, or ask the office by telephone.")
NOT_A_SLIP = N_("This is the code of a visitor or a worker, not of a goods slip.")
NO_RULES = N_("This gate has no rules yet, so it cannot check a code.")
SCAN_AGAIN = N_("This gate does not know this slip any more. Scan its code again.")
TOO_EARLY = N_("This slip is not valid yet.")
OTHER_GATES = N_("This slip is for other gates.")
CODE_WITHDRAWN = N_("The office has taken the code of this slip back: nothing goes out on it.")
OTHER_VEHICLE = N_("The slip names another vehicle. Hold it, or correct the plate.")
NO_QUANTITY = N_("From 0 to %(left)s.")
NOTHING_CHOSEN = N_("Say how much of which line goes out with this trip.")
NO_PLATE = N_("Say which plate it has.")
NO_VEHICLE = N_("Say what it goes out with.")
VEHICLE_GONE = N_("Another vehicle stands at that lane now, or none: choose again.")
NO_LINES = N_("Write down at least one thing with its quantity.")
BAD_LINE = N_("A quantity is a number above 0, such as 2 or 1.5.")
LINES_DIFFER = N_("These lines are not those that were approved. Look at the paper again, letter by letter; else hold it.")
NO_APPLICANT = N_("Say who takes the goods out.")
NO_UNIT = N_("Say from which unit.")
NO_PAPER = N_("Say which paper was shown.")
NO_REASON = N_("The shift leader says why it cannot wait for the office.")
NOT_LEADER = N_("This badge is not a shift leader's.")
LEADER_MISSING = N_("Badge and PIN of the shift leader are missing.")
OPENED_BY_ITSELF = N_("The lane has been asked to decide again.")
OPEN_IT = N_("The lane did not decide again: open it once by hand. %(why)s")


def marked() -> set[str]:
    """Return every text that this module marks for translation."""
    tables = [REFUSALS, GROUPS, RIGHTS, KNOWN]
    return {TITLE, *FAULTS, *(text for table in tables for text in table.values())}


FAULTS = (
    NOTHING_FOUND,
    NOT_A_SLIP,
    NO_RULES,
    SCAN_AGAIN,
    TOO_EARLY,
    OTHER_GATES,
    CODE_WITHDRAWN,
    OTHER_VEHICLE,
    NO_QUANTITY,
    NOTHING_CHOSEN,
    NO_PLATE,
    NO_VEHICLE,
    VEHICLE_GONE,
    NO_LINES,
    BAD_LINE,
    LINES_DIFFER,
    NO_APPLICANT,
    NO_UNIT,
    NO_PAPER,
    NO_REASON,
    NOT_LEADER,
    LEADER_MISSING,
    OPENED_BY_ITSELF,
    OPEN_IT,
)
