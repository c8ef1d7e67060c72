"""What goes first where space is short, and that nothing else does."""

import hashlib
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from edge.config import SpaceSection
from edge.space.pictures import CHOSEN_MAX, Choice, Pictures
from edge.space.quotas import GIB, MIB, Quotas, quotas

EPOCH = UUID(int=1)
SENT = frozenset((EPOCH, seq) for seq in range(1, 100))  # places of pictures that the registry has


def name(number: int) -> str:
    return hashlib.sha256(b"%d" % number).hexdigest()


def pictures(*rows: tuple[int, int, bool]) -> Pictures:
    """One picture a row: size, the seq of its entry, whether it is disputed; each younger than the one before."""
    kept = Pictures(SENT.__contains__)
    for number, (size, seq, disputed) in enumerate(rows):
        kept.found(name(number), size, number)
        kept.entered(name(number), (EPOCH, seq), number, f"p-{number}")
        kept.judged(name(number), disputed=disputed)
    return kept


def allowing(size: int, disputed: int | None = None) -> Quotas:
    return Quotas(size, size if disputed is None else disputed, 0, 0, 0, 0, 0)


def numbers(chosen: Choice) -> list[int]:
    return [picture.at_us for picture in chosen.pictures]


def test_ordinary_pictures_at_the_registry_go_first_then_ordinary_ones_then_disputed_ones() -> None:
    kept = pictures((10, 1, True), (10, 200, False), (10, 2, False), (10, 3, False), (10, 201, True))
    assert numbers(kept.to_free(50, 0)) == [2, 3, 1, 0, 4]
    assert numbers(kept.to_free(15, 0)) == [2, 3]
    assert numbers(kept.to_free(0, 3)) == [2, 3, 1]


def test_what_is_within_its_quota_stays() -> None:
    kept = pictures((10, 1, False), (10, 2, True))
    assert numbers(kept.over(allowing(20))) == []
    assert numbers(kept.over(allowing(19))) == [0]
    assert numbers(kept.over(allowing(20, disputed=9))) == [1]


def test_pictures_past_their_time_go_whatever_their_class() -> None:
    kept = pictures((10, 1, True), (10, 2, False), (10, 3, False))
    assert numbers(kept.too_old(2)) == [0, 1]


def test_one_entry_proves_a_bounded_number_of_deletions() -> None:
    kept = pictures(*((1, 1, False) for _ in range(CHOSEN_MAX + 5)))
    choice = kept.to_free(10_000, 0)
    assert len(choice.pictures) == CHOSEN_MAX
    hashes = sorted(bytes.fromhex(picture.sha256) for picture in choice.pictures)
    assert choice.digest == hashlib.sha256(b"".join(hashes)).digest()


@given(st.lists(st.tuples(st.integers(1, 50), st.integers(0, 150), st.booleans()), max_size=30), st.integers(0, 400), st.data())
def test_sums_are_those_of_what_is_there_and_shedding_brings_them_under_the_quotas(
    rows: list[tuple[int, int, bool]], size: int, data: st.DataObject
) -> None:
    kept = pictures(*rows)
    limits = allowing(size, data.draw(st.integers(0, size)))
    for picture in kept.over(limits).pictures:
        kept.gone(picture.sha256)
    assert kept.bytes <= limits.pictures
    assert kept.disputed_bytes <= limits.disputed
    every = kept.to_free(10**9, 0).pictures
    assert (kept.bytes, kept.disputed_bytes) == (sum(p.size for p in every), sum(p.size for p in every if p.disputed))


def test_quotas_go_by_the_disk_unless_they_are_set() -> None:
    small, large = quotas(SpaceSection(), 16 * GIB), quotas(SpaceSection(), 1000 * GIB)
    assert small.pictures == 16 * GIB * 40 // 100
    assert (large.pictures, large.journal, large.ballast) == (8 * GIB, 16 * GIB, 64 * MIB)
    given_ = quotas(SpaceSection(pictures_mib=5, disputed_mib=9, ballast_mib=0), GIB)
    assert (given_.pictures, given_.disputed, given_.ballast) == (5 * MIB, 5 * MIB, 0)
