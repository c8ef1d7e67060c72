"""Checkpoints: countersigned for the gate that signed them, compared with the chain that is stored."""

import httpx
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from access.contract.checkpoints import Checkpoint, Countersigned
from access.contract.signature import verify_bytes
from tests.central.gate import Gate
from tests.central.journal.test_epochs import decide, go_on


def checkpoint(gate: Gate, seq: int, head: bytes | None = None, key: Ed25519PrivateKey | None = None) -> Checkpoint:
    draft = Checkpoint(
        edge=gate.enrolled.edge,
        epoch=gate.epoch,
        seq=seq,
        head=(head or gate.head(seq)).hex(),
        at_us=1_770_000_000_000_000,
        signature="0" * 128,
    )
    return draft.model_copy(update={"signature": (key or gate.key).sign(draft.signed_bytes()).hex()})


def send(gate: Gate, told: Checkpoint) -> httpx.Response:
    return gate.ask("POST", "/checkpoints", told.model_dump_json().encode(), stream="news")


def countersigned(gate: Gate, told: Checkpoint) -> Countersigned:
    answer = Countersigned.model_validate_json(send(gate, told).content)
    registry_key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(gate.enrolled.registry_key))
    verify_bytes(registry_key, bytes.fromhex(answer.signature), answer.signed_bytes())
    assert answer.checkpoint == told
    return answer


def test_a_head_is_compared_as_soon_as_the_entries_are_here(gate: Gate, admin: httpx.Client) -> None:
    for n in range(4):
        gate.decide(after_s=n)
    gate.send(1, 2)
    assert [countersigned(gate, checkpoint(gate, seq)).agrees for seq in (1, 2, 4)] == [True, True, None]
    gate.send(3, 4)
    shown = admin.get("/checkpoints", params={"edge": str(gate.enrolled.edge)}).raise_for_status().json()["items"]
    assert {row["seq"]: row["agrees"] for row in shown} == {1: True, 2: True, 4: True}
    assert countersigned(gate, checkpoint(gate, 4)).agrees is True


def test_another_head_than_the_stored_one_is_told_to_both_sides(gate: Gate, admin: httpx.Client) -> None:
    gate.decide()
    gate.send()
    assert countersigned(gate, checkpoint(gate, 1, bytes(32))).agrees is False
    assert countersigned(gate, checkpoint(gate, 1)).agrees is False, "two heads were signed for one place"
    (edge,) = admin.get("/edges").json()["items"]
    assert edge["note"] == f"epoch {gate.epoch}: its checkpoint at entry 1 is not on the chain stored here"


def test_two_heads_signed_for_one_place_are_a_dispute(gate: Gate, admin: httpx.Client) -> None:
    gate.decide()
    assert countersigned(gate, checkpoint(gate, 1)).agrees is None
    assert countersigned(gate, checkpoint(gate, 1, bytes(32))).agrees is False
    (edge,) = admin.get("/edges").json()["items"]
    assert edge["note"] == f"epoch {gate.epoch}: its checkpoint at entry 1 was signed before with another head"


def test_people_are_told_of_one_broken_chain_once(gate: Gate, admin: httpx.Client) -> None:
    for n in range(5):
        gate.decide(after_s=n)
    gate.send()
    disputed = []
    for _ in range(2):
        assert {countersigned(gate, checkpoint(gate, seq, bytes(32))).agrees for seq in (2, 3, 5)} == {False}
        disputed.append(f"epoch {gate.epoch}: its checkpoint at entry 2 is not on the chain stored here")
        go_on(gate, 5, "rebuilt")
        decide(gate, 5)
        gate.send()
    events = admin.get(f"/edges/{gate.enrolled.edge}/events").json()["items"]
    assert [event["words"] for event in events if event["what"] == "checkpoint_disputed"] == disputed[::-1]


def test_what_this_gate_did_not_sign_is_refused(gate: Gate) -> None:
    gate.decide()
    assert send(gate, checkpoint(gate, 1, key=Ed25519PrivateKey.generate())).status_code == 422
    assert send(gate, checkpoint(gate, 1).model_copy(update={"edge": gate.epoch})).status_code == 403
    assert gate.ask("POST", "/checkpoints", b"{}", stream="news").status_code == 422
