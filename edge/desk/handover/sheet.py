"""The sheet of a handover, made by the system: what it expects of each item, so that what differs needs a word. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from access.acts import SlipActed, VisitActed
from access.contract.booth_records import SettingsAtBooth, SlipAtBooth
from access.contract.records import PeerRecord
from access.workflows.shift import SHEET, SheetItem
from edge.desk.book import Pages
from edge.desk.duty import incidents, log
from edge.desk.passes.standing import Board
from edge.desk.situation import Situation
from edge.desk.visitors import standing as visits

IN_ORDER = "ok"
EQUIPMENT = "equipment."
# What moves while the sheet is looked at: compared with what the system knows at that moment.
LIVE = frozenset({"refers", "incidents", "duplicates", "visitor_cards", "slips", "notes", "devices", "unsynced"})
# What is counted; the others are in order or not, or the guard writes what is there.
COUNTED = frozenset({*LIVE - {"devices"}, "keys"})
EXPECTED_MAX = 500


@dataclass(frozen=True, slots=True)
class Here:
    """What the sheet is made of: the gate as it is now, the board of duplicates (with the book), since when the shift lasts."""

    situation: Situation
    board: Board
    since: datetime

    @property
    def pages(self) -> Pages:
        """The book."""
        return self.board.pages


def items(here: Here) -> tuple[SheetItem, ...]:
    """Return the items of the sheet with what is expected of each ("": nothing is known), the site's equipment last."""
    expected = expected_now(here)
    settings = here.pages.settings
    own = (SheetItem(f"{EQUIPMENT}{each.code}", IN_ORDER) for each in (settings.equipment if settings else ()))
    return (*(SheetItem(code, expected.get(code, "")) for code in SHEET), *own)


def expected_now(here: Here) -> dict[str, str]:
    """Return what the system knows of the post at this moment, by item; of keys it knows nothing."""
    known = {
        "refers": _count(view.state == "referred" for view in here.situation.lanes.values() if view),
        "incidents": _count(one.is_open for one in incidents.all_standing(here.pages)),
        "duplicates": str(len(here.board.holes) + len(here.board.strangers)),
        "visitor_cards": _cards_lent(here.pages, here.board.at),
        "slips": _count(_in_hand(here.pages, identity) for identity in _slips(here.pages)),
        "notes": str(log.notes_since(here.pages, here.since)),
        "devices": _devices(here.situation),
        "equipment": _equipment(here.pages.settings),
    }
    sync = here.situation.sync
    return known | ({"unsynced": str(sync.waiting)} if sync else {})


def equipment_names(settings: SettingsAtBooth | None, language: str) -> dict[str, str]:
    """Return what the pieces of the site's equipment are called, by the codes of their items."""
    pieces = settings.equipment if settings else ()
    return {f"{EQUIPMENT}{each.code}": each.zh if language == "zh" else each.en or each.zh for each in pieces}


def _count(each: Iterable[bool]) -> str:
    return str(sum(each))


def _cards_lent(pages: Pages, at: datetime) -> str:
    """Count the cards that were lent here and are not back; at a gate that is alone all that are lent."""
    names = {str(value[0]) for name, value in pages.facts.items() if name.startswith("lent:") and isinstance(value, list)}
    found = (visits.one(pages, name, at) for name in sorted(names))
    lent = {card.id for visit in found if visit for card in visit.cards}
    if len(pages.all(PeerRecord)) <= 1:
        return str(len(lent))
    here = {str(act.values.get("card", "")) for act in pages.of_kind(VisitActed.kind) if act.name == "CardLent"}
    return str(len(lent & here))


def _slips(pages: Pages) -> Iterable[str]:
    return dict.fromkeys(act.identity for act in pages.of_kind(SlipActed.kind))


def _in_hand(pages: Pages, identity: str) -> bool:
    """Tell whether a slip that goods went out on here is still at the post: it goes back to the office when it is collected."""
    names = [act.name for act in pages.of(identity)]
    if "TripReleased" not in names or "SlipCollected" in names:
        return False
    told = next((slip for slip in pages.all(SlipAtBooth).values() if str(slip.id) == identity), None)
    return told.state != "collected" if told else "SlipDrafted" in names


def _devices(situation: Situation) -> str:
    """Name the devices that are down, and the inputs of lanes that cannot be believed."""
    down = sorted(known.state.device for known in situation.devices.values() if not known.state.up)
    ill = sorted(f"{view.name} {name}" for view in situation.lanes.values() if view for name in view.ill)
    return ", ".join((*down, *ill))[:EXPECTED_MAX] or IN_ORDER


def _equipment(settings: SettingsAtBooth | None) -> str:
    return str(len(settings.equipment)) if settings else ""
