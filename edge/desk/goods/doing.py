"""What a guard does with a slip: asked of its machine first, then of the gate, which writes it down."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

from access.acts import SlipActed
from access.workflows.events import Event
from access.workflows.refusals import Refusal
from access.workflows.release_slip import (
    WORKFLOW,
    MismatchFound,
    Released,
    ReleaseSlip,
    SlipApprovedAtNight,
    SlipCollected,
    SlipDrafted,
    SlipLine,
    SlipPresented,
    SlipSubmitted,
    SlipTerms,
    TripReleased,
)
from edge.booth_messages import GuardReply
from edge.desk.booth import Booth
from edge.desk.goods.codes import told_by_code
from edge.desk.goods.standing import Standing
from edge.desk.recording import now, record, values_of, who
from edge.desk.sessions import Session

NIGHT_HOURS = 6
# Steps of one press, each with a request of its own.
DRAFTED, SUBMITTED, PRESENTED, APPROVED = "drafted", "submitted", "presented", "approved"
# What of a draft tells a person, and so is written where it can be erased.
PERSONAL = ("applicant", "plates", "papers")


class Doing:
    """One press of a guard about one slip: the steps that it takes, each written once however often it is pressed.

    Each method returns the gate's reply, or why the machine refuses it; `after` is the newest entry that the page knew.
    """

    def __init__(self, booth: Booth, guard: Session, request: UUID, pressed: float, after: str = "") -> None:
        self._booth = booth
        self._guard = guard
        self._request = request
        self._pressed = pressed
        self._after: str | None = after

    @property
    def _gate(self) -> str:
        return self._booth.config.gate.name

    async def present(
        self, slip: Standing, *, lines: Iterable[SlipLine] = (), line: int = 0, camera: str = ""
    ) -> GuardReply | Refusal:
        """Note that the slip was shown: with the lines of its paper, or with a picture of what one line says."""
        reply = await self._present(slip, self._request, lines, line, camera)
        return reply if isinstance(reply, GuardReply | Refusal) else GuardReply(str(self._request), accepted=True)

    async def release(
        self, slip: Standing, gone: Iterable[Released], carrier: str, plate: str, cleared: str, camera: str
    ) -> GuardReply | Refusal:
        """Let a trip out; `cleared` is the subject of the vehicle whose exit is to open."""
        before = {str(line.number): self._out(slip, line.number) for line in slip.lines}
        shown = await self._shown(slip)
        if not isinstance(shown, ReleaseSlip):
            return shown
        at, by = now(self._booth), who(self._guard)
        trip = TripReleased(at=at, by=by, gate=self._gate, carrier=carrier, released=tuple(gone), plate=plate)
        refused = WORKFLOW.advance(shown, trip)
        if isinstance(refused, Refusal):
            return refused
        values = {"gate": self._gate, "released": values_of(trip)["released"], "before": before}
        values |= {"cleared": cleared} if cleared else {}
        return await self._write(slip.id, trip, values, {"carrier": carrier, "plate": plate}, camera=camera)

    async def hold(self, slip: Standing, what: str, camera: str) -> GuardReply | Refusal:
        """Note that what is carried is not what the slip says."""
        shown = await self._shown(slip)
        if not isinstance(shown, ReleaseSlip):
            return shown
        event = MismatchFound(at=now(self._booth), by=who(self._guard), what=what)
        refused = WORKFLOW.advance(shown, event)
        if isinstance(refused, Refusal):
            return refused
        return await self._write(slip.id, event, {}, {"what": what}, camera=camera)

    async def collect(self, slip: Standing) -> GuardReply | Refusal:
        """Take the paper: nothing goes out on it any more."""
        event = SlipCollected(at=now(self._booth), by=who(self._guard))
        refused = WORKFLOW.advance(slip.record, event)
        return refused if isinstance(refused, Refusal) else await self._write(slip.id, event, {}, {})

    async def draft(self, slip: UUID, terms: SlipTerms, unit: str, phone_tail: str) -> GuardReply | Refusal:
        """Write down the goods of a slip that begins here, and ask for approval."""
        at, by = now(self._booth), who(self._guard)
        drafted, submitted = SlipDrafted(at=at, by=by, terms=terms), SlipSubmitted(at=at, by=by)
        made = WORKFLOW.advance(WORKFLOW.blank, drafted)
        refused = made if isinstance(made, Refusal) else WORKFLOW.advance(made, submitted)
        if isinstance(refused, Refusal):
            return refused
        told = values_of(drafted)["terms"]
        details = {name: told.pop(name) for name in PERSONAL} | {"unit": unit, "phone_tail": phone_tail}
        reply = await self._write(slip, drafted, {"terms": told}, details, step=DRAFTED)
        return await self._write(slip, submitted, {}, {}) if reply.accepted else reply

    async def approve(self, slip: Standing, leader: Session, reason: str) -> GuardReply | Refusal:
        """Have the shift leader approve: valid at this gate alone. A draft that was cut off is submitted before."""
        at, record = now(self._booth), slip.record
        event = SlipApprovedAtNight(at=at, by=who(leader), reason=reason, only_gate=self._gate)
        submitted = SlipSubmitted(at=at, by=who(self._guard)) if record.state == "draft" else None
        refused = WORKFLOW.advance(record, submitted) if submitted else record
        if not isinstance(refused, Refusal):
            refused = WORKFLOW.advance(refused, event)
        if isinstance(refused, Refusal):
            return refused
        if submitted:
            reply = await self._write(slip.id, submitted, {}, {}, step=SUBMITTED)
            if not reply.accepted:
                return reply
        self._guard = leader
        return await self._write(slip.id, event, {"only_gate": self._gate}, {"reason": reason}, step=APPROVED)

    async def _shown(self, slip: Standing) -> ReleaseSlip | GuardReply | Refusal:
        """Return its record once it was shown at a gate: that is noted where it was not."""
        if slip.record.state != "approved":
            return slip.record
        return await self._present(slip, uuid5(self._request, PRESENTED))

    async def _present(
        self, slip: Standing, request: UUID, lines: Iterable[SlipLine] = (), line: int = 0, camera: str = ""
    ) -> ReleaseSlip | GuardReply | Refusal:
        event = SlipPresented(at=now(self._booth), by=who(self._guard), gate=self._gate)
        shown = WORKFLOW.advance(slip.record, event)
        if isinstance(shown, Refusal):
            return shown
        values: dict[str, Any] = {"gate": self._gate} | ({"line": line} if line else {})
        written = tuple(lines)
        is_first = slip.known == "code" and (written or not slip.newest)
        values |= {"code": told_by_code(slip, written)} if is_first else {}
        details = {"unit": slip.unit} if is_first else {}
        reply = await self._write(slip.id, event, values, details, request=request, camera=camera)
        return shown if reply.accepted else reply

    async def _write(
        self,
        slip: UUID,
        event: Event,
        values: dict[str, Any],
        details: dict[str, Any],
        *,
        request: UUID | None = None,
        step: str = "",
        camera: str = "",
    ) -> GuardReply:
        """Have the gate write down one step; the next one follows it."""
        request = request or (uuid5(self._request, step) if step else self._request)
        after, self._after = self._after, None
        kind, identity, pressed = SlipActed.kind, str(slip), self._pressed
        return await record(
            *(self._booth, self._guard, request, kind, identity, event),
            values=values,
            details=details,
            after=after,
            pressed=pressed,
            camera=camera,
        )

    def _out(self, slip: Standing, line: int) -> int:
        """Return the thousandths of a line that gates have let out, as the page's book has it."""
        found = self._booth.book.pages.facts.get(f"released:{slip.id}:{line}", 0)
        return max(0, found) if isinstance(found, int) else 0


def ends_at(at: datetime, zone: str) -> datetime:
    """Return until when a slip that begins at `at` is valid: the end of the day, and late in it some hours more."""
    local = at.astimezone(ZoneInfo(zone))
    midnight = (local + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
    return max(midnight, local + timedelta(hours=NIGHT_HOURS))
