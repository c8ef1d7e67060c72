"""The registry's certificate has expired, or is about to."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from access.alarms import ALARMS
from access.entries import Decided
from edge.config import CentralSection
from edge.courier.program import Courier
from edge.gate.events import CardPresented
from edge.identity import Identity
from edge.logs import Log
from edge.messages import RaiseAlarm, SyncState
from edge.places import Places
from tests.edge.courier.authority import Authority
from tests.edge.courier.conftest import EDGE, Gate
from tests.edge.courier.gate_end import GateEnd
from tests.edge.courier.wire import serving
from tests.edge.gate.playbook import LIS_CARD, VEHICLE, Playbook, settings

NOBODY = UUID(int=0)


@contextmanager
def syncing(tmp_path: Path, ends: timedelta) -> Iterator[GateEnd]:
    """A courier whose registry shows a certificate that `ends` from now; gives the gate's end of its link."""
    device, authority = Ed25519PrivateKey.generate(), Authority(tmp_path, "ours")
    places = Places(tmp_path / "box")
    places.make()
    gate = Gate(places)
    end = GateEnd(places.gate_socket)
    with serving(device.public_key()) as wire:
        wire.socket = authority.server_context(ends=ends).wrap_socket(
            wire.socket, server_side=True, do_handshake_on_connect=False
        )
        identity = Identity(EDGE, NOBODY, NOBODY, {}, device, wire.key.public_key())
        section = CentralSection(url=wire.url.replace("http:", "https:"), ca_file=authority.ca_file)
        courier = Courier(places, section, identity, Log("courier"))
        thread = threading.Thread(target=courier.run)
        thread.start()
        try:
            yield end
        finally:
            courier.stop()
            thread.join()
            end.stop()
            gate.journal.close()


def test_fault_36_the_gate_is_told_and_goes_on_deciding(tmp_path: Path) -> None:
    with syncing(tmp_path, -timedelta(hours=1)) as end:
        told = end.wait_for(SyncState, lambda state: "expired" in state.error)
    assert not told.online
    book = Playbook(settings(VEHICLE))
    book.feed(told)
    book.feed(CardPresented("reader-in", LIS_CARD, 40, book.now))
    assert [decided.outcome for decided in book.bodies(Decided)] == ["grant"]


@pytest.mark.parametrize(("days", "warned"), [(20, True), (40, False)])
def test_fault_36_people_are_warned_thirty_days_before(days: int, warned: bool, tmp_path: Path) -> None:
    heard: list[object] = []

    def is_shown(message: object) -> bool:
        heard.append(message)
        return isinstance(message, SyncState) and message.certificate_ends_utc > 0

    ends = datetime.now(UTC) + timedelta(days=days)
    with syncing(tmp_path, timedelta(days=days)) as end:
        state = end.wait_for(object, is_shown)
    assert isinstance(state, SyncState)
    assert abs(state.certificate_ends_utc - ends.timestamp()) < 60
    alarms = [message for message in heard if isinstance(message, RaiseAlarm)]
    assert alarms == ([RaiseAlarm("certificate_ends", ends.date().isoformat())] if warned else [])
    assert "certificate_ends" in ALARMS
