"""How a lane is shown to the booth."""

from access.candidate_words import why_in_words
from access.matching import Candidate
from access.plate import shown
from access.words import LANGUAGES
from edge.gate.lane import Lane
from edge.gate.passage import Passage
from edge.messages import CandidateView, LaneView, ObligationView

LANES_OWN = frozenset({"read_again", "raise_alarm"})  # what the lane sees to itself; nobody need be told


def lane_view(lane: Lane, name: str) -> LaneView:
    """Show the lane as it is now, under the office's name for it."""
    passage = lane.passage or Passage("", 0.0)
    return LaneView(
        lane=lane.config.id,
        name=name,
        kind=lane.config.kind,
        direction=lane.config.direction,
        state=lane.phase.value,
        since_mono=lane.since,
        arm=lane.inputs.arm,
        arrival=lane.inputs.arrival,
        safety=lane.inputs.safety,
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
        candidates=tuple(map(_candidate, passage.candidates)),
        obligations=tuple(ObligationView(due.code, due.values) for due in passage.obligations if due.code not in LANES_OWN),
        capture_id=passage.capture,
    )


def _candidate(candidate: Candidate) -> CandidateView:
    person = candidate.credential.person
    name, unit = (person.name, person.unit) if person else ("", "")
    because = {language: why_in_words(candidate, language) for language in LANGUAGES}
    return CandidateView(str(candidate.credential.id), shown(candidate.credential.shown), name, unit, because, candidate.differs)
