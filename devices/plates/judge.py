"""Judge: which of the texts that a plate may carry it is, and how sure that is."""

from collections.abc import Sequence
from dataclasses import dataclass

from access.plate import kind_of
from devices.plates.colour import colour_weight
from devices.plates.stages import Found, Line, Text

DOUBT_BELOW = 0.9  # below this a second look pays
CONFIDENCE_MIN = 0.001  # what is less likely than this is no plate


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one found plate says: the free text, the likeliest plate, its kind and colour, and the confidence (0..1)."""

    found: Found
    raw: str
    line: Line
    kind: str
    colour: str
    confidence: float


def judge(found: Found, texts: Sequence[Text], colour: str) -> Verdict | None:
    """Weigh what the strips of one plate say against its colour; None where nothing is likely enough.

    The confidence is the probability of the whole text, times the weight of its kind in this colour.
    """
    weighed = [
        (line.probability * colour_weight(colour, kind_of(line.text)), text.raw, line) for text in texts for line in text.lines
    ]
    if not weighed:
        return None
    confidence, raw, line = max(weighed, key=lambda candidate: candidate[0])
    if confidence < CONFIDENCE_MIN:
        return None
    return Verdict(found, raw, line, kind_of(line.text), colour, min(confidence, 1.0))


def is_doubtful(verdict: Verdict | None) -> bool:
    """Tell whether a second, closer look is worth its time."""
    return verdict is None or verdict.confidence < DOUBT_BELOW


def better(one: Verdict | None, other: Verdict | None) -> Verdict | None:
    """Return the surer of two verdicts on the same plate."""
    if one is None or other is None:
        return one or other
    return other if other.confidence > one.confidence else one
