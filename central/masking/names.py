"""Of what kind a value in a table of facts is, by its field's name: in the audit, in events, in journal entries. Pure."""

from collections.abc import Mapping
from typing import Any, Final

from central.masking.kinds import Kind, Personal, Sight
from central.masking.masks import mask, nothing

NAMED: Final[Mapping[str, Kind]] = {
    "name": "name",
    "holder": "name",
    "holders": "name",
    "host_name": "name",
    "host": "address",
    "host_unit": "address",
    "owner": "name",
    "applicant": "name",
    "responsible": "name",
    "person": "name",
    "carrier": "name",
    "to": "name",
    "visitor": "name",
    "interviewer": "name",
    "guard_name": "staff",
    "issuer_name": "staff",
    "answered_by": "name",
    "agreed_by": "name",
    "told": "staff",
    "namesake": "name",
    "phone": "phone",
    "phone_tail": "tail",
    "phone_end": "tail",
    "id_tail": "id",
    "id_number": "id",
    "staff_number": "id",
    "plate": "plate",
    "plates": "plate",
    "near": "plate",
    "similar": "plate",
    "exact": "plate",
    "frame_number": "plate",
    "permit_number": "plate",
    "text": "report",
    "raw": "card",
    "printed": "card",
    "tail": "card",
    "lent": "card",
    "card": "card",
    "shown": "credential",
    "subject": "credential",
    "bound_to": "credential",
    "unit": "address",
    "units": "address",
    "home": "address",
    "label": "address",
    "photo": "photo",
    "picture": "photo",
    "remark": "note",
    "vip_note": "note",
    "deposit": "note",
    "fees": "note",
    "purpose": "note",
    "works": "note",
    "source": "note",
    "waits_where": "note",
    "words": "note",
    "why": "report",
    "reason": "report",
    "violations": "note",
    "violation": "note",
    "document": "note",
    "company": "note",
    "review": "report",
    "place": "report",
    "word": "report",
    "reference": "note",
    "licence_number": "id",
    "qualification_number": "id",
    "file_name": "note",
    "position": "note",
    "who": "name",
    "from": "report",
    "candidates": "plate",
    "earlier": "report",
    "steps": "report",
}
# These are of nobody, whatever the record is.
PLAIN: Final = frozenset({"id", "role", "site", "gate", "lane", "state", "status", "kind", "code", "version"})
# Of records of one kind what is otherwise.
OF_KIND: Final[Mapping[str, Mapping[str, Kind]]] = {"documents": {"number": "id"}}
# Records of these kinds are of places and rules, and their fields of nobody.
OF_NOBODY: Final = frozenset(
    {
        "sites",
        "gates",
        "lanes",
        "buildings",
        "units",
        "zones",
        "posts",
        "schedules",
        "levels",
        "special_days",
        "patrol_points",
        "patrol_routes",
        "notices",
    }
)


def masked_facts(facts: Any, sight: Sight, kind: str = "") -> Any:
    """Return facts, of a record of this kind, as this role sees them: by each one's name, in whatever depth it stands.

    What has no name that is known keeps its form, but that what looks like a number of somebody is masked in all texts.
    """
    if sight.is_whole or kind in OF_NOBODY:
        return facts
    return _seen(facts, sight, {**NAMED, **OF_KIND.get(kind, {})}, None)


def _seen(value: Any, sight: Sight, named: Mapping[str, Kind], kind: Kind | None) -> Any:
    if isinstance(value, Mapping):
        # A difference in words: the name of the field stands beside its two values.
        field = str(value.get("field", ""))
        if field in PLAIN or value.get("kind") in OF_NOBODY:
            return value
        of = named.get(field, kind)
        return {
            key: each if key == "field" or key in PLAIN else _seen(each, sight, named, named.get(str(key), of))
            for key, each in value.items()
        }
    if isinstance(value, list | tuple):
        return [_seen(each, sight, named, kind) for each in value]
    if isinstance(value, str | bytes):
        return seen(value, sight, Personal(kind or "report"))
    return value


def seen(value: Any, sight: Sight, mark: Personal) -> Any:
    """Return a value that is so marked as this role sees it."""
    level = sight.level(mark)
    if level == "full":
        return value
    return nothing(value) if level == "none" else mask(mark.kind, value)
