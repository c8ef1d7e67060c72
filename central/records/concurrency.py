"""Two who change one record at once: the second is shown the difference and loses nothing, but nobody is overwritten unseen."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from central.audit.repository import above
from central.errors import RegistryError
from central.registry import Work

CHANGES_MAX = 20
_ABSENT = object()


def check_seen(
    work: Work,
    kind: str,
    record_id: UUID,
    current: Mapping[str, Any],
    seen: int | None,
    wanted: Mapping[str, Any] | None = None,
) -> None:
    """Raise RegistryError 409 unless the record is still of the version that was `seen` (None: any).

    The reply holds the record as it is now, what is wanted otherwise, field by field, and who changed what meanwhile.
    """
    if seen is None or seen == current["version"]:
        return
    facts = {
        "current": current,
        "difference": _difference(current, wanted or {}),
        "changes": [
            {"by": entry.by_name, "at_us": entry.at_us, "act": entry.act, "fields": sorted(entry.after or {})}
            for entry in above(work, kind, record_id, seen, CHANGES_MAX)
        ],
    }
    raise RegistryError("somebody has changed this meanwhile: look at the difference and send it again", 409, "If-Match", facts)


def _difference(current: Mapping[str, Any], wanted: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the fields that would be otherwise; a reference is called `person` when it is set and `person_id` when shown."""
    stand = {name: current.get(name, current.get(f"{name}_id", _ABSENT)) for name in wanted}
    return [
        {"field": name, "yours": wanted[name], "current": stand[name]}
        for name in wanted
        if stand[name] is not _ABSENT and stand[name] != wanted[name]
    ]
