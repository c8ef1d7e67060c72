"""Telling the gate of a snapshot until it says that it has taken it: what is lost on the way must not stay lost till the next."""

from collections.abc import Callable
from dataclasses import replace

from edge.messages import RulesInForce, SnapshotReady

TAKEN_WITHIN_S = 30.0  # a gate has mapped a snapshot by then, however large it is


class Announcing:
    """The newest snapshot, and what the gate goes by; `send` tells whether there is a link. Any thread may call."""

    def __init__(self, send: Callable[[SnapshotReady], bool], clock: Callable[[], float]) -> None:
        self._send = send
        self._clock = clock
        self._newest: SnapshotReady | None = None
        self._in_force: RulesInForce | None = None
        self._since = 0.0

    def announce(self, snapshot: SnapshotReady) -> None:
        """Tell of a snapshot, now and at each new link.

        Revisions come in order: a gate that goes by a later one has it of a registry that has gone back since.
        """
        self._since = self._clock()
        before = self._newest.serial if self._newest else 0
        back = snapshot.back or (self._in_force is not None and self._in_force.revision > snapshot.revision)
        # By a clock that does not stop with this program: the serial is none of an earlier run.
        self._newest = replace(snapshot, back=back, serial=max(before + 1, int(self._since * 1e6)))
        self.tell()

    def tell(self) -> None:
        """Tell of the newest one."""
        if self._newest is not None:
            self._send(self._newest)

    def taken(self, in_force: RulesInForce) -> None:
        """Take what the gate goes by."""
        self._in_force = in_force

    def is_overdue(self) -> bool:
        """Tell, once each time, whether the gate should have taken the newest one by now, and has not."""
        newest, in_force, now = self._newest, self._in_force, self._clock()
        if newest is None or in_force is None or (in_force.serial, in_force.revision) == (newest.serial, newest.revision):
            return False
        if now - self._since < TAKEN_WITHIN_S:
            return False
        self._since = now
        return True
