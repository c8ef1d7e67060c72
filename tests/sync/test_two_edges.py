"""Two real gates, a real registry, foul links between, and everything is killed now and then: nothing is lost, nothing doubled.

A seeded schedule says what happens. At the end all heals, and journals and registry are compared entry by entry.
"""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from random import Random
from typing import Final

import pytest

from simulators.wires.fault_proxy import FAIR, FOUL, FaultProxy
from tests.faults.door import Door
from tests.faults.registry_program import RegistryProgram, assert_all_there_once, has_everything, written
from tests.servers.postgres import Postgres
from tests.sizes import sized
from tests.waiting import wait_until

pytestmark = pytest.mark.programs

LASTS_S = sized(quick=0.0, soak=300.0)  # at least one round of all that may happen
GATES = ("east", "west")
ROUND = ("pass_through", *("change_weather",) * 2, "kill_gate", "kill_courier", "kill_registry", "kill_database")


@dataclass
class Estate:
    """All programs and links, and what may happen to them."""

    registry: RegistryProgram
    postgres: Postgres | None
    doors: tuple[Door, ...]
    links: tuple[FaultProxy, ...]
    chance: Random

    def play_round(self) -> None:
        """Let everything happen that may, in an order that chance gives."""
        deeds: Mapping[str, Callable[[Door], None]] = {
            "pass_through": self.pass_through,
            "change_weather": self.change_weather,
            "kill_gate": self.kill_gate,
            "kill_courier": self.kill_courier,
            "kill_registry": self.kill_registry,
            "kill_database": self.kill_database,
        }
        for name in self.chance.sample(ROUND, len(ROUND)):
            deeds[name](self.chance.choice(self.doors))

    def pass_through(self, door: Door) -> None:
        for _ in range(3):
            door.pass_one(30)

    def change_weather(self, _door: Door) -> None:
        link = self.chance.choice(self.links)
        link.become(self.chance.choice((FAIR, *FOUL)))
        link.cut()

    def kill_gate(self, door: Door) -> None:
        door.show_card()
        door.kill("gate")
        door.start("gate")

    def kill_courier(self, door: Door) -> None:
        door.kill("courier")
        door.start("courier")

    def kill_registry(self, door: Door) -> None:
        door.show_card()
        self.registry.kill()
        door.pass_one(30)
        self.registry.start()

    def kill_database(self, door: Door) -> None:
        if self.postgres is None:  # SQLite dies with the registry
            return
        door.show_card()
        self.postgres.kill()
        door.pass_one(30)
        self.postgres.start_again()

    def heal(self) -> None:
        """Let the weather be fair, and wait until the registry has all that the gates have."""
        for link in self.links:
            link.become(FAIR)
            link.cut()
        for door in self.doors:
            door.pass_one(30)
            door.stop("gate")
        for door in self.doors:
            wait_until(partial(has_everything, self.registry, door.places), 120, "everything to be at the registry")


POSTGRESQL: Final[object] = pytest.param("postgresql", marks=pytest.mark.postgres)


@pytest.fixture(params=sized(quick=[POSTGRESQL], soak=["sqlite", POSTGRESQL]))
def estate(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Estate]:
    postgres: Postgres | None = request.getfixturevalue("mortal_postgres") if request.param == "postgresql" else None
    with ExitStack() as stack:
        registry = stack.enter_context(RegistryProgram(tmp_path, postgres.fresh_database() if postgres else ""))
        registry.seed(*GATES)
        links = tuple(stack.enter_context(FaultProxy(("127.0.0.1", registry.port), seed=seed)) for seed in range(len(GATES)))
        doors = tuple(
            stack.enter_context(Door(tmp_path / gate, gate=gate, registry=link.url))
            for gate, link in zip(GATES, links, strict=True)
        )
        for door, gate in zip(doors, GATES, strict=True):
            registry.enrol(door.config, gate)
            door.start("gate")
            door.start("courier")
        yield Estate(registry, postgres, doors, links, Random(f"two edges on {request.param}"))


def test_two_gates_and_a_registry_lose_nothing_and_double_nothing_whatever_befalls_them(
    estate: Estate, record_property: Callable[[str, object], None]
) -> None:
    for door in estate.doors:
        door.pass_one(60)  # the first rules must come down
    rounds, deadline = 0, time.monotonic() + LASTS_S
    while not rounds or time.monotonic() < deadline:
        estate.play_round()
        rounds += 1
    estate.heal()
    for door in estate.doors:
        assert_all_there_once(estate.registry, door.places)
    record_property("rounds", rounds)
    record_property("entries", sum(len(written(door.places)) for door in estate.doors))
