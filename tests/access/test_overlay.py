"""Changes over their base: what belongs together, and what a file says of itself. What they answer: `tests.edge.courier`."""

import io
from uuid import UUID

import pytest

from access.card import CardNumber, card_hash
from access.overlay import Overlaid
from access.packing import SnapshotBuilder
from access.snapshot import Snapshot, SnapshotError, base_of
from simulators.standalone import Rule, card, resident, small_rules
from tests.access.rules_world import packed

KEY, OTHER_KEY = bytes(range(32)), bytes(32)
LI, CARD = UUID(int=1), UUID(int=11)
NUMBER = CardNumber(bytes.fromhex("010063E9AE"), 40)
SMALL = small_rules(KEY, ["in-1"])
HOLDER = resident(LI, "李*", "3-1201")
WHOLE = packed(7, [*SMALL, HOLDER, card(CARD, LI, [card_hash(KEY, NUMBER)])])
LOST = card(CARD, LI, [card_hash(KEY, NUMBER)], status="lost")


def changes(*rules: Rule, base: int = 7, touched: tuple[UUID, ...] = ()) -> bytes:
    builder = SnapshotBuilder(base + 1, 0, base, touched)
    for kind, identity, data in rules:
        builder.add(kind, identity, data)
    out = io.BytesIO()
    builder.write(out)
    return out.getvalue()


def test_a_lost_card_is_lost_and_a_card_that_is_gone_is_gone() -> None:
    lost, gone = changes(*SMALL, HOLDER, LOST, touched=(CARD,)), changes(*SMALL, touched=(CARD,))
    (found,) = Overlaid(Snapshot(lost), Snapshot(WHOLE)).card(NUMBER)
    assert found.person is not None
    assert (found.status, found.person.name) == ("lost", "李*")
    assert Overlaid(Snapshot(gone), Snapshot(WHOLE)).card(NUMBER) == ()


@pytest.mark.parametrize(("holders", "names"), [((), [None]), ((resident(LI, "李四*", "3-1201"),), ["李四*"])])
def test_a_card_of_the_base_has_its_holder_as_he_is_now(holders: tuple[Rule, ...], names: list[str | None]) -> None:
    found = Overlaid(Snapshot(changes(*SMALL, *holders, touched=(LI,))), Snapshot(WHOLE)).card(NUMBER)
    assert [one.person and one.person.name for one in found] == names


def test_a_holder_who_comes_after_the_card_is_known_then() -> None:
    base = packed(7, [*SMALL, card(CARD, LI, [card_hash(KEY, NUMBER)])])
    assert [one.person for one in Snapshot(base).card(NUMBER)] == [None]
    (found,) = Overlaid(Snapshot(changes(*SMALL, HOLDER, touched=(LI,))), Snapshot(base)).card(NUMBER)
    assert found.person is not None


def another_site() -> list[Rule]:
    return [*small_rules(KEY, [])[:1], *SMALL[1:]]


def another_key() -> list[Rule]:
    (kind, identity, data), *others = SMALL
    return [(kind, identity, {**data, "card_key": OTHER_KEY.hex()}), *others]


@pytest.mark.parametrize(
    ("over", "base"),
    [
        (changes(*SMALL, base=6), WHOLE),
        (changes(*SMALL, base=7), changes(*SMALL, base=6)),
        (WHOLE, WHOLE),
        (changes(*another_site()), WHOLE),
        (changes(*another_key()), WHOLE),
    ],
    ids=["of another revision", "on changes", "whole", "of another site", "under another key"],
)
def test_what_does_not_belong_together_is_refused(over: bytes, base: bytes) -> None:
    with pytest.raises(SnapshotError):
        Overlaid(Snapshot(over), Snapshot(base))


def test_a_file_names_its_base() -> None:
    assert base_of(memoryview(changes(*SMALL, base=41))) == 41
    assert base_of(memoryview(WHOLE)) is None


@pytest.mark.parametrize(
    "content", [b"", WHOLE[:20], b"x" * 100, WHOLE[:16] + b"[]" + WHOLE[18:]], ids=["empty", "cut", "foreign", "another header"]
)
def test_what_has_no_header_names_none(content: bytes) -> None:
    with pytest.raises(SnapshotError):
        base_of(memoryview(content))
