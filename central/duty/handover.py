"""The handover sheet: what the registry knows of a post, to be looked at by guard and relief."""

from typing import Final

from access.workflows.shift import SHEET, SheetItem, Shift
from central.duty import repository
from central.duty.posts import Standing, standing
from central.duty.repository import count, has, lacks_other
from central.places.settings import settings_of
from central.registry import Work
from central.tables import Site

NOTE: Final = "note"
IN_ORDER: Final = "ok"
EXPECTED_MAX: Final = 500


def sheet(work: Work, site: Site, shift: Shift) -> tuple[SheetItem, ...]:
    """Return the items of the sheet with what is expected of each (empty: nothing is known), the site's equipment last."""
    here = standing(work.session, site.id, shift)
    expected = {**_counted(work, site, shift, here), **_of_gate(work, site, here), **_reported(work, site, here)}
    equipment = settings_of(work.session, site.id).equipment
    expected["equipment"] = str(len(equipment))
    items = [SheetItem(code, expected.get(code, "")) for code in SHEET]
    return (*items, *(SheetItem(f"equipment.{each.code}", IN_ORDER) for each in equipment))


def _counted(work: Work, site: Site, shift: Shift, here: Standing) -> dict[str, str]:
    """Return what the registry counts by the post; of refers at the booth it knows nothing."""
    session = work.session
    counts = {
        "duplicates": count(session, site.id, "contractor_pass", has("post", here.names)),
        "notes": repository.entries_of(session, site.id, here.names, NOTE, shift.begins or work.at),
    }
    return {code: str(number) for code, number in counts.items()}


def _of_gate(work: Work, site: Site, here: Standing) -> dict[str, str]:
    """Return what it counts by the gate, and of the site's only gate by the site.

    Incidents that name no gate concern all. Where there are several gates, no visitor card says from which one it was lent, and
    of keys only those are the post's that hang there.
    """
    session, is_open = work.session, repository.of_state("open")
    is_out, is_lent = has("outstanding", {str(True)}), repository.of_state("lent")
    if here.is_alone:
        counts = {
            "incidents": count(session, site.id, "incident", is_open),
            "visitor_cards": repository.with_key(session, site.id, "visit", "card"),
            "slips": count(session, site.id, "release_slip", is_out),
            "keys": count(session, site.id, "office_key", is_lent),
        }
    else:
        gate_id, slug = (str(here.gate.id), here.gate.slug) if here.gate else ("", "")
        hang_here = has("place", here.names)
        counts = {"incidents": count(session, site.id, "incident", is_open, lacks_other("gate", gate_id))}
        if here.gate:
            counts["slips"] = count(session, site.id, "release_slip", is_out, has("gate", {slug}))
        if count(session, site.id, "office_key", hang_here):
            counts["keys"] = count(session, site.id, "office_key", is_lent, hang_here)
    return {code: str(number) for code, number in counts.items()}


def _reported(work: Work, site: Site, here: Standing) -> dict[str, str]:
    """Return what the edges of the post's gate said last: devices that are down, entries that wait."""
    gate_id = here.gate.id if here.gate else None
    healths = repository.healths(work.session, site.id, gate_id) if gate_id or here.is_alone else []
    if not healths:
        return {}
    down = sorted({device for health in healths for device in health.devices_down})
    waiting = sum(health.waiting for health in healths)
    return {"devices": ", ".join(down)[:EXPECTED_MAX] or IN_ORDER, "unsynced": str(waiting)}
