"""All gates come back at once, some with a long backlog: load is shed and shared fairly, and what is new is not kept waiting."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import pytest
from sqlalchemy import func, select

from access.contract.sync import BatchAck
from central.registry import Registry
from central.tables import JournalEntry
from tests.central.gate import Gate
from tests.sizes import sized

GATES = sized(quick=24, soak=200)
DRAINING = GATES // 6
BACKLOG = sized(quick=400, soak=5_000)
BATCH = 100
NEW_EACH = 4
LAG_MAX_S = 2.0


@pytest.fixture
def gates(address: str, registry: Registry, site: str) -> Iterator[list[Gate]]:
    with ExitStack() as stack:
        made = [stack.enter_context(Gate(address, seed, f"gate-{seed}")) for seed in range(GATES)]
        for gate in made:
            gate.join(registry)
        yield made


def hand_in(gate: Gate, first: int, last: int) -> int:
    """Send entries until they are taken, coming back when told to; returns how often the registry sent the gate away."""
    sent_away = 0
    while True:
        reply = gate.ask("POST", "/entries", gate.batch(first, last))
        if reply.status_code == 200:
            assert BatchAck.model_validate_json(reply.content).acked_through == last
            return sent_away
        assert (reply.status_code, int(reply.headers["Retry-After"]) > 0) == (429, True), reply.text
        sent_away += 1


def drain(gate: Gate) -> int:
    return sum(hand_in(gate, first, first + BATCH - 1) for first in range(1, BACKLOG + 1, BATCH))


def tell_news(gate: Gate) -> list[float]:
    """Write and hand in one entry after the other; returns how long each was on its way (s)."""
    lags = []
    for number in range(1, NEW_EACH + 1):
        gate.decide(after_s=number)
        began = time.monotonic()
        hand_in(gate, number, number)
        lags.append(time.monotonic() - began)
    return lags


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_fault_35_new_entries_do_not_wait_for_backlogs(gates: list[Gate], registry: Registry) -> None:
    draining, fresh = gates[:DRAINING], gates[DRAINING:]
    for gate in draining:
        for number in range(BACKLOG):
            gate.decide(after_s=number)
    with ThreadPoolExecutor(len(gates)) as pool:
        backlogs = [pool.submit(drain, gate) for gate in draining]
        news = [pool.submit(tell_news, gate) for gate in fresh]
        lags = sorted(lag for told in news for lag in told.result())
        for backlog in backlogs:
            backlog.result()
    assert lags[int(0.99 * len(lags))] < LAG_MAX_S, lags[-5:]
    with registry.read() as work:
        stored = work.session.scalars(select(func.count()).select_from(JournalEntry)).one()
    assert stored == DRAINING * BACKLOG + len(fresh) * NEW_EACH
