"""What holds whatever goes wrong: replies to gates are signed, nothing is acknowledged that is not stored."""

from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlalchemy import event, make_url, text
from sqlalchemy.exc import OperationalError

from access.contract import API_PREFIX
from access.contract.signature import SIGNATURE_HEADER, SignatureError, SignedRequest, verify_reply
from central.database import Database
from central.registry import Registry
from central.wire import EDGE_BODY_BYTES_MAX
from edge.courier.errors import RefusalError
from tests.central.gate import JPEG, Gate


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
@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("PUT", f"/pictures/{'0' * 64}?capture=*", b""),
        ("PUT", "/pictures/no-hash?capture=c1", b""),
        ("GET", "/rules?since=-1", b""),
        ("POST", "/entries", bytes(EDGE_BODY_BYTES_MAX + 1)),
        ("POST", "/enrol", b"{}"),
    ],
)
def test_who_has_overheard_a_signature_gets_no_answer_to_it_that_a_gate_believes_for_good(
    gate: Gate, method: str, path: str, body: bytes
) -> None:
    heard = SignedRequest("PUT", f"{API_PREFIX}/pictures/{'1' * 64}?capture=c1", gate.enrolled.edge, "pictures", 7, JPEG)
    headers = heard.headers(gate.key) | {"Content-Type": "application/json"}
    reply = gate.http.request(method, API_PREFIX + path, content=body, headers=headers)
    key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(gate.enrolled.registry_key))
    try:
        verify_reply(key, headers[SIGNATURE_HEADER], reply.status_code, reply.content, reply.headers[SIGNATURE_HEADER])
    except SignatureError:
        return
    assert not RefusalError(reply.status_code, reply.json()).is_for_good, reply.text


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_gate_that_asks_in_another_form_is_told_what_of_it(gate: Gate) -> None:
    reply = gate.ask("PUT", f"/pictures/{'0' * 64}?capture=*", JPEG)
    assert (reply.status_code, reply.json()["field"]) == (422, "capture")


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
