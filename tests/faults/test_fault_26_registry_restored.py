"""Fault 26: the registry is put back from an old copy. Gates send again what it lost, and follow it back to its older rules."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from access.entries import PassageEnded
from central.sync_tables import SharedFact
from tests.sync.clocks import Clocks
from tests.sync.gate import SimulatedGate
from tests.sync.registry import SimulatedRegistry


@pytest.fixture
def registry(tmp_path: Path) -> Iterator[SimulatedRegistry]:
    registry = SimulatedRegistry(tmp_path, Clocks())
    yield registry
    registry.close()


@pytest.fixture
def gates(registry: SimulatedRegistry, tmp_path: Path) -> Iterator[list[SimulatedGate]]:
    gates = [SimulatedGate(tmp_path / name, registry, registry.clocks, seed, name) for seed, name in enumerate(("east", "west"))]
    for gate in gates:
        gate.enrol(gate.home)
        gate.open()
    yield gates
    for gate in gates:
        gate.close()


def shared(registry: SimulatedRegistry) -> set[tuple[object, ...]]:
    """What the registry knows of the facts that gates share."""
    columns = (SharedFact.edge_id, SharedFact.name, SharedFact.how, SharedFact.plate)
    with registry.registry.read() as work:
        return {(*row, str(value)) for *row, value in work.session.execute(select(*columns, SharedFact.value))}


def settle(gates: list[SimulatedGate]) -> None:
    for gate in gates:
        gate.settle()


def enter(gate: SimulatedGate, subject: str) -> None:
    """Let a vehicle be inside from now on: a fact that other gates want to know."""
    gate.write_bodies(PassageEnded("passed", "in", vehicles=1, facts=(("set", f"at:{subject}", ["site", 1]),)))


def test_fault_26_entries_and_facts_are_there_again(registry: SimulatedRegistry, gates: list[SimulatedGate]) -> None:
    enter(gates[0], "plate:1")
    settle(gates)
    registry.copy()
    for number in range(2, 40):
        enter(gates[number % 2], f"plate:{number}")
    settle(gates)
    stored, facts = registry.stored(), shared(registry)
    assert len(facts) >= 39
    registry.put_back(registry.copies[0])
    assert len(registry.stored()) < len(stored)
    settle(gates)
    assert (registry.stored(), shared(registry)) == (stored, facts)


def test_fault_26_gates_follow_the_registry_back_to_its_older_rules(
    registry: SimulatedRegistry, gates: list[SimulatedGate]
) -> None:
    registry.change_rules("粤B00001")
    settle(gates)
    registry.copy()
    registry.change_rules("粤B00002")
    settle(gates)
    registry.put_back(registry.copies[0])
    settle(gates)
    for gate in gates:
        known = registry.rules(gate.identity.site, gate.identity.gate)
        assert gate.rules_held() == (registry.revision(), known)
        assert "粤B00002" not in str(known)
