"""Under which folded keys a registered plate is kept, and which a reading asks for; what is found is compared by `likeness`.

A key leaves provinces out, so that a misread and a lost one ask for the same, and writes the first of a group for each of its
look-alikes.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator

from access.confusion import GROUPS, WIDER_SKELETON
from access.immutable import immutable
from access.likeness import COMPARED_LENGTH_MIN
from access.plate import PROVINCES

KEY_BYTES_MAX = 24  # UTF-8; eight Chinese characters, or any plate with a few
_FOLDED = str.maketrans({character: group[0] for group in GROUPS for character in group} | dict.fromkeys(PROVINCES, ""))
# What may stand before a province. In the place behind it a letter may have been read for the province.
_BEFORE_PROVINCE = ("", "临", "WJ", "WJ警")
_WIDELY = WIDER_SKELETON | dict.fromkeys(map(ord, PROVINCES), "")


@immutable
class Ask:
    """A key to look for: exactly, or all keys of just so many more characters that begin with it."""

    key: str
    longer_by: int = 0


def folded(plate: str) -> str:
    """Return the key under which a registered plate (normal form) is kept."""
    return plate.translate(_FOLDED).encode()[:KEY_BYTES_MAX].decode(errors="ignore")


def asked(text: str) -> tuple[Ask, ...]:
    """Return what a reading (normal form) asks for: look-alikes; its end lost; its end too much; a letter read for a province."""
    if len(text) < COMPARED_LENGTH_MIN:
        return ()
    return tuple([ask for way in _ways(text) for ask in _asked_so(way)])


def _ways(text: str) -> Iterator[str]:
    """Yield the reading as it is, and without each letter that may have been read for a province."""
    yield text
    for head in _BEFORE_PROVINCE:
        if text.startswith(head) and "A" <= text[len(head) : len(head) + 1] <= "Z":
            yield head + text[len(head) + 1 :]


def _asked_so(way: str) -> tuple[Ask, ...]:
    key = folded(way)
    return Ask(key), Ask(key, longer_by=1), Ask(folded(way[:-1]))


def near_block(text: str, plate: str) -> bool:
    """Tell whether a reading may be of this blocked plate: with rarer look-alikes too, and a character lost or won anywhere.

    This only ever makes the guard look, so it may be wrong more often than a proposal of a resident.
    """
    return any(_near(way.translate(_WIDELY), plate.translate(_WIDELY)) for way in _ways(text))


def _near(one: str, other: str) -> bool:
    if min(len(one), len(other)) < COMPARED_LENGTH_MIN - 1:
        return False
    if len(one) == len(other):
        return one == other
    longer, shorter = (one, other) if len(one) > len(other) else (other, one)
    return len(longer) == len(shorter) + 1 and any(longer[:at] + longer[at + 1 :] == shorter for at in range(len(longer)))


class NearBlocks:
    """Blocked plates by what a reading of one may fold to: as it is, or with a character lost anywhere."""

    def __init__(self, plates: Iterable[str]) -> None:
        self._whole: dict[str, list[str]] = defaultdict(list)
        self._cut: dict[str, list[str]] = defaultdict(list)
        for plate in plates:
            key = plate.translate(_WIDELY)
            self._whole[key].append(plate)
            for cut in _cut(key):
                self._cut[cut].append(plate)

    def of(self, text: str) -> set[str]:
        """Return the plates that `near_block` tells of a reading, without asking it of each."""
        found = {plate for way in _ways(text) for plate in self._found(way.translate(_WIDELY))}
        return {plate for plate in found if near_block(text, plate)}

    def _found(self, key: str) -> Iterator[str]:
        yield from (*self._whole.get(key, ()), *self._cut.get(key, ()))
        for cut in _cut(key):
            yield from self._whole.get(cut, ())


def _cut(key: str) -> Iterator[str]:
    return (key[:at] + key[at + 1 :] for at in range(len(key)))
