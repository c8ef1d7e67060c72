"""How a reading can come of a registered plate: by look-alikes, a misread or lost province, a character lost or won at the end.

Never by edit distance: what is none of these differences makes two plates unlike. Characters' scores are the reader's own, 0..1.
"""

from collections.abc import Iterator, Sequence

from access.confusion import OTHER_PROVINCE, confusable_cost, province_cost
from access.immutable import immutable
from access.plate import PROVINCES

COMPARED_LENGTH_MIN = 5  # shorter plates resemble too much
DIFFERENCES_MAX = 3
MISSING_PROVINCE = 1.0
MISSING_END = 2.0  # tails are often cut, and any of 34 characters may have stood there
EXTRA_END = 2.5

# Below this the reader gives all other characters together more than the one it names.
EVEN = 0.5


@immutable
class Difference:
    """One difference: what was read, what is registered, what it costs, and the reader's score where it gave one.

    Kinds: confusable, province, missing_province, missing_end, extra_end. The place counts from 0 in the registered plate; that
    of an extra character is the one behind its end.
    """

    kind: str
    at: int
    read: str
    meant: str
    cost: float
    score: float | None = None


@immutable
class Likeness:
    """The differences between a reading and a registered plate in their order, none where they are equal."""

    differences: tuple[Difference, ...] = ()

    @property
    def cost(self) -> float:
        """The sum of what the differences cost: the lower, the likelier."""
        return sum(difference.cost for difference in self.differences)

    @property
    def differs(self) -> tuple[int, ...]:
        """The places of the differences."""
        return tuple(difference.at for difference in self.differences)


def likeness(read: str, characters: Sequence[float], registered: str) -> Likeness | None:
    """Return how the reading `read` (normal form, with a score for each character or none) can be of `registered`, else None."""
    if read == registered:
        return Likeness()
    if min(len(read), len(registered)) < COMPARED_LENGTH_MIN:
        return None
    ways = [_compared(read, characters, registered, *way) for way in _structural(read, characters, registered)]
    return min((way for way in ways if way), key=lambda way: way.cost, default=None)


def _structural(read: str, characters: Sequence[float], registered: str) -> Iterator[tuple[int, list[Difference]]]:
    """Yield each place of `registered` that may have been lost (its end: none was), with the difference that this makes."""
    end, longer = len(registered), len(registered) - len(read)
    if longer == 0:
        yield end, []
    elif longer == 1:
        yield end - 1, [Difference("missing_end", end - 1, "", registered[-1], MISSING_END)]
        for at, character in enumerate(registered):
            if character in PROVINCES and read[at : at + 1] != character:
                yield at, [Difference("missing_province", at, "", character, MISSING_PROVINCE)]
    elif longer == -1:
        score = _score(read, characters, end)
        yield end, [Difference("extra_end", end, read[-1], "", _weighed(EXTRA_END, score), score)]


def _compared(read: str, characters: Sequence[float], registered: str, lost: int, found: list[Difference]) -> Likeness | None:
    """Compare character by character but for the place `lost`; None where a difference is none of ours, or there are too many."""
    kept = registered[:lost] + registered[lost + 1 :]
    if read == kept:  # as a rule where the end is lost, of which there may be many
        return Likeness(tuple(found))
    for at, (one, meant) in enumerate(zip(read, kept, strict=False)):
        if one == meant:
            continue
        difference = _substituted(at + (at >= lost), one, _score(read, characters, at), meant)
        if difference is None or len(found) == DIFFERENCES_MAX:
            return None
        found.append(difference)
    return Likeness(tuple(sorted(found, key=_place)))


def _place(difference: Difference) -> int:
    return difference.at


def _substituted(at: int, read: str, score: float | None, meant: str) -> Difference | None:
    for kind, cost in (("confusable", confusable_cost(read, meant)), ("province", province_cost(read, meant))):
        if cost is not None:
            return Difference(kind, at, read, meant, _weighed(cost, score), score)
    return None


def _score(read: str, characters: Sequence[float], at: int) -> float | None:
    """Return the reader's score of a character; None where it gave not one for each, or this is none."""
    return characters[at] if len(characters) == len(read) and 0 <= characters[at] <= 1 else None


def _weighed(cost: float, score: float | None) -> float:
    """Make a difference cheaper where the reader doubted its character, dearer where it was sure: by half at either end."""
    return cost if score is None else cost * (0.5 + score)


def favours(found: Likeness) -> bool:
    """Tell whether the reader's own score speaks for the registered plate: it hardly believed the one character that differs.

    That is one of a confusable pair, or a province often mixed up. Nothing speaks for a plate that differs otherwise or in more,
    nor for any where the reader gives no scores.
    """
    if len(found.differences) != 1:
        return False
    (only,) = found.differences
    return (only.kind == "confusable" or often_mixed_up(only)) and only.score is not None and only.score < EVEN


def often_mixed_up(difference: Difference) -> bool:
    """Tell whether this is a province read for one that it is often mixed up with; any other is only misread."""
    cost = province_cost(difference.read, difference.meant)
    return difference.kind == "province" and cost is not None and cost < OTHER_PROVINCE
