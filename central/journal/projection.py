"""From an entry to the columns that the log is searched by; pure."""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from access.entries import EntryError
from access.plate import kind_of, normalise
from access.sealing import Opened
from central.journal.forms import OWN

TEXT_LENGTH_MAX = 200
AT_US_MAX = 253_402_300_799_000_000
CARD_LOW_DIGITS = 8
# Facts of the presence that are named by a visit's or a pass's id.
_OF_RECORDS = frozenset({"uses", "party", "held"})
_EMPTY: Mapping[str, Any] = dict.fromkeys(OWN[OWN.index("outcome") :])


def project(opened: Opened) -> dict[str, Any]:
    """Return the columns of an entry but for its place; raises EntryError for what fits none."""
    if not 0 <= opened.stamp.utc_us <= AT_US_MAX:
        raise EntryError(f"its time {opened.stamp.utc_us} is none")
    return {
        **_EMPTY,
        "id": opened.id,
        "kind": _text(opened.kind, "kind"),
        "at_us": opened.stamp.utc_us,
        "passage": _text(opened.passage, "passage") or None,
        **columns_of(opened.kind, opened.fields),
    }


def columns_of(kind: str, fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return the columns that only this kind has; raises EntryError for what fits none."""
    return _BY_KIND[kind](fields) if kind in _BY_KIND else {}


def _decision(fields: Mapping[str, Any]) -> dict[str, Any]:
    columns: dict[str, Any] = {name: _field(fields, name) for name in ("outcome", "reason", "medium", "device", "category")}
    columns["person_id"] = _uuid(_field(fields, "person"))
    columns["record_id"] = _record(fields)
    columns["capture"] = _if_text(fields, "capture")
    return columns | _credential(columns["medium"], _field(fields, "text"))


def _credential(medium: str, text: str) -> dict[str, Any]:
    """Keep a plate readable from both ends, a card (hex) by its low four bytes too: that is what is printed on it."""
    plate = normalise(text)
    # What a guard let in was presented before: only its form tells a plate from a card.
    if plate and (medium == "plate" or (medium == "guard" and kind_of(plate))):
        return {"plate": plate}
    if medium == "card" and text:
        return {"card": text.upper(), "card_low": text.upper()[-CARD_LOW_DIGITS:]}
    return {}


def _record(fields: Mapping[str, Any]) -> UUID | None:
    """Return the visit or pass that a decision is about: the first that it read or changed facts of."""
    changed = (fact[1] for fact in _list(fields, "facts") if isinstance(fact, list | tuple) and len(fact) > 1)
    read = fields.get("presence")
    for name in (*changed, *(read if isinstance(read, Mapping) else ())):
        family, _, identity = str(name).partition(":")
        if family in _OF_RECORDS and (found := as_id(identity)):
            return found
    return None


def _if_text(fields: Mapping[str, Any], name: str) -> str | None:
    """Return a text that an entry need not have, None for anything else: for that alone no entry is parked."""
    value = fields.get(name)
    return value if isinstance(value, str) and value and len(value) <= TEXT_LENGTH_MAX and "\x00" not in value else None


def _list(fields: Mapping[str, Any], name: str) -> Iterable[Any]:
    value = fields.get(name)
    return value if isinstance(value, list | tuple) else ()


def _because(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {"reason": _field(fields, "reason")}


def _by_guard(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {"reason": _field(fields, "reason"), "guard": _if_text(fields, "guard")}


def _acted(fields: Mapping[str, Any]) -> dict[str, Any]:
    about = {"record_id": as_id(_if_text(fields, "identity") or ""), "capture": _if_text(fields, "capture")}
    return {"reason": _if_text(fields, "act"), "guard": _if_text(fields, "guard")} | about


def _observation(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {"reason": _field(fields, "what"), "device": _field(fields, "device")}


_BY_KIND = {
    "decision": _decision,
    "guard": _by_guard,
    "lane": _because,
    "observation": _observation,
    **dict.fromkeys(("pass", "slip", "visit", "vehicle"), _acted),
}
WITH_COLUMNS = frozenset(_BY_KIND)


def _field(fields: Mapping[str, Any], name: str) -> str:
    return _text(fields.get(name, ""), name)


def _text(value: object, name: str) -> str:
    """Return a text that both databases can hold."""
    if not isinstance(value, str) or len(value) > TEXT_LENGTH_MAX or "\x00" in value:
        raise EntryError(f"its {name} is no text of at most {TEXT_LENGTH_MAX} characters")
    return value


def as_id(text: str) -> UUID | None:
    """Return the id that a text is, None where it is none."""
    try:
        return UUID(text)
    except ValueError:
        return None


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError as error:
        raise EntryError("its person is no id") from error
