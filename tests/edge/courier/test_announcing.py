"""The gate is told of a snapshot until it says that it goes by it."""

from edge.courier.announcing import TAKEN_WITHIN_S, Announcing
from edge.messages import RulesInForce, SnapshotReady
from tests.edge.courier.conftest import Clock


class Link:
    """A link that is up, and what went over it."""

    def __init__(self) -> None:
        self.sent: list[SnapshotReady] = []

    def send(self, ready: SnapshotReady) -> bool:
        self.sent.append(ready)
        return True


def test_what_the_gate_has_not_taken_is_overdue_once_each_time(clock: Clock) -> None:
    link = Link()
    announcing = Announcing(link.send, clock)
    announcing.tell()
    assert (link.sent, announcing.is_overdue()) == ([], False)
    announcing.announce(SnapshotReady("4.snapshot", 4))
    announcing.announce(SnapshotReady("4.snapshot", 4))  # with a deny list in it
    first, second = link.sent
    assert first.serial < second.serial
    clock.now += TAKEN_WITHIN_S
    assert not announcing.is_overdue(), "no gate is there"
    announcing.taken(RulesInForce(first.serial, 4))
    assert [announcing.is_overdue(), announcing.is_overdue()] == [True, False]
    clock.now += TAKEN_WITHIN_S
    assert announcing.is_overdue()
    announcing.taken(RulesInForce(second.serial, 4))
    clock.now += TAKEN_WITHIN_S
    assert not announcing.is_overdue()


def test_a_gate_that_goes_by_later_rules_is_told_that_the_registry_went_back(clock: Clock) -> None:
    link = Link()
    announcing = Announcing(link.send, clock)
    announcing.announce(SnapshotReady("4.snapshot", 4))
    announcing.taken(RulesInForce(link.sent[0].serial, 9))
    clock.now += TAKEN_WITHIN_S
    assert announcing.is_overdue()
    announcing.announce(SnapshotReady("4.snapshot", 4))
    assert [ready.back for ready in link.sent] == [False, True]
