"""The page of one slip: what it shows, what was typed into it, and what became of a press."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from fastapi.responses import HTMLResponse

from access.plate import shown
from access.words import worded
from access.workflows.events import Who
from access.workflows.quantities import plain
from access.workflows.refusals import Refusal
from access.workflows.release_slip import WORKFLOW, Released, ReleaseSlip, SlipPresented, TripReleased
from access.workflows.words import STATES
from edge.booth_messages import GuardReply
from edge.desk.booth import Booth
from edge.desk.goods import words
from edge.desk.goods.finding import fits, slip_at
from edge.desk.goods.standing import Standing
from edge.desk.goods.typed import Carried, rows_of
from edge.desk.goods.vehicles import VehicleHere, vehicles_here
from edge.desk.recording import now, refusal_in_words, reply_in_words, request_again, who
from edge.desk.sessions import Session
from edge.desk.words import catalogue

# Beside which field of the page a refusal of the machine stands.
FIELDS: Mapping[str, str] = {
    "carrier_missing": "carrier",
    "other_vehicle": "plate",
    "over_released": "lines",
    "line_unknown": "lines",
    "mismatch_missing": "what",
    "reason_missing": "reason",
    "leader_only": "badge",
    "own_request": "badge",
    "slip_empty": "lines",
}


class Faults(dict[str, str]):
    """What is wrong, by field: nothing at all others."""

    def __missing__(self, field: str) -> str:
        return ""


Said = tuple[bool, str]  # whether it was done, and what is said of it


@dataclass(frozen=True, slots=True)
class Sheet:
    """What was typed into a `form` of a slip's page, what is wrong with it, and what is said of what was done last."""

    sent: Mapping[str, Any] = field(default_factory=dict)
    carried: Carried | None = None
    faults: Mapping[str, str] = field(default_factory=dict)
    said: Said | None = None
    lane_said: str = ""
    form: str = ""
    request: UUID | None = None

    def bears(self, form: str) -> UUID:
        """Return the request id that a form (release, hold, ...) bears: `request` where it is the one that was sent."""
        return self.request if self.request and form == self.form else uuid4()

    def refused(self, booth: Booth, request: UUID, result: GuardReply | Refusal, language: str) -> "Sheet":
        """Return it with why this request was not done; nothing wrong where it was done."""
        return replace(self, faults=faults_of(booth, result, language), request=request_again(request, result))

    def with_faults(self, faults: Mapping[str, tuple[str, str]], language: str) -> "Sheet":
        """Return it with faults by field: words (not translated), and what is left."""
        return replace(self, faults=in_words(faults, language))


def in_words(faults: Mapping[str, tuple[str, str]], language: str) -> dict[str, str]:
    """Return faults by field as they are said."""
    translated = catalogue(language).gettext
    return {name: translated(text) % {"left": left} if left else translated(text) for name, (text, left) in faults.items()}


def faults_of(booth: Booth, result: GuardReply | Refusal, language: str) -> dict[str, str]:
    """Return why nothing was done, by field; nothing where it was done."""
    if isinstance(result, Refusal):
        return {FIELDS.get(result.code, "top"): refusal_in_words(booth, result, language)}
    return {} if result.accepted else {"top": reply_in_words(booth, result, language)}


def answered(booth: Booth, asked: UUID | None, language: str) -> Said | None:
    """Return what became of a request that a page was told of."""
    if asked is None:
        return None
    reply = booth.asks.reply(str(asked))
    return reply.accepted, reply_in_words(booth, reply, language)


def lane_answered(booth: Booth, asked: UUID | None, language: str) -> str:
    """Return what the lane did of which the page was told, where goods were released for a vehicle that waits there."""
    if asked is None:
        return ""
    translated = catalogue(language).gettext
    reply = booth.asks.reply(str(asked))
    if reply.accepted:
        return translated(words.OPENED_BY_ITSELF)
    return translated(words.OPEN_IT) % {"why": reply_in_words(booth, reply, language)}


def obstacle(slip: Standing, gate: str, by: Who, at: datetime) -> Refusal | None:
    """Return why this guard can let nothing more out on a slip, whatever it is."""
    record = slip.record
    if record.state == "approved":
        after = WORKFLOW.advance(record, SlipPresented(at=at, by=by, gate=gate))
        if isinstance(after, Refusal):
            return after
        record = after
    some = next((line for line in slip.lines if line.left), None)
    if some is None and record.state in ("presented", "partly_released"):
        return None  # its lines are not known yet
    gone = (Released(some.number, some.left) if some else Released(1, Decimal(1)),)
    tried = WORKFLOW.advance(record, TripReleased(at=at, by=by, gate=gate, carrier="-", released=gone))
    return tried if isinstance(tried, Refusal) else None


def _goes_with(slip: Standing, vehicles: list[VehicleHere]) -> str:
    """Return what a trip goes out with where that is plain; nothing where the wrong vehicle might be let out."""
    waiting = next((vehicle for vehicle in vehicles if fits(slip, vehicle)), None)
    if waiting:
        return f"lane:{waiting.name}"
    if slip.record.terms.plates:
        return "plate"
    return "" if vehicles else "foot"


def slip_page(booth: Booth, guard: Session, language: str, identity: UUID, sheet: Sheet) -> HTMLResponse:
    """Return the page of a slip, with what was typed and what is wrong with it."""
    slip = slip_at(booth, identity)
    if slip is None:
        fault = catalogue(language).gettext(words.SCAN_AGAIN)
        return HTMLResponse(booth.page("goods/gone", language, guard, fault=fault), 404)
    at = now(booth)
    refused = obstacle(slip, booth.config.gate.name, who(guard), at)
    early = catalogue(language).gettext(words.TOO_EARLY) if slip.early(at) else ""
    vehicles = vehicles_here(booth)
    page = booth.page(
        "goods/slip",
        language,
        guard,
        slip=slip,
        sheet=sheet,
        obstacle=early or (refusal_in_words(booth, refused, language) if refused else ""),
        rows=rows_of(sheet.sent),
        vehicles=vehicles,
        goes_with=sheet.carried.vehicle if sheet.carried else _goes_with(slip, vehicles),
        faults=Faults(sheet.faults),
        can_picture=bool(booth.config.booth.camera),
        written=Written(booth.config.gate.zone, language, at),
        of_goods=words,
    )
    return HTMLResponse(page, 422 if sheet.faults else 200)


@dataclass(frozen=True, slots=True)
class Written:
    """How times, quantities, plates and states are written on the pages of this place."""

    zone: str
    language: str
    today: datetime

    def time(self, at: datetime) -> str:
        """Return a time of day, with its date where it is another than today."""
        local, today = (moment.astimezone(ZoneInfo(self.zone)) for moment in (at, self.today))
        return f"{local:%H:%M}" if local.date() == today.date() else f"{local:%m-%d %H:%M}"

    def quantity(self, number: Any) -> str:
        """Return a quantity in digits."""
        return plain(number)

    def plate(self, text: str) -> str:
        """Return a plate with its dot."""
        return shown(text)

    def state(self, record: ReleaseSlip) -> str:
        """Return the state of a slip in a word."""
        return worded(STATES["release_slip"], record.state, self.language)
