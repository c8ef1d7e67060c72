"""What was scanned at the booth: found out by what it is, and shown in its place. The text of a code stands in no address.

Looked at in this order: a signed code (checked by the keys of the site), the number of a contractor pass or of one of its parts,
of a slip, of a visit, what stands on a visitor card, the number of a patrol tag, of a permit or a frame, a plate.
Of what no more is known than its code, the code is sent on to the place of visitors or of goods: only there something can be done
with it.
"""

import asyncio
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form, Query
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from access.contract.booth_records import CardAtBooth, ParkingAtBooth, PassAtBooth, RouteAtBooth, SlipAtBooth, VisitAtBooth
from access.passes import is_signed
from access.plate import PLATE_LENGTH_MAX, normalise
from access.workflows.contractor_pass import DUPLICATE, ORIGINAL
from edge.desk import recording
from edge.desk.book import Pages
from edge.desk.booth import Booth
from edge.desk.doors import BoothHere, Guard, Language, OwnForm
from edge.desk.foot.checks import permits_like
from edge.desk.goods.codes import rules_of
from edge.desk.passes import words
from edge.desk.passes.standing import hanging_of, numbered, own_lanes
from edge.desk.visitors import finding
from edge.desk.visitors.scanning import by_code
from edge.desk.visitors.standing import Standing

TEXT_MAX = 2000
# Where each kind of thing has its place; `card` and `tag` are taken up there by their ids.
PLACES: Mapping[str, str] = {
    "visit": "/visitors/{id}",
    "slip": "/goods/{id}",
    "card": "/visitors/cards/{id}",
    "tag": "/duty/rounds?point={id}",
    "permit": "/foot/permits/{id}",
    "lane": "/",
}
_RECORDS: Mapping[str, type[PassAtBooth] | type[SlipAtBooth]] = {"pass": PassAtBooth, "slip": SlipAtBooth}

router = APIRouter()


@dataclass(frozen=True, slots=True)
class Found:
    """What a text is: kind (visit, pass, slip, card, tag, permit, lane; "": none of ours) and id; of a pass which part it is.

    `fault` says why it opens nothing, by a name of `words.SCANNED`; `hangs`: the duplicate of the pass hangs here; `alone` is a
    visit, `by_code` a slip of which no more is known than its code. `shape` is what a text that opens nothing looks like, by a
    name of `words.SHAPES`, and `long` how long it is: the text itself, which may tell of a person, stands in no address.
    """

    kind: str = ""
    id: UUID | None = None
    part: str = ""
    fault: str = ""
    hangs: bool = False
    alone: Standing | None = None
    by_code: bool = False
    shape: str = ""
    long: int = 0


@router.post("/scan", dependencies=[OwnForm])
async def scanned(booth: BoothHere, _guard: Guard, text: Annotated[str, Form(max_length=TEXT_MAX)] = "") -> Response:
    """Go to the place of what was scanned."""
    return go_to(await read(booth, text))


@router.get("/scan/{fault}")
async def not_ours(
    booth: BoothHere, guard: Guard, language: Language, fault: str, shape: str = "", long: Annotated[int, Query(ge=0)] = 0
) -> HTMLResponse:
    """Say of what was scanned that it is none of ours, what it looks like, and why."""
    said = words.SCANNED.get(fault, words.SCANNED["unknown"])
    looks_like = words.SHAPES.get(shape, "")
    return HTMLResponse(booth.page("scanned", language, guard, said=said, looks_like=looks_like, long=min(long, TEXT_MAX)))


def shape_of(text: str) -> str:
    """Return what a text looks like, without what it says: a name of `words.SHAPES`, "" where there is none."""
    text = text.strip()
    if is_signed(text):
        return "signed"
    if "://" in text:
        return "address"
    return ("digits" if text.isdecimal() else "signs") if text else ""


async def read(booth: Booth, text: str) -> Found:
    """Return what a text that was scanned or typed is."""
    pages = await booth.book.read()
    if is_signed(text):
        found = await _signed(booth, pages, text.strip())
    else:
        found = known(pages, text) or _waiting(booth, text) or Found(fault="unknown" if text.strip() else "nothing")
    if found.fault:
        return replace(found, shape=shape_of(text), long=len(text.strip()))
    if found.kind != "pass":
        return found
    hanging = hanging_of(str(found.id), pages.facts, own_lanes(booth.config, pages))
    return Found("pass", found.id, found.part, hangs=hanging is not None and hanging.is_here and not hanging.left)


def go_to(found: Found) -> RedirectResponse:
    """Go to the place of a thing; the code of what is known by it alone goes along, in the body."""
    if found.by_code:
        return RedirectResponse("/goods/find", 307)
    return RedirectResponse("/visitors/scan", 307) if found.alone else RedirectResponse(address_of(found), 303)


def address_of(found: Found) -> str:
    """Return where a thing has its place: a duplicate that hangs here turns its hole of the board over."""
    if found.fault:
        return f"/scan/{found.fault}" + (f"?shape={found.shape}&long={found.long}" if found.shape else "")
    if found.kind == "pass":
        shown = {ORIGINAL: "?original=true", DUPLICATE: f"?duplicate={found.id}"}.get(found.part, "")
        return f"/passes#hole-{found.id}" if found.hangs else f"/passes/{found.id}{shown}"
    return PLACES[found.kind].replace("{id}", str(found.id))


async def _signed(booth: Booth, pages: Pages, text: str) -> Found:
    rules = await asyncio.to_thread(rules_of, booth)
    if rules is None:
        return Found(fault="no_rules")
    now = recording.now(booth)
    shown = rules.shown_code(text, now)
    says = shown.says
    if says is None:
        return Found(fault=shown.fault)
    if says.kind == "visit":
        told = by_code(rules, shown, says, pages, now)
        return Found("visit", says.id, fault=told.fault, alone=told.alone)
    if pages.find(_RECORDS[says.kind], says.id) is None:
        return Found("slip", says.id, by_code=True) if says.kind == "slip" else Found(fault="not_here")
    return Found(says.kind, says.id, says.part)


def known(pages: Pages, text: str) -> Found | None:
    """Return what a number means that stands on paper, a card, a tag or a vehicle; None where it is none on record. Pure."""
    wanted = " ".join(text.split()).casefold()
    if not wanted:
        return None
    return next((found for look in _LOOKS for found in look(pages, wanted)), None)


def _slips(pages: Pages, wanted: str) -> Iterator[Found]:
    return (Found("slip", one.id) for one in pages.all(SlipAtBooth).values() if one.number.casefold() == wanted)


def _passes(pages: Pages, wanted: str) -> Iterator[Found]:
    one, mark = numbered(pages.all(PassAtBooth).values(), wanted)
    return iter([Found("pass", one.id, mark)] if one else [])


def _visits(pages: Pages, wanted: str) -> Iterator[Found]:
    return (Found("visit", one.id) for one in pages.all(VisitAtBooth).values() if one.number.casefold() == wanted)


def _cards(pages: Pages, wanted: str) -> Iterator[Found]:
    card = finding.card(pages.all(CardAtBooth).values(), wanted)
    return iter([Found("card", card.id)] if card else [])


def _tags(pages: Pages, wanted: str) -> Iterator[Found]:
    stops = (stop for route in pages.all(RouteAtBooth).values() for stop in route.stops)
    return (Found("tag", stop.point) for stop in stops if stop.code.casefold() == wanted)


def _permits(pages: Pages, wanted: str) -> Iterator[Found]:
    told = permits_like(pages.all(ParkingAtBooth).values(), wanted, whole=True)
    return (Found("permit", one.id) for one in told)


def _plates(pages: Pages, wanted: str) -> Iterator[Found]:
    plate = _plate(wanted)
    if plate:
        yield from (Found("visit", one.id) for one in pages.all(VisitAtBooth).values() if plate in one.plates)
        yield from (Found("slip", one.id) for one in pages.all(SlipAtBooth).values() if plate in one.plates)


_LOOKS: tuple[Callable[[Pages, str], Iterator[Found]], ...] = (_passes, _slips, _visits, _cards, _tags, _permits, _plates)


def _waiting(booth: Booth, text: str) -> Found | None:
    """Return the lanes where a vehicle with this plate stands now."""
    plate = _plate(text)
    views = (view for view in booth.situation.lanes.values() if view and view.plate)
    return Found("lane") if plate and any(normalise(view.plate) == plate for view in views) else None


def _plate(text: str) -> str:
    return normalise(text) if len(text) <= PLATE_LENGTH_MAX + 2 else ""
