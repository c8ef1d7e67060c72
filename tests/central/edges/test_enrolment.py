from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from access.contract.signature import EDGE_HEADER, SEQUENCE_HEADER, SIGNATURE_HEADER, verify_reply
from access.contract.sync import EnrolReply
from central.edges.services import TOKEN_LASTS, new_enrolment_token
from central.registry import Registry
from central.users.rights import Role
from tests.central.databases import ON_ONE
from tests.central.gate import Gate, public_hex


@pytest.fixture
def box(address: str, site: str) -> Iterator[Gate]:
    """A box that is not enrolled yet."""
    with Gate(address) as made:
        yield made


def test_enrolment_makes_the_gate_and_its_lanes(box: Gate, registry: Registry, admin: httpx.Client) -> None:
    box.join(registry)
    lanes = {lane["slug"]: lane for lane in admin.get("/lanes").json()["items"]}
    assert {slug: lane["id"] for slug, lane in lanes.items()} == {slug: str(i) for slug, i in box.enrolled.lanes.items()}
    assert (lanes["out-1"]["direction"], lanes["out-1"]["gate_id"]) == ("out", str(box.enrolled.gate))
    assert box.rules("since=0").complete


def test_the_reply_is_signed_with_the_key_that_it_names(box: Gate, registry: Registry) -> None:
    reply = box.ask_to_enrol(box.token_from(registry))
    key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(reply.json()["registry_key"]))
    verify_reply(key, "", 200, reply.content, reply.headers[SIGNATURE_HEADER])


def test_what_the_office_has_set_of_a_lane_stays(box: Gate, registry: Registry, admin: httpx.Client) -> None:
    box.join(registry)
    lane = next(lane for lane in admin.get("/lanes").json()["items"] if lane["slug"] == "in-1")
    wanted = {"site": lane["site_id"], "gate": lane["gate_id"], "slug": lane["slug"], "name": "入口"}
    wanted |= {"lane_kind": "pedestrian", "direction": "both"}
    admin.put(f"/lanes/{lane['id']}", json=wanted).raise_for_status()
    admin.put(f"/lanes/{lane['id']}/mode", json={"mode": "held_closed", "reason": "检修"}).raise_for_status()
    box.enrol(box.token_from(registry))
    again = admin.get(f"/lanes/{lane['id']}").json()
    assert (again["name"], again["mode"], again["lane_kind"], again["direction"]) == ("入口", "held_closed", "vehicle", "in")


REFUSALS: list[tuple[dict[str, object], int, str]] = [
    ({"token": "A" * 22}, 401, "token"),
    ({"site": "hillside"}, 403, "site"),
    ({"gate": "west"}, 403, "gate"),
    ({"public_key": "ab"}, 422, "public_key"),
    ({"lanes": []}, 422, "lanes"),
    ({"role": "admin"}, 422, "role"),
]


def test_refusals(box: Gate, registry: Registry) -> None:
    token = box.token_from(registry)
    for changes, status, field in REFUSALS:
        reply = box.ask_to_enrol(token, **changes)
        assert (reply.status_code, reply.json()["field"]) == (status, field)
    assert box.ask_to_enrol(token).status_code == 200, "a refused attempt does not use the token up"


def test_a_token_works_once(box: Gate, registry: Registry) -> None:
    token = box.token_from(registry)
    box.enrol(token)
    assert box.ask_to_enrol(token).status_code == 409


def test_a_token_lasts_thirty_minutes(box: Gate, registry: Registry) -> None:
    earlier = replace(registry, calendar=lambda: registry.calendar() - TOKEN_LASTS - timedelta(seconds=1))
    with earlier.write() as work:
        token = new_enrolment_token(work, "lakeside", "east", "box")
    assert box.ask_to_enrol(token).status_code == 410


def test_the_same_device_stays_the_edge_it_was(box: Gate, registry: Registry) -> None:
    box.join(registry)
    before = box.enrolled.edge
    box.enrol(box.token_from(registry))
    assert (box.enrolled.edge, box.rules("since=0").complete) == (before, True)


def test_the_wiring_of_a_box_that_waits_changes_nothing(
    gate: Gate, registry: Registry, address: str, admin: httpx.Client
) -> None:
    def direction() -> str:
        told: str = admin.get(f"/lanes/{gate.enrolled.lanes['in-1']}").json()["direction"]
        return told

    with Gate(address) as thief:
        wired = [{"slug": "in-1", "kind": "vehicle", "direction": "both"}]
        enrolled = EnrolReply.model_validate(thief.ask_to_enrol(thief.token_from(registry), lanes=wired).json())
        assert direction() == "in"
        admin.post(f"/edges/{enrolled.edge}/approve", json={"fingerprint": thief.fingerprint}).raise_for_status()
        assert direction() == "both"


@ON_ONE
class TestApproval:
    """A box speaks only after people have compared what stands on both screens."""

    def test_it_waits_and_is_told_what_for(self, box: Gate, registry: Registry) -> None:
        box.enrol(box.token_from(registry))
        reply = box.ask("GET", "/rules?since=0")
        assert (reply.status_code, reply.json()["edge_status"]) == (403, "pending")
        assert reply.json()["detail"] == f"waiting for approval: fingerprint {box.fingerprint}"

    def test_the_fingerprint_must_be_the_one_of_the_box(self, box: Gate, registry: Registry, admin: httpx.Client) -> None:
        box.enrol(box.token_from(registry))
        path = f"/edges/{box.enrolled.edge}/approve"
        reply = admin.post(path, json={"fingerprint": "0000 " * 4 + "0000"})
        assert (reply.status_code, reply.json()["field"]) == (422, "fingerprint")
        assert admin.post(path, json={"fingerprint": box.fingerprint.lower()}).json()["status"] == "active"
        assert box.rules("since=0").complete
        assert admin.post(path, json={"fingerprint": box.fingerprint}).status_code == 409, "once"

    def test_the_old_box_goes_on_until_the_new_one_is_approved(
        self, gate: Gate, registry: Registry, address: str, admin: httpx.Client
    ) -> None:
        with Gate(address) as other:
            other.enrol(other.token_from(registry, "new box"))
            assert (gate.ask("GET", "/rules?since=0").status_code, other.ask("GET", "/rules?since=0").status_code) == (200, 403)
            notes = {edge["name"]: edge["note"] for edge in admin.get("/edges").json()["items"]}
            assert notes == {"box": "another box asks to be this gate: new box", "new box": ""}
            admin.post(f"/edges/{other.enrolled.edge}/approve", json={"fingerprint": other.fingerprint}).raise_for_status()
            assert other.rules("since=0").complete
        reply = gate.ask("GET", "/rules?since=0")
        assert (reply.status_code, reply.json()["edge_status"]) == (403, "replaced")

    def test_a_box_that_was_replaced_waits_again(self, gate: Gate, registry: Registry, address: str) -> None:
        with Gate(address) as other:
            other.join(registry, "new box")
        gate.enrol(gate.token_from(registry))
        assert gate.ask("GET", "/rules?since=0").json()["edge_status"] == "pending"

    def test_what_became_of_an_edge_is_written_down(self, gate: Gate, admin: httpx.Client) -> None:
        admin.post(f"/edges/{gate.enrolled.edge}/revoke", json={"reason": "stolen"}).raise_for_status()
        events = admin.get(f"/edges/{gate.enrolled.edge}/events").json()["items"]
        assert [(event["what"], event["by"]) for event in events] == [
            ("revoked", "site_manager"),
            ("approved", "admin"),
            ("enrolled", "box"),
        ]


@ON_ONE
class TestRevocation:
    def test_a_request_that_waits_ends(self, gate: Gate, admin: httpx.Client) -> None:
        revision = gate.rules("since=0").revision
        with ThreadPoolExecutor(1) as pool:
            waiting = pool.submit(gate.ask, "GET", f"/rules?since={revision}&wait=20", stream="rules")
            admin.post(f"/edges/{gate.enrolled.edge}/revoke", json={"reason": "stolen"}).raise_for_status()
            reply = waiting.result(timeout=10)
        assert (reply.status_code, reply.json()["edge_status"]) == (403, "revoked")

    def test_its_key_stays_out(self, gate: Gate, registry: Registry, admin: httpx.Client) -> None:
        admin.post(f"/edges/{gate.enrolled.edge}/revoke", json={"reason": "stolen"}).raise_for_status()
        approved = admin.post(f"/edges/{gate.enrolled.edge}/approve", json={"fingerprint": gate.fingerprint})
        assert (approved.status_code, "make a new key" in approved.json()["detail"]) == (409, True)
        assert gate.ask_to_enrol(gate.token_from(registry)).json()["field"] == "public_key"

    def test_of_an_edge_that_is_none(self, admin: httpx.Client) -> None:
        assert admin.post(f"/edges/{UUID(int=7)}/revoke", json={"reason": "stolen"}).status_code == 404


@ON_ONE
def test_a_clerk_has_no_say_in_edges(gate: Gate, sign_in: Callable[[Role], httpx.Client]) -> None:
    clerk = sign_in("registrar")
    assert clerk.get("/edges").status_code == 403
    assert clerk.post(f"/edges/{gate.enrolled.edge}/revoke", json={"reason": "x"}).status_code == 403
    assert clerk.post("/edges/tokens", json={"site": "lakeside", "gate": "east", "name": "x"}).status_code == 403


@ON_ONE
def test_a_token_over_the_api(box: Gate, admin: httpx.Client) -> None:
    made = admin.post("/edges/tokens", json={"site": "lakeside", "gate": "east", "name": "east-box"}).raise_for_status()
    box.enrol(made.json()["token"])
    assert [edge["name"] for edge in admin.get("/edges").json()["items"]] == ["east-box"]


def test_a_key_cannot_be_two_gates(box: Gate, registry: Registry, address: str) -> None:
    box.enrol(box.token_from(registry))
    with Gate(address, slug="west") as other:
        reply = other.ask_to_enrol(other.token_from(registry), public_key=public_hex(box.key))
    assert (reply.status_code, reply.json()["field"]) == (409, "public_key")


class TestEveryLaterRequest:
    def test_of_a_stranger(self, gate: Gate) -> None:
        reply = gate.ask("GET", "/rules?since=0", changed={EDGE_HEADER: "01890000-0000-7000-8000-000000000000"})
        assert reply.status_code == 401

    def test_with_another_key(self, gate: Gate) -> None:
        gate.key = Ed25519PrivateKey.generate()
        assert gate.ask("GET", "/rules?since=0").status_code == 401

    def test_with_another_target(self, gate: Gate) -> None:
        stranger = gate.http.get("/api/edge/v1/rules?since=0")
        assert (stranger.status_code, SIGNATURE_HEADER in stranger.headers) == (401, True)

    def test_with_no_sequence_of_ours(self, gate: Gate) -> None:
        for sequence in (0, -1, 2**63):
            assert gate.ask("GET", "/rules?since=0", sequence=sequence).status_code == 422

    def test_with_a_header_that_is_no_number(self, gate: Gate) -> None:
        assert gate.ask("GET", "/rules?since=0", changed={SEQUENCE_HEADER: "x"}).status_code == 401

    def test_repeated(self, gate: Gate) -> None:
        assert gate.ask("GET", "/rules?since=0", sequence=7).status_code == 200
        again = gate.ask("GET", "/rules?since=0", sequence=7)
        assert (again.status_code, again.json()["sequence"]) == (409, 7)
        assert gate.ask("GET", "/rules?since=0", sequence=6).status_code == 409
        assert gate.ask("GET", "/rules?since=0", sequence=6, stream="pictures").status_code == 200
        assert gate.ask("GET", "/rules?since=0", sequence=8).status_code == 200
