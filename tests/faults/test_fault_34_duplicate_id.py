"""Two boxes with one identity: who has not the key is refused, and people are told of both."""

from collections.abc import Iterator

import httpx
import pytest

from access.contract.signature import EDGE_HEADER
from central.registry import Registry
from tests.central.gate import Gate

# The databases are told apart by the tests of what is stored; here the rules are the subject.
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def second(address: str, gate: Gate) -> Iterator[Gate]:
    """A box that has the first one's id, and a key of its own."""
    with Gate(address, seed=2) as made:
        made.enrolled = gate.enrolled
        yield made


def test_fault_34_the_second_box_is_refused_by_its_key(gate: Gate, second: Gate, admin: httpx.Client) -> None:
    for _ in range(3):
        reply = second.ask("GET", "/rules?since=0")
        assert (reply.status_code, reply.json()["field"]) == (401, "signature")
    assert gate.rules("since=0").complete, "the first goes on"
    (edge,) = admin.get("/edges").json()["items"]
    assert (edge["status"], edge["note"]) == ("active", "something with another key spoke as this edge: from 127.0.0.1")
    events = admin.get(f"/edges/{edge['id']}/events").json()["items"]
    assert [event["what"] for event in events] == ["wrong_key", "approved", "enrolled"], "one line for all three tries"


def test_fault_34_a_second_box_for_one_gate_waits_and_both_are_shown(
    gate: Gate, registry: Registry, address: str, admin: httpx.Client
) -> None:
    with Gate(address, seed=2) as other:
        other.enrol(other.token_from(registry, "other"))
        assert other.ask("GET", "/rules?since=0").json()["edge_status"] == "pending"
        pretending = other.ask("GET", "/rules?since=0", changed={EDGE_HEADER: str(gate.enrolled.edge)})
        assert pretending.status_code == 401
    shown = {edge["name"]: (edge["status"], edge["note"]) for edge in admin.get("/edges").json()["items"]}
    assert shown["other"] == ("pending", "")
    assert shown["box"] == ("active", "another box asks to be this gate: other"), "who has no key wipes no note away"
    events = admin.get(f"/edges/{gate.enrolled.edge}/events").json()["items"]
    assert [event["what"] for event in events] == ["wrong_key", "second_box", "approved", "enrolled"]
