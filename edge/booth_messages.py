"""What gate and desk say to each other of what guards see and do: frozen messages, carried by `edge.link` as all others.

`mono` times are seconds of the machine's monotonic clock, `utc` times seconds of the epoch. The courier asks as the desk does,
for the office.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class GuardRequest:
    """desk, courier -> gate: what a guard asks for. `request` (a UUID) makes it happen once, not after `expires_mono`.

    `act` is open_once, admit (a refer, `choice` names the candidate's credential id or is empty; of a vehicle without a plate
    `vehicle_class` and `colour` say what it is, by the codes VEHICLE_CLASSES and BODY_COLOURS of `access.words`), refuse (a
    refer), passed (a vehicle whose grant was not confirmed has gone through); hold_open, convoy (both for `minutes`),
    hold_closed, out_of_service, resume; direct (`choice` is the direction, both where empty); of the whole gate (no lane)
    evacuate and end_evacuation.

    About who stands at the lane (`passage`): correct (`choice` is the plate as the guard reads it, in any spelling: the rules are
    asked about exactly that one; also of who was denied), decide_again (the rules are asked again, as after a release of goods),
    nothing_carried and mark_loading (`choice` is the vehicle, `LaneView.subject`; a lane that waits for its goods asks the rules
    again). undo takes back what `LaneView.undo_act` names, for who did it, until `undo_until_mono`.

    Refusals: expired, unknown_lane, unknown_act, not_ready, too_often, too_late (another question by now, or something has
    moved), too_long, second_person_needed, interlocked, nothing_to_resume, not_reversible, held_closed, out_of_service,
    evacuation_input, no_plate (what was typed is none), nothing_read (there is nothing to ask the rules about), other_vehicle,
    store_failed (it could not be written, so nothing was opened), and what `access.acting` says of a vehicle.

    `guard` is the id of who asks, `badge` and `role` how workflows know them (nothing_carried and mark_loading are acts with a
    record). `second` is the second person who has signed. `source` is the booth, or the office from afar: then the courier asks,
    and `guard` is its issuer.
    """

    request: str
    act: str
    lane: str
    guard: str
    guard_name: str
    reason: str
    words: str
    expires_mono: float
    passage: str = ""
    choice: str = ""
    minutes: int = 0
    second: str = ""
    second_name: str = ""
    source: str = "booth"
    vehicle_class: str = ""
    colour: str = ""
    badge: str = ""
    role: str = "guard"


@dataclass(frozen=True, slots=True)
class RecordAct:
    """desk -> gate: what a guard does with a record at the booth; becomes an `access.acts.ActedUpon` of this `kind`.

    `request` (a UUID) makes it happen once, not after `expires_mono`. `after` is the id (hex) of the newest entry about the
    record that the page knew ("": none): where another was written meanwhile, the guard looks again. `camera` takes a picture for
    it, and `lane` is the slug of the lane that it is done at ("": the gate's first).

    An alarm is acknowledged by `kind` acknowledgement, `act` acknowledge, `identity` the `AlarmView.id`.

    Answered by `GuardReply`; refusals: expired, unknown_act, changed_meanwhile, too_long, no_such_alarm (it is over),
    not_written (the disk takes nothing now: nothing was done), and what `access.acting` says.
    """

    request: str
    kind: str
    identity: str
    act: str
    guard: str
    guard_name: str
    expires_mono: float
    role: str = "guard"
    values: Mapping[str, Any] = field(default_factory=dict)
    details: Mapping[str, Any] = field(default_factory=dict)
    words: str = ""
    after: str = ""
    camera: str = ""
    lane: str = ""


@dataclass(frozen=True, slots=True)
class GuardReply:
    """gate -> desk, courier: what became of a request; `refusal` is a short code where it was not accepted.

    `held`: it is done, but what was written of it is only in memory still, for the disk takes nothing now.
    """

    request: str
    accepted: bool
    refusal: str = ""
    held: bool = False


@dataclass(frozen=True, slots=True)
class CandidateView:
    """A registered plate that a refer may mean: shown text, holder, unit, and in words why it is one, by language.

    `inside_since_utc` is since when that vehicle is on record as inside (seconds, 0: it is not).
    """

    credential: str
    shown: str
    holder: str
    unit: str
    because: Mapping[str, str] = field(default_factory=dict)
    differs: tuple[int, ...] = ()
    inside_since_utc: float = 0.0


@dataclass(frozen=True, slots=True)
class RegisteredView:
    """Who was recognised: the registered plate (or the end of a card's or code's number) as it is shown, holder and unit."""

    credential: str
    medium: str
    shown: str
    holder: str
    unit: str


@dataclass(frozen=True, slots=True)
class ObligationView:
    """What must be done beside letting pass or not: a code of `access.obligations` and the values of its sentence."""

    code: str
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class LaneView:
    """gate -> desk: one lane as it is now. Loops and limits are None while unknown; `since_mono` is when `state` began.

    `state` is the automaton's: unknown, idle, waiting, referred, denied, interlocked, opening, open, passing, crossing, closing,
    held_open, held_closed, out_of_service, fault. `mode` is normal, held_open, held_closed, out_of_service, convoy or
    evacuation, `mode_until_utc` when it ends by itself (0: not). `open_because` is the named reason of an arm that stays up,
    `ill` what is wrong with an input, by its name. `arm` is up, down, moving or unknown. `sign` is what the driver is told, a
    code of `access.signs`. `code` is what a signed pass says (`access.code_words`), empty where none was shown.

    `registered` is who was recognised (None: nobody). `subject` names who or what would move, as the presence calls it ("":
    nobody can tell), and `inside_since_utc` since when it is on record as inside (seconds, 0: it is not); the capture of its
    entrance is found by these two in the journal (`edge.store.pictures.PicturesReader.entrance`), as is that of a candidate.
    `waiting_for_goods`: the question is about what the vehicle carries; `values` has the slip's `number`, where there is one.

    `undo_act` is what can be taken back still ("": nothing): refuse, hold_closed, out_of_service or direct, by `undo_guard` (as
    `GuardRequest.guard` named who did it) and until `undo_until_mono`. `capture_id` is the picture of who stands there, and
    `plate_capture` the one in which the plate was read, which may be an earlier one.
    """

    lane: str
    name: str
    kind: str
    direction: str
    state: str
    since_mono: float
    arm: str
    arrival: bool | None
    safety: bool | None
    camera: str = ""
    passage: str = ""
    outcome: str = ""
    reason: str = ""
    values: Mapping[str, Any] = field(default_factory=dict)
    medium: str = ""
    shown: str = ""
    plate: str = ""
    colour: str = ""
    holder: str = ""
    unit: str = ""
    waiting_since_mono: float = 0.0
    candidates: tuple[CandidateView, ...] = ()
    obligations: tuple[ObligationView, ...] = ()
    capture_id: str = ""
    plate_capture: str = ""
    mode: str = "normal"
    mode_until_utc: float = 0.0
    headed: str = ""
    open_because: str = ""
    ill: Mapping[str, str] = field(default_factory=dict)
    sign: str = ""
    until_mono: float = 0.0
    far: bool | None = None
    photocell: bool | None = None
    code: Mapping[str, Any] = field(default_factory=dict)
    registered: RegisteredView | None = None
    subject: str = ""
    inside_since_utc: float = 0.0
    waiting_for_goods: bool = False
    undo_act: str = ""
    undo_guard: str = ""
    undo_until_mono: float = 0.0


@dataclass(frozen=True, slots=True)
class FeedLine:
    """gate -> desk: one line of what just happened, newest last; `utc` in seconds. `story`: the whole passage, by language."""

    seq: int
    utc: float
    lane: str
    outcome: str
    reason: str
    values: Mapping[str, Any]
    shown: str
    medium: str
    holder: str
    unit: str
    took_ms: float
    passage: str
    story: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class OutlookView:
    """What these lanes do by rules that nobody confirms with holders of these categories who come in or leave (`direction`).

    From `utc` on (seconds), `hours` after the rules were last confirmed: `then`. Whom they would have granted they refer or deny;
    who leaves and is on record as inside may leave all the same. `as_set`: these are granted or referred as the lane is set.
    """

    lanes: tuple[str, ...]
    direction: str
    categories: tuple[str, ...]
    hours: int
    then: str
    utc: float


@dataclass(frozen=True, slots=True)
class NeighbourView:
    """Another gate of the site over the LAN: `state` is heard, silent or gone; since when it was not heard (0: never was)."""

    name: str
    state: str
    heard_utc: float = 0.0


@dataclass(frozen=True, slots=True)
class AlarmView:
    """An alarm: `code` and `detail` are of `access.alarms`, `id` is what it is acknowledged by, `lane` its slug ("": none).

    `standing`: it lasts, and goes when it is over; others go when there are too many. `acknowledged_by` is who has seen it ("":
    nobody has), `since_utc` in seconds, `shown` the plate or the end of the card that a decision raised it about.
    """

    id: str
    code: str
    since_utc: float
    detail: str = ""
    lane: str = ""
    standing: bool = False
    acknowledged_by: str = ""
    shown: str = ""


BOOTH_MESSAGES: tuple[type, ...] = (GuardRequest, RecordAct, GuardReply, LaneView, FeedLine)
