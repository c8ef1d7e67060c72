"""Playbooks that must be asserted."""

from collections.abc import Callable, Iterator

import pytest

from access.snapshot import Snapshot
from edge.config import GateConfig
from tests.edge.gate.playbook import DOOR, VEHICLE, Playbook, estate, settings

Play = Callable[..., Playbook]


@pytest.fixture
def play() -> Iterator[Play]:
    """Make playbooks; each must have been asserted to its last line when the test ends."""
    made: list[Playbook] = []

    def make(config: GateConfig | None = None, *, ready: bool = True, rules: Snapshot | bool = True, **lane: object) -> Playbook:
        known = (estate() if rules else None) if isinstance(rules, bool) else rules
        playbook = Playbook(config or settings(VEHICLE, **lane), ready=ready, rules=known)
        made.append(playbook)
        return playbook

    yield make
    assert all(playbook.asserted for playbook in made), "a playbook was never asserted"


@pytest.fixture
def door(play: Play) -> Playbook:
    """A pedestrian lane whose door has one contact."""
    return play(settings(DOOR))
