"""From what was presented to what is on record: exact matches open, look-alikes are candidates of a question."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from access.card import CardNumber
from access.on_record import Block, Credential
from access.plate import PROVINCES, shown
from access.snapshot import Snapshot

CANDIDATES_MAX = 5


@dataclass(frozen=True, slots=True)
class Candidate:
    """A registered plate that the reading may mean, and the positions (from 0) where it differs."""

    credential: Credential
    differs: tuple[int, ...]

    @property
    def why(self) -> str:
        """Name the kind of likeness: province only, one character, or several."""
        if self.differs == (0,) and self.credential.shown[:1] in PROVINCES:
            return "province"
        return "one" if len(self.differs) == 1 else "several"


@dataclass(frozen=True, slots=True)
class Match:
    """What a presentation means: exact credentials, near ones as candidates, blocks exact and near."""

    shown: str
    exact: tuple[Credential, ...]
    candidates: tuple[Candidate, ...]
    block: Block | None
    near_block: Block | None

    @property
    def credential(self) -> Credential | None:
        """The one exact credential, or None where there is none or several."""
        return self.exact[0] if len(self.exact) == 1 else None

    def described(self) -> Mapping[str, Any]:
        """Return the values for a sentence: what was shown, and who holds it as far as that is sure."""
        person = self.credential.person if self.credential else None
        return {"shown": self.shown, "holder": person.name if person else "", "unit": person.unit if person else ""}


def as_shown(medium: str, text: str) -> str:
    """Return what may be shown of a credential: a plate as people write it, of a card or code only its last four characters."""
    return shown(text) if medium == "plate" else f"…{text[-4:]}"


def match(
    medium: str,
    raw: str,
    text: str,
    bits: int,
    snapshot: Snapshot,
    *,
    characters: tuple[float, ...] = (),
    colour: str = "",
    vehicle_class: str = "",
    direction: str = "",
    inside: Callable[[Credential], bool | None] = lambda _: None,
    unregistered: Callable[[], Iterable[Credential]] = tuple,
) -> Match:
    """Look `text` up by its medium: a plate with its look-alikes, a card by its number, a code by its text.

    `inside` tells whether a vehicle is; `unregistered` gives vehicles that are not on record but inside, as candidates at an exit.
    """
    if medium == "plate":
        return _match_plate(text, snapshot, unregistered)
    if medium == "card":
        number = CardNumber(bytes.fromhex(raw), bits)
        return Match(as_shown(medium, raw), snapshot.card(number), (), snapshot.blocked_card(number), None)
    return Match(as_shown(medium, text), snapshot.code(text), (), None, None)


def _match_plate(text: str, snapshot: Snapshot, unregistered: Callable[[], Iterable[Credential]]) -> Match:
    exact = snapshot.plate(text)
    others = () if exact else (*snapshot.neighbours(text), *unregistered())
    near = [Candidate(other, _differences(text, other.shown)) for other in others]
    near.sort(key=lambda candidate: (len(candidate.differs), candidate.credential.shown))
    near_block = None if exact else snapshot.nearly_blocked(text)
    return Match(as_shown("plate", text), exact, tuple(near[:CANDIDATES_MAX]), snapshot.blocked_plate(text), near_block)


def doubtful(text: str, characters: tuple[float, ...], confidence: float) -> int | None:
    """Return the first position at which a reading is doubtful, or None."""
    return None if confidence >= 0.5 else 0


def favoured(candidates: tuple[Candidate, ...], characters: tuple[float, ...]) -> Candidate | None:
    """Return the candidate that has no rival and whose registered characters the reader's own scores favour, or None."""
    return None


def _differences(text: str, other: str) -> tuple[int, ...]:
    length = max(len(text), len(other))
    return tuple(at for at in range(length) if text[at : at + 1] != other[at : at + 1])
