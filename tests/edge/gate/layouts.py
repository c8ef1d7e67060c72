"""Gates of every wiring that a lane can have, by name: what the properties are walked on."""

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from access.snapshot import Snapshot
from edge.config import GateConfig
from simulators.standalone import small_rules
from tests.access.rules_world import snapshot
from tests.edge.gate.playbook import CARD_KEY, PERSONS

BOARD = "io"
FIRE_INPUT = 40
PINS_A_LANE = 16
LIMITS = ("open_limit", "closed_limit")
LOOPS = (*LIMITS, "arrival_loop", "safety_loop")
MODES = ("normal", "held_open", "held_closed", "out_of_service")

Section = dict[str, Any]


@dataclass(frozen=True)
class Layout:
    """A gate as wired, and the rules that go with it."""

    name: str
    config: GateConfig

    def rules(self, revision: int, mode: str = "normal") -> Snapshot:
        """Return rules that know Li (card, code, plate), Wang (card) and a lost card, and set the first lane to this mode."""
        return _rules(tuple((lane.id, lane.kind, lane.direction) for lane in self.config.lane), revision, mode)


@functools.cache
def _rules(lanes: tuple[tuple[str, str, str], ...], revision: int, mode: str) -> Snapshot:
    kinds = {slug: {"lane_kind": kind, "direction": direction} for slug, kind, direction in lanes}
    small = []
    for kind, identity, data in small_rules(CARD_KEY, list(kinds)):
        own = kinds.get(data["slug"], {}) if kind == "lane" else {}
        own = {**own, "mode": mode} if kind == "lane" and data["slug"] == lanes[0][0] else own
        small.append((kind, identity, {**data, **own}))
    return snapshot(revision, [*small, *PERSONS])


def lane(
    place: int, inputs: tuple[str, ...], *, checked: tuple[str, ...] = (), low: tuple[str, ...] = (), **keys: Any
) -> Section:
    """Describe the lane at this place of the board, with these inputs wired; keys of the barrier begin with `barrier_`."""
    first = place * PINS_A_LANE
    barrier: Section = {"device": BOARD, "open": {"coil": 2 * place, "pulse_ms": 500}}
    for number, name in enumerate(inputs, first):
        barrier[name] = {"input": number, "active": "low" if name in low else "high"}
    for number, name in enumerate(checked, first + len(inputs)):
        barrier[name]["check"] = number
    if keys.get("barrier_closing") == "agent":
        barrier["close"] = {"coil": 2 * place + 1, "pulse_ms": 500}
    barrier |= {key.removeprefix("barrier_"): value for key, value in keys.items() if key.startswith("barrier_")}
    of_lane = {key: value for key, value in keys.items() if not key.startswith("barrier_")}
    slug = f"lane-{place}"
    readers = (f"reader-{place}", f"far-reader-{place}")
    said: Section = {"id": slug, "kind": "vehicle", "direction": "in", "readers": readers[:1], "cameras": (f"camera-{place}",)}
    if of_lane.get("direction") == "both":
        said |= {"readers": readers, "leaving": readers[1:]}
    return {**said, **of_lane, "barrier": barrier}


def door(place: int, *inputs: str, **keys: Any) -> Section:
    """Describe a door or turnstile."""
    return lane(place, inputs, kind="pedestrian", **keys)


def _gate(*lanes: Section, fire: bool = False, lock_s: float = 0.0) -> GateConfig:
    devices: list[Section] = [{"id": BOARD, "protocol": "modbus-rtu", "url": "serial:///dev/io", "inputs": 48}]
    for one in lanes:
        readers = [{"id": name, "protocol": "em4100", "url": f"serial:///dev/{name}"} for name in one["readers"]]
        devices += readers + [{"id": name, "protocol": "video", "url": f"rtsp://{name}/1"} for name in one["cameras"]]
    gate: Section = {"site": "lakeside", "name": "east"}
    if fire:
        gate["evacuation"] = {"device": BOARD, "input": FIRE_INPUT}
    raw: Section = {"gate": gate, "device": devices, "lane": list(lanes)}
    if lock_s:
        raw["interlock"] = [{"lanes": [one["id"] for one in lanes], "wait_s": lock_s}]
    return GateConfig.model_validate(raw)


_AGENT: Section = {"barrier_closing": "agent", "barrier_close_clear_s": 2.0}
_EVERY = (*LOOPS, "far_loop", "photocell", "push_button", "remote")

_CONFIGS: Mapping[str, GateConfig] = {
    "plain": _gate(lane(0, LOOPS), fire=True),
    "no arrival loop": _gate(lane(0, (*LIMITS, "safety_loop"))),
    "no limits": _gate(lane(0, ("arrival_loop", "safety_loop"), direction="out"), fire=True),
    "one limit": _gate(lane(0, ("open_limit", "arrival_loop", "safety_loop", "push_button")), fire=True),
    "nothing but an arm": _gate(lane(0, LIMITS, on_store_failure="open")),
    "every input": _gate(
        lane(0, _EVERY, direction="both", low=("photocell",), checked=("safety_loop",), on_store_failure="refer")
    ),
    "closed by us": _gate(lane(0, LOOPS, **_AGENT), fire=True),
    "closed by us, every input": _gate(
        lane(0, _EVERY, direction="both", checked=("photocell", "safety_loop"), evacuation="open", **_AGENT), fire=True
    ),
    "closed by us, photocell": _gate(lane(0, (*LIMITS, "photocell", "remote"), direction="out", low=("photocell",), **_AGENT)),
    "door": _gate(door(0, "closed_limit", "exit_button", "push_button", direction="both"), fire=True),
    "turnstile": _gate(door(0, "passage_signal", "push_button"), fire=True),
    "blind door": _gate(door(0, "exit_button", direction="out"), fire=True),
    "lock of vehicles": _gate(
        lane(0, LOOPS, **_AGENT), lane(1, (*LOOPS, "push_button"), direction="out"), fire=True, lock_s=60.0
    ),
    "lock of doors": _gate(
        door(0, "closed_limit", "exit_button"), door(1, "closed_limit", "push_button"), fire=True, lock_s=20.0
    ),
    "two lanes": _gate(lane(0, (*LOOPS, "far_loop")), lane(1, LOOPS, direction="out", on_store_failure="open"), fire=True),
}
LAYOUTS: Mapping[str, Layout] = {name: Layout(name, config) for name, config in _CONFIGS.items()}
