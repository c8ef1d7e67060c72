"""Alarms before their turn: shown at once, gone when the journal has come to them."""

from typing import Any

import cbor2
import httpx

from access.entries import AlarmRaised
from tests.central.gate import Gate


def send(gate: Gate, *seqs: int, **changes: Any) -> httpx.Response:
    alarms = [
        {"epoch": gate.epoch, "seq": seq, "canonical": entry.canonical, "personal": entry.personal}
        for seq, entry in ((seq, gate.entries[seq - 1]) for seq in seqs)
    ]
    body = cbor2.dumps({"version": 1, "edge": gate.enrolled.edge, "alarms": alarms, **changes})
    return gate.ask("POST", "/alarms", body, stream="news")


def shown(office: httpx.Client) -> list[tuple[str, str]]:
    return [(alarm["what"], alarm["lane"]) for alarm in office.get("/early-alarms").raise_for_status().json()["items"]]


def test_an_alarm_is_shown_before_its_turn_and_once(gate: Gate, admin: httpx.Client) -> None:
    for n in range(3):
        gate.decide(after_s=n)
    gate.write(AlarmRaised("gate_crash", "in-1"))
    assert send(gate, 4).json()["kept"] == 1
    assert send(gate, 4).json()["kept"] == 0
    assert shown(admin) == [("gate_crash", "in-1")]
    gate.send(1, 3)
    assert shown(admin) == [("gate_crash", "in-1")]
    gate.send(4, 4)
    assert shown(admin) == []
    assert send(gate, 4).json()["kept"] == 0, "the journal has it"


def test_only_alarms_of_this_gate_in_their_place_are_kept(gate: Gate, admin: httpx.Client) -> None:
    gate.decide()
    gate.write(AlarmRaised("gate_crash"))
    assert send(gate, 1).json()["kept"] == 0, "no alarm"
    moved = {"epoch": gate.epoch, "seq": 9, "canonical": gate.entries[1].canonical, "personal": b""}
    assert send(gate, 2, alarms=[moved]).json()["kept"] == 0
    assert send(gate, 2, edge=gate.epoch).status_code == 403
    assert gate.ask("POST", "/alarms", b"nonsense", stream="news").status_code in {400, 422}
    assert shown(admin) == []
