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
    "observation": ("○", N_("observed")),
}
MATCHES = {
    "part": N_("has this part"),
    "whole": N_("is exactly"),
    "prefix": N_("begins with"),
    "suffix": N_("ends with"),
}
MEDIA = {"plate": N_("plate"), "card": N_("card"), "code": N_("code"), "guard": N_("guard")}
REASONS = {
    "access_ok": N_("may pass"),
    "lane_held_open": N_("lane held open"),
    "guard_opened": N_("opened by the guard"),
    "guard_admitted": N_("let in by the guard"),
    "lane_held_closed": N_("lane held closed"),
    "lane_out_of_service": N_("lane out of service"),
    "blocked": N_("on the block list"),
    "inactive": N_("not active"),
    "not_yet_valid": N_("not valid yet"),
    "expired": N_("expired"),
    "no_access_here": N_("no access to this lane"),
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
}
RULES = {
    "lane_mode": N_("lane mode"),
    "block_list": N_("block list"),
    "unknown": N_("known here?"),
    "reading": N_("reading sure?"),
    "credential": N_("credential in force?"),
    "access_level": N_("access level, hours"),
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
}
ACTS = {"open": N_("open")}
LIKENESSES = {
    "province": N_("only the province differs"),
    "one": N_("one character differs"),
    "several": N_("several characters differ"),
}
RESULTS = {
    "passed": N_("passed"),
    "no_show": N_("did not pass"),
    "denied": N_("turned away"),
    "unanswered": N_("nobody answered"),
    "reversed": N_("reversed out"),
    "not_opened": N_("was not opened"),
    "interrupted": N_("interrupted by a restart"),
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
    "picture": N_("picture"),
    "observed": N_("observed"),
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
