from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from access.contract.signature import EDGE_HEADER, SEQUENCE_HEADER, SIGNATURE_HEADER, verify_reply
from central.edges.services import TOKEN_LASTS, new_enrolment_token
from central.registry import Registry
from tests.central.gate import Gate, public_hex


@pytest.fixture
def box(address: str, site: str) -> Iterator[Gate]:
    """A box that is not enrolled yet."""
    with Gate(address) as made:
        yield made


def test_enrolment_makes_the_gate_and_its_lanes(box: Gate, registry: Registry, admin: httpx.Client) -> None:
    box.enrol(box.token_from(registry))
    lanes = {lane["slug"]: lane for lane in admin.get("/lanes").json()["items"]}
    assert {slug: lane["id"] for slug, lane in lanes.items()} == {slug: str(i) for slug, i in box.enrolled.lanes.items()}
    assert (lanes["out-1"]["direction"], lanes["out-1"]["gate_id"]) == ("out", str(box.enrolled.gate))
    assert box.rules("since=0").complete


def test_the_reply_is_signed_with_the_key_that_it_names(box: Gate, registry: Registry) -> None:
    reply = box.ask_to_enrol(box.token_from(registry))
    key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(reply.json()["registry_key"]))
    verify_reply(key, "", 200, reply.content, reply.headers[SIGNATURE_HEADER])


def test_what_the_office_has_set_of_a_lane_stays(box: Gate, registry: Registry, admin: httpx.Client) -> None:
    box.enrol(box.token_from(registry))
    lane = next(lane for lane in admin.get("/lanes").json()["items"] if lane["slug"] == "in-1")
    wanted = {"site": lane["site_id"], "gate": lane["gate_id"], "slug": lane["slug"], "name": "入口", "mode": "held_closed"}
    wanted |= {"lane_kind": "pedestrian", "direction": "both"}
    admin.put(f"/lanes/{lane['id']}", json=wanted).raise_for_status()
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
    box.enrol(box.token_from(registry))
    before = box.enrolled.edge
    box.enrol(box.token_from(registry))
    assert box.enrolled.edge == before


def test_another_device_replaces_it(box: Gate, registry: Registry, address: str) -> None:
    box.enrol(box.token_from(registry))
    with Gate(address) as other:
        other.enrol(other.token_from(registry, "new box"))
        assert other.rules("since=0").complete
    reply = box.ask("GET", "/rules?since=0")
    assert (reply.status_code, reply.json()["edge_status"]) == (403, "replaced")


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
