"""From an entry to the columns that the log is searched by; pure."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from access.entries import EntryError
from access.plate import kind_of, normalise
from access.sealing import Opened

TEXT_LENGTH_MAX = 200
AT_US_MAX = 253_402_300_799_000_000
CARD_LOW_DIGITS = 8
_EMPTY: Mapping[str, Any] = dict.fromkeys(
    ("outcome", "reason", "medium", "device", "category", "plate", "plate_reversed", "card", "card_low", "person_id")
)


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
    return columns | _credential(columns["medium"], _field(fields, "text"))


def _credential(medium: str, text: str) -> dict[str, Any]:
    """Keep a plate readable from both ends, a card (hex) by its low four bytes too: that is what is printed on it."""
    plate = normalise(text)
    # What a guard let in was presented before: only its form tells a plate from a card.
    if plate and (medium == "plate" or (medium == "guard" and kind_of(plate))):
        return {"plate": plate, "plate_reversed": plate[::-1]}
    if medium == "card" and text:
        return {"card": text.upper(), "card_low": text.upper()[-CARD_LOW_DIGITS:]}
    return {}


def _because(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {"reason": _field(fields, "reason")}


def _observation(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {"reason": _field(fields, "what"), "device": _field(fields, "device")}


_BY_KIND = {"decision": _decision, "guard": _because, "lane": _because, "observation": _observation}
WITH_COLUMNS = frozenset(_BY_KIND)


def _field(fields: Mapping[str, Any], name: str) -> str:
    return _text(fields.get(name, ""), name)


def _text(value: object, name: str) -> str:
    """Return a text that both databases can hold."""
    if not isinstance(value, str) or len(value) > TEXT_LENGTH_MAX or "\x00" in value:
        raise EntryError(f"its {name} is no text of at most {TEXT_LENGTH_MAX} characters")
    return value


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError as error:
        raise EntryError("its person is no id") from error
