"""What gate and courier say to each other of the neighbours on the LAN: frozen messages, carried by `edge.link` as all others.

An edge is named by its id as text.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class PeersKnown:
    """gate -> courier, at each greeting and change: whose word over the LAN may be heard, by the rules in force.

    Each of `peers` is [edge, public key]; `site` is the site's slug (empty: no rules yet).
    """

    site: str
    peers: tuple[tuple[str, bytes], ...] = ()


@dataclass(frozen=True, slots=True)
class PeerSaid:
    """courier -> gate: what a neighbour (its edge) has contributed to shared facts and the registry does not have yet.

    Each row is [epoch (hex), seq, name, how, value, at_us]. The gate says `PeerTaken` of `serial` once it is committed.
    """

    edge: str
    rows: tuple[tuple[Any, ...], ...]
    serial: int


@dataclass(frozen=True, slots=True)
class PeerTaken:
    """gate -> courier: what a neighbour said in this message of its is committed; or, `is_lost`, it could not be taken."""

    edge: str
    serial: int
    is_lost: bool = False


@dataclass(frozen=True, slots=True)
class _Claim:
    """A use of a visit or contractor pass that is to be counted; `edge` is the other gate's. See `access.claims`."""

    edge: str
    nonce: str
    paper: str
    identity: str
    person: str
    allowed: int
    permit: str
    lane: str


@dataclass(frozen=True, slots=True)
class HomeAsked(_Claim):
    """gate -> courier: ask the home gate to count it."""


@dataclass(frozen=True, slots=True)
class ClaimMade(_Claim):
    """courier -> gate: another gate asks this one, as the home gate, to count it."""


@dataclass(frozen=True, slots=True)
class ClaimAnswered:
    """gate -> courier -> the other gate: whether the use is counted, why not, and when it was (UTC us). `edge` is the other."""

    edge: str
    nonce: str
    yes: bool
    why: str = ""
    at_us: int = 0


@dataclass(frozen=True, slots=True)
class NeighboursHeard:
    """courier -> gate -> desk: when (monotonic seconds) each neighbour (edge) was last heard, None: not in this run.

    `gone` are those whose connection the broker has reported lost; `error` is why none is heard; `dropped` counts messages by why
    they were not believed.
    """

    heard_mono: Mapping[str, float | None] = field(default_factory=dict)
    gone: tuple[str, ...] = ()
    error: str = ""
    dropped: Mapping[str, int] = field(default_factory=dict)


PEER_MESSAGES: tuple[type, ...] = (PeersKnown, PeerSaid, PeerTaken, HomeAsked, ClaimMade, ClaimAnswered, NeighboursHeard)
