"""What is known beside the rules: who and what is inside, how often a visit was used, what lies at a post.

A fact has a name and a value; a journal entry that changes facts says how. So the presence is the sum of the entries, in order,
and what a decision read of it can be written down and used again. No name or value tells a plate or a person.

| name | value |
|---|---|
| `at:<subject>` | [zone, since, counts in…]: where a vehicle, a person or an unregistered plate's pseudonym is; "" is outside |
| `drove:<person>` | how many vehicles of theirs are on the site that came in by their plates |
| `car:<person>` | [zone, since, counts in…]: where a car is that came in by this person's card alone |
| `zone:<zone>` | vehicles in it; the zone of lanes that have none is `site` |
| `left:<zone>` | when somebody whom nobody could name last left it, as by a manual opening |
| `quota:<quota>`, `permit:<permit>`, `party:<visit>` | how many of them are inside |
| `uses:<visit>` | how often its holders were let in |
| `released:<slip>:<line>` | thousandths of its unit that went out on this line of a goods slip: `add` by the trip's `SlipActed` |
| `held:<pass>` | [lane, since, counts in…]: the duplicate of a contractor pass that lies at a post |
| `transfer:<pass>` | [lane, since, lane left by]: a duplicate that lies there still, though its holder left by another post |
| `lent:<card>` | [visit, since]: to whom a visitor card is lent |
| `loading:<subject>`, `cleared:<subject>` | since when: marked as loading; goods checked for this trip |
| `first:<lane>` | since when a first person is there |
| `evacuation` | since when exits stand open |
| `mode:<lane>` | [mode, until, direction]: what a guard has set a lane of this gate to; until 0 is without end |
| `rules` | when the registry last confirmed our rules |
| `claim:<visit or pass>` | [yes, no or silent, home edge, why, when]: what its home gate said, of one presentation; in no entry |
| `clock` | the quality of the time that decisions are made at, only while it is not trusted |

What somebody counts in (`zone:`, `quota:`, `drove:`, `permit:`) is said with where they are, and the number follows: as that fact
changes, by whoever's word, the names that it had are counted down and those that it has now up. What has no name of its own is
added and taken away. A value that names nothing counts in nothing: what an older entry added stands until they pass again.

Sums of visits and slips that are long over are dropped, at each gate for itself (`edge.store.disused`).

Times are epoch seconds. A number may be below 0 while what it is taken from has not been heard of (`access.sharing`): it is
read as 0.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import field
from datetime import UTC, datetime
from typing import Any

from access.immutable import immutable
from access.persistent import PersistentMap
from access.plate_index import Ask, asked, folded

Value = int | str | list[Any]
Change = tuple[str, str, Value | None]  # (set | add | drop, name, value)
SITE, OUTSIDE = "site", ""
ALIKE_MAX = 64
STEM_MAX = 1024
_COUNTING = ("at:", "car:", "held:")
_COUNTED = ("zone:", "quota:", "drove:", "permit:")


class PresenceError(Exception):
    """A change of facts that makes no sense; names it."""


@immutable
class Whereabouts:
    """In which zone a subject is ("": outside), and since when."""

    zone: str
    since: datetime


@immutable
class Plates:
    """The plates of the vehicles inside, by subject; and subjects by the stem of theirs: what it folds to, but for its end."""

    of: PersistentMap[str] = field(default_factory=PersistentMap)
    stems: PersistentMap[tuple[str, ...]] = field(default_factory=PersistentMap)

    @classmethod
    def inside(cls, of: Mapping[str, str]) -> "Plates":
        """Return these plates, by subject."""
        stems: dict[str, tuple[str, ...]] = {}
        for subject, plate in of.items():
            stems[_stem(plate)] = (*stems.get(_stem(plate), ()), subject)[-STEM_MAX:]
        return cls(PersistentMap(of), PersistentMap(stems))

    def coming(self, subject: str, plate: str) -> "Plates":
        """Return these with one more."""
        stem = _stem(plate)
        there = (*self.stems.get(stem, ()), subject)[-STEM_MAX:]
        return Plates(self.of.with_value(subject, plate), self.stems.with_value(stem, there))

    def leaving(self, subject: str) -> "Plates":
        """Return these without one."""
        plate = self.of.get(subject)
        if plate is None:
            return self
        stem = _stem(plate)
        others = tuple(other for other in self.stems.get(stem, ()) if other != subject)
        stems = self.stems.with_value(stem, others) if others else self.stems.without(stem)
        return Plates(self.of.without(subject), stems)

    def alike(self, text: str) -> tuple[tuple[str, str], ...]:
        """Return (subject, plate) of the vehicles that a reading may mean, ALIKE_MAX at most."""
        subjects = dict.fromkeys(subject for ask in asked(text) for subject in self._asked(ask))
        return tuple((subject, self.of[subject]) for subject in subjects)[:ALIKE_MAX]

    def _asked(self, ask: Ask) -> Iterator[str]:
        stem = ask.key if ask.longer_by else ask.key[:-1]
        return (subject for subject in self.stems.get(stem, ()) if ask.longer_by or folded(self.of[subject]) == ask.key)


def _stem(plate: str) -> str:
    return folded(plate)[:-1]


@immutable
class Presence:
    """The facts at one moment, immutable; beside them the plates of the vehicles inside."""

    facts: PersistentMap[Value] = field(default_factory=PersistentMap)
    plates: Plates = field(default_factory=Plates)

    def after(self, changes: Iterable[Change], plate: str = "") -> "Presence":
        """Return the presence after `changes`, in order; `plate` is that of whom they move first ("": none was read).

        Raises PresenceError.
        """
        changes = tuple(changes)
        return self.moved(changes, plate_of_first(changes, plate))

    def moved(self, changes: Iterable[Change], plates_of: Mapping[str, str]) -> "Presence":
        """Return the presence after `changes`, in order; `plates_of` are the plates, by subject, of whom they move.

        Raises PresenceError.
        """
        facts, plates = self.facts, self.plates
        for how, name, value in changes:
            facts = _changed(_recounted(facts, name, value), how, name, value)
            if name.startswith("at:"):
                subject = name.removeprefix("at:")
                plates = plates.leaving(subject)
                if is_inside(value) and (plate := plates_of.get(subject)):
                    plates = plates.coming(subject, plate)
        return Presence(facts, plates)


def plate_of_first(changes: Iterable[Change], plate: str) -> dict[str, str]:
    """Return a plate by the subject that `changes` move first: all others ride along."""
    subjects = (name.removeprefix("at:") for _, name, _ in changes if name.startswith("at:"))
    first = next(subjects, None) if plate else None
    return {} if first is None else {first: plate}


def is_inside(value: object) -> bool:
    """Tell whether this is the value of a fact `at:` of somebody inside."""
    return isinstance(value, list) and value[:1] != [OUTSIDE]


def counted_in(name: str, value: object) -> tuple[str, ...]:
    """Return the names of the numbers that a fact with this value counts in, each once."""
    if not isinstance(value, list) or not name.startswith(_COUNTING):
        return ()
    return tuple(dict.fromkeys(part for part in value[2:] if isinstance(part, str) and part.startswith(_COUNTED)))


def _recounted(facts: PersistentMap[Value], name: str, value: Value | None) -> PersistentMap[Value]:
    """Return the facts with the numbers as they are once a fact has this value."""
    before, now = counted_in(name, facts.get(name)), counted_in(name, value)
    for one in before:
        facts = facts if one in now else _changed(facts, "add", one, -1)
    for one in now:
        facts = facts if one in before else _changed(facts, "add", one, 1)
    return facts


def _changed(facts: PersistentMap[Value], how: str, name: str, value: Value | None) -> PersistentMap[Value]:
    if how == "drop":
        return facts.without(name)
    if how == "set" and value is not None:
        return facts.with_value(name, value)
    if how == "add" and isinstance(value, int):
        before = facts.get(name, 0)
        total = (before if isinstance(before, int) else 0) + value  # below 0 until what it is taken from is heard of too
        return facts.with_value(name, total) if total else facts.without(name)
    raise PresenceError(f"no change of facts: {how} {name} {value!r}")


class Known:
    """The presence as one decision reads it; `reads` has every name that was asked for, and its value then (None: not known)."""

    __slots__ = ("_presence", "reads")

    def __init__(self, presence: Presence) -> None:
        self._presence = presence
        self.reads: dict[str, Value | None] = {}

    def value(self, name: str) -> Value | None:
        """Return a fact, or None where it is not known; nothing that is counted is read as less than 0."""
        if name not in self.reads:
            found = self._presence.facts.get(name)
            self.reads[name] = max(0, found) if isinstance(found, int) else found
        return self.reads[name]

    def all_of(self, names: Iterable[str]) -> dict[str, Value | None]:
        """Return several facts."""
        return {name: self.value(name) for name in names}

    def count(self, name: str) -> int:
        """Return a number, 0 where nothing is known."""
        value = self.value(name)
        return value if isinstance(value, int) else 0

    def moment(self, name: str) -> datetime | None:
        """Return a moment that is kept as epoch seconds."""
        value = self.value(name)
        return datetime.fromtimestamp(value, UTC) if isinstance(value, int) else None

    def whereabouts(self, subject: str) -> Whereabouts | None:
        """Return where a subject is, or None where nobody has seen it yet."""
        match self.value(f"at:{subject}"):
            case [str(zone), int(since), *_]:
                return Whereabouts(zone, datetime.fromtimestamp(since, UTC))
        return None

    def held_since(self, identity: str) -> datetime | None:
        """Return since when the duplicate of a contractor pass lies at a post, or None where it lies at none."""
        match self.value(f"held:{identity}"):
            case [str(), int(since), *_]:
                return datetime.fromtimestamp(since, UTC)
        return None

    def inside_alike(self, text: str) -> tuple[tuple[str, str, datetime], ...]:
        """Return (subject, plate, since) of the vehicles inside that a reading may mean."""
        placed = ((subject, plate, self.whereabouts(subject)) for subject, plate in self._presence.plates.alike(text))
        return tuple((subject, plate, where.since) for subject, plate, where in placed if where)
