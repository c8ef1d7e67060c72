"""Wirings for playbooks: keys of a lane to set otherwise (`play(**FAR)`), texts to add to a gate.toml (`VEHICLE + FIRE`)."""

from typing import Any

from tests.edge.gate.playbook import VEHICLE

Keys = dict[str, Any]

FAR: Keys = {"barrier__far_loop": {"input": 4}}
PHOTOCELL: Keys = {"barrier__photocell": {"input": 5}}
BUTTONS: Keys = {"barrier__push_button": {"input": 6}, "barrier__remote": {"input": 7}}
CHECKED: Keys = {"barrier__safety_loop": {"input": 3, "check": 11}}
AGENT: Keys = {"barrier__closing": "agent", "barrier__close": {"coil": 1, "pulse_ms": 500}}
NO_LIMITS: Keys = {"barrier__open_limit": None, "barrier__closed_limit": None}
EXIT: Keys = {"direction": "out"}
REVERSIBLE: Keys = {"direction": "both", "readers": ["reader-in", "reader-out"], "leaving": ["reader-out"], **FAR}

FIRE = """
    [gate.evacuation]
    device = "io"
    input = 10
"""
READER_OUT = """
    [[device]]
    id = "reader-out"
    protocol = "em4100"
    url = "serial:///dev/reader-out"
"""
OUT = f"""
    {READER_OUT}

    [[lane]]
    id = "out-1"
    kind = "vehicle"
    direction = "out"
    readers = ["reader-out"]

    [lane.barrier]
    device = "io"
    open = {{ coil = 4, pulse_ms = 500 }}
    open_limit = {{ input = 12 }}
    closed_limit = {{ input = 13 }}
    arrival_loop = {{ input = 14 }}
    safety_loop = {{ input = 15 }}
"""
LOCK = """
    [[interlock]]
    lanes = ["in-1", "out-1"]
    wait_s = 60
"""

TURNSTILE = (
    VEHICLE.replace('kind = "vehicle"', 'kind = "pedestrian"')
    .replace("open_limit = { input = 0 }\n", "")
    .replace("closed_limit = { input = 1 }\n", "passage_signal = { input = 9 }\n")
    .replace("arrival_loop = { input = 2 }\n", "")
    .replace("safety_loop = { input = 3 }\n", "")
)
BLIND_DOOR = TURNSTILE.replace("passage_signal = { input = 9 }\n", "")
DOOR_OUT = (
    OUT.replace('kind = "vehicle"', 'kind = "pedestrian"')
    .replace("open_limit = { input = 12 }\n", "")
    .replace("arrival_loop = { input = 14 }\n", "")
    .replace("safety_loop = { input = 15 }\n", "")
)
EXIT_BUTTON: Keys = {"barrier__exit_button": {"input": 8}}
