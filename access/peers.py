"""What neighbours say over the LAN while the registry is away: facts with their source and their age, never knowledge.

A gate that is cut off hears from the others of its site what they have contributed to some facts (`access.sharing`) and the
registry does not have yet. It writes that down (`peer:<edge>`), and lays it over its own presence: *as the neighbours say*. By
that alone nothing opens: who may come in by what the gate knows itself, and may not as they say, becomes the guard's question. So
a neighbour that lies, or is behind, can ask the guard to look, and no more.

What the registry tells of the same contribution takes the place of the word, and is counted once: both are states of one epoch.
"""

from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import field
from datetime import datetime
from typing import Any
from uuid import UUID

from access.entries import FactsChanged
from access.immutable import immutable
from access.presence import Change, Presence, Value, counted_in
from access.projection import FROM_PEER
from access.sharing import NUMBER_MAX, SET, SUM, Contribution, Told, Totals, entries_of, how_shared, is_sound, new_in

TOLD_ON = frozenset({"uses", "party", "held", "transfer", "at", "car"})
"""What neighbours tell each other; not what is counted by where somebody is, nor goods, modes, an evacuation or rules."""
WORDS_MAX = 2_000  # of one neighbour
KEPT_S = 7 * 24 * 3600
_US = 1_000_000


@immutable
class Word:
    """What a neighbour said, and when it was heard (UTC us, by this gate's clock)."""

    told: Told
    heard_us: int

    def is_after(self, other: "Word") -> bool:
        """Tell whether it says more than another of the same epoch about the same fact."""
        mine, theirs = self.told.contribution, other.told.contribution
        return self.told.seq > other.told.seq if mine.how == SUM else mine.following(theirs) != theirs


@immutable
class Spoken:
    """What a word changes, as the neighbour (its edge) says, in what this gate knows; and when it was heard (UTC us)."""

    change: Change
    edge: UUID
    heard_us: int
    at_us: int  # of what is set: since when it is so


@immutable
class AsSaid:
    """The presence as the neighbours say, and of each fact that is otherwise by their word: whose, and when heard (UTC us)."""

    presence: Presence
    said: Mapping[str, tuple[UUID, int]] = field(default_factory=dict)


@immutable
class Hearsay:
    """What neighbours say beyond what this gate knows itself, in the order in which it was heard."""

    spoken: tuple[Spoken, ...] = ()

    def as_said(self, presence: Presence, peers: Container[UUID], at: datetime) -> AsSaid | None:
        """Lay it over the presence, but for what is too old, and of whom the rules do not know; None where nothing is left."""
        heard = [one for one in self.spoken if one.edge in peers and _is_kept(one.heard_us, at.timestamp() * _US)]
        if not heard:
            return None
        said: dict[str, tuple[UUID, int]] = {}
        for one in heard:
            _, name, value = one.change
            counted = (*counted_in(name, presence.facts.get(name)), *counted_in(name, value))
            said |= dict.fromkeys((name, *counted), (one.edge, one.heard_us))
            presence = presence.moved((one.change,), {})
        return AsSaid(presence, said)

    def after(self, changes: Iterable[Any], at_us: int) -> "Hearsay":
        """Return what is left of it after changes of this gate's own at this time (UTC us): what it sets itself later, holds."""
        if not self.spoken:
            return self
        own = {name for how, name, *_ in changes if how != "add"}
        left = tuple(one for one in self.spoken if one.change[1] not in own or one.change[0] == "add" or one.at_us > at_us)
        return self if len(left) == len(self.spoken) else Hearsay(left)


class Words:
    """The words of all neighbours that the registry has not confirmed, so many of each at most; the newest are kept."""

    def __init__(self, words: Iterable[Word] = ()) -> None:
        self._words: dict[tuple[str, str, str], Word] = {}
        for word in words:
            self.take(word)

    def __len__(self) -> int:
        return len(self._words)

    def is_news(self, word: Word) -> bool:
        """Tell whether it is of the kind that is told, has its form, and says more than what was heard before."""
        known = self._words.get(_key(word))
        one = word.told.contribution
        is_told = one.name.partition(":")[0] in TOLD_ON and is_sound(word.told)
        return is_told and (known is None or word.is_after(known))

    def take(self, word: Word) -> None:
        """Keep a word."""
        if not self.is_news(word):
            return
        self._words.pop(_key(word), None)
        self._words[_key(word)] = word
        theirs = [key for key in self._words if key[0] == word.told.edge] if len(self._words) > WORDS_MAX else []
        for key in theirs[:-WORDS_MAX]:
            del self._words[key]

    def sums(self) -> list[tuple[str, str]]:
        """Name the sums that are spoken of, by (epoch, name): their totals as known here are asked for by them."""
        return [(key[1], key[2]) for key, word in self._words.items() if word.told.contribution.how == SUM]

    def beyond(self, presence: Presence, times: Mapping[str, int], totals: Totals, now_us: int) -> Hearsay:
        """Return what they say beyond what is known here (see `access.sharing.learned`), and forget the rest, and what is old."""
        words = {id(word.told): word for word in self._words.values() if _is_kept(word.heard_us, now_us)}
        told = (word.told for word in words.values())
        found = [(words[id(one)], change) for one, change in new_in(told, presence, times, totals)]
        self._words = {_key(word): word for word, _ in found}
        return Hearsay(tuple(_spoken(word, change) for word, change in found))


def _is_kept(heard_us: int, now_us: float) -> bool:
    """Tell whether a word is not too old; nor of a time that is long to come: then the clock was set back meanwhile."""
    return abs(now_us - heard_us) <= KEPT_S * _US


def _key(word: Word) -> tuple[str, str, str]:
    return word.told.edge, word.told.epoch, word.told.contribution.name


def _spoken(word: Word, change: tuple[Any, ...]) -> Spoken:
    how, name, value = change[:3]
    return Spoken((how, name, value), UUID(word.told.edge), word.heard_us, word.told.contribution.at_us)


def written(words: Iterable[Word]) -> list[FactsChanged]:
    """Return the entries that say what neighbours said: of a sum all that the epoch has added through an entry of it."""
    return entries_of((FROM_PEER + word.told.edge, _as_written(word.told), {}) for word in words)


def _as_written(told: Told) -> tuple[Any, ...]:
    one = told.contribution
    if one.how == SUM:
        return "add", one.name, one.value, told.epoch, told.seq
    return "drop" if one.value is None else "set", one.name, one.value, one.at_us, told.epoch, told.seq


def words_in(body: FactsChanged, heard_us: int) -> Iterator[Word]:
    """Yield the words that an entry holds that was written at this time (UTC us)."""
    edge = body.source.removeprefix(FROM_PEER)
    for change in body.facts if body.source.startswith(FROM_PEER) else ():
        match change:
            case ["add", str(name), int(total), str(epoch), int(seq)]:
                yield Word(Told(edge, epoch, seq, Contribution(name, SUM, total, heard_us)), heard_us)
            case ["set" | "drop", str(name), value, int(at_us), str(epoch), int(seq)]:
                yield Word(Told(edge, epoch, seq, Contribution(name, SET, value, at_us)), heard_us)


def word(edge: str, row: tuple[Any, ...], heard_us: int) -> Word | None:
    """Return the word that a row (epoch, seq, name, how, value, at_us) of a neighbour's message is, None where it is none."""
    match row:
        case (str(epoch), int(seq), str(name), "set" | "sum" as how, value, int(at_us)) if (
            how_shared(name) == how and 0 < seq <= NUMBER_MAX
        ):
            told = Told(edge, epoch, seq, Contribution(name, how, _plain(value), at_us))
            return Word(told, heard_us) if is_sound(told) else None
    return None


def _plain(value: Any) -> Value | None:
    return list(value) if isinstance(value, tuple) else value
