"""The registry's database is full, or breaks its connections: nothing is acknowledged that is not stored, and it goes on."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import event, make_url, text

from central.database import Database
from central.registry import Registry
from tests.central.gate import JPEG, Gate
from tests.central.journal.test_ingest import stored

ENTRIES = 300


@contextmanager
def full(registry: Registry) -> Iterator[None]:
    """Let the database not grow any more, as on a full disk."""

    def pragma(words: str) -> int:
        with registry.database.write() as session:
            return int(session.execute(text(f"PRAGMA {words}")).scalar_one())

    before = pragma("max_page_count")
    pragma(f"max_page_count = {pragma('page_count')}")
    yield
    pragma(f"max_page_count = {before}")


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_fault_37_a_full_database_acknowledges_nothing(gate: Gate, registry: Registry) -> None:
    for number in range(ENTRIES):
        gate.decide(after_s=number)
    with full(registry):
        reply = gate.ask("POST", "/entries", gate.batch())
        assert (reply.status_code, reply.headers["Retry-After"]) == (503, "2")
        assert stored(registry) == []
    assert gate.send().acked_through == ENTRIES


@pytest.fixture
def break_connections(database_url: str) -> Iterator[Callable[[], None]]:
    """Give what ends every other connection to the database, as a server that goes down does."""
    other = Database(make_url(database_url))

    def end_all() -> None:
        with other.write() as session:
            mine = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"
            session.execute(text(f"{mine} AND pid <> pg_backend_pid()"))

    yield end_all
    other.close()


@pytest.mark.parametrize("database_url", [pytest.param("postgresql", marks=pytest.mark.postgres)], indirect=True)
class TestConnectionsThatBreak:
    def test_fault_37_between_two_requests(self, gate: Gate, registry: Registry, break_connections: Callable[[], None]) -> None:
        gate.decide()
        break_connections()
        assert gate.send().acked_through == 1, "a connection is tried before it is used"

    def test_fault_37_before_the_commit(self, gate: Gate, registry: Registry, break_connections: Callable[[], None]) -> None:
        gate.decide()
        event.listen(registry.database.writer, "commit", lambda _: break_connections(), once=True)
        reply = gate.ask("POST", "/entries", gate.batch())
        assert (reply.status_code, reply.headers["Retry-After"]) == (503, "2")
        assert stored(registry) == []
        assert gate.send().acked_through == 1


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_fault_37_a_picture_that_cannot_be_written_is_asked_for_again(gate: Gate, registry: Registry) -> None:
    registry.pictures.write_bytes(b"where the folder should be")
    reply = gate.send_picture(JPEG, "capture-1")
    assert (reply.status_code, reply.headers["Retry-After"]) == (503, "2")
    registry.pictures.unlink()
    assert gate.send_picture(JPEG, "capture-1").status_code == 200
