"""Health: the latest word of each gate."""

import httpx

from access.contract.health import Health, HealthTaken
from tests.central.gate import Gate


def test_the_latest_word_holds(gate: Gate, admin: httpx.Client) -> None:
    for waiting in (7, 3):
        told = Health(
            edge=gate.enrolled.edge, at_us=1, software="0.1.0", waiting=waiting, devices_down=("io",), lanes={"in-1": "normal"}
        )
        reply = gate.ask("POST", "/health", told.model_dump_json().encode(), stream="news")
        assert HealthTaken.model_validate_json(reply.content).received_us > 0
    [shown] = admin.get("/edge-health").raise_for_status().json()["items"]
    assert (shown["edge"], shown["health"]["waiting"], shown["health"]["devices_down"]) == (str(gate.enrolled.edge), 3, ["io"])


def test_one_gate_does_not_speak_for_another(gate: Gate) -> None:
    told = Health(edge=gate.epoch, at_us=1, software="0.1.0")
    assert gate.ask("POST", "/health", told.model_dump_json().encode(), stream="news").status_code == 403
    assert gate.ask("POST", "/health", b"{}", stream="news").status_code == 422
