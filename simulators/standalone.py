"""A gate with no registry: its identity and rules written by hand, for tests, benchmarks and a first look."""

import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from access.contract.sync import EnrolReply
from access.packing import SnapshotBuilder
from edge.config import GateConfig
from edge.config_file import load
from edge.identity import device_key, public_hex, save_identity
from edge.places import Places

Rule = tuple[str, UUID, Mapping[str, Any]]
EVERYWHERE = UUID(int=0x6A7E_0000_0000_7000_8000_000000000001)
_ALWAYS: dict[str, Any] = {"valid_from": None, "valid_until": None}


def prepare(folder: Path, gate_toml: str, rules: Iterable[Rule], *, revision: int = 1) -> tuple[Path, GateConfig]:
    """Lay out a gate in `folder`, ready for `python -m edge.gate`; returns the path of its gate.toml and what it says.

    `rules` are (kind, id, data) as `access.contract.records` has them.
    """
    path = folder / "gate.toml"
    path.write_text(gate_toml, encoding="utf-8")
    config = load(path)
    places = Places(config.gate.data)
    places.make()
    device_key(places)
    lanes = {lane.id: uuid4() for lane in config.lane}
    registry_key = public_hex(Ed25519PrivateKey.generate())
    save_identity(places, EnrolReply(edge=uuid4(), gate=uuid4(), site=uuid4(), lanes=lanes, registry_key=registry_key))
    builder = SnapshotBuilder(revision, built_utc=int(time.time()))
    for kind, identity, data in rules:
        builder.add(kind, identity, data)
    with (places.snapshots / f"{revision}.snapshot").open("wb") as file:
        builder.write(file)
    return path, config


def small_rules(card_key: bytes, lanes: Iterable[str], *, kind: str = "vehicle", unknown: str = "refer") -> list[Rule]:
    """Return a site, its lanes and one level that opens all of them, whose id is `EVERYWHERE`."""
    site = {"slug": "lakeside", "name": "湖畔", "zone": "Asia/Shanghai", "card_key": card_key.hex()}
    said = {"lane_kind": kind, "direction": "in", "mode": "normal", "unknown": unknown}
    level: dict[str, Any] = {"name": "everywhere", "grants": [{"lanes": [], "direction": "both", "schedule": None}]}
    return [
        _rule("site", uuid4(), site),
        *(_rule("lane", uuid4(), {"slug": slug, "name": slug, **said}) for slug in lanes),
        _rule("level", EVERYWHERE, level),
    ]


def _rule(kind: str, identity: UUID, data: Mapping[str, Any]) -> Rule:
    return kind, identity, {"id": str(identity), **data}


def resident(person: UUID, name: str, unit: str) -> Rule:
    """Return a person who may pass everywhere."""
    data: dict[str, Any] = {"name": name, "unit": unit, "category": "resident", "status": "active", "levels": [str(EVERYWHERE)]}
    return _rule("person", person, data | _ALWAYS)


def card(identity: UUID, person: UUID, hashes: Iterable[bytes], *, medium: str = "card", status: str = "active") -> Rule:
    """Return a card (or code) of a person, known by keyed hashes."""
    data: dict[str, Any] = {
        "hashes": [one.hex() for one in hashes],
        "medium": medium,
        "tail": "",
        "person": str(person),
        "status": status,
    }
    return _rule("card", identity, data | _ALWAYS)


def vehicle(identity: UUID, person: UUID, plate: str) -> Rule:
    """Return a vehicle of a person."""
    data: dict[str, Any] = {"plate": plate, "colour": "blue", "vehicle_class": "car", "person": str(person), "status": "active"}
    return _rule("vehicle", identity, data | _ALWAYS)


def guard(badge: str, pin_hash: str) -> Rule:
    """Return a guard who may sign in at the booth with the PIN of that argon2id hash."""
    identity = UUID(int=0x6A7E_0000_0000_7000_8000_000000000002)
    return _rule("guard", identity, {"name": "王*", "badge": badge, "pin_hash": pin_hash, "status": "active"})
