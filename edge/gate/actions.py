"""What a gate wants done. The shell commits all `Append`s of a list first, together, and only then does the rest.

What is said to another gate over the LAN is an action as it is: the message of `edge.peer_messages`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from access.entries import Draft
from edge.peer_messages import ClaimAnswered, HomeAsked


@dataclass(frozen=True, slots=True)
class Append:
    """Commit this entry."""

    draft: Draft


@dataclass(frozen=True, slots=True)
class OpenBarrier:
    """Pulse the coil that raises a lane's arm (or releases its door); after `expires` (monotonic) it must not be sent.

    `by_board`: the board ends the pulse by itself. `vital`: opens also where its cause cannot be written (evacuation, somebody
    under an arm that comes down).
    """

    lane: str
    passage: str
    device: str
    coil: int
    pulse_ms: int
    command: str
    expires: float
    by_board: bool = False
    vital: bool = False


@dataclass(frozen=True, slots=True)
class CloseBarrier:
    """Pulse the coil that lowers a lane's arm, if its board reads every pin of `clear` (input, level) so when it is sent."""

    lane: str
    passage: str
    device: str
    coil: int
    pulse_ms: int
    command: str
    expires: float
    clear: tuple[tuple[int, bool], ...]
    by_board: bool = False


@dataclass(frozen=True, slots=True)
class Look:
    """Ask the eyes to read a camera now."""

    camera: str
    passage: str


@dataclass(frozen=True, slots=True)
class Keep:
    """Ask the eyes to keep a picture as evidence."""

    capture_id: str
    camera: str
    passage: str
    lane: str


@dataclass(frozen=True, slots=True)
class Answer:
    """Tell a guard's page what became of its request; `held`: done, and not on disk yet."""

    request: str
    accepted: bool
    refusal: str = ""
    held: bool = False


@dataclass(frozen=True, slots=True)
class Tell:
    """A line for the booth's feed; `story` is the passage in one sentence, by language, once it is over."""

    lane: str
    passage: str
    outcome: str
    reason: str
    values: Mapping[str, Any]
    shown: str
    medium: str
    holder: str
    unit: str
    took_ms: float = 0.0
    story: Mapping[str, str] = field(default_factory=dict)


Action = HomeAsked | ClaimAnswered | Append | OpenBarrier | CloseBarrier | Look | Keep | Answer | Tell
