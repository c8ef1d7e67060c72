"""Entries: canonical bytes that come back, personal values that can go, and nothing but EntryError for what is no entry."""

import contextlib
import dataclasses
import itertools
from collections.abc import Callable
from typing import Any
from uuid import UUID

import cbor2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from access.chain import genesis, link, walk
from access.entries import Body, Decided, Entry, EntryError, Observed, ReadingTaken, Stamp, stamped
from access.kinds import KINDS
from access.sealing import ENTRY_BYTES_MAX, EntrySizeError, Sealed, seal, unseal

EDGE, EPOCH = UUID(int=1), UUID(int=2)
DECIDED = Decided(
    "grant",
    "access_ok",
    "plate",
    "camera-in",
    7,
    "in",
    text="粤B12345",
    holder="李*",
    unit="3-1201",
    values={"shown": "粤B·12345"},
)

TEXT = st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=20)
PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63) | st.floats(allow_nan=False) | TEXT | st.binary(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=8,
)
BY_NAME: dict[str, st.SearchStrategy[Any]] = {
    "str": TEXT,
    "int": st.integers(0, 2**62),
    "float": st.floats(0, 1),
    "bool": st.booleans(),
    "bytes": st.binary(max_size=32),
    "Mapping[str, Any]": st.dictionaries(TEXT, PLAIN, max_size=3),
    "Mapping[str, Any] | None": st.none() | st.dictionaries(TEXT, PLAIN, max_size=3),
    "Mapping[str, str]": st.dictionaries(TEXT, TEXT, max_size=3),
    "tuple[Any, ...]": st.lists(PLAIN, max_size=3),
    "tuple[float, ...]": st.lists(st.floats(0, 1), max_size=3),
    "tuple[str, ...]": st.lists(TEXT, max_size=3),
}


def salts() -> Callable[[int], bytes]:
    drawn = itertools.count(1)
    return lambda size: next(drawn).to_bytes(size, "big")


def entry(body: Body, seq: int = 1, lane: str = "in-1", passage: str = "p") -> Entry:
    return Entry(EDGE, EPOCH, seq, UUID(int=seq), Stamp(5, 6), body, lane, passage)


@st.composite
def bodies(draw: st.DrawFn) -> Body:
    kind = draw(st.sampled_from(sorted(KINDS)))
    names = {field.name: _type_name(field.type) for field in dataclasses.fields(KINDS[kind])}
    return KINDS[kind](**{name: draw(BY_NAME[type_name]) for name, type_name in names.items()})


def _type_name(annotation: Any) -> str:
    text = annotation.__name__ if isinstance(annotation, type) and not hasattr(annotation, "__args__") else str(annotation)
    return text.replace("collections.abc.", "").replace("typing.", "")


def test_every_type_of_a_field_can_be_drawn() -> None:
    names = {_type_name(field.type) for body in KINDS.values() for field in dataclasses.fields(body)}
    assert names <= BY_NAME.keys()


@given(bodies(), st.integers(1, 2**62), TEXT, TEXT)
def test_every_kind_comes_back_as_it_was_sealed(body: Body, seq: int, lane: str, passage: str) -> None:
    sealed = seal(entry(body, seq, lane, passage), salts())
    opened = unseal(sealed.canonical, sealed.personal)
    assert (opened.edge, opened.epoch, opened.seq, opened.id) == (EDGE, EPOCH, seq, UUID(int=seq))
    assert (opened.kind, opened.lane, opened.passage, opened.stamp, opened.erased) == (body.kind, lane, passage, Stamp(5, 6), ())
    again = opened.body()
    for field in dataclasses.fields(body):
        was, now = getattr(body, field.name), getattr(again, field.name)
        assert now == was or (not now and not was), field.name  # an empty personal value is not carried


def test_canonical_bytes_are_pinned() -> None:
    sealed = seal(entry(ReadingTaken("reader-in", "card", 1.0, "0A", "0A")), salts())
    assert sealed.canonical.hex() == GOLDEN_CANONICAL
    assert sealed.personal.hex() == GOLDEN_PERSONAL
    assert "0A" not in repr(sealed.canonical), "a personal value stands in the canonical bytes"


def test_the_same_entry_with_other_salts_says_nothing_of_its_values() -> None:
    first, other = seal(entry(DECIDED), salts()), seal(entry(DECIDED), lambda size: b"\xff" * size)
    assert first.canonical != other.canonical
    for personal in ("粤B12345", "李*", "3-1201"):
        assert personal.encode() not in first.canonical


def test_an_erased_value_is_gone_and_the_chain_still_holds() -> None:
    sealed = [seal(entry(DECIDED, seq), salts()) for seq in range(1, 4)]
    head = walk(genesis(EDGE, EPOCH), (one.canonical for one in sealed))
    beside = cbor2.loads(sealed[1].personal)
    del beside["holder"]
    opened = unseal(sealed[1].canonical, cbor2.dumps(beside))
    assert opened.erased == ("holder",)
    assert opened.fields["text"] == "粤B12345"
    all_gone = unseal(sealed[1].canonical)
    assert set(all_gone.erased) == {"holder", "text", "unit", "values"}
    assert isinstance(body := all_gone.body(), Decided)
    assert (body.holder, body.outcome) == ("", "grant")
    assert walk(genesis(EDGE, EPOCH), (one.canonical for one in sealed)) == head


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (lambda beside: beside.__setitem__("holder", beside["holder"][:16] + cbor2.dumps("王*")), "holder is not what"),
        (lambda beside: beside.__setitem__("holder", bytes(16) + beside["holder"][16:]), "holder is not what"),
        (lambda beside: beside.__setitem__("holder", "李*"), "holder should be salt and value"),
        (lambda beside: beside.__setitem__("holder", beside["holder"][:16]), "holder should be salt and value"),
        (lambda beside: beside.__setitem__("outcome", bytes(16) + cbor2.dumps("deny")), None),
        (lambda beside: beside.__setitem__("nickname", bytes(16) + cbor2.dumps("x")), "does not know: nickname"),
    ],
)
def test_a_tampered_personal_value_is_found(change: Callable[[dict[str, Any]], None], fault: str | None) -> None:
    sealed = seal(entry(DECIDED), salts())
    beside = cbor2.loads(sealed.personal)
    change(beside)
    if fault is None:  # what is not personal is never taken from beside
        assert unseal(sealed.canonical, cbor2.dumps(beside)).fields["outcome"] == "grant"
        return
    with pytest.raises(EntryError, match=fault):
        unseal(sealed.canonical, cbor2.dumps(beside))


def damaged(data: bytes) -> list[bytes]:
    """Every cut and every single flipped bit."""
    cuts = [data[:size] for size in range(len(data))]
    flips = [data[:at] + bytes([data[at] ^ 1 << bit]) + data[at + 1 :] for at in range(len(data)) for bit in range(8)]
    return [*cuts, *flips]


def ends_well(canonical: bytes, personal: bytes) -> None:
    with contextlib.suppress(EntryError):
        unseal(canonical, personal).body()


def test_damage_anywhere_ends_in_an_entry_error_or_an_entry() -> None:
    sealed = seal(entry(DECIDED), salts())
    for canonical in damaged(sealed.canonical):
        ends_well(canonical, sealed.personal)
    for personal in damaged(sealed.personal):
        ends_well(sealed.canonical, personal)


@given(st.binary(max_size=60), st.binary(max_size=60))
def test_any_bytes_end_in_an_entry_error_or_an_entry(canonical: bytes, personal: bytes) -> None:
    ends_well(canonical, personal)


@given(st.lists(PLAIN, max_size=14), st.dictionaries(TEXT, PLAIN, max_size=3))
def test_any_cbor_ends_in_an_entry_error_or_an_entry(parts: list[Any], beside: dict[str, Any]) -> None:
    ends_well(cbor2.dumps(parts), cbor2.dumps(beside))


@pytest.mark.parametrize(
    "hostile",
    [
        b"\x81" * 5000 + b"\x00",  # nested without end
        bytes.fromhex("d81c81d81d00"),  # a list that holds itself
        bytes.fromhex("9bffffffffffffffff"),  # a list of 2^64 parts
        bytes.fromhex("5bffffffffffffffff"),  # a text of 2^64 bytes
        cbor2.dumps([1]),
        cbor2.dumps({}),
        b"",
    ],
)
def test_hostile_cbor(hostile: bytes) -> None:
    good = seal(entry(DECIDED), salts())
    with pytest.raises(EntryError):
        unseal(hostile)
    ends_well(good.canonical, hostile)
    ends_well(good.canonical, cbor2.dumps({"holder": bytes(16) + cbor2.dumps(cbor2.CBORTag(29, 0))}))


def rewritten(sealed: Sealed, at: int, value: Any) -> bytes:
    parts = cbor2.loads(sealed.canonical)
    parts[at : at + 1] = value
    return cbor2.dumps(parts, canonical=True)


@pytest.mark.parametrize(
    ("at", "value", "fault"),
    [
        (0, [2], "version 2 is not known"),
        (0, [True], "version should be int"),
        (1, [b"short"], "the edge, the epoch and the id should have 16 bytes"),
        (3, ["1"], "seq should be int"),
        (11, [[]], "body should be dict"),
        (12, ["more"], "more parts"),
        (12, [None], "more parts"),
        (11, [], "body should be dict"),
    ],
)
def test_what_is_wrong_is_said(at: int, value: list[Any], fault: str) -> None:
    with pytest.raises(EntryError, match=fault):
        unseal(rewritten(seal(entry(DECIDED), salts()), at, value))


def test_a_kind_of_a_later_version_can_be_read_but_not_typed() -> None:
    sealed = seal(entry(ReadingTaken("reader-in", "card")), salts())
    opened = unseal(rewritten(sealed, 5, ["levitation"]))
    assert opened.kind == "levitation"
    with pytest.raises(EntryError, match="levitation"):
        opened.body()


def test_the_chain_finds_an_edit_a_gap_and_a_reordering() -> None:
    sealed = [seal(entry(DECIDED, seq), salts()).canonical for seq in range(1, 5)]
    start = genesis(EDGE, EPOCH)
    head = walk(start, sealed)
    assert head == link(walk(start, sealed[:-1]), sealed[-1])
    wrong = [sealed[:1] + sealed[2:], [sealed[1], sealed[0], *sealed[2:]], [sealed[0] + b"\0", *sealed[1:]], sealed[:-1]]
    assert all(walk(start, other) != head for other in wrong)
    assert walk(genesis(EPOCH, EDGE), sealed) != head
    assert genesis(EDGE, EPOCH).hex() == GOLDEN_GENESIS


def test_a_stamp_counts_microseconds() -> None:
    assert stamped(1.5, 2.0000014, "floor") == Stamp(1_500_000, 2_000_001, "floor")


GOLDEN_CANONICAL = (
    "8c01500000000000000000000000000000000150000000000000000000000000000000020150000000000000000000000000"
    "000000016772656164696e6764696e2d31617005066774727573746564a5637261775820195ec335c946f83046fa090641c4"
    "faf46cc0a363e9365d4ef2296724eb4c450b64746578745820074cd0647c4f92091e9bdd40873332e2978c2e75110190e684"
    "6a21ba8dd5200f66646576696365697265616465722d696e666d656469756d64636172646a636f6e666964656e6365f93c00"
)
GOLDEN_PERSONAL = "a263726177530000000000000000000000000000000162304164746578745300000000000000000000000000000002623041"
GOLDEN_GENESIS = "94965a3e185553acee8722dc2fdb849515dce9d7a6dc57369063cabb75172f41"


@pytest.mark.parametrize(
    "body", [Observed("arm_rose", "io", "x" * ENTRY_BYTES_MAX), ReadingTaken("r", "card", raw="x" * ENTRY_BYTES_MAX)]
)
def test_an_entry_that_is_too_large_is_not_sealed(body: Body) -> None:
    with pytest.raises(EntrySizeError, match="at most 65536 bytes"):
        seal(entry(body), salts())
    seal(entry(Observed("arm_rose", "io", "x" * (ENTRY_BYTES_MAX - 200))), salts())
