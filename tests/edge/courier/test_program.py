"""The installed program over real sockets: it carries, tells the gate, and ends when told to."""

import queue
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from access.contract.sync import EnrolReply
from edge.courier.program import STOP_S
from edge.identity import device_key, save_identity
from edge.messages import JournalAdvanced, SnapshotReady, SyncState
from edge.places import Places
from tests.edge.courier.conftest import EDGE, OTHER, Gate
from tests.edge.courier.gate_end import GATE_TOML, GateEnd
from tests.edge.courier.rules import SITE, page
from tests.edge.courier.wire import Answer, Fault, Handler, WireRegistry, refusing, serving


@pytest.fixture
def places(tmp_path: Path) -> Places:
    places = Places(tmp_path / "box")
    places.make()
    return places


@pytest.fixture
def wire(places: Places) -> Iterator[WireRegistry]:
    with serving(device_key(places).public_key()) as registry:
        yield registry


@pytest.fixture
def config(places: Places, wire: WireRegistry) -> Path:
    """Write what an enrolled gate has on its disk; returns its gate.toml."""
    registry_key = wire.key.public_key().public_bytes_raw().hex()
    save_identity(places, EnrolReply(edge=EDGE, gate=OTHER, site=OTHER, lanes={"in-1": OTHER}, registry_key=registry_key))
    path = places.root.parent / "gate.toml"
    path.write_text(GATE_TOML.format(url=wire.url), encoding="utf-8")
    return path


@pytest.fixture
def gate_end(places: Places) -> Iterator[GateEnd]:
    end = GateEnd(places.gate_socket)
    yield end
    end.stop()


@pytest.fixture
def start(config: Path) -> Iterator[Callable[[], subprocess.Popen[bytes]]]:
    started: list[subprocess.Popen[bytes]] = []

    def run() -> subprocess.Popen[bytes]:
        process = subprocess.Popen([sys.executable, "-m", "edge.courier", "--config", str(config)], stderr=subprocess.PIPE)
        started.append(process)
        return process

    yield run
    for process in started:
        process.kill()
        process.communicate()


pytestmark = pytest.mark.programs


def test_it_carries_both_ways_and_ends_in_order(
    start: Callable[[], subprocess.Popen[bytes]], gate: Gate, gate_end: GateEnd, wire: WireRegistry, places: Places
) -> None:
    wire.pages.append(page(0, 4, SITE, complete=True))
    wire.faults.extend([refusing(503)])
    gate.write_many(450)
    process = start()
    assert gate_end.wait_for(SnapshotReady, lambda ready: ready.revision == 4).path == str(places.snapshots / "4.snapshot")
    state = gate_end.wait_for(SyncState, _all_went_well)
    assert (state.online, state.waiting, state.acked) == (True, 0, {gate.journal.epoch.hex: 451})
    gate.write_many(1)
    gate_end.tell(JournalAdvanced(gate.journal.epoch.hex, gate.journal.seq))
    gate_end.wait_for(SyncState, lambda state: state.acked_through == 452)
    process.send_signal(signal.SIGTERM)
    assert process.wait(STOP_S) == 0
    assert len(wire.inserted) == len(set(wire.inserted)) == 452


def _all_went_well(state: SyncState) -> bool:
    return state.acked_through == 451 and state.rules_revision == 4 and not state.error


def test_sigterm_does_not_wait_for_a_long_poll(
    start: Callable[[], subprocess.Popen[bytes]], gate: Gate, gate_end: GateEnd, wire: WireRegistry
) -> None:
    held: queue.Queue[str] = queue.Queue()

    def hold(handler: Handler, _: Answer) -> None:
        held.put(handler.path)
        handler.rfile.read(1)  # until the client hangs up
        handler.close_connection = True

    wire.faults.extend([Fault(hold), Fault(hold)])
    process = start()
    held.get(timeout=15)
    held.get(timeout=15)
    process.send_signal(signal.SIGTERM)
    assert process.wait(STOP_S) == 0


def test_a_gate_that_comes_back_is_told_the_snapshot_anew(
    start: Callable[[], subprocess.Popen[bytes]], gate: Gate, gate_end: GateEnd, wire: WireRegistry, places: Places
) -> None:
    wire.pages.append(page(0, 4, SITE, complete=True))
    start()
    gate_end.wait_for(SnapshotReady, lambda ready: ready.revision == 4)
    gate_end.stop()
    again = GateEnd(places.gate_socket)
    again.wait_for(SnapshotReady, lambda ready: ready.revision == 4)
    again.stop()


def test_a_second_courier_is_refused(
    start: Callable[[], subprocess.Popen[bytes]], gate: Gate, gate_end: GateEnd, wire: WireRegistry
) -> None:
    start()
    gate_end.wait_for(SyncState, lambda state: state.online)
    second = start()
    _, said = second.communicate(timeout=15)
    assert second.returncode != 0
    assert b"is held by process" in said


def test_without_enrolment_it_says_what_to_do(places: Places, config: Path, start: Callable[[], subprocess.Popen[bytes]]) -> None:
    places.identity.unlink()
    process = start()
    _, said = process.communicate(timeout=15)
    assert process.returncode != 0
    assert b"gatehouse-edge enrol" in said


def test_without_a_journal_it_waits_and_says_so(
    start: Callable[[], subprocess.Popen[bytes]], gate_end: GateEnd, places: Places
) -> None:
    start()
    gate_end.wait_for(SyncState, lambda state: "journal" in state.error or "cannot be read" in state.error)
    gate = Gate(places)
    gate_end.wait_for(SyncState, lambda state: state.acked_through == 1 and not state.error)
    gate.journal.close()
