"""What the registry is told of how this gate is: at change, and each minute."""

import functools
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID

from access.contract.health import Health, HealthTaken
from edge.courier.answers import read_answer
from edge.courier.clock import compared
from edge.courier.errors import RefusalError
from edge.courier.outgoing import Outgoing
from edge.courier.progress import Progress
from edge.courier.registry import Registry
from edge.courier.surroundings import Surroundings
from edge.messages import GateCondition

EVERY_S = 60.0
AT_MOST_EVERY_S = 5.0  # a device that comes and goes must not fill a narrow link
IDLE_S = 2.0


class HealthStream:
    """Tells what the gate said last of itself, and what the courier knows; `tell` takes messages to the gate."""

    name = "health"

    def __init__(
        self,
        edge: UUID,
        software: str,
        journal: Path,
        registry: Registry,
        progress: Progress,
        around: Surroundings,
        tell: Callable[[Any], object],
    ) -> None:
        self._edge = edge
        self._software = software
        self._path = journal
        self._registry = registry
        self._progress = progress
        self._clock = around.clock
        self._calendar = around.calendar
        self._tell = tell
        self._condition = GateCondition()
        self._told: GateCondition | None = None
        self._told_at = float("-inf")

    def changed(self, condition: GateCondition) -> None:
        """Take what the gate says of itself."""
        self._condition = replace(condition)

    def step(self) -> float:
        """Tell where it is due; return the seconds until to look again. Raises SyncError, RefusalError, StoreError."""
        condition, since_s = self._condition, self._clock() - self._told_at
        if since_s < AT_MOST_EVERY_S or (condition == self._told and since_s < EVERY_S):
            return IDLE_S
        asked = self._calendar().timestamp()
        body = self._health(condition, asked).model_dump_json().encode()
        try:
            answer = self._registry.ask("POST", "/health", body, content_type="application/json")
        except RefusalError as error:
            if not error.is_for_good:
                raise
        else:
            taken = read_answer(HealthTaken, answer, "an answer")
            self._tell(compared(asked, self._calendar().timestamp(), taken.received_us))
        self._told, self._told_at = condition, self._clock()
        return IDLE_S

    @functools.cached_property
    def _journal(self) -> Outgoing:
        return Outgoing(self._path)

    def _waiting(self) -> tuple[int, int]:
        """Return how many entries wait, and since when the oldest does (UTC microseconds)."""
        acked = self._progress.acked
        lines = [(epoch, acked.get(epoch, 0)) for epoch in self._journal.epochs(self._edge)]
        count = sum(max(0, self._journal.length(epoch) - seq) for epoch, seq in lines)
        since = [self._journal.waiting_since_us(epoch, seq) for epoch, seq in lines]
        return count, min(filter(None, since), default=0)

    def _health(self, condition: GateCondition, at_utc: float) -> Health:
        waiting, oldest_us = self._waiting()
        disk = os.statvfs(self._path.parent)
        return Health(
            edge=self._edge,
            at_us=round(at_utc * 1_000_000),
            software=self._software,
            revision=self._progress.revision,
            rules_us=self._progress.rules_utc * 1_000_000,
            waiting=waiting,
            oldest_waiting_us=oldest_us,
            disk_free_bytes=disk.f_bavail * disk.f_frsize,
            disk_bytes=disk.f_blocks * disk.f_frsize,
            space=condition.space,
            clock=condition.clock,
            devices_down=condition.devices_down,
            lanes=dict(condition.lanes),
            alarms=condition.alarms,
            error=self._progress.state({}).error[:500],
        )
