"""What holds whatever goes wrong: replies to gates are signed, nothing is acknowledged that is not stored."""

from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest
from sqlalchemy import event, make_url, text
from sqlalchemy.exc import OperationalError

from central.database import Database
from central.registry import Registry
from tests.central.gate import Gate


@contextmanager
def failing_commit(registry: Registry, error: Exception) -> Iterator[None]:
    """Let every commit fail as a full disk or a lost server would make it."""

    def fail(_connection: object) -> None:
        raise error

    event.listen(registry.database.writer, "commit", fail)
    try:
        yield
    finally:
        event.remove(registry.database.writer, "commit", fail)


def test_what_is_not_committed_is_not_acknowledged(gate: Gate, registry: Registry) -> None:
    gate.decide()
    with failing_commit(registry, OperationalError("COMMIT", {}, OSError("disk full"))):
        assert gate.ask("POST", "/entries", gate.batch()).status_code == 503
    assert gate.send().acked_through == 1


def test_a_fault_of_ours_is_answered_and_signed(gate: Gate, registry: Registry) -> None:
    gate.decide()
    with failing_commit(registry, ZeroDivisionError("a bug")):
        reply = gate.ask("POST", "/entries", gate.batch())
    assert (reply.status_code, "bug" in reply.text) == (500, False)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_locked_database_is_told_as_busy(gate: Gate, registry: Registry, database_url: str) -> None:
    gate.decide()
    with registry.database.write() as session:
        session.execute(text("PRAGMA busy_timeout = 1"))
    other = Database(make_url(database_url))
    with other.write() as held:
        held.execute(text("SELECT 1"))
        reply = gate.ask("POST", "/entries", gate.batch())
    other.close()
    assert (reply.status_code, reply.headers["Retry-After"]) == (503, "2")
    assert gate.send().acked_through == 1


def test_health(address: str) -> None:
    assert httpx.get(f"{address}/health").json() == {"status": "ok"}


def test_a_large_body_of_the_office_is_refused(address: str) -> None:
    reply = httpx.post(f"{address}/api/v1/sign-in", content=b"x" * (1024 * 1024 + 1))
    assert (reply.status_code, reply.json().get("field")) == (413, "body")
