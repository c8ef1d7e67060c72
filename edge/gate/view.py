"""How a lane is shown to the booth, and what its driver is told."""

from collections.abc import Mapping

from access.candidate_words import why_in_words
from access.code_words import told_of_code
from access.matching import Candidate, as_shown
from access.on_record import Credential, LaneRules
from access.passes import gate_tag
from access.plate import shown
from access.presence import Presence, is_inside
from access.words import LANGUAGES
from edge.booth_messages import CandidateView, FeedLine, LaneView, ObligationView, RegisteredView
from edge.gate.actions import Tell
from edge.gate.guard_questions import subject_of, waits_for_goods
from edge.gate.lane import Lane
from edge.gate.passage import Passage
from edge.gate.phases import ASKING, Mode, Phase, Timer
from edge.gate.state import LaneState
from edge.gate.undoing import in_reach

LANES_OWN = frozenset({"read_again", "raise_alarm"})  # what the lane sees to itself; nobody need be told


# What the driver is told, where nothing more special is to be said: a code of `access.signs` for each phase.
SIGNS: Mapping[Phase, str] = {
    Phase.UNKNOWN: "fault",
    Phase.IDLE: "welcome",
    Phase.WAITING: "wait",
    Phase.REFERRED: "guard_decides",
    Phase.DENIED: "turned_away",
    Phase.INTERLOCKED: "other_gate",
    Phase.OPENING: "go",
    Phase.OPEN: "go",
    Phase.PASSING: "go",
    Phase.CROSSING: "keep_clear",
    Phase.CLOSING: "keep_clear",
    Phase.HELD_OPEN: "held_open",
    Phase.FAULT: "fault",
}
STOPPED: Mapping[Mode, str] = {Mode.HELD_CLOSED: "closed", Mode.OUT_OF_SERVICE: "out_of_service"}
RESTING = ASKING | {Phase.IDLE, Phase.CLOSING}


def lane_view(lane: Lane, name: str, rules: LaneRules | None, presence: Presence) -> LaneView:
    """Show the lane as it is now, under the office's name for it."""
    passage = lane.passage or Passage("", 0.0)
    undo = in_reach(lane.state)
    subject = subject_of(passage)
    gate = gate_tag(rules.gate) if rules and rules.gate else b""
    of, inputs = lane.state, lane.inputs
    return LaneView(
        lane=lane.config.id,
        name=name,
        kind=lane.config.kind,
        direction=lane.config.direction,
        state=of.mode.value if of.mode in STOPPED and of.phase is Phase.IDLE else of.phase.value,
        since_mono=of.since,
        arm=inputs.arm,
        arrival=inputs.arrival_loop,
        safety=inputs.safety_loop,
        far=inputs.far_loop,
        photocell=inputs.photocell,
        camera=lane.config.cameras[0] if lane.config.cameras else "",
        passage=passage.id,
        outcome=passage.outcome,
        reason=passage.reason,
        values=passage.values,
        medium=passage.medium,
        shown=passage.shown,
        plate=passage.plate,
        colour=passage.colour,
        holder=passage.holder,
        unit=passage.unit,
        waiting_since_mono=passage.began if passage.ended is None else 0.0,
        candidates=tuple(_candidate(candidate, presence) for candidate in passage.candidates),
        obligations=tuple(ObligationView(due.code, due.values) for due in passage.obligations if due.code not in LANES_OWN),
        capture_id=passage.capture,
        plate_capture=passage.plate_capture,
        mode=of.mode.value,
        mode_until_utc=of.mode_until.timestamp() if of.mode_until else 0.0,
        headed=of.headed,
        open_because=of.open_because,
        ill=dict(of.detectors.ill),
        sign=_sign(of),
        until_mono=of.timers.at(Timer.PHASE) or 0.0,
        code=told_of_code(passage.code, passage.found, gate, presence),
        registered=_registered(passage.found),
        subject=subject,
        inside_since_utc=_inside_since(subject, presence),
        waiting_for_goods=waits_for_goods(of),
        undo_act=undo.act if undo else "",
        undo_guard=undo.guard if undo else "",
        undo_until_mono=undo.until if undo else 0.0,
    )


def _inside_since(subject: str, presence: Presence) -> float:
    """Return since when (UTC seconds) a subject is on record as inside, 0 where it is not."""
    value = presence.facts.get(f"at:{subject}") if subject else None
    return float(value[1]) if isinstance(value, list) and is_inside(value) else 0.0


def _registered(found: Credential | None) -> RegisteredView | None:
    if found is None:
        return None
    name, unit = (found.person.name, found.person.unit) if found.person else ("", "")
    return RegisteredView(str(found.id), found.medium, as_shown(found.medium, found.shown), name, unit)


def feed_line(line: Tell, seq: int, utc: float) -> FeedLine:
    """Return a line of the booth's feed, told at `utc` (seconds) when the journal had come to `seq`."""
    return FeedLine(
        seq,
        utc,
        line.lane,
        line.outcome,
        line.reason,
        line.values,
        line.shown,
        line.medium,
        line.holder,
        line.unit,
        line.took_ms,
        line.passage,
        line.story,
    )


def _sign(lane: LaneState) -> str:
    """Return what the driver is told: what the lane is set to goes before what happens at it."""
    if lane.mode is Mode.EVACUATION:
        return "leave"
    if lane.mode in STOPPED and lane.phase in RESTING:
        return STOPPED[lane.mode]
    if lane.phase is Phase.WAITING and lane.under_way and lane.under_way.awaiting:
        return "show_second"
    return SIGNS[lane.phase]


def _candidate(candidate: Candidate, presence: Presence) -> CandidateView:
    person = candidate.credential.person
    name, unit = (person.name, person.unit) if person else ("", "")
    because = {language: why_in_words(candidate, language) for language in LANGUAGES}
    identity = str(candidate.credential.id)
    since = _inside_since(identity, presence)
    return CandidateView(identity, shown(candidate.credential.shown), name, unit, because, candidate.differs, since)
