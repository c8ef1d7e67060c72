"""The office's words: gettext catalogues read from .po files at start, and the words of every code that is shown."""

import gettext
import io
from functools import cache
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from access.words import LANGUAGES

DEFAULT_LANGUAGE = LANGUAGES[0]
SOURCE_LANGUAGE = "en"
LOCALES = Path(__file__).parent / "locales"


def N_(text: str) -> str:  # noqa: N802 - the name that extractors of messages know
    """Mark a text for translation where it stands; it is translated where it is shown."""
    return text


OUTCOMES = {
    "grant": ("✓", N_("granted")),
    "deny": ("✕", N_("denied")),
    "refer": ("?", N_("asked the guard")),
    "guard": ("◆", N_("by the guard")),
    "lane": ("▬", N_("lane set")),
    "observation": ("○", N_("observed")),
}
MATCHES = {
    "part": N_("has this part"),
    "whole": N_("is exactly"),
    "prefix": N_("begins with"),
    "suffix": N_("ends with"),
}
MEDIA = {"plate": N_("plate"), "card": N_("card"), "code": N_("code"), "guard": N_("guard"), "office": N_("office")}
REASONS = {
    "access_ok": N_("may pass"),
    "lane_held_open": N_("lane held open"),
    "guard_opened": N_("opened by the guard"),
    "office_opened": N_("opened by the office"),
    "guard_admitted": N_("let in by the guard"),
    "lane_held_closed": N_("lane held closed"),
    "lane_out_of_service": N_("lane out of service"),
    "blocked": N_("on the block list"),
    "inactive": N_("not active"),
    "not_yet_valid": N_("not valid yet"),
    "expired": N_("expired"),
    "no_access_here": N_("no access to this lane"),
    "no_access_leaving": N_("no exit is theirs any more"),
    "outside_schedule": N_("outside the hours"),
    "unknown": N_("not known"),
    "guard_refused": N_("turned away by the guard"),
    "unknown_refer": N_("not known: guard asked"),
    "similar": N_("similar, not equal"),
    "near_blocked": N_("similar to a blocked plate"),
    "doubtful": N_("not read surely"),
    "shared": N_("fits several holders"),
    "no_holder": N_("no holder on record"),
    "no_rules": N_("gate had no rules"),
    "unread": N_("not read"),
    "store_failed": N_("could not be written down"),
    "tailgating": N_("tailgating"),
    "loop_without_grant": N_("passed without grant"),
    "opened_by_others": N_("opened by other means"),
    "door_forced": N_("door forced"),
    "arm_up_at_start": N_("arm up at start"),
    "wrong_way": N_("wrong way"),
    "gate_crash": N_("gate crash"),
    "sensor_well": N_("sensor well again"),
    "obstructed": N_("obstructed"),
    "button_pressed": N_("opened by a button"),
    "button_ignored": N_("button not obeyed"),
    "evacuation": N_("evacuation"),
    "emergency_ok": N_("emergency vehicle"),
    "emergency_refer": N_("emergency vehicle: guard asked"),
    "officer_ok": N_("law-enforcement officer"),
    "officer_refer": N_("law-enforcement officer: guard asked"),
    "inactive_leaving": N_("not active, leaves"),
    "class_not_here": N_("vehicle class not for this lane"),
    "class_differs": N_("another vehicle class than registered"),
    "quota_full_refer": N_("no parking space left: guard asked"),
    "quota_full": N_("no parking space left"),
    "quota_wait": N_("waits for a parking space"),
    "zone_full_refer": N_("area full: guard asked"),
    "zone_full": N_("area full"),
    "passed_back": N_("inside already: anti-passback"),
    "inside_already": N_("inside already: clone or missed exit?"),
    "may_have_left": N_("inside already, or left unnamed"),
    "exit_without_entry": N_("leaves without having come in"),
    "exit_from_elsewhere": N_("leaves from another zone than on record"),
    "visit_ok": N_("visitor"),
    "visit_announced": N_("visit not approved yet"),
    "visit_refused": N_("visit refused or cancelled"),
    "visit_elsewhere": N_("visit for another lane"),
    "visit_not_yet": N_("visit not begun"),
    "visit_over": N_("visit over"),
    "visit_used_up": N_("visit used up"),
    "party_full": N_("whole party is in"),
    "pass_ok": N_("contractor with pass"),
    "permit_not_in_force": N_("permit not in force"),
    "permit_violation": N_("permit with a violation"),
    "permit_full": N_("as many workers in as may be"),
    "pass_inactive": N_("contractor pass not active"),
    "pass_not_yet": N_("contractor pass not valid yet"),
    "pass_expired": N_("contractor pass expired"),
    "pass_elsewhere": N_("contractor pass for another lane"),
    "pass_hours": N_("outside the working hours"),
    "pass_unit": N_("pass for a unit outside the permit"),
    "pass_double": N_("more than one pass"),
    "pass_inside": N_("duplicate at a post already"),
    "pass_outside": N_("no duplicate at a post"),
    "goods_check": N_("goods to be checked"),
    "goods_slip": N_("release slip to be checked"),
    "goods_slip_early": N_("release slip not valid yet"),
    "factor_awaited": N_("second credential needed"),
    "factors_differ": N_("credentials of different holders"),
    "first_person_missing": N_("first person not in yet"),
    "person_awaited": N_("second person needed"),
    "escort_awaited": N_("escort needed"),
    "list_old_refer": N_("rules out of date: guard asked"),
    "list_old": N_("rules out of date"),
    "similar_no_holder": N_("similar to one without holder"),
    "guest_leaving": N_("unregistered, leaves"),
    "inexact_ok": N_("let out by a look-alike plate"),
    "exit_button": N_("by the exit button"),
    "push_button": N_("by the push button"),
    "remote_control": N_("by remote control"),
    "lane_other_way": N_("lane goes the other way"),
    "not_confirmed": N_("granted, not confirmed: guard asked"),
}
RULES = {
    "evacuation": N_("evacuation?"),
    "lane_mode": N_("lane mode"),
    "block_list": N_("block list"),
    "emergency": N_("emergency vehicle or officer?"),
    "credential": N_("credential in force?"),
    "access_level": N_("access level, hours"),
    "vehicle_class": N_("vehicle class"),
    "quota": N_("room?"),
    "anti_passback": N_("anti-passback"),
    "visit": N_("visit"),
    "contractor_pass": N_("contractor pass"),
    "goods": N_("goods"),
    "two_factor": N_("second credential"),
    "two_person": N_("second person, escort"),
    "list_age": N_("age of the rules"),
    "unknown": N_("known here?"),
}
# What a rule saw, by name; and the values among it that are codes of ours.
FACTS = {
    "mode": N_("mode"),
    "blocked": N_("blocked"),
    "near": N_("similar to"),
    "exact": N_("exact matches"),
    "similar": N_("similar ones"),
    "confidence": N_("confidence"),
    "status": N_("status"),
    "category": N_("category"),
    "from": N_("from"),
    "until": N_("until"),
    "holders": N_("holders"),
    "levels": N_("access levels"),
    "here": N_("for this lane"),
    "now": N_("at this hour"),
    "evacuation": N_("evacuation"),
    "list_is_old": N_("rules out of date"),
    "plate_kind": N_("kind of plate"),
    "usable": N_("in force"),
    "vehicle_class": N_("registered as"),
    "seen_class": N_("seen as"),
    "inside": N_("inside"),
    "spaces": N_("parking spaces"),
    "zone_inside": N_("vehicles in the area"),
    "capacity": N_("capacity"),
    "anti_passback": N_("anti-passback"),
    "visit_category": N_("kind of visit"),
    "visits": N_("visits"),
    "pass": N_("pass number"),
    "permit": N_("permit number"),
    "duplicate_held": N_("duplicate at a post"),
    "cause": N_("cause"),
    "slip": N_("release slip"),
    "cleared": N_("goods cleared"),
    "factors": N_("credentials asked for"),
    "missing": N_("still missing"),
    "agree": N_("of one holder or unit"),
    "first_person": N_("first person in"),
    "others": N_("others beside"),
    "guests": N_("guests who wait for an escort"),
    "list_hours": N_("hours since the rules were confirmed"),
    "list_hours_max": N_("hours allowed"),
}
VALUES = {
    "normal": N_("normal"),
    "held_open": N_("held open"),
    "held_closed": N_("held closed"),
    "out_of_service": N_("out of service"),
    "active": N_("active"),
    "frozen": N_("frozen"),
    "lost": N_("lost"),
    "revoked": N_("revoked"),
    "expired": N_("expired"),
    "returned": N_("returned"),
    "resident": N_("resident"),
    "tenant": N_("tenant"),
    "family": N_("family"),
    "staff": N_("staff"),
    "company": N_("company"),
    "contractor": N_("contractor"),
    "visitor": N_("visitor"),
    "vip": N_("VIP"),
    "True": N_("yes"),
    "False": N_("no"),
    "confiscated": N_("confiscated"),
    "emergency": N_("emergency"),
    "police": N_("police"),
    "armed-police": N_("armed police"),
    "officer": N_("officer"),
    "car": N_("car"),
    "large": N_("large vehicle"),
    "motorcycle": N_("motorcycle"),
    "tricycle": N_("tricycle"),
    "bicycle": N_("bicycle or e-bike"),
    "soft": N_("soft"),
    "hard": N_("hard"),
    "timed": N_("timed"),
    "none": N_("none"),
    "loading": N_("loading"),
    "mover": N_("movers"),
    "important": N_("important guest"),
    "ordinary": N_("ordinary guest"),
    "service": N_("service"),
    "plate": N_("plate"),
    "card": N_("card"),
    "code": N_("code"),
    "plate+card": N_("plate and card"),
    "plate+code": N_("plate and code"),
    "card+code": N_("card and code"),
}
ACTS = {"open": N_("open"), "close": N_("close")}
LIKENESSES = {
    "province": N_("only the province differs"),
    "one": N_("one character differs"),
    "several": N_("several characters differ"),
    "missing": N_("one end was not read"),
    "extra": N_("one character too many was read"),
    "same": N_("the same plate, doubtfully read"),
}
STEPS = {
    "seen": N_("seen"),
    "compared": N_("compared"),
    "rules": N_("rules"),
    "decided": N_("decided"),
    "written": N_("written"),
    "arm": N_("arm"),
    "passed": N_("passage"),
    "guard": N_("guard"),
    "office": N_("office"),
    "picture": N_("picture"),
    "observed": N_("observed"),
    "lane": N_("lane"),
    "alarm": N_("alarm"),
    "other": N_("also"),
}
CLOCKS = {"trusted": N_("trusted"), "drifting": N_("drifting"), "floor": N_("only a floor")}


@cache
def catalogue(language: str) -> gettext.NullTranslations:
    """Return the compiled catalogue of a language; the texts themselves are English."""
    if language == SOURCE_LANGUAGE:
        return gettext.NullTranslations()
    with (LOCALES / language / "LC_MESSAGES" / "office.po").open("rb") as file:
        messages = read_po(file, locale=language, domain="office")
    compiled = io.BytesIO()
    write_mo(compiled, messages)
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)


def chosen(cookie: str | None) -> str:
    """Return the language that a cookie asks for, if we speak it."""
    return cookie if cookie in LANGUAGES else DEFAULT_LANGUAGE
