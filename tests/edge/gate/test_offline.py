"""What a gate that is cut off says of itself: a table."""

import pytest

from access.on_record import ListAge
from edge.gate.offline import ANNOUNCED, CLOCK, ELSEWHERE, NO_RULES, OFFICE, WITHDRAWN, outlook, weaker
from edge.messages import SyncState

NOW = 1_800_000_000.0
HOUR = 3600


def sync(*, online: bool = True, rules: float = 0, deny: float = 0, facts: float = 0) -> SyncState:
    """Return what the courier says, lists as old as given (seconds)."""
    return SyncState(online, 1, 0, NOW, 4, NOW - rules, deny_utc=NOW - deny, facts_utc=NOW - facts)


@pytest.mark.parametrize(
    ("told", "revision", "clock", "expected"),
    [
        (sync(), 4, "trusted", ()),
        (sync(rules=80, deny=80, facts=80), 4, "trusted", ()),
        (sync(online=False), 4, "trusted", (OFFICE,)),
        (sync(online=False, rules=100, deny=100, facts=100), 4, "trusted", (WITHDRAWN, ANNOUNCED, ELSEWHERE, OFFICE)),
        (sync(online=False, rules=100, deny=10, facts=100), 4, "trusted", (ANNOUNCED, ELSEWHERE, OFFICE)),
        (sync(facts=100), 4, "drifting", (ELSEWHERE, CLOCK)),
        (sync(online=True, rules=100, deny=100, facts=100), 4, "trusted", (WITHDRAWN, ANNOUNCED, ELSEWHERE)),
        (None, 0, "floor", (NO_RULES, WITHDRAWN, ANNOUNCED, ELSEWHERE, OFFICE, CLOCK)),
    ],
)
def test_which_checks_are_weaker(told: SyncState | None, revision: int, clock: str, expected: tuple[str, ...]) -> None:
    assert weaker(told, revision, clock, NOW) == expected


def test_what_becomes_of_grants_and_when() -> None:
    site = {"visitor": ListAge(4, "deny"), "contractor": ListAge(4, "deny")}
    shown = outlook(site, NOW - 5 * HOUR, NOW)
    assert [(one.hours, one.then) for one in shown] == [(4, "deny"), (24, "refer"), (168, "refer"), (720, "refer")]
    assert set(shown[0].categories) == {"visitor", "contractor"}
    assert [one.utc <= NOW for one in shown] == [True, False, False, False]


@pytest.mark.parametrize("confirmed", [0.0, NOW - 60])
def test_on_fresh_rules_or_none_nothing_is_foretold(confirmed: float) -> None:
    assert outlook({}, confirmed, NOW) == ()
