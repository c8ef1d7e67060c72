"""Records of a snapshot as they lie in it (JSON), made into what a decision reads."""

from collections.abc import Iterable, Mapping
from dataclasses import fields
from datetime import UTC, datetime
from typing import Any, TypeVar
from uuid import UUID

from access.identifiers import uuid_of
from access.on_record import (
    ALWAYS,
    Block,
    ContractorPass,
    Grant,
    GuardFacts,
    LaneRules,
    Level,
    Peer,
    Permit,
    Quota,
    Slip,
    Validity,
    Visit,
    Zone,
)
from access.packing import id_bytes
from access.passes import PassKey
from access.schedule import Schedule, Span, minutes

Bounded = TypeVar("Bounded", Visit, ContractorPass, Slip)


def moment(seconds: int | None) -> datetime | None:
    """Return a moment that is kept as epoch seconds; None, or a number below 0, is none."""
    return None if seconds is None or seconds < 0 else datetime.fromtimestamp(seconds, UTC)


def _validity(row: Mapping[str, Any]) -> Validity:
    if "valid_from" not in row and "valid_until" not in row:
        return ALWAYS
    return Validity(moment(row.get("valid_from")), moment(row.get("valid_until")))


def in_order(found: Iterable[Bounded]) -> tuple[Bounded, ...]:
    """Return them in the order of their windows."""
    every = tuple(found)
    return every if len(every) < 2 else tuple(sorted(every, key=_window))


def _window(bounded: Visit | ContractorPass | Slip) -> tuple[datetime, str]:
    return bounded.window.valid_from or datetime.min.replace(tzinfo=UTC), str(bounded.id)


def block_end(block: Block) -> datetime:
    """Return when a block ends; one without an end last."""
    return block.valid_until or datetime.max.replace(tzinfo=UTC)


def guard_of(row: Mapping[str, Any]) -> GuardFacts:
    """Return a guard of a snapshot."""
    facts = {name: row[name] for name in ("name", "badge", "pin_hash", "status")}
    return GuardFacts(UUID(row["id"]), **facts, leader=row.get("leader", False), peppered=row.get("peppered", False))


def block_of(row: Mapping[str, Any]) -> Block:
    """Read a block."""
    return Block(row["plate"], row["card_hash"], row["reason"], moment(row["valid_until"]))


_LANE_FIELDS = frozenset(field.name for field in fields(LaneRules) if field.init)


def lane_of(row: Mapping[str, Any]) -> LaneRules:
    """Read a lane's rules."""
    data = {**row, "id": UUID(row["id"]), "kind": row["lane_kind"]}
    for other in ("gate", "inner_zone", "outer_zone"):
        data[other] = UUID(row[other]) if row.get(other) else None
    for several in ("classes", "inexact", "goods_checks"):
        if several in data:
            data[several] = tuple(data[several])
    return LaneRules(**{name: value for name, value in data.items() if name in _LANE_FIELDS})


def pass_key_of(row: Mapping[str, Any]) -> PassKey:
    """Read a key of signed passes."""
    return PassKey(bytes.fromhex(row["kid"]), bytes.fromhex(row["public_key"]), row["status"] == "revoked")


def peer_of(row: Mapping[str, Any]) -> Peer:
    """Read a neighbour."""
    return Peer(UUID(row["id"]), UUID(row["gate"]), row["slug"], row["name"], bytes.fromhex(row["public_key"]))


def zone_of(row: Mapping[str, Any]) -> Zone:
    """Read a zone."""
    return Zone(UUID(row["id"]), row["name"], row["capacity"], row["full"], row["anti_passback"], row["minutes"])


def schedule_of(row: Mapping[str, Any]) -> Schedule:
    """Read a schedule."""
    spans = tuple(Span(frozenset(span["days"]), minutes(span["start"]), minutes(span["end"])) for span in row["spans"])
    return Schedule(row["name"], spans)


_NEVER = Schedule("", ())


def _named(schedule: str | None, schedules: Mapping[str, Schedule]) -> Schedule | None:
    """Return the schedule that is named: always (None) where none is, never where it is gone."""
    return schedules.get(schedule, _NEVER) if schedule else None


def level_of(row: Mapping[str, Any], schedules: Mapping[str, Schedule]) -> Level:
    """Read a level; a schedule that is gone means never."""
    grants = tuple(
        Grant(frozenset(map(UUID, grant["lanes"])), grant["direction"], _named(grant["schedule"], schedules))
        for grant in row["grants"]
    )
    return Level(UUID(row["id"]), row["name"], grants)


def _id(text: str) -> UUID:
    return uuid_of(id_bytes(text))


def quota_of(row: Mapping[str, Any]) -> Quota:
    """Read a quota."""
    return Quota(_id(row["id"]), row["name"], tuple(map(_validity, row["spaces"])), row["over"])


def visit_of(row: Mapping[str, Any]) -> Visit:
    """Read a visit."""
    return Visit(
        _id(row["id"]),
        row["category"],
        row["status"],
        row["host"],
        _validity(row),
        frozenset(map(_id, row["lanes"])),
        row["uses"],
        row["party"],
        tuple(row["obligations"]),
        _home(row),
    )


def pass_of(row: Mapping[str, Any]) -> ContractorPass:
    """Read a contractor pass."""
    return ContractorPass(
        _id(row["id"]),
        row["number"],
        _id(row["permit"]),
        row["status"],
        tuple(row["units"]),
        frozenset(map(_id, row["lanes"])),
        _validity(row),
        _home(row),
        row.get("leaves_anywhere", True),
    )


def _home(row: Mapping[str, Any]) -> UUID | None:
    return _id(row["home"]) if row.get("home") else None


def permit_of(row: Mapping[str, Any], schedules: Mapping[str, Schedule]) -> Permit:
    """Read a permit."""
    return Permit(
        _id(row["id"]),
        row["number"],
        row["status"],
        tuple(row["units"]),
        _validity(row),
        _named(row.get("schedule"), schedules),
        row.get("workers_max"),
        row["violation"],
    )


def slip_of(row: Mapping[str, Any]) -> Slip:
    """Read a slip."""
    return Slip(_id(row["id"]), row["number"], row["unit"], row["status"], _validity(row))
