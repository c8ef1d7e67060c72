"""Which pictures lie on the disk, and which go first: ordinary ones that the registry has, other ordinary ones, disputed ones.

Of each class the oldest go first. Pure but for the dictionary it keeps: some twenty thousand pictures, a few megabytes.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from edge.space.quotas import Quotas
from edge.store.evidence import Place

CHOSEN_MAX = 2000
SHED_PERCENT = 2  # more than needed, so that not each new picture costs an entry


@dataclass(slots=True)
class Picture:
    """One file. `at_us`: UTC microseconds; `place` is that of its entry in the journal (None: none is known)."""

    sha256: str
    size: int
    at_us: int
    place: Place | None = None
    passage: str = ""
    disputed: bool = False


@dataclass(frozen=True, slots=True)
class Choice:
    """Pictures that go, and why: age, budget or full."""

    reason: str
    pictures: tuple[Picture, ...]

    @property
    def size(self) -> int:
        """Return their bytes in sum."""
        return sum(picture.size for picture in self.pictures)

    @property
    def digest(self) -> bytes:
        """Return the SHA-256 over their sorted hashes: the proof of what they were."""
        return hashlib.sha256(b"".join(sorted(bytes.fromhex(picture.sha256) for picture in self.pictures))).digest()


class Pictures:
    """All pictures of one gate, the oldest first."""

    def __init__(self, is_sent: Callable[[Place], bool]) -> None:
        """`is_sent` tells by its entry's place whether the registry has a picture."""
        self._is_sent = is_sent
        self._kept: dict[str, Picture] = {}
        self.bytes = 0
        self.disputed_bytes = 0

    def __len__(self) -> int:
        return len(self._kept)

    def found(self, sha256: str, size: int, at_us: int) -> None:
        """Note a file that lies there; call it in the order of their times."""
        if sha256 not in self._kept:
            self._kept[sha256] = Picture(sha256, size, at_us)
            self.bytes += size

    def lie_there(self, files: Iterable[tuple[str, int, int]]) -> None:
        """Note files (SHA-256, bytes, UTC microseconds), the oldest first."""
        for file in files:
            self.found(*file)

    def entered(self, sha256: str, place: Place, at_us: int, passage: str) -> None:
        """Note what the journal says of a picture; one that does not lie there is passed over."""
        if picture := self._kept.get(sha256):
            picture.place, picture.at_us, picture.passage = place, at_us, passage

    def judged(self, sha256: str, *, disputed: bool) -> None:
        """Note whether its passage is disputed."""
        picture = self._kept.get(sha256)
        if picture and picture.disputed != disputed:
            picture.disputed = disputed
            self.disputed_bytes += picture.size if disputed else -picture.size

    def gone(self, sha256: str) -> None:
        """Note that a file has been deleted."""
        if picture := self._kept.pop(sha256, None):
            self.bytes -= picture.size
            self.disputed_bytes -= picture.size if picture.disputed else 0

    def too_old(self, before_us: int) -> Choice:
        """Choose those taken before."""
        return Choice("age", _first(p for p in self._kept.values() if p.at_us < before_us))

    def over(self, quotas: Quotas) -> Choice:
        """Choose what is beyond the quotas, and a little more."""
        chosen: list[Picture] = []
        if self.disputed_bytes > quotas.disputed:
            chosen += _up_to(self.disputed_bytes - _shed(quotas.disputed), 0, self._of(disputed=True))
        beyond = self.bytes - sum(picture.size for picture in chosen)
        if beyond > quotas.pictures:
            spoken_for = {picture.sha256 for picture in chosen}
            rest = (picture for picture in self._in_order() if picture.sha256 not in spoken_for)
            chosen += _up_to(beyond - _shed(quotas.pictures), 0, rest)
        return Choice("budget", _first(chosen))

    def to_free(self, size: int, files: int) -> Choice:
        """Choose as many as hold so many bytes, and at least so many files."""
        return Choice("full", _first(_up_to(size, files, self._in_order())))

    def _in_order(self) -> Iterator[Picture]:
        """Yield all, what goes first before the others."""
        yield from (picture for picture in self._of(disputed=False) if self._is_at_registry(picture))
        yield from (picture for picture in self._of(disputed=False) if not self._is_at_registry(picture))
        yield from self._of(disputed=True)

    def _is_at_registry(self, picture: Picture) -> bool:
        return picture.place is not None and self._is_sent(picture.place)

    def _of(self, *, disputed: bool) -> Iterator[Picture]:
        return (picture for picture in self._kept.values() if picture.disputed == disputed)


def _shed(quota: int) -> int:
    return quota * (100 - SHED_PERCENT) // 100


def _up_to(size: int, files: int, pictures: Iterable[Picture]) -> list[Picture]:
    """Take pictures until they hold so many bytes and are so many."""
    taken: list[Picture] = []
    for picture in pictures:
        if size <= 0 and files <= 0:
            break
        taken.append(picture)
        size, files = size - picture.size, files - 1
    return taken


def _first(pictures: Iterable[Picture]) -> tuple[Picture, ...]:
    return tuple(picture for _, picture in zip(range(CHOSEN_MAX), pictures, strict=False))
