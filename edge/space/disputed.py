"""Which passages people may ask about later: their pictures are kept longest and sent first. Pure."""

from collections.abc import Iterable

from access.sealing import Opened


def is_disputed(entries: Iterable[Opened]) -> bool:
    """Tell whether a guard had to decide or did something, somebody was turned away, or there was an alarm."""
    return any(
        entry.kind in ("alarm", "guard") or (entry.kind == "decision" and entry.fields.get("outcome") != "grant")
        for entry in entries
    )
