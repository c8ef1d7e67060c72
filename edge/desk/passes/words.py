"""Words of this place and of what was scanned; marked for translation, translated where they are shown."""

from collections.abc import Mapping

from edge.desk.words import N_

TITLE = N_("Passes")
HOLES_WHOLE = 64  # holes of the board that show a face, and turn over
REFUSALS: Mapping[str, str] = {}
ELSEWHERE = N_("another post")

# Why somebody who is inside should not be any more.
LATE = {
    "hours": N_("working hours are over"),
    "validity": N_("the pass has run out"),
    "permit": N_("the renovation permit is not in force any more"),
}
# What to do where the holder may not come in, by the refusal's code.
ADVICE = {
    "pass_not_active": N_("The office hands the pass over first: send them there."),
    "pass_lost": N_("Somebody has the original that was reported lost: keep it, and call the responsible person."),
    "pass_confiscated": N_("The office decides: send them there."),
    "pass_expired": N_("Keep the original: confiscate it below. The office issues a new pass."),
    "pass_returned": N_("Keep both parts, and tell the office."),
    "pass_revoked": N_("Keep the original: confiscate it below."),
    "duplicate_in_transfer": N_("The duplicate must be back first: have it brought over, then note it below."),
    "already_inside": N_("Compare the photo. If they left unseen, note that first. If it is another person, keep the original."),
    "violation_outstanding": N_("The office settles that first: send them there."),
    "permit_not_in_force": N_("Nobody works on this permit: send them to the office."),
    "unit_not_permitted": N_("The responsible person has the units changed at the office."),
    "too_many_workers": N_("They wait outside until one of the others leaves."),
    "pass_not_valid_now": N_("They come back when it is valid, or the responsible person has it changed at the office."),
    "outside_hours": N_("They come back in working hours. The office allows exceptions."),
    "duplicate_missing": N_("They fetch the duplicate. With the original alone nobody comes in."),
    "duplicate_of_another": N_("Keep both parts until it is clear whose they are, and call the responsible person."),
}
ORIGINAL_MISSING = N_("Ask for the original: scan it, or tick that you have seen it.")
REASON_MISSING = N_("Say why it is taken away.")
WHAT_MISSING = N_("Say what was wrong.")
UNKNOWN_NUMBER = N_("No pass has this number: {number}")
NOBODY_FOUND = N_("No pass fits. Try the number, or the name's initials.")
NO_SUCH_PASS = N_("This pass is not on record here.")

# What was done, as the page tells it.
DONE = {
    "enter": N_("In. Hang the duplicate on the board, give the original back."),
    "leave": N_("Out. Give the duplicate back."),
    "leave_without": N_("Out. The duplicate still hangs at another post: it must be brought over."),
    "back": N_("Noted: the duplicate is with its holder again."),
    "lost": N_("Noted: the pass is lost. The office issues a new one."),
    "confiscate": N_("Noted: keep the original for the office."),
    "violation": N_("Noted. With this outstanding the holder does not come in again."),
}
# Why a guard takes the original away: what stands in the record.
REASONS = (
    ("expired", N_("it has run out")),
    ("not_holder", N_("whoever shows it is not the holder")),
    ("reported_lost", N_("it was reported lost")),
    ("revoked", N_("it was revoked")),
    ("changed", N_("it was altered or copied")),
)
WRONG_UNIT = N_("in a wrong unit")

# What workers do, by the registry's codes.
TRADES = {
    "carpenter": N_("carpenter"),
    "cleaner": N_("cleaner"),
    "electrician": N_("electrician"),
    "gas_fitter": N_("gas fitter"),
    "installer": N_("installer"),
    "mason": N_("mason"),
    "mover": N_("mover"),
    "other": N_("another trade"),
    "painter": N_("painter"),
    "plumber": N_("plumber"),
    "supervisor": N_("supervisor"),
}

# What was scanned, where it is none of ours.
SCANNED = {
    "unknown": N_("What was scanned is not known here: no pass, slip, visit, card, tag or plate on record."),
    "nothing": N_("Nothing was scanned."),
    "no_rules": N_("Codes cannot be checked yet: this gate has no rules."),
    "not_here": N_("The code is genuine, but the registry has told this gate nothing of it yet. Call the office."),
    "malformed": N_("The code cannot be read whole. Clean it, or scan it again; else type the number."),
    "forged": N_("Not from our registry: this code is forged or damaged. Let nobody in by it."),
    "unknown_key": N_("This code is of another site, or forged. Let nobody in by it."),
    "key_revoked": N_("This code was made with a key that is withdrawn: the office makes a new one."),
    "algorithm": N_("This is no code of ours. Let nobody in by it."),
    "stale": N_("This is an old picture of a code that turns: have it shown on the phone itself."),
    "gone": N_("This visit was taken back, or is over: do not let in on this code."),
}
# What it looks like, so that a guard can tell what was held before the scanner.
SHAPES = {
    "signed": N_("It has the form of a signed code."),
    "address": N_("It is the address of a web page."),
    "digits": N_("It is a number of %(long)s digits."),
    "signs": N_("It is a text of %(long)s letters and signs."),
}


def marked() -> set[str]:
    """Return every text that this module marks for translation."""
    texts = {text for table in (REFUSALS, LATE, ADVICE, DONE, SCANNED, SHAPES, TRADES) for text in table.values()}
    texts |= {TITLE, ELSEWHERE, ORIGINAL_MISSING, REASON_MISSING, WHAT_MISSING, UNKNOWN_NUMBER, NOBODY_FOUND, NO_SUCH_PASS}
    return texts | {WRONG_UNIT} | {text for _, text in REASONS}
