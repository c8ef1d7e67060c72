"""How a guard's right stood once, by the audit of their record."""

from typing import Any

from central.audit.tables import AuditEntry
from central.booth.guards import END_US, Served, served


def test_a_clock_of_the_registry_that_was_put_back_between_two_changes_turns_no_time_round() -> None:
    def change(at_us: int, **before: Any) -> AuditEntry:
        return AuditEntry(act="changed", at_us=at_us, before=before)

    now = Served(0, END_US, "revoked", leads=False, valid_from_us=0, valid_until_us=END_US)
    changes = [change(50, status="active"), change(90, status="revoked"), change(20, status="active")]
    told = [(one.status, one.since_us, one.until_us) for one in served(now, changes, 60)]
    assert told == [("revoked", 50, END_US), ("active", 50, 50), ("revoked", 20, 50), ("active", 0, 20)]
    [ahead, _] = served(now, [change(90, status="active")], 60)
    assert ahead.since_us == 60, "what is said to be still to come was done by now"
