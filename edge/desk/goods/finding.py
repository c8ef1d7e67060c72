"""Finding a slip by what is scanned or typed: its signed code, its number, the unit, the plate, the end of a telephone number."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from access.passes import is_signed
from access.plate import normalise
from access.reasons import sentence
from edge.desk.book import Pages
from edge.desk.booth import Booth
from edge.desk.goods import codes, words
from edge.desk.goods.scanned import slip_of
from edge.desk.goods.standing import Standing, all_standing, standing_of, withdrawn
from edge.desk.goods.vehicles import VehicleHere, vehicles_here
from edge.desk.recording import now
from edge.desk.sessions import Session

TYPED_MIN = 2
LISTED_MAX = 20


@dataclass(frozen=True, slots=True)
class Found:
    """What was found: the one slip that is meant, or those that fit, or why there is none (translated, or to be)."""

    slip: UUID | None = None
    slips: tuple[Standing, ...] = ()
    fault: str = ""
    was_code: bool = False


def slip_at(booth: Booth, identity: UUID) -> Standing | None:
    """Return how a slip stands: one that the book knows, else one whose code was scanned here."""
    at = now(booth)
    known = standing_of(identity, booth.book.pages, at)
    says = codes.remembered(identity) if known is None else None
    slip = codes.standing_by_code(says) if says else known
    return _as_told(booth, slip, at) if slip else None


def _as_told(booth: Booth, slip: Standing, at: datetime) -> Standing:
    """Return a slip as it stands by the deny list, too: one of which the registry has told no more goes by its code."""
    is_off = slip.known == "code" and codes.is_withdrawn(slip.id, codes.rules_of(booth), at)
    return withdrawn(slip) if is_off else slip


class _Newest:
    """The slips of the book as it was read last: pages that stay open ask for them all the time."""

    def __init__(self) -> None:
        self._of: tuple[Pages, int] | None = None
        self._slips: list[Standing] = []

    def of(self, pages: Pages, at: datetime) -> list[Standing]:
        """Return all slips at a time, to the tenth of a minute."""
        tenth = int(at.timestamp()) // 6
        if self._of is None or self._of[0] is not pages or self._of[1] != tenth:
            self._of, self._slips = (pages, tenth), all_standing(pages, at)
        return self._slips


_newest = _Newest()


def slips_now(booth: Booth) -> list[Standing]:
    """Return all slips that this gate knows of, what ends first on top."""
    at = now(booth)
    return [_as_told(booth, slip, at) for slip in _newest.of(booth.book.pages, at)]


async def find(booth: Booth, guard: Session, text: str, language: str) -> Found:
    """Return what a text means; that of a code is kept nowhere."""
    text = text.strip()
    if is_signed(text):
        return await _by_code(booth, guard, text, language)
    slips = slips_now(booth)
    exact = [slip for slip in slips if slip.number.casefold() == text.casefold()]
    fitting = exact or [slip for slip in slips if len(text) >= TYPED_MIN and _fits(slip, text.casefold())]
    if len(fitting) == 1:
        return Found(fitting[0].id, tuple(fitting))
    return Found(slips=tuple(fitting[:LISTED_MAX]), fault="" if fitting or not text else words.NOTHING_FOUND)


async def _by_code(booth: Booth, guard: Session, text: str, language: str) -> Found:
    rules = codes.rules_of(booth)
    if rules is None:
        return Found(fault=words.NO_RULES, was_code=True)
    code = rules.shown_code(text, now(booth))
    if code.says is None:
        return Found(fault=sentence(f"code_{code.fault}", {"shown": ""}, language), was_code=True)
    if code.says.kind != "slip":
        return Found(fault=words.NOT_A_SLIP, was_code=True)
    slip = await slip_of(booth, guard, code.says)
    return Found(fault=slip, was_code=True) if isinstance(slip, str) else Found(slip, was_code=True)


def fits(slip: Standing, vehicle: VehicleHere) -> bool:
    """Tell whether a slip is the one that a vehicle waits for."""
    names = slip.number == vehicle.number or (bool(vehicle.plate) and vehicle.plate in slip.record.terms.plates)
    return names and slip.group in ("today", "partly", "held", "night")


def slip_for(booth: Booth, lane: str) -> UUID | None:
    """Return the slip of the vehicle that stands at a lane, None where none names it, or more than one."""
    here = [vehicle for vehicle in vehicles_here(booth) if vehicle.lane.id == lane]
    found = [slip.id for vehicle in here for slip in slips_now(booth) if fits(slip, vehicle)]
    return found[0] if len(found) == 1 else None


def _fits(slip: Standing, text: str) -> bool:
    terms = slip.record.terms
    plate = normalise(text)
    named = any(part in whole.casefold() for part in (text,) for whole in (terms.number, slip.unit, terms.applicant))
    return named or (bool(text) and text == slip.phone_tail) or (bool(plate) and any(plate in known for known in terms.plates))
