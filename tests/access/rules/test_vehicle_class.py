"""Rule 8: the classes of vehicle that a lane is for; and what was seen against what is registered."""

import pytest

from tests.access.rules.world import (
    Table,
    card,
    denies,
    grants,
    holds,
    lane,
    person,
    refers,
    shows_card,
    shows_plate,
    vehicle,
    world,
)

CARS = lane(classes=("car",))
CYCLES = lane(classes=("motorcycle", "tricycle", "bicycle"))
TABLE: Table = {
    "a lane for all": (world(person(), vehicle(vehicle_class="large")), shows_plate(), grants()),
    "a car at a lane for cars": (world(CARS, person(), vehicle()), shows_plate(vehicle_class="car"), grants()),
    "a lorry at a lane for cars": (
        world(CARS, person(), vehicle(vehicle_class="large")),
        shows_plate(),
        denies("class_not_here", vehicle_class="large"),
    ),
    "a car at a lane for cycles": (world(CYCLES, person(), vehicle()), shows_plate(), denies("class_not_here")),
    "a tricycle at a lane for cycles": (world(CYCLES, person(), vehicle(vehicle_class="tricycle")), shows_plate(), grants()),
    "an e-bike's card, nothing seen": (world(CARS, person(), card()), shows_card(), grants()),
    "an e-bike's card, an e-bike seen": (
        world(CARS, person(), card()),
        shows_card(vehicle_class="bicycle"),
        denies("class_not_here", vehicle_class="bicycle"),
    ),
    "a stranger's lorry": (
        world(CARS),
        shows_plate("粤BKK777", vehicle_class="large"),
        denies("class_not_here", vehicle_class="large"),
    ),
    "a car with the plate of a motorcycle": (
        world(person(), vehicle(vehicle_class="motorcycle")),
        shows_plate(vehicle_class="car"),
        refers("class_differs", vehicle_class="motorcycle", seen_class="car"),
    ),
    "the same at the exit": (
        world(person(), vehicle(vehicle_class="motorcycle")),
        shows_plate(direction="out", vehicle_class="car"),
        refers("class_differs"),
    ),
    "a camera does not tell a van from a lorry": (world(CARS, person(), vehicle()), shows_plate(vehicle_class="large"), grants()),
    "nor a motorcycle from a tricycle": (
        world(person(), vehicle(vehicle_class="motorcycle")),
        shows_plate(vehicle_class="tricycle"),
        grants(),
    ),
    "a class that is none of ours says nothing": (world(CARS, person(), vehicle()), shows_plate(vehicle_class="suv"), grants()),
    "nor of a stranger": (world(CARS), shows_plate("粤BKK777", vehicle_class="suv"), refers("unknown_refer")),
}


@pytest.mark.parametrize("name", TABLE)
def test_the_table(name: str) -> None:
    holds(TABLE[name], "unknown" if TABLE[name][2].reason == "unknown_refer" else "vehicle_class")
