"""What neighbours say travels in pinned bytes; whatever else comes is refused, with a reason, and never believed."""

from pathlib import Path
from uuid import UUID

import cbor2
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from access.contract.peers import (
    CONTEXT,
    MESSAGE_BYTES_MAX,
    Body,
    ClaimAnswer,
    ClaimAsked,
    FactRow,
    Facts,
    Here,
    PeerError,
    PeerMessage,
    read,
    topic,
)
from tests.sizes import sized

GOLDEN = Path(__file__).parent / "peers"
KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
EDGE, OTHER = UUID(int=0xED), UUID(int=0xEE)
KEYS = {EDGE: KEY.public_key().public_bytes_raw()}
AT_US = 1_772_439_400_000_000
NONCE = "0a" * 16
ROWS = (
    FactRow(epoch=UUID(int=7), seq=5, name="uses:v", how="sum", value=1, at_us=AT_US),
    FactRow(epoch=UUID(int=7), seq=6, name="at:car", how="set", value=["site", 7], at_us=AT_US),
    FactRow(epoch=UUID(int=7), seq=7, name="held:p", how="set", value=None, at_us=AT_US),
)
BODIES: dict[str, Body] = {
    "here": Here(facts=12, heard={OTHER: 9}, online=True, known_us=AT_US),
    "facts": Facts(follows=11, rows=ROWS),
    "claim": ClaimAsked(
        to=OTHER, nonce=NONCE, paper="visit", identity=UUID(int=1), person=UUID(int=2), allowed=3, permit="", lane="in-1"
    ),
    "answer": ClaimAnswer(to=OTHER, nonce=NONCE, yes=False, why="used_up", at_us=AT_US),
}


def message(body: Body) -> PeerMessage:
    return PeerMessage(site="lakeside", edge=EDGE, sequence=1_772_439_400_000, at_us=AT_US, body=body)


def why(data: bytes) -> str:
    """Return why bytes are refused."""
    with pytest.raises(PeerError) as refused:
        read(data, KEYS)
    return refused.value.why


def signed(parts: object, key: Ed25519PrivateKey = KEY, context: bytes = CONTEXT) -> bytes:
    payload = cbor2.dumps(parts)
    return cbor2.dumps([payload, key.sign(context + payload)])


def parts_of(kind: str) -> list[object]:
    payload, _ = cbor2.loads(message(BODIES[kind]).signed_by(KEY))
    parts: list[object] = cbor2.loads(payload)
    return parts


@pytest.mark.parametrize("kind", BODIES)
def test_every_message_is_written_and_read_as_ever(kind: str) -> None:
    golden = (GOLDEN / f"{kind}.cbor").read_bytes()
    assert message(BODIES[kind]).signed_by(KEY) == golden
    assert read(golden, KEYS) == message(BODIES[kind])
    assert message(BODIES[kind]).kind == kind
    assert topic("lakeside", EDGE, kind) == f"gatehouse/lakeside/peers/{EDGE}/{kind}"


@pytest.mark.parametrize("kind", BODIES)
def test_no_bit_of_it_can_be_another(kind: str) -> None:
    data = message(BODIES[kind]).signed_by(KEY)
    for at in range(0, len(data) * 8, sized(quick=5, soak=1)):
        flipped = bytearray(data)
        flipped[at // 8] ^= 1 << at % 8
        assert why(bytes(flipped)) in {"malformed", "bad_signature", "unknown_edge", "version"}
    for length in range(len(data)):
        assert why(data[:length]) == "malformed"
    assert why(data + b"\0") == "malformed"


def test_what_is_not_ours_is_refused_with_its_reason() -> None:
    facts = parts_of("facts")
    assert why(signed(facts, Ed25519PrivateKey.generate())) == "bad_signature"
    assert why(signed(facts, context=b"gatehouse-request-1\n")) == "bad_signature"
    assert why(signed([*facts[:2], OTHER.bytes, *facts[3:]])) == "unknown_edge"
    assert why(signed([2, *facts[1:]])) == "version"
    assert why(b"\x40" * (MESSAGE_BYTES_MAX + 1)) == "too_large"
    assert why(cbor2.dumps([b"\x9f" * 5000, b"x" * 64])) == "malformed"
    many = {"follows": 0, "rows": [row.model_dump(mode="json") for row in ROWS[:1] * 101]}
    assert why(signed([*facts[:6], many])) == "malformed"


@pytest.mark.parametrize(
    ("kind", "changed"),
    [
        ("here", {"facts": -1}),
        ("here", {"role": "admin"}),
        ("facts", {"follows": "first"}),
        ("claim", {"nonce": "short"}),
        ("claim", {"allowed": 0}),
        ("claim", {"paper": "slip"}),
        ("answer", {"yes": "perhaps"}),
        ("answer", {"at_us": 2**63}),
    ],
)
def test_a_body_of_another_form_is_refused(kind: str, changed: dict[str, object]) -> None:
    *head, body = parts_of(kind)
    assert isinstance(body, dict)
    assert why(signed([*head, {**body, **changed}])) == "malformed"


@given(st.binary(max_size=300) | st.lists(st.binary(max_size=80), max_size=3).map(cbor2.dumps))
def test_whatever_comes_is_read_or_refused(data: bytes) -> None:
    assert why(data) in {"malformed", "version", "unknown_edge", "bad_signature"}
