"""One entry that the registry cannot take in: it is parked with its reason and shown, and those around it arrive."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import cbor2
import httpx
import pytest

from access.contract.sync import BatchAck, EntryBatch
from access.entries import FactsChanged, Observed
from access.sealing import Opened
from central.journal import projection, reading
from central.registry import Registry
from edge.courier.errors import RefusalError
from edge.courier.outbox import Outbox
from tests.central.gate import Gate
from tests.central.journal.test_ingest import stored

ENTRIES, POISON = 40, 17
TRIES_MAX = 60


def drain(gate: Gate) -> list[int]:
    """Hand in all entries as a courier does; returns the statuses of the refusals met."""
    outbox, now = Outbox(lambda low, _high: low), 0.0
    refusals: list[int] = []
    for _ in range(TRIES_MAX):
        after, limit = outbox.window(gate.epoch, now)
        if after == len(gate.entries):
            return refusals
        body = gate.batch(after + 1, after + limit)
        batch = EntryBatch.model_validate(cbor2.loads(body))
        reply = gate.ask("POST", "/entries", body)
        if reply.status_code == 200:
            outbox.acknowledged(batch, BatchAck.model_validate_json(reply.content).acked_through, now)
        else:
            refusals.append(reply.status_code)
            outbox.refused(batch, RefusalError(reply.status_code, reply.json()), now)
        now += 100
    raise AssertionError(f"still sending after {TRIES_MAX} tries: {refusals}")


@pytest.fixture
def stumbling(monkeypatch: pytest.MonkeyPatch) -> None:
    """A registry with a bug that one of the entries brings to light."""

    def project(opened: Opened) -> dict[str, object]:
        if opened.fields.get("what") == "poison":
            raise ZeroDivisionError
        return projection.project(opened)

    monkeypatch.setattr(reading, "project", project)


def write_around_poison(gate: Gate, what: str) -> None:
    for number in range(1, ENTRIES + 1):
        gate.write(Observed(what if number == POISON else "tailgating"))


def parked(admin: httpx.Client) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = admin.get("/quarantine").raise_for_status().json()["items"]
    return items


@pytest.mark.usefixtures("stumbling")
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_fault_33_a_bug_of_the_registry_holds_one_entry_up_and_no_other(
    gate: Gate, registry: Registry, admin: httpx.Client
) -> None:
    write_around_poison(gate, "poison")
    refusals = drain(gate)
    assert (set(refusals), len(refusals) < ENTRIES / 2) == ({500}, True), "found by halves"
    assert stored(registry) == [seq for seq in range(1, ENTRIES + 1) if seq != POISON]
    (lone,) = parked(admin)
    assert (lone["seq"], lone["reason"]) == (POISON, "a fault of the registry; it has been written down")


def test_fault_33_what_was_parked_is_shown_and_taken_in_after_an_upgrade(
    gate: Gate, registry: Registry, admin: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_around_poison(gate, "x" * (projection.TEXT_LENGTH_MAX + 1))
    assert drain(gate) == [], "what cannot be read is parked at once"
    (lone,) = parked(admin)
    place = f"/quarantine/{lone['place']}"
    shown = admin.get(place).json()
    assert (bytes.fromhex(shown["canonical"]), "characters" in shown["reason"]) == (gate.entries[POISON - 1].canonical, True)
    assert admin.post(f"{place}/again").json() == {"taken": False, "reason": shown["reason"]}
    monkeypatch.setattr(projection, "TEXT_LENGTH_MAX", 1_000)
    assert admin.post(f"{place}/again").json() == {"taken": True, "reason": ""}
    assert (stored(registry), parked(admin)) == (list(range(1, ENTRIES + 1)), [])
    assert gate.send(1).acked_through == ENTRIES, "the chain goes through it"
    assert admin.get(place).status_code == 404


REFUSING = {
    "sqlite": """
        CREATE TRIGGER refusing BEFORE INSERT ON journal_entries WHEN new.reason = 'poison'
        BEGIN SELECT raise(ABORT, 'not this one'); END
    """,
    "postgresql": """
        CREATE FUNCTION refuses() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE data_exception; END $$;
        CREATE TRIGGER refusing BEFORE INSERT ON journal_entries FOR EACH ROW WHEN (new.reason = 'poison')
        EXECUTE FUNCTION refuses()
    """,
}
NO_MORE = {"sqlite": "DROP TRIGGER refusing", "postgresql": "DROP FUNCTION refuses CASCADE"}


@pytest.fixture
def refusing(registry: Registry) -> Iterator[None]:
    """A database that refuses an entry with which we find no fault."""
    for statement in (REFUSING, NO_MORE):
        with registry.write() as work:
            work.session.connection().exec_driver_sql(statement[registry.database.form])
        if statement is REFUSING:
            yield


@pytest.mark.usefixtures("refusing")
def test_fault_33_an_entry_that_only_the_database_refuses_is_parked(gate: Gate, registry: Registry, admin: httpx.Client) -> None:
    write_around_poison(gate, "poison")
    assert set(drain(gate)) == {500}
    assert stored(registry) == [seq for seq in range(1, ENTRIES + 1) if seq != POISON]
    assert [item["seq"] for item in parked(admin)] == [POISON]


def test_fault_33_a_number_that_is_none_of_ours_is_told_to_nobody(gate: Gate, registry: Registry) -> None:
    gate.write(FactsChanged("guard", "corrected", (("set", "at:x", ["site", 1, ""], 2**70), ("add", "zone:x", 2**70))))
    assert (gate.send().quarantined, stored(registry)) == ((), [1])


def test_fault_33_the_list_comes_in_pages(gate: Gate, admin: httpx.Client) -> None:
    for _ in range(5):
        gate.write(Observed("\x00"))
    gate.send()
    first = admin.get("/quarantine", params={"limit": 3}).json()
    rest = admin.get("/quarantine", params={"limit": 3, "after": first["more"]}).json()
    assert [item["seq"] for item in first["items"] + rest["items"]] == [1, 2, 3, 4, 5]
    assert (rest["more"], UUID(rest["items"][0]["edge"])) == (None, gate.enrolled.edge)
    assert admin.get("/quarantine", params={"after": "x:y:z"}).status_code == 422
