"""From what was presented to what is on record: exact matches open, look-alikes are candidates of a question."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from access.card import CardNumber
from access.confusion import OTHER_PROVINCE, partners
from access.immutable import immutable
from access.likeness import EVEN, Likeness, favours, likeness
from access.on_record import Block, Credential
from access.plate import MOTOR, PROVINCES, SERIAL, SUFFIXES, colours_of, kind_of, shown
from access.snapshot import Snapshot

CANDIDATES_MAX = 5
AGAINST = 0.5  # what colour, class and presence each add that speak against it, as if the likeness were three times rarer
RIVAL_MARGIN = 1.0  # a candidate has no rival where the next one costs this much more: one common confusion

# A character read with a lower score is doubtful. Of a thousand real plates cut out, one in four of such characters was wrong (18
# of 65), of the others one in a thousand; to ask about them halves the wrong plates and costs 3 % of the answers.
CHARACTER_SURE = 0.9
# Without scores the confidence of the whole plate stands for each of them, whose product it is: 0.9 ** 7 is about this.
PLATE_SURE = 0.5
_ANY = frozenset(PROVINCES + SERIAL + SUFFIXES)


@immutable
class PlateReading:
    """A plate as it was read: normal form, a score 0..1 of each character or none; what else was seen, "" if it was not."""

    text: str
    characters: tuple[float, ...] = ()
    colour: str = ""
    vehicle_class: str = ""
    direction: str = ""


@immutable
class Candidate:
    """A registered plate that the reading may mean: how it can be, what else was seen that speaks against it, where it is.

    `clashes` are of `colour` and `class`; `inside` is None where nobody knows.
    """

    credential: Credential
    likeness: Likeness
    clashes: tuple[str, ...] = ()
    inside: bool | None = None

    @property
    def differs(self) -> tuple[int, ...]:
        """The places, from 0, where the plates differ."""
        return self.likeness.differs

    @property
    def why(self) -> str:
        """Name the kind of likeness shortly: same, province, one (character), missing, extra, or several."""
        if not self.differs:
            return "same"
        kind = self.likeness.differences[0].kind if len(self.differs) == 1 else "several"
        return {"confusable": "one", "missing_end": "missing", "missing_province": "missing", "extra_end": "extra"}.get(
            kind, kind
        )


@immutable
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
    confidence: float = 1.0,
    characters: tuple[float, ...] = (),
    colour: str = "",
    vehicle_class: str = "",
    direction: str = "",
    inside: Callable[[Credential], bool | None] = lambda _: None,
    unregistered: Callable[[], Iterable[Credential]] = tuple,
) -> Match:
    """Look `text` up by its medium: a plate with its look-alikes, a card by its number, a code by its text.

    `inside` tells whether a vehicle is; `unregistered` gives vehicles that are not on record but inside, which may leave.
    """
    if medium == "plate":
        read = PlateReading(text, characters, colour, vehicle_class, direction)
        return _match_plate(read, confidence, snapshot, inside, unregistered)
    if medium == "card":
        digest = snapshot.card_hash(CardNumber(bytes.fromhex(raw), bits))
        return Match(as_shown(medium, raw), snapshot.of_hash(digest), (), snapshot.blocked_hash(digest), None)
    digest = snapshot.code_hash(text)
    return Match(as_shown(medium, text), snapshot.of_hash(digest), (), snapshot.blocked_hash(digest), None)


def _match_plate(
    read: PlateReading,
    confidence: float,
    snapshot: Snapshot,
    inside: Callable[[Credential], bool | None],
    unregistered: Callable[[], Iterable[Credential]],
) -> Match:
    """Look for near plates only where none is equal, or the reading is doubtful: most vehicles are on record and well read."""
    exact, block = snapshot.plate(read.text), snapshot.blocked_plate(read.text)
    if exact and doubtful(read.text, read.characters, confidence) is None:
        return Match(as_shown("plate", read.text), exact, (), block, None)
    candidates = with_holders(rank(read, (*exact, *snapshot.neighbours(read.text), *unregistered()), inside), snapshot)
    return Match(as_shown("plate", read.text), exact, candidates, block, snapshot.nearly_blocked(read.text))


def doubtful(text: str, characters: Sequence[float], confidence: float) -> int | None:
    """Return the first place where `text` is doubtful and may be another plausible plate; None where the reading stands.

    Plausible is a plate of a valid kind with a confusable character in that place, or a province often mixed up with the one
    read; where the reader believed another character more, with any. Where `text` is no Chinese plate, all are plausible. A score
    that is none of 0..1 is believed in nothing; without scores a doubtful plate is so from its first character on.
    """
    if len(characters) != len(text):
        return 0 if text and not PLATE_SURE <= confidence <= 1 else None
    places = (at for at, score in enumerate(characters) if not CHARACTER_SURE <= score <= 1 and _separates(text, at, score))
    return next(places, None)


def _separates(text: str, at: int, score: float) -> bool:
    """Tell whether another character, which a score so low leaves open, makes another plate of a valid kind at this place.

    Nearly every letter of a new-energy plate resembles a digit that would make it an e-bike's: that alone is no doubt.
    """
    open_to = partners(text[at]) if EVEN <= score <= 1 else _ANY.difference(text[at])
    others = (text[:at] + other + text[at + 1 :] for other in open_to)
    kind = kind_of(text)
    return any(kind_of(other) in MOTOR | {kind} for other in others) if kind else bool(open_to)


# --- candidates -----------------------------------------------------------------------------------


def rank(
    read: PlateReading, registered: Iterable[Credential], inside: Callable[[Credential], bool | None]
) -> tuple[Candidate, ...]:
    """Return what of `registered` the reading may mean, likeliest first, at most CANDIDATES_MAX.

    By the cost of the likeness, and of what speaks against it: another colour, another class, being where it cannot be.
    """
    candidates = [
        Candidate(credential, found, _clashes(read, credential), inside(credential))
        for credential in registered
        if (found := likeness(read.text, read.characters, credential.shown)) is not None
    ]
    candidates.sort(key=lambda candidate: _order(candidate, read.direction))
    return tuple(candidates[:CANDIDATES_MAX])


def with_holders(candidates: Iterable[Candidate], snapshot: Snapshot) -> tuple[Candidate, ...]:
    """Return candidates with what is on record of their holders."""
    return tuple([replace(one, credential=snapshot.with_holder(one.credential)) for one in candidates])


def _order(candidate: Candidate, direction: str) -> tuple[float, int, float, str]:
    """Return what candidates are sorted by: of equals, who is known to be in place first, who is not last."""
    cost, in_place = candidate.likeness.cost, _in_place(candidate, direction)
    against = len(candidate.clashes) + (in_place is False)
    return cost + AGAINST * against, (True, None, False).index(in_place), cost, candidate.credential.shown


def _in_place(candidate: Candidate, direction: str) -> bool | None:
    """Tell whether a vehicle is where it must be: who leaves is inside, who comes is not; None where nobody knows."""
    return candidate.inside is (direction == "out") if direction in ("in", "out") and candidate.inside is not None else None


def _clashes(read: PlateReading, credential: Credential) -> tuple[str, ...]:
    """Name what was seen otherwise than is known; what is not known on either side clashes with nothing."""
    colours = frozenset({credential.colour}) if credential.colour else colours_of(credential.shown)
    clashes = {
        "colour": bool(read.colour and colours) and not any(read.colour in colour for colour in colours),
        "class": bool(read.vehicle_class and credential.vehicle_class) and read.vehicle_class != credential.vehicle_class,
    }
    return tuple(name for name, clash in clashes.items() if clash)


def favoured(candidates: Sequence[Candidate], characters: Sequence[float]) -> Candidate | None:
    """Return the candidate that may leave without being asked, None where there is none such.

    It has no rival, the reader's own scores speak for it and leave no doubt beside the difference, and nothing else that is known
    speaks against it.
    """
    best, *others = candidates or (None,)
    if best is None or best.clashes or best.inside is False or not favours(best.likeness):
        return None
    if doubtful(best.credential.shown, _settled(characters, best.differs), confidence=1.0) is not None:
        return None
    rivals = (other for other in others if other.likeness.cost < best.likeness.cost + RIVAL_MARGIN)
    return None if any(rivals) else best


def _settled(characters: Sequence[float], places: Sequence[int]) -> tuple[float, ...]:
    """Return the scores as they would be without any doubt in these places."""
    return tuple(1.0 if at in places else score for at, score in enumerate(characters))


@immutable
class NearPlate:
    """A registered plate that is one confusion from one to be registered: readings of either may be of the other."""

    plate: str
    likeness: Likeness


def registration_warnings(plate: str, neighbours: Iterable[str]) -> tuple[NearPlate, ...]:
    """Return those of `neighbours` (plates on record, normal form) that are one confusion from `plate`, likeliest first.

    A last character more or less is one too. Of provinces only those that are often mixed up count.
    """
    found = ((other, _likeness_either_way(plate, other)) for other in neighbours)
    near = [NearPlate(other, like) for other, like in found if like and len(like.differs) == 1 and like.cost < OTHER_PROVINCE]
    return tuple(sorted(near, key=lambda warning: (warning.likeness.cost, warning.plate)))


def _likeness_either_way(one: str, other: str) -> Likeness | None:
    """Return the likelier of how either plate may be read for the other: a lost province or end is lost one way only."""
    ways = (likeness(one, (), other), likeness(other, (), one))
    return min((way for way in ways if way), key=lambda way: way.cost, default=None)
