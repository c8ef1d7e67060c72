"""What is left of a passage when its gate is killed."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from access.entries import Body, Commanded, CommandEnded, Decided, Draft, PassageEnded
from simulators.lane.remembered import Remembered

AT = datetime(2026, 3, 2, tzinfo=UTC)
GRANT = Decided("grant", "access_ok", "plate", "camera-in", 1, "in", at_us=round(AT.timestamp() * 1e6))
COMMAND = Commanded("io", "open", "1", "c-1")


def remembered(*bodies: Body) -> Remembered:
    journal = Remembered()
    journal.write(Draft(UUID(int=number), body, "in-1", "p") for number, body in enumerate(bodies))
    return journal


def test_a_grant_whose_command_has_no_outcome_is_asked_about_once() -> None:
    journal = remembered(GRANT, COMMAND)
    assert journal.interrupt(AT + timedelta(minutes=1)) == {"in-1": GRANT}
    assert journal.interrupt(AT + timedelta(minutes=2)) == {}


def test_what_was_confirmed_or_has_ended_is_not() -> None:
    assert remembered(GRANT, COMMAND, CommandEnded("io", "c-1", ok=True)).interrupt(AT) == {}
    assert remembered(GRANT, COMMAND, PassageEnded("passed", "in", 1)).interrupt(AT) == {}
