"""The handover sheet: what the registry knows of a post, to be looked at by guard and relief."""

from typing import Final

from access.workflows.shift import SHEET, SheetItem, Shift
from central.duty import repository
from central.duty.posts import gate_of
from central.places.settings import settings_of
from central.registry import Work
from central.tables import Site

NOTE: Final = "note"
IN_ORDER: Final = "ok"
EXPECTED_MAX: Final = 500


def sheet(work: Work, site: Site, shift: Shift) -> tuple[SheetItem, ...]:
    """Return the items of the sheet with what is expected of each (empty: nothing is known), the site's equipment last."""
    expected = {**_counted(work, site, shift), **_reported(work, site, shift)}
    equipment = settings_of(work.session, site.id).equipment
    expected["equipment"] = str(len(equipment))
    items = [SheetItem(code, expected.get(code, "")) for code in SHEET]
    return (*items, *(SheetItem(f"equipment.{each.code}", IN_ORDER) for each in equipment))


def _counted(work: Work, site: Site, shift: Shift) -> dict[str, str]:
    """Return what the registry counts; of refers at the booth it knows nothing."""
    session = work.session
    counts = {
        "incidents": repository.of_states(session, site.id, "incident", ("open",)),
        "duplicates": repository.with_key(session, site.id, "contractor_pass", "post", shift.post),
        "visitor_cards": repository.with_key(session, site.id, "visit", "card"),
        "slips": repository.with_key(session, site.id, "release_slip", "outstanding", str(True)),
        "notes": repository.entries_of(session, site.id, shift.post, NOTE, shift.begins or work.at),
    }
    return {code: str(count) for code, count in counts.items()}


def _reported(work: Work, site: Site, shift: Shift) -> dict[str, str]:
    """Return what the edges of the post's gate said last: devices that are down, entries that wait."""
    healths = repository.healths(work.session, site.id, gate_of(work.session, site.id, shift.post))
    if not healths:
        return {}
    down = sorted({device for health in healths for device in health.devices_down})
    waiting = sum(health.waiting for health in healths)
    return {"devices": ", ".join(down)[:EXPECTED_MAX] or IN_ORDER, "unsynced": str(waiting)}
