import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.errors import FrameError
from devices.readers.card_json import IDS_REMEMBERED, CardJson, CardMessage, decode, encode
from devices.readings import CardRead

AT = datetime(2026, 11, 22, 8, 30, tzinfo=UTC)
GOOD = b'{"v":1,"id":"m1","card":"010063E9AE","bits":40}'


def message(**changes: object) -> bytes:
    return json.dumps({"v": 1, "id": "m1", "card": "010063E9AE", "bits": 40} | changes).encode()


def test_a_good_message_is_its_card() -> None:
    assert decode(GOOD, retained=False) == CardRead(bytes.fromhex("010063E9AE"), 40)
    assert encode(CardMessage(v=1, id="m1", card="010063E9AE", bits=40)) == GOOD


@pytest.mark.parametrize(
    ("card", "bits"), [("123456", 24), ("02468ACE", 26), ("02468ACE", 32), ("0412345678ABCD", 56), ("0A", 4)]
)
def test_every_length_of_card_is_taken(card: str, bits: int) -> None:
    assert decode(message(card=card, bits=bits), retained=False) == CardRead(bytes.fromhex(card), bits)


@pytest.mark.parametrize(
    ("payload", "what"),
    [
        (b"", "not JSON"),
        (b"not json", "not JSON"),
        (b"\xff\xfe", "not JSON"),
        (GOOD[:-1], "not JSON"),
        (GOOD + b"x", "not JSON"),
        (b"[" * 4000, "not JSON"),
        (b'{"v":' + b"[" * 1000 + b"]" * 1000 + b"}", "not JSON"),
        (b"null", "bad value"),
        (b"[]", "bad value"),
        (b'"card"', "bad value"),
        (b'{"v":1,"id":"m1","bits":40}', "missing: card"),
        (message(v=2), "bad value: v"),
        (message(v="1"), "bad value: v"),
        (message(id=""), "bad value: id"),
        (message(id="x" * 65), "bad value: id"),
        (message(id=7), "bad value: id"),
        (message(card="01 00 63 E9 AE"), "bad value: card"),
        (message(card="010063E9AG"), "bad value: card"),
        (message(card="010063E9AE\n"), "bad value: card"),
        (message(card=["010063E9AE"]), "bad value: card"),
        (message(card=""), "bad value: card"),
        (message(card="A", bits=4), "bad value: card"),
        (message(bits="40"), "bad value: bits"),
        (message(bits=40.0), "bad value: bits"),
        (message(bits=-1), "bad value: bits"),
        (message(bits=10**30), "bad value: bits"),
        (message(bits=48), "card and bits disagree"),
        (message(bits=32), "card and bits disagree"),
        (message(card="FF", bits=7), "card and bits disagree"),
        (message(at="2026-11-22T08:30:00"), "bad value: at"),
        (message(at="yesterday"), "bad value: at"),
        (message(open=True), "unknown key"),
        (message(**{"\u202e<script>" + str(7): 1}), "unknown key"),
        (message(id="x" * 5000), "payload too large"),
    ],
)
def test_hostile_payloads_are_refused_in_words_of_ours(payload: bytes, what: str) -> None:
    with pytest.raises(FrameError) as refused:
        decode(payload, retained=False)
    assert refused.value.what == what
    codec = CardJson()
    assert codec.feed_message(payload, retained=False, now=0) == []
    assert codec.counters.reasons == {what: 1}


def test_a_retained_message_opens_nothing() -> None:
    codec = CardJson()
    assert codec.feed_message(GOOD, retained=True, now=0) == []
    assert codec.counters.reasons == {"retained message": 1}
    assert len(codec.feed_message(GOOD, retained=False, now=0)) == 1, "its id was not used up"


def test_a_repeated_id_opens_nothing_however_late() -> None:
    codec = CardJson()
    assert len(codec.feed_message(GOOD, retained=False, now=0)) == 1
    assert codec.feed_message(GOOD, retained=False, now=1000) == []
    assert codec.counters.repeats == 1


def test_the_memory_of_ids_is_bounded() -> None:
    codec = CardJson(absent_after_s=-1)
    for number in range(IDS_REMEMBERED + 1):
        codec.feed_message(message(id=f"m{number}"), retained=False, now=number)
    assert len(codec._ids) == IDS_REMEMBERED
    assert codec.feed_message(message(id="m1"), retained=False, now=5000) == []


def test_a_card_held_up_is_one_presence() -> None:
    codec = CardJson()
    seen = [len(codec.feed_message(message(id=f"m{now}"), retained=False, now=now)) for now in (0.0, 1.0, 3.5, 7.0)]
    assert seen == [1, 0, 0, 1]


@pytest.mark.parametrize(
    ("age_s", "reason"),
    [(0, ""), (9, ""), (-9, ""), (11, "stale message"), (86400, "stale message"), (-11, "message from the future")],
)
def test_a_message_off_by_more_than_ten_seconds_opens_nothing(age_s: int, reason: str) -> None:
    codec = CardJson()
    payload = message(at=(AT - timedelta(seconds=age_s)).isoformat())
    assert len(codec.feed_message(payload, retained=False, now=0, at=AT)) == (not reason)
    assert codec.counters.reasons == ({reason: 1} if reason else {})


@pytest.mark.parametrize("at", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00"])
def test_the_ends_of_time_are_refused(at: str) -> None:
    assert CardJson().feed_message(message(at=at), retained=False, now=0, at=AT) == []


@given(st.binary(max_size=200) | st.recursive(st.none() | st.text() | st.integers(), st.lists).map(json.dumps).map(str.encode))
def test_anything_at_all_is_refused_and_counted(payload: bytes) -> None:
    codec = CardJson()
    assert codec.feed_message(payload, retained=False, now=0) == []
    assert codec.counters.rejected == 1
