"""Journal entries as a role sees them: masked where they are unsealed, and so are all sentences made of them. Pure."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from access.sealing import Opened
from central.masking.kinds import Kind, Personal, Sight
from central.masking.names import masked_facts, seen

# The personal fields of entries, each by its own name; in all others stands nothing personal (see `access.entries.personal`).
FIELDS: Final[Mapping[str, Kind]] = {
    "raw": "credential",
    "text": "credential",
    "holder": "name",
    "unit": "address",
    "plate": "plate",
    "plates": "plate",
    "guard_name": "staff",
    "issuer_name": "staff",
    "words": "report",
}
TABLES: Final = frozenset({"values", "steps", "candidates", "earlier", "details"})


def opened_for(entry: Opened, sight: Sight) -> Opened:
    """Return an entry as this role sees it."""
    if sight.is_whole:
        return entry
    return replace(entry, fields={name: _seen(name, value, sight) for name, value in entry.fields.items()})


def _seen(name: str, value: Any, sight: Sight) -> Any:
    if name in FIELDS:
        return seen(value, sight, Personal(FIELDS[name]))
    return masked_facts(value, sight) if name in TABLES else value
