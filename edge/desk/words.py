"""The booth's words in each language: gettext catalogues read from .po files at start, and the words of every code we show."""

import gettext
import io
from functools import cache
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from access.words import LANGUAGES

DEFAULT_LANGUAGE = LANGUAGES[0]
LOCALES = Path(__file__).parent / "locales"


def N_(text: str) -> str:  # noqa: N802 - the name that extractors of messages know
    """Mark a text for translation where it stands; it is translated where it is shown."""
    return text


LOOPS = {True: ("■", N_("occupied")), False: ("□", N_("clear")), None: ("?", N_("not known"))}
STATES = {
    "unknown": N_("not known yet"),
    "idle": N_("free"),
    "waiting": N_("vehicle waiting"),
    "referred": N_("guard decides"),
    "denied": N_("turned away"),
    "interlocked": N_("waits for the other gate"),
    "opening": N_("arm rising"),
    "open": N_("open"),
    "passing": N_("passing"),
    "crossing": N_("under the arm without a grant"),
    "closing": N_("arm coming down"),
    "stays_up": N_("stays open"),
    "held_open": N_("held open"),
    "held_closed": N_("held closed"),
    "out_of_service": N_("out of service"),
    "fault": N_("fault"),
}
ARMS = {"up": N_("arm up"), "down": N_("arm down"), "moving": N_("arm moving"), "unknown": N_("arm not known")}
DOORS = {"up": N_("door open"), "down": N_("door closed"), "moving": N_("door moving"), "unknown": N_("door not known")}
DOOR_STATES = {
    "open": N_("unlocked"),
    "waiting": N_("somebody waits"),
    "interlocked": N_("waits for the other door"),
    "opening": N_("unlocking"),
    "crossing": N_("in the doorway without a grant"),
    "closing": N_("door closing"),
}
# What a lane is set to, where that is not as usual: its shape and its words.
MODES = {
    "held_open": ("▮▮", N_("held open")),
    "held_closed": ("⊘", N_("held closed")),
    "out_of_service": ("✕", N_("out of service")),
    "convoy": ("⇉", N_("convoy")),
    "evacuation": ("⚠", N_("evacuation")),
}
# Why an arm or a door stays open.
OPEN_BECAUSE = {
    "held_open": N_("held open by a guard or the office"),
    "convoy": N_("a convoy is let through"),
    "evacuation": N_("evacuation"),
    "arm_up_at_start": N_("it was up when the program started"),
    "opened_by_others": N_("raised by other means, such as its own remote control"),
    "arm_not_down": N_("it does not come down"),
    "door_held": N_("somebody holds the door open"),
    "standing_under_arm": N_("somebody stands under the arm"),
    "loop_stuck": N_("a loop is stuck"),
    "sensor_failed": N_("a sensor has failed"),
    "vehicle_waiting": N_("the next one keeps it up"),
    "obstructed": N_("something was in its way"),
    "board_lost": N_("the input board was lost"),
    "unknown": N_("not known"),
}
# What is wrong with an input of a lane.
ILLS = {
    "failed": N_("its contacts contradict each other"),
    "stuck": N_("stuck"),
    "chatters": N_("chatters"),
    "blind": N_("sees nobody pass"),
}
DIRECTIONS = {"in": N_("entry"), "out": N_("exit"), "both": N_("both ways")}
OUTCOMES = {"grant": ("✓", N_("granted")), "deny": ("✕", N_("denied")), "refer": ("?", N_("refer"))}
# The colour of what the driver is told, where it is no call to wait, and the signs whose wait has an end to be told.
SIGN_KINDS = {
    "welcome": "plain",
    **dict.fromkeys(("go", "held_open"), "grant"),
    **dict.fromkeys(("turned_away", "closed", "out_of_service", "keep_clear", "fault"), "deny"),
    "leave": "leave",
}
COUNTED_SIGNS = frozenset({"wait", "show_second", "other_gate"})
COLOURS = {
    "blue": N_("blue plate"),
    "green": N_("green plate"),
    "yellow-green": N_("yellow-green plate"),
    "yellow": N_("yellow plate"),
    "white": N_("white plate"),
    "black": N_("black plate"),
}
ACTS = {
    "open_once": N_("Open once"),
    "admit": N_("Let in"),
    "refuse": N_("Turn away"),
    "passed": N_("Has gone through"),
    "open_again": N_("Open again"),
    "did_not_come": N_("Did not come"),
    "hold_open": N_("Hold open"),
    "convoy": N_("Let a convoy through"),
    "hold_closed": N_("Hold closed"),
    "out_of_service": N_("Take out of service"),
    "resume": N_("Back to normal"),
    "direct_in": N_("Entry only"),
    "direct_out": N_("Exit only"),
    "direct_both": N_("Both ways"),
    "evacuate": N_("Begin the evacuation"),
    "end_evacuation": N_("End the evacuation"),
    "correct": N_("Correct the plate"),
    "unplated": N_("Vehicle without a plate"),
    "nothing_carried": N_("Nothing carried"),
    "mark_loading": N_("Mark as loading"),
    "decide_again": N_("Ask the rules again"),
    "undo": N_("Undo"),
}
# What goes by another name at a door.
DOOR_ACTS = {"open_once": N_("Open the door once"), "open_again": N_("Open the door again")}
# What plain acts do, said before they are pressed.
PLAIN = {
    "correct": N_("The rules are asked about exactly this plate. What the camera has read is kept."),
    "nothing_carried": N_("You have looked, and the vehicle carries no goods: the rules are asked again."),
    "mark_loading": N_("At the exit this vehicle waits until its goods were checked."),
    "decide_again": N_("The rules are asked again, as after a release of goods."),
    "undo": N_("What you just did is taken back, as long as nothing has moved."),
}
# What else is counted of a device.
COUNTERS = {
    "bytes_in": N_("bytes received"),
    "repeats": N_("repeats passed over"),
    "reopened": N_("opened anew"),
    "plates_read": N_("plates read"),
    "read_faults": N_("pictures that could not be read"),
}
# Why a device is down or sees nothing, by how its transport begins to say so; what follows is said besides.
DEVICE_WHYS = {
    "played to the end": N_("The recording was played to its end."),
    "the picture is frozen": N_("The picture is frozen."),
    "no whole picture for": N_("No whole picture has come for some time."),
    "the stream ended or stood still": N_("The camera's stream ended or stood still."),
    "the camera closed the stream": N_("The camera closed the stream."),
    "the camera answers HTTP": N_("The camera refuses to give its stream."),
    "the source does not open": N_("The camera's stream does not open."),
    "no picture in the": N_("There is no picture to read."),
    "plates are not read": N_("Plates are not read here."),
    "the broker cannot be reached": N_("The message broker cannot be reached."),
    "subscription refused": N_("The message broker refuses what is asked of it."),
    "the board does not answer": N_("The board does not answer."),
    "the board gives no inputs": N_("The board does not tell its inputs."),
    "the board refuses function": N_("The board does not know what it is asked for."),
}
# Why what came over a wire was refused.
REJECTS = {
    "noise": N_("noise on the line"),
    "noise before the reply": N_("noise before the reply"),
    "bytes outside a frame": N_("bytes outside a frame"),
    "control character": N_("control character"),
    "frame cut short": N_("frame cut short"),
    "frame too long": N_("frame too long"),
    "line cut short": N_("line cut short"),
    "line too long": N_("line too long"),
    "neither UTF-8 nor GBK": N_("neither UTF-8 nor GBK"),
    "not hex digits": N_("not hex digits"),
    "payload too large": N_("message too large"),
    "wrong checksum": N_("wrong checksum"),
    "wrong length": N_("wrong length"),
    "empty picture": N_("empty picture"),
    "huge picture": N_("picture too large"),
    "half a picture": N_("half a picture"),
    "broken picture": N_("broken picture"),
    "not a picture": N_("not a picture"),
    "endless part head": N_("endless head of a part"),
    "picture cannot be encoded": N_("picture cannot be encoded"),
    "retained message": N_("message kept by the broker"),
    "stale message": N_("message too old"),
    "message from the future": N_("message from the future"),
    "no reply": N_("no reply"),
    "reply cut short": N_("reply cut short"),
    "wrong unit or noise": N_("wrong unit or noise"),
    "unknown key": N_("unknown field"),
    "other": N_("other reasons"),
}
# Which checks are weaker while the gate is cut off: codes of `edge.gate.offline`.
WEAKER = {
    "no_rules": N_("There are no rules yet: nobody is known here."),
    "withdrawn": N_("Who was blocked, or has lost a card, since the list was last confirmed may still pass."),
    "announced": N_("Who was announced or registered since then is not known: ask the office by telephone."),
    "elsewhere": N_("What other gates have seen is not known: who is inside, and which passes were used."),
    "office": N_("The office cannot open or close anything here from afar."),
    "clock": N_("The clock is not sure: hours and ends of passes are judged by a time that is reckoned."),
}
# The same in so few words that all of them fit one line.
WEAKER_IN_SHORT = {
    "no_rules": N_("nobody is known"),
    "withdrawn": N_("new blocks"),
    "announced": N_("newcomers"),
    "elsewhere": N_("single use"),
    "office": N_("remote acts"),
    "clock": N_("hours and ends"),
}
# What a browser may choose of how pages look and sound: codes of `edge.desk.look`.
LOOKS = {
    "theme": N_("Theme"),
    "theme auto": N_("As this device is set"),
    "theme clock": N_("By the clock: dark at night"),
    "theme light": N_("Light"),
    "theme dark": N_("Dark"),
    "plates": N_("Plates"),
    "plates usual": N_("Usual size"),
    "plates big": N_("Big"),
    "spoken": N_("Read plates and alarms out"),
    "spoken on": N_("On"),
    "spoken off": N_("Off"),
}
# What becomes of a pass that is good at several gates, and how another gate is heard over the LAN.
REUSE = {
    "strict": N_(
        "Strict: a pass is counted by its home gate. Another gate asks that one first, and where it does not answer the guard."
    ),
    "lenient": N_(
        "Lenient: each gate goes by what it knows. While it is cut off a pass may be used at two gates; that is found afterwards."
    ),
}
NEIGHBOURS = {"heard": N_("heard"), "silent": N_("silent: what it has seen is not known"), "gone": N_("its connection is lost")}
LISTS = {"rules": N_("rules confirmed"), "deny": N_("deny list confirmed"), "facts": N_("other gates heard")}
WAYS = {"in": N_("coming in"), "out": N_("leaving")}
# What lanes do by rules that nobody has confirmed for too long, with who comes in and with who leaves.
_AS_SET = N_("as the lane is set: let through, or the guard is asked")
THEN = {"refer": N_("the guard is asked"), "deny": N_("denied"), "as_set": _AS_SET}
THEN_LEAVING = {
    "refer": N_("who is on record as inside may leave; for others the guard is asked"),
    "deny": N_("who is on record as inside may leave; others are denied"),
    "as_set": _AS_SET,
}
CATEGORIES = {
    "resident": N_("residents"),
    "tenant": N_("tenants"),
    "family": N_("family"),
    "staff": N_("staff"),
    "company": N_("companies"),
    "contractor": N_("contractors"),
    "visitor": N_("visitors"),
    "vip": N_("VIPs"),
    "emergency": N_("rescue"),
    "officer": N_("officers"),
}

OTHER = "other"
_HEADING_WHYS = (("rush", "R"), ("queue", "Q"), ("works", "W"), ("over", "O"))
# For each act, why a guard does it: the code of `access.reasons` that is recorded, and the letter that chooses it.
WHYS: dict[str, tuple[tuple[str, str], ...]] = {
    "open_once": (("visitor", "V"), ("delivery", "D"), ("emergency", "F"), ("not_read", "N"), ("test", "T")),
    "admit": (("looked", "L"), ("known", "K"), ("visitor", "V"), ("delivery", "D")),
    "unplated": (("no_plate", "P"), ("known", "K"), ("visitor", "V"), ("delivery", "D")),
    "correct": (("misread", "F"),),
    **dict.fromkeys(("nothing_carried", "mark_loading", "decide_again", "undo"), ()),
    "refuse": (("not_registered", "N"), ("no_consent", "C"), ("wrong_gate", "W"), ("left", "L")),
    "passed": (("seen_passing", "S"), ("in_pictures", "V")),
    "open_again": (("still_here", "S"), ("looked", "L")),
    "did_not_come": (("nobody_here", "N"), ("left", "L")),
    "hold_open": (("queue", "Q"), ("event", "V"), ("emergency", "F"), ("test", "T")),
    "convoy": (("group", "G"), ("queue", "Q"), ("emergency", "F")),
    "hold_closed": (("incident", "I"), ("works", "W"), ("closing_hours", "H"), ("test", "T")),
    "out_of_service": (("defect", "D"), ("works", "W"), ("test", "T")),
    "resume": (("over", "O"), ("repaired", "R"), ("seen_clear", "C")),
    **dict.fromkeys(("direct_in", "direct_out", "direct_both"), _HEADING_WHYS),
    "evacuate": (("fire", "F"), ("gas", "G"), ("disaster", "D"), ("ordered", "O"), ("drill", "R")),
    "end_evacuation": (("all_clear", "A"), ("false_alarm", "F"), ("drill_over", "R")),
}
OTHER_WORDS = N_("other, in my words")
WORDS_MISSING = N_("Say in a few words why, then press again.")
REASON_MISSING = N_("Choose a reason.")
SECOND_MISSING = N_("For so long a second person signs too: their badge and PIN.")
SECOND_IS_SAME = N_("The second person must be another than you.")
PLATE_MISSING = N_("Type the plate as you read it.")
CLASS_MISSING = N_("Choose what vehicle it is.")
WRONG_CODE = N_("This is not the code of the envelope, or it was used already.")
NAME_MISSING = N_("Say who you are.")
WRONG_PIN = N_("Badge or PIN is wrong.")
TOO_MANY_TRIES = N_("Too many wrong tries with this badge. Try again in %(seconds)s s. The lanes are not affected.")
NOT_UNDERSTOOD = N_("This was not understood. Go back and try again.")
NO_SUCH_LANE = N_("This gate has no such lane.")
NO_SUCH_PAGE = N_("There is no such page here.")
FOREIGN_FORM = N_("This form is not from this page any more. Go back and reload it.")
OTHERS_FORM = N_("Not done: another guard was signed in when this form was filled in. It waits 15 minutes for them to sign in.")
DONE = N_("done, it is in the journal")
HELD = N_("done; it is written as soon as the disk takes it again")
REFUSED = N_("not done; the gate says: {code}")

REFUSALS = {
    "gate_away": N_("Not done: the gate program does not answer. Nothing will move."),
    "no_answer": N_("No answer came. Look at the lane before you press again."),
    "expired": N_("Not done: the request came too late. Press again."),
    "unknown_lane": N_("Not done: this gate has no such lane."),
    "unknown_act": N_("Not done: the gate does not know this act."),
    "too_late": N_("Not done: this vehicle is not waiting any more."),
    "not_ready": N_("Not done: the lane's inputs are not known, so nothing may move."),
    "held_closed": N_("Not done: the lane is held closed. Set it back to normal first."),
    "out_of_service": N_("Not done: the lane is out of service. Set it back to normal first."),
    "interlocked": N_("Not done: the other side of the interlock is not shut."),
    "second_person_needed": N_("Not done: so long needs the badge and PIN of a second person."),
    "too_long": N_("Not done: that is longer than allowed."),
    "too_often": N_("Not done: it was opened a moment ago. Look at the lane before you press again."),
    "not_reversible": N_("Not done: this lane has one direction."),
    "evacuation_input": N_("Not done: the evacuation input is still on. Reset it first."),
    "nothing_to_resume": N_("Not done: the lane is normal already."),
    "no_plate": N_("Not done: what was typed is no plate."),
    "nothing_read": N_("Not done: there is nothing to ask the rules about."),
    "other_vehicle": N_("Not done: another vehicle stands there by now."),
    "store_failed": N_("Not done: it could not be written down. Use the barrier's own button."),
    "not_written": N_("Not done: the disk takes nothing now. Press again later."),
    "no_such_alarm": N_("Not done: this alarm is over."),
    "changed_meanwhile": N_("Not done: somebody else has changed this meanwhile. Look at it again."),
}


def marked() -> set[str]:
    """Return every text that this module marks for translation."""
    plain = [PLAIN, STATES, ARMS, DOORS, DOOR_STATES, OPEN_BECAUSE, ILLS, DIRECTIONS, COLOURS, ACTS, REFUSALS]
    plain += [DOOR_ACTS, DEVICE_WHYS]
    offline = [COUNTERS, REJECTS, WEAKER, WEAKER_IN_SHORT, LOOKS, REUSE, NEIGHBOURS, LISTS, WAYS, THEN, THEN_LEAVING, CATEGORIES]
    texts = {text for table in (*plain, *offline) for text in table.values()}
    texts |= {
        OTHER_WORDS,
        WORDS_MISSING,
        REASON_MISSING,
        SECOND_MISSING,
        SECOND_IS_SAME,
        WRONG_CODE,
        NAME_MISSING,
        WRONG_PIN,
        TOO_MANY_TRIES,
    }
    texts |= {
        NOT_UNDERSTOOD,
        NO_SUCH_PAGE,
        NO_SUCH_LANE,
        FOREIGN_FORM,
        OTHERS_FORM,
        DONE,
        REFUSED,
        HELD,
        PLATE_MISSING,
        CLASS_MISSING,
    }
    return texts | {words for _, words in [*OUTCOMES.values(), *LOOPS.values(), *MODES.values()]}


def state(code: str, *, is_door: bool) -> str:
    """Return the words (not translated) of a lane's state, as they fit an arm or a door."""
    return (DOOR_STATES if is_door else {}).get(code) or STATES.get(code, code)


def act(name: str, *, is_door: bool) -> str:
    """Return the words (not translated) of an act, as they fit an arm or a door."""
    return (DOOR_ACTS if is_door else {}).get(name) or ACTS[name]


def device_why(why: str) -> tuple[str, str]:
    """Return the words (not translated) of why a device is not well, and what it says besides; of what is not known all of it."""
    known = next((start for start in DEVICE_WHYS if why.startswith(start)), "")
    return DEVICE_WHYS.get(known, ""), why.removeprefix(known).strip(" :")


@cache
def catalogue(language: str) -> gettext.GNUTranslations:
    """Return the compiled catalogue of a language: its files, one for each place of the booth, together."""
    together = Catalog(locale=language, domain="booth")
    for path in sorted((LOCALES / language / "LC_MESSAGES").glob("*.po")):
        with path.open("rb") as file:
            for message in read_po(file, locale=language):
                if message.id:
                    together.add(message.id, message.string)
    compiled = io.BytesIO()
    write_mo(compiled, together)
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)


def chosen(cookie: str | None) -> str:
    """Return the language that a cookie asks for, if we speak it."""
    return cookie if cookie in LANGUAGES else DEFAULT_LANGUAGE
