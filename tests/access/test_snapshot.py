"""Packed rules: all that was put in is found, and a damaged file is refused whole."""

import random
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest

from access.card import CardNumber, card_hash, code_hash
from access.snapshot import Snapshot, SnapshotError
from simulators.standalone import EVERYWHERE, Rule, card, resident, small_rules, vehicle
from tests.access.rules_world import packed, snapshot

KEY = bytes(range(32))
LI, WANG = UUID(int=1), UUID(int=2)
CARD = CardNumber(bytes.fromhex("010063E9AE"), 40)


def hashes(number: CardNumber) -> list[bytes]:
    return [card_hash(KEY, form) for form in number.deliverable()]


def block(until: int | None = None, **what: str) -> Rule:
    data = {"plate": "", "card_hash": "", "reason": f"until {until}", "valid_until": until} | what
    return "block", uuid4(), data


RULES = [
    *small_rules(KEY, ["in-1", "out-1"]),
    resident(LI, "李*", "3-1201"),
    resident(WANG, "王*", "5-0302"),
    card(UUID(int=11), LI, hashes(CARD)),
    card(UUID(int=14), WANG, [code_hash(KEY, "GH-42")], medium="code"),
    vehicle(UUID(int=15), LI, "粤B8D2Z5"),
    vehicle(UUID(int=16), WANG, "粤BBD2Z5"),
    vehicle(UUID(int=17), uuid4(), "粤A00001"),
]


def test_what_was_put_in_is_found_whatever_the_order() -> None:
    shuffled = RULES.copy()
    random.Random(1).shuffle(shuffled)
    for rules in (RULES, RULES[::-1], shuffled):
        found = snapshot(7, rules)
        assert (found.revision, found.credentials, found.site_slug, str(found.zone)) == (7, 5, "lakeside", "Asia/Shanghai")
        for form in CARD.deliverable():
            assert [one.id for one in found.card(form)] == [UUID(int=11)]
        (code,) = found.code("GH-42")
        assert code.person is not None
        assert (code.medium, code.person.name, code.person.unit) == ("code", "王*", "5-0302")
        assert [level.id for level in code.person.levels] == [EVERYWHERE]
        assert [one.id for one in found.plate("粤B8D2Z5")] == [UUID(int=15)]
        assert [one.shown for one in found.neighbours("粤B8D2Z5")] == ["粤BBD2Z5"]
        assert sorted(one.shown for one in found.neighbours("京BBD2ZS")) == ["粤B8D2Z5", "粤BBD2Z5"]
        (orphan,) = found.plate("粤A00001")
        assert orphan.person is None


def test_what_was_not_put_in_is_not_found() -> None:
    found = snapshot(1, RULES)
    assert found.card(CardNumber(CARD.raw, 39)) == ()
    assert found.code("GH-4") == found.code("") == ()
    assert found.plate("粤B8D2Z") == found.plate("") == found.plate("粤B8D2Z5\0") == ()
    assert found.neighbours("粤C8D2Z5") == ()


def test_plates_that_agree_in_their_packed_key_are_still_two() -> None:
    found = snapshot(1, [*small_rules(KEY, ["in-1"]), vehicle(UUID(int=1), LI, "使领警学挂港澳应甲")])
    assert [one.id for one in found.plate("使领警学挂港澳应甲")] == [UUID(int=1)]
    assert found.plate("使领警学挂港澳应乙") == ()


def test_a_form_of_two_cards_finds_both_and_a_form_named_twice_finds_one() -> None:
    shared = CardNumber(b"\xaa\xbb\xcc\xdd", 32)
    rules = [card(UUID(int=11), LI, [*hashes(shared), *hashes(shared)]), card(UUID(int=12), WANG, hashes(shared))]
    found = snapshot(1, [*small_rules(KEY, ["in-1"]), *rules])
    assert sorted(one.id.int for one in found.card(shared)) == [11, 12]
    assert len(snapshot(1, [*small_rules(KEY, ["in-1"]), rules[0]]).card(shared)) == 1


@pytest.mark.parametrize("ends", [(None, 100), (100, None), (200, 100), (100, 200)])
def test_of_several_blocks_of_one_thing_the_longest_stands(ends: tuple[int | None, int | None]) -> None:
    longest = None if None in ends else datetime.fromtimestamp(max(end for end in ends if end), UTC)
    plates = [block(end, plate="粤B12345") for end in ends]
    cards = [block(end, card_hash=card_hash(KEY, CARD).hex()) for end in ends]
    found = snapshot(1, [*small_rules(KEY, ["in-1"]), *plates, *cards])
    blocks = [found.blocked_plate("粤B12345"), found.nearly_blocked("粤BI2345"), found.blocked_hash(found.card_hash(CARD))]
    assert [one.valid_until if one else "none" for one in blocks] == [longest] * 3


def test_a_block_near_another_block_is_still_near() -> None:
    found = snapshot(1, [*small_rules(KEY, ["in-1"]), block(None, plate="粤B8D2Z5"), block(100, plate="粤BBD2Z5")])
    near = [found.nearly_blocked(plate) for plate in ("粤B8D2Z5", "粤BBD2Z5", "京B8D2Z5", "粤C8D2Z5")]
    assert [one.plate if one else "" for one in near] == ["粤BBD2Z5", "粤B8D2Z5", "粤B8D2Z5", ""]


def test_every_cut_every_byte_more_and_every_damaged_byte_is_refused() -> None:
    whole = packed(1, RULES)
    Snapshot(whole)
    wrong = [whole[:size] for size in range(len(whole))] + [whole + b"\0"]
    wrong += [whole[:at] + bytes([whole[at] ^ 1 << at % 8]) + whole[at + 1 :] for at in range(len(whole))]
    for data in wrong:
        with pytest.raises(SnapshotError):
            Snapshot(data)


@pytest.mark.parametrize(
    "broken",
    [{"zone": "Mars/Olympus"}, {"zone": "Asia"}, {"zone": "../etc/passwd"}, {"card_key": "xyz"}, {"id": 5}, {"slug": None}],
)
def test_rules_that_make_no_sense_are_refused_and_not_tripped_over(broken: Mapping[str, Any]) -> None:
    kind, identity, site = small_rules(KEY, ["in-1"])[0]
    data = {key: value for key, value in {**site, **broken}.items() if value is not None}
    with pytest.raises(SnapshotError, match="makes no rules"):
        snapshot(1, [(kind, identity, data)])
    with pytest.raises(SnapshotError, match="makes no rules"):
        snapshot(1, [])


def test_a_builder_leaves_out_what_it_does_not_know() -> None:
    builder_rules: list[Rule] = [*RULES, ("levitation", uuid4(), {"height": 3})]
    assert snapshot(1, builder_rules).credentials == 5


def test_twenty_thousand_records() -> None:
    draw = random.Random(7)
    numbers = [draw.randbytes(5) for _ in range(10_000)]
    people = [resident(UUID(int=1000 + at), f"人{at}", f"{at}") for at in range(10_000)]
    cards = [
        card(UUID(int=100_000 + at), UUID(int=1000 + at), [card_hash(KEY, CardNumber(raw, 40))]) for at, raw in enumerate(numbers)
    ]
    found = snapshot(1, [*small_rules(KEY, ["in-1"]), *cards, *people])
    for at in draw.sample(range(10_000), 500):
        (one,) = found.card(CardNumber(numbers[at], 40))
        assert one.person is not None
        assert (one.id.int, one.person.name) == (100_000 + at, f"人{at}")


def test_validity_and_status_are_kept() -> None:
    kind, identity, data = card(UUID(int=11), LI, hashes(CARD), status="lost")
    rule = (kind, identity, {**data, "valid_from": 0, "valid_until": 253402300799, "tail": "E9AE"})
    (one,) = snapshot(1, [*small_rules(KEY, ["in-1"]), rule]).card(CARD)
    assert (one.status, one.shown, one.valid_from) == ("lost", "E9AE", datetime(1970, 1, 1, tzinfo=UTC))
    assert one.valid_until == datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)
