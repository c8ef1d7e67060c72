"""Who is inside, from what the gates have told of the presence (`access.presence`). Pure."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID, uuid5

from access.acting.visits import visitor_at
from access.presence import OUTSIDE

AT, CAR, HELD, PARTY, LEFT = "at", "car", "held", "party", "left"
FAMILIES: Final = (AT, CAR, HELD, PARTY, LEFT)


@dataclass(frozen=True, slots=True)
class Word:
    """What an epoch of an edge says last of a fact of a site, by its entry `seq`; without `value` it was dropped."""

    site: UUID
    edge: UUID
    epoch: UUID
    seq: int
    name: str
    value: Any
    plate: str
    at_us: int

    @property
    def family(self) -> str:
        """The sort of the fact."""
        return self.name.partition(":")[0]

    @property
    def of(self) -> str:
        """Whom or what it is about."""
        return self.name.partition(":")[2]

    @property
    def id(self) -> UUID:
        """An id that stands for the site and the name."""
        return uuid5(self.site, self.name)


Words = Mapping[tuple[UUID, str], Word]


def latest(words: Iterable[Word]) -> dict[tuple[UUID, str], Word]:
    """Return the word on each fact that holds: the latest, of two at the same time the one that gates choose too."""
    found: dict[tuple[UUID, str], Word] = {}
    for word in words:
        other = found.get((word.site, word.name))
        if other is None or _order(word) > _order(other):
            found[word.site, word.name] = word
    return found


def _order(word: Word) -> tuple[int, str]:
    return word.at_us, "" if word.value is None else json.dumps(word.value)


@dataclass(frozen=True, slots=True)
class Present:
    """Somebody or something inside: in which zone ("": no lane would know), since when (epoch seconds), by which word.

    `takes_room`: it is a vehicle that is counted; `by_card`: of which no more is known than whose card was shown. `visit` and
    `contractor_pass`: by which they came in; `people`: how many of the visit's party there are.
    """

    word: Word
    subject: str
    zone: str
    since: int
    takes_room: bool = False
    by_card: bool = False
    visit: str = ""
    contractor_pass: str = ""
    people: int = 1


def present(words: Words, holders: Mapping[str, str]) -> Iterator[Present]:
    """Yield who is inside, each once; `holders` names, by pass, whom its holder is in the presence.

    Whom a guard let in without a reader is told only by the visit's party or by the duplicate that hangs at the post.
    """
    papers = _Papers(words, holders)
    for word in words.values():
        if word.family == AT and (where := _where(word.value)):
            yield papers.seen(word, where)
        elif word.family == HELD and (where := _where(word.value)):
            holder = holders.get(word.of, "")
            if not _is_at(words, word.site, holder):
                yield Present(word, holder, "", where[1], contractor_pass=word.of)
        elif word.family == PARTY and _number(word.value) > 0:
            visitor = _visitor(word.of)
            if not _is_at(words, word.site, visitor):
                yield Present(word, visitor, "", word.at_us // 1_000_000, visit=word.of, people=_number(word.value))


def left_unnamed(words: Words) -> dict[tuple[UUID, str], int]:
    """Return when (epoch seconds) somebody whom nobody could name last left a zone of a site."""
    return {(word.site, word.of): word.value for word in words.values() if word.family == LEFT and isinstance(word.value, int)}


def passes_in(words: Words) -> set[str]:
    """Return the passes whose duplicates hang at a post."""
    return {word.of for word in words.values() if word.family == HELD and word.value is not None}


class _Papers:
    """By which visit or pass they are inside whom a lane has seen."""

    def __init__(self, words: Words, holders: Mapping[str, str]) -> None:
        self._words = words
        self._passes = {(word.site, holders.get(word.of)): word for word in words.values() if word.family == HELD and word.value}
        self._visits = {(word.site, _visitor(word.of)): word for word in words.values() if word.family == PARTY}

    def seen(self, word: Word, where: tuple[str, int]) -> Present:
        """Return whom this word is about."""
        held, party = self._passes.get((word.site, word.of)), self._visits.get((word.site, word.of))
        by_card = _where_of(self._words.get((word.site, f"{CAR}:{word.of}"))) is not None
        return Present(
            word,
            word.of,
            *where,
            takes_room=by_card or any(str(one).startswith("zone:") for one in word.value[2:]),
            by_card=by_card,
            visit=party.of if party else "",
            contractor_pass=held.of if held else "",
            people=max(1, _number(party.value)) if party else 1,
        )


def _visitor(visit: str) -> str:
    return visitor_at(visit).partition(":")[2]


def _where(value: Any) -> tuple[str, int] | None:
    """Return zone (or lane) and since when, None for outside or for what is of no form of ours."""
    match value:
        case [str(zone), int(since), *_] if zone != OUTSIDE:
            return zone, since
    return None


def _where_of(word: Word | None) -> tuple[str, int] | None:
    return None if word is None else _where(word.value)


def _is_at(words: Words, site: UUID, subject: str) -> bool:
    return _where_of(words.get((site, f"{AT}:{subject}"))) is not None


def _number(value: Any) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) else 0
