"""What a signed pass says, as a guard reads it: in one line, in Chinese and in English; never its text, never more of a name."""

from collections.abc import Callable, Mapping
from typing import Any

from access.case import LAST_SHOWN
from access.codes import SLIP, is_alone
from access.on_record import Credential
from access.passes import Shown
from access.presence import Presence
from access.words import CODES, Words, in_words, worded

_LAST_UTC = int(LAST_SHOWN.timestamp())
PARTS: Words = {"O": ("正证", "original"), "D": ("副证", "duplicate")}
_SAID: Words = {
    "window": ("{since} 至 {until}", "{since} to {until}"),
    "all_gates": ("所有大门", "all gates"),
    "this_gate": ("限 {gates} 个大门，本门在内", "{gates} gates, this one among them"),
    "other_gates": ("限其他大门", "other gates only"),
    "uses": ("已用 {used}/{uses} 次", "used {used} of {uses} times"),
    "turns": ("动态码", "turns every half minute"),
    "alone": ("本机仅凭此码得知", "known only by its code"),
}


def told_of_code(code: Shown | None, credential: Credential | None, gate: bytes, presence: Presence) -> Mapping[str, Any]:
    """Return what is told of a code that was shown at a gate (`gate_tag`); nothing where it says nothing."""
    says = code.says if code else None
    if says is None:
        return {}
    used = presence.facts.get(f"uses:{says.id}", 0)
    gates = "all_gates" if not says.gates else "this_gate" if gate in says.gates else "other_gates"
    return {
        "kind": says.kind,
        "part": says.part,
        "number": says.number,
        "since_utc": min(says.valid_from, _LAST_UTC),
        "until_utc": min(says.valid_until, _LAST_UTC),
        "where": gates,
        "gates": len(says.gates),
        "uses": 0 if says.kind == SLIP else says.uses * says.party,
        "used": max(0, used) if isinstance(used, int) else 0,
        "turns": says.turns,
        "alone": is_alone(credential, code),
    }


def code_in_words(told: Mapping[str, Any], language: str, clock: Callable[[float], str]) -> str:
    """Return what was told of a code in one line; `clock` says a time (UTC seconds) as the page does."""
    if not told:
        return ""
    values = {**told, "since": clock(told["since_utc"]), "until": clock(told["until_utc"])}
    kind = " ".join(filter(None, (worded(CODES, told["kind"], language), told["number"])))
    said = ("window", told["where"], *(name for name in ("uses", "turns", "alone") if told[name]))
    sentences = (in_words(_SAID, name, values, language) for name in said)
    return " · ".join(filter(None, (kind, worded(PARTS, told["part"], language), *sentences)))
