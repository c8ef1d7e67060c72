"""What a lane writes down and tells, made from what it knows of a passage."""

from access.decision import Decision
from access.entries import Decided, PassageEnded
from edge.gate.actions import Tell
from edge.gate.passage import Passage, Presentation


def decided(passage: Passage, by: Presentation, decision: Decision | None, direction: str, revision: int) -> Decided:
    """Write down a decision on a passage with everything that it was made of."""
    explained = decision.explanation if decision else None
    return Decided(
        outcome=passage.outcome,
        reason=passage.reason,
        medium=by.medium,
        device=by.device,
        revision=revision,
        direction=direction,
        category=passage.category,
        credential=passage.credential,
        person=passage.person,
        confidence=by.confidence,
        capture=passage.capture,
        text=passage.text,
        holder=passage.holder,
        unit=passage.unit,
        values=dict(passage.values),
        steps=tuple([step.rule, dict(step.saw), step.concluded] for step in explained.steps) if explained else (),
        candidates=tuple([c.credential.shown, c.why, list(c.differs)] for c in passage.candidates),
    )


def ended(passage: Passage, result: str, direction: str, now: float) -> PassageEnded:
    """Write down the end of a passage at `now` (monotonic)."""
    opened = passage.opened
    open_ms = 0 if opened is None else round((now - opened) * 1000)
    waited_ms = round(((now if opened is None else opened) - passage.began) * 1000)
    return PassageEnded(result, direction, int(result == "passed"), open_ms, waited_ms, passage.text)


def told(passage: Passage, lane: str, took_s: float = 0.0) -> Tell:
    """Say in a line of the booth's feed what was decided."""
    return Tell(
        lane,
        passage.id,
        passage.outcome,
        passage.reason,
        passage.values,
        passage.shown,
        passage.medium,
        passage.holder,
        passage.unit,
        took_s * 1000,
    )
