"""Who locks what in which order, on the database where several write at once: nobody waits for who waits for them."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from access.contract.sync import EnrolReply
from central.edges.repository import locked_edge
from central.edges.trust import approve
from central.facts.repository import put
from central.registry import Registry
from tests.central.gate import LANES, Gate
from tests.central.serving import waits_for_lock
from tests.waiting import wait_until

pytestmark = pytest.mark.parametrize("database_url", [pytest.param("postgresql", marks=pytest.mark.postgres)], indirect=True)


def while_entries_are_taken_in(registry: Registry, gate: Gate, done: Callable[[], object]) -> None:
    """Do something while entries of a gate are being taken in, which change its edge first, and its site afterwards."""

    with ThreadPoolExecutor(1) as pool:
        with registry.write() as work:
            locked_edge(work.session, gate.enrolled.edge)
            doing = pool.submit(done)
            wait_until(lambda: waits_for_lock(registry), what="the other to wait for a lock")
            put(work.session, (gate.enrolled.edge, gate.epoch, gate.enrolled.site), "[]", 0)
        doing.result(timeout=10)


def test_an_approval_waits_for_the_box_there_was_before_it_changes_rules(gate: Gate, address: str, registry: Registry) -> None:
    with Gate(address, seed=2) as other:
        reply = other.ask_to_enrol(other.token_from(registry, "other"), lanes=[{**LANES[0], "direction": "both"}])
        other.enrolled = EnrolReply.model_validate_json(reply.content)

        def approves() -> None:
            with registry.write() as work:
                approve(work, other.enrolled.edge, other.fingerprint, "admin")

        while_entries_are_taken_in(registry, gate, approves)
        assert other.rules("since=0").complete


def test_a_box_that_brings_a_lane_waits_for_the_gates_present_one_before_it_changes_rules(
    gate: Gate, address: str, registry: Registry
) -> None:
    with Gate(address, seed=2) as other:
        token, lanes = other.token_from(registry, "other"), [*LANES, {**LANES[0], "slug": "in-2"}]
        while_entries_are_taken_in(registry, gate, lambda: other.ask_to_enrol(token, lanes=lanes).raise_for_status())


def test_a_gate_is_kept_without_waiting_for_its_box(gate: Gate, admin: httpx.Client, registry: Registry) -> None:
    for lane in gate.enrolled.lanes.values():
        admin.delete(f"/lanes/{lane}").raise_for_status()
    with ThreadPoolExecutor(1) as pool, registry.write() as work:
        locked_edge(work.session, gate.enrolled.edge)
        deleting = pool.submit(admin.delete, f"/gates/{gate.enrolled.gate}")
        wait_until(lambda: deleting.done() or waits_for_lock(registry), what="an answer, or a wait for the box")
        assert deleting.done(), "it would hold the site's turn meanwhile, for which taking in entries waits"
        assert (deleting.result().status_code, "boxes" in deleting.result().text) == (409, False)
