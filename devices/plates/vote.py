"""Vote: the reads of one arrival's frames become one read. Pure.

Frames of a standing vehicle repeat the same mistake, so agreement settles the question but never raises the confidence above
that of the best frame; disagreement lowers it.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace

from devices.readings import PlateRead

VERY_SURE = 0.95  # one frame as sure as this needs no second
AGREEING_MIN = 2
BALLOTS_MAX = 16  # of one arrival; the oldest go first


@dataclass(frozen=True, slots=True)
class Ballot:
    """What one frame says, and which frame it was."""

    read: PlateRead
    frame: int


@dataclass(frozen=True, slots=True)
class Vote:
    """The winning text as its best frame read it, with the voted confidence; `settled` where no more frames are needed."""

    read: PlateRead
    frame: int
    agreeing: int
    settled: bool


def vote(ballots: Sequence[Ballot]) -> Vote | None:
    """Return the text with the greatest sum of confidence, None where nothing was read."""
    if not ballots:
        return None
    by_text: defaultdict[str, list[Ballot]] = defaultdict(list)
    for ballot in ballots[-BALLOTS_MAX:]:
        by_text[ballot.read.text].append(ballot)
    weights = {text: sum(ballot.read.confidence for ballot in agreeing) for text, agreeing in by_text.items()}
    text = max(weights, key=weights.__getitem__)
    best = max(by_text[text], key=lambda ballot: ballot.read.confidence)
    share = weights[text] / (sum(weights.values()) or 1.0)
    confidence = best.read.confidence * share
    settled = confidence >= VERY_SURE or (len(by_text[text]) >= AGREEING_MIN and share > 0.5)
    return Vote(replace(best.read, confidence=confidence), best.frame, len(by_text[text]), settled)
