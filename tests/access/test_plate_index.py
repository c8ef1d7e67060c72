"""Folded keys: whatever is like a registered plate is asked for; blocked plates are near more often."""

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from access.confusion import GROUPS, WIDER
from access.likeness import likeness
from access.plate import KINDS, PLATE_LENGTH_MAX, PROVINCES, SERIAL
from access.plate_index import KEY_BYTES_MAX, Ask, NearBlocks, asked, folded, near_block
from simulators.standalone import small_rules, vehicle
from tests.access.rules_world import snapshot
from tests.access.test_likeness import plates

ALIKE = st.text("粤京WJB8D0Q1I7", min_size=2, max_size=9)  # so few characters that many are near


def finds(read: str, registered: str) -> bool:
    """Look as a snapshot does: keys equal, or beginning with what was asked for and longer by so many characters."""
    key = folded(registered)
    return any(key.startswith(ask.key) and len(key) == len(ask.key) + ask.longer_by for ask in asked(read))


@pytest.mark.parametrize(
    ("read", "registered"),
    [
        ("粤B8D2Z5", "粤BBO225"),
        ("京B12345", "粤B12345"),
        ("B12345", "粤B12345"),
        ("EB12345", "皖B12345"),
        ("WJ1234X", "WJ粤1234X"),
        ("粤B1234", "粤B12345"),
        ("粤B1234", "粤B1234警"),
        ("粤BD1234", "粤BD12345"),
        ("粤B123456", "粤B12345"),
        ("京BB234", "粤B82345"),
        ("使19847", "使198476"),
        ("WJH1234X", "WJ京1234X"),  # a letter for the province, in whatever place
        ("WJ警H1234X", "WJ警京1234X"),
        ("WJ12345", "京J12345"),
        ("临XB12345", "临粤B12345"),
        ("XB1234", "粤B12345"),  # and the end lost, or won
        ("HOTZ5M", "皖OTZ5MB"),
        ("WJH1234", "WJ京1234X"),
        ("XDNT0B警2", "京DNT0B警"),
        ("临XB123456", "临粤B12345"),
    ],
)
def test_found(read: str, registered: str) -> None:
    assert finds(read, registered)
    assert likeness(read, (), registered) is not None


@pytest.mark.parametrize(
    ("read", "registered"), [("粤B12345", "粤B12346"), ("粤B1245", "粤B12345"), ("粤B123", "粤B12345"), ("粤B12345", "粤A12345")]
)
def test_not_found(read: str, registered: str) -> None:
    assert not finds(read, registered)


ANY_KIND = st.one_of([st.from_regex(kind.pattern, fullmatch=True) for kind in KINDS])


@given(ANY_KIND, st.data())
def test_whatever_is_like_a_registered_plate_is_found(registered: str, data: st.DataObject) -> None:
    read = data.draw(misread(registered))
    assert (likeness(read, (), registered) is None) or finds(read, registered)


@given(st.lists(ANY_KIND, min_size=1, max_size=20, unique=True), st.data())
def test_a_snapshot_finds_whatever_is_like_the_reading(registered: list[str], data: st.DataObject) -> None:
    cars = [vehicle(UUID(int=at), UUID(int=99), plate) for at, plate in enumerate(registered)]
    rules = snapshot(1, [*small_rules(bytes(32), []), *cars])
    read = data.draw(misread(registered[0]))
    found = {one.shown for one in (*rules.neighbours(read), *rules.plate(read))}
    assert {plate for plate in registered if likeness(read, (), plate)} <= found


@st.composite
def misread(draw: st.DrawFn, plate: str) -> str:
    """A reading of `plate` with every kind of difference, ours or not."""
    characters = list(plate)
    for at in draw(st.sets(st.integers(0, len(plate) - 1), max_size=4)):
        near = [character for group in GROUPS if plate[at] in group for character in group]
        characters[at] = draw(st.sampled_from("京琼AETHX" if plate[at] in PROVINCES else [*near, plate[at], "9"]))
    text = "".join(characters)
    return draw(st.sampled_from([text, text[1:], text[:-1], text + draw(st.sampled_from(SERIAL))]))


@given(st.text(max_size=PLATE_LENGTH_MAX))
def test_keys_are_short_and_few(text: str) -> None:
    asks = asked(text)
    assert len(asks) <= 9
    assert all(len(key.encode()) <= KEY_BYTES_MAX for key in (folded(text), *(ask.key for ask in asks)))


def test_what_is_too_short_to_compare_asks_for_nothing() -> None:
    assert asked("粤B12") == asked("") == ()
    assert asked("粤B123")[0] == Ask("B123".replace("B", "8").replace("2", "2"))


@pytest.mark.parametrize(
    ("read", "blocked"),
    [
        ("粤B8D2Z5", "粤BBO225"),
        ("京B12345", "粤B12345"),
        ("B12345", "粤B12345"),
        ("粤BM2345", "粤BN2345"),  # rarer look-alikes
        ("粤BJ2345", "粤B12345"),
        ("粤B1245", "粤B12345"),  # lost in the middle
        ("粤B2345", "粤B12345"),
        ("粤B123345", "粤B12345"),  # won in the middle
        ("粤B1234", "粤B12345"),
        ("京B1Z45", "粤B12345"),
        ("粤B12345", "粤B12345"),
        ("XB1234", "粤B12345"),  # a letter for the province, and the end lost
        ("WJH1234X", "WJ京1234X"),
        ("WJH1234", "WJ京1234X"),
    ],
)
def test_a_blocked_plate_is_near(read: str, blocked: str) -> None:
    assert near_block(read, blocked)


@pytest.mark.parametrize(
    ("read", "blocked"),
    [
        ("粤B12345", "粤B12346"),
        ("粤B12345", "粤B13245"),
        ("粤B123", "粤B12345"),
        ("粤A12345", "粤B12345"),
        ("B1", "B12"),
        ("", "粤B12345"),
    ],
)
def test_a_blocked_plate_is_not_near(read: str, blocked: str) -> None:
    assert not near_block(read, blocked)


@given(ANY_KIND, st.data())
def test_the_block_list_is_at_least_as_wide_as_the_candidates(blocked: str, data: st.DataObject) -> None:
    read = data.draw(misread(blocked))
    if likeness(read, (), blocked) is not None:
        assert near_block(read, blocked)


@given(plates, st.data())
def test_near_blocks_are_mutual_in_look_alikes(plate: str, data: st.DataObject) -> None:
    at = data.draw(st.integers(1, 6))
    group = next((group for group in WIDER if plate[at] in group), plate[at])
    other = plate[:at] + data.draw(st.sampled_from(group)) + plate[at + 1 :]
    assert near_block(plate, other)
    assert near_block(other, plate)


@given(st.lists(ALIKE, max_size=30), ALIKE)
def test_near_blocks_are_those_that_near_block_tells(plates: list[str], text: str) -> None:
    assert NearBlocks(plates).of(text) == {plate for plate in plates if near_block(text, plate)}
